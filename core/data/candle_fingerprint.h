// Which candles were these, exactly?
//
// SHA-256 over the content of a series, so that a file, a pipe and the store give the same answer and a
// result can name its input (cli.md 5 and 6). What is hashed: "aitrade.candles/1", pair and interval, then
// for each candle six little-endian 64-bit words: open time in ns; open, high, low and close in units of
// 1e-10; the bits of the volume. Trade counts are left out: not every source has them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/domain/candle.h"
#include "core/domain/instrument.h"

namespace aitrade {

class CandleFingerprint {
 public:
  CandleFingerprint(const Symbol& symbol, Duration interval);
  CandleFingerprint(CandleFingerprint&&) noexcept;
  CandleFingerprint& operator=(CandleFingerprint&&) noexcept;
  ~CandleFingerprint();

  /// Adds the next candles in time order; how they are cut into calls does not matter.
  void add(std::span<const Candle> candles);

  void add(const Candle& candle) { add({&candle, 1}); }

  /// Returns 64 hexadecimal digits for what was added so far; more may be added afterwards.
  [[nodiscard]] std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
