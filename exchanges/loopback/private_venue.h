// The private side of the loopback exchange, without any transport.
//
// One account: its keys, balances, orders, rate counters, dead man's switch. REST and WebSocket
// bring their requests here as parameters under REST's names and render what comes back. Refusals
// are Errors whose text is the venue's. Not thread-safe: the exchange calls it under its lock.
#pragma once

#include "exchanges/loopback/api_keys.h"
#include "exchanges/loopback/market.h"
#include "exchanges/loopback/matching.h"
#include "exchanges/loopback/order_form.h"
#include "exchanges/loopback/rate_counters.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade::loopback {

struct AccountOptions {
  std::vector<ApiKey> keys;
  std::vector<std::pair<Currency, Amount>> deposits;
  RateTier tier{RateTier::none};
  std::uint64_t seed{1};
};

class PrivateVenue {
 public:
  /// `market` is borrowed.
  PrivateVenue(const AccountOptions& options, Market& market, Time now);

  /// An accepted order, as the answer describes it.
  struct Added {
    std::string id;  // empty when it was only validated
    OrderTerms terms;
  };

  /// Takes one order. `batch` halves its price in the rate counter.
  Result<Added> add(const Params& params, Time now, bool batch = false);

  /// How often an order with each client id was asked for, taken or not.
  [[nodiscard]] const std::map<std::string, std::int64_t>& copies() const { return copies_; }

  /// Returns the id of the amend; `id` or `client_id` names the order.
  Result<std::string> amend(const Params& params, Time now);

  struct Edited {
    std::string id, original;
    OrderTerms terms;
    std::optional<std::int64_t> old_ref;
  };

  /// Cancels and places anew.
  Result<Edited> edit(const Params& params, Time now);

  /// What a text names an order by.
  enum class NamedBy : std::uint8_t { any, order_id, client_id, user_ref };

  /// Ends all live orders that a text names: an order id, a client id or a user reference.
  /// Returns their ids. Errors: EOrder:Unknown order.
  Result<std::vector<std::string>> cancel(std::string_view name, Time now,
                                          NamedBy by = NamedBy::any);

  std::size_t cancel_all(Time now);

  /// Arms the dead man's switch; 0 disarms. Returns when it fires; zero: never.
  Time set_switch(Duration timeout, Time now);

  [[nodiscard]] Time switch_at() const { return switch_at_; }

  /// Moves money in (negative: out), and tells it. Errors: rejected when it is not available.
  Status transfer(const Currency& asset, Amount amount, std::string_view type, Time now);

  /// Lets time pass: expiries, the switch.
  void on_time(Time now);

  /// The earliest moment at which on_time() has something to do.
  [[nodiscard]] std::optional<Time> next_timer() const;

  Matching& matching() { return matching_; }

  Accounts& accounts() { return accounts_; }

  KeyRing& keys() { return keys_; }

  RateCounters& counters() { return counters_; }

  [[nodiscard]] const Market& market() const { return market_; }

  /// What queries know: everything older than the lag; orders and fills of later are hidden.
  void set_read_lag(Duration lag) { read_lag_ = lag; }

  [[nodiscard]] Time read_time(Time now) const { return now - read_lag_; }

  /// Cancels take effect this much later; their answers say "pending".
  void set_cancel_delay(Duration delay) { cancel_delay_ = delay; }

  [[nodiscard]] Duration cancel_delay() const { return cancel_delay_; }

 private:
  Result<const VenueOrder*> named(const Params& params) const;

  Market& market_;
  Accounts accounts_;
  Matching matching_;
  KeyRing keys_;
  RateCounters counters_;
  Time switch_at_;
  Duration read_lag_{0}, cancel_delay_{0};
  std::map<std::string, std::int64_t> copies_;
  std::map<std::string, Time> cancels_;  // order id to when its cancel takes effect
};

}  // namespace aitrade::loopback
