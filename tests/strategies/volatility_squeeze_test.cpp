// volatility_squeeze against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct SqueezeRule : Past {
  static constexpr std::size_t conditions = 4;
  static constexpr std::size_t n = 12;

  SqueezeRule(Rig& rig, bool with_roc)
      : bands(rig.set.bollinger(20, 2.0)),
        channel(rig.set.keltner(20, 14, 1.5)),
        roc(rig.set.roc_pct(12)),
        atr(rig.set.atr(14)),
        use_roc(with_roc) {}

  void see(const Bar& bar) {
    Past::see(bar);
    previous_run = run;
    const bool inside = bands.upper[0] < channel.upper[0] && bands.lower[0] > channel.lower[0];
    run = inside ? run + 1 : 0;
    momentum.push_back(use_roc ? roc[0] : regression());
  }

  /// Close less the mean of midrange and average, `k` bars ago.
  [[nodiscard]] double detrended(std::size_t k) const {
    double high = ago(k).high;
    double low = ago(k).low;
    double sum = 0;
    for (std::size_t i = k; i < k + n; ++i) {
      high = std::max(high, ago(i).high);
      low = std::min(low, ago(i).low);
      sum += ago(i).close;
    }
    return ago(k).close - ((high + low) / 2 + sum / double(n)) / 2;
  }

  /// Least squares in the textbook form; x counts back from the newest, so the line is read at 0.
  [[nodiscard]] double regression() const {
    if (bars.size() < 2 * n) return 0;
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double x = double(i);
      const double y = detrended(i);
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const double count = double(n);
    const double slope = (count * sxy - sx * sy) / (count * sxx - sx * sx);
    return (sy - slope * sx) / count;
  }

  [[nodiscard]] double m(std::size_t k) const { return momentum[momentum.size() - 1 - k]; }

  // released, sign, rising, out or positive before
  [[nodiscard]] std::array<bool, 4> long_holds() const {
    return {run == 0 && previous_run >= 5, m(0) > 0, m(0) > m(1) && m(1) > m(2),
            ago(0).close > std::max(bands.upper[0], channel.upper[0]) || m(1) > 0};
  }

  [[nodiscard]] std::array<bool, 4> short_holds() const {
    return {run == 0 && previous_run >= 5, m(0) < 0, m(0) < m(1) && m(1) < m(2),
            ago(0).close < std::min(bands.lower[0], channel.lower[0]) || m(1) < 0};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    double s = 0.50 + (previous_run >= 8 ? 0.15 : 0.08);
    double c = 0.45 + (previous_run >= 8 ? 0.10 : 0.05);
    const double bend = m(0) - 2 * m(1) + m(2);
    if (for_long ? bend > 0 : bend < 0) {
      s += 0.10;
      c += 0.08;
    }
    if (for_long ? ago(0).close > bands.mid[0] : ago(0).close < bands.mid[0]) c += 0.05;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.5, 4.0);
  }

  BollingerLines bands;
  KeltnerLines channel;
  Line roc, atr;
  bool use_roc;
  int run{0}, previous_run{0};
  std::vector<double> momentum;
};

}  // namespace

TEST_CASE(
    "volatility_squeeze: enters exactly when every condition holds, with the scores of the rule") {
  const bool use_roc = GENERATE(false, true);
  Rig rig("volatility_squeeze", {{"use_roc", use_roc ? 1 : 0}});
  SqueezeRule rule(rig, use_roc);
  const auto run = run_beside(rig, rule, spells(200'000, 65));
  CHECK(run.longs.entries > 50);
  CHECK(run.shorts.entries > 50);
  for (const std::size_t i :
       {0U, 2U, 3U}) {  // a wrong sign that still rises is out of neither band
    INFO("condition " << i);
    CHECK(run.longs.only_failure[i] > 0);
    CHECK(run.shorts.only_failure[i] > 0);
  }
}

}  // namespace aitrade::test
