// What the ledger remembers, as the events a new engine begins with.
//
// Starting is recovering (architecture.md 7): AccountRestored for every desk, then open orders,
// positions and cooldowns. Beside them come the watermarks: how far each instrument's candles are
// known, so that the rest can be fetched and fed as backfill.
#pragma once

#include "core/domain/event.h"
#include "core/store/database.h"
#include "core/store/names.h"

#include <cstdint>
#include <map>
#include <vector>

namespace aitrade {

struct Recall {
  std::vector<Event> events;                // without sequence numbers; `at` and `when` are `now`
  std::map<InstrumentId, Time> watermarks;  // close time of the newest committed base candle
  std::uint16_t epoch{1};
  bool is_first_start{false};  // no desk was known before
};

/// Reads the ledger's state for the configured desks; `ledger` is the writing connection, because
/// an account that is new is entered with its bankroll, and a ledger without identity gets one.
///
/// An order of a pair that is not configured any more, or a position in one, is an error: its
/// exposure would be forgotten. An order that is still `journaled` may have left or not: live it
/// comes back as `unknown`, on paper as it is, because the paper venue is rebuilt from the ledger.
/// Errors: invalid (a pair with exposure is not configured), corrupt, and those of Database.
Result<Recall> recall(Database& ledger, const StoreNames& names, Time now);

}  // namespace aitrade
