// The rows of [ai], [dashboard], [monitoring], [logging], [paper], [backtest] and [recording]:
// operations.md 1.8, 1.9 and 1.11.
#include "core/config/keys.h"

#include <algorithm>

namespace aitrade {

namespace {

std::string check_host(const std::string& text) {
  if (text == "localhost") return {};
  const bool v4 = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos &&
                  std::count(text.begin(), text.end(), '.') == 3;
  const bool v6 = text.find(':') != std::string::npos &&
                  text.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string::npos;
  return v4 || v6 ? std::string{} : "must be an IP address, such as 127.0.0.1";
}

std::string check_origin(const std::string& text) {
  if (text.empty()) return {};
  if (text == "*") return "must not be *: the page sends credentials";
  const bool plain = text.starts_with("http://");
  if (!plain && !text.starts_with("https://")) return "must begin with https:// or http://";
  if (text.find_first_of("/?# ", plain ? 7 : 8) != std::string::npos) {
    return "must be an origin, scheme and host only, without a path";
  }
  return text.size() > (plain ? 7U : 8U) ? std::string{} : "names no host";
}

std::string check_breaker(const std::string& text) {
  if (text == "stale_data") return "must not be stale_data: prices are unknown then";
  for (const char* known :
       {"ws_disconnect", "consecutive_losses", "drawdown", "daily_loss", "clock_skew"}) {
    if (text == known) return {};
  }
  return "must name ws_disconnect, consecutive_losses, drawdown, daily_loss or clock_skew";
}

}  // namespace

namespace {

std::vector<Key> regime_keys() {
  return {
      AITRADE_KEY(ai.regime.adx_trend_threshold, "ADX from which the market trends").range(0, 100),
      AITRADE_KEY(ai.regime.atr_pct_high, "ATR from which volatility is high")
          .above(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(ai.regime.atr_pct_low, "ATR up to which volatility is low")
          .range(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(ai.regime.trend_weight_multipliers,
                  "factor of a strategy's weight in a trend, instead of its own")
          .range(0, 5),
      AITRADE_KEY(ai.regime.range_weight_multipliers, "the same in a range").range(0, 5),
      AITRADE_KEY(ai.regime.high_vol_weight_multipliers, "the same in high volatility").range(0, 5),
      AITRADE_KEY(ai.regime.low_vol_weight_multipliers, "the same in low volatility").range(0, 5),
      AITRADE_KEY(ai.session.enabled, "size by the record of the hour of day"),
      AITRADE_KEY(ai.session.min_trades_per_hour, "weight of the prior, in trades").range(1, 1000),
      AITRADE_KEY(ai.session.max_boost, "largest factor").range(1, 2),
      AITRADE_KEY(ai.session.max_penalty, "smallest factor").range(0.1, 1),
  };
}

std::vector<Key> book_keys() {
  using enum Reload;
  return {
      AITRADE_KEY(ai.order_book_depth, "levels of the book that are followed")
          .range(10, 1000)
          .in_unit("levels")
          .on_reload(warm_up),
      AITRADE_KEY(ai.obi_threshold, "imbalance of the book that confirms").range(0, 1),
      AITRADE_KEY(ai.book_score_threshold, "book score that confirms").range(0, 1),
      AITRADE_KEY(ai.book_score_max_age_seconds, "oldest book that confirms")
          .range(1, 300)
          .in_unit("seconds"),
      AITRADE_KEY(ai.obi_counts_as_confluence, "let the book count as a vote"),
      AITRADE_KEY(ai.obi_weight, "weight of that confirmation").range(0, 1),
      AITRADE_KEY(ai.whale_threshold_usd, "size of an order that counts as large")
          .above(0)
          .in_unit("USD"),
  };
}

}  // namespace

std::vector<Key> ai_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(ai.primary_timeframe, "timeframe that must agree")
          .range(1, 1440)
          .in_unit("minutes")
          .on_reload(warm_up),
      AITRADE_KEY(ai.multi_timeframe_min_agreement, "timeframes that must agree").range(1, 16),
      AITRADE_KEY(ai.confluence_threshold, "strategy families that must agree").range(1, 8),
      AITRADE_KEY(ai.high_vol_confluence_threshold, "the same in high volatility")
          .range(1, 8)
          .when_unset("ai.confluence_threshold"),
      AITRADE_KEY(ai.min_confidence, "least confidence of an entry").range(0, 1),
      AITRADE_KEY(ai.min_risk_reward_ratio,
                  "least target distance over stop distance, before costs")
          .range(0.5, 5),
      AITRADE_KEY(ai.allow_any_solo, "let one strategy enter alone"),
      AITRADE_KEY(ai.solo_min_confidence, "its least confidence").range(0, 1),
      AITRADE_KEY(ai.allow_keltner_solo, "let keltner enter alone"),
      AITRADE_KEY(ai.keltner_solo_min_confidence, "its least confidence").range(0, 1),
      AITRADE_KEY(ai.model_path, "model file, a link that `train --activate` sets; without one the rules decide alone")
          .on_reload(warm_up),
      AITRADE_KEY(ai.gate, "on: the model must clear break-even; shadow: its answers are only recorded; off: not asked")
          .on_reload(warm_up),
      AITRADE_KEY(ai.adaptive_weights, "let weights follow the closed trades of each strategy"),
      AITRADE_KEY(ai.strategy_guardrails_enabled, "switch off a strategy that loses"),
      AITRADE_KEY(ai.strategy_guardrails_min_trades, "trades before it is judged").range(1, 1000),
      AITRADE_KEY(ai.strategy_guardrails_window_trades, "trades that are judged").range(1, 1000),
      AITRADE_KEY(ai.strategy_guardrails_min_win_rate, "least share of winners").range(0, 1),
      AITRADE_KEY(ai.strategy_guardrails_min_profit_factor, "least gain over loss").range(0, 10),
      AITRADE_KEY(ai.strategy_guardrails_disable_minutes, "how long it is off")
          .range(1, 10080)
          .in_unit("minutes"),
  };
  for (auto& part : {book_keys(), regime_keys()})
    keys.insert(keys.end(), part.begin(), part.end());
  return keys;
}

namespace {

/// How much clients of the page may take.
std::vector<Key> connection_keys() {
  using enum Reload;
  return {
      AITRADE_KEY(dashboard.max_connections, "most connections of all clients")
          .range(1, 10000)
          .on_reload(restart),
      AITRADE_KEY(dashboard.max_connections_per_address, "most connections of one address")
          .range(1, 10000)
          .on_reload(restart),
      AITRADE_KEY(dashboard.ws_max_connections, "most live streams")
          .range(1, 10000)
          .on_reload(restart),
      AITRADE_KEY(dashboard.ws_max_per_principal, "most live streams of one user")
          .range(1, 10000)
          .on_reload(restart),
      AITRADE_KEY(dashboard.max_body_bytes, "largest request body")
          .range(1024, 16777216)
          .in_unit("bytes"),
  };
}

}  // namespace

std::vector<Key> dashboard_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(dashboard.enabled, "listen on TCP; the local socket is always there")
          .on_reload(restart),
      AITRADE_KEY(dashboard.host, "address to listen on")
          .checked(check_host)
          .on_reload(restart)
          .env({"DASHBOARD_HOST"}),
      AITRADE_KEY(dashboard.port, "port to listen on; 0 is any free one")
          .range(0, 65535)
          .on_reload(restart)
          .env({"DASHBOARD_PORT"}),
      AITRADE_KEY(dashboard.allowed_hosts, "Host names besides localhost, 127.0.0.1 and [::1]")
          .on_reload(restart),
      AITRADE_KEY(dashboard.insecure_bind,
                  "\"I understand\" permits an address others can reach without TLS")
          .on_reload(restart),
      AITRADE_KEY(dashboard.tls_cert, "certificate file").on_reload(restart),
      AITRADE_KEY(dashboard.tls_key, "key file of the certificate").on_reload(restart),
      AITRADE_KEY(dashboard.require_api_key_for_reads, "false only on loopback in paper mode")
          .on_reload(restart)
          .env({"DASHBOARD_REQUIRE_API_KEY_FOR_READS", "DASHBOARD_REQUIRE_AUTH_FOR_READS"}),
      AITRADE_KEY(dashboard.allow_tenant_keys_for_control, "let tenant keys pause and close")
          .env({"DASHBOARD_ALLOW_TENANT_KEYS_FOR_CONTROL"}),
      AITRADE_KEY(dashboard.rate_limit_enabled, "limit requests by client")
          .env({"DASHBOARD_RATE_LIMIT_ENABLED"}),
      AITRADE_KEY(dashboard.rate_limit_requests_per_minute, "steady rate")
          .range(1, 100000)
          .in_unit("1/min")
          .env({"DASHBOARD_RATE_LIMIT_RPM"}),
      AITRADE_KEY(dashboard.rate_limit_burst, "requests at once")
          .range(1, 10000)
          .env({"DASHBOARD_RATE_LIMIT_BURST"}),
      AITRADE_KEY(dashboard.cors_origins, "other origins that may read; empty is none")
          .checked(check_origin)
          .env({"DASHBOARD_CORS_ORIGINS"}),
      AITRADE_KEY(dashboard.public_origin, "origin under which people reach the page")
          .checked(check_origin)
          .env({"DASHBOARD_PUBLIC_ORIGIN"}),
      AITRADE_KEY(dashboard.trusted_proxies, "networks whose forwarding headers are believed"),
      AITRADE_KEY(dashboard.session_ttl_seconds, "longest log-in")
          .range(300, 2592000)
          .in_unit("seconds")
          .env({"DASHBOARD_SESSION_TTL_SECONDS"}),
      AITRADE_KEY(dashboard.session_idle_seconds, "log-in without a request")
          .range(60, 2592000)
          .in_unit("seconds"),
      AITRADE_KEY(dashboard.admin_username, "name at the log-in")
          .range(1, 64)
          .in_unit("characters")
          .on_reload(restart)
          .env({"DASHBOARD_ADMIN_USERNAME"}),
      AITRADE_KEY(dashboard.thought_feed_max, "decisions on the page").range(10, 5000),
      AITRADE_KEY(dashboard.refresh_interval_ms, "pause between updates of the page")
          .range(250, 60000)
          .in_unit("ms")
          .on_reload(restart),
      AITRADE_KEY(dashboard.metrics_enabled, "serve metrics to readers").on_reload(restart),
  };
  for (const Key& key : connection_keys()) keys.push_back(key);
  for (Key& key : keys)
    key.outside_decisions();
  return keys;
}

