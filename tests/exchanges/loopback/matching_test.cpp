#include "exchanges/loopback/matching.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace aitrade::loopback {
namespace {

// A venue with one pair at about 50,000 and a client with money and coins.
struct Venue {
  Market market{minutes{1}, 1};
  Accounts accounts{2};
  Matching matching{market, accounts, 3};
  Time now = Time::from_seconds(1'700'000'000);

  Venue() {
    market.add(*Symbol::parse("BTC/USD"), Price::parse_or_die("50000"));
    REQUIRE(accounts.transfer("USD", Amount::parse_or_die("1000000"), "deposit", now));
    REQUIRE(accounts.transfer("BTC", Amount::parse_or_die("10"), "deposit", now));
    trade("50000", "0.00000001", true);
    matching.take_events();
  }

  // The tape prints a trade one second later.
  void trade(const char* price, const char* quantity, bool is_buy) {
    now = now + seconds{1};
    Row row;
    row.at = now;
    row.so_far.open_time = floor_to(now, minutes{1});
    row.so_far.interval = minutes{1};
    const Price p = Price::parse_or_die(price);
    row.so_far.open = row.so_far.high = row.so_far.low = row.so_far.close = p;
    row.quantity = to_double(Quantity::parse_or_die(quantity));
    row.is_buy = is_buy;
    market.show(0, row);
    market.refresh_book(0, now.seconds_floor(), 0);
    matching.on_trade(0, {p, Quantity::parse_or_die(quantity), now, is_buy, 0}, now);
  }

  OrderTerms terms(Side side, Kind kind, const char* quantity, const char* limit = "0",
                   const char* trigger = "0") const {
    OrderTerms out;
    out.side = side;
    out.kind = kind;
    out.quantity = Quantity::parse_or_die(quantity);
    out.limit = Price::parse_or_die(limit);
    out.trigger = Price::parse_or_die(trigger);
    return out;
  }

  const VenueOrder& place(const OrderTerms& what) {
    const auto id = matching.place(what, now);
    INFO((id ? "" : id.error().what));
    REQUIRE(id);
    REQUIRE(accounts.is_sound());
    return *matching.find(*id);
  }

  std::string refusal(const OrderTerms& what) {
    const auto id = matching.place(what, now);
    return id ? "accepted" : id.error().what;
  }

  Price bid() const { return market.pairs()[0].book.bids.front().price; }

  Price ask() const { return market.pairs()[0].book.asks.front().price; }
};

std::vector<OrderEvent::What> kinds(const std::vector<OrderEvent>& events) {
  std::vector<OrderEvent::What> out;
  for (const OrderEvent& event : events) {
    if (event.what != OrderEvent::What::ledger) out.push_back(event.what);
  }
  return out;
}

}  // namespace

TEST_CASE("matching: a market buy walks the asks and pays cost and taker fee exactly") {
  Venue venue;
  const auto asks = venue.market.pairs()[0].book.asks;
  const Quantity wanted = asks[0].quantity + asks[1].quantity;
  OrderTerms order = venue.terms(Side::buy, Kind::market, "1");
  order.quantity = wanted;
  const VenueOrder& made = venue.place(order);
  CHECK(made.phase == Phase::closed);
  REQUIRE(made.fills.size() == 2);
  const VenueFill& first = venue.matching.fills()[made.fills[0]];
  CHECK(first.price == asks[0].price);
  CHECK(first.cost == notional(asks[0].price, asks[0].quantity, Rounding::up));
  CHECK(first.fee == apply(Rate::parse_or_die("0.0026"), first.cost, Rounding::up));
  CHECK_FALSE(first.is_maker);
  CHECK(venue.accounts.at("USD").balance ==
        Amount::parse_or_die("1000000") - made.cost - made.fee);
  CHECK(venue.ask() == asks[2].price);  // what was taken is gone from the shown book
  CHECK(kinds(venue.matching.take_events()) ==
        std::vector{OrderEvent::What::pending_new, OrderEvent::What::opened,
                    OrderEvent::What::trade, OrderEvent::What::trade, OrderEvent::What::filled});
}

TEST_CASE("matching: a limit order holds its worst cost, rests, and is given free by a cancel") {
  Venue venue;
  const VenueOrder& made = venue.place(venue.terms(Side::buy, Kind::limit, "1", "40000"));
  CHECK(made.phase == Phase::open);
  CHECK(venue.accounts.at("USD").held == Amount::parse_or_die("40104"));
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::limit, "24", "40000")) ==
        "EOrder:Insufficient funds");
  CHECK(venue.matching.cancel(made.id, "User requested", venue.now));
  CHECK(venue.accounts.at("USD").held.is_zero());
  CHECK(venue.matching.cancel(made.id, "User requested", venue.now).error().what ==
        "EOrder:Unknown order");
}

