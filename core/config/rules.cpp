#include "core/config/rules.h"

#include "core/config/accounts.h"

#include <algorithm>
#include <set>

namespace aitrade {

namespace {

/// [a-z0-9_-]{1,32}, as `aitrade tenant add` takes them.
std::string check_tenant(const std::string& text) {
  const bool is_name = !text.empty() && text.size() <= 32 &&
                       text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  return is_name ? "" : "must be 1 to 32 of a-z, 0-9, _ and -";
}

/// Collects faults; a rule is skipped when one of its keys was refused before.
class Rules {
 public:
  Rules(const Config& config, const KeyTable& table, const std::set<std::string>& refused)
      : config_(config), table_(table), refused_(refused) {}

  std::vector<RuleFault> check() {
    risk();
    exits();
    orders();
    votes();
    lists();
    names();
    dashboard();
    live();
    strategies();
    monitoring();
    accounts();
    return std::move(faults_);
  }

 private:
  /// Reports `what` at the first key unless the rule holds.
  void require(bool holds, std::initializer_list<const char*> keys, std::string what) {
    if (holds) return;
    for (const char* key : keys) {
      if (refused_.contains(key)) return;
    }
    faults_.push_back({*keys.begin(), std::move(what)});
  }

  void risk() {
    const RiskConfig& r = config_.risk;
    require(r.max_risk_per_trade <= r.max_daily_loss,
            {"risk.max_risk_per_trade", "risk.max_daily_loss"},
            "must not exceed risk.max_daily_loss = " + to_string(r.max_daily_loss));
    const Money room = apply(r.max_total_exposure_pct, r.initial_bankroll, Rounding::floor);
    require(
        r.max_position_usd <= room,
        {"risk.max_position_usd", "risk.initial_bankroll", "risk.max_total_exposure_pct"},
        "must not exceed risk.initial_bankroll x risk.max_total_exposure_pct = " + to_string(room));
  }

  void exits() {
    const RiskConfig& r = config_.risk;
    require(
        r.breakeven_activation_pct <= r.trailing_activation_pct,
        {"risk.breakeven_activation_pct", "risk.trailing_activation_pct"},
        "must not exceed risk.trailing_activation_pct = " + shortest(r.trailing_activation_pct));
    require(r.trailing_step_pct < r.trailing_activation_pct,
            {"risk.trailing_step_pct", "risk.trailing_activation_pct"},
            "must be below risk.trailing_activation_pct = " + shortest(r.trailing_activation_pct));
    require(r.min_sl_pct <= r.min_tp_pct, {"risk.min_sl_pct", "risk.min_tp_pct"},
            "must not exceed risk.min_tp_pct = " + shortest(r.min_tp_pct));
    const double least = r.atr_multiplier_sl * config_.ai.min_risk_reward_ratio;
    require(
        r.atr_multiplier_tp >= least,
        {"risk.atr_multiplier_tp", "risk.atr_multiplier_sl", "ai.min_risk_reward_ratio"},
        "must be at least risk.atr_multiplier_sl x ai.min_risk_reward_ratio = " + shortest(least));
    const auto& tiers = r.smart_exit.tiers;
    require(!tiers.empty() && tiers.back().pct == 1.0, {"risk.smart_exit.tiers"},
            "must end with a tier of pct = 1.0, so that the position closes");
  }

  void orders() {
    const ExchangeConfig& e = config_.exchange;
    require(!e.post_only || e.entry_order_style == EntryOrderStyle::limit_chase,
            {"exchange.post_only", "exchange.entry_order_style"},
            "needs exchange.entry_order_style = \"limit_chase\": the others take");
  }

