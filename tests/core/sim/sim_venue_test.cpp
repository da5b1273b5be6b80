#include "core/sim/sim_venue.h"

#include <catch2/catch.hpp>

#include <vector>

#include "core/base/random.h"

using namespace aitrade;

namespace {

constexpr InstrumentId btc{0};
const Time noon = Time::from_seconds(1'700'000'040);

Price px(const char* text) { return Price::parse_or_die(text); }

Quantity qty(const char* text) { return Quantity::parse_or_die(text); }

Money usd(const char* text) { return Money::parse_or_die(text); }

Candle candle(Time open_time, const char* o, const char* h, const char* l, const char* c,
              double volume = 1000) {
  Candle out;
  out.open_time = open_time;
  out.interval = minutes{1};
  out.open = px(o);
  out.high = px(h);
  out.low = px(l);
  out.close = px(c);
  out.volume = volume;
  return out;
}

Instrument instrument() {
  Instrument rules = standard_instrument(Symbol{"BTC", "USD"}, px("100"));
  rules.tick = px("0.01");
  rules.minimum = qty("0.001");
  return rules;
}

VenueModels free_and_instant() {
  VenueModels models;
  models.latency = Duration{0};
  models.half_spread = models.slippage = models.maker_fee = models.taker_fee = Rate{};
  models.volume_cap = 0;
  return models;
}

Order order(std::uint32_t n, Side side, OrderType type, const char* quantity) {
  Order o;
  o.client_id = ClientOrderId{n, 1, OrderRole::entry, 0};
  o.instrument = btc;
  o.side = side;
  o.type = type;
  o.quantity = qty(quantity);
  return o;
}

struct Desk {
  explicit Desk(const VenueModels& models, const char* cash = "10000", bool can_short = false)
      : venue([&] {
          Instrument rules = instrument();
          rules.can_short = can_short;
          return SimVenue({rules}, models, usd(cash));
        }()) {}

  std::vector<Event> walk(const Candle& c) {
    venue.begin(btc, c);
    std::vector<Event> events;
    Event event;
    while (venue.next_outcome(event)) events.push_back(event);
    return events;
  }

  /// Buys one unit at the open of a quiet candle and returns the time after it.
  Time hold_one(const char* at = "100") {
    venue.submit(order(1, Side::buy, OrderType::market, "1"), noon);
    walk(candle(noon, at, at, at, at));
    return noon + minutes{1};
  }

  SimVenue venue;
};

std::vector<Fill> fills_of(const std::vector<Event>& events) {
  std::vector<Fill> out;
  for (const Event& e : events) {
    if (const auto* f = std::get_if<OrderFilled>(&e.body)) out.push_back(f->fill);
  }
  return out;
}

Order protect(std::uint32_t n, OrderType type, const char* price, const char* quantity = "1") {
  Order o = order(n, Side::sell, type, quantity);
  o.reduce_only = true;
  (type == OrderType::stop ? o.trigger : o.limit) = px(price);
  return o;
}

}  // namespace

TEST_CASE("sim venue: a market order fills at the next open, never at the close it saw [X17]", "[sim]") {
  Desk desk(free_and_instant());
  desk.venue.submit(order(1, Side::buy, OrderType::market, "1"), noon);

  const auto fills = fills_of(desk.walk(candle(noon, "101", "103", "99", "102")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("101"));
  CHECK(desk.venue.cash() == usd("9899"));
  CHECK(desk.venue.holding(btc) == qty("1"));
}

TEST_CASE("sim venue: latency moves the fill along the path", "[sim]") {
  VenueModels models = free_and_instant();
  models.latency = seconds{10};  // half of the first third
  Desk desk(models);
  desk.venue.submit(order(1, Side::buy, OrderType::market, "1"), noon);

  // high - open = 2 is nearer than open - low = 4, so the path rises first: 100 -> 102 in 20 s
  const auto fills = fills_of(desk.walk(candle(noon, "100", "102", "96", "97")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("101"));
  CHECK(fills[0].venue_time == noon + seconds{10});
}

TEST_CASE("sim venue: spread, slippage and fee are all paid", "[sim]") {
  VenueModels models = free_and_instant();
  models.half_spread = Rate::parse_or_die("0.0001");
  models.slippage = Rate::parse_or_die("0.0002");
  models.taker_fee = Rate::parse_or_die("0.001");
  Desk desk(models);
  desk.venue.submit(order(1, Side::buy, OrderType::market, "2"), noon);

  const auto fills = fills_of(desk.walk(candle(noon, "100", "100", "100", "100")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("100.03"));          // 100 * 0.0003 = 0.03
  CHECK(fills[0].fee == usd("0.20006"));          // 200.06 * 0.001
  CHECK(desk.venue.cash() == usd("9799.73994"));  // 10000 - 200.06 - 0.20006
  CHECK(desk.venue.totals().spread_and_slippage == usd("0.06"));
}

TEST_CASE("sim venue: a stop fills at its trigger, or at the open of a gap [X18]", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::stop, "95"), later);
  desk.walk(candle(later, "100", "101", "96", "97"));

  SECTION("touched inside the candle") {
    const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "97", "98", "94", "96")));
    REQUIRE(fills.size() == 1);
    CHECK(fills[0].price == px("95"));
  }
  SECTION("gapped through") {
    const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "92", "93", "91", "93")));
    REQUIRE(fills.size() == 1);
    CHECK(fills[0].price == px("92"));
  }
  SECTION("missed by a tick") {
    CHECK(fills_of(desk.walk(candle(later + minutes{1}, "97", "98", "95.01", "96"))).empty());
  }
}

