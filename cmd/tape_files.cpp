#include "cmd/tape_files.h"

#include "core/data/candle_reader.h"

#include <algorithm>
#include <optional>

namespace aitrade::cli {

Result<loopback::Tape> read_tape(const std::string& spec) {
  std::string path = spec;
  CandleReadOptions options;
  if (const auto split = spec.find('='); split != std::string::npos) {
    if (auto symbol = Symbol::parse(std::string_view(spec).substr(0, split))) {
      options.symbol = *std::move(symbol);
      path = spec.substr(split + 1);
    }
  }
  AITRADE_TRY(ByteSource source, ByteSource::open(path));
  AITRADE_TRY(CandleReader reader, CandleReader::open(std::move(source), std::move(options)));
  if (!reader.format().symbol) {
    return fail(ErrorCode::invalid, path + ": the pair is not known; write PAIR=" + path);
  }
  loopback::Tape tape;
  tape.symbol = *reader.format().symbol;
  AITRADE_TRY_STATUS([&]() -> Status {
    auto summary = reader.read([&](std::span<const Candle> candles) -> Status {
      tape.candles.insert(tape.candles.end(), candles.begin(), candles.end());
      return ok();
    });
    if (!summary) return std::move(summary).error();
    return ok();
  }());
  return tape;
}

Result<std::vector<loopback::Tape>> read_tapes(const std::vector<std::string>& specs) {
  std::vector<loopback::Tape> tapes;
  for (const std::string& spec : specs) {
    AITRADE_TRY(loopback::Tape tape, read_tape(spec));
    const bool known = std::any_of(tapes.begin(), tapes.end(), [&](const loopback::Tape& other) {
      return other.symbol == tape.symbol;
    });
    if (known) return fail(ErrorCode::invalid, "two tapes of " + to_string(tape.symbol));
    tapes.push_back(std::move(tape));
  }
  return tapes;
}

}  // namespace aitrade::cli
