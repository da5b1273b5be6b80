// The real adapter against the loopback exchange, over real sockets.
#include "core/base/random.h"
#include "exchanges/kraken/market_feed.h"
#include "exchanges/loopback/clock.h"
#include "exchanges/loopback/exchange.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace aitrade {
namespace {

using kraken::KrakenFeed;
using kraken::MarketFeedOptions;
using loopback::LoopbackExchange;
using loopback::LoopbackOptions;
using loopback::Tape;

constexpr Duration limit = seconds{60};  // of any wait; a healthy run needs a small part of it

Symbol symbol(const char* text) {
  return *Symbol::parse(text);
}

// A random walk with two decimals in price and eight in volume; every `silent`-th candle has no
// trade.
Tape make_tape(const char* name, std::uint64_t seed, int count, int silent = 0) {
  Tape tape;
  tape.symbol = symbol(name);
  Random random(seed);
  std::int64_t cents = 5'000'000;
  for (int i = 0; i < count; ++i) {
    Candle c;
    c.open_time = Time::from_seconds(1'700'000'040 + 60 * i);
    c.interval = minutes{1};
    const auto cent = [&](std::int64_t n) { return Price::from_raw(n * (Price::scale / 100)); };
    if (silent > 0 && i > 0 && i % silent == 0) {
      c.open = c.high = c.low = c.close = cent(cents);
      c.synthetic = true;
    } else {
      const std::int64_t open = cents + static_cast<std::int64_t>(random.below(101)) - 50;
      cents = open + static_cast<std::int64_t>(random.below(2001)) - 1000;
      c.open = cent(open);
      c.close = cent(cents);
      c.high = cent(std::max(open, cents) + static_cast<std::int64_t>(random.below(500)));
      c.low = cent(std::min(open, cents) - static_cast<std::int64_t>(random.below(500)));
      c.volume = static_cast<double>(1 + random.below(1'000'000'000)) / 1e8;
      c.trades = static_cast<std::uint32_t>(1 + random.below(500));
    }
    tape.candles.push_back(c);
  }
  return tape;
}

// Keeps what a feed delivers, and can wait for it.
class Inbox {
 public:
  void take(Event&& event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_all();
  }

  template <class Ready>
  bool wait(Ready ready) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return ready(events_); });
  }

  std::vector<Event> copy() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
};

template <class Body>
std::size_t count_of(const std::vector<Event>& events) {
  return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [](const Event& e) {
    return std::holds_alternative<Body>(e.body);
  }));
}

std::vector<CandleClosed> candles_of(const std::vector<Event>& events) {
  std::vector<CandleClosed> out;
  for (const Event& event : events) {
    if (const auto* closed = std::get_if<CandleClosed>(&event.body)) out.push_back(*closed);
  }
  return out;
}

MarketFeedOptions feed_options(const LoopbackExchange& exchange, std::vector<const char*> names) {
  MarketFeedOptions options;
  options.rest_url = exchange.rest_url();
  options.ws_url = exchange.ws_url();
  std::uint32_t id = 1;
  for (const char* name : names)
    options.pairs.push_back({InstrumentId{id++}, symbol(name)});
  options.watermark = Duration::max();
  options.ordered_stream = true;
  options.quotes = false;
  options.skew_every = Duration{0};
  options.backoff = {milliseconds{1}, milliseconds{20}, seconds{60}};
  return options;
}

// Runs a tape at speed 0 to its end through the adapter.
std::vector<Event> play(std::vector<Tape> tapes, std::vector<const char*> names) {
  LoopbackOptions options;
  options.tapes = std::move(tapes);
  options.speed = 0;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  KrakenFeed feed(feed_options(venue, std::move(names)), venue.clock());
  std::vector<Event> events;
  std::mutex mutex;
  feed.start([&](Event&& event) {
    if (std::holds_alternative<CandleClosed>(event.body)) venue.acknowledge(event.when);
    const std::lock_guard lock(mutex);
    events.push_back(std::move(event));
  });
  REQUIRE(venue.wait_finished(limit));
  REQUIRE(feed.flush(limit).has_value());
  feed.stop();
  return events;
}

}  // namespace

