// One run in, every metric out.
//
// `RunResult` is what a backtest, a paper run or a ledger query hands over: plain data, no pointers
// into anything. `compute_metrics` is the only place that decides what a number is called, from how
// many days on it is shown, and when it is undefined. The formulas are in returns, equity and
// trade_stats.
#pragma once

#include "core/base/fixed.h"
#include "core/base/time.h"
#include "core/domain/signal.h"
#include "core/report/benchmark.h"
#include "core/report/bootstrap.h"
#include "core/report/chart_track.h"
#include "core/report/equity.h"
#include "core/report/trade_stats.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aitrade {

/// Fewer daily returns than this say nothing about a year: CAGR, Sharpe and their kin are
/// undefined.
constexpr std::size_t statistics_days_min = 30;
/// Fewer than this and a yearly number is shown with a warning.
constexpr std::size_t yearly_days_reliable = 180;
/// Days of the three-year Calmar ratio.
constexpr std::size_t calmar_days = 3 * 365;

/// What was read of one pair. Times are those of the first open and the last close.
struct PairCoverage {
  std::string symbol;
  Duration timeframe{};
  Time first, last;
  std::uint64_t bars{0};     // as read
  std::uint64_t gaps{0};     // places where bars are missing
  std::uint64_t missing{0};  // bars missing there
  std::uint64_t filled{0};   // synthetic bars made by the gap policy
};

/// What identifies a run. Version and command line are shown and not hashed.
struct RunIdentity {
  std::string version;           // of the program
  std::string command_line;      // redacted
  std::string strategies;        // for the heading, "keltner, trend"
  std::string config_hash;       // hex
  std::string data_fingerprint;  // hex, of the candles, not of where they came from
  std::uint64_t seed{0};
  std::string currency{"USD"};             // quote currency of all amounts
  Money tick{Money::from_raw(1'000'000)};  // smallest amount that counts as profit; 0.01
};

/// The run again with one assumption made worse: what a reader wants to know before believing it.
struct SensitivityLine {
  std::string name;  // "fees x2"
  Money final_equity;
  double total_return{0};
  double max_drawdown{0};
  std::optional<double> sharpe;
  std::size_t trades{0};
};

struct RunResult {
  RunIdentity identity;
  Money initial_equity, final_equity;
  std::vector<TradeRecord> trades;  // in order of closing
  EquitySummary equity;
  double turnover{0};               // sum of absolute notionals of all fills, quote currency
  Money fees, slippage;             // of all fills; slippage positive is adverse
  std::uint64_t bars{0};            // as read, filled ones excluded
  std::uint64_t ambiguous_bars{0};  // stop and target in one bar: the worse was assumed
  std::uint64_t too_small{0};       // decisions whose order was below the venue's minimum
  std::uint64_t decisions{0}, entries{0};
  std::map<Reason, std::uint64_t> refused;  // why decisions did not trade
  std::vector<PairCoverage> coverage;
  double risk_free_yearly{0};  // fraction
  // What follows is drawn and compared, not hashed.
  std::vector<PairPrices> prices;   // for charts and benchmarks; empty when nobody kept them
  std::vector<CurvePoint> curve;    // equity, bar level, in buckets
  TakingCosts taking;               // what the benchmarks pay
  std::vector<SensitivityLine> sensitivity;  // empty: not run
  /// Of the desk at the end, by its newest trades; below the minimum of trades there is no estimate.
  struct RuinEstimate {
    std::string state{"insufficient_data"};  // or estimated, one_sided
    std::uint64_t trades{0}, trades_min{0};
    std::optional<double> probability;       // of falling by the configured share, [0, 1]
  };
  RuinEstimate ruin;
};

/// Fractions unless a unit is named; absent means undefined.
struct Metrics {
  std::size_t days{0};  // daily returns
  double total_return{0};
  std::optional<double> cagr;
  bool yearly_reliable{false};  // at least 180 days
  std::optional<double> volatility;
  std::optional<double> sharpe, sharpe_standard_error, sharpe_t, sharpe_adjusted, sortino;
  std::optional<double> skew, kurtosis;
  Drawdown drawdown;
  std::optional<double> calmar, calmar_36m;
  std::optional<double> ulcer_index, upi;
  std::optional<double> time_under_water;  // share of days
  std::size_t longest_under_water_days{0};
  std::optional<double> var_95, cvar_95, omega, tail_ratio;
  std::optional<double> psr;  // against a Sharpe of 0
  std::optional<double> minimum_track_record_days;
  TradeStats trades;
  std::optional<double> exposure;                    // share of bars
  std::optional<double> gross_exposure;              // mean gross exposure / equity
  std::optional<double> turnover;                    // times mean equity per year
  std::optional<double> fees_share, slippage_share;  // of gross profit
  std::optional<double> alpha, alpha_t, beta, beta_t;  // on buy and hold; alpha per year
  std::optional<BuyAndHold> buy_and_hold;
  std::optional<RandomEntry> random_entry;
  std::optional<MonteCarlo> monte_carlo;
  std::vector<std::string> suspicions;               // results too good to be believed
};

/// What costs time and is computed only when asked for. Both are seeded by the run's own seed.
struct MetricOptions {
  std::size_t monte_carlo_runs{0};
  std::size_t random_entry_runs{0};
  double ruin_drawdown{0.30};
};

Metrics compute_metrics(const RunResult& run, const MetricOptions& options = {});

}  // namespace aitrade
