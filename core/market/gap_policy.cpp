#include "core/market/gap_policy.h"

namespace aitrade {

Error GapFiller::refusal(const Candle& candle) const {
  const std::int64_t holes =
      missing_between(last_.close_time(), candle.open_time, candle.interval);
  return fail(ErrorCode::invalid,
              "the candles from " + to_string_seconds(last_.close_time()) + " to " +
                  to_string_seconds(candle.open_time) + " are missing (" + std::to_string(holes) +
                  " of " + timeframe_text(candle.interval) + "), and the gap policy is refuse");
}

Error GapFiller::disorder(const Candle& candle) const {
  return fail(ErrorCode::invalid, "the candle of " + to_string_seconds(candle.open_time) +
                                      " came after that of " + to_string_seconds(last_.open_time));
}

}  // namespace aitrade
