// Broken input, end to end: each is refused with its line and exit code 2, and the candle store keeps
// exactly what it had. Rows of many kinds go through every command that reads candles.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

const std::string head = "time,open,high,low,close,volume\n";
const std::string good = "1514764800,100,110,95,105,1.5\n1514764860,105,107.5,101.25,102,2\n";

struct Broken {
  const char* name;
  std::string text;
  const char* message;  // part of the one line on stderr
};

/// What people's files look like when something went wrong on the way.
const std::vector<Broken>& broken_files() {
  static const std::vector<Broken> list{
      {"NaN", head + good + "1514764920,102,120,NaN,118,1\n", ":4: low \"NaN\" is not a price"},
      {"infinite", head + good + "1514764920,102,inf,101,118,1\n", ":4: high \"inf\" is not a price"},
      {"too large", head + good + "1514764920,102,1e300,101,118,1\n", ":4: high \"1e300\" is not a price"},
      {"NaN volume", head + good + "1514764920,102,120,101,118,nan\n", ":4: volume \"nan\" is not a number"},
      {"negative price", head + good + "1514764920,102,120,-101,118,1\n", ":4: a price is not above zero"},
      {"zero price", head + good + "1514764920,102,120,0,118,1\n", ":4: a price is not above zero"},
      {"negative volume", head + good + "1514764920,102,120,101,118,-1\n", ":4: volume is negative"},
      {"high below low", head + good + "1514764920,102,100,101,118,1\n", ":4: high is below low"},
      {"duplicate time", head + good + "1514764860,105,107.5,101.25,103,2\n", ":4: time 2018-01-01T00:01:00Z is there twice"},
      {"unsorted", head + good + "1514764920,102,120,101,118,1\n1514764740,102,120,101,118,1\n",
       ":5: time 2017-12-31T23:59:00Z comes after"},
      {"off the grid", head + good + "1514764925,102,120,101,118,1\n", ":4: time 2018-01-01T00:02:05Z is not on the 1m grid"},
      {"cut off row", head + good + "1514764920,102,120,10", ":4: found 4 columns, expected 6"},
      {"a column more", head + good + "1514764920,102,120,101,118,1,9\n", ":4: found 7 columns, expected 6"},
      {"prose", head + good + "the service is not available\n", ":4: found 1 columns, expected 6"},
      {"no time", head + good + "soon,102,120,101,118,1\n", ":4: time \"soon\" is not a time"},
      {"open quote", head + good + "\"1514764920,102,120,101,118,1\n", ":4: time \""},
      {"missing column", "time,open,high,low,volume\n1514764800,100,110,95,1.5\n", ":1: no column for the close"},
      {"ambiguous", "1514764800,5,5,5,5,1\n1514764860,6,6,6,6,1\n", "cannot be told from the others"},
      {"a page of the web", "<html>\n<body>429 Too Many Requests</body>\n</html>\n", ":1: no table of candles found"},
      {"bytes", std::string("\x01\x02\x03\x00\x05\n", 6), ":1: no table of candles found"},
      {"empty", "", "is empty"},
      {"header only", head, "interval cannot be told"},
  };
  return list;
}

/// Rows of every table of market.db that an import writes, as one text.
std::string stored_in(const Home& home) {
  auto db = open_reader(home.data("market.db"), Profile::market);
  REQUIRE(db.has_value());
  std::string all;
  for (const char* sql :
       {"SELECT group_concat(id || venue || pair || tf_seconds) FROM series",
        "SELECT group_concat(series || ' ' || first_ns || ' ' || last_ns || ' ' || count || hex(data)) FROM candle_blocks",
        "SELECT group_concat(series || name || rows || content_hash || chain_hash) FROM sources"}) {
    const auto text = db->text(sql);
    REQUIRE(text.has_value());
    all += *text + "\n";
  }
  return all;
}

/// A store with three minutes, two of which the broken files would change.
struct Seeded : Home {
  Seeded() {
    const std::string text = head + "1514764800,90,95,85,91,1\n1514764860,91,99,90,98,1\n1514764920,98,99,97,98,1\n";
    REQUIRE(run({"import", folder.write("seed.csv", text), "--pair", "BTC/USD"}).exit_code == 0);
    before = stored_in(*this);
    REQUIRE(before.size() > 100);
  }

  std::string before;
};

/// Refused as malformed input: exit 2, one line that says where and what, nothing on stdout.
void check_refused(const Finished& finished, const std::string& message) {
  INFO(finished.err);
  CHECK(finished.exit_code == 2);
  CHECK(finished.out.empty());
  CHECK(finished.err.starts_with("aitrade: "));
  CHECK(std::count(finished.err.begin(), finished.err.end(), '\n') == 1);
  CHECK(finished.err.find(message) != std::string::npos);
}

}  // namespace

TEST_CASE("import faults: every kind of broken file is refused with its line and stores nothing", "[cmd][faults]") {
  const Seeded home;
  for (const Broken& broken : broken_files()) {
    INFO(broken.name);
    const std::string file = home.folder.write("broken.csv", broken.text);
    check_refused(home.run({"import", file, "--pair", "BTC/USD"}), broken.message);
    check_refused(home.run({"import", file, "--pair", "ETH/USD"}), broken.message);
    REQUIRE(stored_in(home) == home.before);
  }
  CHECK(home.run({"data", "cat", "ETH/USD"}).exit_code == 4);
  CHECK(home.run({"db", "check"}).exit_code == 0);
}

