#include "exchanges/kraken/private_call.h"

#include "exchanges/kraken/json_out.h"

#include <algorithm>
#include <array>

namespace aitrade::kraken {
namespace {

constexpr std::array<std::string_view, 5> histories{"ClosedOrders", "TradesHistory", "QueryTrades",
                                                    "Ledgers", "QueryLedgers"};
constexpr std::array<std::string_view, 8> order_calls{
    "AddOrder",    "AddOrderBatch",    "AmendOrder", "EditOrder",
    "CancelOrder", "CancelOrderBatch", "CancelAll",  "CancelAllOrdersAfter"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

int rest_cost(std::string_view method) {
  if (changes_orders(method)) return 0;
  return contains(histories, method) ? 2 : 1;
}

bool changes_orders(std::string_view method) {
  return contains(order_calls, method);
}

std::string body_text(const PrivateCall& call, std::uint64_t nonce, const Secret& otp) {
  if (call.is_json()) {
    JsonOut head;
    head.begin().text("nonce", std::to_string(nonce));
    if (!otp.empty()) head.text("otp", otp.reveal());
    head.end();
    return "{" + head.members() + "," + call.json + "}";
  }
  std::string body = "nonce=" + std::to_string(nonce);
  if (!otp.empty()) body += "&otp=" + percent_encoded(otp.reveal());
  if (!call.fields.empty()) body += "&" + form_text(call.fields);
  return body;
}

HttpRequest signed_request(const PrivateCall& call, const std::string& base_url,
                           const Signer& signer, std::uint64_t nonce, const Secret& otp) {
  HttpRequest request;
  request.method = "POST";
  request.url = base_url + call.path();
  request.body = body_text(call, nonce, otp);
  request.headers = {
      {"API-Key", signer.key_name()},
      {"API-Sign", signer.sign(call.path(), nonce, request.body)},
      {"Content-Type", call.is_json() ? "application/json" : "application/x-www-form-urlencoded"}};
  // Reads too: a second copy with the same nonce would be refused, and hide the answer to the
  // first.
  request.idempotent = false;
  return request;
}

}  // namespace aitrade::kraken
