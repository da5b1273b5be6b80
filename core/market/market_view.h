// What a strategy may see of one instrument on one timeframe.
//
// Read-only, and it cannot name a future bar: only closed candles are in it. Indicator values are not
// looked up here; a strategy asked for its columns when it was built and keeps the handles.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include "core/base/ring.h"
#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/signal.h"

namespace aitrade {

/// One timeframe of one instrument. Borrowed by the view; the desk owns it.
struct Series {
  explicit Series(Duration timeframe_span, std::size_t capacity)
      : timeframe(timeframe_span), bars(capacity) {}

  Duration timeframe;
  Ring<Bar> bars;              // closed bars, newest at back(0)
  std::size_t since_break{0};  // closed bars since the series began or broke
};

/// The canonical indicators of the newest bar, the same whichever strategies run. NaN: not known yet.
struct Snapshot {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  double rsi{unknown};               // 14; [0, 100]
  double ema_ratio{unknown};         // close / EMA 20
  double bb_position{unknown};       // 20, 2 deviations: 0 at the lower band, 1 at the upper
  double bb_width{unknown};          // of the middle
  double adx{unknown};               // 14; [0, 100]
  double di_spread{unknown};         // +DI less -DI; [-100, 100]
  double volume_ratio{unknown};      // to the mean of the 20 bars before
  double atr_pct{unknown};           // 14; fraction of close
  double roc{unknown};               // 10; fraction
  double trend_strength{unknown};    // EMA 12 and 26; fraction
  double macd_histogram{unknown};    // 12, 26, 9; fraction of close
  double realized_vol{unknown};      // 20; per year
  double choppiness{unknown};        // 14; [0, 100]
};

class MarketView {
 public:
  MarketView(const Series& series, Regime regime, const std::optional<BookTop>& book)
      : series_(series), regime_(regime), book_(book) {}

  /// Returns the bar `k` closed bars back; k < bars().
  [[nodiscard]] const Bar& bar(std::size_t k = 0) const { return series_.bars.back(k); }

  /// How many closed bars can be read.
  [[nodiscard]] std::size_t bars() const { return series_.bars.size(); }

  /// Closed bars since the series began or was broken by a long gap.
  [[nodiscard]] std::size_t bars_since_break() const { return series_.since_break; }

  [[nodiscard]] Duration timeframe() const { return series_.timeframe; }

  [[nodiscard]] Regime regime() const { return regime_; }

  /// The best of the book, when there is a fresh and valid one.
  [[nodiscard]] const std::optional<BookTop>& book() const { return book_; }

  /// The analysed book, when there is a fresh one; nullptr in a backtest without book data.
  [[nodiscard]] const BookAnalysis* analysis() const { return analysis_; }

  /// Funding no older than two intervals; nullptr when there is none.
  [[nodiscard]] const Funding* funding() const { return funding_; }

  /// The canonical indicators; nullptr unless somebody asked for them (gate.h).
  [[nodiscard]] const Snapshot* snapshot() const { return snapshot_; }

  /// The same view with the canonical indicators. Borrowed.
  [[nodiscard]] MarketView with(const Snapshot* snapshot) const {
    MarketView more = *this;
    more.snapshot_ = snapshot;
    return more;
  }

  /// The same view with what is known beyond candles. Both are borrowed; nullptr means unknown.
  [[nodiscard]] MarketView with(const BookAnalysis* analysis, const Funding* funding) const {
    MarketView more = *this;
    more.analysis_ = analysis;
    more.funding_ = funding;
    return more;
  }

 private:
  const Series& series_;
  Regime regime_;
  const std::optional<BookTop>& book_;
  const BookAnalysis* analysis_{nullptr};
  const Funding* funding_{nullptr};
  const Snapshot* snapshot_{nullptr};
};

}  // namespace aitrade
