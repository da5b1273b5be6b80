// The rows of [app] and [exchange]: operations.md 1.3 and 1.4.
#include "core/config/keys.h"

namespace aitrade {

namespace {

std::string check_account_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return "must be written account:exchange";
  if (!check_slug(text.substr(0, colon)).empty()) return "names an account that is not a-z, 0-9, _";
  const std::string venue = text.substr(colon + 1);
  for (const std::string_view known : venue_names()) {
    if (known == venue) return {};
  }
  return "names an unknown exchange";
}

std::string check_exchange(const std::string& text) {
  for (const std::string_view known : venue_names()) {
    if (known == text) return {};
  }
  return "names an unknown exchange";
}

std::string check_path(const std::string& text) {
  return text.empty() ? "must name a file or directory" : std::string{};
}

std::string check_zone(const std::string& text) {
  const bool fine = !text.empty() &&
                    text.find_first_not_of(
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
                        std::string::npos &&
                    text.front() != '/';
  return fine ? std::string{} : "must be the name of a time zone, such as UTC or Europe/Berlin";
}

}  // namespace

std::vector<Key> app_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(app.name, "host label in messages")
          .range(1, 64)
          .in_unit("characters")
          .on_reload(restart),
      AITRADE_KEY(app.mode, "paper trades with simulated money; live also needs --live and a vault")
          .on_reload(restart)
          .env({"TRADING_MODE"}),
      AITRADE_KEY(app.log_level, "least level that is logged").env({"LOG_LEVEL"}),
      AITRADE_KEY(app.log_format, "auto is text on a terminal and JSON lines elsewhere")
          .on_reload(restart)
          .env({"LOG_FORMAT"}),
      AITRADE_KEY(app.log_dir, "directory of the log files").checked(check_path).on_reload(restart),
      AITRADE_KEY(app.db_path, "ledger database")
          .checked(check_path)
          .on_reload(restart)
          .env({"DB_PATH"}),
      AITRADE_KEY(app.account_id, "account whose credentials are used")
          .checked(check_slug)
          .on_reload(restart)
          .env({"ACCOUNT_ID"}),
      AITRADE_KEY(app.trading_exchanges, "exchanges to trade at; empty: exchange.name")
          .checked(check_exchange)
          .on_reload(restart)
          .env({"TRADING_EXCHANGES", "TRADING_EXCHANGE"}),
      AITRADE_KEY(app.trading_accounts, "account:exchange of each desk; empty: app.account_id")
          .checked(check_account_pair)
          .on_reload(restart)
          .env({"TRADING_ACCOUNTS"}),
      AITRADE_KEY(app.start_paused, "whether entries wait for `aitrade resume` after a start")
          .when_unset("true when live, else false")
          .on_reload(restart)
          .env({"START_PAUSED"}),
      AITRADE_KEY(app.environment, "dev allows what production refuses")
          .on_reload(restart)
          .env({"APP_ENV"}),
      AITRADE_KEY(app.shutdown_timeout_seconds, "longest orderly stop")
          .range(1, 300)
          .in_unit("seconds"),
      AITRADE_KEY(app.on_shutdown_positions, "what a stop does with open positions"),
      AITRADE_KEY(app.watch_config, "re-read the files when they change").on_reload(restart),
      AITRADE_KEY(app.timezone_display, "time zone of the dashboard").checked(check_zone),
      AITRADE_KEY(app.instance_lock_path, "lock of the running instance")
          .checked(check_path)
          .on_reload(restart)
          .env({"INSTANCE_LOCK_PATH"}),
  };
  for (Key& key : keys)
    key.outside_decisions();
  return keys;
}

