// The golden numbers of trading-core.md 12, which were computed from the written definitions, and
// the first valid index of every column.
#include "core/indicators/indicator_set.h"
#include "tests/core/indicators/series.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace aitrade::test {
namespace {

struct Golden {
  const char* name;
  Line line;
  double at_40, at_80, at_119;  // NaN where there is none yet
};

/// Feeds the golden series and returns the newest value of `line` at index `t`.
double value_at(IndicatorSet& set, Line line, int t) {
  set.reset();
  for (const Bar& bar : golden_series(t + 1))
    set.update(bar);
  return line.last();
}

void check_close(double found, double expected) {
  if (std::isnan(expected)) {
    CHECK(std::isnan(found));
  } else {
    CHECK(found == Approx(expected).margin(1e-6).epsilon(0));
  }
}

}  // namespace

TEST_CASE("indicators: the golden series is the one of the specification") {
  const auto bars = golden_series();
  CHECK(bars[40].close == Approx(98.02727964).margin(1e-6));
  CHECK(bars[80].close == Approx(93.81397961).margin(1e-6));
  CHECK(bars[119].close == Approx(98.54980690).margin(1e-6));
  CHECK(bars[40].high == Approx(98.79665794).margin(1e-6));
  CHECK(bars[80].high == Approx(94.55110957).margin(1e-6));
  CHECK(bars[119].high == Approx(100.90571391).margin(1e-6));
  CHECK(bars[40].low == Approx(95.22571265).margin(1e-6));
  CHECK(bars[80].low == Approx(92.56602440).margin(1e-6));
  CHECK(bars[119].low == Approx(97.83276159).margin(1e-6));
}

TEST_CASE("indicators: all golden numbers to 1e-6") {
  IndicatorSet set(minutes(1));
  const AdxLines adx = set.adx(14);
  const BollingerLines bands = set.bollinger(20, 2.0);
  const MacdLines macd = set.macd(12, 26, 9);
  const StochasticLines stochastic = set.stochastic(14, 3, 3);
  const SupertrendLines supertrend = set.supertrend(10, 3.0);
  const IchimokuLines ichimoku = set.ichimoku(9, 26, 52);
  const VwapLines vwap = set.rolling_vwap(20);
  const std::vector<Golden> rows{
      {"sma20", set.sma(20), 95.82399104, 99.71284761, 106.41084904},
      {"ema20", set.ema(20), 96.49044819, 98.98452272, 104.31383447},
      {"rsi14", set.rsi(14), 52.84493495, 22.74799530, 24.66046248},
      {"atr14", set.atr(14), 2.40073652, 2.26492842, 2.34104430},
      {"adx14", adx.adx, 41.14296538, 42.35749962, 34.50809752},
      {"+di14", adx.plus_di, 22.53784839, 8.22387995, 10.25906213},
      {"-di14", adx.minus_di, 20.62211067, 29.73001136, 30.31539003},
      {"bollinger upper", bands.upper, 100.89256738, 107.90470511, 116.98786595},
      {"bollinger lower", bands.lower, 90.75541471, 91.52099011, 95.83383214},
      {"%B", bands.position, 0.71734788, 0.13995541, 0.12839040},
      {"macd", macd.line, -2.47973907, -2.92622598, -1.82587892},
      {"macd signal", macd.signal, -2.86499007, -2.09914907, -0.86040120},
      {"%K", stochastic.k, 63.15803488, 9.15900459, 5.10606429},
      {"%D", stochastic.d, 42.17586369, 7.29022244, 5.37160867},
      {"keltner position", set.keltner(20, 14, 1.5).position, 0.71338333, -0.26095754, -0.32072028},
      {"roc10", set.roc_pct(10), 0.01181925, -0.06945390, -0.04916477},
      {"volume ratio", set.volume_ratio(20), 1.05661377, 1.14618811, 1.44643409},
      {"supertrend", supertrend.line, 89.59783511, 100.26498942, 106.36733843},
      {"supertrend direction", supertrend.direction, 1, -1, -1},
      {"tenkan9", ichimoku.tenkan, 94.72233588, 96.97615738, 101.10329205},
      {"kijun26", ichimoku.kijun, 101.08626861, 103.34163798, 107.15197731},
      {"choppiness14", set.choppiness(14), 52.36833601, 43.26961171, 34.09409207},
      {"realized vol", set.realized_vol(20), 8.41429154, 5.88965431, 5.87649657},
      {"garman klass", set.garman_klass(20), 11.52550171, 11.23066801, 10.64595941},
      {"vwap", vwap.vwap, 96.25653390, 99.99886826, 106.61519224},
      {"vwap deviation", vwap.deviation, 2.43329672, 4.70858903, 5.62509180},
  };
  for (const Golden& row : rows) {
    INFO(row.name);
    check_close(value_at(set, row.line, 40), row.at_40);
    check_close(value_at(set, row.line, 80), row.at_80);
    check_close(value_at(set, row.line, 119), row.at_119);
  }
  // The displaced cloud. The table leaves both empty at t = 40: A exists from 51 on, B from 77 on.
  check_close(value_at(set, ichimoku.cloud_a, 40), nan_value);
  check_close(value_at(set, ichimoku.cloud_b, 40), nan_value);
  check_close(value_at(set, ichimoku.cloud_a, 80), 104.36069084);
  check_close(value_at(set, ichimoku.cloud_b, 80), 101.17817963);
  check_close(value_at(set, ichimoku.cloud_a, 119), 102.21699217);
  check_close(value_at(set, ichimoku.cloud_b, 119), 103.34163798);
}

