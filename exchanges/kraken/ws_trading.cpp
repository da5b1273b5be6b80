#include "exchanges/kraken/ws_trading.h"

#include "exchanges/kraken/json_out.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {
namespace {

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The self-trade word has underscores here and dashes there.
std::string underscored(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

/// Wraps what `write` puts into params.
template <class Write>
std::string frame(const char* method, const Secret& token, std::uint64_t req_id, Write write) {
  JsonOut out;
  out.begin().text("method", method).begin("params");
  write(out);
  out.text("token", token.reveal()).end().count("req_id", req_id).end();
  return std::string(out.view());
}

std::string_view price_type(const WirePrice& price) {
  if (price.is_absolute()) return "static";
  return price.is_percent ? "pct" : "quote";
}

std::string signed_digits(const WirePrice& price) {
  return (price.kind == WirePrice::Kind::minus ? "-" : "") + to_string(price.value);
}

/// Writes a price, and its kind when it is not an absolute one.
void write_price(JsonOut& out, const WirePrice& price, const char* name, const char* type_name) {
  out.number(name, signed_digits(price));
  if (!price.is_absolute()) out.text(type_name, price_type(price));
}

void write_prices(JsonOut& out, const OrderRequest& r) {
  const auto& limit = has_trigger(r.type) ? r.limit : r.price;
  if (limit) write_price(out, *limit, "limit_price", "limit_price_type");
  if (!has_trigger(r.type) || !r.price) return;
  out.begin("triggers").text("reference", to_string(r.reference.value_or(TriggerReference::last)));
  write_price(out, *r.price, "price", "price_type");
  out.end();
}

void write_close(JsonOut& out, const ConditionalClose& close) {
  out.begin("conditional").text("order_type", to_string(close.type));
  const auto& limit = has_trigger(close.type) ? close.limit : close.price;
  if (has_trigger(close.type) && close.price) {
    write_price(out, *close.price, "trigger_price", "trigger_price_type");
  }
  if (limit) write_price(out, *limit, "limit_price", "limit_price_type");
  out.end();
}

/// What one order says, without symbol, deadline and validate, which a batch has once for all.
void write_leg(JsonOut& out, const OrderRequest& r) {
  out.text("order_type", to_string(r.type)).text("side", to_string(r.side));
  if (r.cost) {
    out.number("cash_order_qty", *r.cost);
  } else {
    out.number("order_qty", r.quantity);
  }
  if (r.displayed) out.number("display_qty", *r.displayed);
  write_prices(out, r);
  if (r.tif) out.text("time_in_force", lower(to_string(*r.tif)));
  if (r.expires) out.text("expire_time", to_string(*r.expires));
  if (r.post_only) out.flag("post_only", true);
  if (r.fee_asset) out.text("fee_preference", *r.fee_asset == FeeAsset::base ? "base" : "quote");
  if (r.no_price_protection) out.flag("no_mpp", true);
  if (r.leverage) out.flag("margin", true);
  if (r.reduce_only) out.flag("reduce_only", true);
  if (r.self_trade) out.text("stp_type", underscored(to_string(*r.self_trade)));
  if (r.close) write_close(out, *r.close);
  if (!r.client_id.empty()) out.text("cl_ord_id", r.client_id);
  if (r.userref) out.integer("order_userref", *r.userref);
}

void write_names(JsonOut& out, const std::vector<OrderName>& orders, const char* venue_list) {
  for (const bool is_ours : {false, true}) {
    bool has_any = false;
    for (const OrderName& order : orders) {
      if (order.venue_id.empty() != is_ours) continue;
      if (!has_any) out.begin_list(is_ours ? "cl_ord_id" : venue_list);
      has_any = true;
      out.text(is_ours ? order.client_id : order.venue_id);
    }
    if (has_any) out.end_list();
  }
}

}  // namespace

std::string subscribe_executions_frame(const ExecutionsOptions& options, const Secret& token,
                                       std::uint64_t req_id) {
  return frame("subscribe", token, req_id, [&](JsonOut& out) {
    out.text("channel", "executions")
        .flag("snap_orders", options.snapshot_orders)
        .flag("snap_trades", options.snapshot_trades)
        .flag("order_status", true)
        .flag("ratecounter", options.rate_counter);
  });
}

std::string subscribe_balances_frame(const Secret& token, std::uint64_t req_id) {
  return frame("subscribe", token, req_id,
               [](JsonOut& out) { out.text("channel", "balances").flag("snapshot", true); });
}

std::string add_order_frame(const OrderRequest& r, const Secret& token, std::uint64_t req_id) {
  return frame("add_order", token, req_id, [&](JsonOut& out) {
    write_leg(out, r);
    out.text("symbol", r.symbol);
    if (r.deadline) out.text("deadline", to_string(*r.deadline));
    if (r.validate_only) out.flag("validate", true);
  });
}

Result<std::string> batch_add_frame(const std::vector<OrderRequest>& requests, const Secret& token,
                                    std::uint64_t req_id) {
  if (requests.size() < batch_orders_min || requests.size() > batch_orders_max) {
    return bad("a batch has 2 to 15 orders, not " + std::to_string(requests.size()));
  }
  const OrderRequest& first = requests.front();
  for (const OrderRequest& r : requests) {
    if (r.symbol != first.symbol) return bad("a batch has one symbol");
  }
  return frame("batch_add", token, req_id, [&](JsonOut& out) {
    if (first.deadline) out.text("deadline", to_string(*first.deadline));
    out.begin_list("orders");
    for (const OrderRequest& r : requests) {
      out.begin();
      write_leg(out, r);
      out.end();
    }
    out.end_list().text("symbol", first.symbol).flag("validate", first.validate_only);
  });
}

std::string amend_order_frame(const AmendRequest& r, const Secret& token, std::uint64_t req_id) {
  return frame("amend_order", token, req_id, [&](JsonOut& out) {
    if (r.venue_id.empty()) {
      out.text("cl_ord_id", r.client_id);
    } else {
      out.text("order_id", r.venue_id);
    }
    if (r.quantity) out.number("order_qty", *r.quantity);
    if (r.displayed) out.number("display_qty", *r.displayed);
    if (r.limit) write_price(out, *r.limit, "limit_price", "limit_price_type");
    if (r.trigger) write_price(out, *r.trigger, "trigger_price", "trigger_price_type");
    if (r.post_only) out.flag("post_only", *r.post_only);
    if (r.deadline) out.text("deadline", to_string(*r.deadline));
  });
}

Result<std::string> cancel_order_frame(const std::vector<OrderName>& orders, const Secret& token,
                                       std::uint64_t req_id) {
  if (orders.empty()) return bad("a cancel that names no order");
  return frame("cancel_order", token, req_id,
               [&](JsonOut& out) { write_names(out, orders, "order_id"); });
}

Result<std::string> batch_cancel_frame(const std::vector<OrderName>& orders, const Secret& token,
                                       std::uint64_t req_id) {
  if (orders.size() < 2 || orders.size() > cancel_batch_max) {
    return bad("a batch cancels 2 to 50 orders, not " + std::to_string(orders.size()));
  }
  return frame("batch_cancel", token, req_id,
               [&](JsonOut& out) { write_names(out, orders, "orders"); });
}

std::string cancel_all_frame(const Secret& token, std::uint64_t req_id) {
  return frame("cancel_all", token, req_id, [](JsonOut&) {});
}

std::string cancel_all_after_frame(seconds timeout, const Secret& token, std::uint64_t req_id) {
  return frame("cancel_all_orders_after", token, req_id,
               [&](JsonOut& out) { out.integer("timeout", timeout.count()); });
}

}  // namespace aitrade::kraken
