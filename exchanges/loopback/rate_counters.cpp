#include "exchanges/loopback/rate_counters.h"

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

// Per tier, in hundredths: none, starter, intermediate, pro.
constexpr std::array<std::int64_t, 4> call_max{0, 1500, 2000, 2000};
constexpr std::array<std::int64_t, 4> call_decay{0, 33, 50, 100};
constexpr std::array<std::int64_t, 4> trade_max{12'500, 6000, 12'500, 18'000};
constexpr std::array<std::int64_t, 4> trade_decay{234, 100, 234, 375};
constexpr std::int64_t one = 100;

constexpr std::array<std::int64_t, 6> ages{5, 10, 15, 45, 90, 300};  // seconds
constexpr std::array<std::int64_t, 6> of_amend{3, 2, 1, 0, 0, 0};
constexpr std::array<std::int64_t, 6> of_edit{6, 5, 4, 2, 1, 0};
constexpr std::array<std::int64_t, 6> of_cancel{8, 6, 5, 4, 2, 1};

std::int64_t by_age(const std::array<std::int64_t, 6>& costs, Duration age) {
  for (std::size_t i = 0; i < ages.size(); ++i) {
    if (age < seconds{ages[i]}) return costs[i];
  }
  return 0;
}

}  // namespace

std::optional<RateTier> rate_tier_of(std::string_view text) {
  if (text == "none") return RateTier::none;
  if (text == "starter") return RateTier::starter;
  if (text == "intermediate") return RateTier::intermediate;
  if (text == "pro") return RateTier::pro;
  return std::nullopt;
}

std::int64_t amend_cost(Duration age) {
  return 1 + by_age(of_amend, age);
}

std::int64_t edit_cost(Duration age) {
  return 1 + by_age(of_edit, age);
}

std::int64_t cancel_cost(Duration age) {
  return by_age(of_cancel, age);
}

std::int64_t RateCounters::Counter::value(Time now, std::int64_t decay) const {
  const std::int64_t ms = std::max<std::int64_t>((now.ns - at.ns) / 1'000'000, 0);
  constexpr std::int64_t ms_max = 100'000'000;
  return std::max<std::int64_t>(hundredths - std::min(ms, ms_max) * decay / 1000, 0);
}

bool RateCounters::call(const std::string& key, std::int64_t cost, Time now) {
  const auto tier = static_cast<std::size_t>(tier_);
  if (now < full_until_) return cost == 0;
  if (tier_ == RateTier::none) return true;
  Counter& counter = calls_[key];
  const std::int64_t value = counter.value(now, call_decay.at(tier));
  if (value + cost * one > call_max.at(tier)) return false;
  counter = {value + cost * one, now};
  return true;
}

bool RateCounters::trade(std::size_t pair, std::int64_t hundredths, Time now) {
  const auto tier = static_cast<std::size_t>(tier_);
  Counter& counter = trades_[pair];
  const std::int64_t value = counter.value(now, trade_decay.at(tier));
  if (now < full_until_) return false;
  if (tier_ != RateTier::none && value + hundredths > trade_max.at(tier)) return false;
  counter = {value + hundredths, now};
  return true;
}

void RateCounters::cancel(std::size_t pair, std::int64_t cost, Time now) {
  const auto tier = static_cast<std::size_t>(tier_);
  Counter& counter = trades_[pair];
  counter = {counter.value(now, trade_decay.at(tier)) + cost * one, now};
}

std::int64_t RateCounters::trading(std::size_t pair, Time now) const {
  const auto found = trades_.find(pair);
  if (found == trades_.end()) return 0;
  const std::int64_t value =
      found->second.value(now, trade_decay.at(static_cast<std::size_t>(tier_)));
  return (value + one - 1) / one;
}

std::int64_t RateCounters::trading_max() const {
  return trade_max.at(static_cast<std::size_t>(tier_)) / one;
}

}  // namespace aitrade::loopback
