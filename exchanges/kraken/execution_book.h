// Our orders at the venue, put together from sparse execution rows in any order.
//
// Pure. Merges by order id, counts a fill once by its exec_id (snapshots and resubscriptions repeat
// the last ones), never counts `filled` as a fill, and tells when the venue's cumulative quantity
// says that fills are missing here (kraken.md 8.5, reliability.md 3.4). Cumulative quantities only
// grow: a lower one is old news.
#pragma once

#include "core/base/decimal.h"
#include "exchanges/kraken/ws_private.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aitrade::kraken {

struct OrderView {
  std::string order_id, client_id, parent_id, symbol;
  std::optional<Side> side;
  std::optional<Decimal> quantity;  // as ordered; the newest total after an amend
  Decimal cumulative;               // the venue's word, and never less than our fills
  Decimal filled;                   // sum of the fills seen
  std::optional<Amount> limit, trigger;
  ExecStatus status{ExecStatus::pending_new};
  std::string reason;  // of a cancel or expiry
  bool is_over{false};

  /// The venue has executed more than the fills we saw: fetch the trade history.
  [[nodiscard]] bool misses_fills() const { return filled < cumulative; }
};

struct ExecutionFill {
  std::string exec_id, order_id, client_id, symbol;
  Side side{Side::buy};
  Amount price, quantity;
  std::optional<Amount> cost;
  std::vector<FeePart> fees;
  std::optional<bool> is_maker;
  std::optional<Time> time;
};

/// What one row changed.
struct ExecutionChange {
  OrderView order;  // after the row
  ExecType type{ExecType::other};
  std::optional<ExecutionFill> fill;  // a new one only
};

class ExecutionBook {
 public:
  /// `remembered` bounds fill ids and finished orders; the ledger's own uniqueness stands behind
  /// it.
  explicit ExecutionBook(std::size_t remembered = 10'000) : remembered_(remembered) {}

  /// Applies a message; one change for each row that said something new. Errors: invalid when
  /// quantities do not add up in 38 digits; what came before the bad row stays applied.
  Result<std::vector<ExecutionChange>> apply(const ExecutionsMessage& message);

  /// A fill known from elsewhere (trade history, ledger): counted now, so that the stream's copy is
  /// not.
  Status note_fill(const std::string& exec_id, const std::string& order_id,
                   const Decimal& quantity);

  [[nodiscard]] const OrderView* find(const std::string& order_id) const;

  /// Order ids with missing fills.
  [[nodiscard]] std::vector<std::string> incomplete() const;

  [[nodiscard]] std::size_t size() const { return orders_.size(); }

 private:
  Result<bool> merge(const ExecutionRow& row, OrderView& order);
  Result<bool> count_fill(const std::string& exec_id, const Decimal& quantity, OrderView& order);
  void finish(const std::string& order_id);

  std::size_t remembered_;
  std::map<std::string, OrderView> orders_;
  std::set<std::string> fills_;
  std::deque<std::string> fill_age_, over_age_;  // oldest first
};

}  // namespace aitrade::kraken
