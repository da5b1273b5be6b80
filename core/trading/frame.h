// One timeframe of one instrument: its closed bars, indicators, strategies and newest opinion.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/indicators/indicator_set.h"
#include "core/market/market_view.h"
#include "core/market/resample.h"
#include "core/trading/confluence.h"
#include "core/trading/playback.h"
#include "core/trading/regime.h"
#include "core/trading/rules.h"

namespace aitrade {

class Frame {
 public:
  /// Builds the strategies of `rules` for this timeframe. `rules` is borrowed and must outlive it, and so is
  /// `playback`, when the frame plays a history.
  Frame(const TradingRules& rules, Duration timeframe, const Playback* playback = nullptr);

  Frame(Frame&&) = default;

  /// Takes a closed base candle; afterwards closed_at() says whether a bar of this timeframe closed.
  void on_base(const Candle& base);

  /// Takes a bar of this very timeframe from history; ignored when it is not newer than what is known.
  void on_history(const Candle& bar);

  /// Asks every strategy about the newest bar and combines the answers.
  void judge(const Confluence& confluence, const std::optional<BookTop>& book,
             const BookAnalysis* analysis);

  /// The series broke: bars and indicators warm up again.
  void reset();

  /// While it plays: stands where it would stand before bar `next` of the history; next >= 1.
  void jump(std::size_t next);

  [[nodiscard]] bool is_warm() const { return series_.since_break >= warm_up_; }

  [[nodiscard]] Duration timeframe() const { return series_.timeframe; }

  /// Whether the newest bar closed at `t`.
  [[nodiscard]] bool closed_at(Time t) const { return has_bar_ && newest_close_ == t; }

  /// Whether the opinion still counts at `t`: until the next bar of this timeframe closes.
  [[nodiscard]] bool has_opinion(Time t) const {
    return has_opinion_ && t < opinion_close_ + series_.timeframe;
  }

  [[nodiscard]] MarketView view(const std::optional<BookTop>& book) const {
    return MarketView(series_, regime_.regime(), book);
  }

  /// Whether the strategies were asked about the bar that closed at `t`.
  [[nodiscard]] bool judged_at(Time t) const { return has_opinion_ && opinion_close_ == t; }

  /// What each strategy said of the newest bar that was judged.
  [[nodiscard]] std::span<const Signal> signals() const { return signals_; }

  [[nodiscard]] const Series& series() const { return series_; }

  [[nodiscard]] double atr() const { return atr_.last(); }

  /// The canonical indicators of the newest bar; only with rules.snapshots.
  [[nodiscard]] Snapshot snapshot() const;

  [[nodiscard]] std::size_t warm_up() const { return warm_up_; }

  Opinion opinion;

 private:
  /// Columns of the snapshot; asked for after the warm-up is settled, which they do not lengthen.
  struct SnapshotLines {
    explicit SnapshotLines(IndicatorSet& set);
    Line rsi, ema, bb_position, bb_width, plus_di, minus_di, volume_ratio, roc, trend_strength, macd, realized_vol,
        choppiness;
  };

  void push(const Candle& bar);

  Series series_;
  std::unique_ptr<IndicatorSet> indicators_;
  std::vector<std::unique_ptr<Strategy>> strategies_;
  std::vector<StrategyId> ids_;
  std::vector<Signal> signals_;
  std::optional<Resampler> resampler_;   // none on the base timeframe
  RegimeTracker regime_;
  Line adx_, atr_, atr_pct_;
  std::optional<SnapshotLines> lines_;   // where the gate wants them
  std::size_t warm_up_{1};
  const Playback* playback_;
  std::size_t next_{0};                  // bar of the history to come
  Time newest_close_;
  Time opinion_close_;
  bool has_bar_{false};
  bool has_opinion_{false};
};

}  // namespace aitrade