TEST_CASE("matching: at its price a resting order waits for the queue, through it it is filled") {
  Venue venue;
  const Price limit = venue.market.pairs()[0].book.bids[1].price;
  const Quantity ahead = venue.market.pairs()[0].book.bids[1].quantity;
  OrderTerms terms = venue.terms(Side::buy, Kind::limit, "1");
  terms.limit = limit;
  const VenueOrder& made = venue.place(terms);
  CHECK(made.queue_ahead == ahead);
  const std::string at = to_string(limit);
  venue.trade(at.c_str(), to_string(ahead + Quantity::parse_or_die("0.25")).c_str(), false);
  CHECK(made.filled >= Quantity::parse_or_die("0.25"));
  CHECK(made.filled < Quantity::parse_or_die("1"));
  CHECK(venue.matching.fills().back().is_maker);
  venue.trade("49000", "0.001", false);
  CHECK(made.phase == Phase::closed);
  CHECK(made.mean() == limit);  // never worse and never better than its limit
  CHECK(venue.accounts.at("USD").held.is_zero());
  CHECK(venue.accounts.is_sound());
}

TEST_CASE("matching: post-only, IOC and FOK keep their word") {
  Venue venue;
  OrderTerms post = venue.terms(Side::buy, Kind::limit, "0.1");
  post.limit = venue.ask();
  post.post_only = true;
  const VenueOrder& refused = venue.place(post);
  CHECK(refused.phase == Phase::canceled);
  CHECK(refused.reason == "Post only order");
  CHECK(refused.filled.is_zero());

  OrderTerms ioc = venue.terms(Side::buy, Kind::limit, "5");
  ioc.limit = venue.ask();
  ioc.lasting = Lasting::ioc;
  const VenueOrder& part = venue.place(ioc);
  CHECK(part.phase == Phase::expired);
  CHECK(part.filled.is_positive());

  OrderTerms fok = venue.terms(Side::buy, Kind::limit, "9");
  fok.limit = venue.ask();
  fok.lasting = Lasting::fok;
  const VenueOrder& none = venue.place(fok);
  CHECK(none.phase == Phase::canceled);
  CHECK(none.filled.is_zero());
  CHECK(venue.accounts.at("USD").held.is_zero());
}

TEST_CASE("matching: stops and targets fire on the last price, and only then") {
  Venue venue;
  const VenueOrder& stop =
      venue.place(venue.terms(Side::sell, Kind::stop_loss, "1", "0", "49000"));
  const VenueOrder& stop_limit =
      venue.place(venue.terms(Side::sell, Kind::stop_loss_limit, "1", "48900", "49000"));
  const VenueOrder& target =
      venue.place(venue.terms(Side::sell, Kind::take_profit, "1", "0", "52000"));
  venue.trade("49000.1", "0.001", false);
  CHECK(stop.is_waiting());
  CHECK(venue.accounts.at("BTC").held == Amount::parse_or_die("3"));
  venue.trade("49000", "0.001", false);
  CHECK(stop.is_triggered);
  CHECK(stop.phase == Phase::closed);
  CHECK(stop_limit.is_triggered);
  CHECK(target.is_waiting());
  venue.trade("52000", "0.001", true);
  CHECK(target.phase == Phase::closed);
  CHECK(venue.accounts.is_sound());
}

TEST_CASE("matching: a stop that is gapped through sells at the market, not at its trigger") {
  Venue venue;
  const VenueOrder& stop =
      venue.place(venue.terms(Side::sell, Kind::stop_loss, "0.1", "0", "49000"));
  venue.trade("45000", "0.001", false);
  REQUIRE(stop.phase == Phase::closed);
  CHECK(stop.mean() < Price::parse_or_die("45100"));
}

TEST_CASE("matching: a trailing stop follows the price up and never down") {
  Venue venue;
  OrderTerms terms = venue.terms(Side::sell, Kind::trailing_stop, "0.1");
  terms.trail = {Price::parse_or_die("2"), true};
  const VenueOrder& made = venue.place(terms);
  CHECK(made.trigger == Price::parse_or_die("49000"));
  venue.trade("60000", "0.001", true);
  CHECK(made.trigger == Price::parse_or_die("58800"));
  venue.trade("58900", "0.001", false);
  CHECK(made.trigger == Price::parse_or_die("58800"));
  CHECK(made.is_waiting());
  venue.trade("58800", "0.001", false);
  CHECK(made.phase == Phase::closed);
}

