// Finer candles for the fills of a backtest: from the store by itself, from files when they are named.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/candle_input.h"
#include "core/config/paths.h"
#include "core/data/candle_fingerprint.h"
#include "core/sim/detail.h"

namespace aitrade::cli {

/// The finer candles of one pair. A run makes a series of its own of it, since it walks at its own pace.
struct DetailInput {
  Duration interval{};                                   // 0: the pair has none
  std::shared_ptr<const std::vector<Candle>> candles;    // of a file
  DetailSeries::Load load;                               // of the store

  [[nodiscard]] bool is_there() const { return interval.count() > 0; }

  [[nodiscard]] std::unique_ptr<DetailSeries> series() const;
};

/// The finer candles of one run, pair after pair. It keeps a fingerprint of those that fills met: they are an
/// input of the run, wherever they came from, and those that nobody looked at are not.
class DetailWalk final : public DetailSource {
 public:
  /// The next pair's.
  void add(const Symbol& symbol, const DetailInput& input);

  std::span<const Candle> inside(InstrumentId instrument, const Candle& bar) override;

  /// Whether any pair has finer candles.
  [[nodiscard]] bool is_there() const { return is_there_; }

  /// Returns a line for each pair whose fills met finer candles: its interval and their fingerprint.
  [[nodiscard]] std::string identity() const;

  /// Returns how often they were there, in a sentence. Errors: a stretch that could not be loaded.
  [[nodiscard]] Result<std::string> summary() const;

 private:
  DetailSet set_;
  std::vector<CandleFingerprint> met_;
  std::vector<Duration> intervals_;
  bool is_there_{false};
};

/// Opens finer candles for each input: the files in the order of the inputs, and for stored inputs without
/// one the shortest stored series of their venue and pair that divides their interval, down to a minute.
///
/// Errors: invalid: more files than inputs, a file of another pair or without a finer interval that divides
///         that of its input; those of reading
Result<std::vector<DetailInput>> open_details(const std::vector<std::string>& files,
                                              const std::vector<CandleInput>& inputs, const Paths& paths);

}  // namespace aitrade::cli
