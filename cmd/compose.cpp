#include "cmd/compose.h"

#include "core/config/accounts.h"

#include <algorithm>
#include <map>
#include <ostream>

#include "cmd/strategy_keys.h"
#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

Rate rate_of_bps(double bps) {
  constexpr double per_bps = 0.0001;
  const auto rate = Rate::from_double(bps * per_bps, Rounding::half_even);
  AITRADE_CHECK(rate.has_value());  // bounds of the configuration keep it in range
  return *rate;
}

Leaning leaning_of(const Config& config, const StrategyInfo& info) {
  Leaning leaning = info.leaning;
  const std::string name(info.name);
  const auto take = [&](const std::map<std::string, double>& table, double& value) {
    if (const auto found = table.find(name); found != table.end()) value = found->second;
  };
  take(config.ai.regime.trend_weight_multipliers, leaning.trend);
  take(config.ai.regime.range_weight_multipliers, leaning.range);
  take(config.ai.regime.high_vol_weight_multipliers, leaning.high_volatility);
  take(config.ai.regime.low_vol_weight_multipliers, leaning.low_volatility);
  return leaning;
}

/// Chooses strategies and weights: all that are enabled, every one, or the one that was asked for.
Status choose_strategies(const Config& config, const std::string& alone, bool every, TradingRules& rules) {
  if (!alone.empty() && find_strategy(alone) == nullptr) {
    std::string known;
    for (const StrategyInfo& info : all_strategies()) known += (known.empty() ? "" : ", ") + std::string(info.name);
    return fail(ErrorCode::invalid, "unknown strategy \"" + alone + "\" (known: " + known + ")");
  }
  std::uint16_t id = 0;
  double sum = 0;
  for (const StrategyInfo& info : all_strategies()) {
    const StrategyId strategy_id{id++};
    const std::string name(info.name);
    const auto configured = config.strategies.find(name);
    const bool enabled = configured == config.strategies.end() ? info.enabled : configured->second.enabled;
    if (alone.empty() ? !enabled && !every : name != alone) continue;
    StrategyChoice choice{strategy_id, &info, Parameters(info.parameters), info.default_weight,
                          leaning_of(config, info),
                          seconds{config.trading.strategy_cooldown(name)}};
    if (configured != config.strategies.end()) {
      choice.weight = configured->second.weight;
      for (const auto& [parameter, value] : configured->second.parameters) {
        if (!choice.parameters.set(parameter, value)) {
          return fail(ErrorCode::invalid, "strategies." + name + "." + parameter + " is out of bounds");
        }
      }
    }
    if (!alone.empty()) choice.weight = 1;
    sum += choice.weight;
    rules.strategies.push_back(std::move(choice));
  }
  if (!(sum > 0)) return fail(ErrorCode::invalid, "no strategy is enabled with a weight above zero");
  for (StrategyChoice& choice : rules.strategies) choice.weight /= sum;
  rules.single_strategy = rules.strategies.size() == 1 && !alone.empty();
  return ok();
}

Status choose_timeframes(const Config& config, const RunShape& shape, TradingRules& rules,
                         std::vector<std::string>& notes) {
  rules.base = shape.base;
  rules.timeframes.clear();
  std::vector<Duration> wanted = shape.timeframes;
  if (wanted.empty()) {
    for (const int m : config.trading.timeframes) wanted.emplace_back(minutes{m});
  }
  for (const Duration timeframe : wanted) {
    if (timeframe >= shape.base && timeframe % shape.base == Duration{0}) {
      rules.timeframes.push_back(timeframe);
    } else {
      notes.push_back("timeframe " + timeframe_text(timeframe) + " cannot be made of " +
                      timeframe_text(shape.base) + " candles and is left out");
    }
  }
  if (rules.timeframes.empty()) {
    notes.push_back("trading on " + timeframe_text(shape.base) + ", the interval of the candles");
    rules.timeframes.push_back(shape.base);
  }
  std::sort(rules.timeframes.begin(), rules.timeframes.end());
  rules.primary = minutes{config.ai.primary_timeframe};
  if (std::find(rules.timeframes.begin(), rules.timeframes.end(), rules.primary) == rules.timeframes.end()) {
    rules.primary = rules.timeframes.front();
    if (rules.timeframes.size() > 1) notes.push_back("primary timeframe is " + timeframe_text(rules.primary));
  }
  return ok();
}

