// Reads the value of a secret from a stream or a file straight into secret memory.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/vault/secret_bytes.h"

namespace aitrade::cli {

/// Reads a file to its end; "-" is stdin. Errors: not_found, invalid for more than `limit` bytes, io.
Result<SecretBytes> read_secret(const std::string& file, std::size_t limit);

}  // namespace aitrade::cli
