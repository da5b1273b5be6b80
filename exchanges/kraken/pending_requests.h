// Which answer on the private connection belongs to which request, and which never came.
//
// Pure; the time is passed in. Every request has a number of its own. A request is over when each
// of its orders was answered (cancel_order is answered once for each, in any order), when its
// patience is over, or when the connection goes: the last two leave it ambiguous, and say so once.
#pragma once

#include "core/base/time.h"
#include "exchanges/kraken/ws_private.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aitrade::kraken {

class PendingRequests {
 public:
  struct Request {
    std::uint64_t req_id{0};
    std::string method;
    std::string tag;              // the caller's own word for it, such as a client id
    std::size_t answers_left{1};  // how many are still to come
    Time deadline;                // of the answer
  };

  /// Remembers a request and returns its number, which no other request of this object has.
  std::uint64_t add(std::string method, std::string tag, Time now, Duration patience,
                    std::size_t answers = 1);

  /// Finds the request of an answer; its answers_left is what remains after it. An answer without a
  /// number (a malformed request is refused so) belongs to the only open request of its method;
  /// nothing when there are several, or when nobody waits for it.
  std::optional<Request> on_ack(const PrivateAck& ack);

  /// Takes out the requests whose patience is over.
  std::vector<Request> take_overdue(Time now);

  /// Takes out all: the connection is gone.
  std::vector<Request> take_all();

  /// When take_overdue next has something; nothing while none is open.
  [[nodiscard]] std::optional<Time> next_deadline() const;

  [[nodiscard]] std::size_t size() const { return open_.size(); }

 private:
  std::uint64_t last_{0};
  std::map<std::uint64_t, Request> open_;
};

}  // namespace aitrade::kraken
