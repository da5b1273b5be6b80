// The rows of [trading] and [risk]: operations.md 1.5 and 1.6, values of trading-core.md 11.
#include "core/config/keys.h"

namespace aitrade {

namespace {

std::string check_timeframe(const std::string& text) {
  for (const char* known : {"1m", "5m", "15m", "30m", "1h", "4h", "1d"}) {
    if (text == known) return {};
  }
  return "must be 1m, 5m, 15m, 30m, 1h, 4h or 1d";
}

std::vector<Key> canary_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(trading.canary_mode, "trade a few pairs, one position, small: first days of live")
          .env({"CANARY_MODE"}),
      AITRADE_KEY(trading.canary_pairs, "pairs of the canary")
          .checked(check_pair)
          .env({"CANARY_PAIRS"}),
      AITRADE_KEY(trading.canary_max_pairs, "most pairs of the canary")
          .range(1, 20)
          .env({"CANARY_MAX_PAIRS"}),
      AITRADE_KEY(trading.canary_max_position_usd, "largest position of the canary")
          .range(1, 100000)
          .in_unit("USD")
          .env({"CANARY_MAX_POSITION_USD"}),
      AITRADE_KEY(trading.canary_max_risk_per_trade, "most equity at risk in one trade")
          .range(0, 0.02)
          .in_unit("fraction")
          .env({"CANARY_MAX_RISK_PER_TRADE"}),
      AITRADE_KEY(trading.canary_min_confidence, "least confidence of an entry")
          .range(0, 1)
          .env({"CANARY_MIN_CONFIDENCE"}),
      AITRADE_KEY(trading.canary_min_confluence, "families that must agree")
          .range(1, 12)
          .env({"CANARY_MIN_CONFLUENCE"}),
      AITRADE_KEY(trading.canary_scan_interval_seconds,
                  "the longer of this and the normal one holds")
          .range(1, 3600)
          .in_unit("seconds")
          .env({"CANARY_SCAN_INTERVAL_SECONDS"}),
  };
  for (Key& key : keys)
    key.on_reload(restart);
  return keys;
}

std::vector<Key> universe_keys() {
  return {
      AITRADE_KEY(trading.universe.enabled, "choose pairs by volume instead of trading.pairs")
          .env({"CRYPTO_UNIVERSE_ENABLED"}),
      AITRADE_KEY(trading.universe.pinned_pairs, "pairs that always belong").checked(check_pair),
      AITRADE_KEY(trading.universe.min_volume_24h, "least traded in a day")
          .at_least(0)
          .in_unit("USD")
          .env({"CRYPTO_UNIVERSE_MIN_VOLUME"}),
      AITRADE_KEY(trading.universe.min_market_cap, "least market capitalisation")
          .at_least(0)
          .in_unit("USD")
          .env({"CRYPTO_UNIVERSE_MIN_MARKET_CAP"}),
      AITRADE_KEY(trading.universe.max_universe_size, "most pairs")
          .range(1, 200)
          .env({"CRYPTO_UNIVERSE_MAX_SIZE"}),
      AITRADE_KEY(trading.universe.refresh_interval_minutes, "pause between choices")
          .range(5, 1440)
          .in_unit("minutes")
          .env({"CRYPTO_UNIVERSE_REFRESH_MINUTES"}),
      AITRADE_KEY(trading.universe.provider_rate_limit_per_min, "requests to the data provider")
          .range(1, 1000)
          .in_unit("1/min"),
      AITRADE_KEY(trading.universe.warmup_new_pairs, "load history of a pair before it trades"),
      AITRADE_KEY(trading.universe.warmup_grace_scans, "choices that a new pair must survive first")
          .range(0, 100),
  };
}

}  // namespace

