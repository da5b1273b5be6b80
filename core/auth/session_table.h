// Who is logged in at the page, and the tickets that open their streams. Pure: the time is passed in.
//
// Only hashes are kept: of a session's cookie and of a ticket. A restart ends all of them.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/principal.h"

namespace aitrade {

struct SessionLimits {
  Duration idle{minutes{30}};
  Duration absolute{hours{12}};
  std::size_t most{16};              // the one idle for longest goes
  Duration ticket_life{seconds{15}};
  std::size_t tickets{1024};
  std::size_t tickets_per_principal{8};
};

class SessionTable {
 public:
  explicit SessionTable(SessionLimits limits = {}) : limits_(limits) {}

  /// Holds from now on, for sessions that are open too.
  void set_limits(const SessionLimits& limits) { limits_ = limits; }

  struct Opened {
    Secret cookie;
    std::string csrf;
    Principal principal;
  };

  /// Opens a session for whoever proved to be `who`; `proof` is what it rests on (the password record's hash).
  Opened open(Principal who, std::string proof, Time now);

  struct Session {
    Principal principal;
    std::string csrf, proof;
    Time created, seen;
  };

  /// Returns the session of a cookie and counts it as used; nothing when there is none or its time is over.
  const Session* find(std::string_view cookie, Time now);

  /// Whether the session with that tag still lives.
  [[nodiscard]] bool is_live(const std::string& tag, Time now) const;

  /// Ends one session, with its tickets.
  void close(std::string_view cookie);

  /// Ends all that rest on another proof than `proof`.
  void close_unless(const std::string& proof);

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  struct Ticket {
    Principal principal;
    std::string origin;
    Time made;
    std::uint64_t number{0};
  };

  /// Makes a ticket for one stream.
  std::string issue(Principal who, std::string origin, Time now);

  /// Takes a ticket: it is gone afterwards, whatever the answer.
  std::optional<Ticket> take(std::string_view ticket, Time now);

 private:
  [[nodiscard]] bool is_over(const Session& session, Time now) const {
    return now - session.seen >= limits_.idle || now - session.created >= limits_.absolute;
  }

  void drop_tickets_of(const Principal& who);

  SessionLimits limits_;
  std::map<std::string, Session> sessions_;   // by the cookie's hash
  std::map<std::string, Ticket> tickets_;     // by the ticket's hash
  std::uint64_t tickets_made_{0};
};

}  // namespace aitrade
