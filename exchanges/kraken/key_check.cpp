#include "exchanges/kraken/key_check.h"

#include "exchanges/kraken/json.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr Duration expiry_warning = hours{24 * 14};

struct Right {
  std::string_view name;
  std::string_view purpose;
};

constexpr std::array<Right, 7> needed{{
    {"query-funds", "read balances"},
    {"query-open-trades", "read open orders"},
    {"query-closed-trades", "read closed orders and fills"},
    {"query-ledger", "prove balances"},
    {"modify-trades", "place and amend orders"},
    {"close-trades", "cancel orders"},
    {"create-ws-token", "open private streams"},
}};

// Harmless beside trading; anything else is named in a warning.
constexpr std::array<std::string_view, 3> harmless{"add-funds", "export-data", "query-earn"};

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

bool holds(const KeyInfo& key, std::string_view right) {
  return std::find(key.permissions.begin(), key.permissions.end(), right) != key.permissions.end();
}

/// The right moves money out of the account, or to another one.
bool moves_money(std::string_view right) {
  return right.find("withdraw") != std::string_view::npos ||
         right.find("transfer") != std::string_view::npos;
}

bool is_known(std::string_view right) {
  return std::find(harmless.begin(), harmless.end(), right) != harmless.end() ||
         std::any_of(needed.begin(), needed.end(), [&](const Right& r) { return r.name == right; });
}

}  // namespace

PrivateCall key_info_call() {
  return {"GetApiKeyInfo", {}, {}};
}

PrivateCall ws_token_call() {
  return {"GetWebSocketsToken", {}, {}};
}

Result<KeyInfo> parse_key_info(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue& row = envelope.result();
  KeyInfo key;
  key.name = text_at(row, "api_key_name");
  const JsonValue* rights = member(row, "permissions");
  if (rights == nullptr || !rights->IsArray()) return bad("GetApiKeyInfo without permissions");
  for (const JsonValue& right : rights->GetArray())
    key.permissions.emplace_back(text_of(&right));
  // A window that cannot be read is not a window of zero.
  const auto window = unsigned_of(text_at(row, "nonce_window"));
  if (!window) return bad("GetApiKeyInfo without nonce_window");
  key.nonce_window = *window;
  key.nonce = unsigned_of(text_at(row, "nonce"));
  key.valid_until = unix_time_at(row, "valid_until");
  key.query_from = unix_time_at(row, "query_from");
  key.query_to = unix_time_at(row, "query_to");
  if (const JsonValue* list = member(row, "ip_allowlist"); list != nullptr && list->IsArray()) {
    for (const JsonValue& address : list->GetArray()) {
      if (!text_of(&address).empty()) key.allowed_addresses.emplace_back(text_of(&address));
    }
  }
  return key;
}

Result<WsToken> parse_ws_token(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const std::string_view token = text_at(envelope.result(), "token");
  const auto lifetime = unsigned_of(text_at(envelope.result(), "expires"));
  constexpr std::uint64_t lifetime_max = 86'400;
  if (token.empty() || !lifetime || *lifetime > lifetime_max) return bad("no token in the answer");
  return WsToken{Secret(std::string(token)), seconds{static_cast<std::int64_t>(*lifetime)}};
}

KeyFindings check_key(const KeyInfo& key, Time now) {
  KeyFindings found;
  for (const std::string& right : key.permissions) {
    if (moves_money(right)) {
      found.refusals.push_back("the key has the right \"" + right +
                               "\"; make a key without it: trading never needs it");
    } else if (!is_known(right)) {
      found.warnings.push_back("the key has the right \"" + right +
                               "\", which trading does not need");
    }
  }
  for (const Right& right : needed) {
    if (!holds(key, right.name)) {
      found.refusals.push_back("the key lacks the right \"" + std::string(right.name) + "\" to " +
                               std::string(right.purpose));
    }
  }
  if (key.nonce_window != 0) {
    found.refusals.push_back("the key has a nonce window of " + std::to_string(key.nonce_window) +
                             "; set it to 0: a late request could repeat an order");
  }
  if (key.query_from || key.query_to) {
    found.refusals.push_back("the key reads only part of the history; remove its query limits");
  }
  if (key.valid_until && *key.valid_until <= now) {
    found.refusals.push_back("the key expired at " + to_string_seconds(*key.valid_until));
  } else if (key.valid_until && *key.valid_until - now < expiry_warning) {
    found.warnings.push_back("the key expires at " + to_string_seconds(*key.valid_until));
  }
  if (key.allowed_addresses.empty()) {
    found.warnings.push_back("the key works from any address; bind it to this machine's");
  }
  return found;
}

}  // namespace aitrade::kraken
