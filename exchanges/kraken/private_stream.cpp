#include "exchanges/kraken/private_stream.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr std::string_view subscribe = "subscribe";

bool is_subscription(const PendingRequests::Request& request) {
  return request.method == subscribe;
}

/// The session behind the token is gone: a new one is needed, the rest of the connection is sound.
bool is_token_error(std::string_view text) {
  return text.find("Invalid session") != std::string_view::npos ||
         text.find("token") != std::string_view::npos;
}

}  // namespace

StreamOutput PrivateStream::on_open(Secret token, Time now) {
  StreamOutput out;
  token_ = std::move(token);
  is_open_ = true;
  is_lost_ = is_synced_ = has_executions_ = has_balances_ = false;
  executions_.reset();
  balances_.reset();
  opened_at_ = heard_at_ = asked_at_ = now;
  const auto first = pending_.add(std::string(subscribe), "executions", now, options_.ack_timeout);
  out.send.push_back(subscribe_executions_frame(options_.executions, token_, first));
  const auto second = pending_.add(std::string(subscribe), "balances", now, options_.ack_timeout);
  out.send.push_back(subscribe_balances_frame(token_, second));
  finish(out);
  return out;
}

StreamOutput PrivateStream::on_text(std::string_view frame, Time now) {
  StreamOutput out;
  if (!is_open_) return out;
  heard_at_ = now;
  auto message = parse_private_frame(frame);
  if (!message) {
    lose("a frame that cannot be read: " + message.error().what, out);
  } else if (auto* executions = std::get_if<ExecutionsMessage>(&*message)) {
    on_numbered(std::move(*executions), executions_, has_executions_, out);
  } else if (auto* balances = std::get_if<BalancesMessage>(&*message)) {
    on_numbered(std::move(*balances), balances_, has_balances_, out);
  } else if (auto* ack = std::get_if<PrivateAck>(&*message)) {
    on_ack(std::move(*ack), out);
  } else if (auto* status = std::get_if<StatusMessage>(&*message)) {
    out.updates.emplace_back(VenueStatus{std::move(status->system)});
  }
  finish(out);
  return out;
}

template <class Message>
void PrivateStream::on_numbered(Message message, SequenceGuard& guard, bool& has_snapshot,
                                StreamOutput& out) {
  if (is_lost_)
    return;  // what comes after a gap is read again from the snapshot of the next connection
  switch (guard.on(message.sequence)) {
    case SequenceGuard::Verdict::repeated:
      return;
    case SequenceGuard::Verdict::gap:
      lose("message " + std::to_string(message.sequence) + " came after " +
               std::to_string(guard.last()),
           out);
      return;
    case SequenceGuard::Verdict::next:
      break;
  }
  if (!message.is_snapshot && !has_snapshot) {
    lose("an update came before its snapshot", out);
    return;
  }
  has_snapshot = true;
  out.updates.emplace_back(std::move(message));
  if (!is_synced_ && has_executions_ && has_balances_) {
    is_synced_ = true;
    out.updates.emplace_back(StreamSynced{});
  }
}

void PrivateStream::on_ack(PrivateAck ack, StreamOutput& out) {
  auto request = pending_.on_ack(ack);
  if (!request) return;
  if (ack.max_rate_count) max_rate_count_ = ack.max_rate_count;
  if (is_subscription(*request)) {
    const bool is_standing =
        ack.success || ack.error.find("lready subscribed") != std::string::npos;
    if (!is_standing) lose("subscription refused: " + ack.error, out);
    return;
  }
  const bool is_token_gone = !ack.success && is_token_error(ack.error);
  const std::string error = ack.error;
  out.updates.emplace_back(RequestAnswered{*std::move(request), std::move(ack)});
  if (is_token_gone) lose("the session is gone: " + error, out);
}

void PrivateStream::lose(std::string why, StreamOutput& out) {
  out.close = true;
  is_synced_ = false;
  if (is_lost_) return;
  is_lost_ = true;
  out.updates.emplace_back(StreamLost{std::move(why), true, executions_.last(), balances_.last()});
}

StreamOutput PrivateStream::on_closed(std::string_view why, Time) {
  StreamOutput out;
  if (is_open_) lose("closed: " + std::string(why), out);
  out.close = false;
  is_open_ = false;
  token_ = Secret();
  for (PendingRequests::Request& request : pending_.take_all()) {
    if (!is_subscription(request)) out.updates.emplace_back(RequestUnanswered{std::move(request)});
  }
  return out;
}

StreamOutput PrivateStream::on_wake(Time now) {
  StreamOutput out;
  if (!is_open_) return out;
  for (PendingRequests::Request& request : pending_.take_overdue(now)) {
    if (is_subscription(request)) {
      lose("no answer to the subscription of " + request.tag, out);
    } else {
      out.updates.emplace_back(RequestUnanswered{std::move(request)});
    }
  }
  if (now - heard_at_ >= options_.liveness) {
    lose("silent for too long", out);
  } else if (!is_synced_ && now - opened_at_ >= options_.snapshot_timeout) {
    lose("no snapshots", out);
  } else if (now - std::max(heard_at_, asked_at_) >= options_.ping_after) {
    asked_at_ = now;
    out.send.push_back(ping_frame(++pings_));
  }
  finish(out);
  return out;
}

Result<std::uint64_t> PrivateStream::request(std::string method, std::string tag, Duration patience,
                                             Time now, std::size_t answers) {
  if (!is_open_ || is_lost_) return fail(ErrorCode::network, "kraken: no private connection");
  return pending_.add(std::move(method), std::move(tag), now, patience, answers);
}

void PrivateStream::finish(StreamOutput& out) const {
  if (!is_open_ || out.close) return;
  Time wake =
      std::min(heard_at_ + options_.liveness, std::max(heard_at_, asked_at_) + options_.ping_after);
  if (!is_synced_) wake = std::min(wake, opened_at_ + options_.snapshot_timeout);
  if (const auto deadline = pending_.next_deadline()) wake = std::min(wake, *deadline);
  out.wake_at = wake;
}

}  // namespace aitrade::kraken
