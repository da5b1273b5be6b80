// The candidates of a gate as the ledger keeps them: a line each, with pairs by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/gate_state.h"
#include "core/store/names.h"

namespace aitrade {

/// Returns "PAIR DIRECTION DECIDED_NS ENTRY STOP TARGET LIMIT_NS COST FILL PROBABILITY REJECTED COUNTS" lines; doubles
/// in shortest round-trip form, FILL "-" before it entered.
std::string to_text(const std::vector<GateCandidate>& candidates, const StoreNames& names);

/// Reads them back, without those of pairs that are not configured. Errors: corrupt
Result<std::vector<GateCandidate>> parse_candidates(std::string_view text, const StoreNames& names,
                                                    std::string_view exchange);

/// Returns sixteen hexadecimal digits.
std::string model_text(std::uint64_t model);

/// Errors: corrupt
Result<std::uint64_t> parse_model(std::string_view text);

}  // namespace aitrade
