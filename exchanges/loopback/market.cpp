#include "exchanges/loopback/market.h"

#include "exchanges/kraken/symbols.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace aitrade::loopback {
namespace {

// Assets of the venue's first years carry a class letter; later ones do not (kraken.md 3).
constexpr std::array<std::array<std::string_view, 2>, 15> classed_assets{{{"BTC", "XXBT"},
                                                                          {"ETH", "XETH"},
                                                                          {"LTC", "XLTC"},
                                                                          {"XRP", "XXRP"},
                                                                          {"XLM", "XXLM"},
                                                                          {"XMR", "XXMR"},
                                                                          {"ZEC", "XZEC"},
                                                                          {"ETC", "XETC"},
                                                                          {"DOGE", "XXDG"},
                                                                          {"REP", "XREP"},
                                                                          {"USD", "ZUSD"},
                                                                          {"EUR", "ZEUR"},
                                                                          {"GBP", "ZGBP"},
                                                                          {"CAD", "ZCAD"},
                                                                          {"JPY", "ZJPY"}}};

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

double unit(std::uint64_t hash) {
  return static_cast<double>(hash >> 11U) * 0x1.0p-53;
}

int decimals_in_tick(Price tick) {
  int decimals = Price::decimals;
  for (std::int64_t raw = tick.raw(); decimals > 0 && raw % 10 == 0; raw /= 10)
    --decimals;
  return decimals;
}

std::string decimal_text(std::int64_t raw, int decimals, int places) {
  int needed = decimals;
  for (std::int64_t rest = raw; needed > 0 && rest % 10 == 0; rest /= 10)
    --needed;
  return fixed_detail::print_places(raw, decimals, std::max(places, needed));
}

Candle flat_candle(Time open, Duration interval, Price price) {
  Candle flat;
  flat.open_time = open;
  flat.interval = interval;
  flat.open = flat.high = flat.low = flat.close = price;
  flat.synthetic = true;
  return flat;
}

void merge(Candle& into, const Candle& next) {
  const bool into_is_silent = into.synthetic;
  const bool next_is_silent = next.trades == 0 && !(next.volume > 0);
  if (into_is_silent && !next_is_silent) {
    into.open = into.high = into.low = next.open;
    into.synthetic = false;
  }
  if (!next_is_silent || into_is_silent) {
    into.high = std::max(into.high, next.high);
    into.low = std::min(into.low, next.low);
    into.close = next.close;
  }
  into.volume += next.volume;
  into.trades += next.trades;
}

// One side of the book: which ticks hold an order and how much is a function of tick and time
// alone, so that most levels stay from second to second and some change, as in a real book.
std::vector<Level> make_side(std::uint64_t seed, std::int64_t best, int direction,
                             std::int64_t step, std::int64_t tick_raw, double typical,
                             std::int64_t second) {
  std::vector<Level> side;
  side.reserve(Market::book_levels);
  std::int64_t at = best;
  for (std::size_t i = 0; i < Market::book_levels && at > 0; ++i) {
    const std::uint64_t place = mix(seed ^ static_cast<std::uint64_t>(at));
    const auto epoch =
        static_cast<std::uint64_t>(second + static_cast<std::int64_t>(place % 9)) / 9;
    const double size = typical * (0.15 - std::log(1 - unit(mix(place + epoch)))) *
                        (1 + 0.05 * static_cast<double>(i));
    const auto quantity = Quantity::from_double(std::max(size, 1e-6), Rounding::down);
    side.push_back({Price::from_raw(at * tick_raw), quantity.value_or(Quantity::from_raw(100))});
    at += direction * step * (1 + static_cast<std::int64_t>(mix(place) % 3));
  }
  return side;
}

}  // namespace

std::string asset_id(const Currency& currency) {
  for (const auto& [ours, theirs] : classed_assets) {
    if (currency == ours) return std::string(theirs);
  }
  return kraken::venue_currency(currency);
}

std::string price_text(Price price, int places) {
  return decimal_text(price.raw(), Price::decimals, places);
}

std::string quantity_text(Quantity quantity, int places) {
  return decimal_text(quantity.raw(), Quantity::decimals, places);
}

std::string volume_text(double volume) {
  std::array<char, 400> text{};
  auto printed =
      std::to_chars(text.data(), text.data() + text.size(), volume, std::chars_format::fixed, 8);
  double back = 0;
  std::from_chars(text.data(), printed.ptr, back);
  if (back < volume || back > volume) {
    printed = std::to_chars(text.data(), text.data() + text.size(), volume);
  }
  return {text.data(), printed.ptr};
}

void Market::add(const Symbol& symbol, Price reference) {
  ShownPair pair;
  pair.symbol = symbol;
  pair.rules = standard_instrument(symbol, reference);
  pair.price_decimals = decimals_in_tick(pair.rules.tick);
  pair.base_asset = asset_id(symbol.base);
  pair.quote_asset = asset_id(symbol.quote);
  const std::string base = kraken::venue_currency(symbol.base);
  const std::string quote = kraken::venue_currency(symbol.quote);
  pair.altname = base + quote;
  pair.wsname = base + "/" + quote;
  const bool classed = pair.base_asset != base && pair.quote_asset != quote;
  pair.canonical = classed ? pair.base_asset + pair.quote_asset : pair.altname;
  pairs_.push_back(std::move(pair));
}

