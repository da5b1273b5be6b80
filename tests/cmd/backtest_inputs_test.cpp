// What a backtest takes besides its candles: signals of a foreign model, and finer candles for its fills.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

rapidjson::Document parsed(const Finished& finished) {
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  rapidjson::Document json;
  json.Parse(finished.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

/// Minutes of a tape from 2022-01-01, and signals on every 50th close of them: long, short, flat, again.
struct Signals : Home {
  static constexpr int count = 600;

  std::vector<Candle> minutes_of = made_candles(3, count, 40'000);
  std::string file = folder.write("btc.csv", to_csv(minutes_of));

  [[nodiscard]] std::string rows(bool is_json, bool by_open = false) const {
    std::string out = is_json ? "" : "time,direction,size\n";
    const std::vector<std::string> words{"long", "short", "flat"};
    for (std::size_t i = 49, k = 0; i + 1 < minutes_of.size(); i += 50, ++k) {
      const Candle& bar = minutes_of[i];
      const std::string time = std::to_string((by_open ? bar.open_time : bar.close_time()).seconds_floor());
      const std::string& word = words[k % 3];
      out += is_json ? R"({"t":"signal","time":)" + time + R"(,"direction":")" + word + "\",\"size\":0.5}\n"
                     : time + "," + word + ",0.5\n";
    }
    return out;
  }

  [[nodiscard]] Finished backtest(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"backtest", file, "--pair", "BTC/USD", "--json", "--trades"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(std::move(arguments));
  }
};

}  // namespace

TEST_CASE("backtest signals: traded at the next open, through a file as table or records", "[cmd][signals][X17]") {
  const Signals home;
  const auto table = parsed(home.backtest({"--allow-shorts", "--signals", home.folder.write("s.csv", home.rows(false))}));
  const auto records = parsed(home.backtest({"--allow-shorts", "--signals", home.folder.write("s.json", home.rows(true))}));
  const auto by_open = parsed(home.backtest({"--allow-shorts", "--signal-time", "open", "--signals",
                                             home.folder.write("o.csv", home.rows(false, true))}));

  REQUIRE(table["trades"].Size() == 8);   // of 11 signals 4 are long, 4 short, 3 flat
  CHECK(std::string(table["trades"][0]["strategy"].GetString()) == "signals");
  const double open = to_double(home.minutes_of[50].open);
  CHECK(std::abs(std::stod(table["trades"][0]["entry"].GetString()) / open - 1) < 0.002);   // spread, slippage, latency
  CHECK(std::string(table["result_hash"].GetString()) == records["result_hash"].GetString());
  CHECK(std::string(table["result_hash"].GetString()) == by_open["result_hash"].GetString());
  CHECK(std::string(table["config_hash"].GetString()) !=
        parsed(home.backtest({}))["config_hash"].GetString());
}

TEST_CASE("backtest signals: on spot shorts only close", "[cmd][signals]") {
  const Signals home;
  const auto json = parsed(home.backtest({"--signals", home.folder.write("s.csv", home.rows(false))}));
  REQUIRE(json["trades"].Size() == 4);
}

TEST_CASE("backtest signals: a time at which no bar closes is refused with its line", "[cmd][signals]") {
  const Signals home;
  const auto refusal = [&](const std::string& rows, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--signals", home.folder.write("bad.csv", rows)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished ran = home.backtest(std::move(arguments));
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    return ran.err;
  };
  const std::string head = "time,pair,direction\n";
  const auto seconds_at = [&](std::size_t i) { return home.minutes_of[i].close_time().seconds_floor(); };
  CHECK(holds(refusal(head + std::to_string(seconds_at(10) + 30) + ",,long\n"), "bad.csv:2: no bar closes at"));
  CHECK(holds(refusal(head + std::to_string(seconds_at(10)) + ",,long\n" +
                      std::to_string(seconds_at(599) + 60) + ",,flat\n"),
              "bad.csv:3: no bar closes at"));
  CHECK(holds(refusal(head + std::to_string(seconds_at(0) - 60) + ",,long\n"), "bad.csv:2: no bar closes at"));
  CHECK(holds(refusal(head + std::to_string(seconds_at(10)) + ",ETH/USD,long\n"), "is not a pair of this run"));
  CHECK(holds(refusal(head + std::to_string(seconds_at(10)) + ",,long\n" + std::to_string(seconds_at(10)) + ",,flat\n"),
              "bad.csv:3: line 2 has a signal of the same pair and time"));
  CHECK(holds(refusal(head + std::to_string(seconds_at(10)) + ",,long\n", {"--strategy", "keltner"}), "--strategy"));
}

TEST_CASE("backtest detail: stored minutes are walked by themselves, a file's when it is named", "[cmd][detail]") {
  const Signals home;
  REQUIRE(home.run({"import", home.file, "--pair", "BTC/USD", "--venue", "kraken"}).exit_code == 0);
  const std::string bars = home.folder.write("5m.csv", home.run({"data", "cat", "BTC/USD", "--tf", "5m"}).out);
  const std::string signals = home.folder.write("s.csv", home.rows(false));
  const auto run = [&](std::vector<std::string> arguments) {
    std::vector<std::string> all{"backtest", "--json", "--signals", signals};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return home.run(std::move(all));
  };
  const Finished stored = run({"BTC/USD", "--tf", "5m"});
  const auto guessed = parsed(run({"BTC/USD", "--tf", "5m", "--no-detail"}));
  const auto with_file = parsed(run({bars, "--pair", "BTC/USD", "--detail", home.file}));
  const auto without = parsed(run({bars, "--pair", "BTC/USD"}));
  const auto walked = parsed(stored);

  CHECK(holds(stored.err, "fills met the finer candles of"));
  CHECK(std::string(walked["result_hash"].GetString()) == with_file["result_hash"].GetString());
  CHECK(std::string(guessed["result_hash"].GetString()) == without["result_hash"].GetString());
  CHECK(std::string(walked["result_hash"].GetString()) != guessed["result_hash"].GetString());
  CHECK(std::string(walked["data_fingerprint"].GetString()) == guessed["data_fingerprint"].GetString());

  const Finished coarse = run({home.file, "--pair", "BTC/USD", "--detail", bars});
  CHECK(coarse.exit_code == 2);
  CHECK(holds(coarse.err, "are no detail of 1m bars"));
}

TEST_CASE("backtest --why-not: the counts add up, come most frequent first, and name the rule that binds", "[cmd]") {
  const Home home;
  const std::string a = home.folder.write("a.csv", to_csv(made_candles(3, 3'000, 40'000)));
  const std::string b = home.folder.write("b.csv", to_csv(made_candles(4, 3'000, 2'000)));
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"backtest", a, b, "--pair", "BTC/USD", "--pair", "ETH/USD", "--timeframes", "1m,5m"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home.run(std::move(arguments));
  };
  const auto report = parsed(run({"--json"}));
  const auto why = parsed(run({"--why-not", "--json"}));
  CHECK(std::string(why["schema"].GetString()) == "aitrade.why_not/1");

  std::uint64_t all = 0;
  std::uint64_t by_pair = 0;
  std::uint64_t last = 0;
  std::uint64_t voices = 0;
  bool has_opinions = false;
  for (const auto& row : why["rows"].GetArray()) {
    const std::string level = row["level"].GetString();
    const std::uint64_t count = row["count"].GetUint64();
    CHECK(row["voted"].GetUint64() <= count);
    if (level == "all") {
      if (last > 0) CHECK(count <= last);
      last = count;
      all += count;
      const std::string rule = row["rule"].GetString();
      const auto& refused = report["refused"];
      const std::uint64_t reported = rule == "entered" ? report["entries"].GetUint64() : refused[rule.c_str()].GetUint64();
      CHECK(count == reported);   // what the report counts, rule by rule
    }
    if (level == "decision") by_pair += count;
    if (level == "opinion" && std::string(row["timeframe"].GetString()) == "5m") has_opinions = true;
    if (level == "strategy") voices += count;
  }
  CHECK(all == 6'000);   // a decision for each candle of the primary timeframe
  CHECK(by_pair == all);
  CHECK(has_opinions);
  CHECK(voices > all);

  const Finished table = run({"--why-not", "--format", "table"});
  CHECK(table.exit_code == 0);
  CHECK(holds(table.out, "6000 decisions, "));
  CHECK(holds(table.out, "no_votes"));
}
