// From a frame of the exchange to the last byte of the order it causes, measured inside the daemon: three processes as
// people run them, and what `status` says after AITRADE_LATENCY_SECONDS (120) of a fast market. It is asked once, at the
// end: a process a second more, on two cores, is a good part of what would be measured.
//
// The journal's flushes that lie between are not counted; how long they take is printed beside it.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/support/live_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

void print(const char* name, const rapidjson::Value& latency) {
  if (latency.IsNull()) {
    std::printf("%-34s none\n", name);
    return;
  }
  const auto us = [&](const char* key) { return latency[key].GetDouble(); };
  std::printf("%-34s %8llu  %9.0f %9.0f %9.0f %9.0f us\n", name,
              static_cast<unsigned long long>(latency["count"].GetUint64()), us("p50"), us("p95"), us("p99"), us("p999"));
}

}  // namespace

TEST_CASE("latency: from a frame to the bytes of an order", "[bench]") {
  const char* asked = std::getenv("AITRADE_LATENCY_SECONDS");
  const auto span = std::chrono::seconds(asked != nullptr ? std::atoi(asked) : 120);
  const LiveRig rig("120", {"--synthetic", "7", "--deposit", "USD=50000", "--pairs", "BTC/USD,ETH/USD,SOL/USD,XRP/USD,ADA/USD,LTC/USD"});
  const auto daemon = rig.start({"--set", R"(trading.pairs=["BTC/USD","ETH/USD","SOL/USD","XRP/USD","ADA/USD","LTC/USD"])"});
  const auto end = std::chrono::steady_clock::now() + span;
  rapidjson::Document status;
  while (std::chrono::steady_clock::now() < end) pass_time(1000);
  const Finished said = run_aitrade({"status", "--json", "--home", rig.home});
  REQUIRE(said.exit_code == 0);
  status.Parse(said.out.c_str());
  REQUIRE_FALSE(status.HasParseError());
  std::printf("%-34s %8s  %9s %9s %9s %9s\n", "", "count", "p50", "p95", "p99", "p99.9");
  print("frame to bytes of the order", status["order_latency_us"]);
  print("flush of the journal beside it", status["flush_latency_us"]);
}
