// A backtest report for people: plain text, at most 80 columns, the verdict first.
//
// It ends with no timing and holds no path, so the same run prints the same bytes. Undefined
// numbers are a dash; what a number needs to be defined is said in a note below the table.
#pragma once

#include "core/report/performance.h"
#include "core/report/report_json.h"

#include <string>

namespace aitrade {

constexpr std::size_t report_columns = 80;

/// Returns the report; with `options.trades` every trade follows, one a line.
std::string backtest_table(const RunResult& run, const Metrics& metrics,
                           const ReportOptions& options);

}  // namespace aitrade
