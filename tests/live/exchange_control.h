// What a test does to a loopback exchange that runs beside it, and what it sees there.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/live_rig.h"

namespace aitrade::test {

/// Does a fault at once: POST /_sim/do.
inline void act(const LiveRig& rig, std::string_view action, std::string_view arguments = "{}") {
  HttpClient http;
  HttpRequest request;
  request.method = "POST";
  request.url = rig.rest + "/_sim/do";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::string(R"({"action":")").append(action).append(R"(","args":)").append(arguments) + "}";
  const HttpOutcome outcome = http.perform(request);
  INFO(request.body << ": " << outcome.reply.body);
  REQUIRE(outcome.is_reply());
  REQUIRE(outcome.reply.status == 200);
}

/// Orders of this status ("open", "" for all), stops only or all.
inline int orders_at(const LiveRig& rig, std::string_view status, bool stops_only = false) {
  int count = 0;
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) {
    const bool fits = status.empty() || status == order.value["status"].GetString();
    const bool is_stop = std::string_view(order.value["descr"]["ordertype"].GetString()).starts_with("stop-loss");
    if (fits && (is_stop || !stops_only)) ++count;
  }
  return count;
}

inline int open_stops(const LiveRig& rig) { return orders_at(rig, "open", true); }

/// Entries of all times: whatever buys.
inline int entries_at(const LiveRig& rig) {
  int count = 0;
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) {
    if (std::string_view(order.value["descr"]["type"].GetString()) == "buy") ++count;
  }
  return count;
}

/// Waits until `is_so` says yes, at most `limit_ms`.
template <class Condition>
bool comes_true(Condition is_so, int limit_ms = LiveRig::limit_ms) {
  constexpr int step_ms = 50;
  for (int waited = 0; waited < limit_ms; waited += step_ms) {
    if (is_so()) return true;
    pass_time(step_ms);
  }
  return false;
}

}  // namespace aitrade::test
