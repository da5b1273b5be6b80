// The typed configuration: what every part of the program may be told, with its defaults.
//
// A field's place here is its name in TOML: `config.risk.max_daily_loss` is `max_daily_loss` of
// `[risk]`. The initialisers are the defaults; the table of core/config/keys.h adds bounds, units,
// help and reload class, and load.h fills the struct from files, environment and command line. A
// loaded Config is immutable and shared as `shared_ptr<const Config>`; nobody copies single values
// out of it for longer than one decision.
#pragma once

#include "core/base/fixed.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aitrade {

enum class Mode { paper, live };
enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { automatic, text, json };  // automatic: text on a terminal, else JSON lines
enum class Environment { dev, production };
enum class ShutdownPositions { keep, close };
enum class ExchangeName { kraken, coinbase, sim };
enum class EntryOrderStyle { limit_chase, ioc_limit, market };
enum class StopOrderStyle { market, limit };
enum class ExitOrderStyle { automatic, market, limit_then_market, ioc_limit };
enum class GateMode { off, shadow, on };   // what a trained model does: nothing, answer, or answer and decide
enum class GapPolicy { flat, none, refuse };  // fill missing bars, leave the hole, or stop

struct AppConfig {
  std::string name{"aitrade"};
  Mode mode{Mode::paper};
  LogLevel log_level{LogLevel::info};
  LogFormat log_format{LogFormat::automatic};
  std::string log_dir{"logs"};             // resolve with Paths::resolve
  std::string db_path{"data/trading.db"};  // likewise
  std::string account_id{"default"};
  std::vector<std::string> trading_exchanges;  // empty: exchange.name
  std::vector<std::string> trading_accounts;   // "account:exchange"
  std::optional<bool> start_paused;            // unset: true when live
  Environment environment{Environment::production};
  int shutdown_timeout_seconds{20};
  ShutdownPositions on_shutdown_positions{ShutdownPositions::keep};
  bool watch_config{false};
  std::string timezone_display{"UTC"};
  std::string instance_lock_path{"data/lock"};

  /// Returns whether entries wait for `resume` after a start.
  [[nodiscard]] bool starts_paused() const { return start_paused.value_or(mode == Mode::live); }
};

/// One of `[[accounts]]`: an engine of its own, for the tenant that owns it.
struct AccountConfig {
  std::string id;
  std::string tenant{"default"};
  std::string exchange{"kraken"};
  std::optional<Money> bankroll;         // unset: risk.initial_bankroll
  std::vector<std::string> pairs;        // of trading.pairs; empty: all
  std::vector<std::string> strategies;   // those that vote; empty: as [strategies] says
  std::optional<Rate> max_risk_per_trade;      // unset: as [risk] says, as the next two
  std::optional<Rate> max_daily_loss;
  std::optional<Rate> max_total_exposure_pct;

  friend bool operator==(const AccountConfig&, const AccountConfig&) = default;
};

/// One venue's settings. `[exchange]` holds what all share, `[exchange.kraken]` what differs;
/// Config::venue() gives the merged result.
struct ExchangeConfig {
  ExchangeName name{ExchangeName::kraken};
  std::string rest_url;     // empty: the venue's own
  std::string ws_url;       // likewise
  std::string ws_auth_url;  // likewise
  double rate_limit_per_second{15};
  int max_retries{5};
  double retry_base_delay{1.0};                // seconds
  double connect_timeout{5};                   // seconds
  double timeout{15};                          // seconds, whole request
  Rate maker_fee{Rate::from_raw(16'000'000)};  // 0.0016
  Rate taker_fee{Rate::from_raw(26'000'000)};  // 0.0026
  bool post_only{false};
  EntryOrderStyle entry_order_style{EntryOrderStyle::limit_chase};
  int limit_chase_attempts{2};
  double limit_chase_wait_seconds{10};
  bool limit_fallback_to_market{true};
  bool entry_fill_or_kill{false};
  Rate max_slippage{Rate::from_raw(15'000'000)};  // 0.0015
  ExitOrderStyle exit_order_style{ExitOrderStyle::automatic};
  StopOrderStyle stop_order_style{StopOrderStyle::market};
  Rate stop_limit_band{Rate::from_raw(100'000'000)};  // 0.01
  bool watch_targets{false};   // live always does
  double read_lag_max_seconds{90};
  bool sandbox{false};
  std::string market_data_url;

