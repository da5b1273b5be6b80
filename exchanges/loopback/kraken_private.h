// The venue's private REST: a checked call in, a JSON body out.
//
// Verifies key, signature, nonce, permission and rate counter, then answers from the account
// (kraken.md 2, 5, 7). Application errors are HTTP 200, as there.
#pragma once

#include "exchanges/loopback/kraken_rest.h"
#include "exchanges/loopback/private_venue.h"

#include <string>
#include <string_view>

namespace aitrade::loopback {

/// A private call as it arrived.
struct PrivateCall {
  std::string path;  // /0/private/...
  std::string key, signature, content_type;
  std::string body;
};

/// Answers a call.
RestReply kraken_private(const PrivateCall& call, PrivateVenue& venue, Time now);

/// Returns the permission that a method needs; empty for none.
std::string_view permission_for(std::string_view method);

/// Answers the reading methods; an unknown one gives nothing.
std::optional<Result<std::string>> read_account(std::string_view method, const Params& params,
                                                PrivateVenue& venue, const ApiKey& key, Time now);

/// Answers the methods that change orders; an unknown one gives nothing.
std::optional<Result<std::string>> change_orders(std::string_view method, const Params& params,
                                                 PrivateVenue& venue, Time now);

}  // namespace aitrade::loopback
