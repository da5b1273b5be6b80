#include "exchanges/loopback/kraken_private.h"

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

struct Method {
  std::string_view name;
  std::string_view permission;
  std::int64_t cost;  // in the call counter
};

constexpr std::string_view modify = "modify-trades";

constexpr std::array<Method, 24> methods{{
    {"Balance", "query-funds", 1},
    {"BalanceEx", "query-funds", 1},
    {"TradeBalance", "query-funds", 1},
    {"TradeVolume", "query-funds", 1},
    {"OpenOrders", "query-open-trades", 1},
    {"ClosedOrders", "query-closed-trades", 2},
    {"QueryOrders", "query-open-trades", 1},  // or query-closed-trades
    {"TradesHistory", "query-closed-trades", 2},
    {"QueryTrades", "query-closed-trades", 1},
    {"OpenPositions", "query-open-trades", 1},
    {"Ledgers", "query-ledger", 2},
    {"QueryLedgers", "query-ledger", 2},
    {"GetApiKeyInfo", "", 1},
    {"GetWebSocketsToken", "create-ws-token", 1},
    {"AddOrder", modify, 0},
    {"AddOrderBatch", modify, 0},
    {"AmendOrder", modify, 0},
    {"EditOrder", modify, 0},
    {"CancelOrder", "close-trades", 0},
    {"CancelOrderBatch", "close-trades", 0},
    {"CancelAll", "close-trades", 0},
    {"CancelAllOrdersAfter", "close-trades", 0},
    {"WithdrawStatus", "withdraw-funds", 1},
    {"DepositStatus", "query-funds", 1},
}};

const Method* find_method(std::string_view name) {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const Method& m) { return m.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

bool is_allowed(const ApiKey& key, std::string_view method, std::string_view permission) {
  if (method == "QueryOrders" && key.permissions.contains("query-closed-trades")) return true;
  if (permission.empty() || key.permissions.contains(permission)) return true;
  // Who may change orders may cancel them too.
  return permission == "close-trades" && key.permissions.contains(modify);
}

}  // namespace

std::string_view permission_for(std::string_view method) {
  const Method* known = find_method(method);
  return known == nullptr ? std::string_view{} : known->permission;
}

RestReply kraken_private(const PrivateCall& call, PrivateVenue& venue, Time now) {
  constexpr std::string_view prefix = "/0/private/";
  const std::string_view name = std::string_view(call.path).substr(prefix.size());
  const auto params = Params::read(call.body, call.content_type);
  if (!params) return {kraken_error("EAPI:Bad request")};
  const std::string nonce = params->text("nonce");
  std::string error;
  ApiKey* key =
      venue.keys().accept({call.path, call.key, call.signature, nonce, call.body}, now, error);
  if (key == nullptr) return {kraken_error(error)};
  const Method* method = find_method(name);
  if (method == nullptr) return {kraken_error("EGeneral:Unknown method"), false};
  if (!is_allowed(*key, name, method->permission)) return {kraken_error("EGeneral:Permission denied")};
  if (!venue.counters().call(key->id, method->cost, now)) {
    return {kraken_error("EAPI:Rate limit exceeded")};
  }
  auto result = read_account(name, *params, venue, *key, now);
  if (!result && venue.market().system() == "maintenance") {
    return {kraken_error("EService:Unavailable")};  // the engine is away, cancels included
  }
  if (!result) result = change_orders(name, *params, venue, now);
  if (!result) return {kraken_error("EGeneral:Unknown method"), false};
  if (!*result) return {kraken_error(result->error().what)};
  return {"{\"error\":[],\"result\":" + **result + "}"};
}

}  // namespace aitrade::loopback
