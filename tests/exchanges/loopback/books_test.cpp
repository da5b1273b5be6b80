// The exchange's own books: exact, whole, and independent of what clients are told.
#include "exchanges/loopback/books.h"
#include "exchanges/loopback/exchange.h"
#include "tests/exchanges/loopback/private_support.h"

#include <atomic>
#include <thread>

namespace aitrade::loopback {
namespace {

PrivateBooks books(Rig& rig) {
  return books_of(*rig.venue, rig.now);
}

}  // namespace

TEST_CASE("books: orders, fills and balances agree to the last digit") {
  Rig rig;
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&cl_ord_id=rests");
  rig.venue->matching().set_pieces(3);
  const std::string id =
      rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.30000001&cl_ord_id=takes");
  const PrivateBooks now = books(rig);
  CHECK(now.contradictions().empty());
  REQUIRE(now.orders.size() == 2);
  CHECK(now.orders[0].is_live());
  CHECK(now.orders[0].held > Money::parse_or_die("3000"));
  CHECK(now.balances.at("USD").held == now.orders[0].held);
  REQUIRE(now.find_order(id) != nullptr);
  CHECK(now.find_order(id)->phase == Phase::closed);
  CHECK(now.find_order(id)->filled == Quantity::parse_or_die("0.30000001"));
  CHECK(now.fills.size() >= 3);
  Money paid;
  Quantity bought;
  for (const BookedFill& fill : now.fills) {
    CHECK(fill.client_id == "takes");
    CHECK(fill.fee_asset == "USD");
    paid += fill.cost + fill.fee;
    bought += fill.quantity;
  }
  CHECK(now.balances.at("USD").balance == Money::parse_or_die("1000000") - paid);
  CHECK(now.balances.at("BTC").balance == Money::parse_or_die("10.30000001"));
  CHECK(bought == Quantity::parse_or_die("0.30000001"));
  CHECK(now.find_fill(now.fills[1].id) == &now.fills[1]);
  CHECK(now.find_fill("nothing") == nullptr);
  CHECK(to_line(now.orders[0]).find("rests BTC/USD buy limit open 0.1 filled 0") !=
        std::string::npos);
  CHECK(now.text().find("intent takes copies 1 accepted 1 filled 0.30000001\n") !=
        std::string::npos);
}

TEST_CASE("books: copies of an intent are counted, whether they were taken or not") {
  Rig rig;
  const char* market = "ordertype=market&type=buy&pair=XBTUSD&volume=0.01&cl_ord_id=twice";
  rig.place(market);
  rig.place(market);  // the first is over, so its name is free again
  const char* limit = "ordertype=limit&type=buy&pair=XBTUSD&volume=0.01&price=30000&cl_ord_id=once";
  rig.place(limit);
  CHECK(rig.error(rig.call("AddOrder", limit)).find("cl_ord_id") != std::string::npos);
  (void)rig.call("AddOrder", std::string(limit) + "&validate=true");  // not an order
  const PrivateBooks now = books(rig);
  CHECK(now.doubled() == std::vector<std::string>{"twice"});
  CHECK(now.intents.at("twice").accepted == 2);
  CHECK(now.intents.at("twice").filled == Quantity::parse_or_die("0.02"));
  CHECK(now.intents.at("once").copies == 2);
  CHECK(now.intents.at("once").accepted == 1);
  CHECK(now.intents.at("once").live == 1);
}

TEST_CASE("books: what clients are not told yet is in them") {
  Rig rig;
  rig.venue->set_read_lag(seconds{60});
  rig.venue->matching().hide_next(seconds{60});
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.01&cl_ord_id=hidden");
  CHECK(rig.call("TradesHistory").find("\"count\":0") != std::string::npos);
  CHECK(books(rig).fills.size() == 1);
  CHECK(books(rig).orders.size() == 1);
}

TEST_CASE("books: a contradiction is named") {
  Rig rig;
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.01");
  PrivateBooks wrong = books(rig);
  wrong.fills.front().quantity = Quantity::parse_or_die("0.02");
  wrong.balances.at("USD").held = Money::parse_or_die("1");
  const auto found = wrong.contradictions();
  REQUIRE(found.size() == 2);
  CHECK(found[0] == wrong.orders[0].id + " is not the sum of its fills");
  CHECK(found[1] == "USD is held by no order");
}

TEST_CASE("books: they can be copied while the exchange runs") {
  LoopbackOptions options;
  options.synthetic = Synthetic{3, {*Symbol::parse("BTC/USD")}, minutes{1},
                                Time::from_seconds(1'700'000'000)};
  options.speed = 600;
  options.account.deposits = {{"USD", Amount::parse_or_die("100000")}};
  auto exchange = LoopbackExchange::start(std::move(options));
  REQUIRE(exchange);
  std::atomic<bool> is_done{false};
  std::thread reader([&] {
    while (!is_done) {
      const PrivateBooks now = (*exchange)->private_books();
      if (!now.contradictions().empty()) std::abort();
    }
  });
  for (int i = 0; i < 20; ++i) {
    (*exchange)->with_venue([&](PrivateVenue& venue, Time now) {
      const auto params =
          Params::read_form("ordertype=market&type=buy&pair=XBTUSD&volume=0.01&cl_ord_id=n" +
                            std::to_string(i));
      CHECK(venue.add(params, now));
    });
  }
  is_done = true;
  reader.join();
  CHECK((*exchange)->private_books().intents.size() == 20);
}

}  // namespace aitrade::loopback
