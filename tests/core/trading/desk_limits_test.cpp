// What stops entries: limits, waiting times and the day's loss. Nothing here stops an exit.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Two pairs whose strategies listen to the same script.
struct TwoPairs : EngineRig {
  explicit TwoPairs(TradingRules rules) : EngineRig(std::move(rules), {spot(0), spot(1, "ETH")}) { warm(); }

  std::vector<Action> both(double volume) {
    auto out = close(flat(next, "100", volume), 0);
    auto more = close(flat(next, "100", volume), 1);
    ++next;
    const auto served = step(InstantClosed{}, minute(next));
    out.insert(out.end(), more.begin(), more.end());
    out.insert(out.end(), served.begin(), served.end());
    return out;
  }
};

Reason second_reason(const std::vector<Action>& actions) {
  const auto decisions = all<Decision>(actions);
  REQUIRE(decisions.size() == 2);
  CHECK(decisions[0].reason == Reason::entered);
  return decisions[1].reason;
}

void lose(EngineRig& rig, const char* price) {
  rig.enter();
  rig.fill(rig.stop, price, "2", "0", true);
  rig.step(OrderCanceled{rig.target.client_id, "on request"});
}

}  // namespace

TEST_CASE("desk: positions on their way count against the most at once", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.positions_max = 1;
  CHECK(second_reason(TwoPairs(rules).both(go_long)) == Reason::max_positions);
}

TEST_CASE("desk: a group of correlated pairs has its own cap", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.positions_per_group_max = 1;
  rules.groups = {"majors", "majors"};
  CHECK(second_reason(TwoPairs(rules).both(go_long)) == Reason::max_group);
  rules.groups = {"majors", "others"};
  CHECK(second_reason(TwoPairs(rules).both(go_long)) == Reason::entered);
  rules.groups.clear();
  CHECK(second_reason(TwoPairs(rules).both(go_long)) == Reason::entered);
}

TEST_CASE("desk: entries of one moment count against the most an hour", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.trades_per_hour_max = 1;
  CHECK(second_reason(TwoPairs(rules).both(go_long)) == Reason::trades_per_hour);
}

TEST_CASE("desk: pending entries use up the exposure", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.exposure_max = rate("0.03");  // 300 of 10000
  TwoPairs rig(rules);
  const auto orders = all<SubmitOrder>(rig.both(go_long));
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].order.quantity == qty("2"));
  CHECK(orders[1].order.quantity == qty("1"));
}

TEST_CASE("desk: the house limit binds when it is the smaller one", "[trading][desk]") {
  EngineSetup setup;
  setup.rules = script_rules();
  setup.house.exposure_max = rate("0.01");
  setup.instruments = {spot()};
  EngineRig rig;
  rig.engine = std::make_unique<Engine>(std::move(setup));
  AccountRestored account;
  account.cash = account.day_start_equity = account.peak_equity = usd("10000");
  account.day_start = midnight;
  rig.step(account, midnight);
  const auto orders = all<SubmitOrder>(rig.warm().tick(go_long));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.quantity == qty("1"));
}

