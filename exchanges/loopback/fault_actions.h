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

/// Returns a frame with one thing changed: garble, extra_field, text_numbers, bad_checksum,
/// bad_level, extra_level, lost_zeros (all of a book), renumber ("by" or "to").
std::string changed_frame(std::string_view frame, std::string_view action,
                          const Params& arguments = {});

/// Returns bytes that a WebSocket server must not send, or (fragments, ping_flood) need not: utf8,
/// truncated, oversized, reserved, masked, opcode, binary, continuation. The legal ones carry
/// `frame`, which must be shorter than 64 KiB.
std::string raw_bytes(std::string_view kind, std::string_view frame);

/// Returns the "channel" of a frame with data, or the "method" of an answer, cheaply.
std::string_view channel_of(std::string_view frame);

}  // namespace aitrade::loopback