TEST_CASE("matching: each fill of an order with a close places its protection") {
  Venue venue;
  venue.matching.set_pieces(4);
  OrderTerms terms = venue.terms(Side::buy, Kind::market, "0.04");
  terms.close = CloseTerms{Kind::stop_loss_limit, Price::parse_or_die("45000"),
                           Price::parse_or_die("44000")};
  const std::string id = venue.place(terms).id;
  Quantity protection;
  for (const VenueOrder& order : venue.matching.orders()) {
    if (order.parent != id) continue;
    CHECK(order.terms.side == Side::sell);
    CHECK(order.trigger == Price::parse_or_die("45000"));
    CHECK(order.is_live());
    protection += order.terms.quantity;
  }
  CHECK(protection == Quantity::parse_or_die("0.04"));
}

TEST_CASE("matching: an amend keeps id and fills, and moves the hold") {
  Venue venue;
  const VenueOrder& made = venue.place(venue.terms(Side::buy, Kind::limit, "1", "40000"));
  Amendment change;
  change.limit = Price::parse_or_die("30000");
  change.quantity = Quantity::parse_or_die("2");
  REQUIRE(venue.matching.amend(made.id, change, venue.now));
  CHECK(venue.accounts.at("USD").held == Amount::parse_or_die("60156"));
  change.quantity = Quantity::parse_or_die("1000");
  CHECK(venue.matching.amend(made.id, change, venue.now).error().what ==
        "EOrder:Insufficient funds");
  CHECK(made.terms.quantity == Quantity::parse_or_die("2"));
  Amendment across;
  across.limit = venue.ask();
  across.post_only = true;
  CHECK(venue.matching.amend(made.id, across, venue.now).error().what == "EOrder:Post only order");
  Amendment up;
  up.limit = venue.ask();
  REQUIRE(venue.matching.amend(made.id, up, venue.now));
  CHECK(made.filled.is_positive());
  CHECK(venue.accounts.is_sound());
}

TEST_CASE("matching: the client never trades with itself") {
  Venue venue;
  OrderTerms sell = venue.terms(Side::sell, Kind::limit, "0.1");
  sell.limit = venue.ask();
  const VenueOrder& resting = venue.place(sell);
  OrderTerms buy = venue.terms(Side::buy, Kind::market, "0.1");
  SECTION("newest") {
    CHECK(venue.place(buy).phase == Phase::canceled);
    CHECK(resting.is_live());
  }
  SECTION("oldest") {
    buy.self_trade = SelfTrade::cancel_oldest;
    CHECK(venue.place(buy).phase == Phase::closed);
    CHECK(resting.phase == Phase::canceled);
  }
  SECTION("both") {
    buy.self_trade = SelfTrade::cancel_both;
    CHECK(venue.place(buy).phase == Phase::canceled);
    CHECK(resting.phase == Phase::canceled);
  }
  CHECK(venue.accounts.is_sound());
}

TEST_CASE("matching: refusals are the venue's words") {
  Venue venue;
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::limit, "1", "40000.05")) ==
        "EOrder:Tick size check failed");
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::limit, "0.00000001", "40000")) ==
        "EOrder:Cost minimum not met");
  CHECK(venue.refusal(venue.terms(Side::sell, Kind::market, "10.5")) ==
        "EOrder:Insufficient funds");
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::market, "19.99")) ==
        "EOrder:Insufficient funds");
  OrderTerms late = venue.terms(Side::buy, Kind::limit, "1", "40000");
  late.deadline = venue.now - milliseconds{1};
  CHECK(venue.refusal(late) == "EService:Deadline elapsed");
  OrderTerms reduce = venue.terms(Side::sell, Kind::limit, "1", "60000");
  reduce.reduce_only = true;
  CHECK(venue.refusal(reduce) == "EOrder:Reduce only:No position exists");
  OrderTerms named = venue.terms(Side::buy, Kind::limit, "1", "40000");
  named.client_id = "mine";
  const std::string id = venue.place(named).id;
  CHECK(venue.refusal(named) == "EOrder:Duplicate cl_ord_id");
  REQUIRE(venue.matching.cancel(id, "User requested", venue.now));
  CHECK(venue.place(named).is_live());  // unique among open orders only
  venue.market.set_system("cancel_only");
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::limit, "1", "40000")) ==
        "EService:Market in cancel_only mode");
  venue.market.set_system("post_only");
  CHECK(venue.refusal(venue.terms(Side::buy, Kind::market, "1")) ==
        "EService:Market in post_only mode");
}

