#include "core/trading/pacing.h"

#include <algorithm>

namespace aitrade {
namespace {

constexpr std::size_t entries_remembered = 256;  // above the largest trades_per_hour_max, 120

}  // namespace

Pacing::Pacing(const RiskRules& rules, std::size_t instruments, std::size_t strategies)
    : rules_(rules),
      strategies_(strategies),
      pair_until_(instruments),
      strategy_until_(instruments * strategies * 2),
      entries_(entries_remembered) {}

std::size_t Pacing::index(InstrumentId i, StrategyId s, Direction d) const {
  const std::size_t side = d == Direction::long_ ? 0 : 1;
  return (number(i) * strategies_ + number(s)) * 2 + side;
}

Reason Pacing::judge(InstrumentId instrument, StrategyId lead, Direction direction, Time now,
                     int on_the_way) const {
  const auto hour = static_cast<std::size_t>(now.seconds_floor() / 3600 % 24);
  if (rules_.quiet_hours[hour]) return Reason::quiet_hour;
  if (now < loss_until_) return Reason::cooldown_loss;
  if (now < pair_until_[number(instrument)]) return Reason::cooldown_pair;
  if (now < strategy_until_[index(instrument, lead, direction)]) return Reason::cooldown_strategy;
  if (rules_.daily_trades_max > 0 && trades_today_ + on_the_way >= rules_.daily_trades_max) {
    return Reason::trades_per_hour;
  }
  if (rules_.trades_per_hour_max > 0) {
    if (on_the_way >= rules_.trades_per_hour_max) return Reason::trades_per_hour;
    const auto limit = static_cast<std::size_t>(rules_.trades_per_hour_max - on_the_way);
    if (entries_.size() >= limit && now - entries_.back(limit - 1) < hours{1}) {
      return Reason::trades_per_hour;
    }
  }
  return Reason::none;
}

void Pacing::entered(InstrumentId instrument, Time now) {
  entries_.push(now);
  ++trades_today_;
  pair_until_[number(instrument)] = std::max(pair_until_[number(instrument)], now + rules_.pair_cooldown);
}

void Pacing::closed(InstrumentId instrument, StrategyId lead, Direction direction,
                    Duration strategy_cooldown, bool lost, Time now) {
  pair_until_[number(instrument)] = std::max(pair_until_[number(instrument)], now + rules_.pair_cooldown);
  strategy_until_[index(instrument, lead, direction)] = now + strategy_cooldown;
  if (lost) loss_until_ = std::max(loss_until_, now + rules_.loss_cooldown);
}

void Pacing::restore(const CooldownRestored& r) {
  pair_until_[number(r.instrument)] = r.pair_until;
  if (number(r.strategy) < strategies_ && r.direction != Direction::neutral) {
    strategy_until_[index(r.instrument, r.strategy, r.direction)] = r.strategy_until;
  }
}

}  // namespace aitrade
