// The daemon as a process: how soon it is healthy, and how much memory it keeps.
//
// It trades 8 pairs on 3 timeframes against a loopback exchange in a process of its own.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/support/child.h"
#include "tests/support/process.h"

namespace aitrade::bench {
namespace {

using namespace aitrade::test;

constexpr int limit_ms = 60'000;
constexpr const char* pairs = R"(["BTC/USD","ETH/USD","SOL/USD","XRP/USD","ADA/USD","DOGE/USD","LTC/USD","LINK/USD"])";

std::string json_text(const std::string& json, const std::string& key) {
  const auto begin = json.find("\"" + key + "\":\"") + key.size() + 4;
  return json.substr(begin, json.find('"', begin) - begin);
}

/// Kilobytes of a line such as VmRSS in /proc/PID/status.
long memory_kb(int pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(name, 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  }
  return 0;
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

bool print_daemon_figures() {
  setenv("AITRADE_BINARY", AITRADE_BINARY, 0);
  TempFolder folder;
  Child exchange({"sim", "--dialect", "kraken", "--synthetic", "7", "--pairs",
                  "BTC/USD,ETH/USD,SOL/USD,XRP/USD,ADA/USD,DOGE/USD,LTC/USD,LINK/USD", "--speed", "60", "--port", "0"},
                 folder / "sim.log");
  const std::string sim = wait_for_text(exchange.out_path(), "\"rest_url\"", limit_ms);
  if (sim.empty()) return false;
  const std::string home = folder / "home";
  const auto begin = std::chrono::steady_clock::now();
  Child daemon({"run", "--home", home, "--set", "exchange.kraken.rest_url=\"" + json_text(sim, "rest_url") + "\"",
                "--set", "exchange.kraken.ws_url=\"" + json_text(sim, "ws_url") + "\"", "--set",
                std::string("trading.pairs=") + pairs, "--set", "trading.timeframes=[1,5,15]", "--set",
                "ai.primary_timeframe=5", "--set", "dashboard.port=0"},
               folder / "run.log");
  while (run_aitrade({"health", "--home", home}).exit_code != 0) {
    if (ms_since(begin) > limit_ms || !daemon.is_running()) {
      std::fprintf(stderr, "the daemon did not become healthy:\n%s\n", read_file(daemon.out_path()).c_str());
      return false;
    }
    pass_time(5);
  }
  std::printf("start-up to `health` = 0, 8 pairs x 3 timeframes   %8.0f ms\n", ms_since(begin));
  std::printf("resident memory when healthy                       %8.1f MB\n",
              static_cast<double>(memory_kb(daemon.pid(), "VmRSS")) / 1024);
  pass_time(20'000);  // twenty minutes of its market: books, candles, a recording
  std::printf("resident memory 20 s later, peak                   %8.1f MB %.1f MB\n",
              static_cast<double>(memory_kb(daemon.pid(), "VmRSS")) / 1024,
              static_cast<double>(memory_kb(daemon.pid(), "VmHWM")) / 1024);
  return true;
}

}  // namespace aitrade::bench
