// Every payload on record is parsed or produced by us; one that nobody knows fails the walk.
#include "core/base/decimal.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/codec.h"
#include "exchanges/kraken/errors.h"
#include "exchanges/kraken/execution_book.h"
#include "exchanges/kraken/futures.h"
#include "exchanges/kraken/key_check.h"
#include "exchanges/kraken/order_entry.h"
#include "exchanges/kraken/order_reads.h"
#include "exchanges/kraken/rest.h"
#include "exchanges/kraken/ws_private.h"
#include "exchanges/kraken/ws_trading.h"
#include "tests/exchanges/kraken/compare.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>
#include <map>

namespace aitrade::kraken {
namespace {

/// Says whether we can do with the text what its name promises.
using Handler = std::function<bool(const std::string& text)>;

template <class Parse>
Handler parses(Parse parse) {
  return [parse](const std::string& text) { return parse(text).has_value(); };
}

template <class Message>
bool is_public(std::string_view text) {
  const auto message = parse_frame(text);
  return message && std::holds_alternative<Message>(*message);
}

template <class Message>
bool is_private(std::string_view text) {
  const auto message = parse_private_frame(text);
  return message && std::holds_alternative<Message>(*message);
}

/// The venue refuses in this text, and we know the words.
bool is_refusal(const std::string& text) {
  const auto errors = error_texts(text);
  return errors && !errors->empty() && find_error(errors->front()) != nullptr &&
         !open_envelope(text);
}

/// Bodies on record decode and encode again to the same bytes; order_entry_test produces them from
/// orders.
bool is_form_request(const JsonValue& row) {
  const std::string_view body = text_at(row, "body");
  return !body.empty() && form_text(parse_form(body)) == body;
}

bool are_variants(const std::string& text) {
  const auto document = parse_json(text);
  const JsonValue* rows = document ? member(*document, "variants") : nullptr;
  return rows != nullptr && std::all_of(rows->Begin(), rows->End(), is_form_request);
}

bool is_full_order(const std::string& text) {
  const auto document = parse_json(text);
  return document && is_form_request(*document);
}

/// Returns our call for a request on record, with what it names.
std::optional<PrivateCall> call_of(std::string_view method,
                                   const std::map<std::string, std::string>& fields) {
  const auto at = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  HistoryWindow window;
  if (const auto start = unsigned_of(at("start")))
    window.after = Time::from_seconds(static_cast<std::int64_t>(*start));
  if (method == "BalanceEx") return balance_ex_call();
  if (method == "OpenOrders")
    return open_orders_call({at("trades") == "true", at("cl_ord_id"), {}});
  if (method == "ClosedOrders") return closed_orders_call({}, window);
  if (method == "QueryOrders") return *query_orders_call({at("txid")});
  if (method == "TradesHistory") return trades_history_call(window);
  if (method == "QueryTrades") return *query_trades_call({at("txid")});
  if (method == "AmendOrder") {
    AmendRequest amend;
    amend.venue_id = at("txid");
    amend.quantity = *Quantity::parse(at("order_qty"));
    amend.limit = *WirePrice::parse(at("limit_price"));
    return amend_order_call(amend);
  }
  if (method == "CancelOrder") return cancel_order_call({at("txid"), at("cl_ord_id")});
  if (method == "CancelAll") return cancel_all_call();
  if (method == "CancelAllOrdersAfter")
    return cancel_all_after_call(seconds{std::stoi(at("timeout"))});
  if (method == "TradeVolume") return trade_volume_call(at("pair"));
  if (method == "GetWebSocketsToken") return ws_token_call();
  return std::nullopt;
}

/// We send every field on record; of our own we add only how histories are to be told.
bool are_other_requests(const std::string& text) {
  const auto document = parse_json(text);
  const JsonValue* rows = document ? member(*document, "requests") : nullptr;
  if (rows == nullptr) return false;
  for (const JsonValue& row : rows->GetArray()) {
    std::map<std::string, std::string> recorded;
    for (auto& [name, value] : parse_form(text_at(row, "body")))
      recorded[name] = value;
    const std::string path(text_at(row, "path"));
    const auto call = call_of(path.substr(path.rfind('/') + 1), recorded);
    if (!call || call->path() != path) return false;
    std::map<std::string, std::string> ours;
    for (auto& [name, value] :
         parse_form(body_text(*call, *unsigned_of(recorded["nonce"]), Secret()))) {
      ours[name] = value;
    }
    for (const auto& [name, value] : recorded) {
      if (ours[name] != value) return false;
      ours.erase(name);
    }
    for (const auto& [name, value] : ours) {
      if (name != "consolidate_taker" && name != "type" && name != "ofs") return false;
    }
  }
  return true;
}

bool are_public_requests(const std::string& text) {
  const std::vector<std::string> ours{
      public_target("Time", {}),
      public_target("SystemStatus", {}),
      public_target("Assets", {}),
      public_target("AssetPairs", {}),
      public_target("Ticker", {{"pair", "XBTUSDT,ETHUSDT"}}),
      public_target("OHLC", {{"pair", "XBTUSDT"}, {"interval", "60"}, {"since", "1716523348"}}),
      public_target("Depth", {{"pair", "XBTUSDT"}, {"count", "100"}}),
      public_target("Trades", {{"pair", "XBTUSDT"}, {"since", "1716550666"}})};
  const auto document = parse_json(text);
  const JsonValue* rows = document ? member(*document, "requests") : nullptr;
  return rows != nullptr && rows->Size() == ours.size() &&
         std::equal(ours.begin(), ours.end(), rows->Begin(),
                    [](const std::string& target, const JsonValue& row) {
                      return text_of(&row) == target;
                    });
}

bool is_error_catalogue(const std::string& text) {
  const auto document = parse_json(text);
  const JsonValue* rows = document ? member(*document, "errors") : nullptr;
  return rows != nullptr && std::all_of(rows->Begin(), rows->End(), [](const JsonValue& row) {
           return text_at(row, "error").starts_with('W') ||
                  find_error(text_at(row, "error")) != nullptr;
         });
}

bool are_auth_vectors(const std::string& text) {
  const auto document = parse_json(text);
  const auto signer = Signer::make({"key", Secret(std::string(text_at(*document, "api_secret")))});
  const JsonValue* rows = member(*document, "vectors");
  return signer && rows != nullptr &&
         std::all_of(rows->Begin(), rows->End(), [&](const JsonValue& row) {
           return signer->sign(text_at(row, "uri_path"), *unsigned_of(text_at(row, "nonce")),
                               text_at(row, "body")) == text_at(row, "api_sign");
         });
}

/// Each frame of a list, given back as text by position of its braces.
bool each_frame(const std::string& text, const std::function<bool(std::string_view)>& is_good) {
  std::size_t begin = 0, count = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && depth++ == 0) begin = i;
    if (text[i] != '}' || --depth > 0) continue;
    if (!is_good(std::string_view(text).substr(begin, i + 1 - begin))) return false;
    ++count;
  }
  return count > 0;
}

