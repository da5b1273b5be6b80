#include "exchanges/loopback/accounts.h"

namespace aitrade::loopback {

LedgerEntry& Accounts::write(const Currency& asset, std::string_view ref, std::string_view type,
                             Amount amount, Amount fee, Time at) {
  LedgerEntry entry;
  entry.id = ids_.next('L');
  entry.ref = std::string(ref);
  entry.type = std::string(type);
  entry.asset = asset;
  entry.amount = amount;
  entry.fee = fee;
  entry.balance = places_[asset].balance;
  entry.at = at;
  return history_.emplace_back(std::move(entry));
}

Result<LedgerEntry> Accounts::transfer(const Currency& asset, Amount amount, std::string_view type,
                                       Time at) {
  Place& place = places_[asset];
  if (amount.is_negative() && place.balance - place.held + amount < Amount{}) {
    return fail(ErrorCode::rejected, "EFunding:Insufficient funds");
  }
  place.outside -= amount;
  place.balance += amount;
  return write(asset, ids_.next('A'), type, amount, Amount{}, at);
}

LedgerEntry Accounts::trade(const Currency& asset, Amount amount, Amount fee, std::string_view ref,
                            Time at, std::string_view type) {
  Place& place = places_[asset];
  place.market -= amount;
  place.fees += fee;
  place.balance += amount - fee;
  return write(asset, ref, type, amount, fee, at);
}

bool Accounts::hold(const Currency& asset, Amount amount) {
  AITRADE_CHECK(!amount.is_negative());
  if (amount > available(asset)) return false;
  places_[asset].held += amount;
  return true;
}

void Accounts::release(const Currency& asset, Amount amount) {
  Place& place = places_[asset];
  place.held -= amount;
  AITRADE_CHECK(!place.held.is_negative());
}

Accounts::Place Accounts::at(const Currency& asset) const {
  const auto found = places_.find(asset);
  return found == places_.end() ? Place{} : found->second;
}

Amount Accounts::available(const Currency& asset) const {
  const Place place = at(asset);
  return place.balance - place.held;
}

bool Accounts::is_sound() const {
  std::map<Currency, Amount> sums;
  for (const LedgerEntry& entry : history_) {
    Amount& sum = sums[entry.asset];
    sum += entry.amount - entry.fee;
    if (sum != entry.balance) return false;
  }
  for (const auto& [asset, place] : places_) {
    if (!(place.balance + place.market + place.fees + place.outside).is_zero()) return false;
    if (place.held.is_negative() || place.held > place.balance) return false;
    if (sums[asset] != place.balance) return false;
  }
  return true;
}

}  // namespace aitrade::loopback