  void votes() {
    const AiConfig& ai = config_.ai;
    const auto& frames = config_.trading.timeframes;
    require(std::find(frames.begin(), frames.end(), ai.primary_timeframe) != frames.end(),
            {"ai.primary_timeframe", "trading.timeframes"}, "must be one of trading.timeframes");
    require(ai.multi_timeframe_min_agreement <= static_cast<int>(frames.size()),
            {"ai.multi_timeframe_min_agreement", "trading.timeframes"},
            "must not exceed the number of trading.timeframes = " + std::to_string(frames.size()));
    require(ai.strategy_guardrails_min_trades <= ai.strategy_guardrails_window_trades,
            {"ai.strategy_guardrails_min_trades", "ai.strategy_guardrails_window_trades"},
            "must not exceed ai.strategy_guardrails_window_trades = " +
                std::to_string(ai.strategy_guardrails_window_trades));
    require(ai.regime.atr_pct_low < ai.regime.atr_pct_high,
            {"ai.regime.atr_pct_low", "ai.regime.atr_pct_high"},
            "must be below ai.regime.atr_pct_high = " + shortest(ai.regime.atr_pct_high));
    require(!ai.obi_counts_as_confluence, {"ai.obi_counts_as_confluence"},
            "must be false: the order book confirms and is never a vote");
    const int depth = ai.order_book_depth;
    require(depth == 10 || depth == 25 || depth == 100 || depth == 500 || depth == 1000,
            {"ai.order_book_depth"}, "must be 10, 25, 100, 500 or 1000");
  }

  template <class T>
  static bool unique(std::vector<T> values) {
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) == values.end();
  }

  void lists() {
    const TradingConfig& t = config_.trading;
    require(!t.pairs.empty() && t.pairs.size() <= 200, {"trading.pairs"},
            "must hold 1 to 200 pairs");
    require(unique(t.pairs), {"trading.pairs"}, "must not name a pair twice");
    const auto quote_of = [](const std::string& pair) { return pair.substr(pair.find('/') + 1); };
    require(std::all_of(t.pairs.begin(), t.pairs.end(),
                        [&](const std::string& pair) { return quote_of(pair) == quote_of(t.pairs.front()); }),
            {"trading.pairs"}, "must share their quote currency: an account keeps one");
    require(!t.timeframes.empty() && t.timeframes.size() <= 16, {"trading.timeframes"},
            "must hold 1 to 16 timeframes");
    require(std::adjacent_find(t.timeframes.begin(), t.timeframes.end(), std::greater_equal<>{}) ==
                t.timeframes.end(),
            {"trading.timeframes"}, "must ascend");
    require(unique(t.quiet_hours_utc), {"trading.quiet_hours_utc"}, "must not name an hour twice");
    require(unique(t.canary_pairs), {"trading.canary_pairs"}, "must not name a pair twice");
    require(static_cast<int>(t.canary_pairs.size()) <= t.canary_max_pairs || !t.canary_mode,
            {"trading.canary_pairs", "trading.canary_max_pairs"},
            "must not hold more than trading.canary_max_pairs");
    require(unique(config_.app.trading_accounts), {"app.trading_accounts"},
            "must not name a pair twice");
    require(unique(config_.app.trading_exchanges), {"app.trading_exchanges"},
            "must not name an exchange twice");
    const auto pairs_of = [&](const char* key, const auto& map) {
      for (const auto& [pair, value] : map) {
        const std::string fault = check_pair(pair);
        require(fault.empty(), {key}, "'" + pair + "' " + fault);
      }
    };
    pairs_of("trading.outlier_threshold_by_pair", t.outlier_threshold_by_pair);
    pairs_of("risk.correlation_groups", config_.risk.correlation_groups);
    pairs_of("paper.spread_bps_by_pair", config_.paper.spread_bps_by_pair);
  }

