#include "core/store/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace aitrade {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

std::string votes_json(const Opinion& opinion, const StoreNames& names) {
  std::string out = "[";
  for (std::size_t i = 0; i < opinion.votes_count; ++i) {
    const Vote& vote = opinion.votes[i];
    out += i == 0 ? "{\"strategy\":" : ",{\"strategy\":";
    append_json_string(out, names.strategy(vote.strategy));
    out += ",\"direction\":";
    append_json_string(out, to_string(vote.direction));
    out += ",\"strength\":";
    append_json_number(out, vote.strength);
    out += ",\"confidence\":";
    append_json_number(out, vote.confidence);
    out += ",\"weight\":";
    append_json_number(out, vote.weight);
    out += ",\"log_odds\":";
    append_json_number(out, vote.log_odds);
    out += "}";
  }
  return out + "]";
}

std::string decision_json(const Decision& decision, const StoreNames& names) {
  const Opinion& opinion = decision.opinion;
  std::string out = "{\"pair\":";
  append_json_string(out, names.pair(decision.instrument));
  out += ",\"direction\":";
  append_json_string(out, to_string(opinion.direction));
  out += ",\"reason\":";
  append_json_string(out, to_string(decision.reason));
  out += ",\"confidence\":";
  append_json_number(out, opinion.confidence);
  out += ",\"expected_r\":";
  append_json_number(out, decision.expected_r);
  out += ",\"score\":";
  append_json_number(out, decision.score);
  out += ",\"gate\":";
  append_json_string(out, to_string(decision.gate.status));
  out += ",\"model_probability\":";
  append_json_number(out, decision.gate.probability);
  out += ",\"model_needs\":";
  append_json_number(out, decision.gate.needed);
  out += ",\"online_probability\":";
  append_json_number(out, decision.gate.online);
  out += ",\"online_weight\":";
  append_json_number(out, decision.gate.online_weight);
  out += ",\"agreeing\":" + std::to_string(opinion.agreeing);
  out += ",\"families\":" + std::to_string(opinion.families);
  out += ",\"trend\":";
  append_json_string(out, to_string(opinion.regime.trend));
  out += ",\"volatility\":";
  append_json_string(out, to_string(opinion.regime.volatility));
  const OpinionTerms& terms = opinion.terms;
  const std::pair<const char*, double> named[] = {
      {"regime", terms.regime},         {"families", terms.families},     {"book", terms.book},
      {"choppiness", terms.choppiness}, {"timeframes", terms.timeframes}, {"sure_fire", terms.sure_fire}};
  out += ",\"terms\":{";
  bool first = true;
  for (const auto& [name, value] : named) {
    out += (first ? "\"" : ",\"") + std::string(name) + "\":";
    append_json_number(out, value);
    first = false;
  }
  out += "}";
  out += ",\"votes\":" + votes_json(opinion, names);
  return out + "}";
}

}  // namespace aitrade
