// The turn: step the engine, journal, commit, dispatch. In this order, in every mode.
//
// If the process dies before the commit, nothing happened. If it dies after it, the next start finds
// the orders in the ledger. A venue outside (a real exchange) is told only after the commit; a
// simulated one is part of the turn and is rebuilt from the ledger, so it may answer within it.
#pragma once

#include <span>
#include <vector>

#include "core/ports/journal.h"
#include "core/ports/venue.h"
#include "core/trading/engine.h"

namespace aitrade {

/// Sees every step, after the journal did. Borrowed; must outlive the session.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void on_step(const Event& event, const ActionList& actions) = 0;
};

class Session {
 public:
  /// All are borrowed and must outlive the session; `observer` may be absent.
  Session(Engine& engine, ExecutionVenue& venue, Journal& journal, bool keep_decisions,
          StepObserver* observer = nullptr);

  /// Runs one turn over `events`. Errors: what the journal says; then nothing of the turn is on disk and
  /// nothing was sent to a venue outside, and the caller must stop or retry commit().
  Status turn(std::span<Event> events);

  /// The same over one event.
  Status turn(Event& event) {
    process(event);
    if (!journaled_ && outgoing_.empty()) return ok();   // a backtest: nothing is kept, nothing waits
    return retry_commit();
  }

  /// Tries to commit a turn whose commit failed, and dispatches it when that works. After an event that
  /// the journal did not take every call fails as that one did.
  Status retry_commit();

  /// When the last turn waited for the disk.
  [[nodiscard]] const FlushSpan& flush() const { return flush_; }

  /// Number of the next event.
  [[nodiscard]] std::uint64_t next_seq() const { return next_seq_; }

 private:
  void process(Event& event);
  void step(Event& event);
  void dispatch(const Action& action, Time now);

  Engine& engine_;
  ExecutionVenue& venue_;
  Journal& journal_;
  StepObserver* observer_;
  ActionList actions_;
  std::vector<std::pair<Action, Time>> outgoing_;   // waiting for the commit
  Event outcome_;
  Status append_status_;
  FlushSpan flush_;
  bool in_turn_;
  bool journaled_;
  bool needs_disk_{false};
  std::uint64_t next_seq_{1};
  Time newest_;
};

}  // namespace aitrade
