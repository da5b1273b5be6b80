// What trouble does a seed bring?

#include "exchanges/loopback/faults.h"

#include <array>
#include <string>
#include <utility>

namespace aitrade::loopback {
namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t span_seconds = 900;

constexpr std::array<std::string_view, 5> symptoms{"reset", "none", "silence", "truncated", "502"};
constexpr std::array<std::string_view, 7> spoilings{"empty",   "html",  "truncated", "type",
                                                    "missing", "extra", "garbage"};
constexpr std::array<std::string_view, 10> raw_kinds{
    "utf8",   "truncated", "oversized",  "reserved",  "masked",
    "opcode", "binary",    "ping_flood", "fragments", "continuation"};

FaultRule rule(std::string transport, std::string endpoint, std::string action,
               Arguments arguments) {
  FaultRule out;
  out.transport = std::move(transport);
  out.endpoint = std::move(endpoint);
  out.action = std::move(action);
  for (auto& [name, value] : arguments)
    out.arguments.set(std::move(name), std::move(value));
  return out;
}

class Drawing {
 public:
  Drawing(FaultPlan& plan, std::uint64_t seed)
      : plan_(plan), draw_(Random(seed).fork("plan")), is_hostile_(draw_.below(3) == 0) {}

  void all() {
    orders();
    answers();
    frames();
    sometimes_answers();
    sometimes_requests();
    sometimes_frames();
    sometimes_connections();
    moments();
    sometimes_market();
    sometimes_account();
  }

 private:
  std::string some(std::uint64_t bound) { return std::to_string(draw_.below(bound)); }

  std::string some_from(std::uint64_t least, std::uint64_t bound) {
    return std::to_string(least + draw_.below(bound));
  }

  template <std::size_t N>
  std::string one_of(const std::array<std::string_view, N>& list) {
    return std::string(list.at(draw_.below(N)));
  }

  bool happens(std::uint64_t one_in) { return draw_.below(one_in) == 0; }

  // A fault that may come again and again.
  void often(FaultRule made, std::int64_t per_mille) {
    made.per_mille = is_hostile_ ? per_mille * 4 : per_mille;
    made.repeat = -1;
    plan_.add(std::move(made));
  }

  // A fault that only one plan in four has, a few times.
  void rarely(FaultRule made, std::int64_t per_mille, std::int64_t repeat = 3) {
    const bool comes = happens(4);
    made.per_mille = per_mille;
    made.repeat = repeat;
    if (comes) plan_.add(std::move(made));
  }

  Duration moment() { return seconds{static_cast<std::int64_t>(draw_.below(span_seconds))}; }

  void at(Duration when, std::string action, Arguments arguments) {
    FaultRule made = rule("time", "", std::move(action), std::move(arguments));
    made.from = when;
    plan_.add(std::move(made));
  }

  // A fault of the venue that one plan in `one_in` has.
  void perhaps(std::uint64_t one_in, std::string action, Arguments arguments) {
    const Duration when = moment();
    if (happens(one_in)) at(when, std::move(action), std::move(arguments));
  }

  // A state that comes and goes.
  void phase(const std::string& action, const std::string& state) {
    const Duration from = seconds{static_cast<std::int64_t>(60 + draw_.below(600))};
    const Duration length = seconds{static_cast<std::int64_t>(5 + draw_.below(60))};
    at(from, action, {{"state", state}});
    at(from + length, action, {{"state", "online"}});
  }

