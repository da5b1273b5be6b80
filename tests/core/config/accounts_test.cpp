// [[accounts]]: what is read, what each engine is built of, and every mistake by name.
#include "core/config/accounts.h"

#include "core/config/document.h"
#include "core/config/load.h"
#include "tests/core/config/catalog_support.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace aitrade {

namespace {

LoadReport load_text(const std::string& text) {
  return load_config_text(text, "config.toml", testing::small_catalog());
}

std::string problems_of(const std::string& text) {
  std::string all;
  for (const Problem& problem : load_text(text).problems) all += to_string(problem) + "\n";
  return all;
}

constexpr const char* two = R"(
[trading]
pairs = ["BTC/USD", "ETH/USD"]
[[accounts]]
id = "first"
tenant = "alpha"
bankroll = "1234.5"
pairs = ["ETH/USD"]
max_risk_per_trade = 0.004
[[accounts]]
id = "second"
)";

}  // namespace

TEST_CASE("accounts: each has its own values in place of the shared ones", "[config][accounts]") {
  const LoadReport report = load_text(two);
  REQUIRE(report.config);
  REQUIRE(report.config->accounts.size() == 2);
  const Config first = account_config(*report.config, report.config->accounts[0]);
  const Config second = account_config(*report.config, report.config->accounts[1]);

  CHECK(first.app.account_id == "first");
  CHECK(first.risk.initial_bankroll == Money::parse_or_die("1234.5"));
  CHECK(first.trading.pairs == std::vector<std::string>{"ETH/USD"});
  CHECK(to_string(first.risk.max_risk_per_trade) == "0.004");
  CHECK(first.accounts.empty());
  CHECK(second.risk.initial_bankroll == report.config->risk.initial_bankroll);
  CHECK(second.trading.pairs == report.config->trading.pairs);
  CHECK(report.config->accounts[1].tenant == "default");
}

TEST_CASE("accounts: what a recording carries of one stands alone", "[config][accounts]") {
  const LoadReport report = load_text(two);
  REQUIRE(report.config);
  LoadReport own = report;
  own.config = std::make_shared<const Config>(account_config(*report.config, report.config->accounts[0]));
  std::string text;
  for (const EffectiveValue& value : effective_values(own, KeyTable(testing::small_catalog()))) {
    if (!value.value.empty()) text += value.key + " = " + value.value + "\n";
  }
  CHECK(text.find("\naccounts = ") == std::string::npos);
  const LoadReport again = load_text(text);
  for (const Problem& problem : again.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(again.config);
  CHECK(config_hash(*again.config) == config_hash(*own.config));
}

TEST_CASE("accounts: without any nothing is different", "[config][accounts]") {
  const LoadReport none = load_text("");
  REQUIRE(none.config);
  for (const EffectiveValue& value : effective_values(none, KeyTable(testing::small_catalog()))) {
    if (value.key == "accounts") CHECK(value.value.empty());
  }
}

TEST_CASE("accounts: every mistake is named, all in one run", "[config][accounts]") {
  const std::string all = problems_of(R"(
[[accounts]]
id = "first"
tenant = "Alpha Ltd"
[[accounts]]
id = "first"
exchange = "coinbase"
pairs = ["ZZZ/USD"]
strategies = ["keltnr"]
bankroll = 100
[[accounts]]
id = "default"
tenant = "beta"
)");
  for (const char* what : {"is there twice", "its tenant must be", "there is no engine for \"coinbase\"",
                           "ZZZ/USD is not one of trading.pairs", "did you mean 'keltner'?",
                           "account 'first': risk.max_position_usd must not exceed",
                           "account 'default': has the books of app.account_id"}) {
    INFO(all);
    CHECK(all.find(what) != std::string::npos);
  }
  CHECK(problems_of("[[accounts]]\ntenant = \"alpha\"\n").find("needs an id") != std::string::npos);
  CHECK(problems_of("[[accounts]]\nid = \"a\"\nbankrol = 5\n").find("bankrol is not known") != std::string::npos);
  CHECK(problems_of("[[accounts]]\nid = \"a\"\nbankroll = -5\n").find("must be above 0") != std::string::npos);
  CHECK(problems_of("[[accounts]]\nid = \"A b\"\n").find("its id must be") != std::string::npos);
  CHECK(problems_of("accounts = 3\n").find("must be a list") != std::string::npos);
  CHECK(problems_of("[app]\ntrading_accounts = [\"a:kraken\"]\n[[accounts]]\nid = \"a\"\n").find("exclude each other") !=
        std::string::npos);
}

}  // namespace aitrade
