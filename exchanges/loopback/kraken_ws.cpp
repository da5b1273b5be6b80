#include "exchanges/loopback/kraken_ws.h"

#include "core/market/order_book.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

constexpr std::array<std::string_view, 4> symbol_channels{"ticker", "ohlc", "book", "trade"};
constexpr std::array<int, 9> ohlc_intervals{1, 5, 15, 30, 60, 240, 1440, 10080, 21600};
constexpr std::array<int, 5> book_depths{10, 25, 100, 500, 1000};
constexpr std::size_t snapshot_trades = 50;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

// RFC 3339 with `digits` decimals: the venue writes six in acks and nine in candles.
std::string stamp(Time time, std::size_t digits) {
  const std::string whole = to_string_seconds(time);
  constexpr std::int64_t second = 1'000'000'000;
  const std::string fraction =
      std::to_string(second + ((time.ns % second) + second) % second).substr(1, digits);
  return "\"" + whole.substr(0, whole.size() - 1) + "." + fraction + "Z\"";
}

std::string ohlc_row(const ShownPair& pair, const Candle& c) {
  const auto price = [&](Price p) { return price_text(p, pair.price_decimals); };
  const Price mean = Price::from_raw(c.low.raw() + (c.high.raw() - c.low.raw()) / 2);
  return "{\"symbol\":" + quoted(to_string(pair.symbol)) + ",\"open\":" + price(c.open) +
         ",\"high\":" + price(c.high) + ",\"low\":" + price(c.low) +
         ",\"close\":" + price(c.close) + ",\"trades\":" + std::to_string(c.trades) +
         ",\"volume\":" + volume_text(c.volume) +
         ",\"vwap\":" + price(round_to_step(mean, pair.rules.tick, Rounding::half_even)) +
         ",\"interval_begin\":" + stamp(c.open_time, 9) +
         ",\"interval\":" + std::to_string(c.interval / minutes{1}) +
         ",\"timestamp\":" + stamp(c.close_time(), 6) + "}";
}

std::string trade_row(const ShownPair& pair, const ShownTrade& trade) {
  return "{\"symbol\":" + quoted(to_string(pair.symbol)) +
         ",\"side\":" + (trade.is_buy ? "\"buy\"" : "\"sell\"") +
         ",\"price\":" + price_text(trade.price, pair.price_decimals) +
         ",\"qty\":" + quantity_text(trade.quantity, Market::decimals_of_quantity) +
         ",\"ord_type\":\"market\",\"trade_id\":" + std::to_string(trade.id) +
         ",\"timestamp\":" + stamp(trade.at, 6) + "}";
}

std::string ticker_frame(const Market& market, std::size_t index, bool is_snapshot) {
  const ShownPair& pair = market.pairs()[index];
  const auto price = [&](Price p) { return price_text(p, pair.price_decimals); };
  const Price last = market.last_price(index);
  const bool has_book = !pair.book.bids.empty() && !pair.book.asks.empty();
  const Level bid = has_book ? pair.book.bids.front() : Level{last, Quantity{}};
  const Level ask = has_book ? pair.book.asks.front() : Level{last, Quantity{}};
  const auto hours = market.candles(index, std::chrono::hours{1}, 25);
  Price high = last;
  Price low = last;
  double volume = 0;
  for (const Candle& c : hours) {
    high = std::max(high, c.high);
    low = std::min(low, c.low);
    volume += c.volume;
  }
  const Price first = hours.empty() ? last : hours.front().open;
  const double percent = first.is_positive() ? to_double(last - first) / to_double(first) * 100 : 0;
  const auto change = Money::from_double(percent, Rounding::half_even).value_or(Money{});
  const std::string percent_text =
      to_string(round_to_step(change, Money::parse_or_die("0.01"), Rounding::half_even));
  return std::string("{\"channel\":\"ticker\",\"type\":") +
         (is_snapshot ? "\"snapshot\"" : "\"update\"") +
         ",\"data\":[{\"symbol\":" + quoted(to_string(pair.symbol)) +
         ",\"bid\":" + price(bid.price) + ",\"bid_qty\":" + quantity_text(bid.quantity, 8) +
         ",\"ask\":" + price(ask.price) + ",\"ask_qty\":" + quantity_text(ask.quantity, 8) +
         ",\"last\":" + price(last) + ",\"volume\":" + volume_text(volume) +
         ",\"vwap\":" + price(last) + ",\"low\":" + price(low) + ",\"high\":" + price(high) +
         ",\"change\":" + price(last - first) + ",\"change_pct\":" + percent_text +
         ",\"timestamp\":" + stamp(market.now(), 6) + "}]}";
}