TEST_CASE("sim venue: a target fills only when traded through, better at a gap [E3]", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::limit, "105"), later);
  desk.walk(candle(later, "100", "101", "96", "97"));

  SECTION("touched but not through") {
    CHECK(fills_of(desk.walk(candle(later + minutes{1}, "100", "105", "99", "104"))).empty());
  }
  SECTION("through") {
    const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "100", "105.01", "99", "104")));
    REQUIRE(fills.size() == 1);
    CHECK(fills[0].price == px("105"));
    CHECK(fills[0].is_maker);
  }
  SECTION("gap above") {
    const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "107", "108", "106", "107")));
    REQUIRE(fills.size() == 1);
    CHECK(fills[0].price == px("107"));
  }
}

TEST_CASE("sim venue: stop and target in one candle means the stop, counted", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::stop, "95"), later);
  desk.venue.submit(protect(3, OrderType::limit, "101"), later);
  desk.walk(candle(later, "100", "100.5", "99", "100"));

  // The nearer extreme is the high, which would pay the target first.
  const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "100", "102", "94", "96")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("95"));
  CHECK(desk.venue.totals().ambiguous_candles == 1);
  CHECK(desk.venue.holding(btc).is_zero());
}

TEST_CASE("sim venue: protection sent on the entry fill works in the same candle", "[sim]") {
  Desk desk(free_and_instant());
  desk.venue.submit(order(1, Side::buy, OrderType::market, "1"), noon);
  desk.venue.begin(btc, candle(noon, "100", "101", "90", "92"));

  std::vector<Fill> fills;
  Event event;
  while (desk.venue.next_outcome(event)) {
    if (const auto* f = std::get_if<OrderFilled>(&event.body)) {
      fills.push_back(f->fill);
      if (fills.size() == 1) desk.venue.submit(protect(2, OrderType::stop, "95"), event.when);
    }
  }

  REQUIRE(fills.size() == 2);
  CHECK(fills[1].price == px("95"));
}

TEST_CASE("sim venue: reduce-only never opens or flips", "[sim]") {
  Desk desk(free_and_instant());
  desk.venue.submit(protect(1, OrderType::stop, "101"), noon);  // triggers at once, nothing held
  const auto events = desk.walk(candle(noon, "100", "101", "99", "100"));
  CHECK(fills_of(events).empty());
  CHECK(desk.venue.working_orders() == 0);
  CHECK(desk.venue.holding(btc).is_zero());

  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::stop, "101", "5"), later);
  const auto fills = fills_of(desk.walk(candle(later, "100", "101", "99", "100")));
  REQUIRE(fills.size() == 1);
  CHECK(fills[0].quantity == qty("1"));
}

