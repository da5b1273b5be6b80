// What became of an order after one attempt to place, amend or cancel it (reliability.md 2.3).
//
// Pure: transport fact and answer in, fate out. "Unknown" is the answer whenever nothing proves
// another: a timeout, a reset, another status than 200, a body cut off, a text that is not in the
// table of errors.h.
#pragma once

#include "core/net/transport.h"
#include "exchanges/kraken/errors.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

enum class Fate : std::uint8_t {
  accepted,  // the venue took it; for a place, it named the order
  refused,   // proved: not executed
  not_sent,  // proved: no byte left; the same id may be sent again
  unknown,   // anything else; the fence decides (reliability.md 2.4)
};

std::string_view to_string(Fate fate);

struct OrderFate {
  Fate fate{Fate::unknown};
  std::string why;  // for the operator; empty when accepted
  Remedy remedy{Remedy::none};
  std::optional<Time> retry_at;        // with Remedy::wait, when the venue said it
  std::vector<std::string> venue_ids;  // of an accepted place
};

/// How many copies of a request can have reached the venue. The transport proves one for each
/// request that is not idempotent; it is more once the same order has been asked for again.
enum class Copies : std::uint8_t { one, maybe_more };

/// Judges the outcome of AddOrder. An answer without an order id is unknown unless only validation
/// was asked.
OrderFate fate_of_place(const HttpOutcome& outcome, Copies copies, bool validate_only = false);

/// Judges the outcome of AddOrderBatch, one fate for each of `orders`.
std::vector<OrderFate> fate_of_batch(const HttpOutcome& outcome, std::size_t orders, Copies copies);

/// Judges the outcome of AmendOrder, CancelOrder and their kin. Refused with Remedy::look_up
/// ("unknown order") is not proof of a cancel: read the order (reliability.md 3.3).
OrderFate fate_of_change(const HttpOutcome& outcome, Copies copies);

/// Judges error texts alone, as a WebSocket answer or one leg of a batch carries them.
OrderFate fate_of_errors(const std::vector<std::string>& texts, Copies copies);

}  // namespace aitrade::kraken