bool is_partial_then_filled(const std::string& text) {
  ExecutionBook book;
  int fills = 0;
  std::string order;
  const bool all = each_frame(text, [&](std::string_view frame) {
    const auto message = parse_private_frame(frame);
    if (!message || !std::holds_alternative<ExecutionsMessage>(*message)) return false;
    const auto changes = book.apply(std::get<ExecutionsMessage>(*message));
    for (const ExecutionChange& change : *changes) {
      fills += change.fill ? 1 : 0;
      order = change.order.order_id;
    }
    return true;
  });
  return all && fills == 2 && book.find(order)->is_over && !book.find(order)->misses_fills();
}

bool is_book_sequence(const std::string& text) {
  return text.find("expected_checksum_input") != std::string::npos;  // codec_test replays it
}

Secret recorded_token(const std::string& text) {
  const auto document = parse_json(text);
  const JsonValue* params = member(*document, "params");
  return Secret(std::string(params == nullptr ? "" : text_at(*params, "token")));
}

Quantity quantity(std::string_view text) {
  return Quantity::parse_or_die(text);
}

OrderRequest ws_order(const char* symbol, Side side, WireType type, const char* volume) {
  OrderRequest r;
  r.symbol = symbol;
  r.side = side;
  r.type = type;
  r.quantity = quantity(volume);
  return r;
}

