// One fingerprint of everything that is a result.
//
// Two runs with the same hash traded the same trades, saw the same equity and were set up alike.
// The hash is SHA-256 over a text that anybody can print and compare, so that a difference can be
// found with `diff`. Time taken, program version, command line and where the data came from are not
// results.
#pragma once

#include "core/report/performance.h"

#include <string>
#include <string_view>

namespace aitrade {

/// Returns the text that is hashed: one fact a line, `name value...`, exact decimals for amounts,
/// shortest round-trip decimals for statistics, nanoseconds for times.
std::string canonical_text(const RunResult& run);

/// Returns the SHA-256 of canonical_text as 64 hex digits.
std::string result_hash(const RunResult& run);

/// Returns the SHA-256 of any bytes as 64 hex digits; stops the process if the library refuses.
std::string sha256_hex(std::string_view bytes);

}  // namespace aitrade
