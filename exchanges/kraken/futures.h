// Funding rates of the venue's perpetual contracts, from its public futures interface (kraken.md
// 9).
//
// Pure. The trap: a ticker's fundingRate is an amount of money for each contract and period, not a
// fraction, and the two contract forms turn it into one differently. Everything that cannot be read
// is left out: a missing rate is "unknown", never zero. Rates are statistics, so doubles.
#pragma once

#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/instrument.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

/// A perpetual contract with what it pays.
struct PerpetualTicker {
  std::string contract;    // PF_XBTUSD
  Symbol symbol;           // BTC/USD
  bool is_inverse{false};  // PI_: worth a fixed amount of quote currency
  double index_price{0};
  double mark_price{0};
  double funding{0};  // fraction of the position's value for each period; positive: longs pay
  std::optional<double> predicted;  // of the next period, the same unit
  bool is_suspended{false};
};

struct FundingPoint {
  Time time;           // begin of the period
  double absolute{0};  // money for each contract
  double relative{0};  // fraction
};

/// Target of the tickers, below the base URL of futures.
std::string futures_tickers_target();

/// Target of the history of one contract.
std::string funding_history_target(std::string_view contract);

/// Perpetual contracts only; a row without a usable rate is left out. Errors: rejected (the venue
/// refused), invalid.
Result<std::vector<PerpetualTicker>> parse_futures_tickers(std::string_view body);

/// Oldest first. Errors as parse_futures_tickers.
Result<std::vector<FundingPoint>> parse_funding_history(std::string_view body);

/// Returns the contract to use for a pair: the linear one before the inverse one, no suspended one.
const PerpetualTicker* perpetual_of(const std::vector<PerpetualTicker>& tickers,
                                    const Symbol& symbol);

/// Returns the most common distance of successive points; nothing for fewer than two.
std::optional<Duration> funding_period(const std::vector<FundingPoint>& history);

/// Returns what strategies are told: the rate as a fraction for eight hours, with `period` between
/// payments (an hour for today's contracts). The history gives the level that counts as extreme:
/// the 95th percentile of its absolute rates, at least 0.0005. period > 0.
Funding funding_of(double relative, Duration period, const std::vector<FundingPoint>& history);

}  // namespace aitrade::kraken
