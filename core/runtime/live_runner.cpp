#include "core/runtime/live_runner.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace aitrade {
namespace {

constexpr std::size_t turn_events_max = 256;        // bounds what a crash can make us do again
constexpr Duration idle_wait{milliseconds{100}};
constexpr std::int64_t view_interval_ns = 100'000'000;   // ten views a second
constexpr std::int64_t failure_limit_ns = 30'000'000'000;  // then the supervisor must know

std::int64_t monotonic_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

}  // namespace

LiveRunner::LiveRunner(const LiveParts& parts, LiveOptions options)
    : parts_(parts),
      options_(std::move(options)),
      builder_(parts.engine, options_.labels),
      session_(parts.engine, parts.venue, parts.journal, true, &builder_) {
  options_.outliers.resize(parts.engine.instruments().size());
  for (const Instrument& instrument : parts.engine.instruments()) {
    doors_.emplace_back(instrument.id, options_.gaps, options_.outliers[number(instrument.id)]);
  }
}

Status LiveRunner::open(std::vector<Event>&& events) {
  AITRADE_TRY_STATUS(session_.turn(events));
  const RunState& state = parts_.engine.state();
  parts_.venue.permit_entries(state.permits_entries());
  publish(true);
  return ok();
}

Status LiveRunner::run() {
  while (mailbox_.pop(letters_, turn_events_max, idle_wait)) {
    if (!letters_.empty()) AITRADE_TRY_STATUS(turn());
    progress_.fetch_add(1, std::memory_order_relaxed);
    publish(false);
  }
  publish(true);
  return ok();
}

Status LiveRunner::turn() {
  events_.clear();
  waiting_.clear();
  for (Letter& letter : letters_) AITRADE_TRY_STATUS(take(letter));
  Status answer = session_.turn(events_);  // what is not on disk is not confirmed to anybody
  Status status = answer;
  if (answer) {
    ledger_ok_ = true;
  } else {
    status = after_failure(answer.error());
    if (status && ledger_ok_) answer = ok();
  }
  const RunState& state = parts_.engine.state();
  parts_.venue.permit_entries(ledger_ok_ && state.permits_entries());   // before anybody is told
  if (!waiting_.empty()) publish(true);   // whoever waited finds the effect in the view
  for (const CommandDone& done : waiting_) done(answer);
  AITRADE_TRY_STATUS(std::move(status));
  note_latency();
  if (options_.acknowledge) options_.acknowledge(builder_.newest_decided());
  return ok();
}

/// Stamps a letter and passes candles through their door; one letter may become several events.
Status LiveRunner::take(Letter& letter) {
  Event& event = letter.event;
  if (event.at.ns == 0) event.at = parts_.clock.now();
  if (event.when.ns == 0) event.when = event.at;
  if (letter.done) waiting_.push_back(std::move(letter.done));
  const auto* closed = std::get_if<CandleClosed>(&event.body);
  if (closed == nullptr) {
    events_.push_back(std::move(event));
    return ok();
  }
  const CandleClosed letter_body = *closed;
  const auto pass_on = [&](EventBody body, Time when) {
    Event out;
    out.at = event.at;
    out.when = when;
    out.body = std::move(body);
    events_.push_back(std::move(out));
  };
  return doors_[number(letter_body.instrument)].push(
      letter_body.candle,
      [&](const Candle& c) {
        pass_on(CandleClosed{letter_body.instrument, c, letter_body.backfill}, c.close_time());
      },
      [&](const SeriesBroken& broken, Time when) { pass_on(broken, when); });
}

/// The turn is not on disk. Entries stop until an operator resumes; the journal keeps the turn and tries
/// again with the next. Exits go on meanwhile, but not for ever.
Status LiveRunner::after_failure(Error error) {
  const bool can_wait = error.code == ErrorCode::full || error.code == ErrorCode::busy;
  if (!can_wait) return error;
  if (ledger_ok_) {
    ledger_ok_ = false;
    failing_since_ns_ = monotonic_ns();
    parts_.notifier.notify(Notify{Notify::Level::critical, "ledger cannot be written: " + error.what});
    Event pause;
    pause.at = pause.when = parts_.clock.now();
    pause.body = OperatorCommand{OperatorAction::pause, "system", "ledger_not_writable"};
    static_cast<void>(session_.turn(std::span(&pause, 1)));  // waits in the journal with the rest
  }
  ledger_ok_ = session_.retry_commit().has_value();
  if (ledger_ok_ || monotonic_ns() - failing_since_ns_ < failure_limit_ns) return ok();
  return error;
}

/// How long the letters of this turn took from their arrival to its end. What the journal flushed meanwhile, for this
/// turn or those they waited behind, is the disk's time and not counted.
void LiveRunner::note_latency() {
  const std::int64_t now = monotonic_ns();
  flushes_.add(session_.flush());
  for (const Letter& letter : letters_) {
    loop_latency_.record(Duration{now - letter.arrived_ns} - flushes_.waited_since(letter.arrived_ns));
  }
}

void LiveRunner::publish(bool now) {
  const std::int64_t clock = monotonic_ns();
  if (!now && clock - published_ns_ < view_interval_ns) return;
  published_ns_ = clock;
  ViewMoment moment;
  moment.now = parts_.clock.now();
  moment.state = state_.load(std::memory_order_relaxed);
  const RunState& state = parts_.engine.state();
  if (moment.state == "running" && state.halted) moment.state = "halted";
  if (moment.state == "running" && state.paused) moment.state = "paused";
  moment.ledger_ok = ledger_ok_;
  bool warm = true;
  for (const Instrument& i : parts_.engine.instruments()) warm = warm && parts_.engine.desk().is_warm(i.id);
  {
    const std::lock_guard lock(shown_mutex_);
    moment.entries_held = held_;
    moment.order_latency = order_latency_;
    moment.flush_latency = flush_latency_;
  }
  moment.loop_latency = loop_latency_.summary();
  moment.ready = ledger_ok_ && warm && state.feed_up && !state.halted && moment.entries_held.empty() &&
                 (moment.state == "running" || moment.state == "paused");
  // A daemon is none the less ready for a tenant that may not trade.
  if (moment.entries_held.empty()) moment.entries_held = parts_.engine.hold_reason();
  moment.progress = progress();
  parts_.board.publish(builder_.build(moment));
}

}  // namespace aitrade
