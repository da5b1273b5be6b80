#include "core/runtime/trial_runner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/runtime/scout.h"

namespace aitrade {
namespace {

constexpr InstrumentId instrument{0};

/// Returns the next bar that an idle desk cannot pass over.
std::size_t next_that_matters(const SimRunner& runner, const Scout& scout, const std::vector<Candle>& candles,
                              std::size_t next) {
  if (!runner.engine().state().paused) return scout.find(next);
  const auto resumes = runner.resumes_at();   // until then entries are refused, whatever is said
  if (!resumes) return candles.size();
  const auto found = std::lower_bound(candles.begin() + static_cast<std::ptrdiff_t>(next), candles.end(), *resumes,
                                      [](const Candle& c, Time t) { return c.close_time() < t; });
  return static_cast<std::size_t>(found - candles.begin());
}

/// Every candle through the whole pipeline.
Status run_all(const History& history, SimRunner& runner, TrialRun& run) {
  const std::vector<Candle>& candles = history.candles();
  for (std::size_t next = 0; next < candles.size(); ++next) {
    if (next > 0 && history.tape().begins_series(next)) {
      AITRADE_TRY_STATUS(runner.broken(instrument, candles[next].open_time));
    }
    AITRADE_TRY_STATUS(runner.let_in(instrument, candles[next]));
    ++run.bars_run;
  }
  return ok();
}

/// Passes over the bars on which nothing can happen.
Status run_what_matters(const History& history, const Scout& scout, SimRunner& runner, TrialRun& run) {
  const std::vector<Candle>& candles = history.candles();
  const std::size_t last = candles.size() - 1;
  for (std::size_t next = 0; next <= last; ++next) {
    if (runner.is_idle()) {
      const std::size_t to = std::min(next_that_matters(runner, scout, candles, next), last);
      if (to > next) runner.jump(to, candles[to - 1]);
      next = to;
    }
    if (next > 0 && history.tape().begins_series(next)) {
      AITRADE_TRY_STATUS(runner.broken(instrument, candles[next].open_time));
    }
    AITRADE_TRY_STATUS(runner.let_in(instrument, candles[next]));
    ++run.bars_run;
  }
  return ok();
}

}  // namespace

Result<TrialRun> run_trial(const History& history, TapeSource& tapes, SimSetup setup, StepObserver* steps,
                           MarkObserver* marks) {
  const Playback playback{history.tape(), history.regimes(), &tapes};
  std::optional<Scout> scout;
  if (setup.engine.gate == nullptr) {
    setup.engine.playback = &playback;
    scout.emplace(setup.engine.rules, playback);   // first: it computes what the engine then reads
  }
  SilentJournal journal;
  SimRunner runner(std::move(setup), journal, steps, marks);
  TrialRun run;
  AITRADE_TRY_STATUS(runner.start(history.first().open_time));
  AITRADE_TRY_STATUS(scout ? run_what_matters(history, *scout, runner, run) : run_all(history, runner, run));
  AITRADE_TRY_STATUS(runner.finish());
  run.final_equity = runner.engine().desk().portfolio().equity();
  run.totals = runner.totals();
  run.pauses = runner.pauses();
  return run;
}

}  // namespace aitrade
