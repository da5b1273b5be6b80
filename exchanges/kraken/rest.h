// Public REST of the venue: what to ask, what the answer means.
//
// Requests and parsers are pure; RestClient joins them with a transport and a rate limiter. Answers
// are keyed by the venue's canonical id, whatever name was asked for (kraken.md 3), and the last
// OHLC row is the candle still forming: it is dropped here, so nobody can act on it.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"
#include "core/net/rate_limit.h"
#include "core/net/transport.h"
#include "exchanges/kraken/codec.h"
#include "exchanges/kraken/errors.h"
#include "exchanges/kraken/symbols.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

// ---- answers
// ------------------------------------------------------------------------------------------

/// One pair of AssetPairs.
struct PairInfo {
  PairNames names;
  std::string status;
  int price_decimals{0}, quantity_decimals{0};
  Price tick;
  Quantity lot, minimum;
  Money minimum_notional;
  Rate maker_fee, taker_fee;  // of the lowest tier
};

struct OhlcAnswer {
  std::vector<Candle> candles;    // closed ones, oldest first; silent intervals are synthetic
  std::optional<Candle> forming;  // the row that was dropped from them
  Time last;                      // start of the newest committed candle
};

struct TradesAnswer {
  std::vector<TradeRow> trades;  // without symbol
  std::string next;              // cursor for since=
};

struct AssetInfo {
  std::string id, altname;
  int decimals{0};
};

Result<Time> parse_time_answer(std::string_view body);
Result<std::string> parse_system_status(std::string_view body);
Result<std::vector<AssetInfo>> parse_assets(std::string_view body);

/// Pairs that our decimals cannot hold are left out.
Result<std::vector<PairInfo>> parse_asset_pairs(std::string_view body);
Result<OhlcAnswer> parse_ohlc(std::string_view body, Duration interval);
Result<BookLevels> parse_depth(std::string_view body);
Result<TradesAnswer> parse_trades(std::string_view body);

/// One row of Ticker: best bid, best ask and last trade, keyed by canonical id.
struct TickerInfo {
  Price ask, bid, last;
};

Result<std::map<std::string, TickerInfo>> parse_ticker(std::string_view body);

/// The best prices at one moment.
struct SpreadRow {
  Time time;
  Price bid, ask;
};

/// Oldest first.
Result<std::vector<SpreadRow>> parse_spread(std::string_view body);

/// Returns the path with query of a public call, such as "/0/public/OHLC?pair=XBTUSD&interval=1".
std::string public_target(std::string_view method,
                          const std::vector<std::pair<std::string, std::string>>& query);

// ---- client
// -------------------------------------------------------------------------------------------

struct RestOptions {
  std::string url{"https://api.kraken.com"};
  double requests_per_second{1.0};  // 0: no limit; never applied toward a loopback host
  int attempts{3};                  // of a read that fails in a way that may heal
};

/// Public calls, one at a time, on the caller's thread. Waits for its turn; not thread-safe.
class RestClient {
 public:
  /// `wait` sleeps for a span and returns false when the caller is stopping; both borrowed.
  RestClient(RestOptions options, HttpTransport& transport, std::function<bool(Duration)> wait);

  Result<Time> time();
  Result<std::string> system_status();
  Result<std::vector<PairInfo>> asset_pairs();
  Result<std::vector<AssetInfo>> assets();
  Result<OhlcAnswer> ohlc(const std::string& altname, Duration interval, std::optional<Time> since);
  Result<BookLevels> depth(const std::string& altname, int count);
  Result<TradesAnswer> trades(const std::string& altname, const std::string& since);

 private:
  Result<std::string> get(const std::string& target);

  RestOptions options_;
  HttpTransport& transport_;
  std::function<bool(Duration)> wait_;
  TokenBucket bucket_;
  bool is_limited_;
};

}  // namespace aitrade::kraken
