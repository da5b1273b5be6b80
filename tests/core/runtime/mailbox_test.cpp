#include "core/runtime/mailbox.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr Duration no_wait{0};

Event event(EventBody body) {
  Event e;
  e.body = std::move(body);
  return e;
}

Event candle(std::int64_t i, std::uint32_t pair = 0) {
  return event(CandleClosed{InstrumentId{pair}, flat(i), false});
}

Event book(const char* bid, std::uint32_t pair = 0) {
  return event(BookSummary{InstrumentId{pair}, BookTop{px(bid), px("200"), qty("1"), qty("1"), 0}});
}

Event filled(std::uint32_t producer, std::uint32_t n) {
  OrderFilled f;
  f.fill.client_id = ClientOrderId{n, static_cast<std::uint16_t>(producer), OrderRole::entry, 0};
  return event(f);
}

std::vector<Letter> take(Mailbox& box, std::size_t limit = 100'000) {
  std::vector<Letter> out;
  box.pop(out, limit, no_wait);
  return out;
}

Price bid_of(const Letter& letter) { return std::get<BookSummary>(letter.event.body).top.bid; }

}  // namespace

TEST_CASE("mailbox: letters come out in order, as many as asked for", "[runtime][mailbox][EN1]") {
  Mailbox box;
  for (int i = 0; i < 5; ++i) CHECK(box.push(candle(i)));
  const auto first = take(box, 2);
  REQUIRE(first.size() == 2);
  CHECK(std::get<CandleClosed>(first[1].event.body).candle == flat(1));
  CHECK(box.size() == 3);
  CHECK(take(box).size() == 3);
  CHECK(take(box).empty());
}

TEST_CASE("mailbox: a summary replaces the one before it, but never overtakes a candle",
          "[runtime][mailbox][EN1]") {
  Mailbox box;
  box.push(book("100"));
  box.push(book("50", 1));
  box.push(book("101"));  // replaces the first, behind another pair's
  box.push(candle(0));
  box.push(book("102"));
  box.push(book("103"));
  const auto letters = take(box);
  REQUIRE(letters.size() == 4);
  CHECK(bid_of(letters[0]) == px("101"));
  CHECK(bid_of(letters[1]) == px("50"));
  CHECK(std::holds_alternative<CandleClosed>(letters[2].event.body));
  CHECK(bid_of(letters[3]) == px("103"));
}

TEST_CASE("mailbox: a full queue makes candles wait, and never orders and commands",
          "[runtime][mailbox][EN1]") {
  Mailbox box;
  for (std::size_t i = 0; i < Mailbox::capacity; ++i) REQUIRE(box.push(candle(static_cast<std::int64_t>(i))));
  CHECK(box.push(filled(0, 1)));
  CHECK(box.push(event(OperatorCommand{OperatorAction::pause, "cli:1", ""})));
  CHECK(box.push(event(FeedDown{})));
  CHECK(box.size() == Mailbox::capacity + 3);

  std::promise<void> started;
  std::atomic<bool> is_in{false};
  std::thread feed([&] {
    started.set_value();
    is_in = box.push(candle(0));
  });
  started.get_future().wait();
  CHECK_FALSE(is_in);
  take(box, 100);  // room for it
  feed.join();
  CHECK(is_in);
}

TEST_CASE("mailbox: what is offered never waits: it is taken up to a bound, and said to be too much beyond it",
          "[runtime][mailbox]") {
  Mailbox box;
  for (std::size_t i = 0; i < Mailbox::offered_max; ++i) {
    if (box.offer(candle(static_cast<std::int64_t>(i))) != Mailbox::Offered::taken) FAIL("candle " << i);
  }
  CHECK(box.offer(candle(0)) == Mailbox::Offered::full);
  CHECK(box.offer(event(FeedDown{})) == Mailbox::Offered::taken);   // of no candle
  CHECK(box.offer(book("99")) == Mailbox::Offered::taken);
  CHECK(box.offer(book("98")) == Mailbox::Offered::taken);          // in the place of the one before
  CHECK(box.size() == Mailbox::offered_max + 2);
  box.close();
  CHECK(box.offer(candle(0)) == Mailbox::Offered::closed);
}

TEST_CASE("mailbox: closing wakes who waits, delivers what is inside and takes no more",
          "[runtime][mailbox]") {
  Mailbox box;
  for (std::size_t i = 0; i < Mailbox::capacity; ++i) REQUIRE(box.push(candle(static_cast<std::int64_t>(i))));
  std::atomic<bool> was_taken{true};
  std::thread feed([&] { was_taken = box.push(candle(0)); });
  box.close();
  feed.join();
  CHECK_FALSE(box.push(filled(0, 1)));
  std::vector<Letter> out;
  CHECK(box.pop(out, 1'000'000, no_wait));
  CHECK(out.size() >= Mailbox::capacity);
  CHECK_FALSE(box.pop(out, 10, no_wait));
}

TEST_CASE("mailbox: drain gives everything back unanswered", "[runtime][mailbox]") {
  Mailbox box;
  int answered = 0;
  box.push(candle(0));
  box.push(event(OperatorCommand{}), [&](const Status&) { ++answered; });
  const auto letters = box.drain();
  REQUIRE(letters.size() == 2);
  CHECK(letters[1].done);
  CHECK(answered == 0);
  CHECK(box.size() == 0);
}

// Eight threads push orders, candles and summaries; nothing is lost, doubled or out of its own order.
TEST_CASE("mailbox: eight producers lose nothing", "[runtime][mailbox][EN1]") {
  constexpr std::uint32_t producers = 8;
  constexpr std::uint32_t each = 4'000;
  Mailbox box;
  std::vector<std::thread> threads;
  std::atomic<std::uint32_t> running{producers};
  for (std::uint32_t p = 0; p < producers; ++p) {
    threads.emplace_back([&, p] {
      for (std::uint32_t n = 0; n < each; ++n) {
        box.push(filled(p, n));
        box.push(candle(n, p));
        box.push(book("100", p));
      }
      if (--running == 0) box.close();
    });
  }
  std::array<std::uint32_t, producers> fills{};
  std::array<std::int64_t, producers> candles{};
  std::size_t summaries = 0;
  bool in_order = true;
  std::vector<Letter> out;
  while (box.pop(out, 256, milliseconds{50})) {
    for (const Letter& letter : out) {
      if (const auto* f = std::get_if<OrderFilled>(&letter.event.body)) {
        in_order = in_order && f->fill.client_id.sequence == fills[f->fill.client_id.epoch]++;
      } else if (const auto* c = std::get_if<CandleClosed>(&letter.event.body)) {
        in_order = in_order && c->candle.open_time == minute(candles[number(c->instrument)]++);
      } else {
        ++summaries;
      }
    }
  }
  for (std::thread& t : threads) t.join();
  CHECK(in_order);
  for (std::uint32_t p = 0; p < producers; ++p) {
    CHECK(fills[p] == each);
    CHECK(candles[p] == each);
  }
  CHECK(summaries > 0);
  CHECK(summaries <= producers * each);
}
