#include "core/runtime/sim_runner.h"

#include <utility>

namespace aitrade {
namespace {

/// Volume of the candle made up to close what is left at the end: never a limit.
constexpr double endless_volume = 1e15;

}  // namespace

SimRunner::SimRunner(SimSetup setup, Journal& journal, StepObserver* steps, MarkObserver* marks)
    : setup_(std::move(setup)),
      engine_(setup_.engine),
      venue_(SimVenue(setup_.engine.instruments, setup_.models, setup_.cash), setup_.detail),
      session_(engine_, venue_, journal, setup_.keep_decisions, steps),
      marks_(marks) {
  setup_.outliers.resize(setup_.engine.instruments.size());
  for (const Instrument& instrument : setup_.engine.instruments) {
    doors_.emplace_back(instrument.id, setup_.gaps, setup_.outliers[number(instrument.id)]);
  }
  const VenueModels& models = setup_.models;
  closing_cost_ = to_double(models.taker_fee + models.half_spread_max() + models.slippage);
}

Status SimRunner::feed(EventBody&& body, Time when) {
  event_.at = event_.when = when;
  event_.body = std::move(body);
  return session_.turn(event_);
}

Status SimRunner::start(Time at) {
  AccountRestored account;
  account.cash = account.day_start_equity = account.peak_equity = setup_.cash;
  account.day_start = floor_to(at, hours{24});
  AITRADE_TRY_STATUS(feed(account, at));
  return feed(FeedUp{}, at);
}

Status SimRunner::feed(InstrumentId instrument, const Candle& candle) {
  auto* closed = std::get_if<CandleClosed>(&candle_event_.body);
  closed->instrument = instrument;
  closed->candle = candle;
  candle_event_.at = candle_event_.when = candle.close_time();
  Status status = session_.turn(candle_event_);
  if (marks_ != nullptr && status) mark(candle, instrument);
  if (engine_.state().paused && status) status = resume_if_due(candle.close_time());
  return status;
}

/// Plays the operator who looks at a breaker's pause some time later and lets entries start again.
Status SimRunner::resume_if_due(Time now) {
  if (paused_since_.ns == 0) {
    paused_since_ = now;
    ++pauses_;
  }
  if (setup_.resume_after.count() == 0 || now - paused_since_ < setup_.resume_after) return ok();
  paused_for_ += now - paused_since_;
  paused_since_ = Time{};
  OperatorCommand command;
  command.action = OperatorAction::resume;
  command.actor = "backtest";
  command.reason = "resumed after a breaker";
  return feed(std::move(command), now);
}

Status SimRunner::candle(InstrumentId instrument, const Candle& candle) {
  Status status = ok();
  AITRADE_TRY_STATUS(doors_[number(instrument)].push(
      candle,
      [&](const Candle& c) {
        if (status) status = feed(instrument, c);
      },
      [&](const SeriesBroken& broken, Time when) {
        if (status) status = feed(EventBody{broken}, when);
      }));
  return status;
}

Status SimRunner::let_in(InstrumentId instrument, const Candle& candle) {
  if (let_in_.empty()) let_in_.resize(doors_.size());
  let_in_[number(instrument)] = candle;
  return feed(instrument, candle);
}

Status SimRunner::broken(InstrumentId instrument, Time when) {
  return feed(SeriesBroken{instrument}, when);
}

void SimRunner::jump(std::size_t next, const Candle& newest) {
  AITRADE_CHECK(is_idle());
  engine_.jump(next, newest);
  const InstrumentId instrument = engine_.instruments().front().id;
  if (let_in_.empty()) let_in_.resize(doors_.size());
  let_in_[number(instrument)] = newest;
  if (marks_ != nullptr) mark(newest, instrument);   // equity did not move: one mark stands for all
}

const Candle& SimRunner::newest(InstrumentId instrument) const {
  return let_in_.empty() ? doors_[number(instrument)].newest() : let_in_[number(instrument)];
}

void SimRunner::mark(const Candle& candle, InstrumentId instrument) {
  const Portfolio& portfolio = engine_.desk().portfolio();
  Mark mark;
  mark.at = candle.close_time();
  mark.equity = to_double(portfolio.equity());
  if (portfolio.open_count() > 0) {
    mark.in_position = true;
    mark.gross_exposure = to_double(portfolio.gross_exposure());
    mark.equity -= mark.gross_exposure * closing_cost_;
    if (!setup_.models.borrow_daily.is_zero()) {
      for (const Instrument& i : setup_.engine.instruments) {
        mark.equity -= to_double(venue_.venue().borrow_owed(i.id, mark.at));
      }
    }
  }
  mark.worst_equity = mark.equity;
  if (const Position& p = portfolio.at(instrument); p.is_open()) {
    const Price worst = p.direction == Direction::long_ ? candle.close - candle.low
                                                        : candle.high - candle.close;
    mark.worst_equity -= to_double(worst) * to_double(p.quantity);
  }
  marks_->on_mark(mark);
}

Status SimRunner::finish() {
  if (const auto since = engine_.desk().waiting_since()) AITRADE_TRY_STATUS(feed(InstantClosed{}, *since));
  if (paused_since_.ns != 0) {
    Time end;
    for (const Instrument& i : setup_.engine.instruments) end = std::max(end, newest(i.id).close_time());
    paused_for_ += end - paused_since_;
  }
  if (!setup_.close_at_end || engine_.desk().portfolio().open_count() == 0) return ok();
  Time at;
  for (const Instrument& i : setup_.engine.instruments) at = std::max(at, newest(i.id).close_time());
  OperatorCommand command;
  command.action = OperatorAction::close_all;
  command.actor = "system";
  command.reason = "end_of_data";
  AITRADE_TRY_STATUS(feed(std::move(command), at));
  for (const Instrument& instrument : setup_.engine.instruments) {
    Candle last = newest(instrument.id);
    if (!last.close.is_positive()) continue;
    last.open = last.high = last.low = last.close;
    last.open_time = at;
    last.volume = endless_volume;
    last.synthetic = true;
    AITRADE_TRY_STATUS(feed(EventBody{CandleClosed{instrument.id, last, true}}, last.close_time()));
    if (marks_ != nullptr) mark(last, instrument.id);
  }
  return ok();
}

}  // namespace aitrade
