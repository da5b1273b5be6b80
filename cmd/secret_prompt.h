// Questions on the terminal whose answers are not shown.
#pragma once

#include <string_view>

#include "cmd/cli.h"
#include "core/vault/secret_bytes.h"

namespace aitrade::cli {

/// Asks on stderr and reads a line from stdin without echo. A stop signal meanwhile restores the
/// terminal and ends the process as it would have.
///
/// Errors: invalid when stdin is no terminal (`instead` says what to pass), when it ends before a line,
///         or for a line of more than `limit` bytes
Result<SecretBytes> ask_secret(Context& context, std::string_view question, std::string_view instead,
                               std::size_t limit);

}  // namespace aitrade::cli
