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

/// What a model had to say in one test window.
struct FoldGate {
  bool gates{false};                     // otherwise the rules decided alone
  std::uint64_t candidates{0};           // that it was trained and tested on, all of them before the test window
  std::string kind;                      // logistic or xgboost; "" when none could be trained
  std::string model;                     // id; ""
  std::string why;                       // how it did on the last fifth of them, or why there is none
  std::uint64_t passed{0}, rejected{0};  // candidates of the test window, as it decided
  std::uint64_t left{0};                 // that it left to the rules: unlike anything it knows, or it had switched itself off
  bool switched_off{false};              // in the end: outcomes had shown that it does not help
};

/// One train window and the test window after it.
struct WalkFold {
  Time train_first, cut, test_last;      // the test begins at the cut
  std::optional<ml::Point> point;        // nothing: no trial had a score, so nothing was traded
  std::uint64_t trials{0};
  Fold returns;                          // yearly, arithmetic: 365 times the mean of a day
  LaterPart later;                       // of the chosen point
  LaterPart dear;                        // the same with costs half as high again
  std::optional<FoldGate> gate;          // with a model
  LaterPart rules_alone;                 // the same without it
  double held{0};                        // return of buying and holding over the test window, without costs
  std::string ledger;
};

/// A walk-forward test over candles of this pair, as the log of them has it.
struct WalkRecord {
  std::string pair;
  Time first, last;
  double sharpe{0};                      // per day, out of sample
};

/// The test windows with a model, beside the rules alone.
struct WalkGate {
  bool is_fixed{false};                        // one model for all windows; otherwise one trained for each
  std::size_t windows{0};                      // in which a model gated
  std::uint64_t rules_alone_trades{0};
  double rules_alone_return{0};
  std::optional<double> rules_alone_sharpe;    // per year
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
  std::optional<WalkGate> gate;                // absent: the rules alone were asked for
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