bool is_limit_order(const std::string& text) {
  OrderRequest r = ws_order("BTC/USD", Side::buy, WireType::limit, "1.2");
  r.price = *WirePrice::parse("26500.4");
  r.userref = 100054;
  return same_json(add_order_frame(r, recorded_token(text), 123456789), text);
}

bool is_order_by_cost(const std::string& text) {
  OrderRequest r = ws_order("BTC/USD", Side::buy, WireType::market, "0");
  r.cost = Money::parse_or_die("250");
  return same_json(add_order_frame(r, recorded_token(text), 5), text);
}

bool is_oto_order(const std::string& text) {
  OrderRequest r = ws_order("BTC/USD", Side::buy, WireType::limit, "1.2");
  r.price = *WirePrice::parse("28440");
  r.userref = 100062;
  r.post_only = true;
  r.client_id = "6d1b345e-2821-40e2-ad83-4ecb18a06876";
  r.deadline = *parse_time("2026-11-22T11:30:05.000Z");
  r.close = ConditionalClose{WireType::stop_loss_limit, *WirePrice::parse("28410"),
                             *WirePrice::parse("28400")};
  return same_json(add_order_frame(r, recorded_token(text), 1234567890), text);
}

/// Recorded without a request number; ours always has one.
std::string numbered(const std::string& text) {
  return text.substr(0, text.rfind('}')) + ",\"req_id\":7}";
}

bool is_stop_order(const std::string& text) {
  OrderRequest r = ws_order("MATIC/USD", Side::sell, WireType::stop_loss, "100");
  r.price = *WirePrice::parse("-2%");
  return same_json(add_order_frame(r, recorded_token(text), 7), numbered(text));
}

bool is_amend(const std::string& text) {
  AmendRequest r;
  r.client_id = "2c6be801-1f53-4f79-a0bb-4ea1c95dfae9";
  r.limit = *WirePrice::parse("490795");
  r.quantity = quantity("1.2");
  return same_json(amend_order_frame(r, recorded_token(text), 7), numbered(text));
}

bool is_batch(const std::string& text) {
  OrderRequest buy = ws_order("BTC/USD", Side::buy, WireType::limit, "1.2");
  buy.price = *WirePrice::parse("1010.1");
  buy.userref = 1;
  OrderRequest sell = ws_order("BTC/USD", Side::sell, WireType::limit, "1.2");
  sell.price = *WirePrice::parse("1100.1");
  sell.userref = 2;
  // Our deadlines are whole milliseconds; the one on record is not.
  const std::string ours = *batch_add_frame({buy, sell}, recorded_token(text), 1234567890);
  std::string recorded = text;
  const std::string deadline = R"("deadline":"2022-06-13T08:09:10.123456Z",)";
  recorded.erase(recorded.find(deadline), deadline.size());
  return same_json(ours, recorded);
}

bool is_cancel(const std::string& text) {
  const auto frame = cancel_order_frame({{"OM5CRX-N2HAL-GFGWE9", ""}, {"OLUMT4-UTEGU-ZYM7E9", ""}},
                                        recorded_token(text), 123456789);
  return same_json(*frame, text);
}

Subscription subscription(const char* channel, std::vector<std::string> symbols) {
  Subscription s;
  s.channel = channel;
  s.symbols = std::move(symbols);
  return s;
}

