#include "core/trading/breakers.h"

#include <algorithm>

namespace aitrade {
namespace {

constexpr double rearm_share = 0.5;  // of the trip level

}  // namespace

std::string_view to_string(Breaker breaker) {
  switch (breaker) {
    case Breaker::consecutive_losses:
      return "consecutive_losses";
    case Breaker::drawdown:
      return "drawdown";
    case Breaker::stale_data:
      return "stale_data";
    case Breaker::stream_loss:
      return "stream_loss";
    case Breaker::risk_of_ruin:
      return "risk_of_ruin";
    case Breaker::oversold:
      return "oversold";
  }
  return "";
}

void Breakers::started(Time now, int loss_run, double drawdown) {
  resumed(now, loss_run, drawdown);
  grace_until_ = now + rules_.start_grace;
}

void Breakers::resumed(Time now, int loss_run, double drawdown) {
  losses_trip_ = loss_run >= rules_.losses_max ? loss_run + rules_.losses_max : 0;
  drawdown_trip_ =
      drawdown >= rules_.drawdown_max ? drawdown + rules_.drawdown_max * rearm_share : 0;
  stale_in_a_row_ = 0;
  stale_tripped_ = stream_tripped_ = false;
  grace_until_ = now + rules_.resume_grace;
}

std::optional<Breaker> Breakers::on_trade(int loss_run) {
  if (loss_run == 0) losses_trip_ = 0;
  const int trip = losses_trip_ > 0 ? losses_trip_ : rules_.losses_max;
  if (!rules_.on_losses || loss_run < trip) return std::nullopt;
  losses_trip_ = loss_run + rules_.losses_max;
  return Breaker::consecutive_losses;
}

std::optional<Breaker> Breakers::on_drawdown(double drawdown) {
  if (!rules_.on_drawdown) return std::nullopt;
  if (drawdown < rules_.drawdown_max * rearm_share) drawdown_trip_ = 0;
  const double trip = drawdown_trip_ > 0 ? drawdown_trip_ : rules_.drawdown_max;
  if (drawdown < trip) return std::nullopt;
  drawdown_trip_ = drawdown + rules_.drawdown_max * rearm_share;
  return Breaker::drawdown;
}

void Breakers::on_feed(bool is_up, Time now) {
  if (feed_is_up_ && !is_up) down_since_ = now;
  feed_is_up_ = is_up;
  if (is_up) stream_tripped_ = false;
}

std::optional<Breaker> Breakers::on_tick(Time now, const Staleness& staleness) {
  const bool in_grace = now < grace_until_;
  if (rules_.on_stream && !feed_is_up_ && !stream_tripped_ && now - down_since_ > rules_.stream_after) {
    stream_tripped_ = true;   // grace must not hide a real disconnection
    return Breaker::stream_loss;
  }
  if (!is_check_due(now)) return std::nullopt;
  next_check_ = now + rules_.check_every;
  const bool many = staleness.stale > rules_.stale_fraction * staleness.instruments;
  const bool bad = staleness.held_is_stale || (many && !in_grace);
  stale_in_a_row_ = bad ? stale_in_a_row_ + 1 : 0;
  if (!bad) stale_tripped_ = false;
  if (stale_tripped_ || stale_in_a_row_ < rules_.stale_checks) return std::nullopt;
  stale_tripped_ = true;
  return Breaker::stale_data;
}

}  // namespace aitrade
