#include "core/report/metric_list.h"

#include <chrono>
#include <optional>
#include <utility>

namespace aitrade {

namespace {

class List {
 public:
  void add(std::string_view name, double value) { list_.push_back({name, value}); }

  void add(std::string_view name, bool value) { list_.push_back({name, value}); }

  void add(std::string_view name, std::size_t value) {
    list_.push_back({name, static_cast<std::uint64_t>(value)});
  }

  void add(std::string_view name, Money value) { list_.push_back({name, value}); }

  void add(std::string_view name, Time value) { list_.push_back({name, value}); }

  void add(std::string_view name, std::optional<Duration> value) {
    if (!value) return list_.push_back({name, std::monostate{}});
    list_.push_back({name, std::chrono::duration<double>(*value).count()});
  }

  template <class T>
  void add(std::string_view name, const std::optional<T>& value) {
    if (!value) return list_.push_back({name, std::monostate{}});
    add(name, *value);
  }

  std::vector<NamedMetric> take() { return std::move(list_); }

 private:
  std::vector<NamedMetric> list_;
};

void add_returns(const Metrics& m, List& list) {
  list.add("days", m.days);
  list.add("total_return", m.total_return);
  list.add("cagr", m.cagr);
  list.add("yearly_reliable", m.yearly_reliable);
  list.add("volatility", m.volatility);
  list.add("sharpe", m.sharpe);
  list.add("sharpe_se", m.sharpe_standard_error);
  list.add("sharpe_t", m.sharpe_t);
  list.add("sharpe_adjusted", m.sharpe_adjusted);
  list.add("sortino", m.sortino);
  list.add("skew", m.skew);
  list.add("kurtosis", m.kurtosis);
  list.add("var_95", m.var_95);
  list.add("cvar_95", m.cvar_95);
  list.add("omega", m.omega);
  list.add("tail_ratio", m.tail_ratio);
  list.add("psr", m.psr);
  list.add("min_trl_days", m.minimum_track_record_days);
}

void add_drawdown(const Metrics& m, List& list) {
  const bool has_fallen = m.drawdown.depth > 0;
  list.add("max_drawdown", m.drawdown.depth);
  list.add("max_drawdown_peak", has_fallen ? std::optional(m.drawdown.peak) : std::nullopt);
  list.add("max_drawdown_trough", has_fallen ? std::optional(m.drawdown.trough) : std::nullopt);
  list.add("max_drawdown_recovery", m.drawdown.recovery);
  list.add("longest_under_water_s", std::optional(m.drawdown.longest_under_water));
  list.add("calmar", m.calmar);
  list.add("calmar_36m", m.calmar_36m);
  list.add("ulcer_index", m.ulcer_index);
  list.add("upi", m.upi);
  list.add("time_under_water", m.time_under_water);
  list.add("longest_under_water_days", m.longest_under_water_days);
}

void add_trades(const TradeStats& t, List& list) {
  list.add("trades", t.count);
  list.add("wins", t.wins);
  list.add("losses", t.losses);
  list.add("breakevens", t.breakevens);
  list.add("win_rate", t.win_rate);
  list.add("win_rate_low", t.win_rate_low);
  list.add("win_rate_high", t.win_rate_high);
  list.add("net_profit", t.net_profit);
  list.add("net_wins", t.net_wins);
  list.add("net_losses", t.net_losses);
  list.add("profit_factor", t.profit_factor);
  list.add("profit_factor_infinite", t.profit_factor_infinite);
  list.add("payoff", t.payoff);
  list.add("average_win", t.average_win);
  list.add("average_loss", t.average_loss);
  list.add("best_trade", t.best);
  list.add("worst_trade", t.worst);
  list.add("expectancy", t.expectancy);
  list.add("expectancy_r", t.expectancy_r);
  list.add("expectancy_equity", t.expectancy_equity);
  list.add("sqn", t.sqn);
  list.add("kelly", t.kelly);
  list.add("kelly_reliable", t.kelly_reliable);
  list.add("mae", t.mae);
  list.add("mfe", t.mfe);
  list.add("mae_r", t.mae_r);
  list.add("mfe_r", t.mfe_r);
  list.add("hold_mean_s", t.hold_mean);
  list.add("hold_median_s", t.hold_median);
  list.add("hold_winners_s", t.hold_winners);
  list.add("hold_losers_s", t.hold_losers);
  list.add("loss_run", t.loss_run);
  list.add("loss_run_expected", t.loss_run_expected);
  list.add("win_run", t.win_run);
}

void add_activity(const Metrics& m, List& list) {
  list.add("exposure", m.exposure);
  list.add("gross_exposure", m.gross_exposure);
  list.add("turnover", m.turnover);
  list.add("fees_of_gross_profit", m.fees_share);
  list.add("slippage_of_gross_profit", m.slippage_share);
}

void add_comparisons(const Metrics& m, List& list) {
  list.add("alpha", m.alpha);
  list.add("alpha_t", m.alpha_t);
  list.add("beta", m.beta);
  list.add("beta_t", m.beta_t);
  list.add("buy_and_hold_return",
           m.buy_and_hold ? std::optional(m.buy_and_hold->total_return) : std::nullopt);
  list.add("buy_and_hold_max_drawdown",
           m.buy_and_hold ? std::optional(m.buy_and_hold->max_drawdown) : std::nullopt);
  list.add("random_entry_p",
           m.random_entry ? std::optional(m.random_entry->p_value) : std::nullopt);
  list.add("risk_of_ruin", m.monte_carlo ? std::optional(m.monte_carlo->ruin_year) : std::nullopt);
}

}  // namespace

std::vector<NamedMetric> metric_list(const Metrics& metrics) {
  List list;
  add_returns(metrics, list);
  add_drawdown(metrics, list);
  add_trades(metrics.trades, list);
  add_activity(metrics, list);
  add_comparisons(metrics, list);
  return list.take();
}

}  // namespace aitrade
