#include "core/report/freqtrade_json.h"

#include "core/report/json_line.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace aitrade {

namespace {

constexpr std::int64_t milliseconds_in_second = 1000;

/// Amounts are numbers in this format; the digits are those of the exact decimal.
template <class Tag, int Decimals>
void number(std::string_view name, Fixed<Tag, Decimals> amount, Json& json) {
  json.key(name);
  json.raw_number(to_string(amount));
}

/// "2024-01-01 00:00:00+00:00", as pandas prints it.
std::string date_text(Time t) {
  std::string text = to_string_seconds(t);
  text[10] = ' ';
  text.back() = '+';
  return text + "00:00";
}

std::int64_t milliseconds_of(Time t) {
  return t.seconds_floor() * milliseconds_in_second;
}

/// A trade in the other program's terms.
struct Terms {
  double stake{0};      // entry notional
  double fee{0};        // ratio per side
  double profit{0};     // ratio of what was paid in
  double min_rate{0}, max_rate{0};
  bool is_short{false};
};

Terms terms_of(const TradeClosed& t) {
  Terms terms;
  const double entry = to_double(t.entry), quantity = to_double(t.quantity);
  terms.stake = entry * quantity;
  const double both = terms.stake + to_double(t.exit) * quantity;
  if (both > 0) terms.fee = to_double(t.fees) / both;
  const double paid = terms.stake * (1 + terms.fee);
  if (paid > 0) terms.profit = to_double(t.pnl) / paid;
  terms.is_short = t.direction == Direction::short_;
  terms.min_rate = terms.is_short ? entry * (1 - t.mfe) : entry * (1 + t.mae);
  terms.max_rate = terms.is_short ? entry * (1 - t.mae) : entry * (1 + t.mfe);
  return terms;
}

void write_order(const TradeClosed& t, const Terms& terms, bool is_entry, Json& json) {
  const Price price = is_entry ? t.entry : t.exit;
  json.begin();
  number("amount", t.quantity, json);
  number("safe_price", price, json);
  json.pair("ft_order_side", is_entry == terms.is_short ? "sell" : "buy");
  json.pair("order_filled_timestamp", milliseconds_of(is_entry ? t.opened_at : t.closed_at));
  json.pair("ft_is_entry", is_entry);
  json.pair("cost", to_double(price) * to_double(t.quantity));
  json.end();
}

void write_stops(const TradeClosed& t, Json& json) {
  const bool has_stop = t.initial_stop.is_positive() && t.entry.is_positive();
  for (const auto& [absolute, ratio] :
       {std::pair{"initial_stop_loss_abs", "initial_stop_loss_ratio"},
        std::pair{"stop_loss_abs", "stop_loss_ratio"}}) {
    if (!has_stop) {
      json.pair(absolute, std::monostate{});
      json.pair(ratio, std::monostate{});
      continue;
    }
    number(absolute, t.initial_stop, json);
    const double distance = to_double(t.initial_stop) / to_double(t.entry) - 1;
    json.pair(ratio, -std::abs(distance));
  }
}

void write_trade(const TradeRecord& record, Json& json) {
  const TradeClosed& t = record.trade;
  const Terms terms = terms_of(t);
  json.begin();
  json.pair("pair", record.symbol);
  json.pair("stake_amount", terms.stake);
  json.pair("max_stake_amount", terms.stake);
  number("amount", t.quantity, json);
  json.pair("open_date", date_text(t.opened_at));
  json.pair("close_date", date_text(t.closed_at));
  number("open_rate", t.entry, json);
  number("close_rate", t.exit, json);
  json.pair("fee_open", terms.fee);
  json.pair("fee_close", terms.fee);
  json.pair("trade_duration", static_cast<std::int64_t>((t.closed_at - t.opened_at) / minutes(1)));
  json.pair("profit_ratio", terms.profit);
  number("profit_abs", t.pnl, json);
  json.pair("exit_reason", to_string(t.reason));
  write_stops(t, json);
  json.pair("min_rate", terms.min_rate);
  json.pair("max_rate", terms.max_rate);
  json.pair("is_open", false);
  json.pair("enter_tag", record.strategy);
  json.pair("leverage", 1.0);
  json.pair("is_short", terms.is_short);
  json.pair("open_timestamp", milliseconds_of(t.opened_at));
  json.pair("close_timestamp", milliseconds_of(t.closed_at));
  json.key("orders");
  json.begin_array();
  write_order(t, terms, true, json);
  write_order(t, terms, false, json);
  json.end_array();
  json.pair("funding_fees", 0.0);
  json.end();
}

/// Sums of some trades under one key.
struct Group {
  std::size_t trades{0}, wins{0}, draws{0}, losses{0};
  double ratios{0};
  Money profit;
  Duration held{};