  void accounts() {
    std::set<std::string> ids;
    for (const AccountConfig& account : config_.accounts) {
      const std::string who = "account '" + account.id + "': ";
      const auto of_account = [&](bool is_true, const std::string& what) { require(is_true, {"accounts"}, who + what); };
      if (const std::string fault = check_slug(account.id); !fault.empty()) of_account(false, "its id " + fault);
      of_account(ids.insert(account.id).second, "is there twice; every account needs an id of its own");
      if (const std::string fault = check_tenant(account.tenant); !fault.empty()) of_account(false, "its tenant " + fault);
      of_account(account.exchange == "kraken", "trades at \"kraken\"; there is no engine for \"" + account.exchange + "\"");
      of_account(account.id != config_.app.account_id || account.tenant == "default",
                 "has the books of app.account_id, which belong to the tenant \"default\"; give it another id");
      of_account(unique(account.pairs), "must not name a pair twice");
      of_account(unique(account.strategies), "must not name a strategy twice");
      for (const std::string& pair : account.pairs) {
        const auto& known = config_.trading.pairs;
        of_account(std::find(known.begin(), known.end(), pair) != known.end(), pair + " is not one of trading.pairs");
      }
      for (const std::string& name : account.strategies) {
        of_account(config_.strategies.contains(name), unknown_strategy(name));
      }
      own_rules(account);
    }
    require(config_.accounts.size() <= accounts_max, {"accounts"},
            "must hold at most " + std::to_string(accounts_max) + " accounts");
    require(config_.accounts.empty() || config_.app.trading_accounts.empty(), {"app.trading_accounts"},
            "and [[accounts]] exclude each other: an account names its exchange itself");
  }

  /// What the account's own values break of the other rules.
  void own_rules(const AccountConfig& account) {
    const Config own = account_config(config_, account);
    for (const RuleFault& fault : Rules(own, table_, refused_).check()) {
      const bool is_shared = std::any_of(faults_.begin(), faults_.end(), [&](const RuleFault& known) {
        return known.key == fault.key && known.what == fault.what;
      });
      if (!is_shared) require(false, {"accounts"}, "account '" + account.id + "': " + fault.key + " " + fault.what);
    }
  }

  [[nodiscard]] std::string unknown_strategy(const std::string& name) const {
    std::string best;
    std::size_t distance = 1 + std::max<std::size_t>(2, name.size() / 3);
    for (const auto& [known, strategy] : config_.strategies) {
      const std::size_t d = edit_distance(name, known);
      if (d < distance) best = known, distance = d;
    }
    return "names an unknown strategy '" + name + "'" +
           (best.empty() ? std::string{} : "; did you mean '" + best + "'?");
  }

  void names() {
    const std::string& single = config_.trading.single_strategy_mode;
    require(single.empty() || config_.strategies.contains(single), {"trading.single_strategy_mode"},
            unknown_strategy(single));
    const auto strategies_of = [&](const char* key, const auto& map) {
      for (const auto& [name, value] : map) {
        require(config_.strategies.contains(name), {key}, unknown_strategy(name));
      }
    };
    const RegimeConfig& regime = config_.ai.regime;
    strategies_of("trading.strategy_cooldowns_seconds", config_.trading.strategy_cooldowns_seconds);
    strategies_of("ai.regime.trend_weight_multipliers", regime.trend_weight_multipliers);
    strategies_of("ai.regime.range_weight_multipliers", regime.range_weight_multipliers);
    strategies_of("ai.regime.high_vol_weight_multipliers", regime.high_vol_weight_multipliers);
    strategies_of("ai.regime.low_vol_weight_multipliers", regime.low_vol_weight_multipliers);
  }

  void dashboard() {
    const DashboardConfig& d = config_.dashboard;
    const bool loopback = names_loopback(d.host);
    require(d.tls_cert.empty() == d.tls_key.empty(), {"dashboard.tls_cert", "dashboard.tls_key"},
            "and dashboard.tls_key must both be set, or neither");
    require(loopback || !d.enabled || !d.tls_cert.empty() || d.insecure_bind == "I understand",
            {"dashboard.host", "dashboard.tls_cert", "dashboard.insecure_bind"},
            "is reachable by others and has no TLS: set dashboard.tls_cert and tls_key, or "
            "dashboard.insecure_bind = \"I understand\"");
    require(d.require_api_key_for_reads || loopback,
            {"dashboard.require_api_key_for_reads", "dashboard.host"},
            "may be false only when dashboard.host is a loopback address");
    require(
        d.session_idle_seconds <= d.session_ttl_seconds,
        {"dashboard.session_idle_seconds", "dashboard.session_ttl_seconds"},
        "must not exceed dashboard.session_ttl_seconds = " + std::to_string(d.session_ttl_seconds));
    require(
        d.ws_max_per_principal <= d.ws_max_connections,
        {"dashboard.ws_max_per_principal", "dashboard.ws_max_connections"},
        "must not exceed dashboard.ws_max_connections = " + std::to_string(d.ws_max_connections));
  }

