// What can be traded at a venue, and the rules its orders must obey.
#pragma once

#include <string>
#include <string_view>

#include "core/base/fixed.h"
#include "core/base/ids.h"

namespace aitrade {

/// A currency code as everyone writes it: "BTC", never a venue's own spelling.
using Currency = std::string;

/// The one pair name used everywhere outside an adapter: BASE/QUOTE.
struct Symbol {
  Currency base;
  Currency quote;

  /// Reads "BTC/USD", "BTC-USD", "XBTUSD", "XXBTZUSD" (XBT is BTC, XDG is DOGE); errors: invalid.
  static Result<Symbol> parse(std::string_view text);

  friend auto operator<=>(const Symbol&, const Symbol&) = default;
};

/// Returns "BASE/QUOTE".
std::string to_string(const Symbol& symbol);

/// Market rules of one instrument at one venue.
struct Instrument {
  InstrumentId id{};
  VenueId venue{};
  Symbol symbol;
  Price tick{Price::from_raw(1)};         // prices are multiples of it
  Quantity lot{Quantity::from_raw(1)};    // quantities are multiples of it
  Quantity minimum;                       // least quantity of an order
  Money minimum_notional;                 // least price times quantity of an order
  Rate maker_fee;
  Rate taker_fee;
  bool can_short{false};                  // false on spot: a short signal only closes a long
};

/// Rounds a statistic to the instrument's tick; errors: invalid for NaN, infinity or <= 0.
Result<Price> round_to_tick(double value, const Instrument& instrument, Rounding rounding);

/// Returns market rules for a pair whose venue is not asked (files, tapes, the loopback exchange): the
/// tick keeps six significant digits of `reference`, at most 0.1; lot 1e-8; least notional 0.5 of a
/// fiat or dollar-like quote, 0.00002 of another. Fees are the caller's. reference > 0.
Instrument standard_instrument(const Symbol& symbol, Price reference);

}  // namespace aitrade
