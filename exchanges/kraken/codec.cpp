#include "exchanges/kraken/codec.h"

#include "exchanges/kraken/book_frame.h"
#include "exchanges/kraken/json.h"

namespace aitrade::kraken {

namespace {

constexpr int interval_minutes_max = 21'600;
constexpr int decimals_max = 18;

Error bad(std::string what) {
  return fail(ErrorCode::invalid, std::move(what));
}

Result<int> small_int_at(const JsonValue& object, const char* name, int max) {
  const auto value = unsigned_of(text_at(object, name));
  if (!value || *value > static_cast<std::uint64_t>(max)) {
    return bad(std::string(name) + " is missing or out of range");
  }
  return static_cast<int>(*value);
}

AckMessage read_ack(const JsonValue& frame, std::string_view method) {
  AckMessage ack;
  ack.method = method;
  ack.success = is_true(member(frame, "success"));
  ack.error = text_at(frame, "error");
  ack.symbol = text_at(frame, "symbol");
  ack.req_id = unsigned_of(text_at(frame, "req_id"));
  ack.time_in = time_at(frame, "time_in");
  if (const JsonValue* result = member(frame, "result")) {
    ack.channel = text_at(*result, "channel");
    if (ack.symbol.empty()) ack.symbol = text_at(*result, "symbol");
    if (const JsonValue* warnings = member(*result, "warnings"); warnings && warnings->IsArray()) {
      for (const JsonValue& warning : warnings->GetArray()) {
        ack.warnings.emplace_back(text_of(&warning));
      }
    }
  }
  return ack;
}

Result<TickerRow> read_ticker(const JsonValue& row) {
  TickerRow ticker;
  ticker.symbol = text_at(row, "symbol");
  AITRADE_TRY(ticker.bid, decimal_at<Price>(row, "bid"));
  AITRADE_TRY(ticker.ask, decimal_at<Price>(row, "ask"));
  AITRADE_TRY(ticker.last, decimal_at<Price>(row, "last"));
  AITRADE_TRY(ticker.bid_quantity, decimal_at<Quantity>(row, "bid_qty"));
  AITRADE_TRY(ticker.ask_quantity, decimal_at<Quantity>(row, "ask_qty"));
  ticker.timestamp = time_at(row, "timestamp");
  return ticker;
}

Result<OhlcRow> read_ohlc(const JsonValue& row) {
  OhlcRow ohlc;
  ohlc.symbol = text_at(row, "symbol");
  Candle& candle = ohlc.candle;
  AITRADE_TRY(candle.open, decimal_at<Price>(row, "open"));
  AITRADE_TRY(candle.high, decimal_at<Price>(row, "high"));
  AITRADE_TRY(candle.low, decimal_at<Price>(row, "low"));
  AITRADE_TRY(candle.close, decimal_at<Price>(row, "close"));
  AITRADE_TRY(const int interval, small_int_at(row, "interval", interval_minutes_max));
  const auto volume = double_of(text_at(row, "volume"));
  const auto begin = time_at(row, "interval_begin");
  if (!volume || !begin || interval == 0) return bad("ohlc row without volume or interval_begin");
  candle.open_time = *begin;
  candle.interval = minutes{interval};
  candle.volume = *volume;
  candle.trades = static_cast<std::uint32_t>(unsigned_of(text_at(row, "trades")).value_or(0));
  candle.closed = false;
  ohlc.vwap = double_of(text_at(row, "vwap")).value_or(0);
  return ohlc;
}

Result<TradeRow> read_trade(const JsonValue& row) {
  TradeRow trade;
  trade.symbol = text_at(row, "symbol");
  const std::string_view side = text_at(row, "side");
  if (side != "buy" && side != "sell") return bad("trade without side");
  trade.taker = side == "buy" ? Side::buy : Side::sell;
  AITRADE_TRY(trade.price, decimal_at<Price>(row, "price"));
  AITRADE_TRY(trade.quantity, decimal_at<Quantity>(row, "qty"));
  trade.trade_id = unsigned_of(text_at(row, "trade_id")).value_or(0);
  const auto time = time_at(row, "timestamp");
  if (!time) return bad("trade without timestamp");
  trade.timestamp = *time;
  return trade;
}

Result<std::vector<Level>> read_levels(const JsonValue& row, const char* side) {
  std::vector<Level> levels;
  const JsonValue* list = member(row, side);
  if (list == nullptr) return levels;
  if (!list->IsArray()) return bad("book side is not a list");
  levels.reserve(list->Size());
  for (const JsonValue& entry : list->GetArray()) {
    Level level;
    AITRADE_TRY(level.price, decimal_at<Price>(entry, "price"));
    AITRADE_TRY(level.quantity, decimal_at<Quantity>(entry, "qty"));
    if (!level.price.is_positive() || level.quantity.is_negative()) {
      return bad("book level out of range");
    }
    levels.push_back(level);
  }
  return levels;
}

Result<BookMessage> read_book(const JsonValue& row, bool is_snapshot) {
  BookMessage book;
  book.is_snapshot = is_snapshot;
  book.symbol = text_at(row, "symbol");
  AITRADE_TRY(book.bids, read_levels(row, "bids"));
  AITRADE_TRY(book.asks, read_levels(row, "asks"));
  if (const auto checksum = unsigned_of(text_at(row, "checksum"));
      checksum && *checksum <= 0xFFFFFFFFU) {
    book.checksum = static_cast<std::uint32_t>(*checksum);
  } else {
    return bad("book without checksum");
  }
  book.timestamp = time_at(row, "timestamp");
  return book;
}

Result<InstrumentRow> read_pair(const JsonValue& row) {
  InstrumentRow pair;
  pair.symbol = text_at(row, "symbol");
  pair.status = text_at(row, "status");
  AITRADE_TRY(pair.price_decimals, small_int_at(row, "price_precision", decimals_max));
  AITRADE_TRY(pair.quantity_decimals, small_int_at(row, "qty_precision", decimals_max));
  const char* tick = member(row, "price_increment") != nullptr ? "price_increment" : "tick_size";
  AITRADE_TRY(pair.tick, decimal_at<Price>(row, tick));
  AITRADE_TRY(pair.lot, decimal_at<Quantity>(row, "qty_increment"));
  AITRADE_TRY(pair.minimum, decimal_at<Quantity>(row, "qty_min"));
  if (member(row, "cost_min") != nullptr) {
    AITRADE_TRY(pair.minimum_notional, decimal_at<Money>(row, "cost_min"));
  }
  return pair;
}

Result<WsMessage> read_instrument(const JsonValue& data, bool is_snapshot) {
  InstrumentMessage message;
  message.is_snapshot = is_snapshot;
  const JsonValue* pairs = member(data, "pairs");
  if (pairs == nullptr || !pairs->IsArray()) return bad("instrument without pairs");
  for (const JsonValue& row : pairs->GetArray()) {
    // One exotic pair that our decimals cannot hold must not hide all the others.
    if (auto pair = read_pair(row)) message.pairs.push_back(*std::move(pair));
  }
  return WsMessage{std::move(message)};
}

template <class Message, class Read>
Result<WsMessage> read_rows(const JsonValue& data, bool is_snapshot, Read read) {
  Message message;
  message.is_snapshot = is_snapshot;
  message.rows.reserve(data.Size());
  for (const JsonValue& row : data.GetArray()) {
    AITRADE_TRY(auto parsed, read(row));
    message.rows.push_back(std::move(parsed));
  }
  return WsMessage{std::move(message)};
}

Result<WsMessage> read_channel(const JsonValue& frame, std::string_view channel) {
  if (channel == "heartbeat") return WsMessage{HeartbeatMessage{}};
  const bool is_snapshot = text_at(frame, "type") == "snapshot";
  const JsonValue* data = member(frame, "data");
  if (data == nullptr) return bad("channel without data");
  if (channel == "instrument") return read_instrument(*data, is_snapshot);
  if (!data->IsArray()) return bad("data is not a list");
  if (channel == "ohlc") return read_rows<OhlcMessage>(*data, is_snapshot, read_ohlc);
  if (channel == "ticker") return read_rows<TickerMessage>(*data, is_snapshot, read_ticker);
  if (channel == "trade") return read_rows<TradeMessage>(*data, is_snapshot, read_trade);
  if (channel != "book" && channel != "status")
    return WsMessage{UnknownMessage{std::string(channel)}};
  if (data->Empty()) return bad("empty data");
  if (channel == "status")
    return WsMessage{StatusMessage{std::string(text_at((*data)[0], "system"))}};
  AITRADE_TRY(auto book, read_book((*data)[0], is_snapshot));
  return WsMessage{std::move(book)};
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  out += '"';
}

std::string request_frame(std::string_view method, const Subscription& s, std::uint64_t req_id) {
  std::string out = "{\"method\":\"" + std::string(method) + "\",\"params\":{\"channel\":";
  append_quoted(out, s.channel);
  if (!s.symbols.empty()) {
    out += ",\"symbol\":[";
    for (std::size_t i = 0; i < s.symbols.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(out, s.symbols[i]);
    }
    out += ']';
  }
  if (s.interval) out += ",\"interval\":" + std::to_string(*s.interval);
  if (s.depth) out += ",\"depth\":" + std::to_string(*s.depth);
  if (s.on_quotes) out += ",\"event_trigger\":\"bbo\"";
  if (method == "subscribe") out += s.snapshot ? ",\"snapshot\":true" : ",\"snapshot\":false";
  return out + "},\"req_id\":" + std::to_string(req_id) + "}";
}

}  // namespace

Result<WsMessage> parse_frame(std::string_view text) {
  if (auto book = read_book_frame(text)) return WsMessage{*std::move(book)};
  return parse_document(text);
}

Result<WsMessage> parse_document(std::string_view text) {
  AITRADE_TRY(const rapidjson::Document frame, parse_json(text));
  if (!frame.IsObject()) return bad("frame is not an object");
  if (const std::string_view channel = text_at(frame, "channel"); !channel.empty()) {
    return read_channel(frame, channel);
  }
  const std::string_view method = text_at(frame, "method");
  if (method == "pong") return WsMessage{PongMessage{unsigned_of(text_at(frame, "req_id"))}};
  if (!method.empty() || member(frame, "error") != nullptr)
    return WsMessage{read_ack(frame, method)};
  return WsMessage{UnknownMessage{}};
}

std::string subscribe_frame(const Subscription& subscription, std::uint64_t req_id) {
  return request_frame("subscribe", subscription, req_id);
}

std::string unsubscribe_frame(const Subscription& subscription, std::uint64_t req_id) {
  return request_frame("unsubscribe", subscription, req_id);
}

std::string ping_frame(std::uint64_t req_id) {
  return "{\"method\":\"ping\",\"req_id\":" + std::to_string(req_id) + "}";
}

}  // namespace aitrade::kraken
