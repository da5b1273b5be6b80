#include "core/domain/signal.h"

namespace aitrade {
namespace {

// In the order of the enumerators; the size is checked below.
constexpr std::array<std::string_view, reasons_count> reasons{
    "none",
    "warming_up",
    "no_setup",
    "not_finite",
    "no_confirmation",
    "reward_too_small",
    "no_votes",
    "tie",
    "too_few_families",
    "low_confidence",
    "primary_neutral",
    "vetoed_by_timeframe",
    "paused",
    "halted",
    "stale_feed",
    "backfill",
    "wide_spread",
    "no_short",
    "cooldown_pair",
    "cooldown_strategy",
    "cooldown_loss",
    "has_position",
    "max_positions",
    "max_group",
    "daily_loss",
    "drawdown",
    "loss_streak",
    "risk_of_ruin",
    "trades_per_hour",
    "quiet_hour",
    "bad_levels",
    "reward_to_risk",
    "no_edge",
    "exposure",
    "below_minimum",
    "no_cash",
    "entered",
    "closing_opposite",
    "portfolio_heat",
    "thin_book",
    "anomaly",
    "held",
};
static_assert(reasons.size() == reasons_count);

}  // namespace

std::string_view to_string(GateStatus status) {
  switch (status) {
    case GateStatus::absent:
      return "absent";
    case GateStatus::used:
      return "used";
    case GateStatus::shadow:
      return "shadow";
    case GateStatus::switched_off:
      return "switched_off";
    case GateStatus::unusable:
      return "unusable";
    case GateStatus::missing:
      return "missing";
    case GateStatus::strange:
      return "strange";
  }
  return "";
}

std::string_view to_string(Family family) {
  switch (family) {
    case Family::trend_following:
      return "trend_following";
    case Family::mean_reversion:
      return "mean_reversion";
    case Family::momentum:
      return "momentum";
    case Family::microstructure:
      return "microstructure";
    case Family::structure:
      return "structure";
    case Family::sentiment:
      return "sentiment";
    case Family::vwap:
      return "vwap";
  }
  return "unknown";
}

std::string_view to_string(Trend trend) {
  switch (trend) {
    case Trend::unknown:
      return "unknown";
    case Trend::trend:
      return "trend";
    case Trend::range:
      return "range";
  }
  return "unknown";
}

std::string_view to_string(Volatility volatility) {
  switch (volatility) {
    case Volatility::unknown:
      return "unknown";
    case Volatility::low:
      return "low";
    case Volatility::mid:
      return "mid";
    case Volatility::high:
      return "high";
  }
  return "unknown";
}

std::string_view to_string(Reason reason) {
  return reasons[static_cast<std::size_t>(reason)];
}

}  // namespace aitrade