TEST_CASE("indicators: squeeze momentum and length on the golden series") {
  // Not in the table of the specification; computed apart from this code from the definitions.
  IndicatorSet set(minutes(1));
  const Line momentum = set.squeeze_momentum(12);
  check_close(value_at(set, momentum, 21), nan_value);
  check_close(value_at(set, momentum, 22), -7.11042303);
  check_close(value_at(set, momentum, 40), 0.31023375);
  check_close(value_at(set, momentum, 80), -3.59152838);
  check_close(value_at(set, momentum, 119), -2.91534141);
  const Line length = set.squeeze(20, 2, 20, 14, 3.0);
  check_close(value_at(set, length, 18), nan_value);
  check_close(value_at(set, length, 19), 1);
  check_close(value_at(set, length, 21), 3);
  check_close(value_at(set, length, 38), 1);
  check_close(value_at(set, length, 40), 3);
  check_close(value_at(set, length, 80), 0);
}

TEST_CASE("indicators: adx does not repeat the mistake of the earlier system") {
  IndicatorSet set(minutes(1));
  const Line adx = set.adx(14).adx;
  CHECK(std::fabs(value_at(set, adx, 40) - 38.35416122) > 0.1);
  CHECK(std::fabs(value_at(set, adx, 80) - 42.18101417) > 0.1);
  CHECK(std::fabs(value_at(set, adx, 119) - 34.49695170) > 0.01);
}

TEST_CASE("indicators: first values of the specification") {
  IndicatorSet set(minutes(1));
  const StochasticLines stochastic = set.stochastic(14, 3, 3);
  const MacdLines macd = set.macd(12, 26, 9);
  const AdxLines adx = set.adx(14);
  check_close(value_at(set, set.rsi(14), 14), 94.13096637);
  check_close(value_at(set, set.atr(14), 14), 2.02567017);
  check_close(value_at(set, adx.adx, 26), nan_value);
  check_close(value_at(set, adx.adx, 27), 40.59402707);
  check_close(value_at(set, macd.line, 25), -1.36575961);
  check_close(value_at(set, macd.signal, 33), -2.16226487);
  check_close(value_at(set, stochastic.k, 15), 90.17478363);
  check_close(value_at(set, stochastic.d, 17), 80.54866343);
}

TEST_CASE("indicators: supertrend flips where the specification says") {
  IndicatorSet set(minutes(1));
  const SupertrendLines supertrend = set.supertrend(10, 3.0);
  std::vector<int> flips;
  int t = 0;
  for (const Bar& bar : golden_series()) {
    set.update(bar);
    if (supertrend.flip.last() != 0) {
      flips.push_back(t);
      CHECK(supertrend.flip.last() == supertrend.direction.last());
    }
    if (t < 10) CHECK(supertrend.direction.last() == 0);
    ++t;
  }
  CHECK(flips == std::vector<int>{19, 40, 63, 84, 106});
}

TEST_CASE("indicators: every column becomes valid exactly at its first valid index") {
  IndicatorSet set(minutes(5));
  const AdxLines adx = set.adx(14);
  const BollingerLines bands = set.bollinger(20, 2.0);
  const MacdLines macd = set.macd(12, 26, 9);
  const StochasticLines stochastic = set.stochastic(14, 3, 3);
  const KeltnerLines keltner = set.keltner(20, 14, 1.5);
  const IchimokuLines ichimoku = set.ichimoku(9, 26, 52);

  struct Row {
    const char* name;
    Line line;
    int first;
  };

  const std::vector<Row> rows{
      {"sma", set.sma(20), 19},
      {"ema", set.ema(20), 19},
      {"rma", set.rma(20), 19},
      {"rsi", set.rsi(14), 14},
      {"true range", set.true_range(), 1},
      {"atr", set.atr(14), 14},
      {"atr_pct", set.atr_pct(14), 14},
      {"adx", adx.adx, 27},
      {"+di", adx.plus_di, 14},
      {"-di", adx.minus_di, 14},
      {"bollinger", bands.mid, 19},
      {"%B", bands.position, 19},
      {"width", bands.width, 19},
      {"macd", macd.line, 25},
      {"signal", macd.signal, 33},
      {"histogram", macd.histogram, 33},
      {"%K", stochastic.k, 15},
      {"%D", stochastic.d, 17},
      {"roc", set.roc_pct(10), 10},
      {"trend strength", set.trend_strength(20, 50), 49},
      {"volume ratio", set.volume_ratio(20), 20},
      {"realized vol", set.realized_vol(20), 20},
      {"garman klass", set.garman_klass(20), 19},
      {"keltner", keltner.mid, 19},
      {"keltner position", keltner.position, 19},
      {"keltner of a long atr", set.keltner(5, 14, 1.5).upper, 14},
      {"supertrend", set.supertrend(10, 3).line, 10},
      {"tenkan", ichimoku.tenkan, 8},
      {"kijun", ichimoku.kijun, 25},
      {"cloud a", ichimoku.cloud_a, 51},
      {"cloud b", ichimoku.cloud_b, 77},
      {"chikou", ichimoku.chikou, 26},
      {"choppiness", set.choppiness(14), 14},
      {"vwap", set.rolling_vwap(20).vwap, 19},
      {"donchian", set.donchian(20).upper, 19},
      {"squeeze", set.squeeze(20, 2.0, 20, 14, 1.5), 19},
      {"squeeze momentum", set.squeeze_momentum(12), 22},
  };
  CHECK(set.warm_up() == 78);
  std::vector<int> first(rows.size(), -1);
  int t = 0;
  for (const Bar& bar : random_series(100, 7)) {
    set.update(bar);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (first[i] < 0 && std::isfinite(rows[i].line.last())) first[i] = t;
    }
    ++t;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].name);
    CHECK(first[i] == rows[i].first);
    CHECK(rows[i].line.first_valid() == rows[i].first);
  }
}

}  // namespace aitrade::test