TEST_CASE("matching: orders begin and expire by the clock") {
  Venue venue;
  OrderTerms terms = venue.terms(Side::buy, Kind::limit, "1", "40000");
  terms.lasting = Lasting::gtd;
  terms.starts = venue.now + seconds{5};
  terms.expires = venue.now + seconds{10};
  const VenueOrder& made = venue.place(terms);
  CHECK(made.phase == Phase::pending);
  CHECK(venue.matching.next_timer() == venue.now + seconds{5});
  venue.matching.on_time(venue.now + seconds{5});
  CHECK(made.phase == Phase::open);
  venue.matching.on_time(venue.now + seconds{10});
  CHECK(made.phase == Phase::expired);
  CHECK(made.reason == "Order expired");
}

TEST_CASE("matching: a market buy by cost spends no more than it, a fee in base is taken from it") {
  Venue venue;
  OrderTerms terms = venue.terms(Side::buy, Kind::market, "0");
  terms.cash = Money::parse_or_die("5000");
  terms.fee_in_base = true;
  const VenueOrder& made = venue.place(terms);
  CHECK(made.phase == Phase::closed);
  CHECK(made.cost <= terms.cash);
  CHECK(made.cost > Money::parse_or_die("4999"));
  CHECK(venue.accounts.at("USD").fees.is_zero());
  CHECK(venue.accounts.at("BTC").fees == made.fee);
  CHECK(venue.accounts.at("BTC").balance ==
        Amount::parse_or_die("10") + Amount::from_raw(made.filled.raw()) - made.fee);
}

TEST_CASE("matching: a fill may come after the cancel, and the books still balance") {
  Venue venue;
  const VenueOrder& made = venue.place(venue.terms(Side::buy, Kind::limit, "1", "40000"));
  REQUIRE(venue.matching.cancel(made.id, "User requested", venue.now));
  REQUIRE(venue.matching.force_fill(made.id, Quantity::parse_or_die("0.4"), venue.now));
  CHECK(made.phase == Phase::canceled);
  CHECK(made.filled == Quantity::parse_or_die("0.4"));
  CHECK(venue.accounts.is_sound());
  CHECK_FALSE(venue.matching.force_fill(made.id, Quantity::parse_or_die("0.7"), venue.now));
}

TEST_CASE("matching: the books balance after any sequence of orders and prices") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Venue venue;
    Random random(seed);
    venue.matching.set_pieces(1 + static_cast<std::int64_t>(random.below(3)));
    std::int64_t price = 500'000;
    std::vector<std::string> ids;
    for (int i = 0; i < 300; ++i) {
      price += static_cast<std::int64_t>(random.below(2001)) - 1000;
      OrderTerms terms;
      terms.side = random.below(2) == 0 ? Side::buy : Side::sell;
      terms.kind = static_cast<Kind>(random.below(9));
      if (terms.kind == Kind::iceberg) terms.kind = Kind::limit;
      terms.quantity = Quantity::from_raw(1'000'000 + static_cast<std::int64_t>(random.below(90'000'000)));
      const auto near = [&] {
        return Price::from_raw((price + static_cast<std::int64_t>(random.below(4001)) - 2000) *
                               (Price::scale / 10));
      };
      if (has_limit(terms.kind)) terms.limit = near();
      if (is_triggered_kind(terms.kind)) terms.trigger = near();
      if (is_trailing(terms.kind)) {
        terms.limit = terms.trigger = Price{};
        terms.trail = {Price::parse_or_die("1"), true};
      }
      terms.lasting = static_cast<Lasting>(random.below(3));
      terms.fee_in_base = random.below(3) == 0;
      terms.self_trade = static_cast<SelfTrade>(random.below(3));
      if (random.below(4) == 0) {
        terms.close = CloseTerms{Kind::stop_loss, near(), Price{}};
      }
      if (const auto id = venue.matching.place(terms, venue.now)) ids.push_back(*id);
      if (!ids.empty() && random.below(3) == 0) {
        (void)venue.matching.cancel(ids[random.below(ids.size())], "User requested", venue.now);
      }
      if (!ids.empty() && random.below(3) == 0) {
        Amendment change;
        change.quantity = Quantity::from_raw(static_cast<std::int64_t>(random.below(100'000'000)));
        (void)venue.matching.amend(ids[random.below(ids.size())], change, venue.now);
      }
      const std::string text = to_string(Price::from_raw(price * (Price::scale / 10)));
      venue.trade(text.c_str(), "0.5", random.below(2) == 0);
      REQUIRE(venue.accounts.is_sound());
    }
    venue.matching.cancel_all("User requested", venue.now);
    CHECK(venue.accounts.at("USD").held.is_zero());
    CHECK(venue.accounts.at("BTC").held.is_zero());
    Money paid;
    for (const VenueFill& fill : venue.matching.fills())
      paid += fill.side == Side::buy ? fill.cost : -fill.cost;
    CHECK(venue.accounts.at("USD").market == paid);
  }
}

}  // namespace aitrade::loopback
