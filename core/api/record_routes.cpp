// What closed trades add up to: performance, by strategy, by whatever they have in common.

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "core/api/json.h"
#include "core/api/route.h"
#include "core/report/returns.h"
#include "core/store/queries.h"
#include "core/store/trade_sums.h"

namespace aitrade {
namespace {

std::optional<double> ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

double count_of(std::uint64_t number) { return static_cast<double>(number); }

/// Since when the tenant's record counts; the beginning of time where nobody reset it.
Time record_start(const Call& call) {
  if (call.context.gate == nullptr) return {};
  const auto access = call.context.gate->store();
  if (!access) return {};
  const auto text = PreferenceStore(**access).get(call.who.tenant, record_start_key);
  Time start;
  if (text) std::from_chars(text->data(), text->data() + text->size(), start.ns);
  return start;
}

/// What the view still knows, while there is no ledger to ask.
TradeSums sums_of(const EngineView& view) {
  TradeSums sums;
  for (const StrategyView& strategy : view.strategies) {
    sums.trades += static_cast<std::uint64_t>(strategy.trades);
    sums.wins += static_cast<std::uint64_t>(strategy.wins);
    sums.losses += static_cast<std::uint64_t>(strategy.losses);
    sums.pnl += strategy.pnl;
    sums.won += strategy.won;
    sums.lost += strategy.lost;
  }
  sums.fees = view.execution.fees;
  return sums;
}

struct Ratios {
  std::optional<double> sharpe, sortino, max_drawdown;
};

/// Of the last equity of each UTC day, as reports define them.
Ratios ratios_of(const std::vector<EquityRow>& rows) {
  std::vector<double> days;
  std::int64_t last_day = -1;
  Ratios ratios;
  double worst = 0;
  for (const EquityRow& row : rows) {
    const double equity = to_double(Money::parse(row.equity).value_or(Money{}));
    const std::int64_t day = row.at.seconds_floor() / 86'400;
    worst = std::max(worst, row.drawdown);
    if (day == last_day) {
      days.back() = equity;
    } else {
      days.push_back(equity);
    }
    last_day = day;
  }
  if (!rows.empty()) ratios.max_drawdown = worst;
  std::vector<double> returns;
  for (std::size_t i = 1; i < days.size(); ++i) {
    if (days[i - 1] > 0) returns.push_back(days[i] / days[i - 1] - 1);
  }
  ratios.sharpe = sharpe(moments_of(returns));
  ratios.sortino = sortino(returns);
  return ratios;
}

/// The start of a period, by the clock of trading.
Time start_of(std::string_view period, Time now) {
  if (period == "today") return floor_to(now, Duration{hours{24}});
  if (period == "7d") return now - Duration{hours{24 * 7}};
  if (period == "30d") return now - Duration{hours{24 * 30}};
  return {};
}

std::string performance_json(const EngineView& view, std::string_view period, const TradeSums& sums,
                             const Ratios& ratios) {
  Money unrealized;
  for (const PositionView& position : view.positions) unrealized += position.unrealized;
  Json json;
  json.begin();
  json.field("schema", "aitrade.performance/1");
  json.field("period", period);
  json.field("total_trades", sums.trades);
  json.field("winning_trades", sums.wins);
  json.field("losing_trades", sums.losses);
  json.field("win_rate", ratio(count_of(sums.wins), count_of(sums.wins + sums.losses)));
  json.field("total_pnl", sums.pnl);
  json.field("today_pnl", view.day_pnl);
  json.field("unrealized_pnl", unrealized);
  json.field("total_equity", view.equity);
  json.field("open_positions", static_cast<std::uint64_t>(view.positions.size()));
  json.field("profit_factor", ratio(to_double(sums.won), -to_double(sums.lost)));
  json.field("avg_win", ratio(to_double(sums.won), count_of(sums.wins)));
  json.field("avg_loss", ratio(to_double(sums.lost), count_of(sums.losses)));
  json.field("expectancy", ratio(to_double(sums.pnl), count_of(sums.trades)));
  json.field("mean_r", ratio(sums.r_sum, count_of(sums.r_count)));
  json.field("drawdown", view.drawdown);
  json.field("max_drawdown", ratios.max_drawdown);
  json.field("sharpe_ratio", ratios.sharpe);
  json.field("sortino_ratio", ratios.sortino);
  json.field("fees", sums.fees);
  json.field("slippage", sums.slippage);
  json.end();
  return json.take();
}

void write_sums(Json& json, const TradeSums& sums) {
  json.field("total_trades", sums.trades);
  json.field("wins", sums.wins);
  json.field("losses", sums.losses);
  json.field("win_rate", ratio(count_of(sums.wins), count_of(sums.wins + sums.losses)));
  json.field("total_pnl", sums.pnl);
  json.field("avg_pnl", ratio(to_double(sums.pnl), count_of(sums.trades)));
  json.field("profit_factor", ratio(to_double(sums.won), -to_double(sums.lost)));
  json.field("mean_r", ratio(sums.r_sum, count_of(sums.r_count)));
  json.field("fees", sums.fees);
}

Page page_of(const Call& call) {
  Page page;
  page.pair = call.query.text("pair");
  page.strategy = call.query.text("strategy");
  page.from = std::max(call.query.time("from").value_or(Time{}), record_start(call));
  page.to = call.query.time("to").value_or(Time{INT64_MAX});
  return page;
}

}  // namespace

Response get_performance(const Call& call) {
  const auto view = call.view();
  const std::string period = call.query.has("period") ? call.query.text("period") : "all";
  const auto place = call.store();
  if (!place) return json_response(performance_json(*view, "all", sums_of(*view), {}));
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const Time now = view->now.ns != 0 ? view->now : call.now.wall;
    Page page;
    page.from = std::max(start_of(period, now), record_start(call));
    const auto sums = trade_sums(ledger, call.who.tenant, page, TradeGroup::all);
    if (!sums) return store_failure(sums.error());
    return with_store(call, Profile::telemetry, [&](Database& telemetry) {
      const auto curve = equity_curve(telemetry, call.who.tenant, page.from, Time{INT64_MAX}, 5000);
      if (!curve) return store_failure(curve.error());
      const auto all = sums->find("");
      return json_response(
          performance_json(*view, period, all == sums->end() ? TradeSums{} : all->second, ratios_of(*curve)));
    });
  });
}

