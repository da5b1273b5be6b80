#include "core/api/query.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/domain/instrument.h"
#include "core/net/http_guard.h"

namespace aitrade {
namespace {

constexpr Time earliest = Time::from_seconds(1'230'768'000);   // 2009
constexpr Time latest = Time::from_seconds(4'102'444'800);     // 2100

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

bool is_choice(std::string_view text, std::string_view choices) {
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, end) == text) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

Error bad(std::string_view name, const std::string& what) {
  return fail(ErrorCode::invalid, std::string(name) + " " + what);
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> query_pairs(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    const auto equals = std::min(item.find('='), item.size());
    pairs.emplace_back(item.substr(0, equals),
                       equals < item.size() ? item.substr(equals + 1) : std::string_view{});
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return pairs;
}

std::vector<std::string> credentials_in_url(std::string_view query) {
  constexpr std::array<std::string_view, 8> names{"api_key", "apikey",       "key",    "token",
                                                  "secret",  "access_token", "ticket", "password"};
  std::vector<std::string> found;
  for (const auto& [raw, value] : query_pairs(query)) {
    std::string lower = decoded(raw).value_or(std::string(raw));
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (std::find(names.begin(), names.end(), lower) != names.end()) {
      found.push_back(decoded(value).value_or(std::string(value)));
    }
  }
  return found;
}

Result<std::string> typed_pair(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return pair_of(capitals);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<std::string> pair_of(std::string_view text) {
  const bool is_symbol = !text.empty() && text.size() <= 24 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
  });
  if (!is_symbol) return fail(ErrorCode::invalid, "must be a pair such as BTC/USD");
  const auto symbol = Symbol::parse(text);
  if (!symbol) return fail(ErrorCode::invalid, "must be a pair such as BTC/USD");
  return to_string(*symbol);
}

Result<Query> Query::parse(std::string_view query, std::span<const Parameter> parameters) {
  Query result;
  for (const Parameter& parameter : parameters) {
    if (parameter.kind == Parameter::Kind::integer) result.integers_[std::string(parameter.name)] = parameter.otherwise;
  }
  for (const auto& [raw_name, raw_value] : query_pairs(query)) {
    const auto known = std::find_if(parameters.begin(), parameters.end(),
                                    [name = raw_name](const Parameter& p) { return p.name == name; });
    if (known == parameters.end()) return fail(ErrorCode::invalid, "unknown query parameter");
    if (result.has(known->name)) return bad(known->name, "is repeated");
    const auto value = decoded(raw_value);
    if (!value) return bad(known->name, "is not readable");
    std::string text = *value;
    switch (known->kind) {
      case Parameter::Kind::integer: {
        std::int64_t& number = result.integers_[std::string(known->name)];
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (ec != std::errc{} || end != text.data() + text.size() || number < known->low || number > known->high) {
          return bad(known->name, "must be a whole number from " + std::to_string(known->low) + " to " +
                                      std::to_string(known->high));
        }
        break;
      }
      case Parameter::Kind::time: {
        const auto time = parse_time(text);
        if (!time || *time < earliest || *time > latest) return bad(known->name,
            "must be a time, such as 2024-01-31T12:00:00Z");
        result.times_[std::string(known->name)] = *time;
        break;
      }
      case Parameter::Kind::pair: {
        auto pair = pair_of(text);
        if (!pair) return bad(known->name, pair.error().what);
        text = *std::move(pair);
        break;
      }
      case Parameter::Kind::name:
        if (!is_name(text)) return bad(known->name, "must be a name of lower-case letters, digits, _ and -");
        break;
      case Parameter::Kind::choice:
        if (!is_choice(text, known->choices)) return bad(known->name, "must be one of " + std::string(known->choices));
        break;
      case Parameter::Kind::list:
        if (text.size() > 200) return bad(known->name, "is too long");
        break;
    }
    result.texts_[std::string(known->name)] = std::move(text);
  }
  return result;
}

std::int64_t Query::integer(std::string_view name) const {
  const auto found = integers_.find(std::string(name));
  AITRADE_CHECK(found != integers_.end());
  return found->second;
}

std::int64_t Query::integer_or(std::string_view name, std::int64_t otherwise) const {
  const auto found = integers_.find(std::string(name));
  return found == integers_.end() ? otherwise : found->second;
}

std::string Query::text(std::string_view name) const {
  const auto found = texts_.find(std::string(name));
  return found == texts_.end() ? std::string() : found->second;
}

std::optional<Time> Query::time(std::string_view name) const {
  const auto found = times_.find(std::string(name));
  if (found == times_.end()) return std::nullopt;
  return found->second;
}

}  // namespace aitrade
