// The sealed holdout: the newest part of the candles, kept away from a search and opened once.
//
// Whoever looks at it twice has searched it. So every opening is logged before it happens, in the folder of the trial
// ledgers, and a period that was opened is not opened again, by whatever search.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/output.h"
#include "cmd/tune_search.h"

namespace aitrade::cli {

struct HoldoutResult {
  std::uint64_t days{0}, trades{0};
  double total_return{0};
  std::optional<double> sharpe;          // per year
  std::optional<double> probability;     // that the true Sharpe is above 0
  bool is_confirmed{false};
  std::string text;                      // one sentence
};

struct Holdout {
  std::string pair;
  Time first, last;                      // first open, last close
  std::optional<HoldoutResult> result;   // nothing: sealed
};

/// Probability below which a holdout confirms nothing.
constexpr double holdout_probability_min = 0.95;

/// Returns how many candles a search may see: those before midnight UTC of the day after which `share` of the time is
/// left. Errors: invalid when nothing is left on a side
Result<std::size_t> search_part(std::span<const Candle> candles, double share);

/// Logs that the holdout is opened for this search, durably.
/// Errors: rejected when any part of the period was opened before, with when and by which search; full, io
Status log_opening(const std::filesystem::path& folder, const Holdout& holdout, const Study& study, Time now);

/// Judges the later part of a trial: what it earned after costs, and whether that can be told from luck.
HoldoutResult judge_later(const LaterPart& later);

/// What is said of a sealed one.
std::string sealed_text(const Holdout& holdout);

/// Writes the member "holdout".
void write_holdout(const std::optional<Holdout>& holdout, JsonWriter& json);

}  // namespace aitrade::cli
