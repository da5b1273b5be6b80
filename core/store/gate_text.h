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

/// Returns "2 PAIR DIRECTION DECIDED_NS ENTRY STOP TARGET LIMIT_NS COST FILL PROBABILITY REJECTED COUNTS ATR ONLINE
/// FEATURES STOP TARGET BEST WORST LEFT RESULT STAGES BREAKEVEN TRAILING SEEN_NS" lines; doubles in shortest round-trip
/// form, "-" for what is not known, features with commas, from STOP on as the walk has it, exact ones as they are stored.
std::string to_text(const std::vector<GateCandidate>& candidates, const StoreNames& names);

/// Reads them back, without those of pairs that are not configured. Errors: corrupt
Result<std::vector<GateCandidate>> parse_candidates(std::string_view text, const StoreNames& names,
                                                    std::string_view exchange);

/// Returns "Z N OUTCOMES WON ALL WEIGHT GAIN SQUARES BRIER", the first two with commas.
std::string to_text(const GateLearner& learner);

/// Errors: corrupt
Result<GateLearner> parse_learner(std::string_view text);

/// Returns sixteen hexadecimal digits.
std::string model_text(std::uint64_t model);

/// Errors: corrupt
Result<std::uint64_t> parse_model(std::string_view text);

}  // namespace aitrade