  void orders() {
    const std::string symptom = one_of(symptoms);
    for (const char* transport : {"rest", "ws"}) {
      for (const char* endpoint : {"AddOrder", "AmendOrder", "CancelOrder", "add_order",
                                   "amend_order", "cancel_order"}) {
        if ((std::string_view(transport) == "ws") != (endpoint[0] >= 'a')) continue;
        often(rule(transport, endpoint, "lose_reply", {{"symptom", symptom}}), 20);
        often(rule(transport, endpoint, "lose_request", {{"symptom", symptom}}), 20);
        often(rule(transport, endpoint, "error",
                   {{"text", "EService:Busy"}, {"executed", some(2)}}),
              10);
      }
    }
    often(rule("rest", "AddOrder", "deliver_late", {{"ms", some_from(500, 20'000)}}), 10);
  }

  void answers() {
    often(rule("rest", "", "http", {{"status", "503"}, {"executed", some(2)}}), 5);
    often(rule("rest", "", "error", {{"text", "EAPI:Rate limit exceeded"}}), 3);
    often(rule("rest", "", "delay_reply", {{"ms", some(400)}}), 20);
  }

  void frames() {
    often(rule("frame", "executions", "drop", {}), 10);
    often(rule("frame", "executions", "duplicate", {}), 20);
    often(rule("frame", "executions", "swap", {}), 10);
    often(rule("frame", "book", "bad_checksum", {}), 3);
    often(rule("frame", "", "extra_field", {}), 5);
    often(rule("frame", "", "cut", {}), 1);
  }

  void sometimes_answers() {
    rarely(rule("rest", "", "malform", {{"kind", one_of(spoilings)}}), 10);
    rarely(rule("rest", "", "http", {{"status", "429"}, {"retry_after", some_from(1, 20)}}), 10);
    rarely(rule("rest", "", "http", {{"status", "403"}}), 10, 1);
    rarely(rule("rest", "", "error", {{"text", "EUnheard:Of"}, {"executed", some(2)}}), 10);
    rarely(rule("rest", "", "drip", {{"byte_ms", "2"}}), 10, 1);
    rarely(rule("rest", "", "oversize", {{"bytes", "40000000"}}), 5, 1);
    rarely(rule("rest", "", "gzip_bomb", {{"bytes", "60000000"}}), 5, 1);
  }

  void sometimes_requests() {
    rarely(rule("rest", "AddOrder", "duplicate_request", {}), 50);
    rarely(rule("ws", "add_order", "duplicate_request", {}), 50);
    rarely(rule("ws", "add_order", "deliver_late", {{"ms", some_from(500, 20'000)}}), 50);
    rarely(rule("ws", "", "delay_reply", {{"ms", some_from(1, 8000)}}), 50, 6);
    rarely(rule("ws", "", "malform", {{"kind", one_of(spoilings)}}), 20);
    rarely(rule("ws", "add_order", "cut", {{"executed", "1"}}), 50);
    rarely(rule("ws", "executions", "error", {{"text", "ESession:Invalid session"}}), 500, 2);
  }

  void sometimes_frames() {
    rarely(rule("frame", "executions", "hold", {{"ms", some_from(1000, 60'000)}}), 20, 1);
    rarely(rule("frame", "", "mute", {{"ms", some_from(5000, 60'000)}, {"deaf", some(2)}}), 5, 1);
    rarely(rule("frame", "executions", "renumber", {{"by", some_from(1, 9)}}), 20);
    rarely(rule("frame", "executions", "garble", {}), 20);
    rarely(rule("frame", "executions", "text_numbers", {}), 50);
    rarely(rule("frame", "", "unknown_frame", {}), 20);
    rarely(rule("frame", "", "raw", {{"kind", one_of(raw_kinds)}}), 10, 2);
    rarely(rule("frame", "", "close", {}), 5, 2);
    rarely(rule("frame", "book", "bad_level", {}), 10);
    rarely(rule("frame", "book", "extra_level", {}), 10);
    rarely(rule("frame", "book", "lost_zeros", {}), 500, -1);
    FaultRule snapshot = rule("frame", "executions", happens(2) ? "drop" : "swap", {});
    snapshot.contains = "\"type\":\"snapshot\"";
    rarely(std::move(snapshot), 300, 2);
    FaultRule fill = rule("frame", "executions", "drop", {});
    fill.contains = "\"exec_type\":\"trade\"";
    rarely(std::move(fill), 100, 4);
  }

  void sometimes_connections() {
    rarely(rule("connect", "", "refuse", {{"status", "503"}}), 300, 5);
    perhaps(6, "flap", {{"ms", some_from(10'000, 60'000)}, {"after_ms", "1000"}});
  }

  void moments() {
    at(moment(), "pieces", {{"count", some_from(1, 6)}});
    at(moment(), "read_lag", {{"ms", some(5000)}});
    at(moment(), "cancel_delay", {{"ms", some(2000)}});
    at(moment(), "disconnect", {});
    at(moment(), "expire_tokens", {});
    phase("system", happens(2) ? "cancel_only" : "maintenance");
    if (happens(4)) phase("system", "post_only");
    if (happens(4)) phase("pair_status", happens(2) ? "cancel_only" : "limit_only");
    perhaps(4, "read_lag", {{"ms", some_from(60'000, 30'000)}});
    perhaps(4, "rate_limit", {{"ms", some_from(1000, 20'000)}});
    perhaps(6, "ban", {{"ms", some_from(1000, 60'000)}, {"status", "429"}});
    perhaps(4, "skew", {{"ms", happens(2) ? "-10000" : "10000"}});
    perhaps(8, "nonce", {{"by", some_from(1, 1'000'000)}});
    perhaps(60, "revoke_key", {});
    perhaps(60, "permissions", {{"list", "query-funds,query-open-trades,create-ws-token"}});
  }

  void sometimes_market() {
    perhaps(4, "gap", {{"per_mille", happens(2) ? "-80" : "80"}});
    perhaps(4, "crash", {{"per_mille", happens(4) ? "600" : "-350"}, {"ms", "90000"}});
    perhaps(4, "print", {{"per_mille", happens(2) ? "-200" : "200"}});
    perhaps(8, "rules", {{"minimum_times", some_from(2, 3)}, {"tick_times", "10"}});
  }

  void sometimes_account() {
    perhaps(3, "hide_next", {{"ms", some_from(1000, 60'000)}});
    perhaps(4, "lose_child", {});
    perhaps(4, "late_child", {{"ms", some_from(500, 20'000)}});
    perhaps(4, "venue_cancel", {});
    perhaps(6, "vanish", {});
    perhaps(4, "fill", {});
    perhaps(4, "late_fill", {});
    perhaps(8, "bust", {});
    perhaps(8, "correct", {{"per_mille", "-1"}});
    perhaps(4, "deposit", {{"amount", some_from(1, 500)}});
    perhaps(6, "order", {{"ordertype", "market"}, {"type", "buy"}, {"volume", "0.001"}});
    perhaps(6, "cancel", {});
    perhaps(6, "switch", {{"ms", "1"}});
  }

  FaultPlan& plan_;
  Random draw_;
  bool is_hostile_;
};

}  // namespace

FaultPlan FaultPlan::from_seed(std::uint64_t seed) {
  FaultPlan plan(seed);
  Drawing(plan, seed).all();
  return plan;
}

}  // namespace aitrade::loopback
