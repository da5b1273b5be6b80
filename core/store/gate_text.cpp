#include "core/store/gate_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace aitrade {
namespace {

constexpr std::size_t words_count = 12;

template <class Number>
void put(std::string& out, Number value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out += ' ';
  out.append(text.data(), end);
}

template <class Number>
bool read(std::string_view word, Number& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_flag(std::string_view word, bool& value) {
  value = word == "1";
  return word == "0" || word == "1";
}

/// All but the instrument.
bool read_words(const std::array<std::string_view, words_count>& words, GateCandidate& c) {
  std::int64_t limit = 0;
  const bool is_long = words[1] == "long";
  c.direction = is_long ? Direction::long_ : Direction::short_;
  const bool has_fill = words[8] != "-";
  const bool is_read = (is_long || words[1] == "short") && read(words[2], c.decided.ns) && read(words[3], c.entry) &&
                       read(words[4], c.stop) && read(words[5], c.target) && read(words[6], limit) &&
                       read(words[7], c.cost) && (!has_fill || read(words[8], c.fill)) && read(words[9], c.probability) &&
                       read_flag(words[10], c.rejected) && read_flag(words[11], c.counts);
  c.limit = Duration{limit};
  return is_read;
}

}  // namespace

std::string to_text(const std::vector<GateCandidate>& candidates, const StoreNames& names) {
  std::string out;
  for (const GateCandidate& c : candidates) {
    out += names.pair(c.instrument) + (c.direction == Direction::long_ ? " long" : " short");
    put(out, c.decided.ns);
    for (const double value : {c.entry, c.stop, c.target}) put(out, value);
    put(out, static_cast<std::int64_t>(c.limit.count()));
    put(out, c.cost);
    if (std::isnan(c.fill)) {
      out += " -";
    } else {
      put(out, c.fill);
    }
    put(out, c.probability);
    put(out, c.rejected ? 1 : 0);
    put(out, c.counts ? 1 : 0);
    out += '\n';
  }
  return out;
}

Result<std::vector<GateCandidate>> parse_candidates(std::string_view text, const StoreNames& names,
                                                    std::string_view exchange) {
  std::vector<GateCandidate> out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::array<std::string_view, words_count> words;
    std::string_view rest = line;
    std::size_t count = 0;
    while (!rest.empty() && count < words_count) {
      words[count] = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), words[count].size() + 1));
      ++count;
    }
    GateCandidate candidate;
    if (count != words_count || !rest.empty() || !read_words(words, candidate)) {
      return fail(ErrorCode::corrupt, "gate_tests: a candidate cannot be read: " + std::string(line));
    }
    const Instrument* instrument = names.find_instrument(exchange, words[0]);
    if (instrument == nullptr) continue;
    candidate.instrument = instrument->id;
    out.push_back(candidate);
  }
  return out;
}

std::string model_text(std::uint64_t model) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[static_cast<std::size_t>(model >> shift & 0xf)];
  return out;
}

Result<std::uint64_t> parse_model(std::string_view text) {
  std::uint64_t model = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), model, 16);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::corrupt, "gate_tests: a model cannot be read: " + std::string(text));
  }
  return model;
}

}  // namespace aitrade
