#include "exchanges/kraken/rate_counters.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aitrade::kraken {
namespace {

// Rounding of the decay may leave a hair over the limit; the venue counts in hundredths.
constexpr double hair = 1e-6;
constexpr Duration exit_pause = seconds{2};   // of what protects, after the venue said that a limit is passed

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

Duration time_to_fall(double by, double decay_per_second) {
  if (by <= hair || decay_per_second <= 0) return {};
  return Duration{static_cast<std::int64_t>(std::ceil(by / decay_per_second * 1e9))};
}

/// Extra cost of touching an order younger than the limit; ages rise.
struct Penalty {
  seconds younger_than;
  double cost;
};

constexpr std::array<Penalty, 3> amend_penalties{
    {{seconds{5}, 3}, {seconds{10}, 2}, {seconds{15}, 1}}};
constexpr std::array<Penalty, 5> edit_penalties{
    {{seconds{5}, 6}, {seconds{10}, 5}, {seconds{15}, 4}, {seconds{45}, 2}, {seconds{90}, 1}}};
constexpr std::array<Penalty, 6> cancel_penalties{{{seconds{5}, 8},
                                                   {seconds{10}, 6},
                                                   {seconds{15}, 5},
                                                   {seconds{45}, 4},
                                                   {seconds{90}, 2},
                                                   {seconds{300}, 1}}};

template <std::size_t N>
double penalty(const std::array<Penalty, N>& table, Duration age) {
  for (const Penalty& row : table) {
    if (age < row.younger_than) return row.cost;
  }
  return 0;
}

}  // namespace

std::optional<Tier> tier_of(std::string_view name) {
  if (name == "starter") return Tier::starter;
  if (name == "intermediate") return Tier::intermediate;
  if (name == "pro") return Tier::pro;
  return std::nullopt;
}

CounterLimits rest_limits(Tier tier) {
  switch (tier) {
    case Tier::starter:
      return {15, 0.33};
    case Tier::intermediate:
      return {20, 0.5};
    case Tier::pro:
      return {20, 1.0};
  }
  return {};
}

CounterLimits trading_limits(Tier tier) {
  switch (tier) {
    case Tier::starter:
      return {60, 1.0};
    case Tier::intermediate:
      return {125, 2.34};
    case Tier::pro:
      return {180, 3.75};
  }
  return {};
}

double DecayingCount::level(Time now, double decay_per_second) const {
  const double passed = std::max(0.0, seconds_of(now - at_));
  return std::max(0.0, level_ - passed * decay_per_second);
}

void DecayingCount::add(Time now, double cost, double decay_per_second) {
  level_ = level(now, decay_per_second) + cost;
  at_ = std::max(at_, now);
}

void DecayingCount::set(Time now, double level) {
  level_ = std::max(0.0, level);
  at_ = now;
}

// ---- REST
// -----------------------------------------------------------------------------------------

RestCounter::RestCounter(Tier tier, double reserve)
    : limits_(rest_limits(tier)), reserve_(reserve) {}

double RestCounter::room_limit(Purpose purpose) const {
  return purpose == Purpose::exit ? limits_.max : limits_.max - reserve_;
}

double RestCounter::level(Time now) const {
  return count_.level(now, limits_.decay_per_second);
}

bool RestCounter::take(Time now, double cost, Purpose purpose) {
  if (wait(now, cost, purpose) > Duration{}) return false;
  count_.add(now, cost, limits_.decay_per_second);
  return true;
}

Duration RestCounter::wait(Time now, double cost, Purpose purpose) const {
  const Time from = std::max(banned_until_, purpose == Purpose::exit ? exits_from_ : ordinary_from_);
  const Duration ban = now < from ? from - now : Duration{};
  if (cost <= 0) return ban;
  const double over = std::min(level(now) + cost - room_limit(purpose), level(now));
  return std::max(ban, time_to_fall(over, limits_.decay_per_second));
}

void RestCounter::ban(Time now, Time until) {
  banned_until_ = std::max(banned_until_, until);
  count_.set(std::max(now, until), limits_.max);
}

void RestCounter::overstep(Time now, Time until) {
  ordinary_from_ = std::max(ordinary_from_, until);
  exits_from_ = std::max(exits_from_, now + exit_pause);
  if (now >= banned_until_) count_.set(now, limits_.max);
}

// ---- trading
// --------------------------------------------------------------------------------------

double trading_cost(OrderAction action, Duration age) {
  switch (action) {
    case OrderAction::add:
      return 1;
    case OrderAction::amend:
      return 1 + penalty(amend_penalties, age);
    case OrderAction::edit:
      return 1 + penalty(edit_penalties, age);
    case OrderAction::cancel:
      return penalty(cancel_penalties, age);
  }
  return 0;
}

double batch_add_cost(std::size_t orders) {
  return static_cast<double>(orders) / 2;
}

TradingCounter::TradingCounter(Tier tier, double reserve)
    : limits_(trading_limits(tier)), reserve_(reserve) {}

double TradingCounter::level(Time now, const std::string& pair) const {
  const auto found = counts_.find(pair);
  return found == counts_.end() ? 0 : found->second.level(now, limits_.decay_per_second);
}

Duration TradingCounter::wait(Time now, const std::string& pair, double cost,
                              Purpose purpose) const {
  const double limit = purpose == Purpose::exit ? limits_.max : limits_.max - reserve_;
  const double over = std::min(level(now, pair) + cost - limit, level(now, pair));
  return time_to_fall(over, limits_.decay_per_second);
}

bool TradingCounter::has_room(Time now, const std::string& pair, double cost,
                              Purpose purpose) const {
  return wait(now, pair, cost, purpose) == Duration{};
}

bool TradingCounter::take(Time now, const std::string& pair, OrderAction action, Duration age,
                          Purpose purpose) {
  const double cost = trading_cost(action, age);
  if (action != OrderAction::cancel && !has_room(now, pair, cost, purpose)) return false;
  counts_[pair].add(now, cost, limits_.decay_per_second);
  return true;
}

bool TradingCounter::take_batch(Time now, const std::string& pair, std::size_t orders,
                                Purpose purpose) {
  const double cost = batch_add_cost(orders);
  if (!has_room(now, pair, cost, purpose)) return false;
  counts_[pair].add(now, cost, limits_.decay_per_second);
  return true;
}

void TradingCounter::observe(Time now, const std::string& pair, double level) {
  counts_[pair].set(now, level);
}

}  // namespace aitrade::kraken
