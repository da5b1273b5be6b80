// What is spoofing and what only looks like it: a level must be taken back, not traded, not slid away.
#include "core/market/spoof_tracker.h"

#include <catch2/catch.hpp>

#include "core/market/book_analysis.h"

namespace aitrade {
namespace {

Level level(const char* price, const char* quantity) {
  return {Price::parse_or_die(price), Quantity::parse_or_die(quantity)};
}

const Time start = Time::from_seconds(1'700'000'000);

Time at(double s) { return start + Duration{static_cast<std::int64_t>(s * 1e9)}; }

BookLevels plain() {
  return {{level("100", "5"), level("99.9", "5"), level("99.7", "5")},
          {level("100.1", "5"), level("100.2", "5"), level("100.4", "5")}};
}

BookLevels with_bid(const char* price, const char* quantity) {
  BookLevels book = plain();
  const Level added = level(price, quantity);
  auto place = book.bids.begin();
  while (place != book.bids.end() && place->price > added.price) ++place;
  if (place != book.bids.end() && place->price == added.price) {
    place->quantity = added.quantity;
  } else {
    book.bids.insert(place, added);
  }
  return book;
}

struct Rig {
  explicit Rig(std::size_t depth = 25) : tracker(depth) { show(0, plain()); }

  void show(double s, const BookLevels& book) { tracker.update(at(s), book, 100); }

  /// A bid of 500 at 99.8 that is there from `from` to `to`.
  void flash(double from, double to, const char* price = "99.8") {
    show(from, with_bid(price, "500"));
    show(to, plain());
  }

  SpoofTracker tracker;
};

}  // namespace

TEST_CASE("spoofing: taken back twice within a minute, and held for one", "[market][book][spoof]") {
  Rig rig;
  rig.flash(1, 4);
  rig.show(6, plain());
  CHECK(rig.tracker.retractions() == 1);
  CHECK_FALSE(rig.tracker.is_spoofed(at(6)));
  rig.flash(30, 33);
  CHECK_FALSE(rig.tracker.is_spoofed(at(33.5)));  // a trade may still explain it
  rig.show(34, plain());
  CHECK(rig.tracker.is_spoofed(at(34)));
  CHECK(rig.tracker.is_spoofed(at(92)));
  CHECK_FALSE(rig.tracker.is_spoofed(at(93.1)));
}

TEST_CASE("spoofing: not when the two are more than a minute apart, or at different prices",
          "[market][book][spoof]") {
  Rig apart;
  apart.flash(1, 4);
  apart.flash(62, 65);
  apart.show(70, plain());
  CHECK(apart.tracker.retractions() == 2);
  CHECK_FALSE(apart.tracker.is_spoofed(at(70)));

  Rig follows;  // a quote that moves with the market
  follows.flash(1, 4, "99.8");
  follows.flash(5, 8, "99.85");
  follows.show(10, plain());
  CHECK(follows.tracker.retractions() == 2);
  CHECK_FALSE(follows.tracker.is_spoofed(at(10)));
}

TEST_CASE("spoofing: not when a trade was at or through the level", "[market][book][spoof]") {
  for (const char* price : {"99.8", "99.75"}) {
    Rig rig;
    for (const double from : {1.0, 20.0}) {
      rig.show(from, with_bid("99.8", "500"));
      rig.tracker.on_trade(at(from + 1), Price::parse_or_die(price));
      rig.show(from + 2, plain());
    }
    rig.show(30, plain());
    CHECK(rig.tracker.retractions() == 0);
  }
  Rig late;  // the venue tells the trade after the book
  late.flash(1, 4);
  late.tracker.on_trade(at(4.8), Price::parse_or_die("99.8"));
  late.show(10, plain());
  CHECK(late.tracker.retractions() == 0);

  Rig elsewhere;  // a trade above a bid did not touch it
  elsewhere.flash(1, 4);
  elsewhere.tracker.on_trade(at(4.5), Price::parse_or_die("100.1"));
  elsewhere.show(10, plain());
  CHECK(elsewhere.tracker.retractions() == 1);
}

TEST_CASE("spoofing: not when the level stood longer than ten seconds or was small",
          "[market][book][spoof]") {
  Rig stood;
  stood.flash(1, 11.1);
  stood.flash(20, 30.5);
  stood.show(40, plain());
  CHECK(stood.tracker.retractions() == 0);

  Rig small;
  for (const double from : {1.0, 10.0}) {
    small.show(from, with_bid("99.8", "99"));
    small.show(from + 1, plain());
  }
  small.show(20, plain());
  CHECK(small.tracker.retractions() == 0);

  Rig initial;  // there before we looked
  SpoofTracker fresh(25);
  fresh.update(at(0), with_bid("99.8", "500"), 100);
  fresh.update(at(1), plain(), 100);
  fresh.update(at(9), plain(), 100);
  CHECK(fresh.retractions() == 0);
}

TEST_CASE("spoofing: not when a level slides out of the visible depth or into it",
          "[market][book][spoof]") {
  // Three levels are visible. A large order at 99.7 leaves and returns as better levels come and go.
  const BookLevels near{{level("100", "5"), level("99.9", "5"), level("99.7", "500")}, plain().asks};
  const BookLevels moved{{level("100", "5"), level("99.95", "5"), level("99.9", "5")}, plain().asks};
  SpoofTracker tracker(3);
  tracker.update(at(0), moved, 100);
  for (int i = 1; i < 20; i += 2) {
    tracker.update(at(i), near, 100);   // came into sight
    tracker.update(at(i + 1), moved, 100);  // out of sight again
  }
  tracker.update(at(30), moved, 100);
  CHECK(tracker.retractions() == 0);
}

TEST_CASE("spoofing: a level that grows large and shrinks to a quarter was taken back",
          "[market][book][spoof]") {
  Rig rig;
  for (const double from : {1.0, 10.0}) {
    rig.show(from, with_bid("99.9", "505"));
    rig.show(from + 1, with_bid("99.9", "300"));  // less, but there
    rig.show(from + 2, plain());
  }
  rig.show(20, plain());
  CHECK(rig.tracker.retractions() == 2);
  CHECK(rig.tracker.is_spoofed(at(20)));
}

TEST_CASE("spoofing: what changed while the book was lost is not held against anybody",
          "[market][book][spoof]") {
  Rig rig;
  for (const double from : {1.0, 10.0}) {
    rig.show(from, with_bid("99.8", "500"));
    rig.tracker.forget();
    rig.show(from + 2, plain());
  }
  rig.show(20, plain());
  CHECK(rig.tracker.retractions() == 0);
}

TEST_CASE("spoofing: halves the score; without trades nothing counts", "[market][book][spoof]") {
  const auto run = [](bool trades) {
    BookAnalyzer analyzer({.whale_threshold = 20'000, .trades = trades});
    for (int i = 0; i <= 400; ++i) {
      const double s = 0.1 * i;
      const bool shown = (s > 1 && s < 3) || (s > 20 && s < 22);
      analyzer.update(at(s), shown ? with_bid("99.8", "500") : plain());
    }
    return *analyzer.analysis(at(40));
  };
  CHECK(run(true).is_spoofed);
  CHECK_FALSE(run(false).is_spoofed);
  const auto lean = [](bool trades) {
    BookAnalyzer analyzer({.whale_threshold = 20'000, .trades = trades});
    for (int i = 0; i <= 400; ++i) {
      const double s = 0.1 * i;
      const bool shown = (s > 1 && s < 3) || (s > 20 && s < 22);
      analyzer.update(at(s), shown ? with_bid("99.8", "500") : with_bid("99.9", "50"));
    }
    return *analyzer.analysis(at(40));
  };
  CHECK(lean(true).score == Approx(lean(false).score / 2).margin(1e-3));
}

}  // namespace aitrade
