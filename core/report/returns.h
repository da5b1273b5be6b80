// What a series of daily returns says about risk and skill.
//
// One definition of each number, used by backtest, report, API and dashboard alike. All functions
// take plain fractions per day (0.01 = 1 %), annualise with 365 days because these markets never
// close, and answer nothing where a number is undefined. None of them asks how many days are
// enough: that rule is in performance.cpp, so that these can be checked on series of four numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aitrade {

constexpr double days_per_year = 365;

/// Returns the daily rate that compounds to `yearly` in 365 days.
double daily_rate(double yearly);

/// Returns each value less `rate`.
std::vector<double> excess_over(std::span<const double> returns, double rate);

/// The first four moments. `deviation` is the sample one (n - 1); skew and kurtosis are the
/// population ratios m3/m2^1.5 and m4/m2^2, so a normal distribution has kurtosis 3.
struct Moments {
  std::size_t count{0};
  double mean{0};
  double deviation{0};
  double skew{0}, kurtosis{0};

  /// The values differ by more than the rounding of their own computation.
  [[nodiscard]] bool has_spread() const;
};

Moments moments_of(std::span<const double> values);

/// sd(r) * sqrt(365); nothing for fewer than two days.
std::optional<double> volatility(const Moments& returns);

/// mean(x) / sd(x) per day; nothing without spread.
std::optional<double> daily_sharpe(const Moments& excess);

/// mean(x) / sd(x) * sqrt(365).
std::optional<double> sharpe(const Moments& excess);

/// sqrt((1 - g3 S + (g4 - 1)/4 S^2) / (n - 1)) * sqrt(365), S per day (Mertens 2002, Lo 2002).
std::optional<double> sharpe_standard_error(const Moments& excess);

/// mean(x) / (sd(x) / sqrt(n)): how many standard errors the mean is away from zero.
std::optional<double> t_statistic(const Moments& excess);

/// Sharpe / sqrt(1 + 2 sum_{k=1..q} (1 - k/(q+1)) rho_k), q = floor(4 (n/100)^(2/9)) (Newey and
/// West).
std::optional<double> sharpe_adjusted(std::span<const double> excess);

/// mean(x) / sqrt(mean(min(x, 0)^2)) * sqrt(365), the mean over all days; nothing without a loss.
std::optional<double> sortino(std::span<const double> excess);

/// Returns the `p` quantile of ascending values with linear interpolation; p in [0, 1]; nothing
/// when empty.
std::optional<double> quantile(std::span<const double> ascending, double p);

/// Tail numbers of one day, all as signed returns.
struct Tails {
  std::optional<double> value_at_risk;              // 5 % quantile
  std::optional<double> conditional_value_at_risk;  // mean of the returns at or below it
  std::optional<double> ratio;                      // |95 % quantile / 5 % quantile|
};

Tails tails_of(std::span<const double> returns);

/// sum(max(r, 0)) / sum(max(-r, 0)); nothing when no day lost.
std::optional<double> omega(std::span<const double> returns);

/// Probability that the true Sharpe is above `benchmark` (per day), Bailey and Lopez de Prado 2012:
/// Phi((S - S*) sqrt(n - 1) / sqrt(1 - g3 S + (g4 - 1)/4 S^2)).
std::optional<double> probabilistic_sharpe(const Moments& excess, double benchmark);

/// Days of record needed to tell this Sharpe from `benchmark` (per day) at 95 %; nothing when it is
/// not above the benchmark, because then no record is long enough.
std::optional<double> minimum_track_record(const Moments& excess, double benchmark);

/// The standard normal distribution function and its inverse; p in (0, 1).
double normal_cdf(double x);
double normal_quantile(double p);

}  // namespace aitrade
