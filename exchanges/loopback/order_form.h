// From the parameters of an order, as REST names them, to resolved and checked terms.
//
// WebSocket requests are first renamed to REST's names (websocket_order.h), so that one place decides
// what a price, a flag or a time means. Refusals are the venue's texts (kraken.md 5.3, 6).
#pragma once

#include "exchanges/loopback/market.h"
#include "exchanges/loopback/params.h"
#include "exchanges/loopback/venue_order.h"

#include <string>

namespace aitrade::loopback {

/// Reads an AddOrder. `now` is the time against which "+30" counts. Errors: rejected.
Result<OrderTerms> read_order(const Params& params, const Market& market, Time now);

/// Reads decimal text that is on the venue's grid of `places`. Errors: rejected, naming `field`.
Result<Quantity> read_quantity(const std::string& text, std::string_view field);

/// Reads a price, which may be relative: "+5", "-1.5%", "#2%". Errors: rejected, naming `field`.
Result<Price> read_price(const std::string& text, Price last, Price tick, Side side,
                         bool hash_is_plus, std::string_view field);

/// Whether the text may be a client order id: a UUID, 32 hex digits, or at most 18 characters.
bool is_client_id(std::string_view text);

/// "buy 1.25000000 XBTUSD @ limit 27500.0", as `descr.order` has it.
std::string describe(const OrderTerms& terms, const ShownPair& pair);

/// "close position @ stop loss 22000.0 -> limit 21000.0"; empty without a close.
std::string describe_close(const OrderTerms& terms, const ShownPair& pair);

}  // namespace aitrade::loopback
