// A change that is asked for twice happens once (security.md 2.7).
//
// A reply is remembered for a day under the principal, the route and the Idempotency-Key of its request. The
// same key with another body is a conflict; one that is still being served is waited for.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "core/base/time.h"
#include "core/net/http_server.h"

namespace aitrade {

class ReplyMemory {
 public:
  explicit ReplyMemory(Duration life = hours{24}, std::size_t most = 1000) : life_(life), most_(most) {}

  /// Serves a request, or returns what the same one got before. `owner` names principal and route.
  ServerResponse once(const std::string& owner, const ServerRequest& request, Time now,
                      const std::function<ServerResponse()>& serve);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string body_hash;
    Time at;
    bool is_done{false};
    ServerResponse response;
  };

  void make_room(Time now);

  Duration life_;
  std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable done_;
  std::map<std::string, Entry> entries_;
};

}  // namespace aitrade
