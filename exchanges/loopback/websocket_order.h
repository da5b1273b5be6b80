// A WebSocket order under REST's names (kraken.md 8.6).
//
// Renames, and turns price types into the signs that REST uses, so that order_form.h is the only
// place which reads orders.
#pragma once

#include "exchanges/loopback/params.h"

#include <string_view>

namespace aitrade::loopback {

/// Returns the params of add_order (or of one order of a batch) under REST's names. Errors:
/// invalid, with the venue's text, for a field that does not exist; rejected for a bad value.
Result<Params> websocket_order(const Params& params, std::string_view method);

/// Returns the params of amend_order or edit_order under REST's names; errors as above.
Result<Params> websocket_change(const Params& params, std::string_view method);

}  // namespace aitrade::loopback
