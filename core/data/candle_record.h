// Candles as NDJSON records: {"t":"candle","pair":"BTC/USD","tf":"1m","time":1514764800,"open":"13763",...}
//
// The first key "t" names the kind of record (cli.md 5); other kinds in the stream are skipped. Prices are
// decimal strings and stay exact; numbers are taken by their text, never through a double.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"

namespace aitrade {

class CandleRecordParser {
 public:
  CandleRecordParser();
  ~CandleRecordParser();
  CandleRecordParser(CandleRecordParser&&) noexcept;
  CandleRecordParser& operator=(CandleRecordParser&&) noexcept;

  /// Parses the record in [begin, end), where *end is the line feed, which is overwritten.
  ///
  /// Returns false when it is a record of another kind. `candle.interval` is the record's own, else zero.
  /// Errors: invalid, without file and line; also when the pair changes within the stream
  Result<bool> parse(char* begin, char* end, Candle& candle);

  /// The pair the records name, once one did.
  [[nodiscard]] const std::optional<Symbol>& symbol() const;

  /// How many price fields carried float noise.
  [[nodiscard]] std::int64_t rounded() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
