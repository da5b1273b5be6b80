#include "exchanges/loopback/websocket_order.h"

#include <algorithm>
#include <array>
#include <string>

namespace aitrade::loopback {
namespace {

constexpr std::array<std::string_view, 26> order_fields{
    "order_type",     "side",           "order_qty",     "symbol",        "limit_price",
    "limit_price_type", "triggers",     "time_in_force", "margin",        "post_only",
    "reduce_only",    "effective_time", "expire_time",   "deadline",      "cl_ord_id",
    "order_userref",  "conditional",    "display_qty",   "fee_preference", "no_mpp",
    "stp_type",       "cash_order_qty", "validate",      "sender_sub_id", "token",
    "req_id"};

constexpr std::array<std::string_view, 14> change_fields{
    "order_id",      "cl_ord_id",  "order_qty", "limit_price", "limit_price_type",
    "trigger_price", "trigger_price_type", "display_qty", "post_only", "deadline",
    "symbol",        "order_userref", "validate", "token"};

template <std::size_t N>
Status check_fields(const Params& params, const std::array<std::string_view, N>& known,
                    std::string_view method) {
  for (const auto& [name, value] : params.all()) {
    const std::string field = name.substr(0, name.find('['));
    if (std::find(known.begin(), known.end(), field) != known.end()) continue;
    std::string spoken(method);
    std::replace(spoken.begin(), spoken.end(), '_', ' ');
    return fail(ErrorCode::invalid,
                "Unsupported field: '" + field + "' for the given msg type: " + spoken);
  }
  return ok();
}

// A price of a type: static as it is, pct and quote with the sign that makes REST read it so.
std::string typed(const std::string& price, const std::string& type) {
  if (price.empty() || type.empty() || type == "static") return price;
  const std::string sign = price.starts_with('-') || price.starts_with('+') ? "" : "+";
  return sign + price + (type == "pct" ? "%" : "");
}

void copy(const Params& from, const char* name, Params& to, const char* as) {
  if (const auto value = from.find(name)) to.set(as, *value);
}

std::string flags_of(const Params& params) {
  std::string flags;
  const auto add = [&](bool is_set, const char* flag) {
    if (is_set) flags += (flags.empty() ? "" : ",") + std::string(flag);
  };
  add(params.flag("post_only"), "post");
  add(params.has("cash_order_qty"), "viqc");
  add(params.text("fee_preference") == "base", "fcib");
  add(params.text("fee_preference") == "quote", "fciq");
  add(params.flag("no_mpp"), "nompp");
  return flags;
}

void rename_prices(const Params& params, Params& out) {
  const std::string limit = typed(params.text("limit_price"), params.text("limit_price_type"));
  const std::string trigger =
      typed(params.text("triggers[price]"), params.text("triggers[price_type]"));
  if (!trigger.empty()) {
    out.set("price", trigger);
    if (!limit.empty()) out.set("price2", limit);
  } else if (!limit.empty()) {
    out.set("price", limit);
  }
  copy(params, "triggers[reference]", out, "trigger");
}

void rename_close(const Params& params, Params& out) {
  const Params close = params.child("conditional");
  if (!close.has("order_type")) return;
  out.set("close[ordertype]", close.text("order_type"));
  const std::string limit = typed(close.text("limit_price"), close.text("limit_price_type"));
  const std::string trigger = typed(close.text("trigger_price"), close.text("trigger_price_type"));
  if (trigger.empty()) {
    out.set("close[price]", limit);
  } else {
    out.set("close[price]", trigger);
    if (!limit.empty()) out.set("close[price2]", limit);
  }
}

}  // namespace

Result<Params> websocket_order(const Params& params, std::string_view method) {
  AITRADE_TRY_STATUS(check_fields(params, order_fields, method));
  Params out;
  copy(params, "symbol", out, "pair");
  copy(params, "side", out, "type");
  copy(params, "order_type", out, "ordertype");
  copy(params, params.has("cash_order_qty") ? "cash_order_qty" : "order_qty", out, "volume");
  rename_prices(params, out);
  rename_close(params, out);
  const std::string flags = flags_of(params);
  if (!flags.empty()) out.set("oflags", flags);
  copy(params, "time_in_force", out, "timeinforce");
  copy(params, "order_userref", out, "userref");
  copy(params, "cl_ord_id", out, "cl_ord_id");
  copy(params, "expire_time", out, "expiretm");
  copy(params, "effective_time", out, "starttm");
  copy(params, "deadline", out, "deadline");
  copy(params, "validate", out, "validate");
  copy(params, "display_qty", out, "displayvol");
  copy(params, "reduce_only", out, "reduce_only");
  if (params.flag("margin")) out.set("leverage", "2");
  std::string rule = params.text("stp_type");
  std::replace(rule.begin(), rule.end(), '_', '-');
  if (!rule.empty()) out.set("stptype", rule);
  return out;
}

Result<Params> websocket_change(const Params& params, std::string_view method) {
  AITRADE_TRY_STATUS(check_fields(params, change_fields, method));
  Params out;
  copy(params, "order_id", out, "txid");
  copy(params, "cl_ord_id", out, "cl_ord_id");
  copy(params, "deadline", out, "deadline");
  copy(params, "validate", out, "validate");
  const std::string limit = typed(params.text("limit_price"), params.text("limit_price_type"));
  const std::string trigger =
      typed(params.text("trigger_price"), params.text("trigger_price_type"));
  if (method == "edit_order") {
    copy(params, "order_qty", out, "volume");
    copy(params, "order_userref", out, "userref");
    if (params.flag("post_only")) out.set("oflags", "post");
    if (!limit.empty()) out.set(trigger.empty() ? "price" : "price2", limit);
    if (!trigger.empty()) out.set("price", trigger);
    return out;
  }
  copy(params, "order_qty", out, "order_qty");
  copy(params, "display_qty", out, "display_qty");
  copy(params, "post_only", out, "post_only");
  if (!limit.empty()) out.set("limit_price", limit);
  if (!trigger.empty()) out.set("trigger_price", trigger);
  return out;
}

}  // namespace aitrade::loopback
