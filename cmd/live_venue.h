// The venue where orders are real, put together: names of the pairs, rights of the key, money, memory, threads.
//
// Serves `run --live` at Kraken, at a loopback exchange next door, and at the built-in one (a rehearsal: the whole
// of live trading with money that is made up).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/market_link.h"
#include "cmd/venue_credentials.h"
#include "core/store/client_id.h"
#include "core/store/recovery.h"
#include "core/store/venue_books.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/venue.h"

namespace aitrade::cli {

/// What was found at the venue before anything trades.
struct LiveFindings {
  std::vector<kraken::LivePair> pairs;      // in the order of the configuration
  Money free_quote;                         // of the account's currency, not held by orders
  std::vector<kraken::FeeTier> fees;        // of each pair, as the account pays them now
  std::vector<std::string> warnings;        // about the key
};

/// Asks the venue for names of the pairs, the rights of the key, the fees and the balances. `ledger` keeps the nonces;
/// call it before the journal takes the connection.
///
/// Errors: rejected (the key may not trade, or may do too much), not_found (a pair), network, timeout, busy
Result<LiveFindings> look_at_venue(const Config& config, MarketLink& market, const std::vector<Symbol>& symbols,
                                   const VenueCredentials& credentials, Database& ledger);

/// Reads orders, fills, balances and the venue's ledger since `after` (zero: of the last day). Errors: those of the
/// client, and invalid for histories that do not add up.
Result<kraken::AccountReading> read_account(const Config& config, const MarketLink& market,
                                            const VenueCredentials& credentials, Database& ledger, Time after);

/// What the venue is made of besides its credentials.
struct LiveWith {
  const Config& config;
  const MarketLink& market;
  std::vector<kraken::LivePair> pairs;
  const Recall& recalled;
  VenueBooks books;
  ClientIdKey ids;
  VenueId venue{};
};

/// Makes the venue; it does nothing before start(). The references must outlive it.
std::unique_ptr<kraken::KrakenVenue> make_live_venue(LiveWith with, const VenueCredentials& credentials,
                                                     NonceStore& nonces, Notifier& notifier, EventSink sink);

}  // namespace aitrade::cli