namespace {

std::vector<Key> market_keys() {
  using enum Reload;
  return {
      AITRADE_KEY(trading.pairs, "what is traded, as BASE/QUOTE")
          .checked(check_pair)
          .on_reload(warm_up)
          .env({"TRADING_PAIRS"}),
      AITRADE_KEY(trading.timeframes, "candles that are judged, ascending")
          .range(1, 1440)
          .in_unit("minutes")
          .on_reload(warm_up),
      AITRADE_KEY(trading.scan_interval_seconds, "longest pause between decisions without an event")
          .range(1, 3600)
          .in_unit("seconds"),
      AITRADE_KEY(trading.position_check_interval_seconds,
                  "longest pause between looks at open positions; every price is one too")
          .range(0.1, 60)
          .in_unit("seconds"),
      AITRADE_KEY(trading.candle_poll_seconds,
                  "pause between candle requests where there is no stream")
          .range(10, 3600)
          .in_unit("seconds")
          .env({"CANDLE_POLL_SECONDS"}),
      AITRADE_KEY(trading.warmup_bars, "history before the first decision; 0 is as much as needed")
          .range(10, 20000)
          .or_zero()
          .in_unit("bars")
          .on_reload(warm_up),
      AITRADE_KEY(trading.warmup_timeframe, "bars of that history")
          .checked(check_timeframe)
          .on_reload(restart),
  };
}

std::vector<Key> pacing_keys() {
  return {
      AITRADE_KEY(trading.max_concurrent_positions, "most open positions, pending entries included")
          .range(1, 200),
      AITRADE_KEY(trading.cooldown_seconds, "wait of a pair after an entry or exit")
          .range(0, 86400)
          .in_unit("seconds"),
      AITRADE_KEY(trading.strategy_cooldown_seconds,
                  "wait of a strategy, by pair and side, after its trade closed")
          .range(0, 86400)
          .in_unit("seconds"),
      AITRADE_KEY(trading.strategy_cooldowns_seconds, "the same for single strategies")
          .range(0, 86400)
          .in_unit("seconds"),
      AITRADE_KEY(trading.event_price_move_pct, "price move that asks for a decision at once")
          .range(0.0001, 0.5)
          .in_unit("fraction"),
      AITRADE_KEY(trading.max_spread_pct, "widest spread of an entry; 0 is any")
          .range(0, 0.05)
          .in_unit("fraction"),
      AITRADE_KEY(trading.use_closed_candles_only,
                  "decide on closed candles; live allows only true"),
      AITRADE_KEY(trading.single_strategy_mode, "let one strategy alone vote; empty is all"),
      AITRADE_KEY(trading.quiet_hours_utc, "hours without entries").range(0, 23).in_unit("hours"),
      AITRADE_KEY(trading.max_trades_per_hour, "most entries in 60 minutes; 0 is any")
          .range(0, 120)
          .env({"MAX_TRADES_PER_HOUR"}),
      AITRADE_KEY(trading.outlier_threshold,
                  "jump of a candle that waits for confirmation by the next; 0 is never")
          .range(0.01, 5)
          .or_zero()
          .in_unit("fraction")
          .env({"OUTLIER_THRESHOLD"}),
      AITRADE_KEY(trading.outlier_threshold_by_pair, "the same for single pairs")
          .range(0.01, 5)
          .or_zero()
          .in_unit("fraction"),
      AITRADE_KEY(trading.reconciliation_interval_seconds,
                  "pause between comparisons with the venue")
          .range(10, 3600)
          .in_unit("seconds"),
  };
}

}  // namespace

std::vector<Key> trading_keys() {
  std::vector<Key> keys = market_keys();
  for (auto& part : {pacing_keys(), canary_keys(), universe_keys()}) {
    keys.insert(keys.end(), part.begin(), part.end());
  }
  return keys;
}

