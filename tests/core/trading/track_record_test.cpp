// What closed trades say: exact windows, ruin, edge and skill (R1, R2, X39).
#include "core/trading/track_record.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

TradeResult result(const char* pnl, double r, std::uint16_t strategy = 0) {
  TradeResult out;
  out.pnl = usd(pnl);
  out.r = r;
  out.lead = StrategyId{strategy};
  out.voters.shares[0] = {StrategyId{strategy}, 1};
  out.voters.count = 1;
  return out;
}

}  // namespace

TEST_CASE("track record: a million results cost no memory, and sums are those of the window [R1]") {
  TrackRecord record;
  Random random(11);
  std::vector<TradeResult> all;
  for (int i = 0; i < 1'000'000; ++i) {
    TradeResult one = result("0", random.normal());
    one.pnl = Money::from_raw(static_cast<std::int64_t>(random.below(2'000'000'000)) - 1'000'000'000);
    record.add(one);
    if (i >= 1'000'000 - static_cast<int>(TrackRecord::capacity)) all.push_back(one);
  }
  CHECK(record.size() == static_cast<int>(TrackRecord::capacity));
  Money net;
  int wins = 0;
  double r = 0;
  for (const TradeResult& one : all) {
    net += one.pnl;
    wins += one.pnl.is_positive() ? 1 : 0;
    r += static_cast<double>(std::llround(one.r * 1e6)) / 1e6;
  }
  CHECK(record.net() == net);
  CHECK(record.wins() == wins);
  CHECK(record.mean_r() == Approx(r / static_cast<double>(TrackRecord::capacity)));
}

TEST_CASE("track record: ruin below fifty trades is insufficient data, at fifty losses it is one [R2] [X39]") {
  TrackRecord record;
  for (int i = 0; i < 49; ++i) record.add(result("-1", -1));
  CHECK(record.ruin(usd("1000"), 50).state == RuinState::insufficient_data);
  CHECK(record.ruin(usd("1000"), 50).probability == 0);
  record.add(result("-1", -1));
  CHECK(record.ruin(usd("1000"), 50).state == RuinState::one_sided);
  CHECK(record.ruin(usd("1000"), 50).probability == 1);
}

TEST_CASE("track record: only wins are one-sided the other way", "[trading][record]") {
  TrackRecord record;
  for (int i = 0; i < 60; ++i) record.add(result("1", 1));
  CHECK(record.ruin(usd("10"), 50).state == RuinState::one_sided);
  CHECK(record.ruin(usd("10"), 50).probability == 0);
}

TEST_CASE("track record: ruin follows the diffusion formula by hand", "[trading][record]") {
  TrackRecord record;
  for (int i = 0; i < 60; ++i) record.add(i % 2 == 0 ? result("3", 1) : result("-1", -1));
  // mean 1, sample variance 60 * 4 / 59: exp(-2 * 1 * 10 * 59 / 240)
  const Ruin ruin = record.ruin(usd("10"), 50);
  CHECK(ruin.state == RuinState::estimated);
  CHECK(ruin.probability == Approx(std::exp(-2.0 * 10 * 59 / 240)));
  TrackRecord losing;
  for (int i = 0; i < 60; ++i) losing.add(i % 2 == 0 ? result("1", 1) : result("-1.1", -1));
  CHECK(losing.ruin(usd("10"), 50).probability == 1);
}

TEST_CASE("track record: edge is shrunk, and no edge is negative", "[trading][record]") {
  TrackRecord record;
  CHECK(record.edge().trades == 0);
  CHECK(record.edge().payoff == Approx(1.5));
  for (int i = 0; i < 100; ++i) record.add(i % 2 == 0 ? result("2", 2) : result("-1", -1));
  const EdgeEstimate edge = record.edge();
  CHECK(edge.trades == 100);
  // Wilson at z = 1.28155: (0.5 + z2/200 - z sqrt(0.0025 + z2/40000)) / (1 + z2/100)
  CHECK(edge.win_rate_low == Approx(0.43644).epsilon(1e-4));
  CHECK(edge.payoff == Approx((100 * 2 + 50 * 1.5) / 150));
  CHECK(edge.kelly == Approx(edge.win_rate_low - (1 - edge.win_rate_low) / edge.payoff));
  CHECK(edge.kelly > 0);
  TrackRecord even;
  for (int i = 0; i < 100; ++i) even.add(i % 2 == 0 ? result("1", 1) : result("-1", -1));
  CHECK(even.edge().kelly < 0);
}

TEST_CASE("track record: skill is credited by share and shrunk", "[trading][record]") {
  TrackRecord record;
  CHECK(record.skill(StrategyId{0}) == 1);
  for (int i = 0; i < 30; ++i) {
    TradeResult shared = result(i % 3 == 0 ? "-1" : "2", i % 3 == 0 ? -1 : 2);
    shared.voters.shares = {};
    shared.voters.shares[0] = {StrategyId{0}, 0.75};
    shared.voters.shares[1] = {StrategyId{1}, 0.25};
    shared.voters.count = 2;
    record.add(shared);
  }
  // 22.5 and 7.5 credits with mean 1 and the same spread: t is above 2 for both, evidence n / (n + 30).
  CHECK(record.skill(StrategyId{0}) == Approx(1 + 22.5 / 52.5 * 0.4));
  CHECK(record.skill(StrategyId{1}) > 1);
  CHECK(record.skill(StrategyId{1}) < record.skill(StrategyId{0}));
  CHECK(record.skill(StrategyId{2}) == 1);
}

TEST_CASE("track record: a result that is not finite counts as nothing and breaks nothing [CF3]") {
  TrackRecord record;
  for (int i = 0; i < 10; ++i) record.add(result("1", std::nan("")));
  CHECK(record.mean_r() == 0);
  CHECK(std::isfinite(record.skill(StrategyId{0})));
  CHECK(std::isfinite(record.edge().kelly));
}
