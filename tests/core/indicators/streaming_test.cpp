// Streaming equals a naive batch, no value depends on later bars, and what is not a number harms
// only its window.
#include "core/indicators/indicator_set.h"
#include "core/indicators/rolling.h"
#include "tests/core/indicators/naive.h"
#include "tests/core/indicators/series.h"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace aitrade::test {
namespace {

struct Pair {
  std::string name;
  Line line;
  naive::Values batch;
};

naive::Values each(const naive::Values& x, double (*f)(double)) {
  naive::Values out;
  for (const double v : x)
    out.push_back(f(v));
  return out;
}

/// Every column of a set that has all indicators, as many as there are.
struct Everything {
  Everything() : set(minutes(5)) {
    for (const Line line : {set.high(), set.low(), set.sma(20), set.ema(20), set.rma(20),
                            set.rsi(14), set.true_range(), set.atr(14), set.atr_pct(14),
                            set.roc_pct(10), set.trend_strength(20, 50), set.volume_ratio(20),
                            set.realized_vol(20), set.garman_klass(20), set.choppiness(14),
                            set.squeeze(20, 2, 20, 14, 1.5), set.squeeze_momentum(12)}) {
      lines.push_back(line);
    }
    add(set.adx(14));
    add(set.bollinger(20, 2));
    add(set.macd(12, 26, 9));
    add(set.stochastic(14, 3, 3));
    add(set.keltner(20, 14, 1.5));
    add(set.supertrend(10, 3));
    add(set.ichimoku(9, 26, 52));
    add(set.rolling_vwap(20));
    add(set.donchian(20));
    add(set.swings(5));
  }

  /// Every member of these structs is a Line.
  template <class Lines>
  void add(const Lines& group) {
    static_assert(sizeof(Lines) % sizeof(Line) == 0);
    const auto* first = reinterpret_cast<const Line*>(&group);
    lines.insert(lines.end(), first, first + sizeof(Lines) / sizeof(Line));
  }

  [[nodiscard]] naive::Values row() const {
    naive::Values out;
    for (const Line line : lines)
      out.push_back(line.last());
    return out;
  }

