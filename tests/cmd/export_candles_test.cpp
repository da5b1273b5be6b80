// `aitrade export candles`: what is stored, for other tools, and back without loss.

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "tests/support/home.h"

using namespace aitrade::test;

namespace {

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// A home with five hours of minutes from 2022-01-01.
struct Stored : Home {
  Stored() { REQUIRE(run({"import", candles(), "--pair", "BTC/USD", "--venue", "kraken"}).exit_code == 0); }
};

}  // namespace

TEST_CASE("export candles: what it prints imports to the same bars", "[cmd][export]") {
  const Stored from;
  const Home to;
  const std::string form = GENERATE("csv", "ndjson");

  const Finished out = from.run({"export", "candles", "BTC/USD", "--format", form});
  const std::string file = to.folder.write("bars." + form, out.out);
  const Finished in = to.run({"import", file, "--pair", "BTC/USD", "--venue", "kraken", "--json"});
  const Finished again = to.run({"export", "candles", "BTC/USD", "--format", form});

  CHECK(out.exit_code == 0);
  CHECK(lines(out.out) == (form == "csv" ? 301 : 300));
  CHECK(in.exit_code == 0);
  CHECK(holds(in.out, "\"rows\":300"));
  CHECK(again.out == out.out);
  const Finished first = from.run({"backtest", "BTC/USD", "--timeframes", "1m", "--json"});
  const Finished second = to.run({"backtest", "BTC/USD", "--timeframes", "1m", "--json"});
  const auto hash = [](const std::string& text) { return text.substr(text.find("\"result_hash\""), 80); };
  CHECK(hash(first.out) == hash(second.out));
}

TEST_CASE("export candles: --from and --to take times and spans, --tf makes longer bars", "[cmd][export]") {
  const Stored home;

  const Finished part = home.run({"export", "candles", "BTC/USD", "--from", "2022-01-01T01:00:00Z", "--to", "2022-01-01T01:05:00Z"});
  const Finished end = home.run({"export", "candles", "BTC/USD", "--from", "10m"});
  const Finished hours = home.run({"export", "candles", "BTC/USD", "--tf", "1h", "--format", "ndjson"});

  CHECK(part.exit_code == 0);
  CHECK(part.out.starts_with("time,open,high,low,close,volume,trades\n1640998800,"));
  CHECK(lines(part.out) == 6);
  CHECK(lines(end.out) == 11);
  CHECK(lines(hours.out) == 5);
  CHECK(hours.out.starts_with("{\"t\":\"candle\",\"pair\":\"BTC/USD\",\"tf\":\"1h\""));
}

TEST_CASE("export candles: the same words as data cat print the same bytes", "[cmd][export]") {
  const Stored home;

  CHECK(home.run({"export", "candles", "BTC/USD", "--tf", "5m", "--json"}).out ==
        home.run({"data", "cat", "BTC/USD", "--tf", "5m", "--json"}).out);
}

TEST_CASE("export candles: what is not there is named with what is", "[cmd][export]") {
  const Stored home;

  const Finished other = home.run({"export", "candles", "ETH/USD"});
  const Finished finer = home.run({"export", "candles", "BTC/USD", "--tf", "10s"});
  const Finished backwards = home.run({"export", "candles", "BTC/USD", "--from", "20220102", "--to", "20220101"});

  CHECK(other.exit_code == 4);
  CHECK(holds(other.err, "no candles of ETH/USD are stored"));
  CHECK(finer.exit_code == 4);
  CHECK(holds(finer.err, "BTC/USD 1m"));
  CHECK(backwards.exit_code == 2);
  CHECK(other.out + finer.out + backwards.out == "");
}

TEST_CASE("candle input: longer bars of the store are those that data cat pipes", "[cmd][export]") {
  const Stored home;
  const auto facts = [](const std::string& text) {   // hashes of result and data, and the count of bars
    return text.substr(text.find("\"result_hash\""), 177) + text.substr(text.find("\"bars\""), 12);
  };

  const Finished stored = home.run({"backtest", "BTC/USD", "--tf", "5m", "--timeframes", "5m", "--json"});
  const std::string piped = home.folder.write("5m.csv", home.run({"data", "cat", "BTC/USD", "--tf", "5m"}).out);
  const Finished file = home.run({"backtest", piped, "--pair", "BTC/USD", "--timeframes", "5m", "--json"});

  CHECK(stored.exit_code == 0);
  CHECK(holds(stored.out, "\"bars\":60,"));
  CHECK(facts(stored.out) == facts(file.out));
}

TEST_CASE("candle input: a span needs the end, which a file does not say", "[cmd][export]") {
  const Stored home;

  const Finished file = home.run({"backtest", home.folder / "candles.csv", "--pair", "BTC/USD", "--from", "1h"});
  const Finished stored = home.run({"backtest", "BTC/USD", "--from", "1h", "--timeframes", "1m", "--json"});

  CHECK(file.exit_code == 2);
  CHECK(holds(file.err, "--from 1h counts back from the end"));
  CHECK(stored.exit_code == 0);
  CHECK(holds(stored.out, "\"bars\":60,"));
}
