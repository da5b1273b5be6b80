// What a fault does to the venue, and to a message.
//
// The doing behind faults.h, apart from sockets: each function changes the account, the market or
// a text, and nothing else.
#pragma once

#include "exchanges/loopback/faults.h"
#include "exchanges/loopback/market.h"
#include "exchanges/loopback/private_venue.h"

#include <string>
#include <string_view>

namespace aitrade::loopback {

/// Does a venue action ("disconnect" apart, which is the exchange's). Errors: invalid, rejected.
Status do_venue_action(std::string_view action, const Params& arguments, PrivateVenue& venue,
                       Market& market, Time now);

/// Returns an answer's body spoiled in the way that `kind` names: empty, html, truncated, type,
/// missing, extra, exponent; another kind: text that is no JSON.
std::string spoiled(std::string_view body, std::string_view kind);

/// Returns a frame with one thing changed: garble, extra_field, text_numbers, bad_checksum.
std::string changed_frame(std::string_view frame, std::string_view action);

/// Returns the "channel" or "method" of a frame, and its symbol behind it, cheaply.
std::string_view channel_of(std::string_view frame);

}  // namespace aitrade::loopback
