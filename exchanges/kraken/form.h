// Bodies of private requests: form fields, percent-encoded, in the order they were added.
//
// The order is kept because the signature covers the bytes (kraken.md 2). Only unreserved
// characters travel as they are: a literal '+' would arrive as a blank.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade::kraken {

/// One field, not yet encoded.
using FormField = std::pair<std::string, std::string>;

using FormFields = std::vector<FormField>;

/// Returns `text` with everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

/// Returns the text again; a '+' is a blank. A '%' without two hexadecimal digits stays as it is.
std::string percent_decoded(std::string_view text);

/// Returns "name=value&..." with both sides encoded.
std::string form_text(const FormFields& fields);

/// Returns the fields of a body, decoded; the inverse of form_text.
FormFields parse_form(std::string_view body);

}  // namespace aitrade::kraken