TEST_CASE("loopback: a tape arrives bit-exact and in order", "[loopback][feed]") {
  const Tape tape = make_tape("BTC/USD", 3, 2'000, 7);

  const auto events = play({tape}, {"BTC/USD"});

  const auto candles = candles_of(events);
  REQUIRE(candles.size() == tape.candles.size());
  for (std::size_t i = 0; i < candles.size(); ++i) {
    REQUIRE(candles[i].candle == tape.candles[i]);
    REQUIRE_FALSE(candles[i].backfill);
  }
  CHECK(count_of<FeedUp>(events) == 1);
  CHECK(count_of<SeriesBroken>(events) == 0);
  CHECK(std::holds_alternative<FeedUp>(events.front().body));
}

TEST_CASE("loopback: two pairs come in configured order at each close", "[loopback][feed]") {
  const Tape first = make_tape("BTC/USD", 3, 600);
  const Tape second = make_tape("ETH/USD", 4, 600, 3);

  const auto candles = candles_of(play({first, second}, {"ETH/USD", "BTC/USD"}));

  REQUIRE(candles.size() == 1200);
  for (std::size_t i = 0; i < 600; ++i) {
    REQUIRE(candles[2 * i].instrument == InstrumentId{1});
    REQUIRE(candles[2 * i].candle == second.candles[i]);
    REQUIRE(candles[2 * i + 1].candle == first.candles[i]);
  }
}

TEST_CASE("loopback: a pair that is silent for hours does not stall the others",
          "[loopback][feed]") {
  const Tape busy = make_tape("BTC/USD", 3, 400);
  Tape quiet = make_tape("LTC/USD", 5, 400);
  std::erase_if(quiet.candles, [&](const Candle& c) {
    return c.open_time > quiet.candles[10].open_time && c.open_time < quiet.candles[300].open_time;
  });
  const auto events = play({busy, quiet}, {"BTC/USD", "LTC/USD"});

  std::size_t of_busy = 0;
  std::size_t of_quiet = 0;
  for (const CandleClosed& c : candles_of(events)) {
    (c.instrument == InstrumentId{1} ? of_busy : of_quiet) += 1;
  }
  CHECK(of_busy == 400);
  CHECK(of_quiet == 11 + 30 + 100);  // before, filled, after the break
  CHECK(count_of<SeriesBroken>(events) == 1);
}

TEST_CASE("loopback: twenty cuts lose no candle and double no subscription", "[loopback][feed][EN2]") {
  const Tape tape = make_tape("BTC/USD", 9, 3'000, 5);
  LoopbackOptions options;
  options.tapes = {tape};
  options.speed = 0;
  options.window = 8;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  KrakenFeed feed(feed_options(venue, {"BTC/USD"}), venue.clock());
  Inbox inbox;
  std::size_t cuts = 0;
  std::size_t until_cut = 40;
  feed.start([&](Event&& event) {
    if (std::holds_alternative<CandleClosed>(event.body)) {
      venue.acknowledge(event.when);
      if (cuts < 20 && --until_cut == 0) {
        until_cut = 40 + 7 * (cuts % 5);
        if (venue.drop_connections() > 0) ++cuts;
      }
    }
    inbox.take(std::move(event));
  });
  REQUIRE(venue.wait_finished(limit));
  REQUIRE(inbox.wait([&](const auto& events) { return count_of<FeedUp>(events) == cuts + 1; }));
  REQUIRE(feed.flush(limit).has_value());
  feed.stop();

  const auto events = inbox.copy();
  const auto candles = candles_of(events);
  REQUIRE(candles.size() == tape.candles.size());
  for (std::size_t i = 0; i < candles.size(); ++i)
    REQUIRE(candles[i].candle == tape.candles[i]);
  CHECK(cuts == 20);
  CHECK(count_of<FeedDown>(events) == 20);
  CHECK(feed.health().subscriptions_max == 1);
  CHECK(feed.health().connections == 21);
  bool up = false;
  for (const Event& event : events) {
    if (std::holds_alternative<FeedUp>(event.body)) {
      CHECK_FALSE(up);
      up = true;
    } else if (std::holds_alternative<FeedDown>(event.body)) {
      CHECK(up);
      up = false;
    } else if (const auto* closed = std::get_if<CandleClosed>(&event.body)) {
      if (!up) CHECK(closed->backfill);  // between down and up only what was fetched
    }
  }
}

TEST_CASE("loopback: a feed continues after the candle it was told", "[loopback][feed]") {
  const Tape tape = make_tape("BTC/USD", 9, 300);
  LoopbackOptions options;
  options.tapes = {tape};
  options.speed = 0;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  const auto follow = [&](KrakenFeed& feed, Inbox& inbox) {
    feed.start([&](Event&& event) {
      if (std::holds_alternative<CandleClosed>(event.body)) venue.acknowledge(event.when);
      inbox.take(std::move(event));
    });
  };
  Inbox first;
  {
    KrakenFeed feed(feed_options(venue, {"BTC/USD"}), venue.clock());
    follow(feed, first);
    REQUIRE(first.wait([](const auto& events) { return count_of<CandleClosed>(events) >= 100; }));
    feed.stop();
  }
  const auto before = candles_of(first.copy());
  Inbox second;
  KrakenFeed feed(feed_options(venue, {"BTC/USD"}), venue.clock());
  feed.resume_after(InstrumentId{1}, before.back().candle);
  follow(feed, second);
  REQUIRE(venue.wait_finished(limit));
  REQUIRE(second.wait([](const auto& events) { return count_of<FeedUp>(events) >= 1; }));
  REQUIRE(feed.flush(limit).has_value());
  feed.stop();

  auto all = before;
  for (const CandleClosed& c : candles_of(second.copy()))
    all.push_back(c);
  REQUIRE(all.size() == tape.candles.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    REQUIRE(all[i].candle == tape.candles[i]);
}

TEST_CASE("loopback: a scaled tape arrives complete as well", "[loopback][feed]") {
  const Tape first = make_tape("BTC/USD", 3, 240, 6);
  const Tape second = make_tape("ETH/USD", 4, 240, 5);
  LoopbackOptions options;
  options.tapes = {first, second};
  options.speed = 3600;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  auto feed_settings = feed_options(venue, {"BTC/USD", "ETH/USD"});
  feed_settings.watermark = hours{2};  // 2 s of the wall
  KrakenFeed feed(feed_settings, venue.clock());
  Inbox inbox;
  feed.start([&](Event&& event) { inbox.take(std::move(event)); });
  REQUIRE(venue.wait_finished(limit));
  REQUIRE(feed.flush(limit).has_value());
  feed.stop();

  const auto candles = candles_of(inbox.copy());
  REQUIRE(candles.size() == 480);
  for (std::size_t i = 0; i < 240; ++i) {
    REQUIRE(candles[2 * i].candle == first.candles[i]);
    REQUIRE(candles[2 * i + 1].candle == second.candles[i]);
    REQUIRE_FALSE(candles[2 * i].backfill);
  }
}

// Five minutes of it by default; AITRADE_BOOK_MINUTES=60 plays the hour.
TEST_CASE("loopback: the books of a tape at 100 times real speed agree with every checksum", "[loopback][feed]") {
  const char* asked = std::getenv("AITRADE_BOOK_MINUTES");
  const int tape_minutes = asked != nullptr ? std::atoi(asked) : 5;
  LoopbackOptions options;
  options.tapes = {make_tape("BTC/USD", 5, tape_minutes), make_tape("ETH/USD", 6, tape_minutes, 7)};
  options.speed = 100;
  options.books_at_most_every = milliseconds{1};   // each second of the tape
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  auto feed_settings = feed_options(venue, {"BTC/USD", "ETH/USD"});
  feed_settings.quotes = true;
  feed_settings.summary_every = milliseconds{10};
  feed_settings.watermark = minutes{4};   // 2 s and more of the wall
  KrakenFeed feed(feed_settings, venue.clock());
  std::atomic<std::uint64_t> summaries{0}, lost{0};
  feed.start([&](Event&& event) {
    const auto* summary = std::get_if<BookSummary>(&event.body);
    if (summary != nullptr) ++(summary->top.is_valid() ? summaries : lost);
  });
  REQUIRE(venue.wait_finished(limit + seconds{tape_minutes}));
  const std::uint64_t shown = venue.books_shown();
  REQUIRE(feed.flush(limit).has_value());
  const auto health = feed.health();
  feed.stop();

  WARN(tape_minutes << " minutes of two pairs: " << health.checksums_good << " checksums right, "
                    << health.checksum_mismatches << " wrong, " << summaries << " summaries");
  CHECK(health.checksum_mismatches == 0);
  CHECK(health.bad_frames == 0);
  CHECK(health.connections == 1);
  CHECK(lost == 0);
  CHECK(shown > 0);
  CHECK(health.checksums_good >= shown);   // none was lost; how many a minute has is up to the machine
  CHECK(summaries > 0);
}

TEST_CASE("loopback: a spoiled checksum blocks the book and heals", "[loopback][feed]") {
  LoopbackOptions options;
  options.synthetic =
      loopback::Synthetic{7, {symbol("BTC/USD")}, minutes{1}, Time::from_seconds(1'700'000'000)};
  options.speed = 60;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  auto feed_settings = feed_options(venue, {"BTC/USD"});
  feed_settings.quotes = true;
  feed_settings.summary_every = milliseconds{1};
  KrakenFeed feed(feed_settings, venue.clock());
  const auto good = [](const Event& e) {
    const auto* summary = std::get_if<BookSummary>(&e.body);
    return summary != nullptr && summary->top.is_valid();
  };
  const auto lost = [](const Event& e) {
    const auto* summary = std::get_if<BookSummary>(&e.body);
    return summary != nullptr && !summary->top.is_valid();
  };
  Inbox inbox;
  feed.start([&](Event&& event) { inbox.take(std::move(event)); });
  REQUIRE(inbox.wait(
      [&](const auto& events) { return std::count_if(events.begin(), events.end(), good) >= 3; }));
  CHECK(feed.health().checksum_mismatches == 0);
  venue.corrupt_next_checksum();
  REQUIRE(inbox.wait([&](const auto& events) {
    const auto at = std::find_if(events.begin(), events.end(), lost);
    return at != events.end() && std::find_if(at, events.end(), good) != events.end();
  }));
  CHECK(feed.health().checksum_mismatches == 1);
  CHECK(feed.health().connections == 1);
  feed.stop();
}

TEST_CASE("loopback: summaries of a living book carry its analysis", "[loopback][feed]") {
  LoopbackOptions options;
  options.synthetic =
      loopback::Synthetic{7, {symbol("BTC/USD")}, minutes{1}, Time::from_seconds(1'700'000'000)};
  options.speed = 60;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  auto feed_settings = feed_options(venue, {"BTC/USD"});
  feed_settings.quotes = true;
  feed_settings.summary_every = milliseconds{100};
  KrakenFeed feed(feed_settings, venue.clock());
  Inbox inbox;
  feed.start([&](Event&& event) { inbox.take(std::move(event)); });
  const auto analysed = [](const Event& e) {
    const auto* summary = std::get_if<BookSummary>(&e.body);
    return summary != nullptr && summary->analysis.has_value();
  };
  REQUIRE(inbox.wait([&](const auto& events) {
    return std::count_if(events.begin(), events.end(), analysed) >= 3;
  }));
  feed.stop();
  for (const Event& event : inbox.copy()) {
    const auto* summary = std::get_if<BookSummary>(&event.body);
    if (summary == nullptr || !summary->analysis) continue;
    REQUIRE(summary->top.is_valid());
    CHECK(std::fabs(summary->analysis->score) <= 1);
    CHECK(summary->analysis->spread == spread_of(summary->top));
    CHECK(summary->analysis->depth_bid > 0);
    CHECK(summary->analysis->depth_ask > 0);
  }
  CHECK(feed.health().subscriptions_max == 1);
}

TEST_CASE("loopback: a synthetic market is warm at once and has market rules", "[loopback][rest]") {
  LoopbackOptions options;
  options.synthetic = loopback::Synthetic{
      7, {symbol("BTC/USD"), symbol("ETH/USD")}, minutes{1}, Time::from_seconds(1'700'000'130)};
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  LoopbackExchange& venue = **exchange;
  KrakenFeed feed(feed_options(venue, {"BTC/USD", "ETH/USD"}), venue.clock());

  const auto rules = feed.instruments();
  REQUIRE(rules.has_value());
  CHECK((*rules)[0].tick == Price::parse_or_die("0.1"));
  for (const Duration interval : {minutes{1}, minutes{5}, minutes{15}, minutes{60}}) {
    const auto history = feed.history(symbol("ETH/USD"), interval);
    REQUIRE(history.has_value());
    CHECK(history->size() == 720);
    CHECK(history->back().close_time() <= venue.clock().now());
    CHECK(history->back().close_time() + interval > venue.clock().now());
  }
}

TEST_CASE("loopback: the clock can be followed from outside", "[loopback][clock]") {
  LoopbackOptions options;
  options.tapes = {make_tape("BTC/USD", 3, 10)};
  options.speed = 0;
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange.has_value());
  auto remote = loopback::RemoteClock::connect((*exchange)->rest_url());
  REQUIRE(remote.has_value());

  CHECK((*remote)->now() == Time::from_seconds(1'700'000'040));
  CHECK((*remote)->speed() == 0);
  CHECK_FALSE((*remote)->is_finished());
  CHECK((*remote)->acknowledge(Time::from_seconds(1'700'000'100)).has_value());
}

TEST_CASE("loopback: a slow answer does not move the clock that is followed, a contradiction does", "[loopback][clock]") {
  using loopback::ClockFix;
  const auto start = std::chrono::steady_clock::time_point{} + std::chrono::seconds{100};
  const auto fix = [&](milliseconds at, milliseconds shown, Duration uncertainty) {
    return ClockFix{{Time{} + Duration{shown} * 60, 60, true, false}, start + at, uncertainty};
  };
  const ClockFix used = fix(milliseconds{0}, milliseconds{0}, std::chrono::microseconds{200});
  CHECK(is_better(fix(milliseconds{500}, milliseconds{500}, std::chrono::microseconds{200}), used));
  CHECK_FALSE(is_better(fix(milliseconds{500}, milliseconds{503}, milliseconds{4}), used));
  CHECK(is_better(fix(milliseconds{500}, milliseconds{520}, milliseconds{4}), used));
  ClockFix stopped = fix(milliseconds{500}, milliseconds{500}, milliseconds{4});
  stopped.reading.is_running = false;
  CHECK(is_better(stopped, used));
  // What is old has become less certain: 5 ms after 100 s.
  CHECK(is_better(fix(milliseconds{100'000}, milliseconds{100'000}, milliseconds{4}), used));
}

TEST_CASE("loopback: a taken port and contradictory options are refused", "[loopback]") {
  LoopbackOptions options;
  CHECK(LoopbackExchange::start(options).error().code == ErrorCode::invalid);
  options.tapes = {make_tape("BTC/USD", 3, 10)};
  auto first = LoopbackExchange::start(options);
  REQUIRE(first.has_value());
  options.port = (*first)->port();
  CHECK(LoopbackExchange::start(options).error().code == ErrorCode::busy);
}

}  // namespace aitrade