std::optional<std::size_t> Market::find(std::string_view name) const {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const ShownPair& pair = pairs_[i];
    if (name == pair.altname || name == pair.canonical || name == pair.wsname ||
        name == to_string(pair.symbol)) {
      return i;
    }
  }
  return std::nullopt;
}

void Market::show(std::size_t index, const Row& row) {
  ShownPair& pair = pairs_[index];
  set_now(row.at);
  pair.forming = bent(pair, row);
  const auto quantity = Quantity::from_double(row.quantity, Rounding::down);
  if (!quantity || !quantity->is_positive()) return;
  pair.trades.push_back({pair.forming->close, *quantity, row.at, row.is_buy, pair.next_trade_id++});
  if (pair.trades.size() > trades_max) pair.trades.pop_front();
}

void Market::take_best(std::size_t index, Side book_side, Quantity quantity) {
  BookLevels& book = pairs_[index].book;
  std::vector<Level>& side = book_side == Side::buy ? book.bids : book.asks;
  AITRADE_CHECK(!side.empty() && quantity <= side.front().quantity);
  side.front().quantity -= quantity;
  if (side.front().quantity.is_zero()) side.erase(side.begin());
}

void Market::close(std::size_t index, const Candle& candle) {
  ShownPair& pair = pairs_[index];
  pair.closed.push_back(bent_close(pair, candle));
  pair.closed.back().closed = true;
  pair.forming.reset();
}

void Market::set_rules(std::size_t index, Price tick, Quantity minimum, Money minimum_notional) {
  ShownPair& pair = pairs_[index];
  pair.rules.tick = tick;
  pair.rules.minimum = minimum;
  pair.rules.minimum_notional = minimum_notional;
  pair.price_decimals = decimals_in_tick(tick);
}

Price Market::last_price(std::size_t index) const {
  const ShownPair& pair = pairs_[index];
  if (pair.forming) return pair.forming->close;
  return pair.closed.empty() ? Price{} : pair.closed.back().close;
}

void Market::refresh_book(std::size_t index, std::int64_t second, double spread) {
  ShownPair& pair = pairs_[index];
  const Price last = last_price(index);
  if (!last.is_positive()) return;
  const std::int64_t tick = pair.rules.tick.raw();
  const std::uint64_t seed = mix(seed_ + index);
  const std::int64_t mid = std::max<std::int64_t>(last.raw() / tick, 200);
  const auto spread_ticks =
      std::max<std::int64_t>(spread > 0 ? std::llround(spread / to_double(pair.rules.tick)) : 2, 1);
  const std::int64_t lean =
      static_cast<std::int64_t>(mix(seed ^ static_cast<std::uint64_t>(second)) % 2);
  const std::int64_t best_bid = mid - (spread_ticks + lean) / 2;
  const std::int64_t step = std::max<std::int64_t>(1, mid / 40'000);
  const double typical = 20'000 / std::max(to_double(last), 1e-8);
  pair.book.bids = make_side(seed, best_bid, -1, step, tick, typical, second);
  pair.book.asks = make_side(~seed, best_bid + spread_ticks, +1, step, tick, typical, second);
  pair.spread = spread;
  pair.book_second = second;
}

std::vector<Candle> Market::candles(std::size_t index, Duration interval, std::size_t count) const {
  const ShownPair& pair = pairs_[index];
  std::vector<Candle> out;
  if (pair.closed.empty() && !pair.forming) return out;
  const Time last_open = floor_to(now_, interval);
  Time first_open{last_open.ns - interval.count() * static_cast<std::int64_t>(count - 1)};
  const Time begins = pair.closed.empty() ? pair.forming->open_time : pair.closed.front().open_time;
  first_open = std::max(first_open, floor_to(begins, interval));

  auto it = std::lower_bound(pair.closed.begin(), pair.closed.end(), first_open,
                             [](const Candle& c, Time t) { return c.open_time < t; });
  Price before = it != pair.closed.begin() ? std::prev(it)->close : Price{};
  for (Time open = first_open; open <= last_open; open = open + interval) {
    const Time end = open + interval;
    std::optional<Candle> bucket;
    const auto take = [&](const Candle& c) {
      if (!bucket) {
        bucket = flat_candle(open, interval, c.open);
        bucket->synthetic = c.trades == 0 && !(c.volume > 0);
        bucket->high = c.high;
        bucket->low = c.low;
        bucket->close = c.close;
        bucket->volume = c.volume;
        bucket->trades = c.trades;
      } else {
        merge(*bucket, c);
      }
    };
    for (; it != pair.closed.end() && it->open_time < end; ++it)
      take(*it);
    if (pair.forming && pair.forming->open_time >= open && pair.forming->open_time < end) {
      take(*pair.forming);
    }
    if (!bucket && !before.is_positive()) continue;
    if (!bucket) bucket = flat_candle(open, interval, before);
    bucket->closed = end <= now_;
    before = bucket->close;
    out.push_back(*bucket);
  }
  return out;
}

std::optional<Candle> Market::forming(std::size_t index, Duration interval) const {
  const ShownPair& pair = pairs_[index];
  if (interval == interval_) return pair.forming;
  auto newest = candles(index, interval, 1);
  if (newest.empty() || newest.back().synthetic) return std::nullopt;
  newest.back().closed = false;
  return newest.back();
}

}  // namespace aitrade::loopback