namespace {

std::vector<Key> breaker_keys() {
  return {
      AITRADE_KEY(monitoring.auto_pause_on_stale_data, "pause when prices stop coming"),
      AITRADE_KEY(monitoring.stale_data_pause_after_checks, "looks before that").range(1, 20),
      AITRADE_KEY(monitoring.stale_after_seconds,
                  "silence after which a pair is stale, at least its timeframe")
          .range(10, 3600)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.stale_pairs_fraction,
                  "share of stale pairs that pauses all; a held pair always does")
          .range(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(monitoring.auto_pause_on_ws_disconnect, "pause when the stream stays away"),
      AITRADE_KEY(monitoring.ws_disconnect_pause_after_seconds, "time before that")
          .range(10, 7200)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.auto_pause_on_consecutive_losses, "pause after losses in a row"),
      AITRADE_KEY(monitoring.consecutive_losses_pause_threshold, "how many").range(1, 20),
      AITRADE_KEY(monitoring.auto_pause_on_drawdown, "pause at a drawdown from the peak"),
      AITRADE_KEY(monitoring.drawdown_pause_pct, "how deep").range(0.1, 50).in_unit("percent"),
      AITRADE_KEY(monitoring.emergency_close_on_auto_pause, "breakers that also close positions")
          .checked(check_breaker),
      AITRADE_KEY(monitoring.startup_grace_seconds, "time before data breakers act after a start")
          .range(0, 3600)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.resume_grace_seconds, "the same after a resume")
          .range(0, 3600)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.max_clock_skew_ms, "difference to the venue's clock that pauses")
          .range(100, 60000)
          .in_unit("ms"),
      AITRADE_KEY(monitoring.anomaly_detector.enabled, "pause a pair whose market turns strange"),
      AITRADE_KEY(monitoring.anomaly_detector.spread_threshold_mult, "spread over its usual")
          .range(1, 100),
      AITRADE_KEY(monitoring.anomaly_detector.volume_threshold_mult, "volume over its usual")
          .range(1, 100),
      AITRADE_KEY(monitoring.anomaly_detector.correlation_threshold, "least usual correlation")
          .range(0, 1),
      AITRADE_KEY(monitoring.anomaly_detector.depth_drop_threshold, "lost share of the depth")
          .range(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(monitoring.anomaly_detector.pause_seconds, "how long")
          .range(1, 86400)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.anomaly_detector.min_history_samples, "samples before it judges")
          .range(2, 10000),
  };
}

