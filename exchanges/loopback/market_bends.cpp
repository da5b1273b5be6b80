// Prices that the source did not bring: gaps, crashes, bad ticks.

#include "exchanges/loopback/market.h"

#include <algorithm>
#include <utility>

namespace aitrade::loopback {
namespace {

constexpr std::int64_t unit = 1'000'000;

// Where a crash stands at a time, as a factor.
std::int64_t crash_factor(const Crash& crash, Time at) {
  const std::int64_t span = crash.span.count();
  const std::int64_t since = (at - crash.from).count();
  if (crash.depth_ppm == 0 || since < 0 || since >= span) return unit;
  const std::int64_t way_there = std::max<std::int64_t>(span / 10, 1);
  const std::int64_t way_back = std::max<std::int64_t>(span - way_there, 1);
  const double part = since < way_there
                          ? static_cast<double>(since) / static_cast<double>(way_there)
                          : static_cast<double>(span - since) / static_cast<double>(way_back);
  return unit - static_cast<std::int64_t>(static_cast<double>(crash.depth_ppm) * part);
}

std::int64_t factor(const ShownPair& pair, Time at) {
  return pair.level_ppm * crash_factor(pair.crash, at) / unit;
}

Price scaled(const ShownPair& pair, Price price, std::int64_t ppm) {
  const Price moved = apply(Rate::from_raw(Rate::scale / unit * ppm), price, Rounding::half_even);
  return std::max(round_to_step(moved, pair.rules.tick, Rounding::half_even), pair.rules.tick);
}

}  // namespace

Candle Market::bent(ShownPair& pair, const Row& row) const {
  const std::int64_t ppm = factor(pair, row.at);
  if (ppm == unit && !pair.is_bent) return row.so_far;
  pair.is_bent = true;
  const bool continues = pair.forming && pair.forming->open_time == row.so_far.open_time;
  Candle out = row.so_far;
  out.close = scaled(pair, row.so_far.close, ppm);
  out.open = continues ? pair.forming->open : scaled(pair, row.so_far.open, ppm);
  out.high = std::max({continues ? pair.forming->high : out.open, out.open, out.close});
  out.low = std::min({continues ? pair.forming->low : out.open, out.open, out.close});
  return out;
}

Candle Market::bent_close(ShownPair& pair, const Candle& candle) const {
  const std::int64_t ppm = factor(pair, candle.close_time());
  const bool is_bent = std::exchange(pair.is_bent, ppm != unit);
  if (!is_bent && ppm == unit) return candle;
  Candle out = candle;
  const bool has_own = pair.forming && pair.forming->open_time == candle.open_time;
  out.open = has_own ? pair.forming->open : scaled(pair, candle.open, ppm);
  out.high = has_own ? pair.forming->high : scaled(pair, candle.high, ppm);
  out.low = has_own ? pair.forming->low : scaled(pair, candle.low, ppm);
  out.close = has_own ? pair.forming->close : scaled(pair, candle.close, ppm);
  return out;
}

void Market::print(std::size_t index, Price price, Quantity quantity, bool is_buy, Time at) {
  ShownPair& pair = pairs_[index];
  set_now(at);
  const Price last = last_price(index);
  if (!pair.forming) {
    Candle flat;
    flat.open_time = floor_to(at, interval_);
    flat.interval = interval_;
    flat.open = flat.high = flat.low = flat.close = last.is_positive() ? last : price;
    pair.forming = flat;
  }
  Candle& forming = *pair.forming;
  forming.close = price;
  forming.high = std::max(forming.high, price);
  forming.low = std::min(forming.low, price);
  ++forming.trades;
  pair.is_bent = true;
  pair.trades.push_back({price, quantity, at, is_buy, pair.next_trade_id++});
  if (pair.trades.size() > trades_max) pair.trades.pop_front();
}

}  // namespace aitrade::loopback
