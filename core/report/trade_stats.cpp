#include "core/report/trade_stats.h"

#include "core/report/returns.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace aitrade {

namespace {

/// A sum of amounts that may pass the range of Money on the way; it is clamped only when read.
class MoneySum {
 public:
  void add(Money amount) { raw_ += amount.raw(); }

  [[nodiscard]] Money total() const {
    constexpr Int128 most = std::numeric_limits<std::int64_t>::max();
    return Money::from_raw(static_cast<std::int64_t>(std::clamp<Int128>(raw_, -most, most)));
  }

  [[nodiscard]] std::optional<Money> mean(std::size_t count) const {
    if (count == 0) return std::nullopt;
    return Money::from_raw(
        fixed_detail::divide(raw_, static_cast<Int128>(count), Rounding::half_even));
  }

  [[nodiscard]] double as_double() const {
    return static_cast<double>(raw_) / static_cast<double>(Money::scale);
  }

 private:
  Int128 raw_{0};
};

enum class Outcome { win, loss, breakeven };

Outcome outcome_of(Money pnl, Money tick) {
  if (pnl.abs() < tick || pnl.is_zero()) return Outcome::breakeven;
  return pnl.is_positive() ? Outcome::win : Outcome::loss;
}

std::optional<double> mean_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return moments_of(values).mean;
}

std::optional<Duration> mean_of(const std::vector<Duration>& spans) {
  if (spans.empty()) return std::nullopt;
  Int128 sum = 0;
  for (const Duration span : spans)
    sum += span.count();
  return Duration{static_cast<std::int64_t>(sum / static_cast<Int128>(spans.size()))};
}

std::optional<Duration> median_of(std::vector<Duration> spans) {
  if (spans.empty()) return std::nullopt;
  std::sort(spans.begin(), spans.end());
  const std::size_t half = spans.size() / 2;
  if (spans.size() % 2 == 1) return spans[half];
  return spans[half - 1] + (spans[half] - spans[half - 1]) / 2;
}

void add_outcomes(std::span<const TradeRecord> trades, Money tick, TradeStats& stats) {
  MoneySum net, wins, losses, gross, fees, slippage;
  std::size_t loss_run = 0, win_run = 0;
  for (const TradeRecord& record : trades) {
    const TradeClosed& t = record.trade;
    const Outcome outcome = outcome_of(t.pnl, tick);
    net.add(t.pnl);
    fees.add(t.fees);
    slippage.add(t.slippage);
    if (const Money before_fees = t.pnl + t.fees; before_fees.is_positive()) gross.add(before_fees);
    if (outcome == Outcome::win) wins.add(t.pnl), ++stats.wins;
    if (outcome == Outcome::loss) losses.add(t.pnl), ++stats.losses;
    if (outcome == Outcome::breakeven) ++stats.breakevens;
    loss_run = outcome == Outcome::loss ? loss_run + 1 : 0;
    win_run = outcome == Outcome::win ? win_run + 1 : 0;
    stats.loss_run = std::max(stats.loss_run, loss_run);
    stats.win_run = std::max(stats.win_run, win_run);
    if (!stats.best || t.pnl > *stats.best) stats.best = t.pnl;
    if (!stats.worst || t.pnl < *stats.worst) stats.worst = t.pnl;
  }
  stats.net_profit = net.total();
  stats.net_wins = wins.total();
  stats.net_losses = losses.total();
  stats.gross_profit = gross.total();
  stats.fees = fees.total();
  stats.slippage = slippage.total();
  stats.expectancy = net.mean(trades.size());
  stats.average_win = wins.mean(stats.wins);
  stats.average_loss = losses.mean(stats.losses);
  if (stats.losses > 0) stats.profit_factor = wins.as_double() / std::abs(losses.as_double());
  stats.profit_factor_infinite = stats.losses == 0 && stats.wins > 0;
  if (stats.wins > 0 && stats.losses > 0) {
    const double win = wins.as_double() / static_cast<double>(stats.wins);
    const double loss = std::abs(losses.as_double()) / static_cast<double>(stats.losses);
    stats.payoff = win / loss;
  }
}

void add_odds(TradeStats& stats) {
  const std::size_t decided = stats.wins + stats.losses;
  if (decided > 0) {
    stats.win_rate = static_cast<double>(stats.wins) / static_cast<double>(decided);
    const auto interval = wilson_interval(stats.wins, decided);
    stats.win_rate_low = interval->low;
    stats.win_rate_high = interval->high;
  }
  if (stats.win_rate && stats.payoff) {
    stats.kelly = *stats.win_rate - (1 - *stats.win_rate) / *stats.payoff;
    stats.kelly_reliable = decided >= kelly_trades_min;
  }
  if (stats.count > 0) {
    stats.loss_run_expected = expected_longest_run(
        stats.count, static_cast<double>(stats.losses) / static_cast<double>(stats.count));
  }
}

/// Mean of each trade's profit over the realised equity when it opened: initial equity and the
/// trades that had closed by then.
std::optional<double> expectancy_of_equity(std::span<const TradeRecord> trades, Money initial) {
  std::vector<const TradeClosed*> by_opening, by_closing;
  for (const TradeRecord& record : trades)
    by_opening.push_back(&record.trade);
  by_closing = by_opening;
  std::stable_sort(by_opening.begin(), by_opening.end(),
                   [](auto* a, auto* b) { return a->opened_at < b->opened_at; });
  std::stable_sort(by_closing.begin(), by_closing.end(),
                   [](auto* a, auto* b) { return a->closed_at < b->closed_at; });
  MoneySum realised;
  realised.add(initial);
  std::vector<double> shares;
  auto closed = by_closing.begin();
  for (const TradeClosed* trade : by_opening) {
    for (;
         closed != by_closing.end() && (*closed)->closed_at <= trade->opened_at && *closed != trade;
         ++closed) {
      realised.add((*closed)->pnl);
    }
    if (realised.as_double() > 0) shares.push_back(to_double(trade->pnl) / realised.as_double());
  }
  return mean_of(shares);
}