  IndicatorSet set;
  std::vector<Line> lines;
};

bool same(const naive::Values& a, const naive::Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

std::vector<Pair> averages_and_momentum(IndicatorSet& set, const std::vector<Bar>& bars) {
  using namespace naive;
  const Values close = of(bars, &Bar::close);
  const Values volume = of(bars, &Bar::volume);
  const Values line = minus(ema(close, 12, 26 - 12), ema(close, 26));
  const Values signal = ema(line, 9);
  const Values low = lowest(of(bars, &Bar::low), 14);
  const Values high = highest(of(bars, &Bar::high), 14);
  Values raw(bars.size(), nan_value), roc(bars.size(), nan_value);
  for (std::size_t t = 0; t < bars.size(); ++t) {
    raw[t] = 100 * (close[t] - low[t]) / (high[t] - low[t]);
    if (t >= 10) roc[t] = (close[t] - close[t - 10]) / close[t - 10];
  }
  const Values slow = ema(close, 50);
  Values strength = minus(ema(close, 20), slow);
  for (std::size_t t = 0; t < bars.size(); ++t)
    strength[t] /= slow[t];
  const MacdLines macd = set.macd(12, 26, 9);
  const StochasticLines stochastic = set.stochastic(14, 3, 3);
  return {{"sma", set.sma(20), sma(close, 20)},
          {"ema", set.ema(20), ema(close, 20)},
          {"rma", set.rma(20), rma(close, 20)},
          {"rsi", set.rsi(14), rsi(close, 14)},
          {"macd", macd.line, line},
          {"signal", macd.signal, signal},
          {"histogram", macd.histogram, minus(line, signal)},
          {"%K", stochastic.k, sma(raw, 3)},
          {"%D", stochastic.d, sma(sma(raw, 3), 3)},
          {"roc", set.roc_pct(10), roc},
          {"trend strength", set.trend_strength(20, 50), strength},
          {"volume ratio", set.volume_ratio(20), volume_ratio(volume, 20)}};
}

std::vector<Pair> volatility(IndicatorSet& set, const std::vector<Bar>& bars) {
  using namespace naive;
  const Values close = of(bars, &Bar::close);
  const Values range = atr(bars, 14);
  const Values mid = sma(close, 20);
  const Values deviation =
      each(windows(close, 20, squares), [](double v) { return std::sqrt(v / 20); });
  const Values average = ema(close, 20);
  const Values high = highest(of(bars, &Bar::high), 14);
  const Values low = lowest(of(bars, &Bar::low), 14);
  const Values path = sma(true_range(bars), 14);
  const std::size_t size = bars.size();
  Values upper(size), position(size), width(size), pct(size), kc_lower(size), kc_position(size);
  Values chop(size), returns(size, nan_value), gk(size);
  for (std::size_t t = 0; t < size; ++t) {
    upper[t] = mid[t] + 2 * deviation[t];
    position[t] = (close[t] - mid[t] + 2 * deviation[t]) / (4 * deviation[t]);
    width[t] = 4 * deviation[t] / mid[t];
    pct[t] = range[t] / close[t];
    kc_lower[t] = average[t] - 1.5 * range[t];
    kc_position[t] = (close[t] - kc_lower[t]) / (3 * range[t]);
    chop[t] = 100 * std::log10(14 * path[t] / (high[t] - low[t])) / std::log10(14);
    if (t > 0) returns[t] = std::log(close[t] / close[t - 1]);
    const double hl = std::log(bars[t].high / bars[t].low), co = std::log(close[t] / bars[t].open);
    gk[t] = 0.5 * hl * hl - (2 * std::log(2.0) - 1) * co * co;
  }
  constexpr auto annual = [](double v) { return std::sqrt(v * 525'600 / 5); };
  const Values realized = each(windows(returns, 20, squares), [](double v) { return v / 19; });
  const BollingerLines bands = set.bollinger(20, 2);
  const KeltnerLines channel = set.keltner(20, 14, 1.5);
  return {{"true range", set.true_range(), true_range(bars)},
          {"atr", set.atr(14), range},
          {"atr_pct", set.atr_pct(14), pct},
          {"bollinger mid", bands.mid, mid},
          {"bollinger upper", bands.upper, upper},
          {"bollinger position", bands.position, position},
          {"bollinger width", bands.width, width},
          {"keltner lower", channel.lower, kc_lower},
          {"keltner position", channel.position, kc_position},
          {"choppiness", set.choppiness(14), chop},
          {"realized vol", set.realized_vol(20), each(realized, annual)},
          {"garman klass", set.garman_klass(20), each(sma(gk, 20), annual)},
          {"donchian upper", set.donchian(14).upper, high},
          {"donchian lower", set.donchian(14).lower, low}};
}

std::vector<Pair> trend(IndicatorSet& set, const std::vector<Bar>& bars) {
  using namespace naive;
  const Adx batch = adx(bars, 14);
  const AdxLines lines = set.adx(14);
  const IchimokuLines cloud = set.ichimoku(9, 26, 52);
  const VwapLines vwap_lines = set.rolling_vwap(20);
  const Vwap vwap_batch = vwap(bars, 20);
  const SwingLines swings = set.swings(5);
  const Values close = of(bars, &Bar::close);
  Values a = midpoint(bars, 9);
  const Values kijun = midpoint(bars, 26);
  for (std::size_t t = 0; t < a.size(); ++t)
    a[t] = (a[t] + kijun[t]) / 2;
  return {{"adx", lines.adx, batch.adx},
          {"+di", lines.plus_di, batch.plus},
          {"-di", lines.minus_di, batch.minus},
          {"supertrend", set.supertrend(10, 3).line, supertrend(bars, 10, 3)},
          {"tenkan", cloud.tenkan, midpoint(bars, 9)},
          {"kijun", cloud.kijun, kijun},
          {"cloud a", cloud.cloud_a, delayed(a, 26)},
          {"cloud b", cloud.cloud_b, delayed(midpoint(bars, 52), 26)},
          {"chikou", cloud.chikou, minus(close, delayed(close, 26))},
          {"vwap", vwap_lines.vwap, vwap_batch.vwap},
          {"vwap deviation", vwap_lines.deviation, vwap_batch.deviation},
          {"squeeze", set.squeeze(20, 2, 20, 14, 1.5), squeeze(bars, 20, 2, 20, 14, 1.5)},
          {"squeeze momentum", set.squeeze_momentum(12), squeeze_momentum(bars, 12)},
          {"swing high", swings.high, last_swing(bars, 5, false)},
          {"swing low", swings.low, last_swing(bars, 5, true)}};
}

void compare(IndicatorSet& set, const std::vector<Bar>& bars, const std::vector<Pair>& pairs) {
  std::vector<int> different(pairs.size(), 0);
  for (std::size_t t = 0; t < bars.size(); ++t) {
    set.update(bars[t]);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const double found = pairs[i].line.last();
      const double expected = pairs[i].batch[t];
      const bool both_empty = std::isnan(found) && std::isnan(expected);
      // 1e-9 relative, and as much absolute for values that cross zero (prices are 1e4 here).
      const double limit = 1e-9 * std::max(1.0, std::fabs(expected));
      if (!both_empty && !(std::fabs(found - expected) <= limit)) ++different[i];
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    INFO(pairs[i].name);
    CHECK(different[i] == 0);
  }
}

}  // namespace

TEST_CASE("indicators: streaming equals a naive batch on 10,000 random bars") {
  const auto bars = random_series(10'000, 5);
  IndicatorSet set(minutes(5));

  SECTION("averages and momentum") {
    compare(set, bars, averages_and_momentum(set, bars));
  }
  SECTION("volatility") {
    compare(set, bars, volatility(set, bars));
  }
  SECTION("trend, volume and swings") {
    compare(set, bars, trend(set, bars));
  }
}

TEST_CASE("indicators: the extremes of any window equal its greatest and least value") {
  Random random(15);
  naive::Values x;
  for (int t = 0; t < 3000; ++t) {
    const double step = std::floor(5 * random.uniform());  // few values, so that many are equal
    x.push_back(random.below(200) == 0 ? nan_value : step + (t / 500 % 2 == 0 ? t : -t));
  }
  for (const int n : {1, 2, 3, 4, 5, 7, 8, 16, 17, 100}) {
    INFO(n);
    SlidingMax high(n);
    SlidingMin low(n);
    const auto highest = naive::highest(x, n);
    const auto lowest = naive::lowest(x, n);
    int different = 0;
    for (std::size_t t = 0; t < x.size(); ++t) {
      if (!same({high.update(x[t]), low.update(x[t])}, {highest[t], lowest[t]})) ++different;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("indicators: appending bars changes no earlier value") {
  const auto bars = random_series(600, 6);
  std::vector<naive::Values> whole;
  Everything all;
  for (const Bar& bar : bars) {
    all.set.update(bar);
    whole.push_back(all.row());
  }
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{60}, std::size_t{137}, std::size_t{400}}) {
    Everything prefix;
    for (std::size_t t = 0; t < length; ++t)
      prefix.set.update(bars[t]);
    CHECK(same(prefix.row(), whole[length - 1]));
  }
}

TEST_CASE("indicators: after a reset the columns are those of a new set") {
  const auto bars = random_series(400, 8);
  Everything used;
  Everything fresh;
  for (std::size_t t = 0; t < 200; ++t)
    used.set.update(bars[t]);
  used.set.reset();
  CHECK(used.set.bars() == 0);
  for (const Line line : used.lines)
    CHECK(std::isnan(line.last()));
  for (std::size_t t = 200; t < 400; ++t) {
    used.set.update(bars[t]);
    fresh.set.update(bars[t]);
    CHECK(same(used.row(), fresh.row()));
  }
}

TEST_CASE("indicators: equal requests share a column and the largest history wins") {
  IndicatorSet set(minutes(1));
  const Line small = set.rsi(14);
  for (const Bar& bar : random_series(50, 9))
    set.update(bar);
  const double newest = small.last();
  const double older = small[7];
  const Line large = set.rsi(14, 40);
  CHECK(small == large);
  CHECK_FALSE(small == set.rsi(15));
  CHECK(large.last() == newest);
  CHECK(large[7] == older);
  CHECK(std::isnan(large[8]));     // was not kept when it happened
  CHECK(std::isnan(large[1000]));  // is not kept at all
  for (const Bar& bar : random_series(50, 10))
    set.update(bar);
  CHECK(std::isfinite(large[39]));
}

TEST_CASE("indicators: a value that is not finite harms its window and nothing after it") {
  const double bad =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  const auto field = GENERATE(&Bar::open, &Bar::high, &Bar::low, &Bar::close, &Bar::volume);
  auto bars = random_series(500, 11);
  bars[200].*field = bad;
  Everything all;
  const std::size_t swings = 8;  // columns at the end that wait for the next swing, however long
  for (std::size_t t = 0; t < bars.size(); ++t) {
    all.set.update(bars[t]);
    const auto row = all.row();
    if (t >= 200 + 110) {
      for (std::size_t i = 0; i + swings < row.size(); ++i)
        CHECK(std::isfinite(row[i]));
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      INFO("column " << i << " at " << t);
      CHECK_FALSE(std::isinf(row[i]));
    }
  }
}

TEST_CASE("indicators: windows recover on exactly the bar on which the bad value leaves") {
  auto bars = random_series(200, 12);
  bars[100].close = nan_value;
  IndicatorSet set(minutes(1));
  const Line sma = set.sma(20);
  const Line mid = set.bollinger(20, 2).mid;
  const Line ema = set.ema(20);
  const Line rsi = set.rsi(14);
  for (std::size_t t = 0; t < bars.size(); ++t) {
    set.update(bars[t]);
    const bool is_hurt = t >= 100 && t < 120;
    if (t < 20) continue;
    CHECK(std::isnan(sma.last()) == is_hurt);
    CHECK(std::isnan(mid.last()) == is_hurt);
    CHECK(std::isnan(ema.last()) == is_hurt);                // seeded anew from 20 values
    CHECK(std::isnan(rsi.last()) == (t >= 100 && t < 115));  // 14 moves from bar 101 on
  }
}

TEST_CASE("indicators: a flat market gives the values the specification names") {
  IndicatorSet set(minutes(1));
  const BollingerLines bands = set.bollinger(20, 2);
  const KeltnerLines channel = set.keltner(20, 14, 1.5);
  const Line rsi = set.rsi(14), chop = set.choppiness(14), volume = set.volume_ratio(20);
  const Line vwap = set.rolling_vwap(20).vwap, realized = set.realized_vol(20);
  const AdxLines adx = set.adx(14);
  const StochasticLines stochastic = set.stochastic(14, 3, 3);
  // Long enough for decaying averages to reach the numbers where denormals would begin.
  for (const Bar& bar : random_series(100, 13))
    set.update(bar);
  for (const Bar& bar : flat_series(20'000, 0.1, 0))
    set.update(bar);
  CHECK(rsi.last() == 50);
  CHECK(bands.position.last() == 0.5);
  CHECK(bands.width.last() == 0);
  CHECK(bands.mid.last() == 0.1);
  CHECK(channel.position.last() == 0.5);
  CHECK(adx.adx.last() == 0);
  CHECK(adx.plus_di.last() == 0);
  CHECK(stochastic.k.last() == Approx(50));
  CHECK(realized.last() == 0);
  CHECK(std::isnan(chop.last()));
  CHECK(std::isnan(volume.last()));  // no volume to compare with
  CHECK(std::isnan(vwap.last()));
}

TEST_CASE("indicators: a giant value that left leaves no trace") {
  auto bars = random_series(300, 14);
  auto calm = bars;
  bars[100].volume = 1e18;
  bars[100].close *= 1000;
  bars[100].high *= 1000;
  IndicatorSet set(minutes(1));
  IndicatorSet reference(minutes(1));
  const auto columns = [](IndicatorSet& s) {
    return std::vector<Line>{s.sma(20),
                             s.bollinger(20, 2).upper,
                             s.volume_ratio(20),
                             s.rolling_vwap(20).vwap,
                             s.rolling_vwap(20).deviation,
                             s.realized_vol(20),
                             s.bollinger(20, 2).position,
                             s.squeeze_momentum(10)};
  };
  const auto found = columns(set);
  const auto expected = columns(reference);
  for (std::size_t t = 0; t < bars.size(); ++t) {
    set.update(bars[t]);
    reference.update(calm[t]);
    if (t <= 122) continue;
    for (std::size_t i = 0; i < found.size(); ++i) {
      INFO(i << " at " << t);
      CHECK(found[i].last() == Approx(expected[i].last()).epsilon(1e-9));
    }
  }
}

TEST_CASE("indicators: a plateau is one swing, known only when confirmed") {
  IndicatorSet set(minutes(1));
  const SwingLines swings = set.swings(2);
  const double highs[] = {1, 2, 3, 5, 5, 5, 3, 2, 1, 2, 3};
  std::vector<double> age;
  for (const double h : highs) {
    set.update(Bar{Time{}, h, h, h - 0.5, h, 1, false});
    age.push_back(swings.high_age.last());
  }
  CHECK(std::isnan(age[4]));
  CHECK(age[5] == 2);   // bar 3: the first of the plateau, known two bars later
  CHECK(age[10] == 7);  // and the only one
  CHECK(swings.high.last() == 5);
  CHECK(std::isnan(swings.previous_high.last()));
  CHECK(swings.low.last() == 0.5);  // bar 8
  CHECK(swings.low_age.last() == 2);
}

}  // namespace aitrade::test