std::vector<Key> watch_keys() {
  std::vector<Key> keys{
      AITRADE_KEY(monitoring.health_check_interval, "pause between health checks")
          .range(1, 600)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.auto_restart, "start a failed part again"),
      AITRADE_KEY(monitoring.max_restart_attempts, "how often").range(0, 1000),
      AITRADE_KEY(monitoring.heartbeat_interval, "pause between heartbeats")
          .range(1, 60)
          .in_unit("seconds"),
      AITRADE_KEY(monitoring.metrics_retention_hours, "how long metrics are kept")
          .range(1, 8760)
          .in_unit("hours"),
      AITRADE_KEY(monitoring.warn_clock_skew_ms, "difference to the venue's clock that warns")
          .range(10, 60000)
          .in_unit("ms"),
      AITRADE_KEY(monitoring.min_free_disk_mb, "free space below which we warn")
          .range(1, 1048576)
          .in_unit("MiB"),
      AITRADE_KEY(monitoring.telemetry_min_free_disk_mb, "below which telemetry stops")
          .range(1, 1048576)
          .in_unit("MiB"),
      AITRADE_KEY(monitoring.protect_min_free_disk_mb, "below which only exits are sent")
          .range(1, 1048576)
          .in_unit("MiB"),
      AITRADE_KEY(logging.main_max_mb, "size at which aitrade.log rotates")
          .range(1, 1000)
          .in_unit("MB"),
      AITRADE_KEY(logging.main_backups, "older files that are kept").range(0, 50),
      AITRADE_KEY(logging.error_max_mb, "size at which errors.log rotates")
          .range(1, 1000)
          .in_unit("MB"),
      AITRADE_KEY(logging.error_backups, "older files that are kept").range(0, 50),
      AITRADE_KEY(recording.enabled, "record the inputs of a run, for replay and why"),
      AITRADE_KEY(recording.keep_days, "how long recordings are kept")
          .range(1, 3650)
          .in_unit("days"),
  };
  for (Key& key : keys) {
    key.outside_decisions();
    if (!key.name.starts_with("monitoring.")) key.on_reload(Reload::restart);
  }
  return keys;
}

}  // namespace