std::string instrument_frame(const Market& market, bool is_snapshot) {
  std::map<std::string, bool> assets;
  std::string pairs;
  for (const ShownPair& pair : market.pairs()) {
    assets[pair.symbol.base] = false;
    assets[pair.symbol.quote] = pair.quote_asset.starts_with('Z');
    const std::string tick = price_text(pair.rules.tick, pair.price_decimals);
    if (!pairs.empty()) pairs += ',';
    pairs +=
        "{\"symbol\":" + quoted(to_string(pair.symbol)) + ",\"base\":" + quoted(pair.symbol.base) +
        ",\"quote\":" + quoted(pair.symbol.quote) +
        ",\"status\":" + quoted(pair.status) +
        ",\"qty_precision\":8,\"qty_increment\":1e-08,\"price_precision\":" +
        std::to_string(pair.price_decimals) +
        ",\"cost_precision\":5,\"marginable\":false,\"has_index\":true,\"cost_min\":" +
        to_string(pair.rules.minimum_notional) + ",\"tick_size\":" + tick +
        ",\"price_increment\":" + tick + ",\"qty_min\":" + to_string(pair.rules.minimum) + "}";
  }
  std::string list;
  for (const auto& [id, fiat] : assets) {
    if (!list.empty()) list += ',';
    list += "{\"id\":" + quoted(id) +
            ",\"status\":\"enabled\",\"precision\":" + (fiat ? "4" : "10") +
            ",\"precision_display\":" + (fiat ? "2" : "5") + ",\"borrowable\":false}";
  }
  return std::string("{\"channel\":\"instrument\",\"type\":") +
         (is_snapshot ? "\"snapshot\"" : "\"update\"") + ",\"data\":{\"assets\":[" + list +
         "],\"pairs\":[" + pairs + "]}}";
}

void truncate(std::vector<Level>& side, std::size_t depth) {
  if (side.size() > depth) side.resize(depth);
}

BookLevels truncated(const BookLevels& book, int depth) {
  BookLevels out = book;
  truncate(out.bids, static_cast<std::size_t>(depth));
  truncate(out.asks, static_cast<std::size_t>(depth));
  return out;
}

// Changes that lead a client from `before` to `after` (both truncated to its depth). A level that
// still exists in the whole book is not deleted: it was pushed out of range, and the client
// truncates.
std::vector<Level> difference(const std::vector<Level>& before, const std::vector<Level>& after,
                              const std::vector<Level>& whole) {
  std::vector<Level> changes;
  const auto holds = [](const std::vector<Level>& side, Price price) {
    return std::any_of(side.begin(), side.end(), [&](const Level& l) { return l.price == price; });
  };
  for (const Level& level : before) {
    if (!holds(after, level.price) && !holds(whole, level.price))
      changes.push_back({level.price, {}});
  }
  for (const Level& level : after) {
    if (std::find(before.begin(), before.end(), level) == before.end()) changes.push_back(level);
  }
  return changes;
}

std::string text_at(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

int int_at(const rapidjson::Value& object, const char* name, int other) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsInt() ? found->value.GetInt() : other;
}

}  // namespace

// A subscribe or unsubscribe as the client sent it.
struct KrakenSession::Request {
  std::string method, channel;
  std::vector<std::string> symbols;
  int interval{1}, depth{10};
  bool wants_snapshot{true};
  std::string req_id;  // `"req_id":7,` or empty
  Time at;

  [[nodiscard]] std::string times() const {
    return "\"time_in\":" + stamp(at, 6) + ",\"time_out\":" + stamp(at, 6);
  }

  [[nodiscard]] std::string refusal(const std::string& error, const std::string& symbol) const {
    return "{\"error\":" + quoted(error) + ",\"method\":" + quoted(method) + "," + req_id +
           "\"success\":false," + (symbol.empty() ? "" : "\"symbol\":" + quoted(symbol) + ",") +
           times() + "}";
  }

  [[nodiscard]] std::string ack(const std::string& symbol) const {
    std::string result = "\"channel\":" + quoted(channel);
    if (channel == "ohlc") result += ",\"interval\":" + std::to_string(interval);
    if (channel == "book") result += ",\"depth\":" + std::to_string(depth);
    result += wants_snapshot ? ",\"snapshot\":true" : ",\"snapshot\":false";
    if (!symbol.empty()) result += ",\"symbol\":" + quoted(symbol);
    if (channel == "ohlc") {
      result += ",\"warnings\":[\"timestamp is deprecated, use interval_begin\"]";
    }
    return "{\"method\":" + quoted(method) + "," + req_id + "\"result\":{" + result +
           "},\"success\":true," + times() + "}";
  }
};

std::string heartbeat_frame() {
  return "{\"channel\":\"heartbeat\"}";
}

