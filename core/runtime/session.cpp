#include "core/runtime/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace aitrade {
namespace {

/// A candle of a later instant: the one before it is over, whoever may have failed to say so.
bool is_after(const Event& event, Time instant) {
  const auto* closed = std::get_if<CandleClosed>(&event.body);
  return closed != nullptr && closed->candle.close_time() > instant;
}

std::int64_t monotonic_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

}  // namespace

Session::Session(Engine& engine, ExecutionVenue& venue, Journal& journal, bool keep_decisions,
                 StepObserver* observer)
    : engine_(engine),
      venue_(venue),
      journal_(journal),
      observer_(observer),
      actions_(keep_decisions),
      in_turn_(venue.answers_in_turn()),
      journaled_(journal.keeps()) {}

Status Session::turn(std::span<Event> events) {
  for (Event& event : events) process(event);
  return retry_commit();
}

Status Session::retry_commit() {
  if (!append_status_) return append_status_;  // the journal has a hole: nothing may leave any more
  flush_ = {};
  if (needs_disk_) flush_.began_ns = monotonic_ns();
  AITRADE_TRY_STATUS(journal_.commit(needs_disk_));
  if (needs_disk_) {
    flush_.ended_ns = monotonic_ns();
    venue_.note_flush(flush_);
  }
  needs_disk_ = false;
  for (const auto& [action, now] : outgoing_) dispatch(action, now);
  outgoing_.clear();
  return ok();
}

void Session::process(Event& event) {
  event.at = newest_ = std::max(newest_, event.at);
  if (engine_.desk().is_waiting() && is_after(event, *engine_.desk().waiting_since())) {
    outcome_.at = event.at;
    outcome_.when = *engine_.desk().waiting_since();
    outcome_.body = InstantClosed{};
    step(outcome_);   // before the venue sees the later candle: what enters may still meet all of it
  }
  if (in_turn_ && venue_.observe(event)) {
    while (venue_.next_outcome(outcome_)) {
      outcome_.at = event.at;
      step(outcome_);
    }
  }
  step(event);
}

void Session::step(Event& event) {
  event.seq = EventSeq{next_seq_++};
  actions_.clear();
  engine_.step(event, actions_);
  if (journaled_ && append_status_) {
    if (Status status = journal_.append(event, actions_); !status) append_status_ = std::move(status);
  }
  if (!actions_.empty()) {
    if (actions_.has_orders() || std::holds_alternative<OrderFilled>(event.body) ||
        std::holds_alternative<OperatorCommand>(event.body) || std::holds_alternative<RulesChanged>(event.body) ||
        std::holds_alternative<ExternalSignal>(event.body) ||
        std::holds_alternative<ModelActivated>(event.body)) {
      needs_disk_ = true;
    }
    if (actions_.has_orders()) {
      for (const Action& action : actions_) {
        if (in_turn_) {
          dispatch(action, event.when);
        } else {
          outgoing_.emplace_back(action, event.at);
        }
      }
    }
  }
  if (observer_ != nullptr) observer_->on_step(event, actions_);
}

void Session::dispatch(const Action& action, Time now) {
  if (const auto* submit = std::get_if<SubmitOrder>(&action)) {
    venue_.submit(submit->order, now);
  } else if (const auto* cancel = std::get_if<CancelOrder>(&action)) {
    venue_.cancel(*cancel, now);
  } else if (const auto* replace = std::get_if<ReplaceOrder>(&action)) {
    venue_.replace(*replace, now);
  }
}

}  // namespace aitrade
