// All indicators of one instrument on one timeframe, updated once per closed bar.
//
// Strategies ask for their columns when they are built and keep the handles; equal requests share
// one column. update() is O(1) amortised per indicator and never allocates. Batch is streaming:
// whoever wants a whole history feeds it bar by bar, so there is one implementation and no
// look-ahead. Formulas, sources, first valid indices and NaN policies stand at the nodes
// (averages.h, momentum.h, volatility.h, trend.h, volume.h, swings.h, squeeze.h).
#pragma once

#include "core/base/time.h"
#include "core/domain/candle.h"
#include "core/indicators/line.h"
#include "core/indicators/node.h"
#include "core/indicators/tape.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace aitrade {

struct AdxLines {
  Line adx, plus_di, minus_di;  // 0..100
};

struct BollingerLines {
  Line lower, mid, upper;  // quote per base
  Line position;           // %B: 0 at the lower band, 1 at the upper, unclipped
  Line width;              // (upper - lower) / mid
};

struct MacdLines {
  Line line, signal, histogram;  // quote per base
};

struct KeltnerLines {
  Line lower, mid, upper;  // quote per base
  Line position;           // 0 at the lower band, 1 at the upper, unclipped
};

struct StochasticLines {
  Line k, d;  // 0..100
};

struct SwingLines {
  Line high, high_age, previous_high, previous_high_age;  // price; bars back from now
  Line low, low_age, previous_low, previous_low_age;
};

struct SupertrendLines {
  Line line;       // the active band, quote per base
  Line direction;  // +1 up, -1 down, 0 until warm
  Line flip;       // +1 or -1 on the bar of a change, else 0
};

struct IchimokuLines {
  Line tenkan, kijun, cloud_a, cloud_b;  // the cloud as drawn at this bar
  Line chikou;                           // close minus the close `kijun` bars ago
};

struct VwapLines {
  Line vwap, deviation;  // quote per base
};

struct DonchianLines {
  Line lower, mid, upper;  // quote per base
};

/// See the file comment. Not copyable; handles stay valid when the set is moved.
///
/// Every request takes `history`: how many of the newest values its caller reads, the newest
/// included. Periods are >= 1 (>= 2 for realized_vol, choppiness, squeeze_momentum), fast < slow;
/// anything else stops the process: bounds of configuration and of request() keep such values out.
class IndicatorSet {
 public:
  explicit IndicatorSet(Duration timeframe);

  /// Takes the next closed bar.
  void update(const Bar& bar) {
    ++bars_;
    for (OutputColumn* column : played_)  // none, unless it plays
      column->advance();
    for (IndicatorNode* node : order_)
      node->update(bar);
  }

  /// The series broke: everything warms up again. Handles stay valid.
  void reset();

  /// Plays a history from here on: columns that `tapes` holds are read from there, the others are computed over
  /// all of `bars` and given to it. Afterwards update() steps through the tapes and computes nothing, reset()
  /// steps over a break of the series, and the next bar is the first one. No requests afterwards.
  ///
  /// `bars` and `tapes` are borrowed, `tapes` must outlive the set.
  /// Cost: O(bars) for each indicator that is computed, none for the others
  void play(const BarTape& bars, TapeSource& tapes);

  /// The same for whoever looks at every bar anyway: calls `on_bar(index)` when all columns stand after that bar,
  /// and `on_break()` before the first bar of every series but the first.
  template <class OnBar, class OnBreak>
  void play(const BarTape& bars, TapeSource& tapes, const OnBar& on_bar, const OnBreak& on_break) {
    begin_play(bars, tapes);
    step_through(bars, on_bar, on_break);
    end_play(tapes);
  }

  /// While it plays: goes to where `bars[index]` is the newest bar.
  void seek(const BarTape& bars, std::size_t index);

  /// Bars needed before every requested column can have a value.
  [[nodiscard]] int warm_up() const;

  /// Bars since the beginning or the last reset().
  [[nodiscard]] std::size_t bars() const { return bars_; }