  /// Returns how targets are taken; automatic is limit, then market.
  [[nodiscard]] ExitOrderStyle target_exit() const {
    return exit_order_style == ExitOrderStyle::automatic ? ExitOrderStyle::limit_then_market
                                                         : exit_order_style;
  }

  /// Returns how stops leave: market where asked for, else a capped limit that never rests.
  [[nodiscard]] ExitOrderStyle stop_exit() const {
    return exit_order_style == ExitOrderStyle::market ? ExitOrderStyle::market
                                                      : ExitOrderStyle::ioc_limit;
  }
};

struct UniverseConfig {
  bool enabled{false};
  std::vector<std::string> pinned_pairs;
  Money min_volume_24h{Money::from_raw(50'000'000 * Money::scale)};
  Money min_market_cap{Money::from_raw(500'000'000 * Money::scale)};
  int max_universe_size{20};
  int refresh_interval_minutes{30};
  int provider_rate_limit_per_min{25};
  bool warmup_new_pairs{true};
  int warmup_grace_scans{3};
};

struct TradingConfig {
  std::vector<std::string> pairs{"BTC/USD", "ETH/USD", "SOL/USD",  "XRP/USD",
                                 "ADA/USD", "DOT/USD", "AVAX/USD", "LINK/USD"};
  int scan_interval_seconds{15};
  double position_check_interval_seconds{1};
  int candle_poll_seconds{60};
  int warmup_bars{0};  // of warmup_timeframe; 0: derived from strategies and timeframes
  std::string warmup_timeframe{"1m"};
  std::vector<int> timeframes{5, 15, 60};  // minutes, ascending
  int max_concurrent_positions{5};
  int cooldown_seconds{600};                              // after an entry or exit, per pair
  int strategy_cooldown_seconds{600};                     // after a close: (pair, strategy, side)
  std::map<std::string, int> strategy_cooldowns_seconds;  // strategy: instead of the above
  double event_price_move_pct{0.005};
  double max_spread_pct{0.0015};  // fraction of mid; 0 disables
  bool use_closed_candles_only{true};
  std::string single_strategy_mode;  // empty: all
  std::vector<int> quiet_hours_utc;
  int max_trades_per_hour{6};                               // 0 disables
  double outlier_threshold{0.20};                           // 0 disables
  std::map<std::string, double> outlier_threshold_by_pair;  // instead of the above
  int reconciliation_interval_seconds{60};
  bool canary_mode{false};
  std::vector<std::string> canary_pairs{"BTC/USD", "ETH/USD"};
  int canary_max_pairs{2};
  Money canary_max_position_usd{Money::from_raw(100 * Money::scale)};
  Rate canary_max_risk_per_trade{Rate::from_raw(50'000'000)};  // 0.005
  double canary_min_confidence{0.68};
  int canary_min_confluence{3};
  int canary_scan_interval_seconds{60};
  UniverseConfig universe;

  /// Returns the waiting time of a strategy after one of its trades closed, seconds.
  [[nodiscard]] int strategy_cooldown(const std::string& strategy) const {
    const auto found = strategy_cooldowns_seconds.find(strategy);
    return found == strategy_cooldowns_seconds.end() ? strategy_cooldown_seconds : found->second;
  }

  /// Returns the outlier threshold of a pair, fraction; 0 means that every valid bar is taken.
  [[nodiscard]] double outlier_threshold_of(const std::string& pair) const {
    const auto found = outlier_threshold_by_pair.find(pair);
    return found == outlier_threshold_by_pair.end() ? outlier_threshold : found->second;
  }
};

