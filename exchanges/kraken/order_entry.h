// Order entry over REST: what to ask, and what the answer says (kraken.md 5.3, 5.4).
//
// Pure. A positive answer means accepted, not live: a later refusal shows in the executions stream
// or in QueryOrders. Whether a failed answer leaves the order placed, dead or undecided is
// order_fate.h's question; the parsers here read answers that succeeded.
#pragma once

#include "exchanges/kraken/private_call.h"
#include "exchanges/kraken/wire.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

constexpr std::size_t batch_orders_min = 2;
constexpr std::size_t batch_orders_max = 15;
constexpr std::size_t cancel_batch_max = 50;

PrivateCall add_order_call(const OrderRequest& request);

/// Orders of one pair; pair, deadline and validate_only of the first count for all. Errors: invalid
/// for fewer than 2, more than 15, or different pairs.
Result<PrivateCall> add_order_batch_call(const std::vector<OrderRequest>& requests);

PrivateCall amend_order_call(const AmendRequest& request);

/// The older way to change an order: cancel and new, with a NEW id. Only for what amend cannot do.
struct EditRequest {
  std::string venue_id;
  std::string pair;
  std::optional<Quantity> quantity;
  std::optional<WirePrice> price, limit;
  bool post_only{false};
  std::optional<Time> deadline;
  std::optional<std::int32_t> userref;
  bool validate_only{false};
};

PrivateCall edit_order_call(const EditRequest& request);

/// Names one order by the venue's id or by ours.
struct OrderName {
  std::string venue_id;
  std::string client_id;  // when venue_id is empty
};

PrivateCall cancel_order_call(const OrderName& order);

/// Cancels by the venue's ids and ours; errors: invalid for none or more than 50.
Result<PrivateCall> cancel_order_batch_call(const std::vector<OrderName>& orders);

PrivateCall cancel_all_call();

/// Arms the dead-man timer of the whole account, or disarms it with zero. It cancels protective
/// stops too when it fires (reliability.md 9.4).
PrivateCall cancel_all_after_call(seconds timeout);

// ---- answers
// --------------------------------------------------------------------------------------

struct AddOrderAnswer {
  std::vector<std::string> venue_ids;  // empty for validate_only
  std::string order, close;            // what the venue understood, in its words
};

struct BatchLeg {
  std::string venue_id;  // empty when the leg failed
  std::string error;
  std::string order, close;
};

struct EditAnswer {
  std::string venue_id, original_id;
  std::string status;
  std::uint64_t canceled{0};
};

struct CancelAnswer {
  std::uint64_t count{0};
  bool is_pending{false};  // the cancel is still in progress
};

struct DeadManAnswer {
  Time now;
  std::optional<Time> fires;  // nothing when disarmed
};

Result<AddOrderAnswer> parse_add_order(std::string_view body);

/// Each leg in the order asked; the top-level error list is empty even when single legs failed.
Result<std::vector<BatchLeg>> parse_add_order_batch(std::string_view body);
Result<std::string> parse_amend_order(std::string_view body);  // the id of the amend
Result<EditAnswer> parse_edit_order(std::string_view body);

/// Of CancelOrder, CancelOrderBatch and CancelAll.
Result<CancelAnswer> parse_cancel(std::string_view body);
Result<DeadManAnswer> parse_cancel_all_after(std::string_view body);

}  // namespace aitrade::kraken
