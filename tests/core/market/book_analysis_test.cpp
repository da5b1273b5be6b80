// What an analysed book says, against figures worked by hand.
#include "core/market/book_analysis.h"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "core/market/order_book.h"

namespace aitrade {
namespace {

Level level(const char* price, const char* quantity) {
  return {Price::parse_or_die(price), Quantity::parse_or_die(quantity)};
}

/// The worked book of trading-core.md 12.
BookLevels worked() {
  return {{level("100", "5"), level("99.9", "3"), level("99.8", "2")},
          {level("100.1", "2"), level("100.2", "2"), level("100.3", "1")}};
}

BookLevels swapped(const BookLevels& book) {
  const auto mirror = [&](const std::vector<Level>& side) {
    std::vector<Level> out;
    const Price sum = book.bids.front().price + book.asks.front().price;
    for (const Level& l : side) out.push_back({sum - l.price, l.quantity});
    return out;
  };
  return {mirror(book.asks), mirror(book.bids)};
}

const Time start = Time::from_seconds(1'700'000'000);

Time at(std::int64_t milli) { return start + milliseconds{milli}; }

/// Holds a book for four seconds and returns what is said then.
std::optional<BookAnalysis> held(const BookLevels& book, const BookAnalysisOptions& options = {}) {
  BookAnalyzer analyzer(options);
  for (int i = 0; i <= 40; ++i) analyzer.update(at(100 * i), book);
  return analyzer.analysis(at(4000));
}

double weight(double distance) { return std::exp(-distance / 0.0005); }

}  // namespace

TEST_CASE("book analysis: the worked book of the specification", "[market][book][analysis]") {
  const BookLevels book = worked();
  OrderBook maintained(25, 1, 8);
  REQUIRE(maintained.snapshot(book.bids, book.asks, std::nullopt));
  CHECK(maintained.imbalance() == Approx(1.0 / 3).epsilon(1e-12));  // obi 0.333333: (10 - 5) / 15

  const auto said = held(book);
  REQUIRE(said);
  const double mid = 100.05;
  CHECK(said->spread == Approx(0.1 / mid).epsilon(1e-12));  // 0.00099950
  CHECK(said->spread == Approx(0.00099950).margin(5e-9));
  CHECK(said->micro_price == Approx((100.0 * 2 + 100.1 * 5) / 7).epsilon(1e-12));
  // 5 bps hold the best level of each side (4.9975 bps), 25 bps all three (24.9875).
  const double w0 = weight(0.05 / mid), w1 = weight(0.15 / mid), w2 = weight(0.25 / mid);
  CHECK(said->imbalance_5 == Approx(3.0 / 7).margin(6e-4));
  const double bid = 5 * w0 + 3 * w1 + 2 * w2, ask = 2 * w0 + 2 * w1 + 1 * w2;
  CHECK(said->imbalance_25 == Approx((bid - ask) / (bid + ask)).margin(6e-4));
  CHECK(said->imbalance_50 == said->imbalance_25);
  CHECK(said->depth_bid == 1000);  // 10 units at the mid, three digits
  CHECK(said->depth_ask == 500);
  CHECK(said->whale_bias == 0);
  CHECK(said->whales_bid == 0);
  CHECK(said->voids == 0);
  CHECK_FALSE(said->is_spoofed);
  const double liquidity = 0.4 * (1 - 0.1 / mid / 0.003) + 0.2;  // too thin for credit
  CHECK(said->liquidity == Approx(liquidity).margin(6e-4));
  const double behind = (3 * w1 + 2 * w2) + (2 * w1 + w2);
  const double near = (w1 + w2) / behind;
  CHECK(said->score == Approx(liquidity * (0.4 * 3.0 / 7 + 0.6 * near)).margin(6e-4));
  CHECK(said->score_now == said->score);
}

TEST_CASE("book analysis: no analysis without a good, fresh, two-sided book (M4)",
          "[market][book][analysis]") {
  const auto state_of = [](const BookLevels& book) {
    BookAnalyzer analyzer;
    for (int i = 0; i <= 40; ++i) analyzer.update(at(100 * i), book);
    const BookState state = analyzer.state(at(4000));
    CHECK(analyzer.analysis(at(4000)).has_value() == (state == BookState::ready));
    CHECK(analyzer.spread(at(4000)).has_value() == (state == BookState::ready));
    return state;
  };
  CHECK(state_of({}) == BookState::empty);
  CHECK(state_of({worked().bids, {}}) == BookState::one_sided);
  CHECK(state_of({{}, worked().asks}) == BookState::one_sided);
  CHECK(state_of({{level("100.2", "1")}, {level("100.1", "1")}}) == BookState::crossed);
  CHECK(state_of({{level("100.1", "1")}, {level("100.1", "1")}}) == BookState::locked);
  CHECK(state_of(worked()) == BookState::ready);

  BookAnalyzer analyzer;
  CHECK(analyzer.state(at(0)) == BookState::empty);
  for (int i = 0; i <= 40; ++i) analyzer.update(at(100 * i), worked());
  CHECK(analyzer.analysis(at(7000)));
  CHECK(analyzer.state(at(7001)) == BookState::stale);
  CHECK_FALSE(analyzer.analysis(at(7001)));
  CHECK_FALSE(analyzer.spread(at(7001)));
  analyzer.invalidate();
  CHECK(analyzer.state(at(4000)) == BookState::empty);
  CHECK_FALSE(analyzer.spread(at(4000)));
}

TEST_CASE("book analysis: a score is the mean of three seconds, not a flicker",
          "[market][book][analysis]") {
  BookAnalyzer analyzer;
  const BookLevels up = worked();
  const BookLevels down = swapped(up);
  CHECK(analyzer.update(at(0), up) == BookState::settling);
  CHECK(analyzer.spread(at(0)));
  CHECK_FALSE(analyzer.analysis(at(0)));
  CHECK(analyzer.update(at(2900), up) == BookState::settling);
  CHECK(analyzer.update(at(3000), up) == BookState::ready);
  const double whole = analyzer.analysis(at(3000))->score;
  CHECK(whole > 0.1);

  analyzer.update(at(3100), down);  // turned 100 ms ago: the mean has not
  const auto said = analyzer.analysis(at(3100));
  CHECK(said->score_now == Approx(-whole).margin(6e-4));
  CHECK(said->score == Approx(whole).margin(6e-4));
  // A second later it holds two seconds of the one and one of the other.
  CHECK(analyzer.analysis(at(4100))->score == Approx(whole * (2.0 - 1) / 3).margin(0.04));

  // A gap longer than the age limit, or a broken book, begins anew.
  CHECK(analyzer.update(at(7101), up) == BookState::settling);
  for (int i = 0; i <= 30; ++i) analyzer.update(at(7101 + 100 * i), up);
  CHECK(analyzer.state(at(10101)) == BookState::ready);
  CHECK(analyzer.update(at(10200), {up.bids, {}}) == BookState::one_sided);
  CHECK(analyzer.update(at(10300), up) == BookState::settling);
}

TEST_CASE("book analysis: whales are named, weighed and biased (X04)", "[market][book][analysis]") {
  BookLevels book = worked();
  book.bids[1].quantity = Quantity::parse_or_die("600");  // 60 030 at the mid
  const auto said = held(book);
  REQUIRE(said);
  CHECK(said->whale_bias == 1);
  CHECK(said->whales_bid == 1);
  CHECK(said->whales_ask == 0);

  BookAnalyzer analyzer;
  analyzer.update(start, book);
  REQUIRE(analyzer.whales().size() == 1);
  const Whale& whale = analyzer.whales().front();
  CHECK(whale.side == Side::buy);
  CHECK(whale.price == book.bids[1].price);
  CHECK(whale.notional == Approx(600 * 100.05));
  CHECK(whale.multiple == Approx(600.0 / (607.0 / 3)));

  // A whale counts half of what the same size counts when it is none.
  const auto plain = held(book, {.whale_threshold = 1e9});
  const double touch = 0.4 * 3.0 / 7;
  CHECK(plain->whale_bias == 0);
  CHECK((said->score / said->liquidity - touch) /
            (plain->score / plain->liquidity - touch) == Approx(0.5).margin(0.01));

  const auto other = held(swapped(book));
  CHECK(other->whale_bias == -1);
  CHECK(other->score == -said->score);
}

TEST_CASE("book analysis: what is large depends on the pair's last hour", "[market][book][analysis]") {
  WhaleLimit limit(50'000);
  // An hour in which one level of a hundred is above 400 000.
  for (int second = 0; second < 3600; ++second) {
    limit.begin(start + seconds{second});
    for (int i = 0; i < 100; ++i) limit.note(i == 0 ? 1'000'000 : i < 3 ? 400'000 : 1'000);
    limit.finish();
    if (second == 0) CHECK(limit.limit() == 50'000);  // too few to know a tail
  }
  CHECK(limit.limit() >= 400'000);
  CHECK(limit.limit() <= 400'000 * 1.0906);
  CHECK(limit.samples() <= 360'000);

  // An hour later none of it counts.
  for (int second = 3600; second < 7260; ++second) {
    limit.begin(start + seconds{second});
    for (int i = 0; i < 100; ++i) limit.note(1'000);
    limit.finish();
  }
  CHECK(limit.limit() == 50'000);
  limit.begin(start + hours{48});
  CHECK(limit.samples() == 0);
}

TEST_CASE("book analysis: voids and a thin book lower liquidity", "[market][book][analysis]") {
  BookLevels book = worked();
  const double before = held(book)->liquidity;
  book.bids[2].price = Price::parse_or_die("99.5");  // 0.4 % below its neighbour
  const auto said = held(book);
  CHECK(said->voids == 1);
  CHECK(said->liquidity == Approx(before - 0.05).margin(1.1e-3));
  for (auto* side : {&book.bids, &book.asks}) {
    for (Level& l : *side) l.quantity = l.quantity * 1000;  // 1.2 million within 50 bps
  }
  CHECK(held(book)->liquidity == Approx(before - 0.05 + 0.4).margin(1.1e-3));
}

TEST_CASE("book analysis: a mirrored book says the same with the sides exchanged",
          "[market][book][analysis]") {
  BookLevels book = worked();
  book.asks.push_back(level("100.45", "700"));
  const auto a = held(book), b = held(swapped(book));
  REQUIRE((a && b));
  CHECK(a->score == -b->score);
  CHECK(a->imbalance_5 == -b->imbalance_5);
  CHECK(a->imbalance_25 == -b->imbalance_25);
  CHECK(a->imbalance_50 == -b->imbalance_50);
  CHECK(a->whale_bias == -b->whale_bias);
  CHECK(a->depth_bid == b->depth_ask);
  CHECK(a->depth_ask == b->depth_bid);
  CHECK(a->spread == b->spread);
  CHECK(a->liquidity == b->liquidity);
  CHECK(a->micro_price - 100.05 == Approx(100.05 - b->micro_price));
}

TEST_CASE("book analysis: trend is the slope of the last twenty imbalances, per second",
          "[market][book][analysis]") {
  BookAnalyzer analyzer;
  // A bid that grows so that the imbalance of the best level rises by 0.01 a second.
  for (int second = 0; second < 25; ++second) {
    const double imbalance = 0.01 * second;
    const auto bid = Quantity::from_double(10 * (1 + imbalance), Rounding::half_even);
    const auto ask = Quantity::from_double(10 * (1 - imbalance), Rounding::half_even);
    analyzer.update(start + seconds{second}, {{{Price::parse_or_die("100"), *bid}},
                                              {{Price::parse_or_die("100.01"), *ask}}});
    const auto said = analyzer.analysis(start + seconds{second});
    if (second == 18) CHECK(std::isnan(said->imbalance_trend));
    if (second == 19) CHECK(said->imbalance_trend == Approx(0.01).margin(6e-4));
  }
  CHECK(analyzer.analysis(start + seconds{24})->imbalance_trend == Approx(0.01).margin(6e-4));
}

TEST_CASE("book analysis: looks at the configured depth only", "[market][book][analysis]") {
  BookLevels book = worked();
  BookLevels deeper = book;
  deeper.bids.push_back(level("99.7", "900"));
  const BookAnalysisOptions three{.depth = 3};
  CHECK(held(deeper, three)->score == held(book, three)->score);
  CHECK(held(deeper, three)->depth_bid == held(book, three)->depth_bid);
  CHECK(held(deeper)->whales_bid == 1);
}

}  // namespace aitrade
