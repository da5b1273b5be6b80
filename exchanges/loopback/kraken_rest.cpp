#include "exchanges/loopback/kraken_rest.h"

#include "exchanges/kraken/symbols.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <map>

namespace aitrade::loopback {
namespace {

constexpr std::size_t rows_max = 721;  // 720 closed and the forming one
constexpr std::array<int, 9> intervals{1, 5, 15, 30, 60, 240, 1440, 10080, 21600};
constexpr int depth_default = 100;
constexpr std::size_t trades_page = 1000;

std::string ok_body(const std::string& result) {
  return "{\"error\":[],\"result\":" + result + "}";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// All pairs that a comma list names; nothing when one of them is unknown. Empty text: all pairs.
std::optional<std::vector<std::size_t>> asked_pairs(const std::string& list, const Market& market) {
  std::vector<std::size_t> out;
  if (list.empty()) {
    for (std::size_t i = 0; i < market.pairs().size(); ++i)
      out.push_back(i);
    return out;
  }
  std::size_t from = 0;
  while (from <= list.size()) {
    const std::size_t to = std::min(list.find(',', from), list.size());
    const auto pair = market.find(std::string_view(list).substr(from, to - from));
    if (!pair) return std::nullopt;
    out.push_back(*pair);
    from = to + 1;
  }
  return out;
}

std::string time_body(const Market& market) {
  const std::int64_t seconds_now = (market.now() + market.skew()).seconds_floor();
  const std::time_t stamp = static_cast<std::time_t>(seconds_now);
  std::tm parts{};
  gmtime_r(&stamp, &parts);
  std::array<char, 64> day{};
  std::array<char, 64> rest{};
  const std::size_t day_size = std::strftime(day.data(), day.size(), "%a, %d %b ", &parts);
  const std::size_t rest_size =
      std::strftime(rest.data(), rest.size(), "%Y %H:%M:%S +0000", &parts);
  const std::string year_short =
      std::string(rest.data(), rest_size).substr(2);  // as the venue writes
  return ok_body("{\"unixtime\":" + std::to_string(seconds_now) +
                 ",\"rfc1123\":" + quoted(std::string(day.data(), day_size) + year_short) + "}");
}

std::string assets_body(const std::string& list, const Market& market) {
  std::map<std::string, Currency> assets;
  for (const ShownPair& pair : market.pairs()) {
    assets.emplace(pair.base_asset, pair.symbol.base);
    assets.emplace(pair.quote_asset, pair.symbol.quote);
  }
  std::string out = "{";
  for (const auto& [id, currency] : assets) {
    const std::string altname = kraken::venue_currency(currency);
    const std::string padded = "," + list + ",";
    if (!list.empty() && padded.find("," + id + ",") == std::string::npos &&
        padded.find("," + altname + ",") == std::string::npos) {
      continue;
    }
    const bool fiat = id.starts_with('Z') && id != "ZEC";
    if (out.size() > 1) out += ',';
    out += quoted(id) + ":{\"aclass\":\"currency\",\"altname\":" + quoted(altname) +
           ",\"decimals\":" + (fiat ? "4" : "10") + ",\"display_decimals\":" + (fiat ? "2" : "5") +
           ",\"collateral_value\":1,\"status\":\"enabled\"}";
  }
  if (out.size() == 1 && !list.empty()) return kraken_error("EQuery:Unknown asset");
  return ok_body(out + "}");
}

std::string pair_row(const ShownPair& pair, const Market& market) {
  const bool fiat_quote = pair.quote_asset.starts_with('Z');
  return quoted(pair.canonical) + ":{\"altname\":" + quoted(pair.altname) +
         ",\"wsname\":" + quoted(pair.wsname) +
         ",\"aclass_base\":\"currency\",\"base\":" + quoted(pair.base_asset) +
         ",\"aclass_quote\":\"currency\",\"quote\":" + quoted(pair.quote_asset) +
         ",\"lot\":\"unit\",\"cost_decimals\":" + (fiat_quote ? "5" : "8") +
         ",\"pair_decimals\":" + std::to_string(pair.price_decimals) +
         ",\"lot_decimals\":" + std::to_string(Market::decimals_of_quantity) +
         ",\"lot_multiplier\":1,\"leverage_buy\":[],\"leverage_sell\":[]," + market.fees().json() +
         ",\"fee_volume_currency\":\"ZUSD\",\"margin_call\":80,\"margin_stop\":40,\"ordermin\":" +
         quoted(to_string(pair.rules.minimum)) +
         ",\"costmin\":" + quoted(to_string(pair.rules.minimum_notional)) +
         ",\"tick_size\":" + quoted(price_text(pair.rules.tick, pair.price_decimals)) +
         ",\"status\":" + quoted(pair.status) + "}";
}

template <class RowOf>
std::string pair_map(const std::string& list, const Market& market, RowOf row_of) {
  const auto asked = asked_pairs(list, market);
  if (!asked) return kraken_error("EQuery:Unknown asset pair");
  std::string out = "{";
  for (const std::size_t pair : *asked) {
    if (out.size() > 1) out += ',';
    out += row_of(pair);
  }
  return ok_body(out + "}");
}

std::string ticker_row(const Market& market, std::size_t index) {
  const ShownPair& pair = market.pairs()[index];
  constexpr int places = 5;
  const auto price = [&](Price p) {
    return quoted(price_text(p, std::max(places, pair.price_decimals)));
  };
  const auto hours = market.candles(index, std::chrono::hours{1}, 25);
  const auto day = market.candles(index, std::chrono::hours{24}, 1);
  Candle last24 = hours.empty() ? Candle{} : hours.front();
  double turnover = 0;
  last24.volume = 0;
  last24.trades = 0;
  for (const Candle& c : hours) {
    last24.high = std::max(last24.high, c.high);
    last24.low = std::min(last24.low, c.low);
    last24.volume += c.volume;
    last24.trades += c.trades;
    turnover += c.volume * to_double(c.close);
  }
  const Candle today = day.empty() ? last24 : day.back();
  const Price last = market.last_price(index);
  const Price bid = pair.book.bids.empty() ? last : pair.book.bids.front().price;
  const Price ask = pair.book.asks.empty() ? last : pair.book.asks.front().price;
  const auto vwap =
      last24.volume > 0
          ? Price::from_double(turnover / last24.volume, Rounding::half_even).value_or(last)
          : last;
  const std::string mean = quoted(price_text(
      round_to_step(vwap, Price::from_raw(fixed_detail::power_of_ten(places)), Rounding::half_even),
      5));
  const std::string size = pair.trades.empty() ? "0.00000000"
                                               : quantity_text(pair.trades.back().quantity,
                                                               Market::decimals_of_quantity);
  const auto both = [](const std::string& a, const std::string& b) {
    return "[" + a + "," + b + "]";
  };
  return quoted(pair.canonical) + ":{\"a\":[" + price(ask) + ",\"1\",\"1.000\"],\"b\":[" +
         price(bid) + ",\"1\",\"1.000\"],\"c\":" + both(price(last), quoted(size)) +
         ",\"v\":" + both(quoted(volume_text(today.volume)), quoted(volume_text(last24.volume))) +
         ",\"p\":" + both(mean, mean) +
         ",\"t\":" + both(std::to_string(today.trades), std::to_string(last24.trades)) +
         ",\"l\":" + both(price(today.low), price(last24.low)) +
         ",\"h\":" + both(price(today.high), price(last24.high)) + ",\"o\":" + price(today.open) +
         "}";
}

std::string ohlc_row(const Candle& c, int places) {
  const auto price = [&](Price p) { return quoted(price_text(p, places)); };
  const Price mean = Price::from_raw(c.low.raw() + (c.high.raw() - c.low.raw()) / 2);
  const Price step = Price::from_raw(fixed_detail::power_of_ten(Price::decimals - places));
  const bool silent = c.trades == 0 && !(c.volume > 0);
  const std::string vwap =
      silent ? quoted("0.0") : price(std::max(c.low, round_to_step(mean, step, Rounding::down)));
  return "[" + std::to_string(c.open_time.seconds_floor()) + "," + price(c.open) + "," +
         price(c.high) + "," + price(c.low) + "," + price(c.close) + "," + vwap + "," +
         quoted(volume_text(c.volume)) + "," + std::to_string(c.trades) + "]";
}

std::string ohlc_body(std::string_view query, const Market& market) {
  const auto pair = market.find(query_value(query, "pair"));
  if (!pair) return kraken_error("EQuery:Unknown asset pair");
  const std::string asked = query_value(query, "interval");
  const auto count = number_of(asked.empty() ? "1" : asked);
  if (!count || std::find(intervals.begin(), intervals.end(), *count) == intervals.end()) {
    return kraken_error("EGeneral:Invalid arguments");
  }
  const Duration interval = minutes{*count};
  if (interval < market.interval() || interval % market.interval() != Duration{0}) {
    return kraken_error("EGeneral:Invalid arguments");  // the tape is coarser than that
  }
  const auto since = number_of(query_value(query, "since"));
  const auto rows = market.candles(*pair, interval, rows_max);
  std::string out = "{" + quoted(market.pairs()[*pair].canonical) + ":[";
  bool first = true;
  for (const Candle& c : rows) {
    if (since && c.open_time.seconds_floor() <= *since) continue;
    if (!first) out += ',';
    first = false;
    out += ohlc_row(c, market.pairs()[*pair].price_decimals);
  }
  const Time last = rows.empty() ? floor_to(market.now(), interval) : rows.back().open_time;
  return ok_body(out + "],\"last\":" + std::to_string((last - interval).seconds_floor()) + "}");
}

std::string depth_body(std::string_view query, const Market& market) {
  const auto pair = market.find(query_value(query, "pair"));
  if (!pair) return kraken_error("EQuery:Unknown asset pair");
  const std::string asked = query_value(query, "count");
  const auto count = asked.empty() ? std::optional<std::int64_t>(depth_default) : number_of(asked);
  if (!count || *count < 1 || *count > 500) return kraken_error("EGeneral:Invalid arguments");
  const ShownPair& shown = market.pairs()[*pair];
  const std::string stamp = std::to_string(market.now().seconds_floor());
  const auto side = [&](const std::vector<Level>& levels) {
    std::string out = "[";
    for (std::size_t i = 0; i < levels.size() && i < static_cast<std::size_t>(*count); ++i) {
      if (i > 0) out += ',';
      out += "[" + quoted(price_text(levels[i].price, std::max(5, shown.price_decimals))) + "," +
             quoted(quantity_text(levels[i].quantity, 3)) + "," + stamp + "]";
    }
    return out + "]";
  };
  return ok_body("{" + quoted(shown.canonical) + ":{\"asks\":" + side(shown.book.asks) +
                 ",\"bids\":" + side(shown.book.bids) + "}}");
}

std::string trades_body(std::string_view query, const Market& market) {
  const auto pair = market.find(query_value(query, "pair"));
  if (!pair) return kraken_error("EQuery:Unknown asset pair");
  const ShownPair& shown = market.pairs()[*pair];
  const std::string asked = query_value(query, "since");
  auto since = number_of(asked).value_or(0);
  constexpr std::int64_t seconds_below =
      100'000'000'000;  // a cursor is ns; older clients send seconds
  if (since < seconds_below) since *= 1'000'000'000;
  const auto page = number_of(query_value(query, "count")).value_or(trades_page);
  std::string out = "{" + quoted(shown.canonical) + ":[";
  std::int64_t last = since;
  std::int64_t rows = 0;
  for (const ShownTrade& trade : shown.trades) {
    if (trade.at.ns <= since) continue;
    if (rows++ >= page) break;
    if (rows > 1) out += ',';
    std::string fraction = std::to_string(1'000'000'000 + trade.at.ns % 1'000'000'000).substr(1, 7);
    out += "[" + quoted(price_text(trade.price, std::max(5, shown.price_decimals))) + "," +
           quoted(quantity_text(trade.quantity, Market::decimals_of_quantity)) + "," +
           std::to_string(trade.at.seconds_floor()) + "." + fraction + "," +
           quoted(trade.is_buy ? "b" : "s") + ",\"l\",\"\"," + std::to_string(trade.id) + "]";
    last = trade.at.ns;
  }
  return ok_body(out + "],\"last\":" + quoted(std::to_string(last)) + "}");
}

std::string spread_body(std::string_view query, const Market& market) {
  const auto pair = market.find(query_value(query, "pair"));
  if (!pair) return kraken_error("EQuery:Unknown asset pair");
  const ShownPair& shown = market.pairs()[*pair];
  const std::string stamp = std::to_string(market.now().seconds_floor());
  std::string rows;
  if (!shown.book.bids.empty() && !shown.book.asks.empty()) {
    const int places = std::max(5, shown.price_decimals);
    rows = "[" + stamp + "," + quoted(price_text(shown.book.bids.front().price, places)) + "," +
           quoted(price_text(shown.book.asks.front().price, places)) + "]";
  }
  return ok_body("{" + quoted(shown.canonical) + ":[" + rows + "],\"last\":" + stamp + "}");
}

}  // namespace

std::string kraken_error(std::string_view text) {
  return "{\"error\":[" + quoted(text) + "]}";
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    const std::size_t split = std::min(part.find('='), part.size());
    if (decoded(part.substr(0, split)) == name) {
      return split < part.size() ? decoded(part.substr(split + 1)) : std::string{};
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

RestReply kraken_public(std::string_view method, std::string_view query, const Market& market) {
  const std::string pairs = query_value(query, "pair");
  if (method == "Time") return {time_body(market)};
  if (method == "SystemStatus") {
    return {ok_body(
        "{\"status\":" + quoted(market.system()) +
        ",\"timestamp\":" + quoted(to_string_seconds(market.now())) + "}")};
  }
  if (method == "Assets") return {assets_body(query_value(query, "asset"), market)};
  if (method == "AssetPairs") {
    return {pair_map(pairs, market, [&](std::size_t i) { return pair_row(market.pairs()[i], market); })};
  }
  if (method == "Ticker") {
    return {pair_map(pairs, market, [&](std::size_t i) { return ticker_row(market, i); })};
  }
  if (method == "OHLC") return {ohlc_body(query, market)};
  if (method == "Depth") return {depth_body(query, market)};
  if (method == "Trades") return {trades_body(query, market)};
  if (method == "Spread") return {spread_body(query, market)};
  return {kraken_error("EGeneral:Unknown method"), false};
}

}  // namespace aitrade::loopback
