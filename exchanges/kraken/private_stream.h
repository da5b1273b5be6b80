// What to say on the private connection to hear of our orders and money, and when it cannot be
// trusted.
//
// Sans-IO, like feed.h: frames and monotonic time in, frames to send and updates out. Subscribes
// executions and balances with a token, is `synced` once both snapshots are in, and stays so while
// numbers follow each other. A gap, a frame that cannot be read, a refused subscription or silence
// ends the connection: the owner reconnects with a new token, and reconciles from where the numbers
// stopped (reliability.md 4.3). Answers to order requests go through the same connection; their
// numbers come from the same PendingRequests.
#pragma once

#include "core/base/secret.h"
#include "core/base/time.h"
#include "exchanges/kraken/pending_requests.h"
#include "exchanges/kraken/ws_private.h"
#include "exchanges/kraken/ws_trading.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aitrade::kraken {

struct PrivateStreamOptions {
  ExecutionsOptions executions;
  Duration ack_timeout{seconds{10}};       // of a subscription
  Duration snapshot_timeout{seconds{10}};  // from the subscription to both snapshots
  Duration ping_after{seconds{5}};         // of silence
  Duration liveness{seconds{10}};          // of silence: the connection is dead (kraken.md 8.1)
};

/// Both snapshots are in: from now on updates are complete.
struct StreamSynced {};

/// Updates are no longer complete. Sent once for each connection.
struct StreamLost {
  std::string why;
  bool needs_token{true};
  std::uint64_t last_execution{0};  // numbers up to here were applied
  std::uint64_t last_balance{0};
};

/// The venue's state changed: online, maintenance, cancel_only, post_only.
struct VenueStatus {
  std::string system;
};

/// An answer to a request that came in time.
struct RequestAnswered {
  PendingRequests::Request request;
  PrivateAck ack;
};

/// A request whose answer will not come: what it asked for is undecided.
struct RequestUnanswered {
  PendingRequests::Request request;
};

using StreamUpdate = std::variant<StreamSynced, StreamLost, VenueStatus, RequestAnswered,
                                  RequestUnanswered, ExecutionsMessage, BalancesMessage>;

struct StreamOutput {
  std::vector<std::string> send;
  std::vector<StreamUpdate> updates;
  bool close{false};            // drop the connection
  std::optional<Time> wake_at;  // call on_wake then
};

class PrivateStream {
 public:
  explicit PrivateStream(PrivateStreamOptions options = {}) : options_(options) {}

  /// The connection stands; `token` was fetched for it.
  StreamOutput on_open(Secret token, Time now);

  StreamOutput on_text(std::string_view frame, Time now);

  /// The connection is gone. Open requests come back unanswered.
  StreamOutput on_closed(std::string_view why, Time now);

  StreamOutput on_wake(Time now);

  /// Numbers and remembers a request to send on this connection; write its frame with the number
  /// and with token(). Errors: network while no connection stands.
  Result<std::uint64_t> request(std::string method, std::string tag, Duration patience, Time now,
                                std::size_t answers = 1);

  [[nodiscard]] const Secret& token() const { return token_; }

  [[nodiscard]] bool is_synced() const { return is_synced_; }

  /// The limit of the trading counter as the venue told it.
  [[nodiscard]] std::optional<double> max_rate_count() const { return max_rate_count_; }

 private:
  template <class Message>
  void on_numbered(Message message, SequenceGuard& guard, bool& has_snapshot, StreamOutput& out);
  void on_ack(PrivateAck ack, StreamOutput& out);
  void lose(std::string why, StreamOutput& out);
  void finish(StreamOutput& out) const;

  PrivateStreamOptions options_;
  PendingRequests pending_;
  Secret token_;
  bool is_open_{false};
  bool is_lost_{false};
  bool is_synced_{false};
  bool has_executions_{false};
  bool has_balances_{false};
  SequenceGuard executions_, balances_;
  std::optional<double> max_rate_count_;
  std::uint64_t pings_{0};
  Time opened_at_, heard_at_, asked_at_;  // asked: the last ping
};

}  // namespace aitrade::kraken
