#include "exchanges/kraken/symbols.h"

namespace aitrade::kraken {

Currency common_currency(std::string_view altname) {
  if (altname == "XBT") return "BTC";
  if (altname == "XDG") return "DOGE";
  return Currency{altname};
}

std::string venue_currency(std::string_view currency) {
  if (currency == "BTC") return "XBT";
  if (currency == "DOGE") return "XDG";
  return std::string{currency};
}

void SymbolTable::add(PairNames names) {
  const std::size_t at = pairs_.size();
  // The v2 symbol goes first: an exotic altname of one pair must not shadow another pair's symbol.
  index_.emplace(to_string(names.symbol), at);
  for (const std::string& name : {names.canonical, names.altname, names.wsname}) {
    if (!name.empty()) index_.emplace(name, at);
  }
  pairs_.push_back(std::move(names));
}

const PairNames* SymbolTable::find(std::string_view any_name) const {
  const auto found = index_.find(any_name);
  return found == index_.end() ? nullptr : &pairs_[found->second];
}

}  // namespace aitrade::kraken
