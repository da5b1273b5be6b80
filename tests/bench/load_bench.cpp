// What a crowd at the daemon's port costs the engine: the demo in a process of its own, quiet and under load by turns,
// and what `status` says of the time from the arrival of an event to the end of its turn.
//
// AITRADE_LOAD_SECONDS (20) a turn, AITRADE_LOAD_ROUNDS (3). Every turn is a demo of its own over the same market.
#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/crowd.h"
#include "tests/support/child.h"
#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::test;
using namespace aitrade::bench;

namespace {

int number_of(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

double resident_mb(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS", 0) == 0) return static_cast<double>(std::atol(line.c_str() + 6)) / 1024;
  }
  return 0;
}

struct Turn {
  double p50{0}, p99{0}, p999{0}, first_mb{0}, last_mb{0};   // us
  std::uint64_t count{0};
  CrowdCounts crowd;
};

/// A demo with that crowd at its port.
Turn run_turn(CrowdPlan plan, int span_s) {
  const TempFolder folder;
  const std::string home = folder / "home";
  Child demo({"run", "--demo", "--speed", "1200", "--home", home, "--set", "dashboard.port=0", "--set",
              "dashboard.ws_max_connections=1000", "--set", "dashboard.ws_max_per_principal=1000", "--set",
              "dashboard.max_connections=2000", "--set", "dashboard.max_connections_per_address=2000", "--set",
              "dashboard.rate_limit_enabled=false"},
             folder / "run.log");
  const std::string text = wait_for_text(demo.out_path(), "run.started", 60'000);
  REQUIRE_FALSE(text.empty());
  const auto mark = text.find("http://127.0.0.1:");
  plan.port = static_cast<std::uint16_t>(std::atoi(text.c_str() + mark + 17));
  Turn turn;
  {
    Crowd crowd(plan);
    pass_time(5'000);
    turn.first_mb = resident_mb(demo.pid());
    pass_time(span_s * 1000);
    turn.last_mb = resident_mb(demo.pid());
    const Finished status = run_aitrade({"status", "--json", "--home", home});
    REQUIRE(status.exit_code == 0);
    rapidjson::Document json;
    json.Parse(status.out.c_str());
    const rapidjson::Value& loop = json["loop_latency_us"];
    REQUIRE(loop.IsObject());
    turn.count = loop["count"].GetUint64();
    turn.p50 = loop["p50"].GetDouble();
    turn.p99 = loop["p99"].GetDouble();
    turn.p999 = loop["p999"].GetDouble();
    turn.crowd = crowd.counts();
  }
  demo.signal(SIGINT);
  demo.wait(30'000);
  return turn;
}

void print(const char* name, const Turn& t, int span_s) {
  std::printf("%-22s %7llu %8.0f %8.0f %8.0f us  %6.1f %6.1f MB  %6.0f/s %6llu %4llu  %4zu %8llu %7.1f MB/s\n", name,
              static_cast<unsigned long long>(t.count), t.p50, t.p99, t.p999, t.first_mb, t.last_mb,
              static_cast<double>(t.crowd.requests) / (span_s + 5), static_cast<unsigned long long>(t.crowd.refused),
              static_cast<unsigned long long>(t.crowd.broken), t.crowd.viewers,
              static_cast<unsigned long long>(t.crowd.messages), static_cast<double>(t.crowd.bytes) / 1e6 / (span_s + 5));
  std::fflush(stdout);
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

TEST_CASE("load: what viewers, requests and attacks add to the engine's loop", "[bench]") {
  const int span_s = number_of("AITRADE_LOAD_SECONDS", 20), rounds = number_of("AITRADE_LOAD_ROUNDS", 3);
  std::printf("%-22s %7s %8s %8s %8s     %6s %6s     %8s %6s %4s  %4s %8s\n", "", "events", "p50", "p99", "p99.9", "RSS",
              "later", "replies", "4xx", "lost", "ws", "frames");
  std::vector<double> crowded, attacked;
  for (int i = 0; i < rounds; ++i) {
    const Turn quiet = run_turn({}, span_s);
    print("quiet", quiet, span_s);
    const Turn crowd = run_turn({0, 200, 2000, 0, 0}, span_s);
    print("200 ws, 2000 req/s", crowd, span_s);
    const Turn attack = run_turn({0, 0, 0, 64, 100}, span_s);
    print("64 stalled, 100 slow", attack, span_s);
    crowded.push_back(crowd.p99 - quiet.p99);
    attacked.push_back(attack.p99 - quiet.p99);
  }
  std::printf("added to p99, median of %d: crowd %.0f us, attack %.0f us\n", rounds, median_of(crowded), median_of(attacked));
}