std::map<std::string, Handler> rest_handlers() {
  std::map<std::string, Handler> known;
  const auto one_of = [&](std::initializer_list<const char*> names, const Handler& handler) {
    for (const char* name : names)
      known["rest_" + std::string(name) + ".response.json"] = handler;
  };
  one_of({"time"}, parses(parse_time_answer));
  one_of({"system_status", "system_status_maintenance"}, parses(parse_system_status));
  one_of({"assets"}, parses(parse_assets));
  one_of({"asset_pairs", "asset_pairs_xbtusdt"}, parses(parse_asset_pairs));
  one_of({"ticker", "ticker_xxbtzusd"}, parses(parse_ticker));
  one_of({"ohlc", "ohlc_1m_tail_recorded", "ohlc_1h_since_recorded"},
         [](const std::string& text) { return parse_ohlc(text, minutes{1}).has_value(); });
  one_of({"depth"}, parses(parse_depth));
  one_of({"trades"}, parses(parse_trades));
  one_of({"spread"}, parses(parse_spread));
  one_of({"balance"}, parses(parse_balance));
  one_of({"balance_ex"}, parses(parse_balance_ex));
  one_of({"trade_balance"}, parses(parse_trade_balance));
  one_of({"trade_volume"}, parses(parse_trade_volume));
  one_of({"get_api_key_info"}, parses(parse_key_info));
  one_of({"get_websockets_token"}, parses(parse_ws_token));
  one_of({"open_orders", "open_orders_take_profit", "open_orders_stop_loss_limit",
          "open_orders_trailing_stop_pct"},
         parses(parse_open_orders));
  one_of({"closed_orders"}, parses(parse_closed_orders));
  one_of({"query_orders", "query_orders_limit_open", "query_orders_market_closed",
          "query_orders_trailing_canceled"},
         parses(parse_query_orders));
  one_of({"trades_history"}, parses(parse_trades_history));
  one_of({"query_trades"}, parses(parse_query_trades));
  one_of({"add_order_with_close", "add_order_market", "add_order_validate"},
         parses(parse_add_order));
  one_of({"add_order_batch", "add_order_batch_partial_error"}, parses(parse_add_order_batch));
  one_of({"amend_order"}, parses(parse_amend_order));
  one_of({"edit_order"}, parses(parse_edit_order));
  one_of({"cancel_order", "cancel_order_pending", "cancel_order_batch", "cancel_all"},
         parses(parse_cancel));
  one_of({"cancel_all_orders_after", "cancel_all_orders_after_disabled"},
         parses(parse_cancel_all_after));
  one_of({"error_invalid_arguments", "error_invalid_key", "error_rate_limit", "error_throttled",
          "error_insufficient_funds", "error_invalid_nonce", "error_unavailable", "error_deadline"},
         is_refusal);
  known["rest_add_order_variants.request.json"] = are_variants;
  known["rest_add_order_full.request.json"] = is_full_order;
  known["rest_other.request.json"] = are_other_requests;
  known["rest_public_requests.request.json"] = are_public_requests;
  known["auth_vectors.json"] = are_auth_vectors;
  known["errors_catalog.json"] = is_error_catalogue;
  known["futures_tickers.response.json"] = parses(parse_futures_tickers);
  known["futures_historical_funding_rates.response.json"] = parses(parse_funding_history);
  known["futures_error.response.json"] = [](const std::string& text) {
    return parse_futures_tickers(text).error().code == ErrorCode::busy;
  };
  return known;
}

void add_ws_requests(std::map<std::string, Handler>& known) {
  known["ws_ping.request.json"] = [](const std::string& text) {
    return same_json(ping_frame(101), text);
  };
  known["ws_subscribe_ticker.request.json"] = [](const std::string& text) {
    std::string recorded = text;  // the default trigger, which we leave out
    const std::string trigger = R"("event_trigger":"trades",)";
    recorded.erase(recorded.find(trigger), trigger.size());
    return same_json(subscribe_frame(subscription("ticker", {"ALGO/USD"}), 42), recorded);
  };
  known["ws_ohlc.request.json"] = [](const std::string& text) {
    Subscription s = subscription("ohlc", {"MATIC/USD"});
    s.interval = 5;
    return same_json(subscribe_frame(s, 7), numbered(text));
  };
  known["ws_book.request.json"] = [](const std::string& text) {
    Subscription s = subscription("book", {"ALGO/USD", "MATIC/USD"});
    s.depth = 10;
    return same_json(subscribe_frame(s, 7), numbered(text));
  };
  known["ws_instrument.request.json"] = [](const std::string& text) {
    return same_json(subscribe_frame(subscription("instrument", {}), 79), text);
  };
  known["ws_executions.request.json"] = [](const std::string& text) {
    return same_json(subscribe_executions_frame({}, recorded_token(text), 7), text);
  };
  known["ws_cancel_all_orders_after.request.json"] = [](const std::string& text) {
    return same_json(cancel_all_after_frame(seconds{100}, recorded_token(text), 1234567890), text);
  };
  known["ws_add_order_limit.request.json"] = is_limit_order;
  known["ws_add_order_market_by_cost.request.json"] = is_order_by_cost;
  known["ws_add_order_oto.request.json"] = is_oto_order;
  known["ws_add_order_stop_loss.request.json"] = is_stop_order;
  known["ws_amend_order.request.json"] = is_amend;
  known["ws_batch_add.request.json"] = is_batch;
  known["ws_cancel_order.request.json"] = is_cancel;
}

