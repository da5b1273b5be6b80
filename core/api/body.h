// Small JSON bodies, read strictly: an object of known fields, none twice, text and truth values only.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

/// One field that a body may have.
struct BodyField {
  std::string_view name;
  enum class Kind : std::uint8_t { text, truth, integer } kind{Kind::text};
  std::size_t most{500};   // bytes of a text
};

class Body {
 public:
  /// Reads a body; an empty one is an empty object. Errors: invalid, in words that may be shown.
  static Result<Body> parse(const std::string& text, std::span<const BodyField> fields);

  [[nodiscard]] bool has(std::string_view name) const { return texts_.contains(std::string(name)); }
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] bool is_true(std::string_view name) const { return text(name) == "true"; }
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  std::map<std::string, std::string> texts_;   // truth values and numbers as text
};

}  // namespace aitrade
