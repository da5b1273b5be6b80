#include "cmd/readable.h"

#include <algorithm>
#include <cstdint>

namespace aitrade::cli {
namespace {

/// The amount with `places` decimals and a comma every three digits.
template <class Amount>
std::string rounded(Amount amount, int places) {
  std::int64_t divisor = 1;
  for (int i = places; i < Amount::decimals; ++i) divisor *= 10;
  const std::int64_t units = fixed_detail::divide(amount.abs().raw(), divisor, Rounding::half_even);
  std::int64_t one = 1;
  for (int i = 0; i < places; ++i) one *= 10;
  const std::string fraction = std::to_string(one + units % one).substr(1);
  std::string whole = std::to_string(units / one);
  for (auto at = static_cast<std::ptrdiff_t>(whole.size()) - 3; at > 0; at -= 3) {
    whole.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return (amount.is_negative() && units != 0 ? "-" : "") + whole + (places > 0 ? "." + fraction : "");
}

std::string two(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

std::string readable_money(Money amount) { return rounded(amount, 2); }

std::string readable_change(Money amount) {
  const std::string text = readable_money(amount);
  return text != "0.00" && text.front() != '-' ? "+" + text : text;
}

std::string readable_price(Price price) {
  const Price size = price.abs();
  const int places = size >= Price::parse_or_die("1000") ? 2 : size >= Price::parse_or_die("1") ? 4 : 6;
  return rounded(price, places);
}

std::string readable_span(Duration span) {
  const std::int64_t all = std::max<std::int64_t>(0, std::chrono::duration_cast<seconds>(span).count());
  const std::int64_t days = all / 86'400;
  const std::int64_t hours = all / 3'600 % 24;
  const std::int64_t mins = all / 60 % 60;
  if (days > 0) return std::to_string(days) + "d " + two(hours) + "h";
  if (hours > 0) return std::to_string(hours) + "h " + two(mins) + "m";
  if (mins > 0) return std::to_string(mins) + "m " + two(all % 60) + "s";
  return std::to_string(all) + "s";
}

}  // namespace aitrade::cli