/// Closes `pct` of what remains when the price is tp_mult target distances away; 0: trail only.
struct ExitTier {
  double pct{1.0};
  double tp_mult{0};

  friend bool operator==(const ExitTier&, const ExitTier&) = default;
};

struct SmartExitConfig {
  bool enabled{false};
  std::vector<ExitTier> tiers{{0.5, 1.0}, {0.6, 1.5}, {1.0, 0.0}};
};

struct StructuralStopConfig {
  bool enabled{false};
  int lookback{5};
  double buffer_atr_mult{0.5};
  double max_distance_atr{4.0};
};

struct LiquiditySizingConfig {
  bool enabled{false};
  double max_impact_pct{0.10};
  double min_depth_ratio{3.0};
};

struct RiskConfig {
  Money initial_bankroll{Money::from_raw(5000 * Money::scale)};
  Rate max_risk_per_trade{Rate::from_raw(50'000'000)};  // 0.005 of equity
  Rate max_daily_loss{Rate::from_raw(300'000'000)};     // 0.03 of equity at the UTC day's start
  int max_daily_trades{0};                              // 0: no limit
  Money max_position_usd{Money::from_raw(200 * Money::scale)};
  Rate max_total_exposure_pct{Rate::from_raw(5'000'000'000)};  // 0.50 of equity
  double max_portfolio_risk{0.03};                             // portfolio heat
  double atr_multiplier_sl{2.0};
  double atr_multiplier_tp{3.0};
  double min_sl_pct{0.004};               // stop at least this fraction of price away
  double min_tp_pct{0.008};               // target likewise
  double min_tp_fee_mult{3.0};            // target at least this many round-trip fees away
  double trailing_activation_pct{0.012};  // floor
  double trailing_activation_atr{1.5};
  double trailing_step_pct{0.005};  // floor
  double trailing_step_atr{1.0};
  double breakeven_activation_pct{0.008};  // floor
  double breakeven_atr{1.0};
  double max_hold_hours{24};  // 0: any
  bool stagnation_exit{true};
  double kelly_fraction{0.25};
  std::optional<double> max_kelly_size;  // unset: max_risk_per_trade
  double risk_of_ruin_threshold{0.05};
  double risk_of_ruin_drawdown{0.30};
  int risk_of_ruin_min_trades{50};
  int global_cooldown_seconds_on_loss{900};
  std::map<std::string, std::string> correlation_groups{
      {"BTC/USD", "btc"},         {"ETH/USD", "major"},      {"SOL/USD", "alt_l1"},
      {"AVAX/USD", "alt_l1"},     {"DOT/USD", "alt_l1"},     {"ADA/USD", "alt_l1"},
      {"XRP/USD", "alt_payment"}, {"LINK/USD", "alt_oracle"}};
  int max_positions_per_correlation_group{2};
  SmartExitConfig smart_exit;
  StructuralStopConfig structural_stop;
  LiquiditySizingConfig liquidity_sizing;

  /// Returns the cap of the Kelly share, fraction of equity at risk.
  [[nodiscard]] double kelly_cap() const {
    return max_kelly_size.value_or(to_double(max_risk_per_trade));
  }
};

struct StrategyConfig {
  bool enabled{true};
  double weight{0};      // as decided with: the enabled ones sum to 1, a disabled one has 0
  double raw_weight{0};  // as written
  std::map<std::string, double> parameters;  // every parameter, defaults filled in
};

struct RegimeConfig {
  double adx_trend_threshold{25};
  double atr_pct_high{0.02};
  double atr_pct_low{0.008};
  // strategy: factor of its weight in that regime; instead of the strategy's own leaning
  std::map<std::string, double> trend_weight_multipliers;
  std::map<std::string, double> range_weight_multipliers;
  std::map<std::string, double> high_vol_weight_multipliers;
  std::map<std::string, double> low_vol_weight_multipliers;
};

struct SessionConfig {
  bool enabled{false};
  int min_trades_per_hour{20};
  double max_boost{1.10};
  double max_penalty{0.80};
};

struct AiConfig {
  int confluence_threshold{2};                       // families
  std::optional<int> high_vol_confluence_threshold;  // unset: confluence_threshold + 1
  double min_confidence{0.60};
  double min_risk_reward_ratio{1.2};  // before costs
  bool allow_keltner_solo{false};
  bool allow_any_solo{false};
  double keltner_solo_min_confidence{0.62};
  double solo_min_confidence{0.68};
  std::string model_path{"models/active"};
  GateMode gate{GateMode::on};
  int order_book_depth{25};
  double obi_threshold{0.15};
  double book_score_threshold{0.2};
  int book_score_max_age_seconds{3};
  int multi_timeframe_min_agreement{1};
  int primary_timeframe{15};  // minutes
  bool obi_counts_as_confluence{false};
  double obi_weight{0.15};
  Money whale_threshold_usd{Money::from_raw(50'000 * Money::scale)};
  bool adaptive_weights{true};
  bool strategy_guardrails_enabled{true};
  int strategy_guardrails_min_trades{20};
  int strategy_guardrails_window_trades{50};
  double strategy_guardrails_min_win_rate{0.35};
  double strategy_guardrails_min_profit_factor{1.0};
  int strategy_guardrails_disable_minutes{120};
  RegimeConfig regime;
  SessionConfig session;
};

struct DashboardConfig {
  bool enabled{true};
  std::string host{"127.0.0.1"};
  int port{8080};  // 0: any free one
  int thought_feed_max{200};
  int refresh_interval_ms{1000};
  bool require_api_key_for_reads{true};
  bool allow_tenant_keys_for_control{false};
  bool rate_limit_enabled{true};
  int rate_limit_requests_per_minute{240};
  int rate_limit_burst{60};
  std::vector<std::string> cors_origins;
  std::string public_origin;
  std::vector<std::string> trusted_proxies;
  int session_ttl_seconds{43200};
  int session_idle_seconds{1800};
  std::string admin_username{"admin"};
  int max_connections{256};
  int max_connections_per_address{32};
  int ws_max_connections{64};
  int ws_max_per_principal{8};
  int max_body_bytes{65536};
  std::vector<std::string> allowed_hosts;  // besides localhost, 127.0.0.1 and [::1]
  std::string insecure_bind;               // "I understand" opens a plain non-loopback bind
  std::string tls_cert;
  std::string tls_key;
  bool metrics_enabled{true};
};

struct AnomalyConfig {
  bool enabled{false};
  double spread_threshold_mult{3};
  double volume_threshold_mult{5};
  double correlation_threshold{0.60};
  double depth_drop_threshold{0.50};
  int pause_seconds{300};
  int min_history_samples{20};
};

struct MonitoringConfig {
  int health_check_interval{30};  // seconds
  bool auto_restart{true};
  int max_restart_attempts{10};
  int heartbeat_interval{10};  // seconds
  int metrics_retention_hours{72};
  bool auto_pause_on_stale_data{true};
  int stale_data_pause_after_checks{3};
  int stale_after_seconds{120};
  double stale_pairs_fraction{0.5};
  bool auto_pause_on_ws_disconnect{true};
  int ws_disconnect_pause_after_seconds{60};
  bool auto_pause_on_consecutive_losses{true};
  int consecutive_losses_pause_threshold{4};
  bool auto_pause_on_drawdown{true};
  double drawdown_pause_pct{8.0};                          // percent
  std::vector<std::string> emergency_close_on_auto_pause;  // breaker names, never stale_data
  int startup_grace_seconds{120};
  int resume_grace_seconds{120};
  int max_clock_skew_ms{1000};
  int warn_clock_skew_ms{250};
  int min_free_disk_mb{1024};           // below: warn
  int telemetry_min_free_disk_mb{256};  // below: no telemetry
  int protect_min_free_disk_mb{64};     // below: only protection
  AnomalyConfig anomaly_detector;
};

struct LoggingConfig {
  int main_max_mb{50};
  int main_backups{5};
  int error_max_mb{10};
  int error_backups{3};
};

struct PaperConfig {
  int latency_ms{150};
  double spread_bps{2.0};
  std::map<std::string, double> spread_bps_by_pair;
  double slippage_bps{1.0};
  double impact{1.0};                   // k of k * sigma * sqrt(size / volume); 0: none
  double borrow_bps_per_day{12};        // interest on shorts; Kraken's 0.02 % every four hours
  double volume_cap{0.1};               // largest share of a bar's volume that fills
  std::optional<int> cooldown_seconds;  // unset: trading.cooldown_seconds
};

struct BacktestConfig {
  GapPolicy gap_policy{GapPolicy::flat};
  int tick_seconds{15};
  double resume_after_hours{24};  // an operator's resume after a breaker's pause; 0: never
};

struct RecordingConfig {
  bool enabled{true};
  int keep_days{14};
};

struct VaultConfig {
  std::string path{"config/vault"};  // resolve with Paths::resolve
  std::string passphrase_file;       // likewise; empty: none
  int max_kdf_memory{512};           // MiB; a vault that asks for more is refused
};

struct WebhooksConfig {
  bool enabled{false};
  std::vector<std::string> allowed_sources;   // empty: any on paper, none live
  int max_timestamp_skew_seconds{300};
  double max_price_deviation{0.02};
};

struct StripeConfig {
  bool enabled{false};
  std::string price_id, price_id_pro, price_id_premium;
  std::string currency{"usd"};
  bool live{true};   // real money: test prices and test events are refused
  std::string api_url{"https://api.stripe.com"};
};

struct BillingConfig {
  StripeConfig stripe;
  int grace_days_past_due{3};
  std::vector<std::string> allowed_return_origins;   // empty: dashboard.public_origin
};

struct Config {
  AppConfig app;
  ExchangeConfig exchange;
  std::map<std::string, ExchangeConfig> venues;  // "kraken": merged with [exchange]
  TradingConfig trading;
  RiskConfig risk;
  std::map<std::string, StrategyConfig> strategies;
  AiConfig ai;
  DashboardConfig dashboard;
  MonitoringConfig monitoring;
  LoggingConfig logging;
  PaperConfig paper;
  BacktestConfig backtest;
  RecordingConfig recording;
  VaultConfig vault;
  std::vector<AccountConfig> accounts;   // each an engine; empty: one, of app.account_id
  WebhooksConfig webhooks;
  BillingConfig billing;

  /// Returns the settings of a venue: its own where `[exchange.NAME]` says so, else the shared
  /// ones.
  [[nodiscard]] const ExchangeConfig& venue(const std::string& name) const {
    const auto found = venues.find(name);
    return found == venues.end() ? exchange : found->second;
  }
};

/// One parameter of a strategy as the configuration sees it; bounds are inclusive.
struct ParameterKey {
  std::string name;
  double fallback{0};
  double min{0}, max{0};
  bool is_integer{false};
  std::string help;
};

/// One strategy as the configuration sees it. Plain data, so that this folder knows no strategy.
struct StrategyKeys {
  std::string name;
  double default_weight{0};
  bool enabled{true};
  std::vector<ParameterKey> parameters;
  /// Says what is wrong with a combination of values (fast >= slow), or returns "". May be empty.
  std::function<std::string(const std::map<std::string, double>&)> fault_of;
};

/// Returns the SHA-256, in hex, of every effective value that can change a decision, in stable
/// order. What only changes how the program runs (log level, ports, paths) does not count.
std::string config_hash(const Config& config);

}  // namespace aitrade
