#include "exchanges/loopback/fault_actions.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace aitrade::loopback {
namespace {

Error bad(std::string_view what) {
  return fail(ErrorCode::invalid, std::string(what));
}

std::int64_t number(const Params& params, std::string_view name, std::int64_t other) {
  const std::string text = params.text(name);
  std::int64_t value = other;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The order that "id" names (an id or a client id), or the newest live one.
const VenueOrder* order_of(const Params& params, const Matching& matching, bool live_only) {
  const std::string id = params.text("id");
  const auto& orders = matching.orders();
  for (auto it = orders.rbegin(); it != orders.rend(); ++it) {
    const bool is_named = id.empty() || it->id == id || it->terms.client_id == id;
    if (is_named && (!live_only || it->is_live())) return &*it;
  }
  return nullptr;
}

Status on_order(std::string_view action, const Params& arguments, PrivateVenue& venue, Time now) {
  Matching& matching = venue.matching();
  const VenueOrder* order = order_of(arguments, matching, action != "late_fill");
  if (order == nullptr) return bad("no such order");
  const std::string id = order->id;
  if (action == "vanish") return matching.vanish(id, now);
  if (action == "venue_cancel") {
    const std::string reason = arguments.text("reason");
    return matching.cancel(id, reason.empty() ? "Canceled by the venue" : reason, now);
  }
  Quantity quantity = order->leaves();
  if (arguments.has("quantity")) {
    AITRADE_TRY(quantity, Quantity::parse(arguments.text("quantity")));
  }
  return matching.force_fill(id, quantity, now);
}

Status on_keys(std::string_view action, const Params& arguments, PrivateVenue& venue) {
  const std::string id = arguments.text("key");
  bool is_any = false;
  for (const auto& [name, known] : venue.keys().keys()) {
    if (!id.empty() && id != name) continue;
    ApiKey* key = venue.keys().find(name);
    is_any = true;
    if (action == "revoke_key") key->is_revoked = !arguments.flag("undo");
    if (action == "nonce") key->nonce = std::max(key->nonce, known.nonce) + 1'000'000'000'000'000;
    if (action == "permissions") {
      key->permissions.clear();
      for (const std::string& one : arguments.list("list"))
        key->permissions.insert(one);
    }
  }
  return is_any ? ok() : Status(bad("no such key"));
}

Status on_market(std::string_view action, const Params& arguments, Market& market) {
  const std::string state = arguments.text("state");
  if (action == "system") {
    market.set_system(state.empty() ? "online" : state);
    return ok();
  }
  const auto pair = market.find(arguments.text("pair"));
  if (!pair) return bad("no such pair");
  market.set_pair_status(*pair, state.empty() ? "online" : state);
  return ok();
}

}  // namespace

Status do_venue_action(std::string_view action, const Params& arguments, PrivateVenue& venue,
                       Market& market, Time now) {
  const Duration span = milliseconds{number(arguments, "ms", 0)};
  if (action == "system" || action == "pair_status") return on_market(action, arguments, market);
  if (action == "venue_cancel" || action == "vanish" || action == "late_fill") {
    return on_order(action, arguments, venue, now);
  }
  if (action == "revoke_key" || action == "permissions" || action == "nonce") {
    return on_keys(action, arguments, venue);
  }
  if (action == "deposit") {
    AITRADE_TRY(const Amount amount, Amount::parse(arguments.text("amount")));
    return venue.transfer(arguments.text("asset"), amount,
                          amount.is_negative() ? "withdrawal" : "deposit", now);
  }
  if (action == "order") {
    const auto added = venue.add(arguments, now);
    return added ? ok() : Status(Error(added.error()));
  }
  if (action == "pieces") {
    venue.matching().set_pieces(number(arguments, "count", 1));
  } else if (action == "hide_next") {
    venue.matching().hide_next(span);
  } else if (action == "lose_child") {
    venue.matching().lose_next_child();
  } else if (action == "read_lag") {
    venue.set_read_lag(span);
  } else if (action == "cancel_delay") {
    venue.set_cancel_delay(span);
  } else if (action == "expire_tokens") {
    venue.keys().expire_tokens();
  } else if (action == "skew") {
    market.set_skew(span);
  } else if (action == "switch") {
    venue.set_switch(std::max<Duration>(span, Duration{1}), now);
  } else if (action != "disconnect") {
    return bad("unknown action");
  }
  return ok();
}

std::string spoiled(std::string_view body, std::string_view kind) {
  const std::string text(body);
  if (kind == "empty") return {};
  if (kind == "html") return "<html><head><title>502 Bad Gateway</title></head></html>";
  if (kind == "truncated") return text.substr(0, text.size() / 2);
  if (kind == "type") return "{\"error\":{},\"result\":[]}";
  if (kind == "missing") return "{\"error\":[]}";
  if (kind == "extra") return "{\"unexpected\":{\"a\":[1,2,{}]}," + text.substr(1);
  if (kind == "exponent") {
    std::string out = text;
    const std::size_t at = out.find(".00000000\"");
    if (at != std::string::npos) out.replace(at, 9, "e0");
    return out;
  }
  return "upstream connect error or disconnect/reset before headers";
}

std::string changed_frame(std::string_view frame, std::string_view action) {
  std::string out(frame);
  if (action == "garble") return out.substr(0, out.size() * 2 / 3);
  if (action == "extra_field") return "{\"novelty\":{\"kind\":[null,1e3]}," + out.substr(1);
  if (action == "bad_checksum") {
    const std::string_view name = "\"checksum\":";
    const std::size_t at = out.find(name);
    if (at != std::string::npos) {
      char& digit = out[at + name.size()];
      digit = digit == '1' ? '2' : '1';
    }
    return out;
  }
  // text_numbers: each number becomes a string, as some servers write them.
  std::string quoted;
  bool in_text = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (c == '"' && (i == 0 || out[i - 1] != '\\')) in_text = !in_text;
    const bool starts = !in_text && (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-');
    if (!starts) {
      quoted += c;
      continue;
    }
    std::size_t end = i;
    while (end < out.size() && std::string_view("0123456789.-+eE").find(out[end]) !=
                                   std::string_view::npos) {
      ++end;
    }
    quoted += "\"" + out.substr(i, end - i) + "\"";
    i = end - 1;
  }
  return quoted;
}

std::string_view channel_of(std::string_view frame) {
  for (const std::string_view name : {"\"channel\":\"", "\"method\":\""}) {
    const std::size_t at = frame.find(name);
    if (at == std::string_view::npos) continue;
    const std::size_t from = at + name.size();
    return frame.substr(from, frame.find('"', from) - from);
  }
  return {};
}

}  // namespace aitrade::loopback