void add_risk_units(std::span<const TradeRecord> trades, TradeStats& stats) {
  std::vector<double> r, mae, mfe, mae_r, mfe_r;
  for (const TradeRecord& record : trades) {
    const TradeClosed& t = record.trade;
    if (std::isfinite(t.r_multiple)) r.push_back(t.r_multiple);
    mae.push_back(t.mae);
    mfe.push_back(t.mfe);
    const double entry = to_double(t.entry);
    const double risk = std::abs(entry - to_double(t.initial_stop)) / entry;
    if (t.initial_stop.is_positive() && entry > 0 && risk > 0) {
      mae_r.push_back(t.mae / risk);
      mfe_r.push_back(t.mfe / risk);
    }
  }
  stats.expectancy_r = mean_of(r);
  stats.mae = mean_of(mae);
  stats.mfe = mean_of(mfe);
  stats.mae_r = mean_of(mae_r);
  stats.mfe_r = mean_of(mfe_r);
  const Moments m = moments_of(r);
  if (m.has_spread()) {
    const double n = static_cast<double>(std::min<std::size_t>(m.count, 100));
    stats.sqn = std::sqrt(n) * m.mean / m.deviation;
  }
}

void add_holding_times(std::span<const TradeRecord> trades, Money tick, TradeStats& stats) {
  std::vector<Duration> all, winners, losers;
  for (const TradeRecord& record : trades) {
    const Duration held = record.trade.closed_at - record.trade.opened_at;
    all.push_back(held);
    const Outcome outcome = outcome_of(record.trade.pnl, tick);
    if (outcome == Outcome::win) winners.push_back(held);
    if (outcome == Outcome::loss) losers.push_back(held);
  }
  stats.hold_mean = mean_of(all);
  stats.hold_winners = mean_of(winners);
  stats.hold_losers = mean_of(losers);
  stats.hold_median = median_of(std::move(all));
}

}  // namespace

TradeStats trade_stats(std::span<const TradeRecord> trades, Money initial, Money tick) {
  TradeStats stats;
  stats.count = trades.size();
  add_outcomes(trades, tick, stats);
  add_odds(stats);
  add_risk_units(trades, stats);
  add_holding_times(trades, tick, stats);
  stats.expectancy_equity = expectancy_of_equity(trades, initial);
  return stats;
}

void Slice::add(const TradeClosed& trade, Money tick) {
  ++trades;
  const Outcome outcome = outcome_of(trade.pnl, tick);
  if (outcome == Outcome::win) ++wins;
  if (outcome == Outcome::loss) ++losses;
  net_profit += trade.pnl;
  fees += trade.fees;
}

Attribution attribute(std::span<const TradeRecord> trades, Money tick) {
  Attribution result;
  for (const TradeRecord& record : trades) {
    const TradeClosed& trade = record.trade;
    result.by_pair[record.symbol].add(trade, tick);
    result.by_strategy[record.strategy].add(trade, tick);
    result.by_exit[std::string(to_string(trade.reason))].add(trade, tick);
    result.by_regime[regime_text(record.regime)].add(trade, tick);
    const Duration into_day = trade.opened_at - floor_to(trade.opened_at, hours(24));
    result.by_hour[static_cast<int>(into_day / hours(1))].add(trade, tick);
  }
  return result;
}

std::string regime_text(Regime regime) {
  std::string text;
  if (regime.trend != Trend::unknown) text += to_string(regime.trend);
  if (regime.volatility != Volatility::unknown) {
    if (!text.empty()) text += ", ";
    text += std::string(to_string(regime.volatility)) + " volatility";
  }
  return text.empty() ? "unknown" : text;
}

std::optional<Interval> wilson_interval(std::size_t successes, std::size_t trials) {
  if (trials == 0) return std::nullopt;
  const double z = normal_quantile(0.975);
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double scale = 1 + z * z / n;
  const double middle = (p + z * z / (2 * n)) / scale;
  const double half = z / scale * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return Interval{std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double expected_longest_run(std::size_t trials, double loss) {
  if (trials == 0 || !(loss > 0)) return 0;
  const double n = static_cast<double>(trials);
  if (loss >= 1) return n;
  constexpr std::size_t exact_max = 5000;
  if (trials > exact_max) {
    constexpr double euler = 0.57721566490153286;
    return (std::log(n * (1 - loss)) + euler) / -std::log(loss) - 0.5;
  }
  // E[L] = sum over k >= 1 of P(L >= k), and P(no run of k losses in i trades) falls by the chance
  // that the first such run ends exactly at trade i: q(i) = q(i-1) - (1 - loss) loss^k q(i-k-1).
  double expected = 0;
  std::vector<double> none(trials + 1);
  for (std::size_t k = 1; k <= trials; ++k) {
    const double all_lost = std::pow(loss, static_cast<double>(k));
    for (std::size_t i = 0; i <= trials; ++i) {
      if (i < k) {
        none[i] = 1;
      } else if (i == k) {
        none[i] = 1 - all_lost;
      } else {
        none[i] = none[i - 1] - (1 - loss) * all_lost * none[i - k - 1];
      }
    }
    const double at_least = 1 - none[trials];
    expected += at_least;
    if (at_least < 1e-12) break;
  }
  return expected;
}

}  // namespace aitrade
