// A backtest report for programs: one JSON object, or one record a line.
//
// The keys are those of the command-line contract; additions are free, changes are not. Amounts are
// decimal strings, statistics are shortest round-trip numbers, undefined is null. `result_hash`
// covers everything here except `timing`, `version` and `command`.
#pragma once

#include "core/report/performance.h"

#include <optional>
#include <string>

namespace aitrade {

/// How long the run took; measured by the command, outside the hash.
struct RunTiming {
  double elapsed_ms{0};
  double bars_per_second{0};
};

struct ReportOptions {
  bool trades{false};               // list every trade
  bool equity{false};               // list the daily equity (always listed in NDJSON)
  std::optional<RunTiming> timing;  // absent: the key is left out
};

/// Returns the object "aitrade.backtest/1" with a newline at its end.
std::string backtest_json(const RunResult& run, const Metrics& metrics,
                          const ReportOptions& options);

/// Returns records with the first key "t": `metric`, then `trade`, then `equity`, one a line.
std::string backtest_ndjson(const RunResult& run, const Metrics& metrics,
                            const ReportOptions& options);

}  // namespace aitrade
