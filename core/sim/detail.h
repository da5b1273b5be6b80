// Finer candles inside the bars of a backtest.
//
// Decisions are made on bars and their closes; what rests at the venue meets the finer candles inside each
// bar where there are some, instead of a guessed path. A bar whose finer candles do not reach exactly its
// high and low is of another market, or incomplete: its path is guessed, and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/domain/candle.h"

namespace aitrade {

class DetailSource {
 public:
  virtual ~DetailSource() = default;

  /// Returns the finer candles inside `bar` in time order; nothing when its path must be guessed. Bars of one
  /// instrument are asked for in time order; the answer is valid until the next question about it.
  virtual std::span<const Candle> inside(InstrumentId instrument, const Candle& bar) = 0;
};

/// How often finer candles answered. Only bars that could touch an order are asked about.
struct DetailCounts {
  std::uint64_t detailed{0};
  std::uint64_t absent{0};
  std::uint64_t differing{0};   // other extremes than the bar
};

/// The finer candles of one instrument, in memory or loaded a stretch at a time.
class DetailSeries {
 public:
  /// Appends the candles that open in [from, to) in time order. Errors: the source's.
  using Load = std::function<Status(Time from, Time to, std::vector<Candle>& into)>;

  /// Borrows nothing: `candles` is shared and in time order.
  explicit DetailSeries(std::shared_ptr<const std::vector<Candle>> candles) : all_(std::move(candles)) {}

  /// Loads `stretch` of time at once: memory stays constant, and bars that nobody asks about cost nothing.
  DetailSeries(Load load, Duration stretch) : load_(std::move(load)), stretch_(stretch) {}

  std::span<const Candle> inside(const Candle& bar);

  [[nodiscard]] const DetailCounts& counts() const { return counts_; }

  /// The first failure to load; bars after it had no detail.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void load(const Candle& bar);

  std::shared_ptr<const std::vector<Candle>> all_;
  Load load_;
  Duration stretch_{};
  std::vector<Candle> loaded_;
  Time loaded_to_;
  std::size_t at_{0};
  DetailCounts counts_;
  Status status_;
};

/// One series for each instrument; an instrument without one has no detail.
class DetailSet final : public DetailSource {
 public:
  /// The next instrument's; nullptr: it has none.
  void add(std::unique_ptr<DetailSeries> series) { series_.push_back(std::move(series)); }

  std::span<const Candle> inside(InstrumentId instrument, const Candle& bar) override {
    DetailSeries* series = number(instrument) < series_.size() ? series_[number(instrument)].get() : nullptr;
    return series == nullptr ? std::span<const Candle>{} : series->inside(bar);
  }

  [[nodiscard]] const std::vector<std::unique_ptr<DetailSeries>>& series() const { return series_; }

 private:
  std::vector<std::unique_ptr<DetailSeries>> series_;
};

}  // namespace aitrade
