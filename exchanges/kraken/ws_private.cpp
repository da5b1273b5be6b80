#include "exchanges/kraken/ws_private.h"

#include "exchanges/kraken/json.h"
#include "exchanges/kraken/wire.h"

#include <array>
#include <charconv>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr std::array<std::pair<ExecType, std::string_view>, 11> type_names{{
    {ExecType::pending_new, "pending_new"},
    {ExecType::new_, "new"},
    {ExecType::trade, "trade"},
    {ExecType::filled, "filled"},
    {ExecType::iceberg_refill, "iceberg_refill"},
    {ExecType::canceled, "canceled"},
    {ExecType::expired, "expired"},
    {ExecType::amended, "amended"},
    {ExecType::restated, "restated"},
    {ExecType::status, "status"},
    {ExecType::other, "other"},
}};

constexpr std::array<std::pair<ExecStatus, std::string_view>, 8> status_names{{
    {ExecStatus::pending_new, "pending_new"},
    {ExecStatus::new_, "new"},
    {ExecStatus::partially_filled, "partially_filled"},
    {ExecStatus::filled, "filled"},
    {ExecStatus::canceled, "canceled"},
    {ExecStatus::expired, "expired"},
    {ExecStatus::triggered, "triggered"},
    {ExecStatus::other, "other"},
}};

template <class Value, std::size_t N>
Value value_of(const std::array<std::pair<Value, std::string_view>, N>& names,
               std::string_view text) {
  for (const auto& [known, name] : names) {
    if (name == text) return known;
  }
  return Value::other;
}

Error bad(std::string what) {
  return fail(ErrorCode::invalid, std::move(what));
}

std::optional<bool> flag_at(const JsonValue& row, const char* name) {
  const JsonValue* value = member(row, name);
  if (value == nullptr || !value->IsBool()) return std::nullopt;
  return value->GetBool();
}

