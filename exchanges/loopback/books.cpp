#include "exchanges/loopback/books.h"

#include "exchanges/loopback/private_venue.h"

#include <algorithm>

namespace aitrade::loopback {
namespace {

BookedOrder booked(const VenueOrder& order, const Market& market) {
  BookedOrder out;
  out.id = order.id;
  out.client_id = order.terms.client_id;
  out.parent = order.parent;
  out.symbol = market.pairs()[order.terms.pair].symbol;
  out.side = order.terms.side;
  out.kind = order.terms.kind;
  out.phase = order.phase;
  out.is_triggered = order.is_triggered;
  out.reason = order.reason;
  out.quantity = order.terms.quantity;
  out.filled = order.filled;
  out.cost = order.cost;
  out.fee = order.fee;
  out.limit = order.limit;
  out.trigger = order.trigger;
  out.held = order.held;
  out.opened = order.opened;
  out.closed = order.closed;
  return out;
}

BookedFill booked(const VenueFill& fill, const Market& market) {
  const Symbol& symbol = market.pairs()[fill.pair].symbol;
  BookedFill out;
  out.id = fill.id;
  out.order_id = fill.order_id;
  out.client_id = fill.client_id;
  out.trade_id = fill.trade_id;
  out.symbol = symbol;
  out.side = fill.side;
  out.price = fill.price;
  out.quantity = fill.quantity;
  out.cost = fill.cost;
  out.fee = fill.fee;
  out.fee_asset = fill.fee_in_base ? symbol.base : symbol.quote;
  out.is_maker = fill.is_maker;
  out.is_busted = fill.is_busted;
  out.at = fill.at;
  return out;
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

// The asset that an order reserves.
const Currency& reserved_asset(const BookedOrder& order) {
  return order.side == Side::buy ? order.symbol.quote : order.symbol.base;
}

}  // namespace

const BookedOrder* PrivateBooks::find_order(std::string_view id) const {
  const auto found =
      std::find_if(orders.begin(), orders.end(), [&](const auto& order) { return order.id == id; });
  return found == orders.end() ? nullptr : &*found;
}

const BookedFill* PrivateBooks::find_fill(std::string_view id) const {
  const auto found =
      std::find_if(fills.begin(), fills.end(), [&](const auto& fill) { return fill.id == id; });
  return found == fills.end() ? nullptr : &*found;
}

std::vector<std::string> PrivateBooks::doubled() const {
  std::vector<std::string> out;
  for (const auto& [client_id, intent] : intents) {
    if (intent.accepted > 1) out.push_back(client_id);
  }
  return out;
}

std::vector<std::string> PrivateBooks::contradictions() const {
  std::vector<std::string> out;
  std::map<std::string, BookedFill, std::less<>> sums;  // by order
  for (const BookedFill& fill : fills) {
    if (fill.is_busted) continue;
    BookedFill& sum = sums[fill.order_id];
    sum.quantity += fill.quantity;
    sum.cost += fill.cost;
    sum.fee += fill.fee;
  }
  std::map<Currency, Amount> holds;
  for (const BookedOrder& order : orders) {
    const BookedFill& sum = sums[order.id];
    if (sum.quantity != order.filled || sum.cost != order.cost || sum.fee != order.fee) {
      out.push_back(order.id + " is not the sum of its fills");
    }
    if (order.quantity.is_positive() && order.filled > order.quantity) {
      out.push_back(order.id + " is filled beyond its quantity");
    }
    if (!order.is_live() && !order.held.is_zero()) out.push_back(order.id + " is over and holds");
    holds[reserved_asset(order)] += order.held;
  }
  for (const auto& [asset, place] : balances) {
    if (holds[asset] != place.held) out.push_back(asset + " is held by no order");
    if (place.held > place.balance || place.balance.is_negative()) {
      out.push_back(asset + " is promised twice");
    }
  }
  return out;
}

std::string to_line(const BookedOrder& order) {
  return "order " + order.id + " " + or_dash(order.client_id) + " " + to_string(order.symbol) +
         " " + std::string(to_string(order.side)) + " " + std::string(to_string(order.kind)) + " " +
         std::string(to_string(order.phase)) + " " + to_string(order.quantity) + " filled " +
         to_string(order.filled) + " cost " + to_string(order.cost) + " fee " +
         to_string(order.fee) + " limit " + to_string(order.limit) + " trigger " +
         to_string(order.trigger) + " held " + to_string(order.held);
}

std::string to_line(const BookedFill& fill) {
  return "fill " + fill.id + " " + fill.order_id + " " + or_dash(fill.client_id) + " " +
         to_string(fill.symbol) + " " + std::string(to_string(fill.side)) + " " +
         to_string(fill.quantity) + " at " + to_string(fill.price) + " cost " +
         to_string(fill.cost) + " fee " + to_string(fill.fee) + " " + fill.fee_asset +
         (fill.is_busted ? " busted" : "");
}

std::string PrivateBooks::text() const {
  std::string out;
  for (const BookedOrder& order : orders)
    out += to_line(order) + "\n";
  for (const BookedFill& fill : fills)
    out += to_line(fill) + "\n";
  for (const auto& [asset, place] : balances) {
    out += "balance " + asset + " " + to_string(place.balance) + " held " + to_string(place.held) +
           "\n";
  }
  for (const auto& [client_id, intent] : intents) {
    out += "intent " + client_id + " copies " + std::to_string(intent.copies) + " accepted " +
           std::to_string(intent.accepted) + " filled " + to_string(intent.filled) + "\n";
  }
  return out;
}

PrivateBooks books_of(PrivateVenue& venue, Time now) {
  PrivateBooks out;
  out.at = now;
  for (const auto& [client_id, copies] : venue.copies())
    out.intents[client_id].copies = copies;
  for (const VenueOrder& order : venue.matching().orders()) {
    out.orders.push_back(booked(order, venue.market()));
    if (order.terms.client_id.empty()) continue;
    BookedIntent& intent = out.intents[order.terms.client_id];
    ++intent.accepted;
    if (order.is_live()) ++intent.live;
    intent.filled += order.filled;
  }
  for (const VenueFill& fill : venue.matching().fills())
    out.fills.push_back(booked(fill, venue.market()));
  for (const auto& [asset, place] : venue.accounts().places())
    out.balances[asset] = {place.balance, place.held};
  return out;
}

}  // namespace aitrade::loopback
