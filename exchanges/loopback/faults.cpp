#include "exchanges/loopback/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aitrade::loopback {
namespace {

// On a request, its answer or a frame.
constexpr std::array<std::string_view, 29> message_actions{
    "lose_request", "lose_reply", "delay_reply",  "deliver_late", "duplicate_request",
    "error",        "http",       "malform",      "drip",         "oversize",
    "gzip_bomb",    "drop",       "duplicate",    "swap",         "hold",
    "bad_checksum", "bad_level",  "extra_level",  "lost_zeros",   "renumber",
    "garble",       "extra_field", "text_numbers", "unknown_frame", "raw",
    "close",        "cut",        "mute",         "refuse"};

// On the venue itself.
constexpr std::array<std::string_view, 31> venue_actions{
    "system",     "pair_status", "rules",         "pieces",     "hide_next", "lose_child",
    "late_child", "read_lag",    "cancel_delay",  "venue_cancel", "vanish",  "fill",
    "late_fill",  "bust",        "correct",       "deposit",    "order",     "cancel",
    "revoke_key", "permissions", "nonce",         "expire_tokens", "skew",   "switch",
    "rate_limit", "ban",         "flap",          "disconnect", "gap",       "crash",
    "print"};

// Nothing ends these but a person.
constexpr std::array<std::string_view, 2> lasting_actions{"revoke_key", "permissions"};

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

}  // namespace

bool is_venue_action(std::string_view name) {
  return std::find(venue_actions.begin(), venue_actions.end(), name) != venue_actions.end();
}

bool is_fault_action(std::string_view name) {
  return is_venue_action(name) || std::find(message_actions.begin(), message_actions.end(), name) !=
                                      message_actions.end();
}

std::vector<std::string_view> fault_actions() {
  std::vector<std::string_view> out(message_actions.begin(), message_actions.end());
  out.insert(out.end(), venue_actions.begin(), venue_actions.end());
  return out;
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

std::size_t FaultPlan::remove(std::string_view action) {
  return std::erase_if(rules_, [&](const FaultRule& one) { return one.action == action; });
}

bool FaultPlan::needs_person() const {
  return std::any_of(rules_.begin(), rules_.end(), [](const FaultRule& one) {
    return !one.arguments.flag("undo") &&
           std::find(lasting_actions.begin(), lasting_actions.end(), one.action) !=
               lasting_actions.end();
  });
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
