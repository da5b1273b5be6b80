// order_flow against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct FlowRule : Past {
  static constexpr std::size_t conditions = 3;

  explicit FlowRule(Rig& its_rig) : rig(its_rig), atr(rig.set.atr(14)) {}

  [[nodiscard]] const BookAnalysis& book() const { return *rig.analysis; }

  // score, depth, lows
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    const int up =
        (ago(0).low > ago(1).low) + (ago(1).low > ago(2).low) + (ago(2).low > ago(3).low);
    return {book().score > 0.3, book().depth_bid + book().depth_ask >= 100'000, up >= 2};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    const int down =
        (ago(0).high < ago(1).high) + (ago(1).high < ago(2).high) + (ago(2).high < ago(3).high);
    return {book().score < -0.3, book().depth_bid + book().depth_ask >= 100'000, down >= 2};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double excess = for_long ? book().score - 0.3 : -book().score - 0.3;
    double s = 0.40 + std::min(0.5 * excess, 0.25) + 0.10;
    double c = 0.35 + std::min(0.4 * excess, 0.20) + 0.10;
    if (book().spread < 0.001) {
      s += 0.10;
      c += 0.08;
    }
    if (for_long ? book().whale_bias > 0.1 : book().whale_bias < -0.1) c += 0.08;
    if (for_long ? book().imbalance_25 > 0.15 : book().imbalance_25 < -0.15) c += 0.05;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.0);
  }

  Rig& rig;
  Line atr;
};

/// Feeds rising bars under a book and returns the last signal.
Signal under(const std::optional<BookAnalysis>& book) {
  Rig rig("order_flow");
  rig.analysis = book;
  Signal signal;
  for (int t = 0; t < 40; ++t)
    signal = rig.feed(Bar{Time{}, 1000.0 + t, 1002.0 + t, 999.0 + t, 1001.0 + t, 10, false});
  return signal;
}

BookAnalysis leaning_book() {
  BookAnalysis book;
  book.score = 0.5;
  book.imbalance_25 = 0.1;
  book.spread = 0.002;
  book.depth_bid = 90'000;
  book.depth_ask = 30'000;
  return book;
}

}  // namespace

TEST_CASE("order_flow: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("order_flow");
  FlowRule rule(rig);
  run_beside(rig, rule, spells(30'000, 64)).check_near_misses(100);
}

TEST_CASE("order_flow: without a book it has no opinion and says why") {
  const Signal signal = under(std::nullopt);
  CHECK(signal.direction == Direction::neutral);
  CHECK(signal.reason == Reason::stale_feed);
  CHECK(under(leaning_book()).direction == Direction::long_);
}

TEST_CASE("order_flow: numbers of the book that are not finite give neutral") {
  for (double BookAnalysis::*field :
       {&BookAnalysis::score, &BookAnalysis::spread, &BookAnalysis::depth_bid,
        &BookAnalysis::depth_ask, &BookAnalysis::whale_bias, &BookAnalysis::imbalance_25}) {
    BookAnalysis book = leaning_book();
    book.*field = nan_value;
    CHECK(under(book).reason == Reason::not_finite);
  }
}

TEST_CASE("X04: the bias of whales counts") {
  BookAnalysis book = leaning_book();
  const double without = under(book).confidence;
  book.whale_bias = 0.4;
  CHECK(under(book).confidence == Approx(without + 0.08));
  book.whale_bias = -0.4;
  CHECK(under(book).confidence == Approx(without));
}

TEST_CASE("order_flow: its trades are short; no other strategy has a time stop of its own") {
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    CHECK(info.time_stop == (info.name == "order_flow" ? minutes(5) : Duration{0}));
  }
}

}  // namespace aitrade::test
