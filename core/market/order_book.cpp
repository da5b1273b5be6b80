#include "core/market/order_book.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aitrade {
namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t c = n;
    for (int k = 0; k < 8; ++k)
      c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
    table[n] = c;
  }
  return table;
}

constexpr auto crc_entries = crc_table();

std::int64_t unit_of(int decimals_held, int decimals_printed) {
  const int printed = std::clamp(decimals_printed, 0, decimals_held);
  return fixed_detail::power_of_ten(decimals_held - printed);
}

// Inserts, replaces or (quantity 0) removes one level of a side sorted best first.
template <class Better>
void apply_level(std::vector<Level>& side, const Level& level, Better better) {
  const auto at =
      std::lower_bound(side.begin(), side.end(), level,
                       [&](const Level& a, const Level& b) { return better(a.price, b.price); });
  const bool found = at != side.end() && at->price == level.price;
  if (!level.quantity.is_positive()) {
    if (found) side.erase(at);
  } else if (found) {
    at->quantity = level.quantity;
  } else {
    side.insert(at, level);
  }
}

constexpr auto higher = [](Price a, Price b) { return a > b; };
constexpr auto lower = [](Price a, Price b) { return a < b; };

void append_digits(std::string& text, std::int64_t count) {
  if (count > 0) text += std::to_string(count);
}

double depth_of(const std::vector<Level>& side) {
  double sum = 0;
  const std::size_t n = std::min(side.size(), OrderBook::imbalance_levels);
  for (std::size_t i = 0; i < n; ++i)
    sum += to_double(side[i].quantity);
  return sum;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    c = crc_entries[(c ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (c >> 8U);
  }
  return c ^ 0xFFFFFFFFU;
}

OrderBook::OrderBook(std::size_t depth, int price_decimals, int quantity_decimals)
    : depth_(std::max<std::size_t>(depth, 1)),
      price_unit_(unit_of(Price::decimals, price_decimals)),
      quantity_unit_(unit_of(Quantity::decimals, quantity_decimals)) {}

bool OrderBook::snapshot(std::span<const Level> bids, std::span<const Level> asks,
                         std::optional<std::uint32_t> checksum) {
  levels_.bids.clear();
  levels_.asks.clear();
  for (const Level& level : bids)
    apply_level(levels_.bids, level, higher);
  for (const Level& level : asks)
    apply_level(levels_.asks, level, lower);
  is_valid_ = true;
  return settle(checksum);
}

bool OrderBook::update(std::span<const Level> bids, std::span<const Level> asks,
                       std::optional<std::uint32_t> checksum) {
  if (!is_valid_) return false;
  for (const Level& level : bids)
    apply_level(levels_.bids, level, higher);
  for (const Level& level : asks)
    apply_level(levels_.asks, level, lower);
  return settle(checksum);
}

bool OrderBook::settle(std::optional<std::uint32_t> expected) {
  // No delete is sent for levels pushed out of range: without this they would come back later.
  if (levels_.bids.size() > depth_) levels_.bids.resize(depth_);
  if (levels_.asks.size() > depth_) levels_.asks.resize(depth_);
  if (expected && *expected != checksum()) invalidate();
  return is_valid_;
}

void OrderBook::invalidate() {
  levels_.bids.clear();
  levels_.asks.clear();
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

std::string OrderBook::checksum_text() const {
  std::string text;
  text.reserve(checksum_levels * 2 * 20);
  for (const auto* side : {&levels_.asks, &levels_.bids}) {
    const std::size_t n = std::min(side->size(), checksum_levels);
    for (std::size_t i = 0; i < n; ++i) {
      append_digits(text, (*side)[i].price.raw() / price_unit_);
      append_digits(text, (*side)[i].quantity.raw() / quantity_unit_);
    }
  }
  return text;
}

}  // namespace aitrade
