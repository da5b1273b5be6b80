// The venue's public futures interface, as far as spot traders ask it: funding rates (kraken.md 9).
//
// Pure. One linear and one inverse perpetual contract for each coin, with funding that wanders
// slowly with the hours, is the same for both and is stated as the venue states it: as an amount
// of money in the ticker, as a fraction beside it in the history.
#pragma once

#include "exchanges/loopback/kraken_rest.h"
#include "exchanges/loopback/market.h"

#include <string_view>

namespace aitrade::loopback {

/// Answers `/derivatives/api/v3/<method>?<query>`: tickers, historical-funding-rates.
RestReply kraken_futures(std::string_view method, std::string_view query, const Market& market);

}  // namespace aitrade::loopback
