// A backtest read back from what `backtest` printed: the input of `aitrade report`.
//
// Reads the JSON object of `backtest --json --trades --equity` and the NDJSON stream of
// `backtest --format ndjson` into one shape; of what `tune --json` prints, the best trial's metrics. Numbers here are for drawing and for people, so they are
// doubles; amounts also keep their decimal text.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade {

/// One named value. `number` is absent for null and for text that is no number.
struct Fact {
  std::string text;
  std::optional<double> number;
};

struct ReportTrade {
  std::string pair, strategy, direction, reason, regime;
  Time opened_at, closed_at;
  double quantity{0}, entry{0}, exit{0}, pnl{0}, fees{0};
  std::optional<double> r;
  double mae{0}, mfe{0};
};

struct ReportEquity {
  Time at;
  double equity{0};
  std::optional<double> hold;  // what buy and hold had then
};

struct ReportBar {
  Time open_time;
  double open{0}, high{0}, low{0}, close{0};
};

struct ReportPrices {
  std::string pair;
  std::vector<ReportBar> bars;
};

struct ReportCurvePoint {
  Time at;
  double equity{0}, low{0}, high{0};
};

struct ReportSlice {
  std::string label;
  double trades{0}, wins{0}, losses{0}, net_profit{0}, fees{0};
};

struct ReportDocument {
  std::map<std::string, Fact> facts;  // identity, counts, metrics, verdict, verdict_kind, fees, ...
  std::vector<ReportTrade> trades;
  std::vector<ReportEquity> equity;  // daily
  std::vector<ReportPrices> prices;
  std::vector<ReportCurvePoint> curve;
  std::map<std::string, std::vector<ReportSlice>> slices;  // "pair", "strategy", "exit", "hour", "regime"
  std::vector<std::map<std::string, Fact>> coverage, sensitivity;
  std::vector<std::pair<std::string, double>> refused;  // most frequent first
  std::map<std::string, Fact> random_entry, buy_and_hold, monte_carlo;  // empty: not computed
  bool has_sensitivity{false};

  /// Returns the number under a name, or nothing.
  [[nodiscard]] std::optional<double> number(std::string_view name) const;

  /// Returns the text under a name, or "".
  [[nodiscard]] std::string text(std::string_view name) const;
};

/// Reads one result; of an "aitrade.tune/1" its best trial. Errors: invalid when the text is neither form, or is another document.
Result<ReportDocument> read_report(std::string_view text);

}  // namespace aitrade
