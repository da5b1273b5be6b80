// The contract of the project: the same candles give the same actions, byte for byte, whether they come
// from a file into a backtest or over real sockets through the venue's protocol into the daemon.

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cmd/backtest_run.h"
#include "cmd/candle_input.h"
#include "cmd/strategy_keys.h"
#include "core/store/recording.h"
#include "core/store/recording_codec.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

const std::string source_dir = AITRADE_SOURCE_DIR;

/// Collects every action of a backtest in packed form.
class PackedJournal final : public Journal {
 public:
  Status append(const Event&, const ActionList& list) override {
    for (const Action& action : list) {
      const auto* decision = std::get_if<Decision>(&action);
      if (decision != nullptr && decision->entered) ++entries;
      actions.push_back(encode_action(action));
    }
    return ok();
  }

  Status commit(bool) override { return ok(); }

  std::vector<std::string> actions;
  int entries{0};
};

/// Runs a backtest with the test configuration over the same inputs as the tape.
void backtest(const std::vector<std::string>& files, PackedJournal& journal) {
  std::ifstream file(source_dir + "/share/demo.toml");
  std::stringstream text;
  text << file.rdbuf();
  const LoadReport report = load_config_text(text.str(), "demo.toml", cli::strategy_keys());
  REQUIRE(report.config != nullptr);
  cli::CandleInputOptions options;
  options.inputs = files;
  auto inputs = cli::open_candle_inputs(options, Paths{});
  REQUIRE(inputs.has_value());
  cli::BacktestPlan plan;
  std::vector<std::vector<Candle>> series;
  std::vector<Candle> first;
  for (cli::CandleInput& input : *inputs) {
    plan.pairs.push_back({input.symbol, input.interval});
    series.emplace_back();
    REQUIRE(input.read([&](std::span<const Candle> candles) -> Status {
      series.back().insert(series.back().end(), candles.begin(), candles.end());
      return ok();
    }));
    first.push_back(series.back().front());
  }
  cli::BacktestRun run(*report.config, plan, journal, true);
  REQUIRE(run.begin(first));
  for (std::size_t i = 0; i < series[0].size(); ++i) {
    for (std::size_t pair = 0; pair < series.size(); ++pair) {
      REQUIRE(run.candle(pair, series[pair][i]));
    }
  }
}

/// Reads all actions of the only run under a home.
std::vector<std::string> recorded(const std::string& home, std::string& run) {
  std::vector<std::string> actions;
  for (const auto& entry : fs::directory_iterator(fs::path(home) / "data" / "demo" / "runs")) {
    run = entry.path().filename().string();
    auto reader = RecordingReader::open(entry.path());
    REQUIRE(reader.has_value());
    for (;;) {
      auto next = (*reader)->next();
      REQUIRE(next.has_value());
      if (!next->has_value()) break;
      for (std::string& action : (**next).actions) actions.push_back(std::move(action));
    }
  }
  return actions;
}

std::string describe(const std::string& packed) {
  const auto action = decode_action(packed);
  if (!action) return "unreadable";
  if (const auto* d = std::get_if<Decision>(&*action)) {
    return "decision " + std::string(to_string(d->reason)) + " at " + to_string(d->candle_close);
  }
  return "action kind " + std::to_string(action->index());
}

/// The number after "key": in a JSON text, 0 when it is not there.
std::uint64_t number_of(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":");
  return at == std::string::npos ? 0 : std::strtoull(json.c_str() + at + key.size() + 3, nullptr, 10);
}

/// Alters one byte in the middle of a recording: a replay must stop there and say where.
void check_altered_byte(const std::string& home, const std::string& run) {
  fs::path largest;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(home) / "data")) {
    const bool of_run = entry.is_regular_file() && entry.path().parent_path().filename() == run;
    if (of_run && (largest.empty() || entry.file_size() > fs::file_size(largest))) largest = entry.path();
  }
  REQUIRE_FALSE(largest.empty());
  const std::uint64_t events =
      number_of(run_aitrade({"replay", run, "--home", home, "--json"}).out, "events");
  std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(largest) / 2);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 0x01));
  file.close();

  const Finished replay = run_aitrade({"replay", run, "--home", home, "--json"});
  INFO(replay.out);
  CHECK(replay.exit_code == 3);
  CHECK(replay.out.find("\"identical\":false") != std::string::npos);
  const std::uint64_t stopped = number_of(replay.out, "event");
  CHECK(stopped > events / 8);       // what came before is identical
  CHECK(stopped < events * 7 / 8);
  CHECK(number_of(replay.out, "events") <= stopped);
}

/// Plays the files through `aitrade run --tape` and compares with the backtest, one action at a time.
void compare(const std::vector<std::string>& files, const std::string& speed, int entries_min) {
  const TempFolder folder;
  const std::string home = folder / "home";
  std::vector<std::string> arguments{"run",      "--home", home,        "--config", source_dir + "/share/demo.toml",
                                     "--set",    "dashboard.port=0",    "--speed",  speed,
                                     "--format", "json",                "-q"};
  for (const std::string& file : files) {
    arguments.push_back("--tape");
    arguments.push_back(file);
  }
  const Finished live = run_aitrade(arguments);
  INFO(live.err);
  INFO(live.out);
  REQUIRE(live.exit_code == 0);

  std::string run;
  const std::vector<std::string> lived = recorded(home, run);
  PackedJournal journal;
  backtest(files, journal);

  std::size_t same = 0;
  while (same < std::min(lived.size(), journal.actions.size()) && lived[same] == journal.actions[same]) ++same;
  INFO("first difference at action " << same << ": live "
                                     << (same < lived.size() ? describe(lived[same]) : "nothing") << ", backtest "
                                     << (same < journal.actions.size() ? describe(journal.actions[same]) : "nothing"));
  CHECK(same == lived.size());
  CHECK(same == journal.actions.size());
  CHECK(journal.entries >= entries_min);
  WARN("compared " << same << " actions, " << journal.entries << " entries");

  const Finished replay = run_aitrade({"replay", run, "--home", home, "--json"});
  INFO(replay.out);
  CHECK(replay.exit_code == 0);
  check_altered_byte(home, run);
}

std::string shared_data(const std::string& name) {
  const std::string path = source_dir + "/../shared/data/" + name;
  return fs::exists(path) ? path : "";
}

}  // namespace

TEST_CASE("parity: a made tape of two pairs decides alike live and in a backtest", "[sim][parity]") {
  const TempFolder folder;
  const std::string btc = folder.write("BTCUSD_1.csv", to_csv(made_candles(7, 3'000, 40'000)));
  const std::string eth = folder.write("ETHUSD_1.csv", to_csv(made_candles(8, 3'000, 2'500)));
  compare({btc, eth}, "0", 20);
}

TEST_CASE("parity: half a day of Kraken at 3600 times real speed", "[sim][parity]") {
  const std::string tape = shared_data("kraken_BTCUSD_1m_2022-01-25.csv.gz");
  if (tape.empty()) {
    WARN("skipped: the recorded market data are not beside this tree");
    return;
  }
  compare({tape}, "3600", 1);
}

TEST_CASE("parity: a month of three pairs", "[sim][parity]") {
  std::vector<std::string> tapes;
  for (const char* pair : {"BTC", "ETH", "SOL"}) {
    tapes.push_back(shared_data("binance_" + std::string(pair) + "USDT_1m_2026-03-23_30d.csv.gz"));
    if (tapes.back().empty()) {
      WARN("skipped: the recorded market data are not beside this tree");
      return;
    }
  }
  compare(tapes, "0", 100);
}
