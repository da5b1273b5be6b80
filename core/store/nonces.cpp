#include "core/store/nonces.h"

#include <limits>
#include <string>

namespace aitrade {

Result<std::uint64_t> LedgerNonces::high_water(std::string_view key_id) {
  AITRADE_TRY(Statement select, ledger_.prepare("SELECT high_water FROM nonces WHERE key_id=?"));
  AITRADE_TRY(const bool has_row, select.bind_all(key_id).step());
  if (!has_row) return std::uint64_t{0};
  const std::int64_t mark = select.integer(0);
  if (mark < 0) return fail(ErrorCode::corrupt, "nonces: a mark below zero");
  return static_cast<std::uint64_t>(mark);
}

Status LedgerNonces::raise(std::string_view key_id, std::uint64_t mark, Time now) {
  if (mark > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return fail(ErrorCode::invalid, "nonces: a mark of " + std::to_string(mark) + " is too large");
  }
  AITRADE_TRY(
      Statement put,
      ledger_.prepare("INSERT INTO nonces VALUES(?1,?2,?3) ON CONFLICT(key_id) DO UPDATE SET "
                      "high_water=excluded.high_water, updated_ns=excluded.updated_ns "
                      "WHERE excluded.high_water > high_water"));
  return put.bind_all(key_id, static_cast<std::int64_t>(mark), now).run();
}

}  // namespace aitrade
