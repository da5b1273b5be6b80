#include "exchanges/loopback/accounts.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

#include <set>

namespace aitrade::loopback {
namespace {

Amount amount(const char* text) {
  return Amount::parse_or_die(text);
}

}  // namespace

TEST_CASE("accounts: a deposit is a balance, and the world outside has that much less") {
  Accounts accounts(1);
  REQUIRE(accounts.transfer("USD", amount("1000.5"), "deposit", Time{1}));
  CHECK(accounts.at("USD").balance == amount("1000.5"));
  CHECK(accounts.at("USD").outside == amount("-1000.5"));
  CHECK(accounts.at("BTC").balance.is_zero());
  CHECK(accounts.is_sound());
}

TEST_CASE("accounts: what is held can neither be held again nor leave") {
  Accounts accounts(1);
  REQUIRE(accounts.transfer("USD", amount("100"), "deposit", Time{1}));
  CHECK(accounts.hold("USD", amount("60")));
  CHECK_FALSE(accounts.hold("USD", amount("40.00000001")));
  CHECK_FALSE(accounts.transfer("USD", amount("-41"), "withdrawal", Time{2}));
  CHECK(accounts.transfer("USD", amount("-40"), "withdrawal", Time{2}));
  accounts.release("USD", amount("60"));
  CHECK(accounts.available("USD") == amount("60"));
  CHECK(accounts.is_sound());
}

TEST_CASE("accounts: a trade moves both legs and its fee to the last digit") {
  Accounts accounts(1);
  REQUIRE(accounts.transfer("USD", amount("1000"), "deposit", Time{1}));
  const LedgerEntry paid =
      accounts.trade("USD", amount("-132.99980001"), amount("0.34579949"), "T1", Time{2});
  accounts.trade("BTC", amount("0.005"), Amount{}, "T1", Time{2});
  CHECK(paid.balance == amount("866.6544005"));
  CHECK(accounts.at("USD").fees == amount("0.34579949"));
  CHECK(accounts.at("BTC").market == amount("-0.005"));
  CHECK(accounts.history().size() == 3);
  CHECK(accounts.is_sound());
}

TEST_CASE("accounts: nothing appears or disappears over ten thousand random postings") {
  Random random(7);
  Accounts accounts(2);
  for (int i = 0; i < 10'000; ++i) {
    const Currency asset = random.below(2) == 0 ? "USD" : "BTC";
    const auto size = Amount::from_raw(static_cast<std::int64_t>(random.below(1'000'000'000)));
    const Amount free = accounts.available(asset);
    if (random.below(3) == 0) {
      (void)accounts.transfer(asset, random.below(4) == 0 ? -size : size, "deposit", Time{i});
    } else if (size + size <= free) {
      accounts.trade(asset, random.below(2) == 0 ? size : -size,
                     apply(Rate::parse_or_die("0.0026"), size, Rounding::up), "T", Time{i});
    }
  }
  CHECK(accounts.is_sound());
}

TEST_CASE("accounts: ids have the venue's form, never repeat, and repeat with the seed") {
  IdMaker a(5);
  IdMaker b(5);
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = a.next(i % 2 == 0 ? 'O' : 'T');
    REQUIRE(id == b.next(i % 2 == 0 ? 'O' : 'T'));
    REQUIRE(id.size() == 19);
    REQUIRE(id[6] == '-');
    REQUIRE(id[12] == '-');
    REQUIRE(seen.insert(id).second);
  }
}

}  // namespace aitrade::loopback
