#include "exchanges/kraken/rest.h"

#include "core/net/url.h"
#include "exchanges/kraken/form.h"
#include "exchanges/kraken/json.h"

#include <algorithm>
#include <chrono>

namespace aitrade::kraken {
namespace {

constexpr int decimals_max = 18;
constexpr double burst = 2;  // start-up asks for a few things at once

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

// The only key of a result that is not "last": the canonical id, whatever was asked for.
const JsonValue* only_rows(const JsonValue& result) {
  if (!result.IsObject()) return nullptr;
  for (const auto& entry : result.GetObject()) {
    if (text_of(&entry.name) != "last") return &entry.value;
  }
  return nullptr;
}

std::optional<int> decimals_at(const JsonValue& row, const char* name) {
  const auto value = unsigned_of(text_at(row, name));
  if (!value || *value > decimals_max) return std::nullopt;
  return static_cast<int>(*value);
}

Rate first_fee(const JsonValue& row, const char* name) {
  const JsonValue* ladder = member(row, name);
  if (ladder == nullptr || !ladder->IsArray() || ladder->Empty()) return {};
  const auto percent = decimal_in<Rate>((*ladder)[0], 1);
  constexpr std::int64_t percent_per_unit = 100;
  return percent ? Rate::from_raw(percent->raw() / percent_per_unit) : Rate{};
}

Result<PairInfo> read_pair(std::string_view canonical, const JsonValue& row) {
  PairInfo info;
  info.names.canonical = canonical;
  info.names.altname = text_at(row, "altname");
  info.names.wsname = text_at(row, "wsname");
  const std::string& wsname = info.names.wsname;
  const auto slash = wsname.find('/');
  if (slash == std::string::npos) return bad("pair without wsname");
  info.names.symbol = {common_currency(std::string_view(wsname).substr(0, slash)),
                       common_currency(std::string_view(wsname).substr(slash + 1))};
  const auto price_decimals = decimals_at(row, "pair_decimals");
  const auto lot_decimals = decimals_at(row, "lot_decimals");
  if (!price_decimals || !lot_decimals) return bad("pair without decimals");
  if (*price_decimals > Price::decimals || *lot_decimals > Quantity::decimals) {
    return fail(ErrorCode::unsupported, "kraken: finer decimals than ours");
  }
  info.price_decimals = *price_decimals;
  info.quantity_decimals = *lot_decimals;
  info.tick = Price::from_raw(fixed_detail::power_of_ten(Price::decimals - *price_decimals));
  if (member(row, "tick_size") != nullptr) {
    AITRADE_TRY(info.tick, decimal_at<Price>(row, "tick_size"));
  }
  info.lot = Quantity::from_raw(fixed_detail::power_of_ten(Quantity::decimals - *lot_decimals));
  if (member(row, "ordermin") != nullptr) {
    AITRADE_TRY(info.minimum, decimal_at<Quantity>(row, "ordermin"));
  }
  if (member(row, "costmin") != nullptr) {
    AITRADE_TRY(info.minimum_notional, decimal_at<Money>(row, "costmin"));
  }
  info.status = text_at(row, "status");
  info.taker_fee = first_fee(row, "fees");
  info.maker_fee = first_fee(row, "fees_maker");
  return info;
}

Result<Candle> read_candle(const JsonValue& row, Duration interval) {
  if (!row.IsArray() || row.Size() < 8) return bad("OHLC row too short");
  Candle candle;
  const auto seconds_since = unsigned_of(text_of(&row[0]));
  constexpr std::uint64_t seconds_max = 9'000'000'000;
  if (!seconds_since || *seconds_since > seconds_max) return bad("OHLC row without time");
  candle.open_time = Time::from_seconds(static_cast<std::int64_t>(*seconds_since));
  candle.interval = interval;
  AITRADE_TRY(candle.open, decimal_in<Price>(row, 1));
  AITRADE_TRY(candle.high, decimal_in<Price>(row, 2));
  AITRADE_TRY(candle.low, decimal_in<Price>(row, 3));
  AITRADE_TRY(candle.close, decimal_in<Price>(row, 4));
  const auto volume = double_of(text_of(&row[6]));
  const auto count = unsigned_of(text_of(&row[7]));
  if (!volume || !count) return bad("OHLC row without volume");
  candle.volume = *volume;
  candle.trades = static_cast<std::uint32_t>(std::min<std::uint64_t>(*count, 0xFFFFFFFFU));
  candle.synthetic = candle.trades == 0 && !(candle.volume > 0);
  if (const char* fault = fault_of(candle)) return bad(std::string("OHLC row: ") + fault);
  return candle;
}

Result<std::vector<Level>> read_side(const JsonValue& book, const char* name) {
  const JsonValue* rows = member(book, name);
  if (rows == nullptr || !rows->IsArray()) return bad("depth without a side");
  std::vector<Level> side;
  for (const JsonValue& row : rows->GetArray()) {
    Level level;
    AITRADE_TRY(level.price, decimal_in<Price>(row, 0));
    AITRADE_TRY(level.quantity, decimal_in<Quantity>(row, 1));
    side.push_back(level);
  }
  return side;
}

Result<TradeRow> read_trade(const JsonValue& row) {
  if (!row.IsArray() || row.Size() < 4) return bad("trade row too short");
  TradeRow trade;
  AITRADE_TRY(trade.price, decimal_in<Price>(row, 0));
  AITRADE_TRY(trade.quantity, decimal_in<Quantity>(row, 1));
  const auto time = unix_time(text_of(&row[2]));
  if (!time) return bad("trade row without time");
  trade.timestamp = *time;
  trade.taker = text_of(&row[3]) == "s" ? Side::sell : Side::buy;
  if (row.Size() > 6) trade.trade_id = unsigned_of(text_of(&row[6])).value_or(0);
  return trade;
}

}  // namespace

Result<Time> parse_time_answer(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const auto time = unix_time(text_at(envelope.result(), "unixtime"));
  if (!time) return bad("Time without unixtime");
  return *time;
}

Result<std::string> parse_system_status(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const std::string_view status = text_at(envelope.result(), "status");
  if (status.empty()) return bad("SystemStatus without status");
  return std::string(status);
}

Result<std::vector<AssetInfo>> parse_assets(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  if (!envelope.result().IsObject()) return bad("Assets is not a map");
  std::vector<AssetInfo> assets;
  for (const auto& entry : envelope.result().GetObject()) {
    assets.push_back({std::string(text_of(&entry.name)),
                      std::string(text_at(entry.value, "altname")),
                      decimals_at(entry.value, "decimals").value_or(0)});
  }
  return assets;
}

Result<std::vector<PairInfo>> parse_asset_pairs(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  if (!envelope.result().IsObject()) return bad("AssetPairs is not a map");
  std::vector<PairInfo> pairs;
  for (const auto& entry : envelope.result().GetObject()) {
    if (auto pair = read_pair(text_of(&entry.name), entry.value)) pairs.push_back(*std::move(pair));
  }
  return pairs;
}

Result<OhlcAnswer> parse_ohlc(std::string_view body, Duration interval) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* rows = only_rows(envelope.result());
  if (rows == nullptr || !rows->IsArray()) return bad("OHLC without rows");
  OhlcAnswer answer;
  const auto last = unix_time(text_at(envelope.result(), "last"));
  if (!last) return bad("OHLC without last");
  answer.last = *last;
  answer.candles.reserve(rows->Size());
  for (const JsonValue& row : rows->GetArray()) {
    AITRADE_TRY(const Candle candle, read_candle(row, interval));
    if (!answer.candles.empty() && candle.open_time <= answer.candles.back().open_time) {
      return bad("OHLC rows are not in order");
    }
    answer.candles.push_back(candle);
  }
  if (!answer.candles.empty()) {  // the final row is the candle now forming
    answer.forming = answer.candles.back();
    answer.forming->closed = false;
    answer.candles.pop_back();
  }
  return answer;
}