TEST_CASE("import faults: a backtest and a tape refuse the same files", "[cmd][faults]") {
  const Home home;
  for (const Broken& broken : broken_files()) {
    INFO(broken.name);
    const std::string file = home.folder.write("broken.csv", broken.text);
    check_refused(home.run({"backtest", file, "--pair", "BTC/USD", "--json"}).exit_code == 2
                      ? home.run({"backtest", file, "--pair", "BTC/USD"})
                      : Finished{},
                  broken.message);
  }
  const std::string file = home.folder.write("broken.csv", broken_files().front().text);
  check_refused(home.run({"indicators", file, "rsi:14"}), broken_files().front().message);
  check_refused(home.run({"run", "-q", "--tape", "BTC/USD=" + file}), broken_files().front().message);
  check_refused(home.run({"sim", "-q", "--tape", "BTC/USD=" + file}), broken_files().front().message);
}

TEST_CASE("import faults: a pipe is refused like a file", "[cmd][faults]") {
  const Seeded home;
  Start start{.arguments = {"import", "-", "--pair", "BTC/USD", "--home", home.path}};
  start.input = head + good + "1514764920,102,120,NaN,118,1\n";
  check_refused(run_aitrade(start), "stdin:4: low \"NaN\" is not a price");
  CHECK(stored_in(home) == home.before);
}

TEST_CASE("import faults: with --json the refusal is one object on stderr", "[cmd][faults]") {
  const Home home;
  const std::string file = home.folder.write("broken.csv", head + good + "1514764920,102,120,NaN,118,1\n");
  const Finished refused = home.run({"import", file, "--pair", "BTC/USD", "--json"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err.starts_with(R"({"error":{"code":"invalid","message":)"));
}

TEST_CASE("import faults: blocks already written go away with the row that fails", "[cmd][faults]") {
  const Seeded home;
  std::string text = to_csv(made_candles(5, 30'000, 40'000, *parse_time("2018-01-01T00:00:00Z")));
  text += "1516564800,102,100,101,118,1\n";
  check_refused(home.run({"import", home.folder.write("long.csv", text), "--pair", "BTC/USD"}),
                ":30002: high is below low");
  CHECK(stored_in(home) == home.before);
}

TEST_CASE("import faults: truncated and damaged gzip store nothing", "[cmd][faults]") {
  const Seeded home;
  const std::string text = to_csv(made_candles(5, 9'000, 40'000, *parse_time("2018-01-01T00:00:00Z")));
  home.folder.write("whole.csv", text);
  REQUIRE(run_shell("gzip -k whole.csv", home.folder.path()).exit_code == 0);
  const std::string whole = read_file(home.folder / "whole.csv.gz");
  REQUIRE(whole.size() > 10'000);
  for (const std::size_t keep : {std::size_t{5}, whole.size() / 2, whole.size() - 4}) {
    INFO("first " << keep << " bytes");
    const std::string file = home.folder.write("cut.csv.gz", whole.substr(0, keep));
    check_refused(home.run({"import", file, "--pair", "BTC/USD"}), "the gzip stream ends too early");
    REQUIRE(stored_in(home) == home.before);
  }
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  CHECK(home.run({"import", home.folder.write("bad.csv.gz", damaged), "--pair", "BTC/USD"}).exit_code == 2);
  CHECK(stored_in(home) == home.before);
  CHECK(home.run({"import", home.folder / "whole.csv.gz", "--pair", "BTC/USD"}).exit_code == 0);
}

TEST_CASE("import faults: no such file, a folder, and a name that is no pair are usage", "[cmd][faults]") {
  const Seeded home;
  const std::string file = home.folder.write("fine.csv", head + good);
  check_refused(home.run({"import", home.folder / "none.csv", "--pair", "BTC/USD"}), "No such file");
  check_refused(home.run({"import", home.folder.path(), "--pair", "BTC/USD"}), "is a directory");
  check_refused(home.run({"import", file, "--pair", "NOPE"}), "\"NOPE\" is not a pair");
  check_refused(home.run({"import", file}), "nothing says which pair");
  check_refused(home.run({"backtest", home.folder / "none.csv", "--pair", "BTC/USD"}), "No such file");
  CHECK(stored_in(home) == home.before);
}

TEST_CASE("import faults: a pair that is not stored is not found", "[cmd][faults]") {
  const Seeded home;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"data", "cat", "XYZ/USD"}, {"data", "check", "XYZ/USD"}, {"data", "rm", "XYZ/USD", "--yes"},
        {"backtest", "XYZ/USD"}, {"indicators", "XYZ/USD", "rsi:14"}}) {
    const Finished finished = home.run(words);
    INFO(words[0] << " " << words[1] << ": " << finished.err);
    CHECK(finished.exit_code == 4);
    CHECK(finished.err.find("XYZ/USD") != std::string::npos);
    CHECK(finished.out.empty());
  }
}
