#include "cmd/live_settings.h"

#include <algorithm>

#include "cmd/strategy_keys.h"

namespace aitrade::cli {
namespace {

/// Which strategies vote, and what their votes weigh.
std::set<std::string> with_strategies(std::set<std::string> keys) {
  for (const StrategyKeys& strategy : strategy_keys()) {
    for (const char* leaf : {".enabled", ".weight"}) keys.insert("strategies." + strategy.name + leaf);
  }
  return keys;
}

/// The strategy of "strategies.NAME.x"; empty for another key.
std::string strategy_of(const std::string& key) {
  constexpr std::string_view prefix = "strategies.";
  if (!key.starts_with(prefix)) return {};
  return key.substr(prefix.size(), key.rfind('.') - prefix.size());
}

bool runs(const TradingRules& rules, const std::string& strategy) {
  return std::any_of(rules.strategies.begin(), rules.strategies.end(),
                     [&](const StrategyChoice& choice) { return choice.info != nullptr && choice.info->name == strategy; });
}

}  // namespace

bool is_applicable(const std::string& key, const TradingRules& running) {
  const std::string strategy = strategy_of(key);
  return engine_keys().contains(key) && (strategy.empty() || runs(running, strategy));
}

Config without_newcomers(Config next, const TradingRules& running) {
  for (auto& [name, strategy] : next.strategies) {
    if (!runs(running, name)) strategy.enabled = false;
  }
  return next;
}

const std::set<std::string>& service_keys() {
  static const std::set<std::string> keys{"app.log_level",
                                          "app.shutdown_timeout_seconds",
                                          "dashboard.allow_tenant_keys_for_control",
                                          "dashboard.rate_limit_enabled",
                                          "dashboard.rate_limit_requests_per_minute",
                                          "dashboard.rate_limit_burst",
                                          "dashboard.session_ttl_seconds",
                                          "dashboard.session_idle_seconds"};
  return keys;
}

const std::set<std::string>& engine_keys() {
  static const std::set<std::string> keys = with_strategies({"risk.max_risk_per_trade",
                                          "risk.max_daily_loss",
                                          "risk.max_daily_trades",
                                          "risk.max_position_usd",
                                          "risk.max_total_exposure_pct",
                                          "risk.max_portfolio_risk",
                                          "risk.kelly_fraction",
                                          "risk.max_kelly_size",
                                          "risk.risk_of_ruin_threshold",
                                          "risk.risk_of_ruin_drawdown",
                                          "risk.risk_of_ruin_min_trades",
                                          "risk.global_cooldown_seconds_on_loss",
                                          "risk.max_positions_per_correlation_group",
                                          "trading.max_concurrent_positions",
                                          "trading.cooldown_seconds",
                                          "trading.max_spread_pct",
                                          "trading.quiet_hours_utc",
                                          "trading.max_trades_per_hour",
                                          "paper.cooldown_seconds",
                                          "ai.confluence_threshold",
                                          "ai.high_vol_confluence_threshold",
                                          "ai.min_confidence",
                                          "ai.allow_any_solo",
                                          "ai.solo_min_confidence",
                                          "ai.allow_keltner_solo",
                                          "ai.keltner_solo_min_confidence",
                                          "ai.multi_timeframe_min_agreement",
                                          "ai.book_score_threshold",
                                          "ai.obi_weight",
                                          "ai.strategy_guardrails_enabled",
                                          "ai.strategy_guardrails_min_trades",
                                          "ai.strategy_guardrails_window_trades",
                                          "ai.strategy_guardrails_min_win_rate",
                                          "ai.strategy_guardrails_min_profit_factor",
                                          "ai.strategy_guardrails_disable_minutes",
                                          "monitoring.auto_pause_on_stale_data",
                                          "monitoring.stale_data_pause_after_checks",
                                          "monitoring.stale_pairs_fraction",
                                          "monitoring.auto_pause_on_ws_disconnect",
                                          "monitoring.ws_disconnect_pause_after_seconds",
                                          "monitoring.auto_pause_on_consecutive_losses",
                                          "monitoring.consecutive_losses_pause_threshold",
                                          "monitoring.auto_pause_on_drawdown",
                                          "monitoring.drawdown_pause_pct",
                                          "monitoring.emergency_close_on_auto_pause",
                                          "monitoring.resume_grace_seconds",
                                          "monitoring.health_check_interval",
                                          "monitoring.stale_after_seconds",
                                          "ai.min_risk_reward_ratio"});
  return keys;
}

std::set<std::string> live_keys() {
  std::set<std::string> keys = service_keys();
  keys.insert(engine_keys().begin(), engine_keys().end());
  return keys;
}

std::string engine_words(const std::vector<Change>& changes, const TradingRules& running) {
  std::string words;
  for (const Change& one : changes) {
    if (is_applicable(one.key, running)) words += (words.empty() ? "" : ", ") + one.key + " = " + one.after;
  }
  return words;
}

}  // namespace aitrade::cli
