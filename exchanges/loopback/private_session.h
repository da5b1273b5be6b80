// One client on the private half of the venue's WebSocket v2.
//
// Sans-IO: text in, frames out (kraken.md 8.5, 8.6). The executions and balances channels with
// their sequence numbers, and trading requests. A fill and the state it leads to are separate
// frames. Whatever is not private is left to KrakenSession.
#pragma once

#include "exchanges/loopback/kraken_ws.h"
#include "exchanges/loopback/private_venue.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

/// A frame that a client sent, as far as everybody needs it.
struct WsRequest {
  std::string method, channel, req_id;  // req_id as its digits; empty without
  Params params;
  std::string text_number;  // a field that came as text and has to be a number; empty: none
  bool is_private{false};

  /// Reads a frame; nothing when it is not a request.
  static std::optional<WsRequest> read(std::string_view text);
};

class PrivateSession {
 public:
  /// Answers a private request.
  Frames on_request(const WsRequest& request, PrivateVenue& venue, Time now);

  /// Tells what happened.
  void on_events(const std::vector<OrderEvent>& events, PrivateVenue& venue, Time now,
                 Frames& out);

  [[nodiscard]] bool wants_heartbeat() const { return has_executions_ || has_balances_; }

  [[nodiscard]] std::size_t subscriptions() const {
    return (has_executions_ ? 1U : 0U) + (has_balances_ ? 1U : 0U);
  }

  /// Ends the subscriptions without a word: a fault.
  void forget() { has_executions_ = has_balances_ = false; }

 private:
  struct Reply;

  void subscribe(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out);
  void executions_snapshot(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out);
  void balances_snapshot(PrivateVenue& venue, Frames& out);
  void trade(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out);
  void cancel(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out);
  std::string frame(bool balances, bool is_snapshot, const std::string& rows);

  std::set<std::string> tokens_;  // used here in time: good as long as the connection lives
  bool has_executions_{false}, has_balances_{false};
  bool wants_status_{true}, wants_count_{false};
  std::uint64_t executions_sequence_{0}, balances_sequence_{0};
};

}  // namespace aitrade::loopback
