// What `walkforward` says: fold by fold what was promised and what came, and one sentence on whether the way of
// searching earns anything on candles it has not seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tune_ledger.h"
#include "core/report/selection.h"

namespace aitrade::cli {

/// One train window and the test window after it.
struct WalkFold {
  Time train_first, cut, test_last;      // the test begins at the cut
  std::optional<ml::Point> point;        // nothing: no trial had a score, so nothing was traded
  std::uint64_t trials{0};
  Fold returns;                          // yearly, arithmetic: 365 times the mean of a day
  LaterPart later;                       // of the chosen point
  LaterPart dear;                        // the same with costs half as high again
  double held{0};                        // return of buying and holding over the test window, without costs
  std::string ledger;
};

/// A walk-forward test over candles of this pair, as the log of them has it.
struct WalkRecord {
  std::string pair;
  Time first, last;
  double sharpe{0};                      // per day, out of sample
};

struct WalkVerdict {
  bool has_edge{false};
  std::string text;
  std::vector<std::string> reasons;
};

struct WalkResult {
  Study study;                           // of the whole period: what is searched, and how
  bool is_anchored{false};
  std::vector<WalkFold> folds;
  std::vector<WalkRecord> earlier;       // tests before this one over the same candles
  PairPrices prices;                     // opens of all test windows
  std::size_t random_runs{0};            // that enter at random
  std::uint64_t seed{0};                 // of them, and of trainings
  // Out of sample, all test windows one after another:
  std::vector<double> daily;
  std::uint64_t trades{0};
  double total_return{0}, dear_return{0}, held_return{0};
  std::optional<double> sharpe;                // per year
  std::optional<double> deflated_sharpe;       // probability that it is not luck, among the tests there were
  std::optional<double> minimum_track_record;  // days
  std::optional<WalkForward> kept;
  std::optional<RandomEntry> random_entry;     // the same trades at random moments of the test windows
  WalkVerdict verdict;
  std::string command_line;
  double elapsed_ms{0};
};

/// Puts the folds together and judges: fills everything after `earlier` but the timing.
///
/// Rule: it earns after costs, and with costs half as high again; at most one in twenty of the runs that make its trades
///       at random moments does as well; at least 30 trades; the chance that its Sharpe ratio is above zero, or above what luck shows the best of so many walk-forward tests, is at least 95 %; out of
///       sample it keeps at least half of what it promised; more than half of the folds earn
void conclude(WalkResult& result);

/// Returns 1 + the return of days one after another, less 1.
double compound(const std::vector<double>& daily);

/// Returns the object "aitrade.walkforward/1" with a newline at its end.
std::string walkforward_json(const WalkResult& result);

/// Returns the summary for people.
std::string walkforward_text(const WalkResult& result);

}  // namespace aitrade::cli
