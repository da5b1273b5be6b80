// Exits in stages: what age does, parts that are closed on the way, and what a restart remembers of them.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// The scripted strategy holds 2 at 100 with its stop at 98 and its target at 104.
struct Held : EngineRig {
  explicit Held(TradingRules rules) : EngineRig(std::move(rules)) {
    warm();
    while (next < 60) quiet_bar();   // an ATR that is not zero
    enter();
  }

  std::vector<Action> quiet_bar(const char* close_price = "100") {
    auto out = close(bar(next, "100", "100.4", "99.6", close_price));
    ++next;
    return out;
  }

  std::vector<Price> target_moves(int bars) {
    std::vector<Price> moves;
    for (int i = 0; i < bars; ++i) {
      for (const ReplaceOrder& move : all<ReplaceOrder>(quiet_bar())) {
        if (move.client_id == target.client_id) {
          moves.push_back(move.limit);
          step(OrderReplaced{move.client_id, move.limit, {}, move.quantity});
        }
      }
    }
    return moves;
  }
};

TradingRules stagnant_rules() {
  TradingRules rules = script_rules();
  rules.exits.stagnation = true;
  rules.risk.cost = rate("0.001");
  return rules;
}

TradingRules tier_rules() {
  TradingRules rules = script_rules();
  rules.exits.tiers = {{0.5, 1.0}, {0.6, 1.5}, {1.0, 0.0}};
  return rules;
}

}  // namespace

TEST_CASE("desk: a stagnant trade changes its target once at 30 bars and once at 45 [X11]") {
  Held rig(stagnant_rules());
  const auto moves = rig.target_moves(100);
  REQUIRE(moves.size() == 2);
  CHECK(moves[0] == px("102.4"));   // 0.6 of the way to 104
  CHECK(moves[1] == px("101.6"));   // 0.4 of the original way, not of the shortened one
  CHECK(rig.portfolio().open_count() == 1);
}

TEST_CASE("exits: a target that would not pay its costs, or is passed already, is left instead [X11]") {
  const TradingRules rules = stagnant_rules();
  Position p;
  p.direction = Direction::long_;
  p.entry = px("100");
  p.target = p.initial_target = px("102");
  p.atr_at_entry = 1;
  p.opened_at = midnight;
  const auto judge = [&](const char* close, Rate cost) {
    return judge_time(p, px(close), minute(30), minutes{1}, rules.exits, cost, spot());
  };
  CHECK(judge("100", rate("0.001")).target == px("101.2"));
  CHECK(judge("100", rate("0.012")).leave == ExitReason::stagnation);   // 1.2 % is less than 1.2 + 0.1
  p.atr_at_entry = 5;   // so much was expected that 1.3 % is nothing
  CHECK(judge("101.3", rate("0.001")).leave == ExitReason::stagnation);
  p.stages = 1;
  CHECK(judge("100", rate("0.012")).leave == ExitReason::none);   // said once
}

TEST_CASE("desk: a trade that makes its way keeps its target", "[trading][desk]") {
  Held rig(stagnant_rules());
  for (int i = 0; i < 60; ++i) {
    auto moves = all<ReplaceOrder>(rig.close(bar(rig.next, "101.5", "101.9", "101.2", "101.6")));
    ++rig.next;
    for (const ReplaceOrder& move : moves) CHECK(move.client_id != rig.target.client_id);
  }
}

TEST_CASE("desk: a position is left when it was held as long as it may be", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.exits.hold_max = minutes{20};
  Held rig(rules);
  int waited = 0;
  std::vector<SubmitOrder> exits;
  for (; waited < 40 && exits.empty(); ++waited) exits = all<SubmitOrder>(rig.quiet_bar());
  REQUIRE(exits.size() == 1);
  CHECK(waited == 20);
  const auto closed = all<TradeClosed>(rig.fill(exits[0].order, "100", "2", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].reason == ExitReason::time_limit);
}

TEST_CASE("desk: tiers are orders for 50, 30 and 20 per cent, in that order [X12]") {
  Held rig(tier_rules());
  CHECK(rig.target.quantity == qty("1"));
  CHECK(rig.target.limit == px("104"));
  const auto first = rig.fill(rig.target, "104", "1", "0", true);
  CHECK(all<TradeClosed>(first).empty());
  const auto second_orders = all<SubmitOrder>(first);
  REQUIRE(second_orders.size() == 1);
  const Order second = second_orders[0].order;
  CHECK(second.client_id.role == OrderRole::take_profit);
  CHECK(second.quantity == qty("0.6"));   // 60 % of what is left, 30 % of all
  CHECK(second.limit == px("106"));
  rig.accept(second);
  const auto stop_sizes = all<ReplaceOrder>(first);
  REQUIRE(stop_sizes.size() == 1);
  CHECK(stop_sizes[0].quantity == qty("1"));
  const auto last = rig.fill(second, "106", "0.6", "0", true);
  CHECK(all<SubmitOrder>(last).empty());   // the rest trails
  CHECK(rig.position().quantity == qty("0.4"));
  const auto closed = all<TradeClosed>(rig.fill(rig.stop, "103", "0.4", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].pnl == usd("8.4"));   // 4 + 3.6 + 1.2 less the entry's 0.4
  CHECK(closed[0].quantity == qty("2"));
}

