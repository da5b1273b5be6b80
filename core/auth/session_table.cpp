#include "core/auth/session_table.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

std::string hashed(std::string_view text) { return to_hex(view(sha256(text))); }

constexpr std::size_t token_bytes = 32;
constexpr std::size_t tag_size = 8;   // of the hash: enough to tell sixteen sessions apart in the audit trail

}  // namespace

SessionTable::Opened SessionTable::open(Principal who, std::string proof, Time now) {
  std::erase_if(sessions_, [&](const auto& entry) { return is_over(entry.second, now); });
  if (sessions_.size() >= limits_.most) {
    const auto oldest = std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
      return a.second.seen < b.second.seen;
    });
    drop_tickets_of(oldest->second.principal);
    sessions_.erase(oldest);
  }
  std::string cookie = random_token(token_bytes);
  const std::string key = hashed(cookie);
  who.kind = Principal::Kind::session;
  who.id = key.substr(0, tag_size);
  const std::string csrf = to_hex(view(hmac_sha256(random_bytes(token_bytes), cookie)));
  sessions_[key] = Session{who, csrf, std::move(proof), now, now};
  return {Secret(std::move(cookie)), csrf, std::move(who)};
}

const SessionTable::Session* SessionTable::find(std::string_view cookie, Time now) {
  const auto found = sessions_.find(hashed(cookie));
  if (found == sessions_.end()) return nullptr;
  if (is_over(found->second, now)) {
    drop_tickets_of(found->second.principal);
    sessions_.erase(found);
    return nullptr;
  }
  found->second.seen = std::max(found->second.seen, now);
  return &found->second;
}

bool SessionTable::is_live(const std::string& tag, Time now) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
    return entry.second.principal.id == tag && !is_over(entry.second, now);
  });
}

void SessionTable::close(std::string_view cookie) {
  const auto found = sessions_.find(hashed(cookie));
  if (found == sessions_.end()) return;
  drop_tickets_of(found->second.principal);
  sessions_.erase(found);
}

void SessionTable::close_unless(const std::string& proof) {
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (it->second.proof == proof) {
      ++it;
      continue;
    }
    drop_tickets_of(it->second.principal);
    it = sessions_.erase(it);
  }
}

void SessionTable::drop_tickets_of(const Principal& who) {
  std::erase_if(tickets_, [&who](const auto& entry) {
    return entry.second.principal.kind == who.kind && entry.second.principal.id == who.id;
  });
}

std::string SessionTable::issue(Principal who, std::string origin, Time now) {
  std::erase_if(tickets_, [&](const auto& entry) { return now - entry.second.made >= limits_.ticket_life; });
  const auto drop_oldest_of = [this](auto is_one_of_them) {
    auto oldest = tickets_.end();
    for (auto it = tickets_.begin(); it != tickets_.end(); ++it) {
      if (is_one_of_them(it->second) && (oldest == tickets_.end()
          || it->second.number < oldest->second.number)) oldest = it;
    }
    if (oldest != tickets_.end()) tickets_.erase(oldest);
  };
  const auto is_theirs = [&who](const Ticket& ticket) { return ticket.principal == who; };
  const auto count = std::count_if(tickets_.begin(), tickets_.end(),
                                   [&](const auto& entry) { return is_theirs(entry.second); });
  if (static_cast<std::size_t>(count) >= limits_.tickets_per_principal) drop_oldest_of(is_theirs);
  if (tickets_.size() >= limits_.tickets) drop_oldest_of([](const Ticket&) { return true; });
  std::string text = random_token(token_bytes);
  tickets_[hashed(text)] = Ticket{std::move(who), std::move(origin), now, ++tickets_made_};
  return text;
}

std::optional<SessionTable::Ticket> SessionTable::take(std::string_view ticket, Time now) {
  auto node = tickets_.extract(hashed(ticket));
  if (node.empty() || now - node.mapped().made >= limits_.ticket_life) return std::nullopt;
  return std::move(node.mapped());
}

}  // namespace aitrade
