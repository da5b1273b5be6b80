// The books of a real venue: fills in its own words, moves of money, and the marks of nonces that the journal keeps.
#include "core/store/venue_books.h"

#include "core/store/journal_store.h"
#include "core/store/recovery.h"
#include "core/store/schema.h"
#include "tests/core/store/scratch.h"
#include "tests/core/store/script.h"

#include <catch2/catch.hpp>

using namespace aitrade;

TEST_CASE("books: a balance is its moves and its fills, to the last digit of the venue's own words", "[store][books]") {
  Scratch scratch;
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  must(recall(ledger, script_names(), script_start));
  const StoreNames names = script_names();
  const DeskNames& desk = names.desks.front();
  const auto move = [&](const char* asset, const char* amount, const char* kind, const char* reference) {
    Statement s = must(ledger.prepare("INSERT INTO balance_moves(account_id, exchange, asset, amount, kind, reference, "
                                      "moved_ns) VALUES(?,?,?,?,?,?,5)"));
    must(s.bind_all(desk.account, desk.exchange, asset, amount, kind, reference).run());
  };
  move("USD", "1000.0001", "baseline", "baseline");
  move("BTC", "0.5", "baseline", "baseline");
  move("USD", "-0.00004", "withdrawal", "L1");
  const VenueBooks books = must(venue_books(ledger, desk));
  CHECK(books.fills.empty());
  CHECK(books.baselines.at("USD") == Time{5});
  CHECK(to_string(books.expected.at("USD")) == "1000.00006");
  CHECK(to_string(books.expected.at("BTC")) == "0.5");
  CHECK(books.moves.contains("L1"));
}

TEST_CASE("journal: marks of nonces are kept by its writer and outlive it", "[store][nonces]") {
  Scratch scratch;
  {
    Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
    must(recall(ledger, script_names(), script_start));
    auto journal = must(JournalStore::start(std::move(ledger), script_options(scratch.path(), "r1")));
    CHECK(must(journal->nonces().high_water("k")) == 0);
    must(journal->nonces().raise("k", 1000, script_start));
    must(journal->nonces().raise("k", 500, script_start));   // never lower
    CHECK(must(journal->nonces().high_water("k")) == 1000);
    must(journal->close());
    CHECK(journal->nonces().raise("k", 2000, script_start).error().code == ErrorCode::busy);
  }
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  auto journal = must(JournalStore::start(std::move(ledger), script_options(scratch.path(), "r2")));
  CHECK(must(journal->nonces().high_water("k")) == 1000);
}
