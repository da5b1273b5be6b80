// Several pairs want to enter at one instant and not all can: the better one gets the slot.
#include <catch2/catch.hpp>

#include "core/trading/risk.h"
#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

// "BTC/USD" < "ETH/USD" < "SOL/USD"
std::vector<Instrument> three_pairs() { return {spot(0, "SOL"), spot(1, "BTC"), spot(2, "ETH")}; }

/// Room for one position among pairs that all want in.
TradingRules one_slot() {
  TradingRules rules = script_rules();
  rules.risk.positions_max = 1;
  rules.risk.portfolio_risk_max = 1;
  rules.exits = {};
  return rules;
}

/// A strategy whose target lies as many tenths of a per cent away as the volume says: a better reward to risk.
class Reward final : public Strategy {
 public:
  explicit Reward(const Parameters& p) : parameters_(p) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    const double tenths = market.bar().volume - quiet;
    if (tenths <= 0) return {};
    Signal out = signal_of(1, market.bar().close, parameters_);
    out.target = market.bar().close * (1 + tenths / 1000);
    return out;
  }

 private:
  Parameters parameters_;
};

TradingRules reward_rules(int slots) {
  static const StrategyInfo info = info_of<Reward>("reward", Family::momentum);
  TradingRules rules = one_slot();
  rules.risk.positions_max = slots;
  rules.strategies = {choose(info)};
  return rules;
}

struct Offer {
  std::uint32_t pair;
  int tenths;   // of a per cent to the target
};

/// Closes one candle for each offer in this order, then the instant; returns the pairs that were entered,
/// best first.
std::vector<std::uint32_t> served(EngineRig& rig, const std::vector<Offer>& offers) {
  for (const Offer& offer : offers) {
    const auto actions = rig.close(flat(rig.next, "100", quiet + offer.tenths), offer.pair);
    CHECK(all<SubmitOrder>(actions).empty());   // nobody is served before all have spoken
    CHECK(all<Decision>(actions).empty());
  }
  ++rig.next;
  std::vector<std::uint32_t> out;
  for (const SubmitOrder& submit : all<SubmitOrder>(rig.step(InstantClosed{}, minute(rig.next)))) {
    out.push_back(number(submit.order.instrument));
  }
  return out;
}

using Pairs = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("ranking: the better entry gets the slot, whatever the order of arrival", "[trading][ranking]") {
  const std::vector<Offer> orders[] = {{{0, 30}, {1, 40}, {2, 50}}, {{2, 50}, {1, 40}, {0, 30}},
                                       {{1, 40}, {2, 50}, {0, 30}}, {{2, 50}, {0, 30}, {1, 40}}};
  for (const auto& offers : orders) {
    EngineRig one(reward_rules(1), three_pairs());
    one.warm();
    CHECK(served(one, offers) == Pairs{2});
    EngineRig two(reward_rules(2), three_pairs());
    two.warm();
    CHECK(served(two, offers) == Pairs{2, 1});
  }
}

TEST_CASE("ranking: equal entries go by the name of the pair", "[trading][ranking]") {
  EngineRig rig(reward_rules(1), three_pairs());
  rig.warm();
  CHECK(served(rig, {{0, 40}, {2, 40}, {1, 40}}) == Pairs{1});   // BTC
}

TEST_CASE("ranking: whoever was not served is refused with the rule that binds, once", "[trading][ranking]") {
  EngineRig rig(reward_rules(1), three_pairs());
  rig.warm();
  rig.log.clear();
  served(rig, {{0, 30}, {1, 50}, {2, 40}});
  const auto decisions = all<Decision>(rig.log);
  REQUIRE(decisions.size() == 3);
  CHECK(decisions[0].instrument == InstrumentId{1});
  CHECK(decisions[0].reason == Reason::entered);
  CHECK(decisions[1].instrument == InstrumentId{2});
  CHECK(decisions[1].reason == Reason::max_positions);
  CHECK(decisions[2].reason == Reason::max_positions);
  CHECK(decisions[0].score > decisions[1].score);
  CHECK(decisions[1].score > decisions[2].score);
  CHECK(decisions[2].score > 0);
  const auto& counts = rig.engine->desk().reason_counts();
  CHECK(counts[static_cast<std::size_t>(Reason::max_positions)] == 2);
  CHECK(counts[static_cast<std::size_t>(Reason::entered)] == 1);
}