TEST_CASE("sim venue: volume limits a fill, the rest waits for the next candle", "[sim]") {
  VenueModels models = free_and_instant();
  models.volume_cap = 0.1;
  Desk desk(models);
  desk.venue.submit(order(1, Side::buy, OrderType::market, "3"), noon);

  const auto first = desk.walk(candle(noon, "100", "100", "100", "100", 20));  // 2 may be taken
  const auto second = desk.walk(candle(noon + minutes{1}, "101", "101", "101", "101", 20));

  REQUIRE(fills_of(first).size() == 1);
  CHECK(fills_of(first)[0].quantity == qty("2"));
  REQUIRE(fills_of(second).size() == 1);
  CHECK(fills_of(second)[0].quantity == qty("1"));
  CHECK(fills_of(second)[0].price == px("101"));
}

TEST_CASE("sim venue: ioc leaves nothing behind, fok is all or nothing", "[sim]") {
  VenueModels models = free_and_instant();
  models.volume_cap = 0.1;
  Desk desk(models);
  Order ioc = order(1, Side::buy, OrderType::market, "3");
  ioc.tif = TimeInForce::ioc;
  desk.venue.submit(ioc, noon);
  Order fok = order(2, Side::buy, OrderType::market, "3");
  fok.tif = TimeInForce::fok;
  desk.venue.submit(fok, noon);

  const auto events = desk.walk(candle(noon, "100", "100", "100", "100", 20));

  REQUIRE(fills_of(events).size() == 1);
  CHECK(fills_of(events)[0].quantity == qty("2"));
  CHECK(desk.venue.working_orders() == 0);
}

TEST_CASE("sim venue: rejects what a real venue rejects [X24]", "[sim]") {
  Desk desk(free_and_instant(), "100");
  const auto rejected = [&](Order o) {
    desk.venue.submit(o, noon);
    for (const Event& e : desk.walk(candle(noon, "100", "100", "100", "100"))) {
      if (const auto* r = std::get_if<OrderRejected>(&e.body)) return r->why;
    }
    return std::string("accepted");
  };
  CHECK(rejected(order(1, Side::buy, OrderType::market, "0.0001")) == "order minimum not met");
  CHECK(rejected(order(2, Side::buy, OrderType::market, "0.004")) == "cost minimum not met");
  CHECK(rejected(order(3, Side::buy, OrderType::market, "2")) == "insufficient funds");
  CHECK(rejected(order(4, Side::sell, OrderType::market, "0.5")) == "insufficient funds");
  Order off_tick = order(5, Side::buy, OrderType::limit, "0.5");
  off_tick.limit = px("99.001");
  CHECK(rejected(off_tick) == "price is not a multiple of the tick");
  Order taking_post = order(6, Side::buy, OrderType::limit, "0.5");
  taking_post.limit = px("101");
  taking_post.post_only = true;
  CHECK(rejected(taking_post) == "post only order would take");
  CHECK(desk.venue.totals().rejected == 6);
  CHECK(desk.venue.cash() == usd("100"));
}

TEST_CASE("sim venue: a moved stop works from where it was moved to", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::stop, "95"), later);
  desk.walk(candle(later, "100", "101", "99", "100"));
  desk.venue.replace(ReplaceOrder{ClientOrderId{2, 1, OrderRole::entry, 0}, btc, Price{}, px("98"),
                                  qty("1")},
                     later + minutes{1});

  const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "100", "101", "97", "99")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("98"));
}

TEST_CASE("sim venue: a limit moved past the market takes what is there", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::limit, "110"), later);
  desk.walk(candle(later, "100", "101", "99", "100"));
  desk.venue.replace(ReplaceOrder{ClientOrderId{2, 1, OrderRole::entry, 0}, btc, px("95"), Price{}, qty("1")},
                     later + minutes{1});

  const auto fills = fills_of(desk.walk(candle(later + minutes{1}, "98", "98", "90", "91")));

  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("98"));
  CHECK_FALSE(fills[0].is_maker);
}

TEST_CASE("sim venue: cancel takes the order off", "[sim]") {
  Desk desk(free_and_instant());
  const Time later = desk.hold_one();
  desk.venue.submit(protect(2, OrderType::stop, "95"), later);
  desk.walk(candle(later, "100", "101", "99", "100"));
  desk.venue.cancel(CancelOrder{ClientOrderId{2, 1, OrderRole::entry, 0}, btc}, later + minutes{1});
  CHECK(fills_of(desk.walk(candle(later + minutes{1}, "100", "101", "90", "99"))).empty());
  CHECK(desk.venue.working_orders() == 0);
}

