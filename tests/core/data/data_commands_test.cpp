// `import` and `data` as a shell sees them: counts, exit codes, nothing left behind, loss-free and back.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "tests/support/process.h"

using namespace aitrade::test;

namespace {

const std::string head = "time,open,high,low,close,volume,trades\n";
const std::string rows =
    "1514764800,100,110,95,105,1.5,3\n1514764860,105,107.5,101.25,102,0.30000000000000004,4\n"
    "1514765040,102,120,101,118.0000000001,0.12345678,5\n";

struct Home {
  TempFolder folder;

  std::string file(const std::string& name, const std::string& text) const {
    const std::string path = (std::filesystem::path(folder.path()) / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--home", (std::filesystem::path(folder.path()) / "home").string()});
    return run_aitrade(std::move(arguments));
  }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("data commands: import, check, print, and import back without loss", "[data][cmd]") {
  const Home home;
  const Finished imported = home.run({"import", home.file("XBTUSD_1.csv", head + rows), "--json"});
  INFO(imported.err);
  REQUIRE(imported.exit_code == 0);
  CHECK(holds(imported.out, R"("pair":"BTC/USD","tf":"1m","venue":"file","rows":3,"first":"2018-01-01T00:00:00Z")"));
  CHECK(holds(imported.out, R"("duplicates":0,"gaps":1,"missing":2)"));

  const Finished checked = home.run({"data", "check", "BTC/USD", "--json"});
  CHECK(checked.exit_code == 3);  // data has gaps
  CHECK(holds(checked.out, R"("rows":3,"gaps":1,"missing":2,"longest_gap":2,"not_downloaded":0,"duplicates":0,"outliers":0)"));

  const Finished printed = home.run({"data", "cat", "BTC-USD"});
  CHECK(printed.out == head + rows);
  const Finished back = home.run({"import", home.file("back.csv", printed.out), "--pair", "BTC/USD", "--json"});
  const auto fingerprint = [](const std::string& text) {
    const std::size_t at = text.find("data_fingerprint");
    return at == std::string::npos ? text : text.substr(at, 85);
  };
  CHECK(fingerprint(back.out) == fingerprint(imported.out));
  CHECK(holds(back.out, R"("inserted":0,"replaced":0,"unchanged":3)"));

  CHECK(home.run({"data", "cat", "BTC/USD", "--tf", "5m"}).out ==
        head + "1514764800,100,120,95,118.0000000001,1.92345678,12\n");
  CHECK(holds(home.run({"data", "cat", "BTC/USD", "--format", "ndjson", "--to", "2018-01-01T00:01:00Z"}).out,
              R"({"t":"candle","pair":"BTC/USD","tf":"1m","time":1514764800,"open":"100")"));
}

TEST_CASE("data commands: a broken file is refused with its line and leaves nothing behind", "[data][cmd]") {
  const Home home;
  const Finished broken = home.run({"import", home.file("XBTUSD_1.csv", head + rows + "1514765100,1,1,1,NaN,1,1\n")});
  CHECK(broken.exit_code == 2);
  CHECK(broken.out.empty());
  CHECK(holds(broken.err, "XBTUSD_1.csv:5: close \"NaN\" is not a price"));
  CHECK(home.run({"data", "cat", "BTC/USD"}).exit_code == 4);

  CHECK(home.run({"import", home.file("nameless.csv", head + rows)}).exit_code == 2);  // which pair?
  CHECK(home.run({"import", "no-such-file.csv", "--pair", "BTC/USD"}).exit_code == 2);
  const Finished dry = home.run({"import", home.file("XBTUSD_1.csv", head + rows), "--dry-run"});
  CHECK(dry.exit_code == 0);
  CHECK(home.run({"data", "check"}).exit_code == 4);
  const Finished explained = home.run({"import", home.file("XBTUSD_1.csv", rows), "--explain"});
  CHECK(holds(explained.out, "no header, columns by content, time=0 (seconds), open=1, high=2, low=3, close=4"));
}

TEST_CASE("data commands: removing asks, and says what it did", "[data][cmd]") {
  const Home home;
  REQUIRE(home.run({"import", home.file("XBTUSD_1.csv", head + rows)}).exit_code == 0);
  CHECK(home.run({"data", "rm", "BTC/USD"}).exit_code == 2);  // no terminal and no --yes
  CHECK(home.run({"data", "rm", "BTC/USD", "--dry-run"}).out == "would remove 3 candles of BTC/USD 1m (file)\n");
  CHECK(home.run({"data", "rm", "BTC/USD", "--to", "2018-01-01T00:01:00Z", "--yes"}).out ==
        "removed 1 candles of BTC/USD 1m (file)\n");
  CHECK(home.run({"data", "rm", "BTC/USD", "--yes"}).exit_code == 0);
  CHECK(home.run({"data", "cat", "BTC/USD"}).exit_code == 4);
}
