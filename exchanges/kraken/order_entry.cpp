#include "exchanges/kraken/order_entry.h"

#include "exchanges/kraken/json.h"
#include "exchanges/kraken/json_out.h"

#include <utility>

namespace aitrade::kraken {
namespace {

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

std::string order_flags(const OrderRequest& r) {
  std::string flags;
  auto add = [&flags](std::string_view flag) {
    if (!flags.empty()) flags += ',';
    flags += flag;
  };
  if (r.post_only) add("post");
  if (r.fee_asset) add(*r.fee_asset == FeeAsset::base ? "fcib" : "fciq");
  if (r.no_price_protection) add("nompp");
  if (r.cost) add("viqc");
  return flags;
}

std::string expiry_text(const OrderRequest& r) {
  if (r.expires_in) {
    return "+" + std::to_string(std::chrono::duration_cast<seconds>(*r.expires_in).count());
  }
  return r.expires ? std::to_string(r.expires->seconds_floor()) : std::string();
}

void add_close(FormFields& fields, const ConditionalClose& close) {
  fields.emplace_back("close[ordertype]", to_string(close.type));
  if (close.price) fields.emplace_back("close[price]", to_string(*close.price));
  if (close.limit) fields.emplace_back("close[price2]", to_string(*close.limit));
}

/// What one order says, without pair, deadline and validate, which a batch has once for all.
FormFields leg_fields(const OrderRequest& r) {
  FormFields fields;
  auto add = [&fields](const char* name, auto&& value) {
    fields.emplace_back(name, std::forward<decltype(value)>(value));
  };
  add("ordertype", to_string(r.type));
  add("type", to_string(r.side));
  add("volume", r.cost ? to_string(*r.cost) : to_string(r.quantity));
  if (r.displayed) add("displayvol", to_string(*r.displayed));
  if (r.price) add("price", to_string(*r.price));
  if (r.limit) add("price2", to_string(*r.limit));
  if (r.reference) add("trigger", to_string(*r.reference));
  if (r.leverage) add("leverage", std::to_string(*r.leverage));
  if (r.reduce_only) add("reduce_only", "true");
  if (r.self_trade) add("stptype", to_string(*r.self_trade));
  if (const std::string flags = order_flags(r); !flags.empty()) add("oflags", flags);
  if (r.tif) add("timeinforce", to_string(*r.tif));
  if (const std::string expiry = expiry_text(r); !expiry.empty()) add("expiretm", expiry);
  if (!r.client_id.empty()) add("cl_ord_id", r.client_id);
  if (r.userref) add("userref", std::to_string(*r.userref));
  return fields;
}

void write_leg(JsonOut& out, const OrderRequest& r) {
  out.begin();
  for (const auto& [name, value] : leg_fields(r)) {
    if (value == "true") {
      out.flag(name.c_str(), true);
    } else {
      out.text(name.c_str(), value);
    }
  }
  if (r.close) {
    out.begin("close").text("ordertype", to_string(r.close->type));
    if (r.close->price) out.text("price", to_string(*r.close->price));
    if (r.close->limit) out.text("price2", to_string(*r.close->limit));
    out.end();
  }
  out.end();
}

FormField name_field(const OrderName& order) {
  return order.venue_id.empty() ? FormField{"cl_ord_id", order.client_id}
                                : FormField{"txid", order.venue_id};
}

std::string text_inside(const JsonValue& row, const char* object, const char* name) {
  const JsonValue* inner = member(row, object);
  return inner == nullptr ? std::string() : std::string(text_at(*inner, name));
}

}  // namespace

PrivateCall add_order_call(const OrderRequest& r) {
  PrivateCall call{"AddOrder", leg_fields(r), {}};
  call.fields.insert(call.fields.begin() + 2, {"pair", r.pair});
  if (r.deadline) call.fields.emplace_back("deadline", to_string(*r.deadline));
  if (r.close) add_close(call.fields, *r.close);
  if (r.validate_only) call.fields.emplace_back("validate", "true");
  return call;
}

Result<PrivateCall> add_order_batch_call(const std::vector<OrderRequest>& requests) {
  if (requests.size() < batch_orders_min || requests.size() > batch_orders_max) {
    return bad("a batch has 2 to 15 orders, not " + std::to_string(requests.size()));
  }
  const OrderRequest& first = requests.front();
  JsonOut out;
  out.begin().text("pair", first.pair).begin_list("orders");
  for (const OrderRequest& r : requests) {
    if (r.pair != first.pair) return bad("a batch has one pair");
    write_leg(out, r);
  }
  out.end_list();
  if (first.deadline) out.text("deadline", to_string(*first.deadline));
  if (first.validate_only) out.flag("validate", true);
  out.end();
  return PrivateCall{"AddOrderBatch", {}, out.members()};
}

PrivateCall amend_order_call(const AmendRequest& r) {
  PrivateCall call{"AmendOrder", {name_field({r.venue_id, r.client_id})}, {}};
  auto add = [&call](const char* name, std::string value) {
    call.fields.emplace_back(name, std::move(value));
  };
  if (r.quantity) add("order_qty", to_string(*r.quantity));
  if (r.displayed) add("display_qty", to_string(*r.displayed));
  if (r.limit) add("limit_price", to_string(*r.limit));
  if (r.trigger) add("trigger_price", to_string(*r.trigger));
  if (r.post_only) add("post_only", *r.post_only ? "true" : "false");
  if (r.deadline) add("deadline", to_string(*r.deadline));
  return call;
}

PrivateCall edit_order_call(const EditRequest& r) {
  PrivateCall call{"EditOrder", {{"txid", r.venue_id}, {"pair", r.pair}}, {}};
  auto add = [&call](const char* name, std::string value) {
    call.fields.emplace_back(name, std::move(value));
  };
  if (r.quantity) add("volume", to_string(*r.quantity));
  if (r.price) add("price", to_string(*r.price));
  if (r.limit) add("price2", to_string(*r.limit));
  if (r.post_only) add("oflags", "post");
  if (r.deadline) add("deadline", to_string(*r.deadline));
  if (r.userref) add("userref", std::to_string(*r.userref));
  if (r.validate_only) add("validate", "true");
  return call;
}

PrivateCall cancel_order_call(const OrderName& order) {
  return {"CancelOrder", {name_field(order)}, {}};
}

Result<PrivateCall> cancel_order_batch_call(const std::vector<OrderName>& orders) {
  if (orders.empty() || orders.size() > cancel_batch_max) {
    return bad("a batch cancels 1 to 50 orders, not " + std::to_string(orders.size()));
  }
  JsonOut out;
  out.begin();
  auto write = [&](const char* list, std::string OrderName::*id, bool is_ours) {
    bool has_any = false;
    for (const OrderName& order : orders) {
      if (order.venue_id.empty() != is_ours) continue;
      if (!has_any) out.begin_list(list);
      has_any = true;
      out.text(order.*id);
    }
    if (has_any) out.end_list();
  };
  write("orders", &OrderName::venue_id, false);
  write("cl_ord_ids", &OrderName::client_id, true);
  out.end();
  return PrivateCall{"CancelOrderBatch", {}, out.members()};
}

PrivateCall cancel_all_call() {
  return {"CancelAll", {}, {}};
}

PrivateCall cancel_all_after_call(seconds timeout) {
  return {"CancelAllOrdersAfter", {{"timeout", std::to_string(timeout.count())}}, {}};
}

Result<AddOrderAnswer> parse_add_order(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  AddOrderAnswer answer;
  answer.order = text_inside(envelope.result(), "descr", "order");
  answer.close = text_inside(envelope.result(), "descr", "close");
  const JsonValue* ids = member(envelope.result(), "txid");
  if (ids == nullptr) return answer;  // validate=true
  if (!ids->IsArray()) return bad("AddOrder: txid is not a list");
  for (const JsonValue& id : ids->GetArray()) {
    if (text_of(&id).empty()) return bad("AddOrder: an empty txid");
    answer.venue_ids.emplace_back(text_of(&id));
  }
  return answer;
}

Result<std::vector<BatchLeg>> parse_add_order_batch(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* orders = member(envelope.result(), "orders");
  if (orders == nullptr || !orders->IsArray()) return bad("AddOrderBatch without orders");
  std::vector<BatchLeg> legs;
  for (const JsonValue& row : orders->GetArray()) {
    BatchLeg leg;
    leg.venue_id = text_at(row, "txid");
    leg.error = text_at(row, "error");
    leg.order = text_inside(row, "descr", "order");
    leg.close = text_at(row, "close");
    legs.push_back(std::move(leg));
  }
  return legs;
}

Result<std::string> parse_amend_order(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  std::string id(text_at(envelope.result(), "amend_id"));
  if (id.empty()) return bad("AmendOrder without amend_id");
  return id;
}

Result<EditAnswer> parse_edit_order(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  EditAnswer answer;
  answer.venue_id = text_at(envelope.result(), "txid");
  answer.original_id = text_at(envelope.result(), "originaltxid");
  answer.status = text_at(envelope.result(), "status");
  answer.canceled = unsigned_of(text_at(envelope.result(), "orders_cancelled")).value_or(0);
  return answer;
}

Result<CancelAnswer> parse_cancel(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const auto count = unsigned_of(text_at(envelope.result(), "count"));
  if (!count) return bad("cancel without count");
  return CancelAnswer{*count, is_true(member(envelope.result(), "pending"))};
}

Result<DeadManAnswer> parse_cancel_all_after(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  DeadManAnswer answer;
  const auto now = time_at(envelope.result(), "currentTime");
  if (!now) return bad("CancelAllOrdersAfter without currentTime");
  answer.now = *now;
  const std::string_view trigger = text_at(envelope.result(), "triggerTime");
  if (trigger == "0") return answer;
  answer.fires = time_at(envelope.result(), "triggerTime");
  if (!answer.fires) return bad("CancelAllOrdersAfter without triggerTime");
  return answer;
}

}  // namespace aitrade::kraken
