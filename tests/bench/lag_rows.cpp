// TR1: what a training beside the daemon costs its loop: latency of an event from its arrival to the end of its turn,
// first with nobody beside it, then while one training after another runs on the same machine.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/bench/bench.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

namespace aitrade::bench {
namespace {

using namespace aitrade::test;

constexpr int start_limit_ms = 60'000, measured_ms = 20'000, pause_ms = 100;

struct Lag {
  double p50{0}, p99{0}, p999{0};   // ms; 0: not measured
  int trainings{0};
};

double number_in(const std::string& json, const std::string& key) {
  const auto object = json.find("\"loop_latency_us\":{");
  const auto at = object == std::string::npos ? object : json.find("\"" + key + "\":", object);
  return at == std::string::npos ? 0 : std::atof(json.c_str() + at + key.size() + 3) / 1000;
}

/// A demo of three pairs at 600 times the speed of a clock, about thirty candles a second.
Lag measure(const std::string& file, const std::string& config, bool trains) {
  TempFolder folder;
  const std::string home = folder / "home";
  Child daemon({"run", "--demo", "--speed", "600", "--home", home, "--config", config, "--set", "dashboard.port=0"},
               folder / "run.log");
  if (wait_for_text(daemon.out_path(), "run.started", start_limit_ms).empty()) return {};
  Lag lag;
  std::unique_ptr<Child> trainer;
  for (int passed = 0; passed < measured_ms; passed += pause_ms) {
    if (trains && (trainer == nullptr || !trainer->is_running())) {
      trainer = std::make_unique<Child>(
          std::vector<std::string>{"train", file, "--pair", "BTC/USD", "--config", config, "--home", folder / "other", "--if-due",
                                   "--every", "1s", "--new-candidates", "0", "--json"},
          folder / "train.log");
      ++lag.trainings;
    }
    pass_time(pause_ms);
  }
  const std::string status = run_aitrade({"status", "--json", "--home", home}).out;
  lag.p50 = number_in(status, "p50");
  lag.p99 = number_in(status, "p99");
  lag.p999 = number_in(status, "p999");
  return lag;
}

}  // namespace

bool print_lag_figures() {
  setenv("AITRADE_BINARY", AITRADE_BINARY, 0);
  TempFolder folder;
  const std::string file = folder.write("btc.csv", to_csv(made_candles(3, 60'000, 40'000)));
  const std::string config = std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml";
  const Lag alone = measure(file, config, false), beside = measure(file, config, true);
  if (!(alone.p99 > 0) || !(beside.p99 > 0)) {
    std::fprintf(stderr, "a daemon did not start or told no latency\n");
    return false;
  }
  std::printf("\nloop of a daemon, from an event's arrival to the end of its turn\n");
  for (const auto& [name, lag] : {std::pair{"alone", alone}, std::pair{"beside trainings", beside}}) {
    std::printf("  %-18s p50 %8.3f ms  p99 %8.3f ms  p99.9 %8.3f ms  (%d trainings)\n", name, lag.p50, lag.p99, lag.p999,
                lag.trainings);
  }
  std::printf("  p99 beside trainings is %.2f times that alone; wanted: under 100 ms\n", beside.p99 / alone.p99);
  return true;
}

}  // namespace aitrade::bench