std::string KrakenSession::greeting(const Market& market) const {
  return "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.10\",\"system\":" +
         quoted(market.system()) +
         ",\"api_version\":\"v2\",\"connection_id\":" +
         std::to_string(connection_id_) + "}]}";
}

Frames KrakenSession::on_text(std::string_view text, const Market& market) {
  Frames out;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  Request request;
  request.at = market.now();
  if (document.HasParseError() || !document.IsObject()) {
    out.push_back("{\"error\":\"Malformed request\",\"success\":false," + request.times() + "}");
    return out;
  }
  request.method = text_at(document, "method");
  const auto id = document.FindMember("req_id");
  if (id != document.MemberEnd() && id->value.IsUint64()) {
    request.req_id = "\"req_id\":" + std::to_string(id->value.GetUint64()) + ",";
  }
  if (request.method == "ping") {
    out.push_back("{\"method\":\"pong\"," + request.req_id + request.times() + "}");
    return out;
  }
  const auto params = document.FindMember("params");
  if ((request.method != "subscribe" && request.method != "unsubscribe") ||
      params == document.MemberEnd() || !params->value.IsObject()) {
    out.push_back(request.refusal("Unsupported method " + request.method, ""));
    return out;
  }
  const rapidjson::Value& p = params->value;
  request.channel = text_at(p, "channel");
  request.interval = int_at(p, "interval", 1);
  request.depth = int_at(p, "depth", 10);
  request.wants_snapshot = request.channel != "trade";
  if (const auto s = p.FindMember("snapshot"); s != p.MemberEnd() && s->value.IsBool()) {
    request.wants_snapshot = s->value.GetBool();
  }
  if (const auto list = p.FindMember("symbol"); list != p.MemberEnd() && list->value.IsArray()) {
    for (const auto& symbol : list->value.GetArray()) {
      if (symbol.IsString())
        request.symbols.emplace_back(symbol.GetString(), symbol.GetStringLength());
    }
  }
  subscribe(request, market, out);
  return out;
}

void KrakenSession::subscribe(const Request& request, const Market& market, Frames& out) {
  if (request.channel == "instrument") {
    has_instruments_ = request.method == "subscribe";
    out.push_back(request.ack(""));
    if (has_instruments_ && request.wants_snapshot) out.push_back(instrument_frame(market, true));
    return;
  }
  if (std::find(symbol_channels.begin(), symbol_channels.end(), request.channel) ==
      symbol_channels.end()) {
    out.push_back(request.refusal("Channel not supported " + request.channel, ""));
    return;
  }
  if (request.symbols.empty()) {
    out.push_back(request.refusal("Symbol(s) not found", ""));
    return;
  }
  Frames snapshots;
  for (const std::string& symbol : request.symbols) {
    subscribe_one(request, symbol, market, out, snapshots);
  }
  for (std::string& frame : snapshots)
    out.push_back(std::move(frame));
}

void KrakenSession::on_rules(const Market& market, Frames& out) const {
  if (has_instruments_) out.push_back(instrument_frame(market, false));
}

void KrakenSession::subscribe_one(const Request& request, const std::string& symbol,
                                  const Market& market, Frames& acks, Frames& snapshots) {
  const auto pair = market.find(symbol);
  if (!pair || to_string(market.pairs()[*pair].symbol) != symbol) {
    acks.push_back(request.refusal("Currency pair not supported " + symbol, symbol));
    return;
  }
  const Topic topic{request.channel, *pair};
  if (request.method == "unsubscribe") {
    if (subscriptions_.erase(topic) > 0) {
      acks.push_back(request.ack(symbol));
    } else {
      acks.push_back(request.refusal("Subscription Not Found", symbol));
    }
    return;
  }
  const Duration span = minutes{request.interval};
  const bool fits = request.channel != "ohlc" ||
                    (std::find(ohlc_intervals.begin(), ohlc_intervals.end(), request.interval) !=
                         ohlc_intervals.end() &&
                     span >= market.interval() && span % market.interval() == Duration{0});
  if (!fits) {
    acks.push_back(request.refusal("Subscription ohlc interval not supported", symbol));
    return;
  }
  if (request.channel == "book" &&
      std::find(book_depths.begin(), book_depths.end(), request.depth) == book_depths.end()) {
    acks.push_back(request.refusal("Subscription depth not supported", symbol));
    return;
  }
  if (subscriptions_.contains(topic)) {
    acks.push_back(request.refusal(
        "Already subscribed to one " + request.channel + " on the symbol " + symbol, symbol));
    return;
  }
  Subscription& made = subscriptions_[topic];
  made.interval = request.interval;
  made.depth = request.depth;
  acks.push_back(request.ack(symbol));
  if (request.wants_snapshot) snapshot(topic, made, market, snapshots);
}