std::vector<Key> operation_keys() {
  using enum Reload;
  std::vector<Key> keys = breaker_keys();
  const std::vector<Key> simulated{
      AITRADE_KEY(paper.latency_ms, "time from an order to the simulated venue")
          .range(0, 60000)
          .in_unit("ms")
          .on_reload(restart),
      AITRADE_KEY(paper.spread_bps, "spread where the data has no book")
          .range(0, 500)
          .in_unit("basis points")
          .on_reload(restart),
      AITRADE_KEY(paper.spread_bps_by_pair, "the same for single pairs")
          .range(0, 500)
          .in_unit("basis points")
          .on_reload(restart),
      AITRADE_KEY(paper.slippage_bps, "price lost by a taking order")
          .range(0, 500)
          .in_unit("basis points")
          .on_reload(restart),
      AITRADE_KEY(paper.impact,
                  "k of the square-root impact k * sigma * sqrt(size / volume) of a taking order; 0 is none")
          .range(0, 10)
          .on_reload(restart),
      AITRADE_KEY(paper.borrow_bps_per_day, "interest on short positions")
          .range(0, 1000)
          .in_unit("basis points a day")
          .on_reload(restart),
      AITRADE_KEY(paper.volume_cap, "largest share of a bar's volume that fills")
          .above(0, 1)
          .in_unit("fraction")
          .on_reload(restart),
      AITRADE_KEY(paper.cooldown_seconds, "trading.cooldown_seconds on paper")
          .range(0, 86400)
          .in_unit("seconds")
          .when_unset("trading.cooldown_seconds"),
      AITRADE_KEY(backtest.gap_policy,
                  "missing bars: flat fills them, none leaves the hole, refuse stops")
          .on_reload(restart),
      AITRADE_KEY(backtest.resume_after_hours,
                  "when an operator would resume after a breaker paused; 0 is never")
          .range(0, 8760)
          .in_unit("hours"),
      AITRADE_KEY(backtest.tick_seconds, "pause between ticks in simulated time")
          .range(1, 3600)
          .in_unit("seconds")
          .on_reload(restart),
  };
  const std::vector<Key> watch = watch_keys();
  keys.insert(keys.end(), watch.begin(), watch.end());
  keys.insert(keys.end(), simulated.begin(), simulated.end());
  std::stable_sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    const auto order = [](const Key& key) {  // one table of the file after the other
      const std::string section = key.section();
      return section == "monitoring"             ? 0
             : section.starts_with("monitoring") ? 1
             : section == "logging"              ? 2
             : section == "paper"                ? 3
             : section == "backtest"             ? 4
                                                 : 5;
    };
    return order(a) < order(b);
  });
  return keys;
}

}  // namespace aitrade
