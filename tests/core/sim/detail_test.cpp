// Finer candles inside a bar: fills are those of a walk along them, and nothing is guessed that is known.
#include "core/sim/detail.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <vector>

#include "core/base/random.h"
#include "core/market/resample.h"
#include "core/sim/sim_venue.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

Order order(std::uint32_t n, Side side, OrderType type, const char* quantity, const char* price = "0") {
  Order o;
  o.client_id = ClientOrderId{n, 1, OrderRole::entry, 0};
  o.instrument = btc;
  o.side = side;
  o.type = type;
  o.quantity = qty(quantity);
  if (type == OrderType::limit) o.limit = px(price);
  if (type == OrderType::stop) o.trigger = px(price);
  o.reduce_only = side == Side::sell && type != OrderType::market;
  return o;
}

std::vector<Event> rest_of(SimVenue& venue) {
  std::vector<Event> events;
  Event event;
  while (venue.next_outcome(event)) events.push_back(event);
  return events;
}

std::vector<Fill> fills_of(const std::vector<Event>& events) {
  std::vector<Fill> out;
  for (const Event& e : events) {
    if (const auto* f = std::get_if<OrderFilled>(&e.body)) out.push_back(f->fill);
  }
  return out;
}

/// The bar of `minutes_in` minutes that these minute candles make.
Candle bar_of(const std::vector<Candle>& parts, std::int64_t minutes_in) {
  Resampler resampler(minutes{1}, minutes{minutes_in});
  std::optional<Candle> out;
  for (const Candle& c : parts) {
    if (auto bar = resampler.push(c)) out = bar;
  }
  REQUIRE(out.has_value());
  return *out;
}

std::shared_ptr<const std::vector<Candle>> shared(std::vector<Candle> candles) {
  return std::make_shared<const std::vector<Candle>>(std::move(candles));
}

std::vector<Candle> walk_of_minutes(std::uint64_t seed, std::int64_t count) {
  Random random(seed);
  const auto tick = [](double x) {
    return round_to_step(*Price::from_double(x, Rounding::half_even), px("0.01"), Rounding::half_even);
  };
  std::vector<Candle> out;
  double price = 100;
  for (std::int64_t i = 0; i < count; ++i) {
    Candle c = flat(i);
    c.open = tick(price);
    price *= 1 + 0.002 * random.normal();
    c.close = tick(price);
    c.high = std::max(c.open, c.close) + tick(0.1 * random.uniform());
    c.low = std::min(c.open, c.close) - tick(0.1 * random.uniform());
    c.volume = 20 * random.uniform();
    if (random.below(12) != 0) out.push_back(c);   // some minutes have no trades
  }
  return out;
}

}  // namespace

TEST_CASE("detail: the finer candles say which of stop and target came first", "[sim][detail][X19]") {
  // Up to the target first, then down through the stop; the bar alone cannot tell, so it takes the stop.
  const std::vector<Candle> parts{flat(0), bar(1, "100", "106", "100", "105"), bar(2, "105", "105", "94", "95"),
                                  bar(3, "95", "96", "95", "96"), flat(4, "96")};
  const Candle whole = bar_of(parts, 5);
  const auto outcome = [&](bool with_detail, std::uint64_t& ambiguous) {
    SimVenue venue({spot()}, free_and_instant(), usd("10000"));
    venue.submit(order(1, Side::buy, OrderType::market, "1"), minute(-5));
    venue.begin(btc, bar_of({flat(-5), flat(-4), flat(-3), flat(-2), flat(-1)}, 5));
    rest_of(venue);
    venue.submit(order(2, Side::sell, OrderType::stop, "1", "95"), minute(0));
    venue.submit(order(3, Side::sell, OrderType::limit, "1", "105"), minute(0));
    DetailSet set;
    set.add(std::make_unique<DetailSeries>(shared(parts)));
    with_detail ? venue.begin(btc, whole, set) : venue.begin(btc, whole);
    const auto fills = fills_of(rest_of(venue));
    ambiguous = venue.totals().ambiguous_candles;
    REQUIRE(fills.size() == 1);
    return fills[0].price;
  };
  std::uint64_t guessed = 0;
  std::uint64_t known = 0;
  CHECK(outcome(false, guessed) == px("95"));
  CHECK(outcome(true, known) == px("105"));
  CHECK(guessed == 1);
  CHECK(known == 0);
}