  void live() {
    if (config_.app.mode != Mode::live) return;
    require(config_.app.db_path != ":memory:", {"app.db_path"},
            "must be a file when app.mode is live");
    require(config_.trading.use_closed_candles_only, {"trading.use_closed_candles_only"},
            "must be true when app.mode is live");
    require(config_.dashboard.require_api_key_for_reads, {"dashboard.require_api_key_for_reads"},
            "must be true when app.mode is live");
  }

  void strategies() {
    double sum = 0;
    bool refused = false;
    for (const auto& [name, strategy] : config_.strategies) {
      if (strategy.enabled) sum += strategy.raw_weight;
      const std::string prefix = "strategies." + name + ".";
      refused =
          refused || refused_.contains(prefix + "weight") || refused_.contains(prefix + "enabled");
    }
    if (!config_.strategies.empty() && sum <= 0 && !refused) {
      const std::string first = config_.strategies.begin()->first;
      faults_.push_back(
          {"strategies." + first + ".weight",
           "the weights of the enabled strategies sum to 0; enable one with a weight"});
    }
    for (const StrategyKeys& known : table_.catalog())
      check_strategy(known);
  }

  void check_strategy(const StrategyKeys& known) {
    const auto& parameters = config_.strategies.at(known.name).parameters;
    const std::string prefix = "strategies." + known.name + ".";
    for (const ParameterKey& p : known.parameters) {
      const double value = parameters.at(p.name);
      if (p.is_integer && value != static_cast<double>(static_cast<long long>(value))) {
        faults_.push_back({prefix + p.name, "must be a whole number"});
        return;
      }
      if (refused_.contains(prefix + p.name)) return;
    }
    if (!known.fault_of) return;
    const std::string fault = known.fault_of(parameters);
    if (fault.empty()) return;
    // Reported at a parameter that the fault names, else at the strategy's first.
    std::string at = known.parameters.empty() ? "enabled" : known.parameters.front().name;
    for (const ParameterKey& p : known.parameters) {
      if (fault.find(p.name) != std::string::npos) {
        at = p.name;
        break;
      }
    }
    faults_.push_back({prefix + at, fault});
  }

  void monitoring() {
    const MonitoringConfig& m = config_.monitoring;
    require(
        m.warn_clock_skew_ms <= m.max_clock_skew_ms,
        {"monitoring.warn_clock_skew_ms", "monitoring.max_clock_skew_ms"},
        "must not exceed monitoring.max_clock_skew_ms = " + std::to_string(m.max_clock_skew_ms));
    require(m.protect_min_free_disk_mb <= m.telemetry_min_free_disk_mb,
            {"monitoring.protect_min_free_disk_mb", "monitoring.telemetry_min_free_disk_mb"},
            "must not exceed monitoring.telemetry_min_free_disk_mb = " +
                std::to_string(m.telemetry_min_free_disk_mb));
    require(m.telemetry_min_free_disk_mb <= m.min_free_disk_mb,
            {"monitoring.telemetry_min_free_disk_mb", "monitoring.min_free_disk_mb"},
            "must not exceed monitoring.min_free_disk_mb = " + std::to_string(m.min_free_disk_mb));
  }

  const Config& config_;
  const KeyTable& table_;
  const std::set<std::string>& refused_;
  std::vector<RuleFault> faults_;
};

}  // namespace

std::vector<RuleFault> broken_rules(const Config& config, const KeyTable& table,
                                    const std::set<std::string>& refused) {
  return Rules(config, table, refused).check();
}

double normalise_weights(Config& config) {
  double sum = 0;
  for (const auto& [name, strategy] : config.strategies) {
    if (strategy.enabled) sum += strategy.raw_weight;
  }
  if (!(sum > 0)) return sum;
  for (auto& [name, strategy] : config.strategies) {
    strategy.weight = strategy.enabled ? strategy.raw_weight / sum : 0;
  }
  return sum;
}

}  // namespace aitrade