namespace {

std::vector<Key> limit_keys() {
  using enum Reload;
  return {
      AITRADE_KEY(risk.initial_bankroll,
                  "money to trade with; live also caps at the venue's balance")
          .above(0)
          .in_unit("USD")
          .on_reload(restart)
          .by_account()
          .env({"INITIAL_BANKROLL"}),
      AITRADE_KEY(risk.max_risk_per_trade, "most equity at risk in one trade")
          .above(0, 0.10)
          .in_unit("fraction")
          .env({"MAX_RISK_PER_TRADE"}),
      AITRADE_KEY(risk.max_daily_loss,
                  "loss since UTC midnight, open positions and fees included, that ends entries")
          .above(0, 0.20)
          .in_unit("fraction")
          .env({"MAX_DAILY_LOSS"}),
      AITRADE_KEY(risk.max_daily_trades, "most entries in a UTC day; 0 is any")
          .range(0, 2000)
          .env({"MAX_DAILY_TRADES"}),
      AITRADE_KEY(risk.max_position_usd, "largest position")
          .above(0)
          .in_unit("USD")
          .env({"MAX_POSITION_USD"}),
      AITRADE_KEY(risk.max_total_exposure_pct, "most equity in positions and pending entries")
          .above(0, 1)
          .in_unit("fraction")
          .env({"MAX_TOTAL_EXPOSURE_PCT"}),
      AITRADE_KEY(risk.max_portfolio_risk,
                  "most equity at risk over all positions, with correlation")
          .above(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(risk.kelly_fraction, "share of the Kelly bet").above(0, 1),
      AITRADE_KEY(risk.max_kelly_size, "most equity at risk that Kelly may ask for")
          .above(0, 1)
          .in_unit("fraction")
          .when_unset("risk.max_risk_per_trade"),
      AITRADE_KEY(risk.risk_of_ruin_threshold,
                  "largest tolerated chance of the drawdown below; 0 is not looked at")
          .range(0, 0.5),
      AITRADE_KEY(risk.risk_of_ruin_drawdown, "drawdown that counts as ruin")
          .above(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(risk.risk_of_ruin_min_trades, "trades before that chance is estimated")
          .range(10, 1000),
      AITRADE_KEY(risk.global_cooldown_seconds_on_loss, "wait of all pairs after a losing trade")
          .range(0, 86400)
          .in_unit("seconds"),
      AITRADE_KEY(risk.correlation_groups, "pairs that count as alike"),
      AITRADE_KEY(risk.max_positions_per_correlation_group, "most positions of one group")
          .range(1, 200),
  };
}

std::vector<Key> exit_keys() {
  std::vector<Key> keys{
      AITRADE_KEY(risk.atr_multiplier_sl, "stop distance").range(0.5, 5).in_unit("ATR"),
      AITRADE_KEY(risk.atr_multiplier_tp, "target distance").range(0.5, 10).in_unit("ATR"),
      AITRADE_KEY(risk.min_sl_pct, "nearest stop").range(0, 0.10).in_unit("fraction"),
      AITRADE_KEY(risk.min_tp_pct, "nearest target").range(0, 0.50).in_unit("fraction"),
      AITRADE_KEY(risk.min_tp_fee_mult, "nearest target").range(0, 20).in_unit("round-trip fees"),
      AITRADE_KEY(risk.trailing_activation_pct, "gain at which trailing begins, at least")
          .range(0.005, 0.10)
          .in_unit("fraction"),
      AITRADE_KEY(risk.trailing_activation_atr, "gain at which trailing begins")
          .range(0, 20)
          .in_unit("ATR"),
      AITRADE_KEY(risk.trailing_step_pct, "distance of the trailing stop, at least")
          .above(0, 0.5)
          .in_unit("fraction"),
      AITRADE_KEY(risk.trailing_step_atr, "distance of the trailing stop")
          .range(0, 20)
          .in_unit("ATR"),
      AITRADE_KEY(risk.breakeven_activation_pct,
                  "gain at which the stop moves to entry plus cost, at least")
          .range(0.005, 0.10)
          .in_unit("fraction"),
      AITRADE_KEY(risk.breakeven_atr, "gain at which the stop moves to entry plus cost")
          .range(0, 20)
          .in_unit("ATR"),
      AITRADE_KEY(risk.max_hold_hours, "longest time in a position; 0 is any")
          .range(0, 8760)
          .in_unit("hours"),
      AITRADE_KEY(risk.stagnation_exit,
                  "bring the target of a trade that goes nowhere nearer, then leave"),
      AITRADE_KEY(risk.smart_exit.enabled, "close in parts"),
      AITRADE_KEY(
          risk.smart_exit.tiers,
          "parts: pct of the rest at tp_mult target distances; 0 trails; the last closes all"),
      AITRADE_KEY(risk.structural_stop.enabled, "put the stop behind the nearest swing"),
      AITRADE_KEY(risk.structural_stop.lookback, "bars on each side of a swing")
          .range(2, 1000)
          .in_unit("bars"),
      AITRADE_KEY(risk.structural_stop.buffer_atr_mult, "distance behind the swing")
          .range(0, 20)
          .in_unit("ATR"),
      AITRADE_KEY(risk.structural_stop.max_distance_atr, "farthest such stop")
          .above(0, 20)
          .in_unit("ATR"),
      AITRADE_KEY(risk.liquidity_sizing.enabled, "cap a position by the depth of the book"),
      AITRADE_KEY(risk.liquidity_sizing.max_impact_pct, "largest share of the depth")
          .above(0, 1)
          .in_unit("fraction"),
      AITRADE_KEY(risk.liquidity_sizing.min_depth_ratio, "depth to size below which the cap holds")
          .above(0, 100),
  };
  for (Key& key : keys)
    key.on_reload(Reload::new_orders);
  return keys;
}

}  // namespace

std::vector<Key> risk_keys() {
  std::vector<Key> keys = limit_keys();
  const std::vector<Key> exits = exit_keys();
  keys.insert(keys.end(), exits.begin(), exits.end());
  return keys;
}

}  // namespace aitrade