TEST_CASE("desk: the day's loss blocks until the next day, at the exact border", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.daily_loss_max = rate("0.001");  // 10 of 10000
  EngineRig rig(rules);
  rig.warm();
  lose(rig, "98");  // -4 - 0.4
  CHECK(rig.portfolio().equity() == usd("9995.6"));
  lose(rig, "97.4");  // -5.2 - 0.4: -10 in all
  CHECK(rig.portfolio().equity() == usd("9990"));
  CHECK(reason_in(rig.tick(go_long)) == Reason::daily_loss);
  while (rig.next < 1'439) rig.tick();
  CHECK(reason_in(rig.tick(go_long)) == Reason::daily_loss);  // closes at midnight, belongs to the day
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
  CHECK(rig.engine->desk().day_start_equity() == usd("9990"));
}

TEST_CASE("desk: what was lost before a restart counts for the day [X27]", "[trading][desk]") {
  EngineRig rig;
  AccountRestored account;  // 2.9 % of the day's 10000 are gone; 3 % may be
  account.cash = usd("9704.3");
  account.day_start_equity = account.peak_equity = usd("10000");
  account.day_start = midnight;
  rig.step(account, midnight);
  rig.warm();
  lose(rig, "98.05");  // -3.9 - 0.4
  CHECK(rig.portfolio().equity() == usd("9700"));
  CHECK(reason_in(rig.tick(go_long)) == Reason::daily_loss);
}

TEST_CASE("desk: a loss that is still open counts for the day [X37]", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.daily_loss_max = rate("0.0003");  // 3 of 10000
  TwoPairs rig(rules);
  rig.enter();
  rig.close(flat(rig.next, "98.5"), 0);  // -3 - 0.4 unrealised
  const auto actions = rig.close(flat(rig.next, "100", go_long), 1);
  CHECK(reason_in(actions) == Reason::daily_loss);
}

TEST_CASE("desk: two months in a moment honour 600 seconds of waiting [X01]", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.pair_cooldown = seconds{600};
  EngineRig rig(rules);
  rig.warm();
  std::vector<Time> entries;
  constexpr std::int64_t two_months = 60 * 1'440;
  while (rig.next < two_months) {
    const auto orders = all<SubmitOrder>(rig.tick(go_long));
    rig.log.clear();
    if (orders.empty()) continue;
    entries.push_back(minute(rig.next));
    const auto protection = all<SubmitOrder>(rig.fill(orders[0].order, "100", "2", "0", true));
    rig.fill(protection[1].order, "100", "2", "0", true);
    rig.step(OrderCanceled{protection[0].order.client_id, "on request"});
  }
  REQUIRE(entries.size() > 8'000);
  for (std::size_t i = 1; i < entries.size(); ++i) REQUIRE(entries[i] - entries[i - 1] == minutes{10});
}

TEST_CASE("desk: a loss and a strategy's close make it wait in event time", "[trading][desk]") {
  TradingRules rules = script_rules();
  SECTION("loss") {
    rules.risk.loss_cooldown = minutes{15};
    EngineRig rig(rules);
    rig.warm();
    lose(rig, "98");
    const std::int64_t lost_at = rig.next;
    while (rig.next < lost_at + 14) CHECK(reason_in(rig.tick(go_long)) == Reason::cooldown_loss);
    CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
  }
  SECTION("strategy and side") {
    rules.strategies[0].cooldown = minutes{5};
    EngineRig rig(rules, {shortable()});
    rig.warm();
    lose(rig, "98");
    CHECK(reason_in(rig.tick(go_long)) == Reason::cooldown_strategy);
    CHECK(reason_in(rig.tick(go_short)) == Reason::entered);
  }
}

TEST_CASE("desk: quiet hours are of the candle's close in UTC", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.quiet_hours[1] = true;
  EngineRig rig(rules);
  rig.warm();
  while (rig.next < 59) rig.tick();
  CHECK(reason_in(rig.tick(go_long)) == Reason::quiet_hour);  // closes at 01:00
  while (rig.next < 119) rig.tick();
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);  // closes at 02:00
}

TEST_CASE("desk: without a book live entries are refused, a wide spread too [M4] [X28]", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.risk.book_required = true;
  EngineRig rig(rules);
  rig.warm();
  CHECK(reason_in(rig.tick(go_long)) == Reason::stale_feed);
  const auto book = [&](const char* bid, const char* ask) {
    rig.step(BookSummary{InstrumentId{0}, BookTop{px(bid), px(ask), qty("1"), qty("1"), 0}});
  };
  book("100", "100");  // locked: no spread
  CHECK(reason_in(rig.tick(go_long)) == Reason::stale_feed);
  book("99.9", "100.1");
  CHECK(reason_in(rig.tick(go_long)) == Reason::wide_spread);
  book("99.95", "100.05");
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}
