// One backtest of a sweep: the same engine, venue and costs, without the bars on which nothing can happen.
//
// While the desk is flat, no order is anywhere and no strategy speaks, a candle changes nothing but what the
// history knows already (bars, columns, regime), so those candles are passed over at once. Every other candle
// goes through the whole pipeline. Trades, equity and its daily course are those of a SimRunner that saw all
// candles, to the last unit; counts of bars and of reasons are not kept. A gate is told of every candle, so with one
// nothing is passed over.
#pragma once

#include "core/runtime/history.h"
#include "core/runtime/sim_runner.h"

namespace aitrade {

/// How a trial went.
struct TrialRun {
  Money final_equity;
  VenueTotals totals;
  std::uint64_t pauses{0};    // by breakers
  std::size_t bars_run{0};    // through the whole pipeline; the others were passed over
};

/// Runs `setup` over a history of at least one candle; `setup.engine` has one instrument and one timeframe,
/// that of the candles. `tapes`, the observers (may be absent) and the history are borrowed. Marks come for
/// bars that were run, and one for the last of each stretch that was not.
///
/// Errors: none chosen (there is no journal)
/// Thread: several may run over one history and one source of tapes that allows it
Result<TrialRun> run_trial(const History& history, TapeSource& tapes, SimSetup setup, StepObserver* steps,
                           MarkObserver* marks);

}  // namespace aitrade
