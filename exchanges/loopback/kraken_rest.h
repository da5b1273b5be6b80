// The venue's public REST, answered from the loopback market.
//
// Pure: a method name and a query in, a JSON body out, in the venue's own shapes and error texts
// (kraken.md 3, 4). Application errors are HTTP 200, as there.
#pragma once

#include "exchanges/loopback/market.h"

#include <string>
#include <string_view>

namespace aitrade::loopback {

struct RestReply {
  std::string body;
  bool is_known{true};  // false: nothing here answers this method; worth a loud log line
};

/// Answers `/0/public/<method>?<query>`; the query is as sent (percent-encoded).
RestReply kraken_public(std::string_view method, std::string_view query, const Market& market);

/// Returns {"error":["<text>"]}.
std::string kraken_error(std::string_view text);

/// Returns the value of a query parameter, decoded; empty when absent.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace aitrade::loopback