RiskRules risk_of(const Config& config, const VenueModels& models) {
  RiskRules risk;
  risk.risk_per_trade = config.risk.max_risk_per_trade;
  risk.daily_loss_max = config.risk.max_daily_loss;
  risk.exposure_max = config.risk.max_total_exposure_pct;
  risk.position_max = config.risk.max_position_usd;
  const Rate taking = models.half_spread_max() + models.slippage;
  risk.cost = (models.taker_fee + taking) * 2;
  risk.reward_to_risk_min = config.ai.min_risk_reward_ratio;
  risk.spread_max = config.trading.max_spread_pct;
  risk.positions_max = config.trading.max_concurrent_positions;
  risk.positions_per_group_max = config.risk.max_positions_per_correlation_group;
  risk.trades_per_hour_max = config.trading.max_trades_per_hour;
  risk.daily_trades_max = config.risk.max_daily_trades;
  for (const int hour : config.trading.quiet_hours_utc) risk.quiet_hours[static_cast<std::size_t>(hour)] = true;
  risk.pair_cooldown = seconds{config.paper.cooldown_seconds.value_or(config.trading.cooldown_seconds)};
  risk.loss_cooldown = seconds{config.risk.global_cooldown_seconds_on_loss};
  risk.kelly_fraction = config.risk.kelly_fraction;
  risk.kelly_cap = config.risk.kelly_cap();
  risk.portfolio_risk_max = config.risk.max_portfolio_risk;
  risk.ruin_probability_max = config.risk.risk_of_ruin_threshold;
  risk.ruin_drawdown = config.risk.risk_of_ruin_drawdown;
  risk.ruin_trades_min = config.risk.risk_of_ruin_min_trades;
  risk.liquidity_sizing = config.risk.liquidity_sizing.enabled;
  risk.depth_ratio_min = config.risk.liquidity_sizing.min_depth_ratio;
  risk.depth_share_max = config.risk.liquidity_sizing.max_impact_pct;
  return risk;
}

ExitRules exits_of(const RiskConfig& risk) {
  ExitRules exits{risk.trailing_activation_atr, risk.trailing_activation_pct, risk.trailing_step_atr,
                  risk.trailing_step_pct,       risk.breakeven_atr,           risk.breakeven_activation_pct,
                  {},                           risk.stagnation_exit,         {}};
  exits.hold_max = std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>(
      risk.max_hold_hours));
  if (!risk.smart_exit.enabled) return exits;
  for (const ExitTier& tier : risk.smart_exit.tiers) exits.tiers.push_back({tier.pct, tier.tp_mult});
  return exits;
}

ExitStyle exit_style_of(ExitOrderStyle style) {
  switch (style) {
    case ExitOrderStyle::automatic:
    case ExitOrderStyle::ioc_limit:
      return ExitStyle::ioc_limit;
    case ExitOrderStyle::limit_then_market:
      return ExitStyle::limit_then_market;
    case ExitOrderStyle::market:
      return ExitStyle::market;
  }
  return ExitStyle::market;
}

