#include "core/report/bootstrap.h"

#include "core/report/returns.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

namespace {

constexpr std::size_t year = 365;

double as_double(std::size_t n) {
  return static_cast<double>(n);
}

double autocovariance(std::span<const double> values, double mean, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < values.size(); ++i) {
    sum += (values[i] - mean) * (values[i - lag] - mean);
  }
  return sum / as_double(values.size());
}

/// The first lag after which a run of correlations is too small to tell from none.
std::size_t last_important_lag(const std::vector<double>& correlations, std::size_t run, double limit) {
  for (std::size_t m = 0; m + run < correlations.size(); ++m) {
    bool is_quiet = true;
    for (std::size_t k = 1; k <= run; ++k) is_quiet = is_quiet && std::abs(correlations[m + k]) < limit;
    if (is_quiet) return std::max<std::size_t>(m, 1);
  }
  for (std::size_t k = correlations.size(); k-- > 1;) {
    if (std::abs(correlations[k]) > limit) return k;
  }
  return 1;
}

/// Follows one path: equity, its peak, its deepest fall.
struct Walk {
  double wealth{1}, peak{1}, fall{0};

  void step(double r) {
    wealth = std::max(0.0, wealth * (1 + r));
    peak = std::max(peak, wealth);
    fall = std::max(fall, 1 - wealth / peak);
  }
};

}  // namespace

double automatic_block(std::span<const double> values) {
  const std::size_t n = values.size();
  const Moments moments = moments_of(values);
  if (n < 9 || !moments.has_spread()) return 1;
  const double log_n = std::log10(as_double(n));
  const auto run = static_cast<std::size_t>(std::max(5.0, std::ceil(std::sqrt(log_n))));
  const std::size_t most =
      std::min(n - 1, static_cast<std::size_t>(std::ceil(std::sqrt(as_double(n)))) + run);
  std::vector<double> covariances;
  for (std::size_t k = 0; k <= most; ++k) {
    covariances.push_back(autocovariance(values, moments.mean, k));
  }
  std::vector<double> correlations;
  for (const double c : covariances) correlations.push_back(c / covariances[0]);
  const double limit = 2 * std::sqrt(log_n / as_double(n));
  const std::size_t window = std::min(2 * last_important_lag(correlations, run, limit), most);

  double slope = 0, level = covariances[0];  // G and g(0) of the paper
  for (std::size_t k = 1; k <= window; ++k) {
    const double place = as_double(k) / as_double(window);
    const double weight = place <= 0.5 ? 1 : 2 * (1 - place);
    slope += 2 * weight * as_double(k) * covariances[k];
    level += 2 * weight * covariances[k];
  }
  const double longest = std::max(1.0, std::min(3 * std::sqrt(as_double(n)), as_double(n) / 3));
  if (!(std::abs(level) > 1e-12 * covariances[0])) return longest;
  const double block = std::cbrt(slope * slope / (level * level) * as_double(n));
  return std::clamp(block, 1.0, longest);
}

void draw_stationary(std::span<const double> values, double block, Random& random,
                     std::span<double> out) {
  if (values.empty()) return;
  const double new_block = 1 / std::max(block, 1.0);
  std::size_t at = 0;
  bool begins = true;
  for (double& drawn : out) {
    if (begins || random.uniform() < new_block) {
      at = static_cast<std::size_t>(random.below(values.size()));
      begins = false;
    } else if (++at == values.size()) {
      at = 0;
    }
    drawn = values[at];
  }
}

Percentiles percentiles_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Percentiles result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = quantile(values, percentile_points[i] / 100.0).value_or(0);
  }
  return result;
}

std::optional<MonteCarlo> monte_carlo(std::span<const double> returns, double initial,
                                      const MonteCarloOptions& options) {
  if (options.runs == 0 || !moments_of(returns).has_spread()) return std::nullopt;
  MonteCarlo result;
  result.runs = options.runs;
  result.seed = options.seed;
  result.days = returns.size();
  result.block = automatic_block(returns);
  result.ruin_drawdown = options.ruin_drawdown;

  Random random = Random(options.seed).fork("monte_carlo");
  std::vector<double> path(std::max(returns.size(), year));
  std::vector<double> finals, falls;
  std::size_t lost = 0, ruined = 0, ruined_in_year = 0;
  for (std::size_t i = 0; i < options.runs; ++i) {
    draw_stationary(returns, result.block, random, path);
    Walk record, one_year;
    for (std::size_t day = 0; day < path.size(); ++day) {
      if (day < returns.size()) record.step(path[day]);
      if (day < year) one_year.step(path[day]);
    }
    finals.push_back(initial * record.wealth);
    falls.push_back(record.fall);
    if (record.wealth < 1) ++lost;
    if (record.fall >= options.ruin_drawdown) ++ruined;
    if (one_year.fall >= options.ruin_drawdown) ++ruined_in_year;
  }
  const double runs = as_double(options.runs);
  result.final_equity = percentiles_of(std::move(finals));
  result.drawdown = percentiles_of(std::move(falls));
  result.loss_probability = as_double(lost) / runs;
  result.ruin_probability = as_double(ruined) / runs;
  result.ruin_year = as_double(ruined_in_year) / runs;
  return result;
}

}  // namespace aitrade
