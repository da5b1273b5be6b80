// What else could have happened: a record of returns drawn again and again in blocks.
//
// The stationary block bootstrap (Politis and Romano 1994) draws with replacement, in blocks of
// random length, so that runs of good and bad days survive. Shuffling the same profits and adding
// them up, as is often done, gives one and the same sum every time and says nothing; here each path
// has other days in it and compounds them.
#pragma once

#include "core/base/random.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aitrade {

/// Returns the mean block length that suits the serial correlation of `values`: Politis and White
/// (2004) with the correction of Patton, Politis and White (2009) for the stationary bootstrap, from
/// 1 to min(3 sqrt(n), n/3). 1 for values without spread or fewer than nine of them.
double automatic_block(std::span<const double> values);

/// Fills `out` with values drawn in blocks of geometric length of mean `block` (at least 1), around
/// the end to the beginning. Does nothing for no values.
void draw_stationary(std::span<const double> values, double block, Random& random,
                     std::span<double> out);

constexpr std::array<int, 5> percentile_points{5, 25, 50, 75, 95};
using Percentiles = std::array<double, percentile_points.size()>;

/// Returns the percentiles 5, 25, 50, 75 and 95 of any values, at least one, interpolated.
Percentiles percentiles_of(std::vector<double> values);

struct MonteCarloOptions {
  std::size_t runs{1000};
  std::uint64_t seed{0};
  double ruin_drawdown{0.30};
};

/// Outcome of paths drawn from a record of daily returns.
struct MonteCarlo {
  std::size_t runs{0};
  std::uint64_t seed{0};
  double block{0};             // mean length, days
  std::size_t days{0};         // of a path, as many as the record has
  Percentiles final_equity{};  // after `days`, starting from the equity given
  Percentiles drawdown{};      // deepest fall of a path within `days`, fraction
  double loss_probability{0};  // share of paths that end below their start
  double ruin_drawdown{0};     // what counts as ruin
  double ruin_probability{0};  // share of paths that fall so far within `days`
  double ruin_year{0};         // the same within one year of 365 days: the risk of ruin
};

/// Draws `options.runs` paths; nothing for no runs, no days, or returns that never vary.
///
/// Cost: runs x max(days, 365) draws, about 5 ns each.
std::optional<MonteCarlo> monte_carlo(std::span<const double> returns, double initial,
                                      const MonteCarloOptions& options);

}  // namespace aitrade
