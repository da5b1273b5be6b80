// One private REST call before it is signed, and the request that comes of it (kraken.md 2, 5).
//
// Pure. A call is a method with its fields; nonce and signature are added at the last moment, by
// the one who holds the key, and the bytes that were signed are the bytes that go out.
#pragma once

#include "core/base/secret.h"
#include "core/net/transport.h"
#include "exchanges/kraken/form.h"
#include "exchanges/kraken/signer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade::kraken {

struct PrivateCall {
  std::string method;  // "AddOrder"
  FormFields fields;   // of a form body, without the nonce
  std::string json;    // members of a JSON body instead, without braces; calls with nested data

  [[nodiscard]] bool is_json() const { return !json.empty(); }

  [[nodiscard]] std::string path() const { return "/0/private/" + method; }
};

/// What a call costs of the REST counter (kraken.md 7): 2 for histories, 0 for order entry, else 1.
int rest_cost(std::string_view method);

/// The call can change an order: place, amend, cancel, or arm the dead-man timer.
bool changes_orders(std::string_view method);

/// Returns the bytes to sign and send: the nonce first, then `otp` when the key has one, then the
/// fields.
std::string body_text(const PrivateCall& call, std::uint64_t nonce, const Secret& otp);

/// Returns the signed request, at most one copy of which may reach the wire. `base_url` has no
/// path; a loopback exchange has its own.
HttpRequest signed_request(const PrivateCall& call, const std::string& base_url,
                           const Signer& signer, std::uint64_t nonce, const Secret& otp);

}  // namespace aitrade::kraken
