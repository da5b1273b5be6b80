// One value on its way into the configuration: as read (RawValue), as held (ValueRef), and between.
//
// A RawValue remembers the text it was written with, so that money goes from the file to exact
// decimals without passing through double, and the place it was read at, so that a refusal can
// point there.
#pragma once

#include "core/config/config.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aitrade {

/// Where a value was written. `line` 0: not a file (an environment variable, the command line).
struct Place {
  std::string source;  // file name, "environment TRADING_MODE", "command line", "default"
  int line{0};         // from 1
  int column{0};       // from 1, in characters

  friend bool operator==(const Place&, const Place&) = default;
};

/// Returns "config.toml:41:12", or the source alone where there are no lines.
std::string to_string(const Place& place);

/// A value as it was read.
struct RawValue {
  enum class Kind { boolean, integer, number, text, other, list, table };

  Kind kind{Kind::text};
  std::string text;             // scalars: the source text; strings: their content
  bool loose{false};            // words from a shell: any scalar type may be read from the text
  std::vector<RawValue> items;  // of a list
  std::vector<std::pair<std::string, RawValue>> entries;  // of a table, in source order
  Place place;
  Place key_place;  // of the name in front of it

  /// Returns the value as one line for messages, cut at 80 characters.
  [[nodiscard]] std::string shown() const;
};

/// An enumeration member seen as an index into its words.
struct ChoiceRef {
  void* object;
  int (*get)(const void*);
  void (*set)(void*, int);
  std::span<const std::string_view> words;
};

/// A place inside a Config. Borrowed: valid as long as that Config is.
using ValueRef = std::variant<std::string*, bool*, int*, double*, Money*, Rate*,
                              std::optional<bool>*, std::optional<int>*, std::optional<double>*,
                              std::vector<std::string>*, std::vector<int>*,
                              std::map<std::string, std::string>*, std::map<std::string, int>*,
                              std::map<std::string, double>*, std::vector<ExitTier>*, std::vector<AccountConfig>*,
                              ChoiceRef>;

/// Limits of a number, or of each number of a list or table. Missing: none.
struct Bounds {
  std::optional<double> min, max;
  bool min_open{false};      // the limit itself is refused
  bool zero_allowed{false};  // 0 stands for "off" although it is outside
};

/// Returns "must be in (0, 0.1]", "must be at least 1", "must be 0 or in [0.01, 5]".
std::string describe(const Bounds& bounds);

/// Returns what kind of value this is, for people: "text", "true or false", "whole number",
/// "decimal".
std::string kind_name(const ValueRef& value);

/// Returns the value as TOML text, "" when it is unset. Exact and always the same for equal values.
std::string render(const ValueRef& value);

/// Makes `to` equal to `from`; both must be of one kind.
void copy_value(const ValueRef& from, const ValueRef& to);

/// Writes a read value into the configuration.
///
/// Errors: what is wrong, for people; then `value` is unchanged. Checks type, finiteness and
/// bounds.
std::optional<std::string> assign(const ValueRef& value, const RawValue& raw, const Bounds& bounds);

/// Turns the words of an environment variable or of `--set` into the shape of `value`: lists split
/// at commas with blanks trimmed and empty items dropped, tables as name=value pairs.
RawValue from_words(const ValueRef& value, std::string_view words, Place place);

/// Returns a double as the shortest text that reads back as the same double.
std::string shortest(double value);

/// Returns TOML text of a string, quoted and escaped.
std::string toml_text(std::string_view text);

/// Returns the number of single-character edits between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace aitrade
