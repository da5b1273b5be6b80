// Which of the venue's four names for a pair is which of ours?
//
// A pair has a canonical id (XXBTZUSD), an altname (XBTUSD), a wsname (XBT/USD, of the old
// WebSocket) and a WS v2 symbol (BTC/USD); assets have an id (XXBT) and an altname (XBT). Names are
// looked up in tables from the venue's own answers; nothing is derived by stripping letters
// (kraken.md 3).
#pragma once

#include "core/base/result.h"
#include "core/domain/instrument.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

/// One pair as the venue lists it.
struct PairNames {
  std::string canonical;  // XXBTZUSD
  std::string altname;    // XBTUSD
  std::string wsname;     // XBT/USD
  Symbol symbol;          // BTC/USD, also the WS v2 symbol
};

/// Returns the currency code everyone uses for an asset's altname: XBT is BTC, XDG is DOGE.
Currency common_currency(std::string_view altname);

/// Returns the venue's altname for a currency code: the inverse of common_currency.
std::string venue_currency(std::string_view currency);

class SymbolTable {
 public:
  void add(PairNames names);

  /// Finds a pair by any of its names; nothing when the venue does not list it.
  [[nodiscard]] const PairNames* find(std::string_view any_name) const;

  [[nodiscard]] const PairNames* find(const Symbol& symbol) const {
    return find(to_string(symbol));
  }

  [[nodiscard]] std::size_t size() const { return pairs_.size(); }

 private:
  std::vector<PairNames> pairs_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace aitrade::kraken
