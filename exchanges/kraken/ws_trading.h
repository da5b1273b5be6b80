// Asking over the private WebSocket: streams and orders (kraken.md 8.2, 8.6).
//
// Pure; each function returns one frame. Names and forms differ from REST, numbers leave as JSON
// numbers with exactly the digits they have. Frames hold the connection's token: they are sent and
// never logged. An answer that does not come is ambiguous (reliability.md 2.3).
#pragma once

#include "core/base/secret.h"
#include "exchanges/kraken/order_entry.h"
#include "exchanges/kraken/wire.h"

#include <cstdint>
#include <string>
#include <vector>

namespace aitrade::kraken {

struct ExecutionsOptions {
  bool snapshot_orders{true};
  bool snapshot_trades{true};  // the last fills again, to be dropped by exec_id
  bool rate_counter{true};
};

std::string subscribe_executions_frame(const ExecutionsOptions& options, const Secret& token,
                                       std::uint64_t req_id);
std::string subscribe_balances_frame(const Secret& token, std::uint64_t req_id);

std::string add_order_frame(const OrderRequest& request, const Secret& token, std::uint64_t req_id);

/// Orders of one symbol; symbol, deadline and validate_only of the first count for all. Errors:
/// invalid for fewer than 2, more than 15, or different symbols.
Result<std::string> batch_add_frame(const std::vector<OrderRequest>& requests, const Secret& token,
                                    std::uint64_t req_id);

std::string amend_order_frame(const AmendRequest& request, const Secret& token,
                              std::uint64_t req_id);

/// One answer comes for each order, all with this req_id; errors: invalid for none.
Result<std::string> cancel_order_frame(const std::vector<OrderName>& orders, const Secret& token,
                                       std::uint64_t req_id);

/// Errors: invalid for fewer than 2 or more than 50.
Result<std::string> batch_cancel_frame(const std::vector<OrderName>& orders, const Secret& token,
                                       std::uint64_t req_id);

std::string cancel_all_frame(const Secret& token, std::uint64_t req_id);

/// Arms the dead-man timer of the account, or disarms it with zero (see order_entry.h).
std::string cancel_all_after_frame(seconds timeout, const Secret& token, std::uint64_t req_id);

}  // namespace aitrade::kraken
