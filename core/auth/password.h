// The password of the page: an scrypt record, and its check (security.md 2.4).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

inline constexpr std::size_t password_limit = 1024;   // bytes

/// Returns "scrypt$15$8$1$SALT$HASH" of a password, salt and hash in hexadecimal. Takes 32 MiB for a moment.
///
/// Errors: invalid for a password that is too weak for a new one, io when the library refuses
Result<std::string> make_password_record(std::string_view password);

/// Says whether a password fits a record; the time does not tell how near it was.
///
/// Errors: corrupt for a record that is none, io when the library refuses
Result<bool> fits_password(std::string_view record, std::string_view password);

}  // namespace aitrade
