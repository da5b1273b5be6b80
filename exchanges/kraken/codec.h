// What does this WebSocket v2 frame say, and how do we ask for one?
//
// Pure: bytes to typed messages and back; knows the wire (kraken.md 8), not what to do about it.
// Numbers are read from their token text into decimals. Anything that does not parse is an error
// value, never a crash and never half a message.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/order.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aitrade::kraken {

struct StatusMessage {
  std::string system;  // online, maintenance, cancel_only, post_only
};

struct HeartbeatMessage {};

struct PongMessage {
  std::optional<std::uint64_t> req_id;
};

/// The answer to one symbol of a subscribe or unsubscribe, or an error without a home.
struct AckMessage {
  std::string method;
  bool success{false};
  std::string channel;  // empty in errors
  std::string symbol;
  std::string error;
  std::optional<std::uint64_t> req_id;
  std::optional<Time> time_in;  // when the venue handled it, by its own clock
  std::vector<std::string> warnings;
};

struct TickerRow {
  std::string symbol;
  Price bid, ask, last;
  Quantity bid_quantity, ask_quantity;
  std::optional<Time> timestamp;
};

struct TickerMessage {
  bool is_snapshot{false};
  std::vector<TickerRow> rows;
};

struct OhlcRow {
  std::string symbol;
  Candle candle;  // closed = false: the wire has no such flag
  double vwap{0};
};

struct OhlcMessage {
  bool is_snapshot{false};
  std::vector<OhlcRow> rows;
};

struct TradeRow {
  std::string symbol;
  Side taker{Side::buy};
  Price price;
  Quantity quantity;
  std::uint64_t trade_id{0};
  Time timestamp;
};

struct TradeMessage {
  bool is_snapshot{false};
  std::vector<TradeRow> rows;
};

struct BookMessage {
  bool is_snapshot{false};
  std::string symbol;
  std::vector<Level> bids, asks;
  std::optional<std::uint32_t> checksum;
  std::optional<Time> timestamp;
};

struct InstrumentRow {
  std::string symbol, status;
  int price_decimals{0}, quantity_decimals{0};
  Price tick;
  Quantity lot, minimum;
  Money minimum_notional;
};

struct InstrumentMessage {
  bool is_snapshot{false};
  std::vector<InstrumentRow> pairs;
};

/// A channel or method we have no use for; not an error.
struct UnknownMessage {
  std::string name;
};

using WsMessage =
    std::variant<StatusMessage, HeartbeatMessage, PongMessage, AckMessage, TickerMessage,
                 OhlcMessage, TradeMessage, BookMessage, InstrumentMessage, UnknownMessage>;

/// Reads one frame; errors: invalid, naming what is wrong with it.
Result<WsMessage> parse_frame(std::string_view text);

/// The same, always by way of a JSON document; parse_frame() spares that for what comes most.
Result<WsMessage> parse_document(std::string_view text);

/// What to subscribe to. Symbols are WS v2 names.
struct Subscription {
  std::string channel;               // ticker, ohlc, book, trade, instrument
  std::vector<std::string> symbols;  // empty for instrument
  std::optional<int> interval;       // minutes, ohlc
  std::optional<int> depth;          // book
  bool on_quotes{false};             // ticker: event_trigger bbo
  bool snapshot{true};
};

std::string subscribe_frame(const Subscription& subscription, std::uint64_t req_id);
std::string unsubscribe_frame(const Subscription& subscription, std::uint64_t req_id);
std::string ping_frame(std::uint64_t req_id);

}  // namespace aitrade::kraken
