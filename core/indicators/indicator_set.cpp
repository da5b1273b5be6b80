#include "core/indicators/indicator_set.h"

#include "core/indicators/averages.h"
#include "core/indicators/momentum.h"
#include "core/indicators/squeeze.h"
#include "core/indicators/swings.h"
#include "core/indicators/trend.h"
#include "core/indicators/volatility.h"
#include "core/indicators/volume.h"

#include <algorithm>

namespace aitrade {

IndicatorSet::IndicatorSet(Duration timeframe) : timeframe_(timeframe) {
  AITRADE_CHECK(timeframe.count() > 0);
}

void IndicatorSet::reset() {
  bars_ = 0;
  for (IndicatorNode* node : order_)
    node->reset();
  for (OutputColumn* column : played_)
    column->reset();
}

TapeKey IndicatorSet::tape_key(const Entry& entry) {
  return {static_cast<std::uint8_t>(entry.key.kind), entry.key.parameters, entry.node->columns().front().room()};
}

void IndicatorSet::play(const BarTape& bars, TapeSource& tapes) {
  begin_play(bars, tapes);
  if (!order_.empty()) step_through(bars, [](std::size_t) {}, [] {});
  end_play(tapes);
}

void IndicatorSet::begin_play(const BarTape& bars, TapeSource& tapes) {
  AITRADE_CHECK(played_.empty() && bars_ == 0);
  order_.clear();
  for (Entry& entry : entries_) {
    const std::span<OutputColumn> columns = entry.node->columns();
    const std::size_t room = columns.front().room();
    entry.tape = tapes.find(tape_key(entry));
    const bool is_known = entry.tape != nullptr;
    const std::size_t cells = bars.cells(room);
    if (!is_known) {
      entry.tape = tapes.blank(cells * columns.size());
      order_.push_back(entry.node.get());
      entry.is_recorded = true;
    }
    double* at = entry.tape->cells.get();
    for (OutputColumn& column : columns) {
      if (!is_known) bars.blank_breaks(at, room);
      column.play(at);
      at += cells;
      if (is_known) played_.push_back(&column);
    }
  }
}

void IndicatorSet::end_play(TapeSource& tapes) {
  for (Entry& entry : entries_) {
    if (!entry.is_recorded) continue;
    tapes.publish(tape_key(entry), entry.tape);
    for (OutputColumn& column : entry.node->columns()) played_.push_back(&column);
  }
  order_.clear();
  bars_ = 0;
  for (OutputColumn* column : played_) column->seek(column->room() - 1);
}

void IndicatorSet::seek(const BarTape& bars, std::size_t index) {
  const std::size_t series = bars.series_of(index);
  for (OutputColumn* column : played_) column->seek(bars.cell_of(index, series, column->room()));
  bars_ = index - bars.starts[series] + 1;
}

int IndicatorSet::warm_up() const {
  int bars = 0;
  for (const Entry& entry : entries_) {
    for (const OutputColumn& column : entry.node->columns())
      bars = std::max(bars, column.first_valid() + 1);
  }
  return bars;
}

double IndicatorSet::bars_a_year() const {
  constexpr double minutes_a_year = 525'600;
  return minutes_a_year / (std::chrono::duration<double, std::ratio<60>>(timeframe_).count());
}

template <class Make>
std::span<OutputColumn> IndicatorSet::columns_of(const Key& key, std::size_t history,
                                                 const Make& make) {
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  IndicatorNode* node = nullptr;
  if (known != entries_.end()) {
    node = known->node.get();
  } else {
    std::unique_ptr<IndicatorNode> made = make();
    node = made.get();
    entries_.push_back(Entry{key, std::move(made)});
    order_.push_back(node);
  }
  for (OutputColumn& column : node->columns())
    column.reserve(history);
  return node->columns();
}

Line IndicatorSet::high(std::size_t history) {
  const auto out =
      columns_of({Kind::high, {}}, history, [] { return std::make_unique<PriceNode>(&Bar::high); });
  return Line(out[0]);
}

Line IndicatorSet::low(std::size_t history) {
  const auto out =
      columns_of({Kind::low, {}}, history, [] { return std::make_unique<PriceNode>(&Bar::low); });
  return Line(out[0]);
}

Line IndicatorSet::sma(int n, std::size_t history) {
  const auto out =
      columns_of({Kind::sma, {double(n)}}, history, [&] { return std::make_unique<SmaNode>(n); });
  return Line(out[0]);
}

Line IndicatorSet::ema(int n, std::size_t history) {
  const auto out = columns_of({Kind::ema, {double(n)}}, history,
                              [&] { return std::make_unique<SmoothedNode>(n, Smoother::ema(n)); });
  return Line(out[0]);
}

Line IndicatorSet::rma(int n, std::size_t history) {
  const auto out = columns_of({Kind::rma, {double(n)}}, history,
                              [&] { return std::make_unique<SmoothedNode>(n, Smoother::rma(n)); });
  return Line(out[0]);
}

Line IndicatorSet::rsi(int n, std::size_t history) {
  const auto out =
      columns_of({Kind::rsi, {double(n)}}, history, [&] { return std::make_unique<RsiNode>(n); });
  return Line(out[0]);
}

Line IndicatorSet::true_range(std::size_t history) {
  const auto out = columns_of({Kind::true_range, {}}, history,
                              [&] { return std::make_unique<TrueRangeNode>(); });
  return Line(out[0]);
}

Line IndicatorSet::atr(int n, std::size_t history) {
  const auto out =
      columns_of({Kind::atr, {double(n)}}, history, [&] { return std::make_unique<AtrNode>(n); });
  return Line(out[0]);
}

Line IndicatorSet::atr_pct(int n, std::size_t history) {
  const Line range = atr(n);
  const auto out = columns_of({Kind::atr_pct, {double(n)}}, history,
                              [&] { return std::make_unique<AtrPctNode>(n, range); });
  return Line(out[0]);
}

AdxLines IndicatorSet::adx(int n, std::size_t history) {
  const auto out =
      columns_of({Kind::adx, {double(n)}}, history, [&] { return std::make_unique<AdxNode>(n); });
  return {Line(out[0]), Line(out[1]), Line(out[2])};
}

BollingerLines IndicatorSet::bollinger(int n, double k, std::size_t history) {
  const auto window = columns_of({Kind::variance, {double(n)}}, history_default,
                                 [&] { return std::make_unique<VarianceNode>(n); });
  const auto out = columns_of({Kind::bollinger, {double(n), k}}, history, [&] {
    return std::make_unique<BollingerNode>(BollingerNode::Window{Line(window[0]), Line(window[1])}, n, k);
  });
  return {Line(out[0]), Line(out[1]), Line(out[2]), Line(out[3]), Line(out[4])};
}

MacdLines IndicatorSet::macd(int fast, int slow, int signal, std::size_t history) {
  const auto out = columns_of({Kind::macd, {double(fast), double(slow), double(signal)}}, history,
                              [&] { return std::make_unique<MacdNode>(fast, slow, signal); });
  return {Line(out[0]), Line(out[1]), Line(out[2])};
}

StochasticLines IndicatorSet::stochastic(int n, int smooth, int d, std::size_t history) {
  const auto out = columns_of({Kind::stochastic, {double(n), double(smooth), double(d)}}, history,
                              [&] { return std::make_unique<StochasticNode>(n, smooth, d); });
  return {Line(out[0]), Line(out[1])};
}

Line IndicatorSet::roc_pct(int n, std::size_t history) {
  const auto out = columns_of({Kind::roc_pct, {double(n)}}, history,
                              [&] { return std::make_unique<RocNode>(n); });
  return Line(out[0]);
}

Line IndicatorSet::trend_strength(int fast, int slow, std::size_t history) {
  AITRADE_CHECK(fast < slow);
  const Line fast_line = ema(fast);
  const Line slow_line = ema(slow);
  const auto out = columns_of({Kind::trend_strength, {double(fast), double(slow)}}, history, [&] {
    return std::make_unique<TrendStrengthNode>(fast_line, slow_line);
  });
  return Line(out[0]);
}

Line IndicatorSet::volume_ratio(int n, std::size_t history) {
  const auto out = columns_of({Kind::volume_ratio, {double(n)}}, history,
                              [&] { return std::make_unique<VolumeRatioNode>(n); });
  return Line(out[0]);
}

Line IndicatorSet::realized_vol(int n, std::size_t history) {
  const auto out = columns_of({Kind::realized_vol, {double(n)}}, history,
                              [&] { return std::make_unique<RealizedVolNode>(n, bars_a_year()); });
  return Line(out[0]);
}

Line IndicatorSet::garman_klass(int n, std::size_t history) {
  const auto out = columns_of({Kind::garman_klass, {double(n)}}, history,
                              [&] { return std::make_unique<GarmanKlassNode>(n, bars_a_year()); });
  return Line(out[0]);
}

KeltnerLines IndicatorSet::keltner(int ema_period, int atr_period, double k, std::size_t history) {
  const Line mid = ema(ema_period);
  const Line range = atr(atr_period);
  const auto out = columns_of({Kind::keltner, {double(ema_period), double(atr_period), k}}, history,
                              [&] { return std::make_unique<KeltnerNode>(mid, range, k); });
  return {Line(out[0]), Line(out[1]), Line(out[2]), Line(out[3])};
}

SupertrendLines IndicatorSet::supertrend(int n, double k, std::size_t history) {
  const Line range = atr(n);
  const auto out = columns_of({Kind::supertrend, {double(n), k}}, history,
                              [&] { return std::make_unique<SupertrendNode>(range, k); });
  return {Line(out[0]), Line(out[1]), Line(out[2])};
}

IchimokuLines IndicatorSet::ichimoku(int tenkan, int kijun, int span, std::size_t history) {
  const auto out =
      columns_of({Kind::ichimoku, {double(tenkan), double(kijun), double(span)}}, history,
                 [&] { return std::make_unique<IchimokuNode>(tenkan, kijun, span); });
  return {Line(out[0]), Line(out[1]), Line(out[2]), Line(out[3]), Line(out[4])};
}

Line IndicatorSet::choppiness(int n, std::size_t history) {
  const auto out = columns_of({Kind::choppiness, {double(n)}}, history,
                              [&] { return std::make_unique<ChoppinessNode>(n); });
  return Line(out[0]);
}

VwapLines IndicatorSet::rolling_vwap(int n, std::size_t history) {
  const auto out = columns_of({Kind::rolling_vwap, {double(n)}}, history,
                              [&] { return std::make_unique<VwapNode>(n); });
  return {Line(out[0]), Line(out[1])};
}

DonchianLines IndicatorSet::donchian(int n, std::size_t history) {
  const auto out = columns_of({Kind::donchian, {double(n)}}, history,
                              [&] { return std::make_unique<DonchianNode>(n); });
  return {Line(out[0]), Line(out[1]), Line(out[2])};
}

SwingLines IndicatorSet::swings(int lookback, std::size_t history) {
  const auto out = columns_of({Kind::swings, {double(lookback)}}, history,
                              [&] { return std::make_unique<SwingsNode>(lookback); });
  return {Line(out[0]), Line(out[1]), Line(out[2]), Line(out[3]),
          Line(out[4]), Line(out[5]), Line(out[6]), Line(out[7])};
}

Line IndicatorSet::squeeze(int n, double k, int ema_period, int atr_period, double channel_k,
                           std::size_t history) {
  const BollingerLines bands = bollinger(n, k);
  const KeltnerLines channel = keltner(ema_period, atr_period, channel_k);
  const Key key{Kind::squeeze,
                {double(n), k, double(ema_period), double(atr_period), channel_k}};
  const auto out = columns_of(key, history, [&] {
    return std::make_unique<SqueezeNode>(SqueezeNode::Bands{bands.lower, bands.upper},
                                         SqueezeNode::Bands{channel.lower, channel.upper});
  });
  return Line(out[0]);
}

Line IndicatorSet::squeeze_momentum(int n, std::size_t history) {
  const Line midrange = donchian(n).mid;
  const Line mean = sma(n);
  const auto out = columns_of({Kind::squeeze_momentum, {double(n)}}, history, [&] {
    return std::make_unique<SqueezeMomentumNode>(n, midrange, mean);
  });
  return Line(out[0]);
}

}  // namespace aitrade
