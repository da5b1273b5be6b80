#include "core/trading/engine.h"

#include "core/trading/live_rules.h"

#include <utility>

namespace aitrade {
namespace {

constexpr DeskId main_desk{0};

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

Engine::Engine(EngineSetup setup) : setup_(std::move(setup)), house_(setup_.house, 1) {
  EntryGate& gate = setup_.gate != nullptr ? *setup_.gate : open_gate_;
  setup_.rules.snapshots = gate.wants_snapshot();
  desk_ = std::make_unique<Desk>(main_desk, setup_.rules, setup_.instruments, gate, house_,
                                 setup_.playback);
}

void Engine::step(const Event& event, ActionList& out) {
  if (const auto* candle = std::get_if<CandleClosed>(&event.body)) {  // almost every event
    desk_->on_candle(*candle, state_, out);
  } else {
    dispatch(event, out);
  }
  if (const auto trip = desk_->take_trip()) stop_entries(*trip, event.when, out);
}

void Engine::dispatch(const Event& event, ActionList& out) {
  std::visit(
      Overloaded{
          [&](const CandleClosed&) {},
          [&](const HistoryLoaded& e) { desk_->on_history(e); },
          [&](const BookSummary& e) { desk_->on_book(e, event.when, out); },
          [&](const FeedUp&) {
            state_.feed_up = true;
            desk_->on_feed(true, event.when, out);
          },
          [&](const FeedDown&) {
            state_.feed_up = false;
            desk_->on_feed(false, event.when, out);
          },
          [&](const SeriesBroken& e) { desk_->on_series_broken(e.instrument); },
          [&](const InstantClosed&) { desk_->on_instant_closed(event.when, state_, out); },
          [&](const Tick&) { desk_->on_tick(event.when, out); },
          [&](const OrderAccepted& e) { desk_->on_accepted(e, out); },
          [&](const OrderRejected& e) { desk_->on_rejected(e, event.when, out); },
          [&](const OrderFilled& e) { desk_->on_fill(e, out); },
          [&](const OrderCanceled& e) {
            desk_->on_ended(e.client_id, OrderTrigger::cancel, e.why, event.when, out);
          },
          [&](const OrderExpired& e) { desk_->on_ended(e.client_id, OrderTrigger::expire, "", event.when, out); },
          [&](const OrderReplaced& e) { desk_->on_replaced(e, event.when, out); },
          [&](const OrderNews& e) { desk_->on_news(e, event.when, out); },
          [&](const BalanceMoved& e) {
            if (e.kind == "baseline") return;
            out.add(Notify{Notify::Level::info, e.kind + " at the venue: " + e.amount + " " + e.asset});
            desk_->on_moved(e, out);
          },
          [&](const AccountRestored& e) {
            state_.paused = e.paused;
            state_.halted = e.halted;
            pause_reason_ = e.pause_reason;
            desk_->on_restored(e, event.when);
          },
          [&](const TradesRestored& e) { desk_->on_restored(e); },
          [&](const GateRestored& e) { desk_->on_restored(e, out); },
          [&](const PositionAdopted& e) { desk_->on_adopted(e, out); },
          [&](const OrderAdopted& e) { desk_->on_adopted(e, out); },
          [&](const CooldownRestored& e) { desk_->on_restored(e); },
          [&](const OperatorCommand& e) { on_command(e, event.when, out); },
          [&](const RulesChanged& e) { on_rules(e, out); },
          [&](const ExternalSignal& e) { desk_->on_signal(e, event.when, state_, out); },
          [&](const ModelActivated& e) { desk_->on_model(e, out); },
          [&](const EntriesHeld& e) { on_held(e, out); },
      },
      event.body);
}

/// A breaker tripped: entries stop until an operator resumes. Exits go on; where the rules say so everything
/// is closed. When entries are stopped already nothing is said twice.
void Engine::stop_entries(Breaker breaker, Time now, ActionList& out) {
  if (state_.paused) return;
  state_.paused = true;
  pause_reason_ = "breaker " + std::string(to_string(breaker));
  out.add(RunStateChanged{state_.paused, state_.halted, pause_reason_, "system"});
  desk_->give_up_entries(out);
  out.add(Notify{Notify::Level::critical, "entries paused by " + pause_reason_ + ": look, then resume"});
  if (desk_->breakers().flattens(breaker)) desk_->close_all(ExitReason::close_all, now, out);
}

void Engine::on_rules(const RulesChanged& changed, ActionList& out) {
  if (!apply_rules(setup_.rules, changed.values)) {
    out.add(Notify{Notify::Level::warning, "settings of " + changed.actor + " cannot be read: nothing changed"});
    return;
  }
  setup_.house.exposure_max = setup_.rules.risk.exposure_max;
  house_.set_rules(setup_.house);
  desk_->on_rules();
  out.add(Notify{Notify::Level::info, "settings of " + changed.actor + ": " + changed.what});
}

void Engine::on_held(const EntriesHeld& held, ActionList& out) {
  if (held.why == hold_reason_) return;
  hold_reason_ = held.why;
  state_.held = !held.why.empty();
  if (!state_.held) {
    out.add(Notify{Notify::Level::info, "entries are permitted again"});
    return;
  }
  desk_->give_up_entries(out);
  out.add(Notify{Notify::Level::critical, "no entries: " + held.why + "; exits and stops go on"});
}

void Engine::on_command(const OperatorCommand& command, Time now, ActionList& out) {
  switch (command.action) {
    case OperatorAction::pause:
      state_.paused = true;
      pause_reason_ = command.reason;
      desk_->give_up_entries(out);
      break;
    case OperatorAction::resume:
      if (state_.halted) {
        out.add(Notify{Notify::Level::warning, "halted: resume refused"});
        return;
      }
      state_.paused = false;
      pause_reason_.clear();
      desk_->on_resumed(now, out);
      break;
    case OperatorAction::halt:
      state_.halted = true;
      pause_reason_ = command.reason;
      desk_->give_up_entries(out);
      break;
    case OperatorAction::clear_halt:
      if (!state_.halted) return;
      state_.halted = false;
      state_.paused = true;
      pause_reason_ = command.reason;
      break;
    case OperatorAction::close_position:
      desk_->close_position(command.instrument, ExitReason::close_all, now, out);
      return;
    case OperatorAction::close_all: {
      const bool at_end = command.reason == "end_of_data";
      desk_->close_all(at_end ? ExitReason::end_of_data : ExitReason::close_all, now, out);
      return;
    }
  }
  out.add(RunStateChanged{state_.paused, state_.halted, command.reason, command.actor});
}

}  // namespace aitrade