Result<BookLevels> parse_depth(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* book = only_rows(envelope.result());
  if (book == nullptr) return bad("empty depth");
  BookLevels levels;
  AITRADE_TRY(levels.bids, read_side(*book, "bids"));
  AITRADE_TRY(levels.asks, read_side(*book, "asks"));
  return levels;
}

Result<TradesAnswer> parse_trades(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* rows = only_rows(envelope.result());
  if (rows == nullptr || !rows->IsArray()) return bad("Trades without rows");
  TradesAnswer answer;
  answer.next = text_at(envelope.result(), "last");
  for (const JsonValue& row : rows->GetArray()) {
    AITRADE_TRY(auto trade, read_trade(row));
    answer.trades.push_back(std::move(trade));
  }
  return answer;
}

Result<std::map<std::string, TickerInfo>> parse_ticker(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  if (!envelope.result().IsObject()) return bad("Ticker is not a map");
  std::map<std::string, TickerInfo> rows;
  for (const auto& entry : envelope.result().GetObject()) {
    const JsonValue* ask = member(entry.value, "a");
    const JsonValue* bid = member(entry.value, "b");
    const JsonValue* last = member(entry.value, "c");
    if (ask == nullptr || bid == nullptr || last == nullptr)
      return bad("Ticker row without a, b, c");
    TickerInfo info;
    AITRADE_TRY(info.ask, decimal_in<Price>(*ask, 0));
    AITRADE_TRY(info.bid, decimal_in<Price>(*bid, 0));
    AITRADE_TRY(info.last, decimal_in<Price>(*last, 0));
    rows.emplace(std::string(text_of(&entry.name)), info);
  }
  return rows;
}

