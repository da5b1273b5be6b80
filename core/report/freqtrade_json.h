// A backtest as the result file that freqtrade's notebooks and plots load.
//
// The keys are those of `strategy.NAME` in freqtrade's own result file, with its conventions:
// profits as a ratio of the stake, fees as a ratio per side, times both as text and as milliseconds,
// drawdown from closed trades. Undefined numbers are null; freqtrade itself writes -100 or 0 there.
#pragma once

#include "core/report/performance.h"

#include <string>

namespace aitrade {

/// Returns {"strategy":{NAME:{...}},"strategy_comparison":[...],"metadata":{...}} and a newline.
std::string freqtrade_json(const RunResult& run, const Metrics& metrics);

}  // namespace aitrade
