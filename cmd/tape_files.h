// Reads recorded candles for the loopback exchange: `sim --tape` and `run --tape`.
#pragma once

#include "core/base/result.h"
#include "exchanges/loopback/source.h"

#include <string>
#include <vector>

namespace aitrade::cli {

/// Reads one tape from "FILE" (the pair is named by the file or its records) or "PAIR=FILE".
///
/// Errors: invalid ("FILE:LINE: what", or no pair can be told), not_found, io
Result<loopback::Tape> read_tape(const std::string& spec);

/// Reads all of them, in order; a pair may come once.
Result<std::vector<loopback::Tape>> read_tapes(const std::vector<std::string>& specs);

}  // namespace aitrade::cli
