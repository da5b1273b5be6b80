// The named parts of a backtest document, each written in one place for both forms.
//
// In the JSON object a section stands under its name; in NDJSON it is the value of a `metric` record
// of that name, so that `report` reads the same things from either. Private to this folder.
#pragma once

#include "core/report/performance.h"

#include <span>
#include <string_view>

namespace aitrade {

class Json;  // json_line.h

struct JsonSection {
  std::string_view name;
  bool with_equity;  // belongs to the lists that come with the equity
  void (*write)(const RunResult& run, const Metrics& metrics, Json& json);
};

/// Returns all sections in the order of the document: coverage, refused, by, benchmarks, monte_carlo,
/// sensitivity, and with the equity: prices, curve.
std::span<const JsonSection> json_sections();

/// Writes the keys of one trade into an object that is open.
void write_trade_fields(const TradeRecord& record, Json& json);

}  // namespace aitrade