void add_ws_frames(std::map<std::string, Handler>& known) {
  const auto all = [&](const Handler& handler, std::initializer_list<const char*> names) {
    for (const char* name : names)
      known["ws_" + std::string(name) + ".json"] = handler;
  };
  all(is_public<AckMessage>,
      {"subscribe_ticker.response", "subscribe_error.response", "subscribe_already.response",
       "unsubscribe.response", "exceeded_msg_rate", "ohlc.response", "book.response"});
  all(is_public<StatusMessage>, {"status.update", "status_maintenance.update"});
  all(is_public<HeartbeatMessage>, {"heartbeat"});
  all(is_public<PongMessage>, {"pong.response"});
  all(is_public<TickerMessage>, {"ticker.snapshot", "ticker.update"});
  all(is_public<OhlcMessage>, {"ohlc.snapshot", "ohlc.update"});
  all(is_public<TradeMessage>, {"trade.snapshot", "trade.update"});
  all(is_public<InstrumentMessage>, {"instrument.snapshot"});
  all(is_public<BookMessage>,
      {"book.update_documentation", "book.snapshot_checksum_example", "book.snapshot_small_price"});
  all(is_book_sequence, {"book.sequence_with_checksums"});
  all(is_private<PrivateAck>,
      {"executions.response", "add_order.response", "add_order_error.response",
       "add_order_bad_field.response", "amend_order.response", "edit_order.response",
       "cancel_all.response", "cancel_all_orders_after.response", "batch_add.response"});
  all(is_private<ExecutionsMessage>,
      {"executions.pending_new", "executions.new", "executions.trade_taker",
       "executions.trade_partial", "executions.canceled", "executions.canceled_post_only",
       "executions.expired", "executions.amended", "executions.triggered_status",
       "executions.snapshot"});
  all(is_private<BalancesMessage>,
      {"balances.snapshot", "balances.update_deposit", "balances.update_trade"});
  all(is_partial_then_filled, {"executions.sequence_partial_then_filled"});
  all([](const std::string& text) { return each_frame(text, is_private<PrivateAck>); },
      {"cancel_order.responses"});
}

/// Every number token of the text is a decimal that prints as it was written.
std::size_t changed_numbers(const JsonValue& value, std::size_t& seen) {
  std::size_t changed = 0;
  if (value.IsObject()) {
    for (const auto& entry : value.GetObject())
      changed += changed_numbers(entry.value, seen);
  } else if (value.IsArray()) {
    for (const JsonValue& entry : value.GetArray())
      changed += changed_numbers(entry, seen);
  } else if (const auto amount = Amount::parse(text_of(&value))) {
    ++seen;
    const bool is_plain = amount->text.find_first_of("eE+") == std::string::npos;
    const bool is_padded =
        amount->text.size() > 1 && amount->text[0] == '0' && amount->text[1] != '.';
    if (amount->text != text_of(&value)) ++changed;
    if (is_plain && !is_padded && to_string(amount->value) != amount->text) ++changed;
  }
  return changed;
}

}  // namespace

TEST_CASE("kraken fixtures: each is parsed or produced, and none is a stranger",
          "[kraken][fixtures]") {
  const std::filesystem::path folder =
      std::filesystem::path(AITRADE_SOURCE_DIR) / "../shared/protocols/fixtures/kraken";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no fixtures beside the source tree");
    return;
  }
  auto known = rest_handlers();
  add_ws_requests(known);
  add_ws_frames(known);
  std::size_t numbers = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    const auto text = kraken_fixture(name);
    REQUIRE(text.has_value());
    const auto handler = known.find(name);
    if (handler == known.end()) {
      FAIL_CHECK("nobody parses or produces this fixture");
      continue;
    }
    CHECK(handler->second(*text));
    known.erase(handler);
    const auto document = parse_json(*text);
    REQUIRE(document.has_value());
    CHECK(changed_numbers(*document, numbers) == 0);
  }
  for (const auto& [name, handler] : known)
    FAIL_CHECK("no fixture named " << name);
  CHECK(numbers > 1'000);
}

}  // namespace aitrade::kraken
