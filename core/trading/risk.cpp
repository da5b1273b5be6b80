#include "core/trading/risk.h"

#include <algorithm>

namespace aitrade {

Reason Risk::judge(const RiskInputs& in) const {
  const Money limit = apply(rules_.daily_loss_max, in.day_start_equity, Rounding::down);
  if (in.day_start_equity.is_positive() && in.equity - in.day_start_equity <= -limit) {
    return Reason::daily_loss;
  }
  if (in.positions >= rules_.positions_max) return Reason::max_positions;
  if (in.positions_in_group >= rules_.positions_per_group_max) return Reason::max_group;
  if (!in.has_book) return rules_.book_required ? Reason::stale_feed : Reason::none;
  if (rules_.spread_max > 0 && in.spread > rules_.spread_max) return Reason::wide_spread;
  return Reason::none;
}

double Risk::expected_r(const Bracket& bracket, double probability) const {
  const double entry = to_double(bracket.entry);
  const double stop_fraction = to_double((bracket.entry - bracket.stop).abs()) / entry;
  return probability * bracket.reward_to_risk - (1.0 - probability) -
         to_double(rules_.cost) / stop_fraction;
}

double Risk::opportunity(double expected_r, std::optional<double> depth, double size, double freshness) {
  constexpr double comfortable = 3;   // times its size: as much depth as an entry can use
  const double fits = depth && size > 0 ? std::min(1.0, *depth / (comfortable * size)) : 1.0;
  return expected_r * fits * std::clamp(freshness, 0.0, 1.0);
}

}  // namespace aitrade
