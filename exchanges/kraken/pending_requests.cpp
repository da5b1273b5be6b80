#include "exchanges/kraken/pending_requests.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {

std::uint64_t PendingRequests::add(std::string method, std::string tag, Time now, Duration patience,
                                   std::size_t answers) {
  const std::uint64_t id = ++last_;
  open_.emplace(id, Request{id, std::move(method), std::move(tag),
                            std::max<std::size_t>(answers, 1), now + patience});
  return id;
}

std::optional<PendingRequests::Request> PendingRequests::on_ack(const PrivateAck& ack) {
  auto found = open_.end();
  if (ack.req_id) {
    found = open_.find(*ack.req_id);
    if (found != open_.end() && found->second.method != ack.method) return std::nullopt;
  } else {
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (it->second.method != ack.method) continue;
      if (found != open_.end()) return std::nullopt;  // two could be meant: their patience decides
      found = it;
    }
  }
  if (found == open_.end()) return std::nullopt;
  Request& request = found->second;
  // A refusal without a number refuses the request as a whole.
  request.answers_left = ack.req_id ? request.answers_left - 1 : 0;
  Request answered = request;
  if (answered.answers_left == 0) open_.erase(found);
  return answered;
}

std::vector<PendingRequests::Request> PendingRequests::take_overdue(Time now) {
  std::vector<Request> overdue;
  for (auto it = open_.begin(); it != open_.end();) {
    if (it->second.deadline > now) {
      ++it;
      continue;
    }
    overdue.push_back(std::move(it->second));
    it = open_.erase(it);
  }
  return overdue;
}

std::vector<PendingRequests::Request> PendingRequests::take_all() {
  std::vector<Request> all;
  for (auto& [id, request] : open_)
    all.push_back(std::move(request));
  open_.clear();
  return all;
}

std::optional<Time> PendingRequests::next_deadline() const {
  std::optional<Time> next;
  for (const auto& [id, request] : open_) {
    if (!next || request.deadline < *next) next = request.deadline;
  }
  return next;
}

}  // namespace aitrade::kraken