void KrakenSession::snapshot(const Topic& topic, Subscription& subscription, const Market& market,
                             Frames& out) {
  const ShownPair& pair = market.pairs()[topic.pair];
  if (topic.channel == "ticker") {
    if (market.last_price(topic.pair).is_positive())
      out.push_back(ticker_frame(market, topic.pair, true));
  } else if (topic.channel == "ohlc") {
    const auto newest = market.forming(topic.pair, minutes{subscription.interval});
    if (!newest) return;
    out.push_back("{\"channel\":\"ohlc\",\"type\":\"snapshot\",\"timestamp\":" +
                  stamp(market.now(), 9) + ",\"data\":[" + ohlc_row(pair, *newest) + "]}");
  } else if (topic.channel == "trade") {
    std::string rows;
    const std::size_t n = pair.trades.size();
    for (std::size_t i = n - std::min(n, snapshot_trades); i < n; ++i) {
      if (!rows.empty()) rows += ',';
      rows += trade_row(pair, pair.trades[i]);
    }
    out.push_back("{\"channel\":\"trade\",\"type\":\"snapshot\",\"data\":[" + rows + "]}");
  } else {
    subscription.shown = truncated(pair.book, subscription.depth);
    out.push_back(book_frame(topic.pair, market, true, subscription.shown, subscription.shown));
  }
}

void KrakenSession::on_row(std::size_t pair, const Market& market, Frames& out) {
  const auto found = subscriptions_.find(Topic{"ohlc", pair});
  if (found == subscriptions_.end()) return;
  const auto newest = market.forming(pair, minutes{found->second.interval});
  if (!newest) return;
  out.push_back(
      "{\"channel\":\"ohlc\",\"type\":\"update\",\"timestamp\":" + stamp(market.now(), 9) +
      ",\"data\":[" + ohlc_row(market.pairs()[pair], *newest) + "]}");
}

void KrakenSession::on_trade(std::size_t pair, const ShownTrade& trade, const Market& market,
                             Frames& out) {
  if (!subscriptions_.contains(Topic{"trade", pair})) return;
  out.push_back("{\"channel\":\"trade\",\"type\":\"update\",\"data\":[" +
                trade_row(market.pairs()[pair], trade) + "]}");
}

void KrakenSession::on_book(std::size_t pair, const Market& market, Frames& out) {
  if (subscriptions_.contains(Topic{"ticker", pair}))
    out.push_back(ticker_frame(market, pair, false));
  const auto found = subscriptions_.find(Topic{"book", pair});
  if (found == subscriptions_.end()) return;
  Subscription& subscription = found->second;
  const BookLevels& whole = market.pairs()[pair].book;
  const BookLevels after = truncated(whole, subscription.depth);
  const BookLevels changes{difference(subscription.shown.bids, after.bids, whole.bids),
                           difference(subscription.shown.asks, after.asks, whole.asks)};
  subscription.shown = after;
  if (changes.bids.empty() && changes.asks.empty()) return;
  out.push_back(book_frame(pair, market, false, changes, after));
}

std::string KrakenSession::book_frame(std::size_t index, const Market& market, bool is_snapshot,
                                      const BookLevels& changes, const BookLevels& whole) {
  const ShownPair& pair = market.pairs()[index];
  const auto side = [&](const std::vector<Level>& levels) {
    std::string list = "[";
    for (const Level& level : levels) {
      if (list.size() > 1) list += ',';
      list += "{\"price\":" + price_text(level.price, pair.price_decimals) +
              ",\"qty\":" + quantity_text(level.quantity, Market::decimals_of_quantity) + "}";
    }
    return list + "]";
  };
  OrderBook book(OrderBook::checksum_levels, pair.price_decimals, Market::decimals_of_quantity);
  book.snapshot(whole.bids, whole.asks, std::nullopt);
  std::uint32_t checksum = book.checksum();
  if (corrupt_next_) checksum ^= 1U;
  corrupt_next_ = false;
  ++books_shown_;
  std::string frame = std::string("{\"channel\":\"book\",\"type\":") +
                      (is_snapshot ? "\"snapshot\"" : "\"update\"") +
                      ",\"data\":[{\"symbol\":" + quoted(to_string(pair.symbol)) +
                      ",\"bids\":" + side(changes.bids) + ",\"asks\":" + side(changes.asks) +
                      ",\"checksum\":" + std::to_string(checksum);
  frame += ",\"timestamp\":" + stamp(market.now(), 6);
  return frame + "}]}";
}

bool KrakenSession::wants_candles() const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [](const auto& entry) { return entry.first.channel == "ohlc"; });
}

}  // namespace aitrade::loopback
