// The share of equity at risk: Kelly caps, factors only take away, and everything is explained.
#include "core/trading/risk_budget.h"

#include <catch2/catch.hpp>

#include "core/trading/volatility_state.h"
#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

BudgetInputs calm() { return {}; }

}  // namespace

TEST_CASE("budget: without history the fixed fraction stands", "[trading][budget]") {
  const RiskRules rules;
  CHECK(budget_risk(calm(), rules).risk == rules.risk_per_trade);
  CHECK(budget_risk(calm(), rules).product == 1);
}

TEST_CASE("budget: Kelly caps from fifty trades on, and no edge leaves a tenth, live nothing") {
  RiskRules rules;
  BudgetInputs in = calm();
  in.edge.trades = 49;
  in.edge.kelly = -0.2;
  CHECK(budget_risk(in, rules).risk == rules.risk_per_trade);
  in.edge.trades = 50;
  CHECK(budget_risk(in, rules).risk == rate("0.0005"));
  rules.is_live = true;
  CHECK(budget_risk(in, rules).risk.is_zero());
  CHECK(budget_risk(in, rules).reason == Reason::no_edge);
  in.edge.kelly = 0.012;
  CHECK(budget_risk(in, rules).risk == rate("0.003"));   // a quarter of it
  in.edge.kelly = 0.9;
  CHECK(budget_risk(in, rules).risk == rules.risk_per_trade);
}

TEST_CASE("budget: factors by the table, their product floored at a tenth and never above one") {
  const RiskRules rules;
  BudgetInputs in = calm();
  in.drawdown = 0.05;
  CHECK(budget_risk(in, rules).drawdown == 0.8);
  in.drawdown = 0.5;
  CHECK(budget_risk(in, rules).drawdown == 0.15);
  in.loss_run = 4;
  CHECK(budget_risk(in, rules).streak == Approx(0.7));
  in.spread = 0.005;
  CHECK(budget_risk(in, rules).spread == Approx(0.8));
  in.regime = Volatility::high;
  in.volatility = {0.9, true};
  CHECK(budget_risk(in, rules).volatility == Approx(0.36));
  in.correlation = 0.9;
  CHECK(budget_risk(in, rules).correlation == Approx(0.6));
  CHECK(budget_risk(in, rules).product == 0.1);
  CHECK(budget_risk(in, rules).risk == rate("0.0005"));
}

TEST_CASE("budget: heat leaves what it leaves", "[trading][budget]") {
  const RiskRules rules;
  BudgetInputs in = calm();
  in.heat_room = 0.002;
  CHECK(budget_risk(in, rules).risk == rate("0.002"));
  in.heat_room = 0;
  CHECK(budget_risk(in, rules).reason == Reason::portfolio_heat);
}

TEST_CASE("budget: no input sizes up", "[trading][budget][property]") {
  const RiskRules rules;
  Random random(8);
  for (int i = 0; i < 20'000; ++i) {
    BudgetInputs in;
    in.edge.trades = static_cast<int>(random.below(200));
    in.edge.kelly = random.normal();
    in.drawdown = random.uniform();
    in.loss_run = static_cast<int>(random.below(10));
    in.spread = 0.01 * random.uniform();
    in.regime = static_cast<Volatility>(random.below(4));
    in.volatility = {random.uniform(), random.below(2) == 0};
    in.correlation = 2 * random.uniform() - 1;
    in.heat_room = 0.03 * random.uniform();
    in.on_probation = random.below(2) == 0;
    const RiskBudget out = budget_risk(in, rules);
    REQUIRE(out.risk <= rules.risk_per_trade);
    REQUIRE(to_double(out.risk) <= in.heat_room);
    REQUIRE(out.product >= 0.1);
    REQUIRE(out.product <= 1);
  }
}

TEST_CASE("volatility state: a quiet market that wakes up is expanding and at the top", "[trading]") {
  Series series(minutes{1}, 128);
  for (int i = 0; i < 128; ++i) {
    const double size = i < 118 ? 0.1 : 2.0;
    series.bars.push(Bar{minute(i), 100, 100 + size, 100 - size, 100, 1, false});
    ++series.since_break;
  }
  const VolatilityState state = assess_volatility(series);
  CHECK(state.level == 1);
  CHECK(state.is_expanding);
  Series young(minutes{1}, 128);
  CHECK(assess_volatility(young).level == 0.5);
  CHECK_FALSE(assess_volatility(young).is_expanding);
}

TEST_CASE("desk: forty-nine losers say too little to stop anything, the fiftieth does [R2]", "[trading][budget]") {
  TradingRules rules = script_rules();
  rules.risk.position_max = usd("100000");
  rules.risk.ruin_probability_max = 0.05;
  const auto size_after = [&](int losers) {
    EngineRig rig(rules);
    TradesRestored past;
    for (int i = 0; i < losers; ++i) {
      TradeResult lost;
      lost.closed_at = midnight;
      lost.pnl = usd("-1");
      lost.r = -1;
      past.results.push_back(lost);
    }
    rig.step(past, midnight);
    rig.warm();
    CHECK(to_string(rig.engine->desk().ruin().state) == (losers < 50 ? "insufficient_data" : "one_sided"));
    const auto orders = all<SubmitOrder>(rig.tick(go_long));
    REQUIRE(orders.size() == 1);
    return orders[0].order.quantity;
  };
  CHECK(size_after(49) == size_after(0));
  CHECK(size_after(50) < size_after(0));
}

TEST_CASE("desk: fifty losers leave probation trades, then nothing until an operator looks [X33]") {
  TradingRules rules = script_rules();
  rules.risk.position_max = usd("100000");
  rules.risk.ruin_probability_max = 0.05;
  EngineRig rig(rules);
  TradesRestored past;
  for (int i = 0; i < 50; ++i) {
    TradeResult lost;
    lost.closed_at = midnight;
    lost.pnl = usd("-1");
    lost.r = -1;
    past.results.push_back(lost);
  }
  rig.step(past, midnight);
  rig.warm();
  CHECK(rig.engine->desk().ruin().probability == 1);
  const auto orders = all<SubmitOrder>(rig.tick(go_long));
  REQUIRE(orders.size() == 1);
  const Quantity small = orders[0].order.quantity;
  EngineRig fresh(rules);
  fresh.warm();
  const auto whole = all<SubmitOrder>(fresh.tick(go_long));
  REQUIRE(whole.size() == 1);
  CHECK(to_double(small) <= 0.11 * to_double(whole[0].order.quantity) + 0.001);
  rig.step(OrderCanceled{orders[0].order.client_id, "test"});
  // Three days later the probation is over.
  rig.next += 73 * 60;
  rig.tick();
  const auto last = rig.tick(go_long);
  CHECK(reason_in(last) == Reason::risk_of_ruin);
  CHECK(all<RunStateChanged>(last).size() == 1);
  rig.command(OperatorAction::resume);
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}
