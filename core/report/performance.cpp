#include "core/report/performance.h"

#include "core/report/regression.h"
#include "core/report/returns.h"

#include <cmath>
#include <span>

namespace aitrade {

namespace {

std::optional<double> ratio(double above, double below) {
  if (!(std::abs(below) > 0)) return std::nullopt;
  return above / below;
}

/// Growth over `days` as a yearly rate; nothing when everything was lost and more.
std::optional<double> yearly_growth(double growth, std::size_t days) {
  if (days < statistics_days_min || !(growth > 0)) return std::nullopt;
  const double yearly = std::pow(growth, days_per_year / static_cast<double>(days)) - 1;
  if (!std::isfinite(yearly)) return std::nullopt;
  return yearly;
}

double compounded(std::span<const double> returns) {
  double wealth = 1;
  for (const double r : returns)
    wealth *= 1 + r;
  return wealth;
}

bool has_flows(const EquitySummary& equity) {
  for (const DailyPoint& point : equity.daily) {
    if (std::abs(point.flow) > 0) return true;
  }
  return false;
}

/// Last equity over first; compounded from the days when money was paid in or out meanwhile.
double growth_of(const RunResult& run, std::span<const double> returns) {
  if (has_flows(run.equity)) return compounded(returns);
  const double initial = to_double(run.initial_equity);
  return initial > 0 ? to_double(run.final_equity) / initial : 1;
}

void add_return_metrics(std::span<const double> returns, double risk_free_yearly, Metrics& m) {
  if (returns.size() < statistics_days_min) return;
  const std::vector<double> excess = excess_over(returns, daily_rate(risk_free_yearly));
  const Moments moments = moments_of(excess);
  if (!moments.has_spread()) return;  // equity never moved: no risk, no skill, nothing to divide by
  m.volatility = volatility(moments);
  m.sharpe = sharpe(moments);
  m.sharpe_standard_error = sharpe_standard_error(moments);
  m.sharpe_t = t_statistic(moments);
  m.sharpe_adjusted = sharpe_adjusted(excess);
  m.sortino = sortino(excess);
  m.skew = moments.skew;
  m.kurtosis = moments.kurtosis;
  const Tails tails = tails_of(returns);
  m.var_95 = tails.value_at_risk;
  m.cvar_95 = tails.conditional_value_at_risk;
  m.tail_ratio = tails.ratio;
  m.omega = omega(returns);
  m.psr = probabilistic_sharpe(moments, 0);
  m.minimum_track_record_days = minimum_track_record(moments, 0);
}

void add_drawdown_metrics(std::span<const double> returns, const RunResult& run, Metrics& m) {
  m.drawdown = run.equity.drawdown;
  if (m.cagr && m.drawdown.depth > 0) m.calmar = *m.cagr / m.drawdown.depth;
  const auto daily = under_water(returns);
  if (!daily) return;
  m.ulcer_index = daily->ulcer_index;
  m.time_under_water = daily->share;
  m.longest_under_water_days = daily->longest_days;
  if (m.cagr) m.upi = ratio(*m.cagr, daily->ulcer_index);
  if (returns.size() < calmar_days) return;
  const auto recent = returns.last(calmar_days);
  const auto growth = yearly_growth(compounded(recent), recent.size());
  if (growth) m.calmar_36m = ratio(*growth, under_water(recent)->depth);
}

void add_activity_metrics(const RunResult& run, Metrics& m) {
  const EquitySummary& equity = run.equity;
  if (equity.bars > 0) {
    m.exposure = static_cast<double>(equity.bars_in_position) / static_cast<double>(equity.bars);
    m.gross_exposure = equity.mean_gross_exposure;
  }
  if (m.days > 0 && equity.mean_equity > 0) {
    m.turnover = run.turnover / equity.mean_equity / (static_cast<double>(m.days) / days_per_year);
  }
  const double gross = to_double(m.trades.gross_profit);
  m.fees_share = ratio(to_double(run.fees), gross);
  m.slippage_share = ratio(to_double(run.slippage), gross);
}

void add_benchmarks(std::span<const double> returns, const RunResult& run,
                    const MetricOptions& options, Metrics& m) {
  const double initial = to_double(run.initial_equity);
  m.buy_and_hold = buy_and_hold(run.prices, run.equity.daily, initial, run.taking);
  m.random_entry = random_entry(run.trades, run.prices, initial, options.random_entry_runs,
                                run.identity.seed);
  if (returns.size() < statistics_days_min) return;
  MonteCarloOptions paths{options.monte_carlo_runs, run.identity.seed, options.ruin_drawdown};
  m.monte_carlo = monte_carlo(returns, initial, paths);
  if (!m.buy_and_hold) return;
  const double rate = daily_rate(run.risk_free_yearly);
  const auto fit = regress(excess_over(returns, rate), excess_over(m.buy_and_hold->returns, rate));
  const bool has_moved = moments_of(returns).has_spread();
  if (!fit || !has_moved) return;
  m.alpha = fit->alpha * days_per_year;
  m.alpha_t = fit->alpha_t;
  m.beta = fit->beta;
  m.beta_t = fit->beta_t;
}

/// Results that are nearly always a look into the future (metrics.md, report furniture).
void add_suspicions(Metrics& m) {
  constexpr double sharpe_most = 5, cagr_most = 10, win_rate_most = 0.9;
  constexpr std::size_t win_rate_trades = 50;
  if (m.sharpe && *m.sharpe > sharpe_most) m.suspicions.emplace_back("Sharpe above 5");
  if (m.cagr && *m.cagr > cagr_most) m.suspicions.emplace_back("CAGR above 1000 %");
  if (m.trades.count > win_rate_trades && m.trades.win_rate && *m.trades.win_rate > win_rate_most) {
    m.suspicions.emplace_back("win rate above 90 %");
  }
}

}  // namespace

Metrics compute_metrics(const RunResult& run, const MetricOptions& options) {
  Metrics m;
  const std::vector<double> returns = daily_returns(run.equity.daily);
  m.days = returns.size();
  m.yearly_reliable = m.days >= yearly_days_reliable;
  const double growth = growth_of(run, returns);
  m.total_return = growth - 1;
  m.trades = trade_stats(run.trades, run.initial_equity, run.identity.tick);
  const bool has_moved = !run.trades.empty() || run.equity.bars_in_position > 0;
  if (has_moved) m.cagr = yearly_growth(growth, m.days);
  add_return_metrics(returns, run.risk_free_yearly, m);
  add_drawdown_metrics(returns, run, m);
  add_activity_metrics(run, m);
  add_benchmarks(returns, run, options, m);
  add_suspicions(m);
  return m;
}

}  // namespace aitrade