namespace {

std::vector<Key> transport_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(exchange.name, "exchange to trade at")
          .on_reload(restart)
          .first_wins()
          .env({"ACTIVE_EXCHANGE", "EXCHANGE_NAME"}),
      AITRADE_VENUE_KEY(rest_url, "address of the REST interface; plain http only to this machine")
          .checked(check_https)
          .when_unset("the venue's own")
          .on_reload(restart)
          .env({"EXCHANGE_REST_URL"}),
      AITRADE_VENUE_KEY(ws_url, "address of the public stream; plain ws only to this machine")
          .checked(check_wss)
          .when_unset("the venue's own")
          .on_reload(restart)
          .env({"EXCHANGE_WS_URL"}),
      AITRADE_VENUE_KEY(ws_auth_url, "address of the private stream")
          .checked(check_wss)
          .when_unset("the venue's own")
          .on_reload(restart),
      AITRADE_VENUE_KEY(market_data_url, "address of market data where the venue has a second one")
          .checked(check_https)
          .on_reload(restart),
      AITRADE_VENUE_KEY(sandbox, "use the venue's test environment").on_reload(restart),
      AITRADE_VENUE_KEY(rate_limit_per_second, "requests we allow ourselves")
          .range(0.1, 100)
          .in_unit("1/s"),
      AITRADE_VENUE_KEY(max_retries, "repeats of a request that is safe to repeat").range(0, 20),
      AITRADE_VENUE_KEY(retry_base_delay, "first pause between repeats; it doubles, with jitter")
          .range(0.05, 60)
          .in_unit("seconds"),
      AITRADE_VENUE_KEY(connect_timeout, "longest connection set-up")
          .range(1, 120)
          .in_unit("seconds"),
      AITRADE_VENUE_KEY(timeout, "longest request").range(1, 120).in_unit("seconds"),
      AITRADE_VENUE_KEY(read_lag_max_seconds, "oldest read of orders that is still trusted")
          .range(5, 600)
          .in_unit("seconds"),
  };
  for (Key& key : keys)
    key.outside_decisions();
  return keys;
}

std::vector<Key> order_keys() {
  using enum Reload;
  return {
      AITRADE_VENUE_KEY(maker_fee, "fee of a resting order until the venue names its own")
          .range(-0.001, 0.05)
          .in_unit("fraction")
          .on_reload(new_orders)
          .env({"EXCHANGE_MAKER_FEE"}),
      AITRADE_VENUE_KEY(taker_fee, "fee of an order that takes, until the venue names its own")
          .range(0, 0.05)
          .in_unit("fraction")
          .on_reload(new_orders)
          .env({"EXCHANGE_TAKER_FEE"}),
      AITRADE_VENUE_KEY(entry_order_style,
                        "limit_chase follows the price with limit orders and ends with ioc_limit, one "
                        "order up to the price cap; market has no cap")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(post_only, "enter with orders that rest at our side of the book and never take")
          .on_reload(new_orders)
          .env({"EXCHANGE_POST_ONLY"}),
      AITRADE_VENUE_KEY(limit_chase_attempts, "times an entry is moved after the price")
          .range(0, 20)
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(limit_chase_wait_seconds,
                        "how long each of these works; the exchange takes it off by itself")
          .range(5, 60)
          .in_unit("seconds")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(limit_fallback_to_market,
                        "finish an unfilled entry with an IOC order at the price cap")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(entry_fill_or_kill, "that order fills whole or not at all")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(max_slippage,
                        "price cap of an entry beyond its plan; a quarter of the way to the stop if that "
                        "is less")
          .range(0, 0.05)
          .in_unit("fraction")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(stop_order_style,
                        "what a stop becomes at its trigger; limit does not pay more than its band, and "
                        "is replaced by an exit when the price jumps over it")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(watch_targets,
                        "watch targets and then leave, in place of letting them rest: what live trading always "
                        "does, because a spot venue holds what the stop would sell")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(stop_limit_band, "how far the limit of such a stop lies beyond its trigger")
          .range(0.0005, 0.1)
          .in_unit("fraction")
          .on_reload(new_orders),
      AITRADE_VENUE_KEY(
          exit_order_style,
          "auto takes targets with limit_then_market and stops with ioc_limit; a stop "
          "never waits as a passive order")
          .on_reload(new_orders),
  };
}

}  // namespace

std::vector<Key> exchange_keys() {
  std::vector<Key> keys = transport_keys();
  const std::vector<Key> orders = order_keys();
  keys.insert(keys.end(), orders.begin(), orders.end());
  return keys;
}

std::vector<Key> account_keys() {
  return {AITRADE_KEY(accounts, "engines of their own, one table each: id, tenant, exchange, bankroll, pairs, strategies, "
                                "max_risk_per_trade, max_daily_loss, max_total_exposure_pct")
              .when_unset("one engine, of app.account_id and the tenant \"default\"")
              .on_reload(Reload::restart)
              .outside_decisions()};
}

}  // namespace aitrade
