// The marks of signed requests in the ledger, one row for each API key.
//
// For the writing connection only, on its thread. A raise alone is its own durable commit; inside a
// transaction it is part of it, so that an order and the nonces it may use can share one flush.
#pragma once

#include "core/ports/nonce_store.h"
#include "core/store/database.h"

namespace aitrade {

class LedgerNonces final : public NonceStore {
 public:
  /// `ledger` is borrowed and must be a writer.
  explicit LedgerNonces(Database& ledger) : ledger_(ledger) {}

  /// Errors: those of Database, and corrupt for a mark below zero.
  Result<std::uint64_t> high_water(std::string_view key_id) override;

  /// Errors: those of Database, and invalid for a mark of more than 63 bits.
  Status raise(std::string_view key_id, std::uint64_t mark, Time now) override;

 private:
  Database& ledger_;
};

}  // namespace aitrade