ExecutionRules execution_of(const ExchangeConfig& venue, const VenueModels& models) {
  ExecutionRules rules;
  switch (venue.entry_order_style) {
    case EntryOrderStyle::limit_chase:
      rules.entry = EntryStyle::limit_chase;
      break;
    case EntryOrderStyle::ioc_limit:
      rules.entry = EntryStyle::ioc_limit;
      break;
    case EntryOrderStyle::market:
      rules.entry = EntryStyle::market;
      break;
  }
  rules.chase_moves = venue.limit_chase_attempts;
  rules.chase_wait = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(venue.limit_chase_wait_seconds));
  rules.post_only = venue.post_only;
  rules.take_rest = venue.limit_fallback_to_market;
  rules.whole_or_nothing = venue.entry_fill_or_kill;
  rules.slippage_max = venue.max_slippage;
  rules.target_exit = exit_style_of(venue.target_exit());
  rules.stop_exit = exit_style_of(venue.stop_exit());
  rules.stop_limit = venue.stop_order_style == StopOrderStyle::limit;
  rules.stop_limit_band = venue.stop_limit_band;
  rules.stop_locks = venue.watch_targets;
  // What a taker is reckoned to pay without a book, so that a limit at the touch is one that would fill.
  rules.half_spread = models.half_spread_max() + models.slippage;
  return rules;
}

BreakerRules breakers_of(const MonitoringConfig& config) {
  BreakerRules rules;
  rules.on_losses = config.auto_pause_on_consecutive_losses;
  rules.losses_max = config.consecutive_losses_pause_threshold;
  rules.on_drawdown = config.auto_pause_on_drawdown;
  rules.drawdown_max = config.drawdown_pause_pct / 100;
  rules.on_stale = config.auto_pause_on_stale_data;
  rules.stale_checks = config.stale_data_pause_after_checks;
  rules.check_every = seconds{config.health_check_interval};
  rules.stale_fraction = config.stale_pairs_fraction;
  rules.on_stream = config.auto_pause_on_ws_disconnect;
  rules.stream_after = seconds{config.ws_disconnect_pause_after_seconds};
  rules.start_grace = seconds{config.startup_grace_seconds};
  rules.resume_grace = seconds{config.resume_grace_seconds};
  for (std::size_t i = 0; i < breakers_count; ++i) {
    const std::string_view name = to_string(static_cast<Breaker>(i));
    const auto& flatten = config.emergency_close_on_auto_pause;
    if (std::find(flatten.begin(), flatten.end(), name) != flatten.end()) rules.flatten |= 1U << i;
  }
  return rules;
}

AnomalyRules anomalies_of(const AnomalyConfig& config) {
  AnomalyRules rules;
  rules.is_on = config.enabled;
  rules.limits.spread_factor = config.spread_threshold_mult;
  rules.limits.volume_factor = config.volume_threshold_mult;
  rules.limits.depth_factor = 1 - config.depth_drop_threshold;
  rules.limits.samples_needed = static_cast<std::size_t>(config.min_history_samples);
  rules.pause = seconds{config.pause_seconds};
  return rules;
}

GuardrailRules guardrails_of(const AiConfig& config) {
  return {config.strategy_guardrails_enabled,
          config.strategy_guardrails_min_trades,
          config.strategy_guardrails_window_trades,
          config.strategy_guardrails_min_win_rate,
          config.strategy_guardrails_min_profit_factor,
          minutes{config.strategy_guardrails_disable_minutes}};
}

}  // namespace

Result<Settings> load_settings(Context& context, const std::vector<std::string>& below) {
  LoadOptions options;
  options.environment = process_environment();
  AITRADE_TRY(options.paths, find_paths(context.global.home, options.environment));
  options.files.assign(context.global.config_files.begin(), context.global.config_files.end());
  options.overrides = below;
  options.overrides.insert(options.overrides.end(), context.global.overrides.begin(),
                           context.global.overrides.end());
  Settings settings;
  settings.paths = options.paths;
  settings.report = load_config(options, strategy_keys());
  if (settings.report.config == nullptr) return to_error(settings.report);
  settings.config = settings.report.config;
  settings.paths.ledger_file = options.paths.resolve(settings.config->app.db_path);
  settings.paths.log_dir = options.paths.resolve(settings.config->app.log_dir);
  for (const Problem& problem : settings.report.problems) {
    if (context.global.verbosity >= 0) context.err << "aitrade: warning: " << to_string(problem) << '\n';
  }
  return settings;
}

