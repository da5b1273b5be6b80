// Candles as text that reads back to the last bit.
//
// CSV with `time,open,high,low,close,volume[,trades]`, time in seconds of the open (cli.md 5), or NDJSON
// records as candle_record.h reads them. Prices are exact decimals, volumes the shortest text that gives
// the same double.
#pragma once

#include <span>
#include <string>

#include "core/domain/candle.h"
#include "core/domain/instrument.h"

namespace aitrade {

enum class CandleTextForm : std::uint8_t { csv, ndjson };

class CandleWriter {
 public:
  /// `with_trades` adds the column of trade counts.
  CandleWriter(CandleTextForm form, const Symbol& symbol, Duration interval, bool with_trades);

  /// Appends the CSV header line; nothing for NDJSON.
  void begin(std::string& out) const;

  /// Appends one line for each candle.
  void write(std::span<const Candle> candles, std::string& out) const;

 private:
  void write_csv(const Candle& candle, std::string& out) const;
  void write_record(const Candle& candle, std::string& out) const;

  CandleTextForm form_;
  bool with_trades_;
  std::string record_head_;  // {"t":"candle","pair":...,"tf":...,"time":
};

}  // namespace aitrade
