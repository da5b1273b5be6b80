// A daemon beside its exchange, each a process of its own, as people run them.
#pragma once

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

namespace aitrade::test {

constexpr int start_limit_ms = 60'000;
constexpr int stop_limit_ms = 30'000;

/// A pair and its file of one-minute candles; no file: 20,000 made ones.
struct PairTape {
  std::string pair;
  std::string file{};
};

/// A loopback exchange that plays tapes, and how to run the daemon against it.
class DaemonRig {
 public:
  explicit DaemonRig(const std::string& speed, std::vector<PairTape> tapes = {{"BTC/USDT"}})
      : tapes_(std::move(tapes)), exchange_(exchange_arguments(speed), folder / "sim.log") {
    const std::string text = wait_for_text(exchange_.out_path(), "\"rest_url\"", start_limit_ms);
    REQUIRE_FALSE(text.empty());
    rest_ = value_of(text, "rest_url");
    ws_ = value_of(text, "ws_url");
  }

  /// Arguments of `aitrade run` against the exchange; `more` follow.
  [[nodiscard]] std::vector<std::string> run_arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{
        "run",      "--home",   home,
        "--config", std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml",
        "--set",    "exchange.kraken.rest_url=\"" + rest_ + "\"",
        "--set",    "exchange.kraken.ws_url=\"" + ws_ + "\"",
        "--set",    "trading.pairs=[" + pairs() + "]",
        "--set",    "dashboard.port=0"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  /// Starts the daemon and waits until it trades.
  [[nodiscard]] std::unique_ptr<Child> start(const std::vector<std::string>& more = {}) const {
    auto child = std::make_unique<Child>(run_arguments(more), folder / "run.log");
    const std::string text = wait_for_text(child->out_path(), "run.started", start_limit_ms);
    INFO(read_file(child->out_path()));
    REQUIRE_FALSE(text.empty());
    return child;
  }

  /// Runs a command on the daemon's home.
  [[nodiscard]] Finished ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--home", home});
    return run_aitrade(words);
  }

  /// Files whole, cash and holdings as the fills imply.
  void require_sound() const {
    const Finished check = ask({"db", "check"});
    INFO(check.out << check.err);
    REQUIRE(check.exit_code == 0);
  }

  [[nodiscard]] std::filesystem::path ledger() const {
    return std::filesystem::path(home) / "data" / "trading.db";
  }

  /// Opens the ledger as somebody else who may write; what it begins holds the daemon's writer up.
  [[nodiscard]] Database open_foreign() const {
    auto opened = Database::open(ledger(), OpenMode::writer, Profile::ledger);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  /// Returns the integer that `sql` selects from the ledger of a daemon that has ended.
  [[nodiscard]] std::int64_t count(const char* sql) const {
    auto opened = open_settled_reader(ledger().parent_path() / "lock", ledger(), Profile::ledger, Time{});
    REQUIRE(opened.has_value());
    const auto value = opened->integer(sql);
    REQUIRE(value.has_value());
    return *value;
  }

  TempFolder folder;
  std::string home = folder / "home";

 private:
  [[nodiscard]] std::vector<std::string> exchange_arguments(const std::string& speed) const {
    std::vector<std::string> words{"sim", "--dialect", "kraken", "--speed", speed, "--port", "0"};
    std::uint64_t seed = 3;
    for (const PairTape& tape : tapes_) {
      const std::string name = "tape" + std::to_string(seed) + ".csv";
      const std::string file =
          tape.file.empty() ? folder.write(name, to_csv(made_candles(seed, 20'000, 40'000))) : tape.file;
      words.insert(words.end(), {"--tape", tape.pair + "=" + file});
      ++seed;
    }
    return words;
  }

  /// As a list of TOML holds them.
  [[nodiscard]] std::string pairs() const {
    std::string text;
    for (const PairTape& tape : tapes_) text += (text.empty() ? "\"" : ", \"") + tape.pair + "\"";
    return text;
  }

  static std::string value_of(const std::string& json, const std::string& key) {
    const auto begin = json.find("\"" + key + "\":\"") + key.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
  }

  std::vector<PairTape> tapes_;
  Child exchange_;
  std::string rest_, ws_;
};

}  // namespace aitrade::test
