// What does the client of the loopback exchange own?
//
// A double-entry ledger in exact decimals: the client's balances on one side; the market, the fees
// and the world outside on the other. Every posting moves the same amount out of one and into
// another, so that for each asset their sum is zero at any time, whatever happens. Holds are the
// part of a balance that open orders have reserved. Pure: no clock, no sockets.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/instrument.h"
#include "exchanges/loopback/venue_ids.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

using Amount = Money;  // units of any asset, eight decimals

/// One line of the client's account history.
struct LedgerEntry {
  std::string id;
  std::string ref;   // the trade or the transfer
  std::string type;  // trade, deposit, withdrawal, adjustment
  Currency asset;
  Amount amount;   // signed, before the fee
  Amount fee;      // positive is a cost
  Amount balance;  // after both
  Time at;
};

class Accounts {
 public:
  explicit Accounts(std::uint64_t seed) : ids_(seed) {}

  /// Where one asset is; the four sum to zero.
  struct Place {
    Amount balance;  // the client's, holds included
    Amount market;   // of all counterparties, against the start
    Amount fees;     // earned by the venue
    Amount outside;  // against the start: minus all deposits plus all withdrawals
    Amount held;     // part of the balance
  };

  /// Brings an amount in (negative: takes it out). Errors: rejected when it is not available.
  Result<LedgerEntry> transfer(const Currency& asset, Amount amount, std::string_view type,
                               Time at);

  /// Posts one leg of a trade with the market: `amount` to the client (negative: from it), then
  /// `fee` from the client to the venue. Returns the history line.
  LedgerEntry trade(const Currency& asset, Amount amount, Amount fee, std::string_view ref,
                    Time at, std::string_view type = "trade");

  /// Reserves a part of the balance; false when that much is not available.
  bool hold(const Currency& asset, Amount amount);

  /// Gives a reserved part free.
  void release(const Currency& asset, Amount amount);

  [[nodiscard]] Place at(const Currency& asset) const;

  [[nodiscard]] Amount available(const Currency& asset) const;

  [[nodiscard]] const std::map<Currency, Place>& places() const { return places_; }

  [[nodiscard]] const std::vector<LedgerEntry>& history() const { return history_; }

  /// Returns whether every asset's places sum to zero, no balance is negative, no hold exceeds it,
  /// and the history adds up to the balances.
  [[nodiscard]] bool is_sound() const;

 private:
  LedgerEntry& write(const Currency& asset, std::string_view ref, std::string_view type,
                     Amount amount, Amount fee, Time at);

  IdMaker ids_;
  std::map<Currency, Place> places_;
  std::vector<LedgerEntry> history_;
};

}  // namespace aitrade::loopback
