// What only a venue in trouble does to orders and fills.

#include "exchanges/loopback/matching.h"

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

Error unknown(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

}  // namespace

Status Matching::force_fill(std::string_view id, Quantity quantity, Time now) {
  VenueOrder* order = mutable_find(id);
  if (order == nullptr) return unknown("EOrder:Unknown order");
  if (!quantity.is_positive() || quantity > order->leaves()) {
    return fail(ErrorCode::invalid, "more than the rest of the order");
  }
  Price price = order->limit;
  if (!price.is_positive()) price = order->trigger;
  if (!price.is_positive()) price = market_.last_price(order->terms.pair);
  const Quantity part = affordable(*order, price, quantity, true, now);
  if (part != quantity) return fail(ErrorCode::rejected, "EOrder:Insufficient funds");
  fill(*order, price, part, true, now);
  return ok();
}

Status Matching::vanish(std::string_view id, Time now) {
  VenueOrder* order = mutable_find(id);
  if (order == nullptr || !order->is_live()) return unknown("EOrder:Unknown order");
  finish(*order, Phase::canceled, "Canceled by the venue", now, true);
  return ok();
}

// The named fill, or the newest that stands.
VenueFill* Matching::mutable_fill(std::string_view id) {
  for (auto it = fills_.rbegin(); it != fills_.rend(); ++it) {
    if (!it->is_busted && (id.empty() || it->id == id)) return &*it;
  }
  return nullptr;
}

Status Matching::bust(std::string_view fill_id, Time now) {
  VenueFill* fill = mutable_fill(fill_id);
  if (fill == nullptr) return unknown("EQuery:Unknown trade");
  AITRADE_TRY_STATUS(rebook(*fill, Quantity{}, Money{}, Amount{}, now));
  fill->is_busted = true;
  return ok();
}

Status Matching::correct(std::string_view fill_id, std::optional<Price> price,
                         std::optional<Amount> fee, Time now) {
  VenueFill* fill = mutable_fill(fill_id);
  if (fill == nullptr) return unknown("EQuery:Unknown trade");
  const bool is_buy = fill->side == Side::buy;
  const Price new_price = price.value_or(fill->price);
  const Money cost = price ? notional(new_price, fill->quantity,
                                      is_buy ? Rounding::up : Rounding::down)
                           : fill->cost;
  const Amount new_fee = fee.value_or(fill->fee);
  AITRADE_TRY_STATUS(rebook(*fill, fill->quantity, cost, new_fee, now));
  fill->price = new_price;
  fill->cost = cost;
  fill->fee = new_fee;
  return ok();
}

// Posts the difference between what a fill was and what it is to be, and moves its order's sums.
// Errors: rejected when the client no longer has what it would give back.
Status Matching::rebook(const VenueFill& fill, Quantity quantity, Money cost, Amount fee,
                        Time now) {
  const ShownPair& pair = market_.pairs()[fill.pair];
  const bool is_buy = fill.side == Side::buy;
  const Amount bought = Amount::from_raw((quantity - fill.quantity).raw());
  const Amount paid = cost - fill.cost;
  const Amount more_fee = fee - fill.fee;

  struct Leg {
    const Currency& asset;
    Amount amount, fee;
  };

  const std::array<Leg, 2> legs{
      Leg{pair.symbol.quote, is_buy ? -paid : paid, fill.fee_in_base ? Amount{} : more_fee},
      Leg{pair.symbol.base, is_buy ? bought : -bought, fill.fee_in_base ? more_fee : Amount{}}};
  for (const Leg& leg : legs) {
    if ((accounts_.available(leg.asset) + leg.amount - leg.fee).is_negative()) {
      return unknown("EFunding:Insufficient funds");
    }
  }
  VenueOrder* order = mutable_find(fill.order_id);
  order->filled += quantity - fill.quantity;
  order->cost += paid;
  order->fee += more_fee;
  for (const Leg& leg : legs) {
    if (leg.amount.is_zero() && leg.fee.is_zero()) continue;
    const LedgerEntry line =
        accounts_.trade(leg.asset, leg.amount, leg.fee, fill.id, now, "adjustment");
    events_.push_back({OrderEvent::What::ledger, *order, {}, line, now});
  }
  if (order->is_live()) rehold(*order);
  return ok();
}

}  // namespace aitrade::loopback
