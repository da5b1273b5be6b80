// Marks of nonces in a real ledger file.
#include "core/store/nonces.h"

#include "core/store/schema.h"
#include "tests/core/store/scratch.h"

#include <catch2/catch.hpp>

using namespace aitrade;

namespace {

constexpr Time now = Time::from_seconds(1'700'000'000);

}  // namespace

TEST_CASE("nonces: a mark survives the process and only rises", "[store][nonces]") {
  Scratch scratch;
  {
    auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
    LedgerNonces nonces(db);
    CHECK(must(nonces.high_water("a")) == 0);
    must(nonces.raise("a", 2'000, now));
    must(nonces.raise("a", 1'000, now + seconds{1}));
    must(nonces.raise("b", 7, now));
  }
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  LedgerNonces nonces(db);
  CHECK(must(nonces.high_water("a")) == 2'000);
  CHECK(must(nonces.high_water("b")) == 7);
  CHECK(*db.integer("SELECT updated_ns FROM nonces WHERE key_id='a'") == now.ns);
}

TEST_CASE("nonces: a mark is part of the transaction it is raised in", "[store][nonces]") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  LedgerNonces nonces(db);
  {
    auto transaction = must(Transaction::begin(db));
    must(nonces.raise("a", 5, now));
  }
  CHECK(must(nonces.high_water("a")) == 0);
  auto transaction = must(Transaction::begin(db));
  must(nonces.raise("a", 5, now));
  must(transaction.commit());
  CHECK(must(nonces.high_water("a")) == 5);
}

TEST_CASE("nonces: what 63 bits cannot hold is refused", "[store][nonces]") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  LedgerNonces nonces(db);
  CHECK(nonces.raise("a", std::uint64_t{1} << 63U, now).error().code == ErrorCode::invalid);
  CHECK(must(nonces.high_water("a")) == 0);
}