TEST_CASE("ranking: what the first one takes is gone for the second", "[trading][ranking]") {
  TradingRules rules = reward_rules(5);
  SECTION("cash") {
    rules.risk.position_max = usd("10000");
    rules.risk.exposure_max = rate("1");
    rules.risk.risk_per_trade = rate("0.5");
    rules.risk.kelly_cap = 1;
    EngineRig rig(rules, three_pairs());
    rig.warm();
    CHECK(served(rig, {{0, 40}, {1, 50}}) == Pairs{1});
  }
  SECTION("portfolio heat: an entry on its way counts") {
    rules.risk.portfolio_risk_max = 0.0005;   // of 10000: 5; one entry of 2 units risks 4
    EngineRig rig(rules, three_pairs());
    rig.warm();
    const auto first = served(rig, {{0, 40}, {1, 50}});
    REQUIRE(first.size() == 2);
    CHECK(first[0] == 1);
    const Money second = notional(px("100"), rig.orders().find(InstrumentId{0}, OrderRole::entry)->order.quantity,
                                  Rounding::down);
    CHECK(second < usd("100"));   // what heat left, not the 200 of position_max
  }
}

TEST_CASE("ranking: a pause between the candles and the end of their instant stops entries", "[trading][ranking]") {
  EngineRig rig(reward_rules(3), three_pairs());
  rig.warm();
  rig.close(flat(rig.next, "100", quiet + 40), 0);
  rig.command(OperatorAction::pause);
  const auto actions = rig.step(InstantClosed{}, minute(rig.next + 1));
  CHECK(all<SubmitOrder>(actions).empty());
  CHECK(reason_in(actions) == Reason::paused);
}

TEST_CASE("ranking: the end of an earlier instant does not serve a later one", "[trading][ranking]") {
  EngineRig rig(reward_rules(3), three_pairs());
  rig.warm();
  rig.close(flat(rig.next, "100", quiet + 40), 0);
  CHECK(rig.step(InstantClosed{}, minute(rig.next)).empty());
  CHECK(rig.engine->desk().waiting_since() == minute(rig.next + 1));
  CHECK(all<SubmitOrder>(rig.step(InstantClosed{}, minute(rig.next + 1))).size() == 1);
  CHECK_FALSE(rig.engine->desk().waiting_since());
}

TEST_CASE("ranking: one pair alone never waits", "[trading][ranking]") {
  EngineRig rig;
  CHECK(all<SubmitOrder>(rig.warm().tick(go_long)).size() == 1);
}

TEST_CASE("ranking: the score is the expected value, less where the book is thin or the signal old",
          "[trading][ranking]") {
  CHECK(Risk::opportunity(0.4, std::nullopt, 1000, 1) == Approx(0.4));
  CHECK(Risk::opportunity(0.4, 3000, 1000, 1) == Approx(0.4));
  CHECK(Risk::opportunity(0.4, 9000, 1000, 1) == Approx(0.4));
  CHECK(Risk::opportunity(0.4, 1500, 1000, 1) == Approx(0.2));
  CHECK(Risk::opportunity(0.4, 0, 1000, 1) == Approx(0));
  CHECK(Risk::opportunity(0.4, 3000, 1000, 0.25) == Approx(0.1));
  CHECK(Risk::opportunity(0.4, 3000, 1000, -1) == 0);
}

TEST_CASE("ranking: a pair with a thin book gives way", "[trading][ranking]") {
  EngineRig rig(reward_rules(1), three_pairs());
  rig.warm();
  BookSummary thin{InstrumentId{2}, BookTop{px("99.99"), px("100.01"), qty("1"), qty("1"), 0}};
  thin.analysis.emplace();
  thin.analysis->depth_ask = 60;    // 200 wanted: a tenth of what is comfortable
  thin.analysis->depth_bid = 1e6;
  rig.step(thin, minute(rig.next + 1));
  CHECK(served(rig, {{2, 60}, {1, 40}}) == Pairs{1});
}
