// One honest sentence about a run, with its reason.
//
// It says first what forbids a judgement (no trades, too few days), then what the record shows
// against chance, and adds a warning when a result is too good to be believed.
#pragma once

#include "core/report/performance.h"

#include <string>
#include <string_view>

namespace aitrade {

enum class VerdictKind {
  no_trades,
  too_short,     // under 30 daily returns
  no_risk,       // equity did not move from day to day
  loses,         // ends below where it began
  luck,          // not distinguishable from luck, or its timing is not
  beats_chance,  // PSR of at least 0.95, for a single untuned run
};

std::string_view to_string(VerdictKind kind);

struct Verdict {
  VerdictKind kind{VerdictKind::no_trades};
  std::string sentence;
};

Verdict verdict_on(const RunResult& run, const Metrics& metrics);

}  // namespace aitrade
