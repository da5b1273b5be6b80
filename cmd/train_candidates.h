// From candles to rows that a model can be trained on.
//
// A backtest runs with the gate open. Every opinion that qualified is a candidate, whether or not the desk had room
// for it; its features are those that the gate recorded while it was decided, and its outcome comes from the candles
// after it. Recorded runs, live or on paper, hold the same: candles, decisions and their features.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cmd/backtest_run.h"
#include "cmd/candle_input.h"
#include "ml/dataset.h"

namespace aitrade::cli {

struct CandidateSet {
  ml::Dataset samples;             // prepared
  std::uint64_t bars{0};
  std::uint64_t candidates{0};     // with levels that the desk would take
  std::uint64_t unfinished{0};     // of them without an outcome by the end of the candles
  Time first, last;                // of the candles
  double cost{0};                  // round trip, fraction of price
  std::vector<std::string> pairs;
  std::string config_hash, data_fingerprint;
  std::vector<std::string> notes;
};

struct CandidatePlan {
  std::vector<Duration> timeframes;   // empty: as configured
  std::string strategy;               // one alone; empty: as configured
  bool allow_shorts{false};
};

/// Labels what recorded runs decided, over the candles that they saw. Runs that cannot be read are left out, with a
/// note. Errors: not_found when no run holds candles
Result<CandidateSet> recorded_candidates(const Config& config, const std::filesystem::path& runs, bool allow_shorts);

/// Returns the trades that a strategy, alone and whether or not it is enabled, would have made on the candles that
/// recorded runs saw: by the engine that trades, in order of closing. Errors: those of the backtest
Result<std::vector<TradeClosed>> virtual_trades(const Config& config, const std::filesystem::path& runs,
                                                const std::string& strategy);

/// Returns the gap between the parts of a training: 1 % of the whole period (trading-core.md 9.4).
Duration embargo_of(const CandidateSet& candidates);

/// Runs the backtest over candles in memory, those of pair i in series[i], and labels what it decided. Nothing after
/// the last candle is known to anything that is returned. Errors: those of the backtest
Result<CandidateSet> collect_candidates(const Config& config, const std::vector<PairInput>& pairs,
                                        const std::vector<std::vector<Candle>>& series, const CandidatePlan& plan);

/// Runs the backtest and labels what it decided. Errors: those of the inputs and of the backtest
Result<CandidateSet> collect_candidates(const Config& config, std::vector<CandleInput>& inputs,
                                        const CandidatePlan& plan);

}  // namespace aitrade::cli