Result<std::vector<SpreadRow>> parse_spread(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* rows = only_rows(envelope.result());
  if (rows == nullptr || !rows->IsArray()) return bad("Spread without rows");
  std::vector<SpreadRow> spreads;
  for (const JsonValue& row : rows->GetArray()) {
    if (!row.IsArray() || row.Empty()) return bad("Spread row too short");
    SpreadRow spread;
    const auto time = unix_time(text_of(&row[0]));
    if (!time) return bad("Spread row without time");
    spread.time = *time;
    AITRADE_TRY(spread.bid, decimal_in<Price>(row, 1));
    AITRADE_TRY(spread.ask, decimal_in<Price>(row, 2));
    spreads.push_back(spread);
  }
  return spreads;
}

std::string public_target(std::string_view method,
                          const std::vector<std::pair<std::string, std::string>>& query) {
  std::string target = "/0/public/" + std::string(method);
  char separator = '?';
  for (const auto& [name, value] : query) {
    target += separator + name + "=" + percent_encoded(value);
    separator = '&';
  }
  return target;
}

// ---- client
// -------------------------------------------------------------------------------------------

namespace {

Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<Duration>(since).count()};
}

bool may_heal(const Error& error) {
  return error.code == ErrorCode::network || error.code == ErrorCode::timeout ||
         error.code == ErrorCode::busy;
}

}  // namespace

RestClient::RestClient(RestOptions options, HttpTransport& transport,
                       std::function<bool(Duration)> wait)
    : options_(std::move(options)),
      transport_(transport),
      wait_(std::move(wait)),
      bucket_({std::max(options_.requests_per_second, 1e-3), burst}, steady_now()) {
  const auto url = parse_url(options_.url);
  is_limited_ = options_.requests_per_second > 0 && !(url && is_loopback_host(url->host));
}

Result<std::string> RestClient::get(const std::string& target) {
  Error last = fail(ErrorCode::network, "kraken: not asked");
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0 && !wait_(milliseconds{500} * (1 << std::min(attempt, 6)))) return last;
    while (is_limited_ && !bucket_.take(steady_now())) {
      if (!wait_(bucket_.wait(steady_now()))) return fail(ErrorCode::timeout, "kraken: stopping");
    }
    HttpRequest request;
    request.url = options_.url + target;
    HttpOutcome outcome = transport_.perform(request);
    if (!outcome.is_reply()) {
      const bool heals = outcome.error.code != ErrorCode::invalid && outcome.error.code != ErrorCode::rejected;
      last = unreached(std::move(outcome.error)).within("kraken: GET " + target);
      if (!heals) return last;
      continue;
    }
    if (outcome.reply.status == 200) {
      const auto envelope = open_envelope(outcome.reply.body);
      if (envelope || !may_heal(envelope.error())) return std::move(outcome.reply.body);
      last = envelope.error();
      continue;
    }
    const bool limited = outcome.reply.status == 429;
    last = fail(limited ? ErrorCode::busy : ErrorCode::network,
                "kraken: GET " + target + ": HTTP " + std::to_string(outcome.reply.status));
  }
  return last;
}

Result<Time> RestClient::time() {
  AITRADE_TRY(const std::string body, get(public_target("Time", {})));
  return parse_time_answer(body);
}

Result<std::string> RestClient::system_status() {
  AITRADE_TRY(const std::string body, get(public_target("SystemStatus", {})));
  return parse_system_status(body);
}

Result<std::vector<PairInfo>> RestClient::asset_pairs() {
  AITRADE_TRY(const std::string body, get(public_target("AssetPairs", {})));
  return parse_asset_pairs(body);
}

Result<std::vector<AssetInfo>> RestClient::assets() {
  AITRADE_TRY(const std::string body, get(public_target("Assets", {})));
  return parse_assets(body);
}

Result<OhlcAnswer> RestClient::ohlc(const std::string& altname, Duration interval,
                                    std::optional<Time> since) {
  std::vector<std::pair<std::string, std::string>> query{
      {"pair", altname}, {"interval", std::to_string(interval / minutes{1})}};
  if (since) query.emplace_back("since", std::to_string(since->seconds_floor()));
  AITRADE_TRY(const std::string body, get(public_target("OHLC", query)));
  return parse_ohlc(body, interval);
}

Result<BookLevels> RestClient::depth(const std::string& altname, int count) {
  AITRADE_TRY(const std::string body,
              get(public_target("Depth", {{"pair", altname}, {"count", std::to_string(count)}})));
  return parse_depth(body);
}

Result<TradesAnswer> RestClient::trades(const std::string& altname, const std::string& since) {
  AITRADE_TRY(const std::string body,
              get(public_target("Trades", {{"pair", altname}, {"since", since}})));
  return parse_trades(body);
}

}  // namespace aitrade::kraken
