// `aitrade why`: what it tells of a run is what the run did.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/home.h"
#include "tests/support/process.h"

using namespace aitrade::test;
using rapidjson::Document;

namespace {

Document parsed(const Finished& result) {
  INFO(result.out << result.err);
  REQUIRE(result.exit_code == 0);
  Document json;
  json.Parse(result.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

std::vector<Document> rows_of(const Home& home, const std::string& what) {
  const Finished result = home.run({"export", what, "--demo", "--format", "ndjson"});
  REQUIRE(result.exit_code == 0);
  std::vector<Document> out;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    Document row;
    row.Parse<rapidjson::kParseNumbersAsStringsFlag>(line.c_str());
    if (row.HasMember("id")) out.push_back(std::move(row));
  }
  return out;
}

Document why(const Home& home, const std::string& what) {
  return parsed(home.run({"why", what, "--demo", "--json"}));
}

}  // namespace

TEST_CASE("why: trades, orders and moments of a tape, from its recording", "[cmd][why]") {
  const Home home;
  const Finished run = home.run({"run", "--tape", "BTC/USDT=" + home.candles(), "--speed", "0", "--json", "-q", "--set",
                                 "dashboard.enabled=false", "--config", std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"});
  REQUIRE(run.exit_code == 0);
  const auto trades = rows_of(home, "trades");
  REQUIRE(trades.size() >= 2);

  for (const Document& trade : trades) {
    const auto told = why(home, trade["id"].GetString());
    const auto& episode = told["episodes"][0];
    CHECK(episode["pair"] == "BTC/USDT");
    REQUIRE(episode["decision"].IsObject());
    CHECK(episode["decision"]["entered"].GetBool());
    CHECK(std::string(episode["decision"]["lead"].GetString()) == trade["strategy"].GetString());
    const auto& lines = episode["lines"];
    const auto& last = lines[lines.Size() - 1];
    CHECK(std::string(last["what"].GetString()) == "trade");
    INFO(last["words"].GetString());
    CHECK(std::string(last["words"].GetString()).find(trade["pnl"].GetString()) != std::string::npos);
    const auto same = why(home, trade["trade_id"].GetString());
    CHECK(same["episodes"] == told["episodes"]);
  }

  for (const Document& order : rows_of(home, "orders")) {
    const auto told = why(home, order["client_order_id"].GetString());
    REQUIRE(told["episodes"].Size() == 1);
    CHECK(told["episodes"][0]["pair"] == "BTC/USDT");
    CHECK(told["episodes"] == why(home, order["exchange_order_id"].GetString())["episodes"]);
  }

  const std::string moment = trades[0]["entry_time"].GetString();
  const auto at = why(home, moment);
  REQUIRE(at["episodes"].Size() == 1);
  CHECK(std::string(at["episodes"][0]["decision"]["candle_close"].GetString()) <= moment);
  CHECK(at["episodes"][0]["candle"].IsObject());
  CHECK(home.run({"why", moment, "--demo", "--pair", "ETH/USD"}).exit_code == 4);
}

TEST_CASE("why: what nobody recorded is not found", "[cmd][why]") {
  const Home home;
  for (const char* what : {"12", "OABCDE-FGHIJ-KLMNOP", "2026-01-01T00:00:00Z", "nonsense"}) {
    INFO(what);
    const Finished result = home.run({"why", what});
    CHECK(result.exit_code == 4);
    CHECK(result.out == "");
  }
}