Settings account_settings(const Settings& settings, const AccountConfig& account) {
  Settings own = settings;
  own.config = std::make_shared<const Config>(account_config(*settings.config, account));
  own.report.config = own.config;
  own.paths.account = account.id == settings.config->app.account_id ? "" : account.id;
  return own;
}

Result<OwnSettings> own_settings(const Settings& settings, const std::string& account) {
  const auto& accounts = settings.config->accounts;
  if (accounts.empty() && account.empty()) return OwnSettings{settings, {}};
  if (accounts.size() > 1 && account.empty()) {
    return fail(ErrorCode::invalid, "there are several accounts: name one with --account");
  }
  Settings named = settings;
  AITRADE_TRY_STATUS(choose_account(named, account));   // says which there are
  const AccountConfig* found = account.empty() ? &accounts.front() : find_account(*settings.config, account);
  if (found == nullptr) return OwnSettings{settings, {}};
  OwnSettings own{account_settings(settings, *found), TenantId{found->tenant}};
  std::error_code error;
  std::filesystem::create_directories(own.settings.paths.books_dir(), error);
  if (error) return fail(ErrorCode::io, own.settings.paths.books_dir().string() + ": " + error.message());
  return own;
}

Status choose_account(Settings& settings, const std::string& account) {
  const Config& config = *settings.config;
  if (account.empty() || (config.accounts.empty() && account == config.app.account_id)) return ok();
  const AccountConfig* found = find_account(config, account);
  if (found == nullptr) {
    std::string known;
    for (const AccountConfig& one : config.accounts) known += (known.empty() ? "" : ", ") + one.id;
    return fail(ErrorCode::not_found, "there is no account '" + account + "'; the configuration has " +
                                          (known.empty() ? config.app.account_id : known));
  }
  settings.paths.account = account == config.app.account_id ? "" : account;
  return ok();
}

VenueModels compose_models(const Config& config) {
  VenueModels models;
  models.latency = milliseconds{config.paper.latency_ms};
  models.half_spread = rate_of_bps(config.paper.spread_bps / 2);
  models.slippage = rate_of_bps(config.paper.slippage_bps);
  const ExchangeConfig& venue = config.venue("kraken");
  models.maker_fee = venue.maker_fee;
  models.taker_fee = venue.taker_fee;
  models.volume_cap = config.paper.volume_cap;
  models.impact = config.paper.impact;
  models.borrow_daily = rate_of_bps(config.paper.borrow_bps_per_day);
  return models;
}

void set_spreads(const Config& config, const std::vector<Instrument>& instruments, VenueModels& models) {
  const auto& by_pair = config.paper.spread_bps_by_pair;
  if (by_pair.empty()) return;
  models.half_spreads.clear();
  for (const Instrument& instrument : instruments) {
    const auto own = by_pair.find(to_string(instrument.symbol));
    models.half_spreads.push_back(own == by_pair.end() ? models.half_spread : rate_of_bps(own->second / 2));
  }
}

std::vector<OutlierSettings> compose_outliers(const Config& config,
                                              const std::vector<Instrument>& instruments) {
  std::vector<OutlierSettings> settings;
  for (const Instrument& instrument : instruments) {
    OutlierSettings one;
    one.threshold = config.trading.outlier_threshold_of(to_string(instrument.symbol));
    settings.push_back(one);
  }
  return settings;
}

GapRule compose_gaps(const Config& config) {
  switch (config.backtest.gap_policy) {
    case GapPolicy::flat:
      return GapRule::flat;
    case GapPolicy::none:
      return GapRule::none;
    case GapPolicy::refuse:
      return GapRule::refuse;
  }
  return GapRule::flat;
}

