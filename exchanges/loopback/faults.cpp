#include "exchanges/loopback/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aitrade::loopback {
namespace {

// On a request, its answer or a frame.
constexpr std::array<std::string_view, 21> message_actions{
    "lose_request", "lose_reply",     "delay_reply",  "deliver_late",  "duplicate_request",
    "error",        "http",           "malform",      "drop",          "duplicate",
    "swap",         "hold",           "bad_checksum", "garble",        "extra_field",
    "text_numbers", "unknown_frame",  "close",        "cut",           "mute",
    "refuse"};

// On the venue itself.
constexpr std::array<std::string_view, 19> venue_actions{
    "system",        "pair_status", "pieces",     "hide_next",  "lose_child", "read_lag",
    "cancel_delay",  "venue_cancel", "vanish",    "late_fill",  "deposit",    "order",
    "revoke_key",    "expire_tokens", "skew",     "switch",     "disconnect", "permissions",
    "nonce"};

std::optional<std::int64_t> number(const Params& params, std::string_view name) {
  const auto text = params.find(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size()) return std::nullopt;
  return value;
}

bool covers(const std::string& wanted, std::string_view is) {
  return wanted.empty() || wanted == is;
}

FaultRule rule(std::string transport, std::string endpoint, std::string action,
               std::vector<std::pair<std::string, std::string>> arguments) {
  FaultRule out;
  out.transport = std::move(transport);
  out.endpoint = std::move(endpoint);
  out.action = std::move(action);
  for (auto& [name, value] : arguments)
    out.arguments.set(std::move(name), std::move(value));
  return out;
}

constexpr std::array<std::string_view, 5> symptoms{"reset", "none", "silence", "truncated", "502"};

}  // namespace

bool is_venue_action(std::string_view name) {
  return std::find(venue_actions.begin(), venue_actions.end(), name) != venue_actions.end();
}

bool is_fault_action(std::string_view name) {
  return is_venue_action(name) || std::find(message_actions.begin(), message_actions.end(), name) !=
                                      message_actions.end();
}

Result<FaultRule> FaultPlan::read_rule(const Params& params) {
  FaultRule out;
  const Params match = params.child("match");
  out.transport = match.text("transport");
  out.endpoint = match.text("endpoint");
  out.contains = match.text("contains");
  out.nth = number(match, "nth").value_or(0);
  out.per_mille = number(match, "per_mille").value_or(1000);
  out.from = milliseconds{number(match, "from_ms").value_or(0)};
  if (const auto until = number(match, "until_ms")) out.until = milliseconds{*until};
  if (const auto at = number(params, "at_ms")) {
    out.transport = "time";
    out.from = milliseconds{*at};
  }
  out.repeat = number(params, "repeat").value_or(1);
  out.action = params.text("action");
  out.arguments = params.child("args");
  if (!is_fault_action(out.action)) {
    return fail(ErrorCode::invalid, "unknown action \"" + out.action + "\"");
  }
  if (out.transport == "time" && !is_venue_action(out.action)) {
    return fail(ErrorCode::invalid, out.action + " needs a message to act on, not a time");
  }
  return out;
}

Result<FaultPlan> FaultPlan::read(std::string_view json) {
  AITRADE_TRY(const Params params, Params::read_json(json));
  FaultPlan plan(static_cast<std::uint64_t>(number(params, "seed").value_or(1)));
  std::size_t count = 0;
  for (const Params& one : params.children("rules")) {
    ++count;
    auto read = read_rule(one);
    if (!read) return std::move(read).error().within("rule " + std::to_string(count));
    plan.add(std::move(*read));
  }
  if (count == 0) return fail(ErrorCode::invalid, "a fault plan without rules");
  return plan;
}

