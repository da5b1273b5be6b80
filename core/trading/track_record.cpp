#include "core/trading/track_record.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr double micro = 1e6;
constexpr double r_bound = 1000;          // beyond it a risk of nearly zero speaks, not a result
constexpr double z_80 = 1.2815515655446;  // two-sided 80 %
constexpr double prior_trades = 50;
constexpr double prior_payoff = 1.5;
constexpr double skill_half = 30;         // credits at which half of the evidence counts
constexpr double skill_step = 0.2;
constexpr double skill_credits_min = 5;
constexpr double t_bound = 2;

std::int64_t to_micro(double value) {
  if (!std::isfinite(value)) return 0;
  return std::llround(std::clamp(value, -r_bound, r_bound) * micro);
}

Int128 square(std::int64_t value) { return static_cast<Int128>(value) * value; }

/// Lower end of the Wilson interval of `wins` in `n`.
double wilson_low(double wins, double n, double z) {
  if (n <= 0) return 0;
  const double p = wins / n;
  const double z2 = z * z;
  const double centre = p + z2 / (2 * n);
  const double reach = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return (centre - reach) / (1 + z2 / n);
}

}  // namespace

TrackRecord::TrackRecord() : results_(capacity) {}

void TrackRecord::add(const TradeResult& result) {
  if (results_.pushed() >= capacity) count(results_.back(capacity - 1), -1);
  results_.push(result);
  count(result, 1);
  if (result.pnl.is_negative()) {
    ++loss_run_;
  } else if (result.pnl.is_positive()) {
    loss_run_ = 0;
  }
}

/// Adds or takes away one result from every sum.
void TrackRecord::count(const TradeResult& result, int sign) {
  const std::int64_t r = to_micro(result.r);
  if (result.pnl.is_positive()) {
    wins_ += sign;
    win_r_ += sign * r;
  } else if (result.pnl.is_negative()) {
    losses_ += sign;
    loss_r_ += sign * r;
  }
  net_ = Money::from_raw(net_.raw() + sign * result.pnl.raw());
  net_squares_ += sign * square(result.pnl.raw());
  sum_r_ += sign * r;
  for (std::size_t i = 0; i < result.voters.count; ++i) {
    const Voters::Share& share = result.voters.shares[i];
    if (number(share.strategy) >= skills_.size()) continue;
    Skill& skill = skills_[number(share.strategy)];
    const std::int64_t credit = to_micro(share.share);
    skill.credits += sign * credit;
    skill.sum += sign * static_cast<Int128>(credit) * r;
    skill.squares += sign * square(r) * credit;
  }
}

std::string_view to_string(RuinState state) {
  switch (state) {
    case RuinState::insufficient_data:
      return "insufficient_data";
    case RuinState::estimated:
      return "estimated";
    case RuinState::one_sided:
      return "one_sided";
  }
  return "";
}

double TrackRecord::mean_r() const {
  return results_.empty() ? 0 : static_cast<double>(sum_r_) / micro / size();
}

EdgeEstimate TrackRecord::edge() const {
  EdgeEstimate out;
  out.trades = wins_ + losses_;
  const double n = out.trades;
  out.win_rate_low = wilson_low(wins_, n, z_80);
  const double mean_win = wins_ > 0 ? static_cast<double>(win_r_) / wins_ : 0;
  const double mean_loss = losses_ > 0 ? -static_cast<double>(loss_r_) / losses_ : 0;
  const double seen = mean_loss > 0 ? mean_win / mean_loss : prior_payoff;
  out.payoff = (n * seen + prior_trades * prior_payoff) / (n + prior_trades);
  out.kelly = out.payoff > 0 ? out.win_rate_low - (1 - out.win_rate_low) / out.payoff : -1;
  return out;
}

Ruin TrackRecord::ruin(Money drawdown, int trades_min) const {
  Ruin out;
  out.trades = size();
  if (out.trades < trades_min) return out;
  if (wins_ == 0 || losses_ == 0) {
    out.state = RuinState::one_sided;
    out.probability = wins_ == 0 ? 1 : 0;
    return out;
  }
  out.state = RuinState::estimated;
  const double n = out.trades;
  const double mean = static_cast<double>(net_.raw()) / n;
  const double variance =
      std::max(0.0, (static_cast<double>(net_squares_) - n * mean * mean) / (n - 1));
  if (mean <= 0) {
    out.probability = 1;
  } else if (variance > 0) {
    out.probability = std::exp(-2 * mean * static_cast<double>(drawdown.raw()) / variance);
  }
  return out;
}

double TrackRecord::skill(StrategyId strategy) const {
  if (number(strategy) >= skills_.size()) return 1;
  const Skill& skill = skills_[number(strategy)];
  const double n = static_cast<double>(skill.credits) / micro;
  if (n < skill_credits_min) return 1;
  const double mean = static_cast<double>(skill.sum) / (micro * micro) / n;
  const double squares = static_cast<double>(skill.squares) / (micro * micro * micro);
  const double variance = std::max(0.0, (squares - n * mean * mean) / (n - 1));
  double t = 0;
  if (variance > 0) {
    t = mean / std::sqrt(variance / n);
  } else if (mean != 0) {
    t = mean > 0 ? t_bound : -t_bound;
  }
  const double factor =
      1 + n / (n + skill_half) * skill_step * std::clamp(t, -t_bound, t_bound);
  return std::clamp(factor, 0.5, 1.5);
}

}  // namespace aitrade