void require_live(TradingRules& rules) {
  rules.execution.stop_locks = true;
  rules.risk.book_required = true;
  rules.risk.is_live = true;
}

Result<EngineSetup> compose_engine(const Config& config, const RunShape& shape,
                                   std::vector<std::string>& notes) {
  EngineSetup setup;
  setup.instruments = shape.instruments;
  VenueModels models = compose_models(config);
  set_spreads(config, shape.instruments, models);
  if (shape.taker_fee) models.taker_fee = *shape.taker_fee;
  TradingRules& rules = setup.rules;
  AITRADE_TRY_STATUS(choose_timeframes(config, shape, rules, notes));
  const bool is_asked = !shape.strategy.empty() || shape.is_of_every_strategy;
  const std::string alone = is_asked ? shape.strategy : config.trading.single_strategy_mode;
  AITRADE_TRY_STATUS(choose_strategies(config, alone, shape.is_of_every_strategy, rules));

  rules.bracket.stop_min_fraction = config.risk.min_sl_pct;
  rules.bracket.target_min_fraction = config.risk.min_tp_pct;
  rules.bracket.target_fee_multiple = config.risk.min_tp_fee_mult;
  rules.bracket.round_trip_fee = to_double(models.taker_fee) * 2;
  rules.bracket.reward_to_risk_min = config.ai.min_risk_reward_ratio;
  rules.confluence.families_min = config.ai.confluence_threshold;
  rules.confluence.families_min_wild = config.ai.high_vol_confluence_threshold.value_or(config.ai.confluence_threshold);
  rules.confluence.book_score_min = config.ai.book_score_threshold;
  rules.confluence.book_weight = config.ai.obi_weight;
  rules.book_age_max = seconds{config.ai.book_score_max_age_seconds};
  rules.confluence.confidence_min = config.ai.min_confidence;
  rules.confluence.any_solo = config.ai.allow_any_solo;
  rules.confluence.solo_confidence_min = config.ai.solo_min_confidence;
  rules.confluence.keltner_solo = config.ai.allow_keltner_solo;
  rules.confluence.keltner_solo_confidence_min = config.ai.keltner_solo_min_confidence;
  rules.confluence.timeframes_agreeing_min = config.ai.multi_timeframe_min_agreement;
  rules.regime.adx_enter = config.ai.regime.adx_trend_threshold;
  constexpr double leave_share = 0.8;  // enter at 25, leave at 20
  rules.regime.adx_leave = config.ai.regime.adx_trend_threshold * leave_share;
  rules.regime.atr_pct_high = config.ai.regime.atr_pct_high;
  rules.regime.atr_pct_low = config.ai.regime.atr_pct_low;
  rules.exits = exits_of(config.risk);
  rules.execution = execution_of(config.venue("kraken"), models);
  rules.breakers = breakers_of(config.monitoring);
  rules.anomalies = anomalies_of(config.monitoring.anomaly_detector);
  rules.guardrails = guardrails_of(config.ai);
  rules.adaptive_weights = config.ai.adaptive_weights;
  rules.stale_after = seconds{config.monitoring.stale_after_seconds};
  rules.risk = risk_of(config, models);
  for (const Instrument& instrument : shape.instruments) {
    const auto group = config.risk.correlation_groups.find(to_string(instrument.symbol));
    rules.groups.push_back(group == config.risk.correlation_groups.end() ? "" : group->second);
  }
  setup.house.exposure_max = config.risk.max_total_exposure_pct;
  if (config.app.mode == Mode::live) require_live(rules);
  return setup;
}

std::string strategy_names(const EngineSetup& setup) {
  std::string names;
  for (const StrategyChoice& choice : setup.rules.strategies) {
    names += (names.empty() ? "" : ", ") + std::string(choice.info->name);
  }
  return names;
}

}  // namespace aitrade::cli
