// What the ledger knows of a real venue's books: which of its facts are booked, and the balances they imply.
//
// A balance at the venue is the sum of its moves (the first of them is what was there when we came) and of our
// fills, in the venue's own texts and to the last digit (reliability.md P6).
#pragma once

#include "core/base/decimal.h"
#include "core/store/database.h"
#include "core/store/names.h"

#include <map>
#include <set>
#include <string>

namespace aitrade {

struct VenueBooks {
  std::set<std::string> fills;                // ids booked
  std::set<std::string> moves;                // references booked
  std::map<std::string, Time> baselines;      // when a currency's starting balance was booked
  std::map<std::string, Decimal> expected;    // balance by currency
  Time newest_fill;                           // by the venue's clock; zero: none
};

/// Reads the books of an account. Errors: corrupt for a row that is no number, and those of Database.
Result<VenueBooks> venue_books(Database& ledger, const DeskNames& desk);

}  // namespace aitrade
