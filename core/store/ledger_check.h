// Proves that the ledger agrees with itself, to the last unit.
//
// Cash of every account is its initial cash plus what each of its fills did to it, and the holding
// of every pair is the sum of its fills; both are summed exactly and compared with the projections.
// No fill is above its order, no id is used twice, every order has an intent.
#pragma once

#include "core/store/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace aitrade {

struct LedgerCheck {
  std::vector<std::string> problems;  // empty: the ledger is sound; at most 100 are listed
  std::uint64_t orders{0}, fills{0}, trades{0}, positions{0};

  [[nodiscard]] bool is_sound() const { return problems.empty(); }
};

/// Checks a ledger; a reader is enough. Errors: those of Database (corrupt when it cannot be read).
Result<LedgerCheck> ledger_check(Database& ledger);

/// Runs SQLite's own checks on any of the three files: integrity_check and foreign keys.
Result<std::vector<std::string>> file_check(Database& database);

}  // namespace aitrade
