// Where the loopback market comes from: recorded candles, or the seeded synthetic market.
#pragma once

#include "core/sim/price_process.h"
#include "exchanges/loopback/market.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace aitrade::loopback {

/// Recorded candles of one pair, in order of time, all of one interval. Gaps are allowed.
struct Tape {
  Symbol symbol;
  std::vector<Candle> candles;
};

/// Returns the shortest step between two candles of the tapes; errors: invalid for tapes that are
/// empty, out of order, faulty, off the grid or of different intervals.
Result<Duration> check_tapes(const std::vector<Tape>& tapes);

/// Plays several tapes side by side. The tapes are moved in.
class TapeSource final : public MarketSource {
 public:
  /// tapes must have passed check_tapes.
  TapeSource(std::vector<Tape> tapes, Duration interval)
      : tapes_(std::move(tapes)), positions_(tapes_.size()), interval_(interval) {}

  [[nodiscard]] const std::vector<Tape>& tapes() const { return tapes_; }

  /// Open time of the earliest candle.
  [[nodiscard]] Time first_open() const;

  bool next(Time& open, std::vector<Interval>& out, bool detailed) override;

 private:
  std::vector<Tape> tapes_;
  std::vector<std::size_t> positions_;
  Duration interval_;
};

/// The synthetic market without an end.
class SyntheticSource final : public MarketSource {
 public:
  SyntheticSource(std::uint64_t seed, const std::vector<Symbol>& symbols, Duration interval,
                  Time start);

  bool next(Time& open, std::vector<Interval>& out, bool detailed) override;

 private:
  PriceProcess process_;
  std::vector<SyntheticInterval> made_;  // reused
};

}  // namespace aitrade::loopback
