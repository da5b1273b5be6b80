// A whole history as arrays: its bars, and what indicators say after each of them.
//
// A sweep runs many parameter sets over one history. What an indicator says does not depend on who asks, so
// each column is computed once for the whole history and then only read: an IndicatorSet that plays lays its
// columns on the tapes of a TapeSource and steps through them. Before each series (the beginning, and after
// every break) a column has as many cells of NaN as its readers may look back on, so that nobody sees across.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/domain/candle.h"
#include "core/indicators/line.h"

namespace aitrade {

/// The bars of a history and where its series begin. Borrowed.
struct BarTape {
  std::span<const Bar> bars;
  std::span<const std::size_t> starts;   // index of the first bar of each series; ascending, the first is 0

  /// Returns the number of the series that a bar belongs to. Cost: O(log series)
  [[nodiscard]] std::size_t series_of(std::size_t bar) const {
    const auto after = std::upper_bound(starts.begin(), starts.end(), bar);
    return static_cast<std::size_t>(after - starts.begin()) - 1;
  }

  [[nodiscard]] bool begins_series(std::size_t bar) const {
    return std::binary_search(starts.begin(), starts.end(), bar);
  }

  /// Returns how many cells a column takes whose readers look back on `room` values. One more than the bars
  /// need: a run that closes what is open at its end steps over one bar beyond them, and reads NaN there.
  [[nodiscard]] std::size_t cells(std::size_t room) const { return bars.size() + starts.size() * room + 1; }

  /// Returns the cell of a bar in such a column.
  [[nodiscard]] static std::size_t cell_of(std::size_t bar, std::size_t series, std::size_t room) {
    return bar + (series + 1) * room;
  }

  /// Writes the cells of NaN before each series.
  void blank_breaks(double* column, std::size_t room) const {
    for (std::size_t s = 0; s < starts.size(); ++s) {
      double* from = column + starts[s] + s * room;
      std::fill(from, from + room, nan_value);
    }
    column[cells(room) - 1] = nan_value;
  }
};

/// The columns of one indicator, one after another. Written once, then only read.
struct Tape {
  std::unique_ptr<double[]> cells;
  std::size_t size{0};
};

/// What a tape holds: the indicator, its parameters, how far its readers look back.
struct TapeKey {
  std::uint8_t kind;
  std::array<double, 5> parameters;
  std::size_t room;

  friend auto operator<=>(const TapeKey&, const TapeKey&) = default;
};

/// Where tapes are kept. Tapes are immutable once published, so sharing them between threads is safe; whether
/// the source itself may be called from several says its own comment.
class TapeSource {
 public:
  virtual ~TapeSource() = default;

  /// Returns the tape, or null when nobody published it or it was dropped.
  virtual std::shared_ptr<Tape> find(const TapeKey& key) = 0;

  /// Returns room for `size` cells with any content.
  virtual std::shared_ptr<Tape> blank(std::size_t size) = 0;

  /// Offers a finished tape to others.
  virtual void publish(const TapeKey& key, const std::shared_ptr<Tape>& tape) = 0;
};

}  // namespace aitrade
