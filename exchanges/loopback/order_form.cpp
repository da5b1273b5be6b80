#include "exchanges/loopback/order_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cctype>

namespace aitrade::loopback {
namespace {

constexpr Duration deadline_max = seconds{60};

Error bad(std::string_view field) {
  return fail(ErrorCode::rejected, field.empty() ? "EGeneral:Invalid arguments"
                                                 : "EGeneral:Invalid arguments:" +
                                                       std::string(field));
}

Result<Time> read_time(const std::string& text, Time now, std::string_view field) {
  if (text.empty() || text == "0") return Time{};
  const std::string digits = text[0] == '+' || text[0] == ' ' ? text.substr(1) : text;
  if (const auto plain = Money::parse(digits)) {
    const std::int64_t ns = plain->raw() * (1'000'000'000 / Money::scale);
    return Time{digits.size() != text.size() ? now.ns + ns : ns};
  }
  auto parsed = parse_time(text);
  if (!parsed) return bad(field);
  return *parsed;
}

Result<Offset> read_offset(std::string text, std::string_view field) {
  Offset out;
  if (text.ends_with('%')) {
    out.is_percent = true;
    text.pop_back();
  }
  if (text.starts_with('+') || text.starts_with(' ') || text.starts_with('#')) text.erase(0, 1);
  const auto amount = Price::parse(text);
  if (!amount || amount->is_zero()) return bad(field);
  out.amount = *amount;
  return out;
}

Status read_flags(const Params& params, OrderTerms& out) {
  bool wants_base = false;
  bool wants_quote = false;
  for (const std::string& flag : params.list("oflags")) {
    if (flag == "post") {
      out.post_only = true;
    } else if (flag == "fcib") {
      wants_base = true;
    } else if (flag == "fciq") {
      wants_quote = true;
    } else if (flag == "nompp") {
      out.no_protection = true;
    } else if (flag != "viqc") {
      return bad("oflags");
    }
  }
  if (wants_base && wants_quote) return bad("oflags");
  out.fee_in_base = wants_base;
  if (out.post_only && out.kind != Kind::limit) return bad("oflags");
  return ok();
}

Status read_lasting(const Params& params, Time now, OrderTerms& out) {
  const std::string text = params.text("timeinforce");
  if (text.empty() || text == "GTC" || text == "gtc") {
    out.lasting = Lasting::gtc;
  } else if (text == "IOC" || text == "ioc") {
    out.lasting = Lasting::ioc;
  } else if (text == "FOK" || text == "fok") {
    out.lasting = Lasting::fok;
  } else if (text == "GTD" || text == "gtd") {
    out.lasting = Lasting::gtd;
  } else {
    return bad("timeinforce");
  }
  AITRADE_TRY(out.starts, read_time(params.text("starttm"), now, "starttm"));
  AITRADE_TRY(out.expires, read_time(params.text("expiretm"), now, "expiretm"));
  if (out.expires.ns != 0 && out.expires <= now) return bad("expiretm");
  if (out.lasting == Lasting::gtd && out.expires.ns == 0) return bad("expiretm");
  const bool is_instant = out.lasting == Lasting::ioc || out.lasting == Lasting::fok;
  if (is_instant && (out.post_only || out.expires.ns != 0)) return bad("timeinforce");
  return ok();
}

Status read_prices(const Params& params, const Market& market, OrderTerms& out) {
  const ShownPair& pair = market.pairs()[out.pair];
  const Price last = market.last_price(out.pair);
  const std::string first = params.text("price");
  const std::string second = params.text("price2");
  if (is_trailing(out.kind)) {
    if (!first.starts_with('+') && !first.starts_with(' ')) return bad("price");
    AITRADE_TRY(out.trail, read_offset(first, "price"));
    if (out.kind == Kind::trailing_stop_limit) {
      AITRADE_TRY(out.limit_trail, read_offset(second, "price2"));
    }
    return ok();
  }
  if (out.kind == Kind::market) return ok();
  // '#' picks the sign that makes sense: a limit buys below, a stop buys above.
  const bool is_stop = out.kind == Kind::stop_loss || out.kind == Kind::stop_loss_limit;
  const bool plus = (out.side == Side::buy) == is_stop;
  AITRADE_TRY(const Price price,
              read_price(first, last, pair.rules.tick, out.side, plus, "price"));
  if (!is_triggered_kind(out.kind)) {
    out.limit = price;
    return ok();
  }
  out.trigger = price;
  if (has_limit(out.kind)) {
    AITRADE_TRY(out.limit, read_price(second, out.trigger, pair.rules.tick, out.side,
                                      out.side == Side::buy, "price2"));
  }
  return ok();
}

Status read_close(const Params& params, const Market& market, OrderTerms& out) {
  const std::string text = params.text("close[ordertype]");
  if (text.empty()) return ok();
  const auto kind = kind_of(text);
  if (!kind || *kind == Kind::market || is_trailing(*kind)) return bad("close[ordertype]");
  const ShownPair& pair = market.pairs()[out.pair];
  const Price base = out.limit.is_positive() ? out.limit : market.last_price(out.pair);
  const bool plus = out.side == Side::buy;
  CloseTerms close;
  close.kind = *kind;
  AITRADE_TRY(close.price, read_price(params.text("close[price]"), base, pair.rules.tick, out.side,
                                      plus, "close[price]"));
  if (is_triggered_kind(*kind) && has_limit(*kind)) {
    AITRADE_TRY(close.price2, read_price(params.text("close[price2]"), close.price,
                                         pair.rules.tick, out.side, plus, "close[price2]"));
  }
  for (const Price price : {close.price, close.price2}) {
    if (price.raw() % pair.rules.tick.raw() != 0) {
      return fail(ErrorCode::rejected, "EOrder:Tick size check failed");
    }
  }
  out.close = close;
  return ok();
}

Status read_names(const Params& params, Time now, OrderTerms& out) {
  out.client_id = params.text("cl_ord_id");
  if (!out.client_id.empty() && !is_client_id(out.client_id)) return bad("cl_ord_id");
  const std::string ref = params.text("userref");
  if (!ref.empty()) {
    std::int32_t number = 0;
    const auto read = std::from_chars(ref.data(), ref.data() + ref.size(), number);
    if (read.ec != std::errc{} || read.ptr != ref.data() + ref.size()) return bad("userref");
    if (!out.client_id.empty()) return bad("cl_ord_id");
    out.user_ref = number;
  }
  const std::string rule = params.text("stptype");
  if (rule == "cancel-oldest") {
    out.self_trade = SelfTrade::cancel_oldest;
  } else if (rule == "cancel-both") {
    out.self_trade = SelfTrade::cancel_both;
  } else if (!rule.empty() && rule != "cancel-newest") {
    return bad("stptype");
  }
  const std::string deadline = params.text("deadline");
  if (!deadline.empty()) {
    const auto time = parse_time(deadline);
    if (!time) return bad("deadline");
    if (*time > now + deadline_max) return bad("deadline");
    out.deadline = *time;
  }
  return ok();
}

std::string words(Kind kind) {
  std::string text(to_string(kind));
  std::replace(text.begin(), text.end(), '-', ' ');
  if (text.ends_with(" limit")) text.resize(text.size() - 6);
  return text;
}

std::string offset_text(const Offset& offset, int places) {
  const std::string sign = offset.amount.is_negative() ? "" : "+";
  return sign + price_text(offset.amount, offset.is_percent ? 4 : places) +
         (offset.is_percent ? "%" : "");
}

std::string price_words(Kind kind, Price price, Price price2, int places) {
  std::string text = words(kind);
  if (kind == Kind::market) return text;
  text += " " + price_text(price, places);
  if (is_triggered_kind(kind) && has_limit(kind)) {
    text += " -> limit " + price_text(price2, places);
  }
  return text;
}

}  // namespace

bool is_client_id(std::string_view text) {
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  if (text.size() == 32 && std::all_of(text.begin(), text.end(), is_hex)) return true;
  if (text.size() == 36) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
  }
  const auto is_printable = [](char c) { return c > ' ' && c <= '~'; };
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), is_printable);
}

