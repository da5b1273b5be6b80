// What trading costs beyond fees: impact, spreads of single pairs, interest on shorts.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "core/sim/impact.h"
#include "core/sim/sim_venue.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

Order order(std::uint32_t n, Side side, const char* quantity, InstrumentId instrument = btc) {
  Order o;
  o.client_id = ClientOrderId{n, 1, OrderRole::entry, 0};
  o.instrument = instrument;
  o.side = side;
  o.quantity = qty(quantity);
  return o;
}

std::vector<Fill> walk(SimVenue& venue, const Candle& candle, InstrumentId instrument = btc) {
  venue.begin(instrument, candle);
  std::vector<Fill> fills;
  Event event;
  while (venue.next_outcome(event)) {
    if (const auto* f = std::get_if<OrderFilled>(&event.body)) fills.push_back(f->fill);
  }
  return fills;
}

Instrument fine(std::uint32_t id = 0, const char* base = "BTC") {
  Instrument out = spot(id, base);
  out.tick = Price::from_raw(1);
  out.can_short = true;
  return out;
}

}  // namespace

TEST_CASE("impact: the square-root law, the same for a day as for its minutes", "[sim][X23]") {
  // sigma 2 %, a hundredth of the volume: 2 % * sqrt(0.01) = 0.2 %.
  CHECK(impact_of(1, 0.02, 10, 1000) == Approx(0.002));
  CHECK(impact_of(0.5, 0.02, 10, 1000) == Approx(0.001));
  CHECK(impact_of(1, 0.02, 40, 1000) == Approx(0.004));   // four times the size, twice the impact
  const double minutes_a_day = 1440;
  CHECK(impact_of(1, 0.02 / std::sqrt(minutes_a_day), 0.1, 1000 / minutes_a_day) ==
        Approx(impact_of(1, 0.02, 0.1, 1000)));
  CHECK(impact_of(1, 0.02, 5000, 1000) == Approx(0.02));   // no more than all of the volume
  CHECK(impact_of(1, flat(0), qty("1")).is_zero());
}

TEST_CASE("impact: a taking fill pays it by its size, a resting one does not", "[sim][X23]") {
  VenueModels models = free_and_instant();
  models.impact = 1;
  const Candle c = bar(0, "100", "102", "98", "100", 100);
  const double sigma = 4.0 / 100 / (2 * std::sqrt(std::log(2.0)));

  SimVenue small({fine()}, models, usd("10000"));
  small.submit(order(1, Side::buy, "1"), midnight);
  const auto one = walk(small, c);
  SimVenue large({fine()}, models, usd("10000"));
  large.submit(order(1, Side::buy, "25"), midnight);
  const auto many = walk(large, c);

  REQUIRE(one.size() == 1);
  REQUIRE(many.size() == 1);
  CHECK(to_double(one[0].price) == Approx(100 * (1 + sigma * 0.1)));
  CHECK(to_double(many[0].price) == Approx(100 * (1 + sigma * 0.5)));
  CHECK(to_double(large.totals().spread_and_slippage) == Approx(25 * 100 * sigma * 0.5));

  SimVenue resting({fine()}, models, usd("10000"));
  Order limit = order(1, Side::buy, "25");
  limit.type = OrderType::limit;
  limit.limit = px("99");
  resting.submit(limit, midnight);
  const auto rested = walk(resting, c);
  REQUIRE(rested.size() == 1);
  CHECK(rested[0].price == px("99"));
}

TEST_CASE("sim venue: a pair may have a spread of its own", "[sim][X23]") {
  VenueModels models = free_and_instant();
  models.half_spread = rate("0.001");
  models.half_spreads = {rate("0.001"), rate("0.01")};
  SimVenue venue({fine(0), fine(1, "DOGE")}, models, usd("10000"));
  venue.submit(order(1, Side::buy, "1"), midnight);
  venue.submit(order(2, Side::buy, "1", InstrumentId{1}), midnight);

  CHECK(walk(venue, flat(0))[0].price == px("100.1"));
  CHECK(walk(venue, flat(0), InstrumentId{1})[0].price == px("101"));
  CHECK(models.half_spread_max() == rate("0.01"));
  CHECK(VenueModels{}.half_spread_of(InstrumentId{7}) == VenueModels{}.half_spread);
}

TEST_CASE("sim venue: what is short pays interest, settled as it is bought back", "[sim][X23]") {
  VenueModels models = free_and_instant();
  models.borrow_daily = rate("0.01");
  SimVenue venue({fine()}, models, usd("10000"));
  venue.submit(order(1, Side::sell, "10"), midnight);
  walk(venue, flat(0));
  REQUIRE(venue.cash() == usd("11000"));

  // Two days at 1 % a day on 10 units are 0.2 units: 20 at a price of 100.
  const std::int64_t two_days = 2 * 24 * 60;
  CHECK(venue.borrow_owed(btc, minute(two_days)) == usd("20"));
  venue.submit(order(2, Side::buy, "5"), minute(two_days));
  const auto half = walk(venue, flat(two_days));
  REQUIRE(half.size() == 1);
  CHECK(half[0].fee == usd("10"));
  // The other half owes 0.1 already, and 0.05 for one more day; the price has doubled.
  venue.submit(order(3, Side::buy, "5"), minute(two_days + 24 * 60));
  const auto rest = walk(venue, flat(two_days + 24 * 60, "200"));
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].fee == usd("30"));
  CHECK(venue.totals().borrow == usd("40"));
  CHECK(venue.totals().fees == usd("40"));
  CHECK(venue.cash() == usd("11000") - usd("500") - usd("1000") - usd("40"));
  CHECK(venue.borrow_owed(btc, minute(two_days * 10)).is_zero());
}

TEST_CASE("sim venue: a long owes no interest", "[sim][X23]") {
  VenueModels models = free_and_instant();
  models.borrow_daily = rate("0.01");
  SimVenue venue({fine()}, models, usd("10000"));
  venue.submit(order(1, Side::buy, "10"), midnight);
  walk(venue, flat(0));
  venue.submit(order(2, Side::sell, "10"), minute(3000));
  walk(venue, flat(3000));
  CHECK(venue.cash() == usd("10000"));
  CHECK(venue.totals().borrow.is_zero());
}
