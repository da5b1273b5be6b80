#include "core/api/idempotency.h"

#include <algorithm>

#include "core/store/digest.h"

namespace aitrade {
namespace {

bool is_usable(std::string_view key) {
  return key.size() >= 8 && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

void ReplyMemory::make_room(Time now) {
  std::erase_if(entries_, [&](const auto& e) { return e.second.is_done && now - e.second.at >= life_; });
  while (entries_.size() >= most_) {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->second.is_done && (oldest == entries_.end() || it->second.at < oldest->second.at)) oldest = it;
    }
    if (oldest == entries_.end()) return;
    entries_.erase(oldest);
  }
}

std::size_t ReplyMemory::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

ServerResponse ReplyMemory::once(const std::string& owner, const ServerRequest& request, Time now,
                                 const std::function<ServerResponse()>& serve) {
  const std::string_view key = request.header("Idempotency-Key");
  if (key.empty()) return serve();
  if (!is_usable(key)) return error_response(400, "bad_idempotency_key",
      "Idempotency-Key must be 8 to 64 letters, digits, - or _");
  const std::string name = owner + " " + std::string(key);
  const std::string body_hash = to_hex(view(sha256(request.body)));
  {
    std::unique_lock lock(mutex_);
    const auto found = entries_.find(name);
    const bool is_known = found != entries_.end() && (!found->second.is_done || now - found->second.at < life_);
    if (is_known) {
      if (found->second.body_hash != body_hash) {
        return error_response(409, "conflict", "this Idempotency-Key was used with another body");
      }
      done_.wait(lock, [&] { return !entries_.contains(name) || entries_.at(name).is_done; });
      const auto again = entries_.find(name);
      if (again == entries_.end()) return error_response(503, "busy", "the first request of this key did not end");
      return again->second.response;
    }
    make_room(now);
    entries_[name] = Entry{body_hash, now, false, {}};
  }
  ServerResponse response = serve();
  const std::lock_guard lock(mutex_);
  // A refusal that passes by itself must not stand for a day.
  if (response.status == 503 || response.status == 429) {
    entries_.erase(name);
  } else {
    Entry& entry = entries_[name];
    entry.is_done = true;
    entry.response = response;
  }
  done_.notify_all();
  return response;
}

}  // namespace aitrade
