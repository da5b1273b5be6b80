// The parameters of a request, whatever clothes they came in.
//
// Form bodies (encoded or literal brackets), JSON bodies and WebSocket params become one flat list
// of names and texts: a nested member is "close[ordertype]", an element of a list "orders[0][price]".
// Numbers keep the text they were sent with: nothing goes through a double.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade::loopback {

class Params {
 public:
  /// Reads a form or JSON body; empty text is no parameters. Errors: invalid.
  static Result<Params> read(std::string_view body, std::string_view content_type);

  /// Reads an application/x-www-form-urlencoded text.
  static Params read_form(std::string_view text);

  /// Reads a JSON object. Errors: invalid.
  static Result<Params> read_json(std::string_view text);

  void set(std::string name, std::string value);

  void remove(std::string_view name);

  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }

  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;

  /// Empty when absent.
  [[nodiscard]] std::string text(std::string_view name) const { return find(name).value_or(""); }

  /// "true", "1", "yes".
  [[nodiscard]] bool flag(std::string_view name) const;

  /// Elements of a list: repeated or comma-separated texts, or a JSON array of scalars.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

  /// Elements of a list of objects, in order.
  [[nodiscard]] std::vector<Params> children(std::string_view name) const;

  /// The member object, with its own names.
  [[nodiscard]] Params child(std::string_view name) const;

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

/// Returns percent-decoded text; '+' is a blank.
std::string form_decoded(std::string_view text);

/// Returns text as a JSON string, quotes included.
std::string json_quoted(std::string_view text);

}  // namespace aitrade::loopback
