// Puts parsed candles in order, and refuses those that cannot be.
//
// Sits between the parsers and the sink: soundness, order, grid, duplicates, gap counts, batches, and the
// turning round of inputs that run backwards. The common case is inlined: a sound candle one interval
// after the one before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/data/candle_reader.h"

namespace aitrade {

class CandleCollector {
 public:
  CandleCollector(Duration interval, bool is_descending, DuplicateRule duplicates, const CandleSink& sink);

  /// Takes the candle of a line; false when reading must stop, and error() then says why.
  bool add(const Candle& candle, std::int64_t line) {
    if (count_ > 0 && count_ < batch_size && !is_descending_ && candle.open_time - batch_.data()[count_ - 1].open_time == interval_ &&
        fault_of(candle) == nullptr) [[likely]] {
      batch_.data()[count_++] = candle;
      return true;
    }
    return add_carefully(candle, line);
  }

  /// Gives the rest to the sink.
  Result<CandleReadSummary> finish();

  /// Why add returned false. The text has no input name; it begins with "LINE: " unless the sink failed.
  [[nodiscard]] Error error() { return std::move(*error_); }

  /// Whether the sink failed, and not the input.
  [[nodiscard]] bool is_sink_error() const { return is_sink_error_; }

 private:
  static constexpr std::size_t batch_size = 4096;

  bool add_carefully(const Candle& candle, std::int64_t line);
  bool take_duplicate(const Candle& candle, std::int64_t line);
  bool refuse(std::int64_t line, std::string what);
  bool flush(bool keep_last);
  void count(std::span<const Candle> candles);

  Duration interval_;
  bool is_descending_;
  DuplicateRule duplicates_;
  const CandleSink& sink_;
  std::vector<Candle> batch_;   // of batch_size; all candles when descending
  std::size_t count_{0};        // candles in batch_, which the newest of stays here until its next is known
  CandleReadSummary summary_;
  std::optional<Error> error_;
  bool is_sink_error_{false};
};

}  // namespace aitrade
