#include "core/runtime/sim_runner.h"

#include <optional>
#include <type_traits>
#include <utility>

namespace aitrade {
namespace {

/// Volume of the candle made up to close what is left at the end: never a limit.
constexpr double endless_volume = 1e15;

}  // namespace

SimRunner::SimRunner(SimSetup setup, Journal& journal, StepObserver* steps, MarkObserver* marks)
    : setup_(std::move(setup)),
      engine_(setup_.engine),
      venue_(SimVenue(setup_.engine.instruments, setup_.models, setup_.cash)),
      session_(engine_, venue_, journal, setup_.keep_decisions, steps),
      marks_(marks),
      newest_(setup_.engine.instruments.size()) {
  setup_.outliers.resize(setup_.engine.instruments.size());
  for (const Instrument& instrument : setup_.engine.instruments) {
    doors_.emplace_back(instrument.id, setup_.gaps, setup_.outliers[number(instrument.id)]);
  }
  closing_cost_ = to_double(setup_.models.taker_fee + setup_.models.half_spread + setup_.models.slippage);
}

Status SimRunner::feed(EventBody&& body, Time when) {
  event_.at = event_.when = when;
  event_.body = std::move(body);
  return session_.turn(std::span(&event_, 1));
}

Status SimRunner::start(Time at) {
  AccountRestored account;
  account.cash = account.day_start_equity = account.peak_equity = setup_.cash;
  account.day_start = floor_to(at, hours{24});
  AITRADE_TRY_STATUS(feed(account, at));
  return feed(FeedUp{}, at);
}

Status SimRunner::feed(const CandleClosed& closed) {
  newest_[number(closed.instrument)] = closed.candle;
  *std::get_if<CandleClosed>(&candle_event_.body) = closed;
  candle_event_.at = candle_event_.when = closed.candle.close_time();
  AITRADE_TRY_STATUS(session_.turn(std::span(&candle_event_, 1)));
  if (marks_ != nullptr) mark(closed.candle, closed.instrument);
  return ok();
}

Status SimRunner::candle(InstrumentId instrument, const Candle& candle) {
  std::optional<Error> error;
  AITRADE_TRY_STATUS(doors_[number(instrument)].push(candle, false, [&](const auto& body, Time when) {
    if (error) return;
    Status status = ok();
    if constexpr (std::is_same_v<std::decay_t<decltype(body)>, CandleClosed>) {
      status = feed(body);
    } else {
      status = feed(EventBody{body}, when);
    }
    if (!status) error = std::move(status).error();
  }));
  if (error) return *std::move(error);
  return ok();
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
  if (!setup_.close_at_end || engine_.desk().portfolio().open_count() == 0) return ok();
  Time at;
  for (const Candle& c : newest_) at = std::max(at, c.close_time());
  OperatorCommand command;
  command.action = OperatorAction::close_all;
  command.actor = "system";
  command.reason = "end_of_data";
  AITRADE_TRY_STATUS(feed(std::move(command), at));
  for (const Instrument& instrument : setup_.engine.instruments) {
    Candle last = newest_[number(instrument.id)];
    if (!last.close.is_positive()) continue;
    last.open = last.high = last.low = last.close;
    last.open_time = at;
    last.volume = endless_volume;
    last.synthetic = true;
    AITRADE_TRY_STATUS(feed(CandleClosed{instrument.id, last, true}));
  }
  return ok();
}

}  // namespace aitrade
