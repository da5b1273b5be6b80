// What becomes of the client's orders?
//
// A price-time engine: the client's orders against the liquidity that the market shows and the
// trades that it prints, with holds, fees, self-trade prevention, triggers, expiry, conditional
// closes, amends. Taking reduces the shown book; resting orders wait behind what stood at their
// price, fill with the tape when it trades there, and wholly when it trades through. Pure: time
// comes with each call, ids from a seed. Refusals are Errors whose text is the venue's.
#pragma once

#include "exchanges/loopback/accounts.h"
#include "exchanges/loopback/market.h"
#include "exchanges/loopback/venue_order.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

/// What an amend changes; nothing: as it was.
struct Amendment {
  std::optional<Quantity> quantity, display;
  std::optional<Price> limit, trigger;
  bool post_only{false};
};

class Matching {
 public:
  /// Both are borrowed and must outlive the engine.
  Matching(Market& market, Accounts& accounts, std::uint64_t seed)
      : market_(market), accounts_(accounts), ids_(seed) {}

  /// Checks all that place() would refuse.
  [[nodiscard]] Status check(const OrderTerms& terms, Time now);

  /// Takes an order; returns its id. It may be filled, or ended again, when this returns.
  Result<std::string> place(const OrderTerms& terms, Time now, std::string_view parent = {});

  /// Ends a live order. Errors: EOrder:Unknown order.
  Status cancel(std::string_view id, std::string_view reason, Time now);

  /// Returns how many orders it ended.
  std::size_t cancel_all(std::string_view reason, Time now);

  Status amend(std::string_view id, const Amendment& change, Time now);

  /// The market printed a trade.
  void on_trade(std::size_t pair, const ShownTrade& trade, Time now);

  /// The book of a pair was made anew.
  void on_book(std::size_t pair, Time now);

  /// Time passed: orders begin and expire.
  void on_time(Time now);

  /// When on_time() has something to do next; nothing when there is nothing.
  [[nodiscard]] std::optional<Time> next_timer() const;

  /// Returns and forgets what happened since the last call, in order.
  std::vector<OrderEvent> take_events() { return std::exchange(events_, {}); }

  /// Tells a movement that no order caused.
  void note(const LedgerEntry& entry) {
    events_.push_back({OrderEvent::What::ledger, {}, {}, entry, entry.at});
  }

  /// Pairs whose shown book the last calls changed; returned and forgotten.
  std::vector<std::size_t> take_changed_books();

  [[nodiscard]] const VenueOrder* find(std::string_view id) const;

  /// The live order with this client id.
  [[nodiscard]] const VenueOrder* find_client_id(std::string_view client_id) const;

  /// Oldest first.
  [[nodiscard]] const std::deque<VenueOrder>& orders() const { return orders_; }

  [[nodiscard]] const std::vector<VenueFill>& fills() const { return fills_; }

  [[nodiscard]] bool has_live(std::size_t pair) const;

  /// Notional of the fills of the last 30 days.
  [[nodiscard]] Money volume_30d(Time now) const;

  /// Makes another id: of amends, sessions.
  std::string make_id(char kind) { return ids_.next(kind); }

  // Faults of the venue itself.

  /// Every later order fills in at least this many pieces.
  void set_pieces(std::int64_t pieces) { pieces_ = std::max<std::int64_t>(pieces, 1); }

  /// The next order stays unknown to queries and streams for this long.
  void hide_next(Duration span) { hide_next_ = span; }

  /// The next conditional close is not placed.
  void lose_next_child() { lose_child_ = true; }

  /// The next conditional close is placed this much later.
  void delay_next_child(Duration span) { delay_child_ = span; }

  /// Undoes a fill (empty: the newest): its money goes back, histories no longer have it. Errors:
  /// rejected when the client has spent what it would give back.
  Status bust(std::string_view fill_id, Time now);

  /// Changes the price or the fee of a fill (empty: the newest) after the fact. Errors: as bust().
  Status correct(std::string_view fill_id, std::optional<Price> price, std::optional<Amount> fee,
                 Time now);

  /// Fills an order, even one that has ended: a late fill. Errors: unknown, more than its rest.
  Status force_fill(std::string_view id, Quantity quantity, Time now);

  /// An order ends without a word to anybody.
  Status vanish(std::string_view id, Time now);

 private:
  // A conditional close that waits to be placed.
  struct LateChild {
    Time at;
    OrderTerms terms;
    std::string parent;
  };

  Status check_mode(const OrderTerms& terms) const;
  Status check_size(const OrderTerms& terms) const;
  Status check_funds(const OrderTerms& terms, Time now);
  void activate(VenueOrder& order, Time now);
  void execute(VenueOrder& order, Time now);
  void rest(VenueOrder& order);
  void take(VenueOrder& order, std::optional<Price> bound, Time now);
  bool meets_own(VenueOrder& order, std::optional<Price> bound, Time now);
  bool fill(VenueOrder& order, Price price, Quantity quantity, bool is_maker, Time now);
  void place_close(VenueOrder& order, const VenueFill& made, Time now);
  void complete(VenueOrder& order, Time now);
  void finish(VenueOrder& order, Phase phase, std::string_view reason, Time now, bool quiet = false);
  void trail(VenueOrder& order, Price last);
  void trigger_if_met(VenueOrder& order, Price last, Time now);
  void fill_by_trade(VenueOrder& order, const ShownTrade& trade, Quantity& left, Time now);
  void ensure_book(std::size_t pair, Time now, bool anew);
  bool would_take(const OrderTerms& terms, Price limit) const;
  bool can_fill_whole(const VenueOrder& order) const;
  bool rehold(VenueOrder& order);
  [[nodiscard]] const Currency& paid_in(const OrderTerms& terms) const;
  [[nodiscard]] Amount needed(const VenueOrder& order) const;
  [[nodiscard]] Quantity affordable(const VenueOrder& order, Price price, Quantity quantity,
                                    bool is_maker, Time now) const;
  [[nodiscard]] Quantity piece_of(const VenueOrder& order, Quantity quantity) const;
  [[nodiscard]] Rate rate(bool is_maker, Time now) const;
  [[nodiscard]] std::vector<VenueOrder*> live(std::size_t pair);
  VenueOrder* mutable_find(std::string_view id);
  VenueFill* mutable_fill(std::string_view id);
  Status rebook(const VenueFill& fill, Quantity quantity, Money cost, Amount fee, Time now);
  void tell(OrderEvent::What what, const VenueOrder& order, Time now);

  Market& market_;
  Accounts& accounts_;
  IdMaker ids_;
  std::deque<VenueOrder> orders_;  // a deque: references stay good while children are added
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::vector<std::size_t> live_;
  std::vector<VenueFill> fills_;
  std::map<std::size_t, std::uint64_t> trade_ids_;
  std::vector<OrderEvent> events_;
  std::vector<std::size_t> changed_books_;
  std::uint64_t next_priority_{1};
  std::int64_t pieces_{1};
  Duration hide_next_{0};
  Duration delay_child_{0};
  bool lose_child_{false};
  std::vector<LateChild> late_children_;
};

}  // namespace aitrade::loopback
