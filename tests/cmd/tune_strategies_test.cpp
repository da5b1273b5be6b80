// `aitrade tune strategies`: what live trades say goes to the overlay in small steps, with its reasons, and comes back
// with one command.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/random.h"
#include "core/store/schema.h"
#include "tests/cmd/train_lab.h"

using namespace aitrade;
using namespace aitrade::test;

namespace fs = std::filesystem;

namespace {

struct Books : Lab {
  Books() : Lab(tidal_candles(3'000)) {
    fs::create_directories(data("").parent_path());
    auto opened = open_writer(data("trading.db"), Profile::ledger, Time::from_seconds(1'700'000'000));
    REQUIRE(opened);
    ledger.emplace(std::move(*opened));
    REQUIRE(ledger->execute("INSERT INTO tenants(id, name, status, created_ns, updated_ns) "
                            "VALUES('default', 'default', 'active', 1, 1)"));
  }

  /// Trades of a strategy, with a mean in R and a deviation of 1.
  void add(const std::string& strategy, double mean, int count) {
    Random random(static_cast<std::uint64_t>(rows + 1));
    for (int i = 0; i < count; ++i, ++rows) {
      const std::string n = std::to_string(rows);
      const std::string r = std::to_string(mean + random.normal());
      REQUIRE(ledger->execute("INSERT INTO trades(trade_id, account_id, exchange, mode, pair, direction, quantity, "
                              "entry_price, exit_price, strategy, pnl, fees, slippage, r_multiple, bars, close_reason, "
                              "entry_ns, exit_ns, run_id, event_seq) VALUES('t" + n + "', 'default', 'kraken', 'paper', "
                              "'BTC/USD', 'long', '1', '100', '101', '" + strategy + "', '1', '0', '0', " + r +
                              ", 1, 'target', 1, 2, 'r', 1)"));
    }
  }

  [[nodiscard]] Finished tune(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"tune", "strategies", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return with_eager(std::move(words));
  }

  [[nodiscard]] std::string overlay() const { return read_file(fs::path(path) / "config" / "config.local.toml"); }

  std::optional<Database> ledger;
  int rows{0};
};

std::string step_of(const rapidjson::Document& json, const std::string& strategy) {
  for (const auto& one : json["verdicts"].GetArray()) {
    if (one["strategy"].GetString() == strategy) return one["step"].GetString();
  }
  return "not judged";
}

}  // namespace

TEST_CASE("tune strategies: what is luck changes nothing", "[cmd][tune]") {
  Books books;
  for (const char* name : {"keltner", "trend", "mean_reversion"}) books.add(name, 0.1, 60);
  const Finished out = books.tune();
  CHECK(out.exit_code == 3);
  CHECK(step_of(parsed(out), "keltner") == "keep");
  CHECK(books.overlay().empty());
  CHECK(books.tune({"--rollback"}).exit_code == 4);
}

TEST_CASE("tune strategies: a change is small, is told with its reason, and is put back by one command", "[cmd][tune]") {
  Books books;
  books.add("keltner", 1, 100);
  books.add("trend", 0.1, 100);
  books.add("mean_reversion", -1.2, 100);
  const auto dry = parsed(books.tune({"--dry-run"}));
  CHECK(step_of(dry, "mean_reversion") == "disable");
  CHECK(step_of(dry, "keltner") == "raise");
  CHECK(step_of(dry, "reversal") == "not judged");   // somebody switched it off
  CHECK(books.overlay().empty());

  const Finished out = books.tune();
  INFO(out.out << out.err);
  REQUIRE(out.exit_code == 0);
  const std::string overlay = books.overlay();
  CHECK(holds(overlay, "mean_reversion"));
  for (const auto& one : parsed(out)["verdicts"].GetArray()) {
    CHECK(one["factor"].GetDouble() <= 1.1);
    CHECK(one["factor"].GetDouble() >= 0.9);
  }
  const std::string log = read_file(books.data("tune") / "strategies.log");
  CHECK(holds(log, "\"step\":\"disable\""));
  CHECK(holds(log, "\"overlay_before\":null"));

  // It is judged by what it would have made since: nothing has been recorded yet.
  const auto again = parsed(books.tune({"--dry-run"}));
  CHECK(step_of(again, "mean_reversion") == "keep");
  CHECK(again["verdicts"][0]["trades"].GetInt() >= 0);

  CHECK(books.tune({"--rollback"}).exit_code == 0);
  CHECK(books.overlay().empty());
  CHECK(step_of(parsed(books.tune({"--dry-run"})), "mean_reversion") == "disable");
}

TEST_CASE("tune strategies: one that was disabled trades on in the shadow", "[cmd][tune]") {
  Books books;
  books.add("keltner", 0.1, 100);
  books.add("trend", 0.1, 100);
  books.add("mean_reversion", -1.2, 100);
  REQUIRE(books.tune().exit_code == 0);
  // Candles of a run come after the change: their times are made to.
  const std::string log = (books.data("tune") / "strategies.log").string();
  REQUIRE(run_shell("sed -i 's/\"at\":\"[^\"]*\"/\"at\":\"2000-01-01T00:00:00Z\"/' " + log, books.folder.path()).exit_code == 0);
  const Finished taped = books.with_eager({"run", "--tape", "BTC/USD=" + books.file, "--speed", "0", "--json", "-q", "--set",
                                           "dashboard.enabled=false", "--set", "strategies.mean_reversion.enabled=false"});
  INFO(taped.err);
  REQUIRE(taped.exit_code == 0);
  fs::create_directories(books.data("runs"));
  fs::rename(books.data("demo/runs") / parsed(taped)["run"].GetString(), books.data("runs/taped"));
  const auto json = parsed(books.tune({"--dry-run"}));
  for (const auto& one : json["verdicts"].GetArray()) {
    if (std::string(one["strategy"].GetString()) == "mean_reversion") CHECK(one["trades"].GetInt() > 5);
  }
  CHECK(step_of(json, "mean_reversion") != "not judged");
}