  [[nodiscard]] Duration timeframe() const { return timeframe_; }

  Line high(std::size_t history = history_default);  // of the bars since the series began or broke
  Line low(std::size_t history = history_default);
  Line sma(int n, std::size_t history = history_default);
  Line ema(int n, std::size_t history = history_default);
  Line rma(int n, std::size_t history = history_default);
  Line rsi(int n, std::size_t history = history_default);
  Line true_range(std::size_t history = history_default);
  Line atr(int n, std::size_t history = history_default);
  Line atr_pct(int n, std::size_t history = history_default);
  AdxLines adx(int n, std::size_t history = history_default);
  BollingerLines bollinger(int n, double k, std::size_t history = history_default);
  MacdLines macd(int fast, int slow, int signal, std::size_t history = history_default);
  StochasticLines stochastic(int n, int smooth, int d, std::size_t history = history_default);
  Line roc_pct(int n, std::size_t history = history_default);
  Line trend_strength(int fast, int slow, std::size_t history = history_default);
  Line volume_ratio(int n, std::size_t history = history_default);
  Line realized_vol(int n, std::size_t history = history_default);
  Line garman_klass(int n, std::size_t history = history_default);
  KeltnerLines keltner(int ema, int atr, double k, std::size_t history = history_default);
  SupertrendLines supertrend(int n, double k, std::size_t history = history_default);
  IchimokuLines ichimoku(int tenkan, int kijun, int span, std::size_t history = history_default);
  Line choppiness(int n, std::size_t history = history_default);
  VwapLines rolling_vwap(int n, std::size_t history = history_default);
  DonchianLines donchian(int n, std::size_t history = history_default);
  SwingLines swings(int lookback, std::size_t history = history_default);
  Line squeeze(int n, double k, int ema, int atr, double channel_k,
               std::size_t history = history_default);
  Line squeeze_momentum(int n, std::size_t history = history_default);

 private:
  enum class Kind : std::uint8_t {
    high,
    low,
    sma,
    ema,
    rma,
    rsi,
    true_range,
    atr,
    atr_pct,
    adx,
    bollinger,
    macd,
    stochastic,
    roc_pct,
    trend_strength,
    volume_ratio,
    realized_vol,
    garman_klass,
    keltner,
    supertrend,
    ichimoku,
    choppiness,
    rolling_vwap,
    donchian,
    swings,
    squeeze,
    squeeze_momentum,
    variance,
  };

  struct Key {
    Kind kind;
    std::array<double, 5> parameters;

    friend bool operator==(const Key&, const Key&) = default;
  };

  struct Entry {
    Key key;
    std::unique_ptr<IndicatorNode> node;
    std::shared_ptr<Tape> tape{};  // what its columns lie on, while it plays
    bool is_recorded{false};       // computed when it began to play, not found
  };

  void begin_play(const BarTape& bars, TapeSource& tapes);
  void end_play(TapeSource& tapes);
  [[nodiscard]] static TapeKey tape_key(const Entry& entry);

  template <class OnBar, class OnBreak>
  void step_through(const BarTape& bars, const OnBar& on_bar, const OnBreak& on_break) {
    std::size_t series = 1;   // the next one; the first begins as all columns stand
    for (std::size_t i = 0; i < bars.bars.size(); ++i) {
      if (series < bars.starts.size() && bars.starts[series] == i) {
        ++series;
        reset();
        on_break();
      }
      update(bars.bars[i]);
      on_bar(i);
    }
  }

  /// Returns the node for the key, made by `make` when there is none yet, with room for `history`.
  template <class Make>
  std::span<OutputColumn> columns_of(const Key& key, std::size_t history, const Make& make);

  [[nodiscard]] double bars_a_year() const;

  Duration timeframe_;
  std::vector<Entry> entries_;
  std::vector<IndicatorNode*> order_;  // what an indicator builds on stands before it; none when it plays
  std::vector<OutputColumn*> played_;
  std::size_t bars_{0};
};

}  // namespace aitrade
