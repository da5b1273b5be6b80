// What does the exchange itself know of the account, whatever its clients were told?
//
// The oracle of the fault campaign (reliability.md 5.2): a copy of every order, fill and balance
// at one moment, in exact decimals, and for each intent (client id) how many copies of it came in
// and how many were taken. No read lag, no lost frame and no hidden order applies. One line of
// text each, canonical, so that two books are the same when their lines are.
#pragma once

#include "core/base/time.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "exchanges/loopback/accounts.h"
#include "exchanges/loopback/venue_order.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

class PrivateVenue;

/// An order as it stands.
struct BookedOrder {
  std::string id, client_id;  // client_id: empty without
  std::string parent;         // of a conditional close: the order that placed it
  Symbol symbol;
  Side side{Side::buy};
  Kind kind{Kind::limit};
  Phase phase{Phase::pending};
  bool is_triggered{false};
  std::string reason;  // why it ended
  Quantity quantity, filled;
  Money cost;
  Amount fee;
  Price limit, trigger;  // in force; zero: none
  Amount held;           // reserved for its remainder
  Time opened, closed;   // closed: zero while it is live

  [[nodiscard]] bool is_live() const { return phase == Phase::pending || phase == Phase::open; }
};

/// A fill as it stands: after corrections of the venue.
struct BookedFill {
  std::string id, order_id, client_id;
  std::uint64_t trade_id{0};
  Symbol symbol;
  Side side{Side::buy};
  Price price;
  Quantity quantity;
  Money cost;
  Amount fee;
  Currency fee_asset;
  bool is_maker{false};
  bool is_busted{false};  // undone by the venue: its money is back
  Time at;
};

struct BookedBalance {
  Amount balance;  // holds included
  Amount held;
};

/// What came in under one client id.
struct BookedIntent {
  std::int64_t copies{0};    // requests to place it that reached the venue
  std::int64_t accepted{0};  // of these, orders that it took: more than one is a double order
  std::int64_t live{0};      // of these, not over yet
  Quantity filled;           // of all accepted copies together
};

struct PrivateBooks {
  Time at;
  std::vector<BookedOrder> orders;  // oldest first
  std::vector<BookedFill> fills;    // oldest first, busted ones too
  std::map<Currency, BookedBalance> balances;
  std::map<std::string, BookedIntent> intents;  // by client id

  /// Null when there is none.
  [[nodiscard]] const BookedOrder* find_order(std::string_view id) const;

  /// Null when there is none.
  [[nodiscard]] const BookedFill* find_fill(std::string_view id) const;

  /// Client ids of which more than one copy was accepted.
  [[nodiscard]] std::vector<std::string> doubled() const;

  /// Returns what does not agree within the books themselves, one sentence each: an order and the
  /// sum of its fills, holds and their sum. Empty when the venue is sound.
  [[nodiscard]] std::vector<std::string> contradictions() const;

  /// All of it as lines, each with its newline: orders, fills, balances, intents.
  [[nodiscard]] std::string text() const;
};

/// Returns one line without a newline; money is exact decimal text.
std::string to_line(const BookedOrder& order);
std::string to_line(const BookedFill& fill);

/// Copies the books of an account.
PrivateBooks books_of(PrivateVenue& venue, Time now);

}  // namespace aitrade::loopback
