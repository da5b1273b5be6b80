// What does the order book of one instrument say: who outweighs, how deep, how honest?
//
// Takes the maintained, checksum-verified book after every update, and the trades; says on request what a
// BookAnalysis holds. Streaming: cost per update is linear in the levels, nothing is allocated after
// construction, and time comes with the update, so equal inputs give equal answers. Invariants:
//   1. An empty, one-sided, crossed, locked, stale or just begun book has no analysis, never zeros.
//   2. A book mirrored at its mid has the same analysis with the signs of bid and ask exchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ring.h"
#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/order.h"
#include "core/market/spoof_tracker.h"
#include "core/market/whale_limit.h"

namespace aitrade {

struct BookAnalysisOptions {
  std::size_t depth{25};           // levels a side that are looked at
  double whale_threshold{50'000};  // least size of a whale, quote currency
  Duration age_max{seconds{3}};    // a book that did not move for longer says nothing
  bool trades{true};               // on_trade is called; without trades nothing counts as spoofing
};

/// Why there is an analysis, or none.
enum class BookState : std::uint8_t {
  empty,      // no level on either side, or no book at all
  one_sided,  // a side is missing
  crossed,    // best bid above best ask
  locked,     // best bid equal to best ask: a true spread of zero, which no honest book keeps
  settling,   // good, but not for three seconds yet
  ready,
  stale,      // good, but older than age_max
};

/// A level whose size is out of the ordinary for the pair.
struct Whale {
  Side side{Side::buy};  // buy: on the bid
  Price price;
  double notional{0};    // quote currency at the mid
  double multiple{0};    // of the mean level of its side
};

/// The time-weighted mean of a value that holds from one update to the next.
class HeldMean {
 public:
  static constexpr Duration span = seconds{3};         // least time a mean is over
  static constexpr Duration spacing = milliseconds{100};  // of the moments a mean may begin at

  void add(Time at, double value);
  void clear();

  /// Returns the mean over the last `span`, or up to `spacing` and one update more; nothing before.
  [[nodiscard]] std::optional<double> mean(Time now) const;

 private:
  struct Mark {
    Time at;
    double sum{0};
  };

  [[nodiscard]] double sum_at(Time now) const;

  Ring<Mark> marks_{64};
  Time at_;
  double value_{0};
  double sum_{0};  // value times seconds since the first
};

class BookAnalyzer {
 public:
  static constexpr Duration score_span = HeldMean::span;
  static constexpr std::size_t trend_values = 20;
  static constexpr Duration trend_spacing = seconds{1};

  explicit BookAnalyzer(const BookAnalysisOptions& options = {});

  /// Takes the book as it is after an update and returns its state. Sides are best first.
  ///
  /// A time before the last one counts as the last one.
  BookState update(Time at, const BookLevels& book);

  /// Takes a trade of the instrument.
  void on_trade(Time at, Price price);

  /// The book is not to be trusted until the next update: averages begin anew. What is known of the
  /// pair's usual sizes and of spoofing is kept.
  void invalidate();

  [[nodiscard]] BookState state(Time now) const;

  /// Returns the spread as a fraction of the mid while the book is good and fresh; absent, not zero,
  /// otherwise.
  [[nodiscard]] std::optional<double> spread(Time now) const;

  /// Returns what the book says; nothing unless state(now) is ready.
  ///
  /// Formula:  every level has one home, so that nothing counts twice. With w = exp(-distance / 5 bps)
  ///           and v = size at the mid, over levels within 50 bps:
  ///             touch = (v_bid - v_ask) / (v_bid + v_ask) of the best level of each side, which is
  ///                     where the micro-price lies between bid and ask
  ///             near  = (sum w v bid - sum w v ask) / S of the levels behind it that are no whales
  ///             whale = the same of those that are; S is the sum of w v over all levels behind the best
  ///             score_now = quality (0.4 touch + 0.6 near + 0.3 whale)
  ///             quality = liquidity, halved when spoofed, times 0.7 when the spread is above 0.3 %
  ///             liquidity = 0.4 (1 - spread / 0.3 %) + 0.4 log10(depth / 10 000) / 2
  ///                       + 0.2 (1 - voids / 4), each term cut to [0, 1] of its share
  ///           A whale counts half: a large displayed order is the one most easily taken back. score is
  ///           the time-weighted mean of score_now over the last three seconds.
  /// Range:    score in [-1, 1]; ratios rounded to three decimals, the trend to four and depths to three
  ///           digits, so that recordings stay small
  /// Source:   trading-core.md 3.4 and 4, rewrite; micro-price: Gatheral and Oomen (2010), Zero-intelligence
  ///           realized variance estimation, as the size-weighted mid
  [[nodiscard]] std::optional<BookAnalysis> analysis(Time now) const;

  /// The whales of the newest book, bids first, best first; empty when it is not good.
  [[nodiscard]] std::span<const Whale> whales() const { return whales_; }

  /// From which size on a level is a whale now, in quote currency.
  [[nodiscard]] double whale_limit() const { return whale_limit_.limit(); }

 private:
  // Sums of one side; v in quote currency.
  struct SideSums {
    double touch{0};           // v of the best level
    double near{0}, whale{0};  // w v behind it
    double bands[3]{};         // w v within 5, 25, 50 bps
    double depth{0};           // v within 50 bps
    double whale_notional{0};  // v of whales, whatever their distance
    std::uint16_t whales{0};
    std::uint16_t voids{0};
  };

  struct TrendValue {
    Time at;
    double imbalance{0};
  };

  SideSums measure(Side side, const std::vector<Level>& levels, const Level& opposite, double mid);
  void judge(Time at, const BookLevels& book);
  void sample_sizes(Time at, const BookLevels& book, double mid);
  void break_off();
  [[nodiscard]] double slope() const;

  BookAnalysisOptions options_;
  WhaleLimit whale_limit_;
  SpoofTracker spoof_;
  HeldMean score_;
  Ring<TrendValue> trend_{trend_values};
  std::vector<Whale> whales_;
  BookAnalysis newest_;  // not rounded; score, trend and spoofing are added on request
  BookState state_{BookState::empty};
  Time at_;
  Time sampled_at_;
};

}  // namespace aitrade
