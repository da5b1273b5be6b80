// order_flow: the book leans one way and the lows already follow it.
//
// Long when the analysed book scores above the threshold, is deep enough to mean something, and at
// least two of the last three lows rose. Without a fresh book (a backtest without one) it has no
// opinion and says so. What a book shows is over in minutes, so its trades are short. Source:
// trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { score_threshold, spread_tight, min_depth_usd };

constexpr std::array<Parameter, 3> parameters{{
    {"score_threshold", 0.3, 0, 1, false, "book score above which it leans"},
    {"spread_tight", 0.0010, 0, 1, false, "spread below which it counts as tight, fraction of mid"},
    {"min_depth_usd", 100'000, 0, 1e12, false,
     "least depth of both sides within 50 bps, in quote currency"},
}};

constexpr int period = 14;  // of ATR
constexpr std::size_t low_pairs = 3;
constexpr int rising_least = 2;
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::order_flow;

class OrderFlow final : public Strategy {
 public:
  explicit OrderFlow(const StrategySetup& setup)
      : atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        threshold_(setup.parameters[score_threshold]),
        tight_(setup.parameters[spread_tight]),
        depth_least_(setup.parameters[min_depth_usd]) {}

  [[nodiscard]] int warm_up() const override { return 30; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up(), low_pairs + 1)) {
      return rules::neutral(place, Reason::warming_up);
    }
    const BookAnalysis* book = market.analysis();
    if (book == nullptr) return rules::neutral(place, Reason::stale_feed);
    const double depth = book->depth_bid + book->depth_ask;
    if (!rules::is_finite(market.bar(0)) || !std::isfinite(book->score + depth)) {
      return rules::neutral(place, Reason::not_finite);
    }
    if (std::fabs(book->score) <= threshold_ || depth < depth_least_) {
      return rules::neutral(place, Reason::no_setup);
    }
    return judge_side(market, *book, book->score > 0 ? rules::long_side : rules::short_side);
  }

 private:
  [[nodiscard]] Signal judge_side(const MarketView& market, const BookAnalysis& book,
                                  int side) const {
    const double entry = market.bar(0).close;
    if (!std::isfinite(book.spread + book.whale_bias + book.imbalance_25 + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    if (rising(market, side) < rising_least) return rules::neutral(place, Reason::no_confirmation);
    const Levels levels = plan_levels(entry, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, entry, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const double excess = std::fabs(book.score) - threshold_;
    const bool is_tight = book.spread < tight_;
    // 0.10 in both for the rising lows, which are a condition of the entry now.
    const double strength = 0.50 + std::min(0.5 * excess, 0.25) + rules::bonus(is_tight, 0.10);
    const double confidence = 0.45 + std::min(0.4 * excess, 0.20) + rules::bonus(is_tight, 0.08) +
                              rules::bonus(side * book.whale_bias > 0.1, 0.08) +
                              rules::bonus(side * book.imbalance_25 > 0.15, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("book_score", book.score);
    signal.note("spread", book.spread);
    signal.note("depth", book.depth_bid + book.depth_ask);
    signal.note("whale_bias", book.whale_bias);
    signal.note("imbalance", book.imbalance_25);
    signal.note("atr", atr_.last());
    return signal;
  }

  /// How many of the last lows lie above the one before (highs below it, for a short).
  static int rising(const MarketView& market, int side) {
    int count = 0;
    for (std::size_t k = 0; k < low_pairs; ++k) {
      const Bar& newer = market.bar(k);
      const Bar& older = market.bar(k + 1);
      const double change = side > 0 ? newer.low - older.low : older.high - newer.high;
      if (change > 0) ++count;
    }
    return count;
  }

  Line atr_;
  BracketRules bracket_;
  double threshold_, tight_, depth_least_;
};

}  // namespace

StrategyInfo order_flow_strategy() {
  return {
      .name = "order_flow",
      .family = Family::microstructure,
      .default_weight = 0.12,
      .enabled = true,
      .leaning = {.trend = 1.1, .range = 1.1, .high_volatility = 1.1, .low_volatility = 1.0},
      .parameters = parameters,
      .make = rules::build<OrderFlow>,
      .fault_of = rules::no_fault,
      .time_stop = minutes(5),
  };
}

}  // namespace aitrade
