// An engine in the hand of a test, which plays the venue: every answer is given on purpose.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/trading/engine.h"
#include "tests/support/trading.h"

namespace aitrade::test {

/// The actions of one kind, in order.
template <class T>
std::vector<T> all(const std::vector<Action>& actions) {
  std::vector<T> out;
  for (const Action& action : actions) {
    if (const T* found = std::get_if<T>(&action)) out.push_back(*found);
  }
  return out;
}

class EngineRig {
 public:
  explicit EngineRig(TradingRules rules = script_rules(), std::vector<Instrument> pairs = {spot()},
                     const char* cash = "10000")
      : pairs_(pairs.size()) {
    EngineSetup setup;
    setup.rules = std::move(rules);
    setup.instruments = std::move(pairs);
    engine = std::make_unique<Engine>(std::move(setup));
    AccountRestored account;
    account.cash = account.day_start_equity = account.peak_equity = usd(cash);
    account.day_start = midnight;
    step(account, midnight);
  }

  /// Opens the feed and gives quiet candles until the strategies may speak.
  EngineRig& warm() {
    step(FeedUp{}, midnight);
    while (next < warm_bars) tick();
    return *this;
  }

  std::vector<Action> step(EventBody body, Time when) {
    Event event;
    event.at = event.when = when;
    event.body = std::move(body);
    ActionList actions;
    engine->step(event, actions);
    std::vector<Action> out(actions.begin(), actions.end());
    log.insert(log.end(), out.begin(), out.end());
    return out;
  }

  std::vector<Action> step(EventBody body) { return step(std::move(body), minute(next)); }

  std::vector<Action> close(const Candle& candle, std::uint32_t pair = 0, bool backfill = false) {
    return step(CandleClosed{InstrumentId{pair}, candle, backfill}, candle.close_time());
  }

  /// A flat candle for every pair at the next minute, and the end of that instant where there are several; `volume` goes to pair 0.
  std::vector<Action> tick(double volume = quiet, const char* price = "100", bool backfill = false) {
    std::vector<Action> out;
    for (std::uint32_t i = 0; i < pairs_; ++i) {
      auto some = close(flat(next, price, i == 0 ? volume : quiet), i, backfill);
      out.insert(out.end(), some.begin(), some.end());
    }
    ++next;
    if (pairs_ > 1) {
      auto some = step(InstantClosed{}, minute(next));
      out.insert(out.end(), some.begin(), some.end());
    }
    return out;
  }

  std::vector<Action> accept(const Order& order) {
    return step(OrderAccepted{order.client_id, "V" + std::to_string(order.client_id.sequence)});
  }

  std::vector<Action> fill(const Order& order, const char* price, const char* quantity,
                           const char* fee = "0", bool is_last = false, std::string id = {}) {
    Fill f;
    f.venue_fill_id = id.empty() ? "F" + std::to_string(++fills_) : id;
    f.client_id = order.client_id;
    f.instrument = order.instrument;
    f.side = order.side;
    f.price = px(price);
    f.quantity = qty(quantity);
    f.fee = usd(fee);
    f.venue_time = minute(next);
    return step(OrderFilled{f, is_last});
  }

  /// Signals long (or short) at 100, fills the entry whole at 100 and accepts the protection.
  void enter(double volume = go_long) {
    const auto orders = all<SubmitOrder>(tick(volume));
    REQUIRE(orders.size() == 1);
    entry = orders[0].order;
    accept(entry);
    const auto protection = all<SubmitOrder>(fill(entry, "100", "2", "0.4", true));
    REQUIRE(protection.size() == 2);
    stop = protection[0].order;
    target = protection[1].order;
    accept(stop);
    accept(target);
  }

  std::vector<Action> command(OperatorAction action, const char* reason = "test") {
    return step(OperatorCommand{action, "cli:1000", reason});
  }

  [[nodiscard]] const Portfolio& portfolio() const { return engine->desk().portfolio(); }

  [[nodiscard]] const Position& position(std::uint32_t pair = 0) const {
    return portfolio().at(InstrumentId{pair});
  }

  [[nodiscard]] const Orders& orders() const { return engine->desk().orders(); }

  std::unique_ptr<Engine> engine;
  std::int64_t next{0};      // minute of the next candle
  Order entry, stop, target;  // of the last enter()
  std::vector<Action> log;

 private:
  std::size_t pairs_;
  int fills_{0};
};

/// The reason of the only decision in `actions`.
inline Reason reason_in(const std::vector<Action>& actions) {
  const auto decisions = all<Decision>(actions);
  REQUIRE(decisions.size() == 1);
  return decisions[0].reason;
}

}  // namespace aitrade::test
