// The parameters of a URL: decoded once, and only those that a route names (security.md 6). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace aitrade {

/// One parameter that a route takes.
struct Parameter {
  enum class Kind : std::uint8_t { integer, time, pair, name, choice, list };
  std::string_view name;
  Kind kind{Kind::integer};
  std::int64_t low{0}, high{0};      // of an integer
  std::int64_t otherwise{0};         // of an integer that is not given
  std::string_view choices;          // "a|b|c"
  std::string_view help;
};

/// Returns a query as names and values exactly as sent.
std::vector<std::pair<std::string_view, std::string_view>> query_pairs(std::string_view query);

/// Returns what looks like credentials in a query, by the names of its parts; empty: nothing.
std::vector<std::string> credentials_in_url(std::string_view query);

/// What was asked for, each value checked.
class Query {
 public:
  /// Errors: invalid, naming the parameter: unknown, repeated, out of bounds, no UTF-8.
  static Result<Query> parse(std::string_view query, std::span<const Parameter> parameters);

  /// Returns an integer: the one given, else the default of its parameter.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  /// The same for a parameter that the route may not have.
  [[nodiscard]] std::int64_t integer_or(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] bool has(std::string_view name) const { return texts_.contains(std::string(name)); }
  /// Returns a text; empty when it is not given. Pairs are BASE/QUOTE.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::optional<Time> time(std::string_view name) const;

 private:
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::int64_t> integers_;
  std::map<std::string, Time> times_;
};

/// Returns BASE/QUOTE of any spelling of a pair, within [A-Z0-9._/-]{1,24}. Errors: invalid.
Result<std::string> pair_of(std::string_view text);

/// The same of text that people typed: small letters are taken for capitals.
Result<std::string> typed_pair(std::string_view text);

/// Whether a text is a name: [a-z0-9_-]{1,32}.
bool is_name(std::string_view text);

}  // namespace aitrade
