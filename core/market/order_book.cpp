#include "core/market/order_book.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace aitrade {
namespace {

std::int64_t unit_of(int decimals_held, int decimals_printed) {
  const int printed = std::clamp(decimals_printed, 0, decimals_held);
  return fixed_detail::power_of_ten(decimals_held - printed);
}

constexpr auto higher = [](Price a, Price b) { return a > b; };
constexpr auto lower = [](Price a, Price b) { return a < b; };

double depth_of(const std::vector<Level>& side) {
  double sum = 0;
  const std::size_t n = std::min(side.size(), OrderBook::imbalance_levels);
  for (std::size_t i = 0; i < n; ++i)
    sum += to_double(side[i].quantity);
  return sum;
}

}  // namespace

OrderBook::OrderBook(std::size_t depth, int price_decimals, int quantity_decimals)
    : depth_(std::max<std::size_t>(depth, 1)),
      price_unit_(unit_of(Price::decimals, price_decimals)),
      quantity_unit_(unit_of(Quantity::decimals, quantity_decimals)) {}

bool OrderBook::snapshot(std::span<const Level> bids, std::span<const Level> asks,
                         std::optional<std::uint32_t> checksum) {
  invalidate();
  is_valid_ = true;
  return update(bids, asks, checksum);
}

bool OrderBook::update(std::span<const Level> bids, std::span<const Level> asks,
                       std::optional<std::uint32_t> checksum) {
  if (!is_valid_) return false;
  for (const Level& level : bids) apply(levels_.bids, bid_digits_, level, higher);
  for (const Level& level : asks) apply(levels_.asks, ask_digits_, level, lower);
  return settle(checksum);
}

/// Inserts, replaces or (quantity 0) removes one level of a side sorted best first.
template <class Better>
void OrderBook::apply(std::vector<Level>& side, std::vector<Digits>& digits, const Level& level, Better better) {
  const auto at = std::lower_bound(side.begin(), side.end(), level,
                                   [&](const Level& a, const Level& b) { return better(a.price, b.price); });
  const auto digits_at = digits.begin() + (at - side.begin());
  const bool found = at != side.end() && at->price == level.price;
  if (!level.quantity.is_positive()) {
    if (!found) return;
    side.erase(at);
    digits.erase(digits_at);
  } else if (found) {
    at->quantity = level.quantity;
    *digits_at = digits_of(level);
  } else {
    side.insert(at, level);
    digits.insert(digits_at, digits_of(level));
  }
}

bool OrderBook::settle(std::optional<std::uint32_t> expected) {
  // No delete is sent for levels pushed out of range: without this they would come back later.
  if (levels_.bids.size() > depth_) {
    levels_.bids.resize(depth_);
    bid_digits_.resize(depth_);
  }
  if (levels_.asks.size() > depth_) {
    levels_.asks.resize(depth_);
    ask_digits_.resize(depth_);
  }
  if (expected && *expected != checksum()) invalidate();
  return is_valid_;
}

void OrderBook::invalidate() {
  levels_.bids.clear();
  levels_.asks.clear();
  bid_digits_.clear();
  ask_digits_.clear();
  is_valid_ = false;
}

bool OrderBook::is_crossed() const {
  return !levels_.bids.empty() && !levels_.asks.empty() &&
         levels_.bids.front().price >= levels_.asks.front().price;
}

std::optional<BookTop> OrderBook::top() const {
  if (!is_valid_ || levels_.bids.empty() || levels_.asks.empty() || is_crossed()) {
    return std::nullopt;
  }
  const Level& bid = levels_.bids.front();
  const Level& ask = levels_.asks.front();
  // Rounded so that recordings, which keep every top, stay small.
  const double rounded = std::round(imbalance() * 1e4) / 1e4 + 0.0;
  return BookTop{bid.price, ask.price, bid.quantity, ask.quantity, rounded};
}

double OrderBook::imbalance() const {
  const double bids = depth_of(levels_.bids);
  const double asks = depth_of(levels_.asks);
  return bids + asks > 0 ? (bids - asks) / (bids + asks) : 0;
}

OrderBook::Digits OrderBook::digits_of(const Level& level) const {
  Digits digits;
  char* end = digits.text.data();
  for (const std::int64_t count : {level.price.raw() / price_unit_, level.quantity.raw() / quantity_unit_}) {
    if (count > 0) end = std::to_chars(end, digits.text.data() + digits.text.size(), count).ptr;
  }
  digits.size = static_cast<std::uint8_t>(end - digits.text.data());
  return digits;
}

void OrderBook::write(Text& text) const {
  text.size = 0;
  for (const auto* side : {&ask_digits_, &bid_digits_}) {
    const std::size_t n = std::min(side->size(), checksum_levels);
    for (std::size_t i = 0; i < n; ++i) {
      const Digits& digits = (*side)[i];   // copied whole: a fixed size needs no loop, and there is room
      std::memcpy(text.bytes.data() + text.size, digits.text.data(), digits.text.size());
      text.size += digits.size;
    }
  }
}

std::string OrderBook::checksum_text() const {
  Text text;
  write(text);
  return std::string(text.view());
}

std::uint32_t OrderBook::checksum() const {
  Text text;
  write(text);
  return crc32(text.view());
}

}  // namespace aitrade
