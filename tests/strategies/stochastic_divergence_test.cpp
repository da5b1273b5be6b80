// stochastic_divergence against its rule written out for both sides, as the specification states
// it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

const Rig::Settings loose{{"oversold", 35}, {"overbought", 65}};

struct StochasticRule : Past {
  static constexpr std::size_t conditions = 3;

  StochasticRule(Rig& rig, double zone)
      : lines(rig.set.stochastic(14, 3, 3)), atr(rig.set.atr(14)), limit(zone) {}

  void see(const Bar& bar) {
    Past::see(bar);
    ks.push_back(lines.k[0]);
  }

  [[nodiscard]] double k_ago(std::size_t k) const { return ks[ks.size() - 1 - k]; }

  [[nodiscard]] bool is_pivot(std::size_t k, bool low) const {
    const auto x = [&](std::size_t i) { return low ? ago(i).low : -ago(i).high; };
    return x(k) < x(k + 1) && x(k) < x(k + 2) && x(k) <= x(k - 1) && x(k) <= x(k - 2);
  }

  [[nodiscard]] bool diverges(bool for_long) const {
    std::size_t newer = 2;
    while (newer <= 5 && !is_pivot(newer, for_long))
      ++newer;
    if (newer > 5) return false;
    std::size_t older = newer + 1;
    while (older <= 20 && !is_pivot(older, for_long))
      ++older;
    if (older > 20) return false;
    return for_long ? ago(newer).low < ago(older).low && k_ago(newer) > k_ago(older)
                    : ago(newer).high > ago(older).high && k_ago(newer) < k_ago(older);
  }

  // zone, cross, divergence
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    return {lines.k[0] < limit, lines.k[1] <= lines.d[1] && lines.k[0] > lines.d[0],
            diverges(true)};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    return {lines.k[0] > 100 - limit, lines.k[1] >= lines.d[1] && lines.k[0] < lines.d[0],
            diverges(false)};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    double s = 0.45 + 0.20;
    double c = 0.40 + 0.20;
    if (for_long ? lines.k[0] < 10 : lines.k[0] > 90) {
      s += 0.10;
      c += 0.08;
    }
    if (std::fabs(lines.k[0] - lines.d[0]) > 3) c += 0.05;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.0);
  }

  StochasticLines lines;
  Line atr;
  double limit;
  std::vector<double> ks;
};

}  // namespace

TEST_CASE(
    "stochastic_divergence: enters exactly when every condition holds, with the scores of the "
    "rule") {
  Rig rig("stochastic_divergence", loose);
  StochasticRule rule(rig, 35);
  run_beside(rig, rule, spells(100'000, 66)).check_near_misses(50);
}

TEST_CASE("the stochastic strategy fires with its shipped parameters [X03]") {
  Rig rig("stochastic_divergence");
  StochasticRule rule(rig, 20);
  const auto run = run_beside(rig, rule, spells(200'000, 67));
  CHECK(run.longs.entries > 10);
  CHECK(run.shorts.entries > 10);
}

}  // namespace aitrade::test
