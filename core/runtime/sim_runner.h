// Drives a session over stored candles: the backtest.
//
// Candles of several pairs are given in order of their close, pairs of one moment in the order of their
// ids: the order in which the live runner releases them too. Nothing here decides anything.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/ports/journal.h"
#include "core/runtime/candle_door.h"
#include "core/runtime/session.h"
#include "core/runtime/sim_execution.h"
#include "core/sim/detail.h"
#include "core/sim/models.h"
#include "core/trading/engine.h"

namespace aitrade {

/// What a run is told besides its candles.
struct SimSetup {
  EngineSetup engine;
  VenueModels models;
  Money cash;
  GapRule gaps{GapRule::flat};
  std::vector<OutlierSettings> outliers;   // by instrument
  bool keep_decisions{false};              // true: every decision is an action (for a recording)
  Duration resume_after{0};                // an operator resumes so long after a breaker's pause; 0 = never
  bool close_at_end{true};                 // positions left at the end are closed at the last close
  DetailSource* detail{nullptr};           // borrowed: finer candles for fills; decisions stay on the bars
};

/// One moment of the account, for the equity curve.
struct Mark {
  Time at;
  double equity{0};          // after the cost of closing what is held, interest on shorts included
  double worst_equity{0};    // at the worst price of the candle
  double gross_exposure{0};
  bool in_position{false};
};

/// Sees every mark. Borrowed; must outlive the runner.
class MarkObserver {
 public:
  virtual ~MarkObserver() = default;
  virtual void on_mark(const Mark& mark) = 0;
};

class SimRunner {
 public:
  /// `journal`, `steps` and `marks` are borrowed; the observers may be absent.
  SimRunner(SimSetup setup, Journal& journal, StepObserver* steps = nullptr, MarkObserver* marks = nullptr);

  /// Restores an empty account and opens the feed. Errors: the journal's.
  Status start(Time at);

  /// Feeds the next closed candle. Errors: gap policy `refuse`, the journal's.
  Status candle(InstrumentId instrument, const Candle& candle);

  /// Feeds the next candle of a history that went through a door already: of a sweep, which lets it in once
  /// for all its runs. Not mixed with candle(). Errors: the journal's.
  Status let_in(InstrumentId instrument, const Candle& candle);

  /// Tells of a break before the next candle of such a history, at its open. Errors: the journal's.
  Status broken(InstrumentId instrument, Time when);

  /// Passes over bars of the history that the engine plays, up to before bar `next`; `newest` is the candle of
  /// the bar before. Only while is_idle(), and over bars on which no strategy speaks.
  void jump(std::size_t next, const Candle& newest);

  /// Flat, with no order anywhere: the next candle can only matter when a strategy speaks.
  [[nodiscard]] bool is_idle() const { return engine_.desk().is_idle() && venue_.venue().is_idle(); }

  /// While entries are paused: when somebody resumes; nothing when nobody does.
  [[nodiscard]] std::optional<Time> resumes_at() const {
    if (setup_.resume_after.count() == 0) return std::nullopt;
    return paused_since_ + setup_.resume_after;
  }

  /// Closes what is open, as the setup says. Errors: the journal's.
  Status finish();

  [[nodiscard]] const Engine& engine() const { return engine_; }

  [[nodiscard]] const VenueTotals& totals() const { return venue_.venue().totals(); }

  /// How often breakers paused entries, and for how long in all.
  [[nodiscard]] std::uint64_t pauses() const { return pauses_; }

  [[nodiscard]] Duration paused_for() const { return paused_for_; }

  [[nodiscard]] std::int64_t filled(InstrumentId i) const { return doors_[number(i)].filled(); }

  [[nodiscard]] const BarCounts& bar_counts(InstrumentId i) const { return doors_[number(i)].counts(); }

 private:
  Status feed(EventBody&& body, Time when);
  Status feed(InstrumentId instrument, const Candle& candle);
  Status resume_if_due(Time now);
  void mark(const Candle& candle, InstrumentId instrument);
  [[nodiscard]] const Candle& newest(InstrumentId instrument) const;

  SimSetup setup_;
  Engine engine_;
  SimExecution venue_;
  Session session_;
  MarkObserver* marks_;
  std::vector<CandleDoor> doors_;
  std::vector<Candle> let_in_;   // the newest by instrument; empty unless there are any
  Time paused_since_;            // by a breaker; 0 = not paused
  std::uint64_t pauses_{0};
  Duration paused_for_{0};
  double closing_cost_{0};       // fraction of notional: taker fee, half spread, slippage
  Event event_;
  Event candle_event_{{}, {}, {}, CandleClosed{}};   // kept apart, so that a candle only fills it in
};

}  // namespace aitrade