Result<Quantity> read_quantity(const std::string& text, std::string_view field) {
  const auto quantity = Quantity::parse(text);
  if (!quantity || quantity->is_negative()) return bad(field);
  return *quantity;
}

Result<Price> read_price(const std::string& text, Price last, Price tick, Side,
                         bool hash_is_plus, std::string_view field) {
  if (text.empty()) return bad(field);
  const char sign = text.front();
  const bool is_relative = sign == '+' || sign == '-' || sign == '#' || sign == ' ';
  if (!is_relative && !text.ends_with('%')) {
    const auto price = Price::parse(text);
    if (!price || price->is_negative()) return bad(field);
    return *price;
  }
  AITRADE_TRY(const Offset offset, read_offset(text, field));
  Price distance = offset.amount.abs();
  if (offset.is_percent) {
    distance = apply(Rate::from_raw(distance.raw() / 100), last, Rounding::half_even);
  }
  const bool plus = sign == '#' ? hash_is_plus : sign != '-';
  const Price price = plus ? last + distance : last - distance;
  return round_to_step(price, tick, Rounding::half_even);
}

Result<OrderTerms> read_order(const Params& params, const Market& market, Time now) {
  OrderTerms out;
  const auto kind = kind_of(params.text("ordertype"));
  if (!kind) return bad("ordertype");
  out.kind = *kind;
  const std::string side = params.text("type");
  if (side != "buy" && side != "sell") return bad("type");
  out.side = side == "buy" ? Side::buy : Side::sell;
  const auto pair = market.find(params.text("pair"));
  if (!pair) return fail(ErrorCode::rejected, "EQuery:Unknown asset pair");
  out.pair = *pair;
  AITRADE_TRY_STATUS(read_flags(params, out));
  AITRADE_TRY(out.quantity, read_quantity(params.text("volume"), "volume"));
  const auto flags = params.list("oflags");
  if (std::find(flags.begin(), flags.end(), "viqc") != flags.end()) {
    if (out.kind != Kind::market || out.side != Side::buy) return bad("oflags");
    out.cash = Money::from_raw(out.quantity.raw());
    out.quantity = {};
    if (!out.cash.is_positive()) return bad("volume");
  }
  if (const auto shown = params.find("displayvol")) {
    AITRADE_TRY(out.display, read_quantity(*shown, "displayvol"));
  }
  const std::string trigger = params.text("trigger");
  if (!trigger.empty() && trigger != "last" && trigger != "index") return bad("trigger");
  out.index_trigger = trigger == "index";
  AITRADE_TRY_STATUS(read_prices(params, market, out));
  AITRADE_TRY_STATUS(read_lasting(params, now, out));
  AITRADE_TRY_STATUS(read_close(params, market, out));
  AITRADE_TRY_STATUS(read_names(params, now + market.skew(), out));
  out.reduce_only = params.flag("reduce_only");
  out.validate_only = params.flag("validate");
  const std::string leverage = params.text("leverage");
  if (!out.reduce_only && !leverage.empty() && leverage != "none" && leverage != "0") {
    return fail(ErrorCode::rejected, "EOrder:Margin allowance exceeded");
  }
  return out;
}

std::string describe(const OrderTerms& terms, const ShownPair& pair) {
  const std::string size = terms.cash.is_positive()
                               ? quantity_text(Quantity::from_raw(terms.cash.raw()), 8)
                               : quantity_text(terms.quantity, Market::decimals_of_quantity);
  std::string text = std::string(to_string(terms.side)) + " " + size + " " + pair.altname + " @ ";
  if (is_trailing(terms.kind)) {
    text += words(terms.kind) + " " + offset_text(terms.trail, pair.price_decimals);
    if (terms.kind == Kind::trailing_stop_limit) {
      text += " -> limit " + offset_text(terms.limit_trail, pair.price_decimals);
    }
    return text;
  }
  const bool waits = is_triggered_kind(terms.kind);
  return text + price_words(terms.kind, waits ? terms.trigger : terms.limit, terms.limit,
                            pair.price_decimals);
}

std::string describe_close(const OrderTerms& terms, const ShownPair& pair) {
  if (!terms.close) return {};
  return "close position @ " + price_words(terms.close->kind, terms.close->price,
                                           terms.close->price2, pair.price_decimals);
}

}  // namespace aitrade::loopback