std::optional<std::int64_t> signed_at(const JsonValue& row, const char* name) {
  const std::string_view text = text_at(row, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status read_terms(const JsonValue& row, ExecutionRow& out) {
  AITRADE_TRY(out.quantity, maybe_amount_at(row, "order_qty"));
  AITRADE_TRY(out.cost_quantity, maybe_amount_at(row, "cash_order_qty"));
  AITRADE_TRY(out.displayed, maybe_amount_at(row, "display_qty"));
  AITRADE_TRY(out.limit_price, maybe_amount_at(row, "limit_price"));
  AITRADE_TRY(out.trigger_price, maybe_amount_at(row, "stop_price"));
  if (const JsonValue* trigger = member(row, "triggers")) {
    AITRADE_TRY(auto price, maybe_amount_at(*trigger, "actual_price"));
    if (!price) {
      AITRADE_TRY(price, maybe_amount_at(*trigger, "price"));
    }
    if (price) out.trigger_price = std::move(price);
  }
  AITRADE_TRY(out.cumulative_quantity, maybe_amount_at(row, "cum_qty"));
  AITRADE_TRY(out.cumulative_cost, maybe_amount_at(row, "cum_cost"));
  AITRADE_TRY(out.average_price, maybe_amount_at(row, "avg_price"));
  return ok();
}

Status read_fees(const JsonValue& row, ExecutionRow& out) {
  const JsonValue* fees = member(row, "fees");
  if (fees == nullptr) return ok();
  if (!fees->IsArray()) return bad("fees is not a list");
  for (const JsonValue& part : fees->GetArray()) {
    AITRADE_TRY(Amount quantity, amount_at(part, "qty"));
    out.fees.push_back({std::string(text_at(part, "asset")), std::move(quantity)});
  }
  return ok();
}

Status read_fill(const JsonValue& row, ExecutionRow& out) {
  out.exec_id = text_at(row, "exec_id");
  out.trade_id = unsigned_of(text_at(row, "trade_id"));
  AITRADE_TRY(out.last_quantity, maybe_amount_at(row, "last_qty"));
  AITRADE_TRY(out.last_price, maybe_amount_at(row, "last_price"));
  AITRADE_TRY(out.cost, maybe_amount_at(row, "cost"));
  const std::string_view liquidity = text_at(row, "liquidity_ind");
  if (!liquidity.empty()) out.is_maker = liquidity == "m";
  AITRADE_TRY_STATUS(read_fees(row, out));
  if (!out.is_fill()) return ok();
  // A fill that cannot be told from others, or has no size, must not be counted nor dropped.
  if (out.exec_id.empty() || !out.last_quantity || !out.last_price || out.symbol.empty() ||
      !out.side) {
    return bad("a fill without id, size, price, symbol or side");
  }
  return ok();
}

Result<ExecutionRow> read_execution(const JsonValue& row) {
  ExecutionRow out;
  out.type = value_of(type_names, text_at(row, "exec_type"));
  const std::string_view status = text_at(row, "order_status");
  if (!status.empty()) out.status = value_of(status_names, status);
  out.order_id = text_at(row, "order_id");
  if (out.order_id.empty()) return bad("an execution without order_id");
  out.client_id = text_at(row, "cl_ord_id");
  out.userref = signed_at(row, "order_userref");
  out.parent_id = text_at(row, "order_ref_id");
  out.symbol = text_at(row, "symbol");
  out.side = wire_side(text_at(row, "side"));
  out.order_type = text_at(row, "order_type");
  out.time_in_force = text_at(row, "time_in_force");
  AITRADE_TRY_STATUS(read_terms(row, out));
  out.post_only = flag_at(row, "post_only");
  out.reduce_only = flag_at(row, "reduce_only");
  out.reason = text_at(row, member(row, "cancel_reason") != nullptr ? "cancel_reason" : "reason");
  out.timestamp = time_at(row, "timestamp");
  out.expires = time_at(row, "expire_time");
  out.rate_count = double_of(text_at(row, "ratecount"));
  AITRADE_TRY_STATUS(read_fill(row, out));
  return out;
}

Result<BalanceRow> read_balance(const JsonValue& row) {
  BalanceRow out;
  out.asset = text_at(row, "asset");
  if (out.asset.empty()) return bad("a balance without asset");
  AITRADE_TRY(out.balance, amount_at(row, "balance"));
  if (const JsonValue* wallets = member(row, "wallets"); wallets != nullptr && wallets->IsArray()) {
    for (const JsonValue& wallet : wallets->GetArray()) {
      AITRADE_TRY(Amount balance, amount_at(wallet, "balance"));
      out.wallets.push_back({std::string(text_at(wallet, "type")),
                             std::string(text_at(wallet, "id")), std::move(balance)});
    }
  }
  out.ledger_id = text_at(row, "ledger_id");
  out.reference = text_at(row, "ref_id");
  out.type = text_at(row, "type");
  out.category = text_at(row, "category");
  out.wallet_type = text_at(row, "wallet_type");
  out.wallet_id = text_at(row, "wallet_id");
  AITRADE_TRY(out.amount, maybe_amount_at(row, "amount"));
  AITRADE_TRY(out.fee, maybe_amount_at(row, "fee"));
  out.timestamp = time_at(row, "timestamp");
  return out;
}

template <class Message, class Read>
Result<PrivateMessage> read_numbered(const JsonValue& frame, Read read) {
  Message message;
  message.is_snapshot = text_at(frame, "type") == "snapshot";
  const auto sequence = unsigned_of(text_at(frame, "sequence"));
  const JsonValue* data = member(frame, "data");
  if (!sequence || data == nullptr || !data->IsArray()) return bad("no sequence or no data");
  message.sequence = *sequence;
  message.rows.reserve(data->Size());
  for (const JsonValue& row : data->GetArray()) {
    AITRADE_TRY(auto parsed, read(row));
    message.rows.push_back(std::move(parsed));
  }
  return PrivateMessage{std::move(message)};
}

Result<PrivateMessage> read_channel(const JsonValue& frame, std::string_view channel) {
  if (channel == "executions") return read_numbered<ExecutionsMessage>(frame, read_execution);
  if (channel == "balances") return read_numbered<BalancesMessage>(frame, read_balance);
  if (channel == "heartbeat") return PrivateMessage{HeartbeatMessage{}};
  if (channel != "status") return PrivateMessage{UnknownMessage{std::string(channel)}};
  const JsonValue* data = member(frame, "data");
  if (data == nullptr || !data->IsArray() || data->Empty()) return bad("status without data");
  return PrivateMessage{StatusMessage{std::string(text_at((*data)[0], "system"))}};
}

OrderResult read_result(const JsonValue& row) {
  OrderResult order;
  order.order_id = text_at(row, "order_id");
  order.client_id = text_at(row, "cl_ord_id");
  order.amend_id = text_at(row, "amend_id");
  order.original_id = text_at(row, "original_order_id");
  order.error = text_at(row, "error");
  order.userref = signed_at(row, "order_userref");
  return order;
}

void read_result_object(const JsonValue& result, PrivateAck& ack) {
  ack.channel = text_at(result, "channel");
  ack.max_rate_count = double_of(text_at(result, "maxratecount"));
  ack.count = unsigned_of(text_at(result, "count"));
  ack.now = time_at(result, "currentTime");
  if (text_at(result, "triggerTime") != "0") ack.fires = time_at(result, "triggerTime");
  if (const JsonValue* warnings = member(result, "warnings"); warnings && warnings->IsArray()) {
    for (const JsonValue& warning : warnings->GetArray())
      ack.warnings.emplace_back(text_of(&warning));
  }
  OrderResult order = read_result(result);
  if (!order.order_id.empty() || !order.client_id.empty() || !order.amend_id.empty()) {
    ack.orders.push_back(std::move(order));
  }
}

PrivateAck read_ack(const JsonValue& frame, std::string_view method) {
  PrivateAck ack;
  ack.method = method;
  ack.success = is_true(member(frame, "success"));
  ack.error = text_at(frame, "error");
  ack.req_id = unsigned_of(text_at(frame, "req_id"));
  ack.time_in = time_at(frame, "time_in");
  ack.time_out = time_at(frame, "time_out");
  const JsonValue* result = member(frame, "result");
  if (result != nullptr && result->IsArray()) {
    for (const JsonValue& row : result->GetArray())
      ack.orders.push_back(read_result(row));
  } else if (result != nullptr) {
    read_result_object(*result, ack);
  }
  return ack;
}

}  // namespace

std::string_view to_string(ExecType type) {
  return type_names[static_cast<std::size_t>(type)].second;
}

std::string_view to_string(ExecStatus status) {
  return status_names[static_cast<std::size_t>(status)].second;
}

bool ExecutionRow::is_final() const {
  return status == ExecStatus::filled || status == ExecStatus::canceled ||
         status == ExecStatus::expired || type == ExecType::filled || type == ExecType::canceled ||
         type == ExecType::expired;
}

Result<PrivateMessage> parse_private_frame(std::string_view text) {
  AITRADE_TRY(const rapidjson::Document frame, parse_json(text));
  if (!frame.IsObject()) return bad("frame is not an object");
  if (const std::string_view channel = text_at(frame, "channel"); !channel.empty()) {
    auto message = read_channel(frame, channel);
    if (!message) return std::move(message).error().within(channel);
    return message;
  }
  const std::string_view method = text_at(frame, "method");
  if (method == "pong") return PrivateMessage{PongMessage{unsigned_of(text_at(frame, "req_id"))}};
  if (!method.empty() || member(frame, "error") != nullptr) {
    return PrivateMessage{read_ack(frame, method)};
  }
  return PrivateMessage{UnknownMessage{}};
}

SequenceGuard::Verdict SequenceGuard::on(std::uint64_t sequence) {
  if (is_broken_) return Verdict::gap;
  if (sequence != 0 && sequence <= last_) return Verdict::repeated;
  if (sequence != last_ + 1) {
    is_broken_ = true;
    return Verdict::gap;
  }
  last_ = sequence;
  return Verdict::next;
}

}  // namespace aitrade::kraken