Response get_strategy_performance(const Call& call) {
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const auto sums = trade_sums(ledger, call.who.tenant, page_of(call), TradeGroup::strategy);
    if (!sums) return store_failure(sums.error());
    Json json;
    json.begin();
    for (const auto& [name, group] : *sums) {
      json.key(name);
      json.begin();
      write_sums(json, group);
      json.end();
    }
    json.end();
    return json_response(json.take());
  });
}

Response get_attribution(const Call& call) {
  const std::string word = call.query.has("group_by") ? call.query.text("group_by") : "strategy";
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const Page page = page_of(call);
    const auto sums = trade_sums(ledger, call.who.tenant, page, trade_group(word).value_or(TradeGroup::strategy));
    const auto all = trade_sums(ledger, call.who.tenant, page, TradeGroup::all);
    if (!sums || !all) return store_failure(sums ? all.error() : sums.error());
    Json json;
    json.begin();
    json.field("schema", "aitrade.attribution/1");
    json.field("group_by", word);
    json.key("stats");
    json.begin_list();
    for (const auto& [name, group] : *sums) {
      json.begin();
      json.field("group", name);
      write_sums(json, group);
      json.end();
    }
    json.end_list();
    json.key("summary");
    json.begin();
    const auto whole = all->find("");
    write_sums(json, whole == all->end() ? TradeSums{} : whole->second);
    json.end();
    json.end();
    return json_response(json.take());
  });
}

}  // namespace aitrade