TEST_CASE("desk: a rest too small to trade goes with the tier before it [X12]") {
  TradingRules rules = tier_rules();
  rules.exits.tiers = {{0.5, 1.0}, {0.9995, 1.5}, {1.0, 0.0}};
  Held rig(rules);
  const auto second = all<SubmitOrder>(rig.fill(rig.target, "104", "1", "0", true));
  REQUIRE(second.size() == 1);
  CHECK(second[0].order.quantity == qty("1"));   // 0.9995, and 0.0005 is below the minimum of 0.001
}

TEST_CASE("desk: a restart between tiers goes on with the next one [X12]") {
  Held before(tier_rules());
  before.fill(before.target, "104", "1", "0", true);
  const auto changes = all<PositionChanged>(before.log);
  REQUIRE(!changes.empty());
  const PositionChanged& p = changes.back();
  EngineRig after(tier_rules());
  PositionAdopted adopted;
  adopted.instrument = p.instrument;
  adopted.direction = p.direction;
  adopted.quantity = p.quantity;
  adopted.quantity_initial = p.quantity_initial;
  adopted.entry = p.entry;
  adopted.stop = p.stop;
  adopted.target = p.target;
  adopted.initial_stop = p.initial_stop;
  adopted.best_since_entry = p.best_since_entry;
  adopted.entry_fees = p.entry_fees;
  adopted.realized = p.realized;
  adopted.opened_at = p.opened_at;
  adopted.atr_at_entry = p.atr_at_entry;
  adopted.trade_number = p.trade_number;
  adopted.detail = p.detail;
  after.step(adopted, midnight);
  after.warm();
  const auto orders = all<SubmitOrder>(after.log);
  REQUIRE(orders.size() == 2);
  CHECK(orders[1].order.quantity == qty("0.6"));
  CHECK(orders[1].order.limit == px("106"));
  const auto closed = all<TradeClosed>(after.fill(orders[0].order, "98", "1", "0.1", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].fees == usd("0.5"));   // of the entry, 0.4, and of this exit: nothing was forgotten
}

TEST_CASE("desk: every strategy that agreed is credited with the trade [X29]") {
  TradingRules rules = script_rules();
  rules.single_strategy = false;
  rules.confluence.any_solo = true;
  rules.confluence.solo_confidence_min = 0;
  StrategyChoice second = rules.strategies[0];
  second.id = StrategyId{1};
  rules.strategies.push_back(second);
  for (StrategyChoice& choice : rules.strategies) choice.weight = 0.5;
  EngineRig rig(rules);
  rig.warm();
  rig.enter();
  const auto closed = all<TradeClosed>(rig.fill(rig.target, "104", "2", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].voters.count == 2);
  CHECK(closed[0].voters.shares[0].share + closed[0].voters.shares[1].share == Approx(1));
}

TEST_CASE("desk: a strategy whose trades are bad rests, and only for a while", "[trading][desk]") {
  TradingRules rules = script_rules();
  rules.guardrails.is_on = true;
  EngineRig rig(rules);
  rig.warm();
  TradesRestored past;
  for (int i = 0; i < 25; ++i) {
    TradeResult lost;
    lost.closed_at = minute(rig.next);
    lost.pnl = usd("-1");
    lost.r = -1;
    lost.voters.shares[0] = {StrategyId{0}, 1};
    lost.voters.count = 1;
    past.results.push_back(lost);
  }
  rig.step(past);
  CHECK(reason_in(rig.tick(go_long)) == Reason::no_votes);
  rig.next += 125;
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("desk: a thin book takes away and never adds [X31]") {
  TradingRules rules = script_rules();
  rules.risk.liquidity_sizing = true;
  const auto size_with = [&](double depth) {
    EngineRig rig(rules);
    rig.warm();
    BookSummary book;
    book.top.bid = px("99.99");
    book.top.ask = px("100.01");
    book.analysis.emplace();
    book.analysis->depth_ask = book.analysis->depth_bid = depth;
    rig.step(book, minute(rig.next + 1));
    const auto orders = all<SubmitOrder>(rig.tick(go_long));
    return orders.empty() ? Quantity{} : orders[0].order.quantity;
  };
  CHECK(size_with(1e9) == qty("2"));
  CHECK(size_with(600) == qty("2"));       // three times the size: deep enough
  CHECK(size_with(599) == qty("0.599"));   // a tenth of it
  CHECK(size_with(1) == Quantity{});
}
