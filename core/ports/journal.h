// Where events and actions are kept before anything is sent.
#pragma once

#include "core/base/result.h"
#include "core/domain/action.h"
#include "core/domain/event.h"

namespace aitrade {

/// Takes one event with the actions it caused, in order. Not thread-safe: engine thread only.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Queues an event and its actions; cheap; does not wait for the disk.
  virtual Status append(const Event& event, const ActionList& actions) = 0;

  /// Ends a turn: everything appended since the last commit becomes one unit. With `durable`, returns
  /// only when recording and ledger are on disk; errors: io, full, busy - then nothing may be sent.
  virtual Status commit(bool durable) = 0;

  /// Whether anything is kept at all. Asked once: a session does not call one that keeps nothing.
  [[nodiscard]] virtual bool keeps() const { return true; }
};

/// Keeps nothing: a fast backtest.
class SilentJournal final : public Journal {
 public:
  Status append(const Event&, const ActionList&) override { return ok(); }

  Status commit(bool) override { return ok(); }

  [[nodiscard]] bool keeps() const override { return false; }
};

}  // namespace aitrade