TEST_CASE("sim venue: cash plus holdings always equals what the fills imply", "[sim][property]") {
  VenueModels models;
  models.volume_cap = 0.05;
  Desk desk(models, "5000", true);
  Random random(11);
  Money cash = usd("5000");
  Quantity held;
  double price = 100;
  std::uint32_t n = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Time at = noon + minutes{i};
    const double open = price;
    price *= 1.0 + 0.004 * random.normal();
    const double high = std::max(open, price) * (1 + 0.002 * random.uniform());
    const double low = std::min(open, price) * (1 - 0.002 * random.uniform());
    Candle c = candle(at, "1", "1", "1", "1", 40 * random.uniform());
    const auto round = [](double x) {
      return round_to_step(*Price::from_double(x, Rounding::half_even), px("0.01"), Rounding::half_even);
    };
    c.open = round(open);
    c.close = round(price);
    c.high = std::max({round(high), c.open, c.close});
    c.low = std::min({round(low), c.open, c.close});
    if (random.below(3) == 0) {
      Order o = order(++n, random.below(2) == 0 ? Side::buy : Side::sell,
                      static_cast<OrderType>(random.below(3)), "1");
      o.quantity = qty("0.01") * static_cast<std::int64_t>(1 + random.below(400));
      o.limit = o.trigger = c.open;
      o.reduce_only = random.below(3) == 0;
      desk.venue.submit(o, at);
    }
    for (const Fill& f : fills_of(desk.walk(c))) {
      cash += cash_effect(f.side, f.price, f.quantity, f.fee);
      held += f.side == Side::buy ? f.quantity : -f.quantity;
      REQUIRE(f.quantity.is_positive());
    }
    REQUIRE(desk.venue.cash() == cash);
    REQUIRE(desk.venue.holding(btc) == held);
  }
  CHECK(desk.venue.totals().fills > 200);
}

TEST_CASE("venue: an order's time runs out inside the candle, to the moment", "[sim][venue]") {
  Desk desk(free_and_instant());
  Order o = order(1, Side::buy, OrderType::limit, "1");
  o.limit = px("99");
  o.good_till = noon + seconds{10};
  desk.venue.submit(o, noon);
  const auto events = desk.walk(candle(noon, "100", "100", "98", "100"));
  REQUIRE(events.size() == 2);
  CHECK(std::holds_alternative<OrderAccepted>(events[0].body));
  CHECK(std::holds_alternative<OrderExpired>(events[1].body));
  CHECK(events[1].when == noon + seconds{10});
  CHECK(desk.venue.is_idle());
}

TEST_CASE("venue: time that ran out between candles is no fill at the next open", "[sim][venue]") {
  Desk desk(free_and_instant());
  Order o = order(1, Side::buy, OrderType::limit, "1");
  o.limit = px("99");
  o.good_till = noon + seconds{90};
  desk.venue.submit(o, noon);
  CHECK(desk.walk(candle(noon, "100", "100", "100", "100")).size() == 1);
  const auto events = desk.walk(candle(noon + minutes{5}, "98", "98", "98", "98"));
  REQUIRE(events.size() == 1);
  CHECK(std::holds_alternative<OrderExpired>(events[0].body));

  Order late = order(2, Side::buy, OrderType::limit, "1");
  late.limit = px("99");
  late.good_till = noon + minutes{6};
  desk.venue.submit(late, noon + minutes{6});
  const auto refused = desk.walk(candle(noon + minutes{6}, "98", "98", "98", "98"));
  REQUIRE(refused.size() == 1);
  CHECK(std::holds_alternative<OrderRejected>(refused[0].body));
}

TEST_CASE("venue: what filled before the time ran out stays filled", "[sim][venue]") {
  VenueModels models = free_and_instant();
  models.volume_cap = 0.0005;   // of 1000: half a unit
  Desk desk(models);
  Order o = order(1, Side::buy, OrderType::limit, "1");
  o.limit = px("101");
  o.good_till = noon + seconds{10};
  desk.venue.submit(o, noon);
  const auto events = desk.walk(candle(noon, "100", "100", "100", "100"));
  REQUIRE(events.size() == 3);
  CHECK(std::get<OrderFilled>(events[1].body).fill.quantity == qty("0.5"));
  CHECK(std::holds_alternative<OrderExpired>(events[2].body));
}