  void add(const TradeClosed& t) {
    ++trades;
    ++(t.pnl.is_positive() ? wins : t.pnl.is_negative() ? losses : draws);
    ratios += terms_of(t).profit;
    profit += t.pnl;
    held += t.closed_at - t.opened_at;
  }
};

void write_group(std::string_view name, const Group& group, double start, Json& json) {
  const double n = static_cast<double>(std::max<std::size_t>(group.trades, 1));
  json.begin();
  json.pair("key", name);
  json.pair("trades", static_cast<std::uint64_t>(group.trades));
  json.pair("profit_mean", group.ratios / n);
  json.pair("profit_mean_pct", group.ratios / n * 100);
  number("profit_total_abs", group.profit, json);
  json.pair("profit_total", start > 0 ? to_double(group.profit) / start : 0);
  json.pair("profit_total_pct", start > 0 ? to_double(group.profit) / start * 100 : 0);
  json.pair("duration_avg", span_text(group.held / static_cast<std::int64_t>(n)));
  json.pair("wins", static_cast<std::uint64_t>(group.wins));
  json.pair("draws", static_cast<std::uint64_t>(group.draws));
  json.pair("losses", static_cast<std::uint64_t>(group.losses));
  json.pair("winrate", static_cast<double>(group.wins) / n);
  json.end();
}

template <class Label>
void write_groups(std::string_view name, const RunResult& run, Label label, Json& json) {
  std::map<std::string, Group> groups;
  Group total;
  for (const TradeRecord& record : run.trades) {
    groups[std::string(label(record))].add(record.trade);
    total.add(record.trade);
  }
  const double start = to_double(run.initial_equity);
  json.key(name);
  json.begin_array();
  for (const auto& [key, group] : groups) write_group(key, group, start, json);
  write_group("TOTAL", total, start, json);
  json.end_array();
}

void write_daily(const RunResult& run, Json& json) {
  std::map<std::string, Money> days;
  for (const TradeRecord& record : run.trades) {
    days[day_text(record.trade.closed_at)] += record.trade.pnl;
  }
  json.key("daily_profit");
  json.begin_array();
  for (const auto& [day, profit] : days) {
    json.begin_array();
    json.value(day);
    json.raw_number(to_string(profit));
    json.end_array();
  }
  json.end_array();
}

/// The deepest fall in money over closed trades, as the other program counts it.
void write_closed_drawdown(const RunResult& run, Json& json) {
  const double start = to_double(run.initial_equity);
  double profit = 0, peak = 0, fall = 0, share = 0;
  Time peak_at = run.equity.daily.empty() ? Time{} : run.equity.daily.front().at;
  Time from = peak_at, to = peak_at;
  for (const TradeRecord& record : run.trades) {
    profit += to_double(record.trade.pnl);
    if (profit > peak) peak = profit, peak_at = record.trade.closed_at;
    if (peak - profit <= fall) continue;
    fall = peak - profit;
    share = start + peak > 0 ? fall / (start + peak) : 0;
    from = peak_at;
    to = record.trade.closed_at;
  }
  json.pair("max_drawdown_abs", fall);
  json.pair("max_drawdown_account", share);
  json.pair("drawdown_start", date_text(from));
  json.pair("drawdown_end", date_text(to));
  json.pair("drawdown_start_ts", milliseconds_of(from));
  json.pair("drawdown_end_ts", milliseconds_of(to));
}

void write_summary(const RunResult& run, const Metrics& m, Json& json) {
  const double start = to_double(run.initial_equity);
  const TradeStats& t = m.trades;
  const bool has_days = !run.equity.daily.empty();
  const Time first = has_days ? run.equity.daily.front().at : Time{};
  const Time last = has_days ? run.equity.daily.back().at : Time{};
  json.pair("backtest_start", date_text(first));
  json.pair("backtest_start_ts", milliseconds_of(first));
  json.pair("backtest_end", date_text(last));
  json.pair("backtest_end_ts", milliseconds_of(last));
  json.pair("backtest_days", static_cast<std::uint64_t>(m.days));
  json.pair("timeframe",
            run.coverage.empty() ? std::string() : timeframe_text(run.coverage.front().timeframe));
  json.pair("stake_currency", run.identity.currency);
  number("starting_balance", run.initial_equity, json);
  number("final_balance", run.final_equity, json);
  json.pair("total_trades", static_cast<std::uint64_t>(t.count));
  json.pair("wins", static_cast<std::uint64_t>(t.wins));
  json.pair("losses", static_cast<std::uint64_t>(t.losses));
  json.pair("draws", static_cast<std::uint64_t>(t.breakevens));
  json.pair("winrate", t.win_rate);
  number("profit_total_abs", t.net_profit, json);
  json.pair("profit_total", start > 0 ? to_double(t.net_profit) / start : 0);
  json.pair("profit_factor", t.profit_factor);
  json.pair("expectancy", t.expectancy ? std::optional(to_double(*t.expectancy)) : std::nullopt);
  json.pair("cagr", m.cagr);
  json.pair("sharpe", m.sharpe);
  json.pair("sortino", m.sortino);
  json.pair("calmar", m.calmar);
  json.pair("sqn", t.sqn);
  json.pair("market_change",
            m.buy_and_hold ? std::optional(m.buy_and_hold->total_return) : std::nullopt);
  json.key("pairlist");
  json.begin_array();
  for (const PairCoverage& c : run.coverage) json.value(c.symbol);
  json.end_array();
}

}  // namespace

std::string freqtrade_json(const RunResult& run, const Metrics& metrics) {
  const std::string name = run.identity.strategies.empty() ? "aitrade" : run.identity.strategies;
  Json json;
  json.begin();
  json.key("strategy");
  json.begin();
  json.key(name);
  json.begin();
  json.key("trades");
  json.begin_array();
  for (const TradeRecord& record : run.trades) write_trade(record, json);
  json.end_array();
  json.pair("strategy_name", name);
  write_summary(run, metrics, json);
  write_closed_drawdown(run, json);
  write_daily(run, json);
  write_groups("results_per_pair", run, [](const TradeRecord& r) { return r.symbol; }, json);
  write_groups("results_per_enter_tag", run, [](const TradeRecord& r) { return r.strategy; }, json);
  write_groups("exit_reason_summary", run,
               [](const TradeRecord& r) { return to_string(r.trade.reason); }, json);
  json.end();
  json.end();
  json.key("strategy_comparison");
  json.begin_array();
  Group all;
  for (const TradeRecord& record : run.trades) all.add(record.trade);
  write_group(name, all, to_double(run.initial_equity), json);
  json.end_array();
  json.key("metadata");
  json.begin();
  json.end();
  json.end();
  return json.line();
}

}  // namespace aitrade