FaultPlan FaultPlan::from_seed(std::uint64_t seed) {
  FaultPlan plan(seed);
  Random draw = Random(seed).fork("plan");
  const auto some = [&](std::uint64_t bound) { return std::to_string(draw.below(bound)); };
  const auto add = [&](FaultRule made, std::int64_t per_mille) {
    made.per_mille = per_mille;
    made.repeat = -1;
    plan.add(std::move(made));
  };
  // A calm plan has one bad minute; a hostile one is bad throughout.
  const bool is_hostile = draw.below(3) == 0;
  const auto rate = [&](std::int64_t calm) { return is_hostile ? calm * 4 : calm; };
  const std::string symptom(symptoms.at(draw.below(symptoms.size())));
  for (const char* transport : {"rest", "ws"}) {
    for (const char* endpoint : {"AddOrder", "AmendOrder", "CancelOrder", "add_order",
                                 "amend_order", "cancel_order"}) {
      if ((std::string_view(transport) == "ws") != (endpoint[0] >= 'a')) continue;
      add(rule(transport, endpoint, "lose_reply", {{"symptom", symptom}}), rate(20));
      add(rule(transport, endpoint, "lose_request", {{"symptom", symptom}}), rate(20));
      add(rule(transport, endpoint, "error", {{"text", "EService:Busy"}, {"executed", some(2)}}),
          rate(10));
    }
  }
  add(rule("rest", "AddOrder", "deliver_late", {{"ms", std::to_string(500 + draw.below(20'000))}}),
      rate(10));
  add(rule("rest", "", "http", {{"status", "503"}, {"executed", some(2)}}), rate(5));
  add(rule("rest", "", "error", {{"text", "EAPI:Rate limit exceeded"}}), rate(3));
  add(rule("rest", "", "delay_reply", {{"ms", some(400)}}), rate(20));
  add(rule("frame", "executions", "drop", {}), rate(10));
  add(rule("frame", "executions", "duplicate", {}), rate(20));
  add(rule("frame", "executions", "swap", {}), rate(10));
  add(rule("frame", "book", "bad_checksum", {}), rate(3));
  add(rule("frame", "", "extra_field", {}), rate(5));
  add(rule("frame", "", "cut", {}), rate(1));
  const auto timed = [&](const char* action,
                         std::vector<std::pair<std::string, std::string>> arguments) {
    FaultRule made = rule("time", "", action, std::move(arguments));
    made.from = seconds{static_cast<std::int64_t>(draw.below(900))};
    plan.add(std::move(made));
  };
  timed("pieces", {{"count", std::to_string(1 + draw.below(6))}});
  timed("read_lag", {{"ms", some(5000)}});
  timed("cancel_delay", {{"ms", some(2000)}});
  timed("disconnect", {});
  timed("expire_tokens", {});
  const std::string state = draw.below(2) == 0 ? "cancel_only" : "maintenance";
  FaultRule mode = rule("time", "", "system", {{"state", state}});
  mode.from = seconds{static_cast<std::int64_t>(60 + draw.below(600))};
  FaultRule back = rule("time", "", "system", {{"state", "online"}});
  back.from = mode.from + seconds{static_cast<std::int64_t>(5 + draw.below(60))};
  plan.add(std::move(mode));
  plan.add(std::move(back));
  return plan;
}

const FaultRule* FaultPlan::decide(const FaultPoint& point) {
  const bool is_time = point.transport == "time";
  const FaultRule* acting = nullptr;
  for (FaultRule& one : rules_) {
    if (is_time != (one.transport == "time") || (is_time && one.seen > 0)) continue;
    if (!covers(one.transport, point.transport) || !covers(one.endpoint, point.endpoint)) continue;
    if (point.since_start < one.from || point.since_start > one.until) continue;
    if (!one.contains.empty() && point.text.find(one.contains) == std::string_view::npos) continue;
    ++one.seen;  // also behind a rule that acts: the n-th is the n-th message, whatever befell it
    if (acting != nullptr || (one.repeat >= 0 && one.hits >= one.repeat)) continue;
    if (one.nth > 0 && one.seen != one.nth) continue;
    if (one.per_mille < 1000 &&
        static_cast<std::int64_t>(random_.below(1000)) >= one.per_mille) {
      continue;
    }
    ++one.hits;
    acting = &one;
    if (is_time) break;  // the next one that is due is asked for by itself
  }
  return acting;
}

std::optional<Duration> FaultPlan::next_timed() const {
  std::optional<Duration> next;
  for (const FaultRule& one : rules_) {
    if (one.transport != "time" || one.seen > 0) continue;
    if (!next || one.from < *next) next = one.from;
  }
  return next;
}

}  // namespace aitrade::loopback