TEST_CASE("detail: bars with detail fill exactly as the fine candles alone", "[sim][detail][property]") {
  const auto fine = walk_of_minutes(5, 6'000);
  constexpr std::int64_t per_bar = 15;
  std::map<std::int64_t, std::vector<Candle>> inside;
  for (const Candle& c : fine) inside[(c.open_time - midnight) / minutes{per_bar}].push_back(c);

  VenueModels models;
  models.volume_cap = 0.2;
  models.impact = 1;
  SimVenue by_bars({shortable()}, models, usd("10000"));
  SimVenue by_minutes({shortable()}, models, usd("10000"));
  DetailSet set;
  set.add(std::make_unique<DetailSeries>(shared(fine)));
  Random random(6);
  std::uint32_t n = 0;
  std::size_t count = 0;
  for (const auto& [index, parts] : inside) {
    std::vector<Fill> one;
    for (const Candle& c : parts) {
      by_minutes.begin(btc, c);
      const auto events = rest_of(by_minutes);
      for (const Fill& f : fills_of(events)) one.push_back(f);
    }
    Candle whole = parts.front();
    whole.open_time = minute(index * per_bar);
    whole.interval = minutes{per_bar};
    for (const Candle& c : parts) {
      whole.high = std::max(whole.high, c.high);
      whole.low = std::min(whole.low, c.low);
    }
    whole.close = parts.back().close;
    by_bars.begin(btc, whole, set);
    const auto two = fills_of(rest_of(by_bars));
    REQUIRE(one.size() == two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      REQUIRE(one[i].venue_fill_id == two[i].venue_fill_id);
      REQUIRE(one[i].price == two[i].price);
      REQUIRE(one[i].quantity == two[i].quantity);
      REQUIRE(one[i].fee == two[i].fee);
      REQUIRE(one[i].venue_time == two[i].venue_time);
    }
    count += one.size();
    const Side side = random.below(2) == 0 ? Side::buy : Side::sell;
    const auto kind = random.below(3);
    Order o = order(++n, side, kind == 0 ? OrderType::market : kind == 1 ? OrderType::limit : OrderType::stop, "2");
    o.reduce_only = false;
    const Price away = px("0.4");
    const bool above = (side == Side::sell) == (kind == 1);
    const Price level = above ? whole.close + away : whole.close - away;
    if (kind == 1) o.limit = level;
    if (kind == 2) o.trigger = level;
    by_bars.submit(o, whole.close_time());
    by_minutes.submit(o, whole.close_time());
  }
  CHECK(count > 200);
  CHECK(by_bars.cash() == by_minutes.cash());
  CHECK(by_bars.holding(btc) == by_minutes.holding(btc));
  CHECK(by_bars.working_orders() == by_minutes.working_orders());
}

TEST_CASE("detail: candles that do not make the bar are not believed", "[sim][detail]") {
  const std::vector<Candle> parts{flat(0), bar(1, "100", "101", "99", "100"), flat(2), flat(3), flat(4)};
  const Candle whole = bar_of(parts, 5);
  Candle other = whole;
  other.high = px("103");
  Candle later = whole;
  later.open_time = minute(10);
  DetailSeries series(shared(parts));

  CHECK(series.inside(whole).size() == 5);
  CHECK(series.inside(other).empty());
  CHECK(series.inside(later).empty());
  CHECK(series.counts().detailed == 1);
  CHECK(series.counts().differing == 1);
  CHECK(series.counts().absent == 1);
}

TEST_CASE("detail: stretches are loaded as bars ask for them", "[sim][detail]") {
  int loads = 0;
  DetailSeries series(
      [&](Time from, Time to, std::vector<Candle>& into) {
        ++loads;
        for (Time t = from; t < to; t = t + minutes{1}) into.push_back(flat((t - midnight) / minutes{1}));
        return ok();
      },
      minutes{30});
  const auto whole = [](std::int64_t i) {
    Candle c = flat(i);
    c.interval = minutes{5};
    return c;
  };
  for (std::int64_t i = 0; i < 60; i += 5) CHECK(series.inside(whole(i)).size() == 5);
  CHECK(loads == 2);
  CHECK(series.inside(whole(600)).size() == 5);   // what nobody asked about is not loaded
  CHECK(loads == 3);
  CHECK(series.status());

  DetailSeries broken([](Time, Time, std::vector<Candle>&) -> Status { return fail(ErrorCode::corrupt, "a block"); },
                      minutes{30});
  CHECK(broken.inside(whole(0)).empty());
  CHECK_FALSE(broken.status());
}
