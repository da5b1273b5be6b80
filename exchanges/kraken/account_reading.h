// One complete reading of the account: open orders, then ended ones, then fills, then money.
//
// Pure: says which call is next and takes its answer. The order matters (reliability.md 4.2): an order that fills
// while we read is then seen twice, which the merge handles, and not in neither place. A reading is whole or
// nothing: one page that fails fails it all, because a partial history is not a history.
#pragma once

#include "core/base/result.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/order_reads.h"
#include "exchanges/kraken/paging.h"

#include <optional>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

class AccountReading {
 public:
  /// Reads histories later than `after` up to `now`, by the venue's clock; `with_money` adds balances and the
  /// ledger.
  AccountReading(Time after, Time now, bool with_money);

  /// What to ask for now; nothing when the reading is complete.
  [[nodiscard]] std::optional<PrivateCall> next() const;

  /// Takes the answer of that call. Errors: invalid; the reading is worth nothing then.
  Status take(std::string_view body);

  [[nodiscard]] bool is_complete() const { return stage_ == Stage::done; }

  /// The open orders are read: true in themselves, whatever becomes of the rest.
  [[nodiscard]] bool has_open() const { return stage_ != Stage::open; }

  [[nodiscard]] Time started() const { return now_; }

  [[nodiscard]] Time after() const { return after_; }

  [[nodiscard]] bool has_money() const { return with_money_; }

  std::vector<OrderInfo> open, ended;
  std::vector<TradeInfo> trades;   // oldest first
  Balances balances;
  std::vector<LedgerInfo> ledgers;

 private:
  enum class Stage : std::uint8_t { open, ended, trades, balances, ledgers, done };

  void begin(Stage stage);
  Status page(const std::vector<std::string>& ids, std::optional<std::uint64_t> total, Stage then);

  Time after_, now_;
  bool with_money_;
  Stage stage_{Stage::open};
  HistoryPager pager_;
};

}  // namespace aitrade::kraken
