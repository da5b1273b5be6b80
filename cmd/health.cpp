// `aitrade health`: is there a daemon, does its engine move, does it answer? (decision 4)
//
// Trusts nobody's goodwill: first the lock, which the kernel keeps; then the heartbeat file, which
// carries the engine's progress; only then the socket, with a short limit. Needs nothing but the binary.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/runtime/heartbeat.h"
#include "core/store/instance_lock.h"

namespace aitrade::cli {
namespace {

struct HealthOptions {
  int max_age_s{60};
  std::string label;
  std::string url;
};

struct Check {
  std::string name;
  bool ok{false};
  std::string detail;
};

struct Health {
  std::string status{"ok"};  // ok, degraded, down
  ExitCode exit{ExitCode::done};
  double uptime_s{0};
  std::vector<Check> checks;
  std::vector<std::string> reasons;

  void add(std::string name, std::string detail) {
    checks.push_back({std::move(name), true, std::move(detail)});
  }

  void worsen(const char* to, std::string name, std::string detail, std::string reason) {
    if (status != "down") status = to;
    if (exit == ExitCode::done) exit = ExitCode::negative;
    checks.push_back({std::move(name), false, std::move(detail)});
    reasons.push_back(std::move(reason));
  }
};

std::string seconds_text(Duration age) {
  return std::to_string(std::chrono::duration_cast<seconds>(age).count()) + " s";
}

/// Returns false when nobody runs, so that nothing else need be asked.
bool check_lock(const Paths& paths, Health& health) {
  const auto holder = lock_holder(paths.lock_file());
  if (!holder) {
    health.worsen("down", "lock", holder.error().what, "lock_unreadable");
    return false;
  }
  if (!*holder) {
    health.worsen("down", "lock", "no daemon holds the lock", "no_daemon");
    health.exit = ExitCode::not_found;
    return false;
  }
  health.add("lock", "held by pid " + std::to_string((*holder)->pid));
  if (const auto started = parse_time((*holder)->started)) {
    health.uptime_s = static_cast<double>((wall_now() - *started).count() / 1'000'000) / 1e3;
  }
  return true;
}

void check_heartbeat(const Paths& paths, Duration max_age, Health& health) {
  const auto beat = read_heartbeat(paths.heartbeat());
  if (!beat) {
    health.worsen("down", "heartbeat", beat.error().what, "no_heartbeat");
    return;
  }
  const Duration age = wall_now() - beat->now;
  if (age > max_age) {
    health.worsen("down", "heartbeat", "last written " + seconds_text(age) + " ago", "heartbeat_old");
  } else if (beat->stalled() > max_age) {
    health.worsen("down", "engine", "no turn for " + seconds_text(beat->stalled()), "engine_stalled");
  } else {
    health.add("heartbeat", beat->state + ", written " + seconds_text(std::max(age, Duration{0})) +
                                " ago, progress " + std::to_string(beat->progress));
    if (beat->state == "halted") health.worsen("degraded", "state", "trading is halted", "halted");
    for (const Heartbeat::Engine& engine : beat->engines) {
      const std::string name = "engine " + engine.tenant + "/" + engine.account;
      if (engine.state == "failed") health.worsen("degraded", name, "failed; the log says why", "engine_failed");
      if (engine.state == "halted" && beat->state != "halted") health.worsen("degraded", name, "halted", "engine_halted");
    }
  }
}

void check_api(const Daemon& daemon, Health& health) {
  constexpr milliseconds limit{2'000};
  const auto alive = call(daemon, "GET", "/api/v1/health", {}, limit);
  if (!alive || alive->status != 200) {
    health.worsen("down", "api",
                  alive ? "answered with status " + std::to_string(alive->status)
                        : alive.error().what,
                  "api_silent");
    return;
  }
  health.add("api", "answers");
  const auto ready = call(daemon, "GET", "/api/v1/ready", {}, limit);
  if (ready && ready->status == 200) {
    health.add("ready", "takes entries");
  } else {
    health.worsen("degraded", "ready", ready ? ready->body : ready.error().what, "not_ready");
  }
}

std::string host_name(const std::string& label) {
  if (!label.empty()) return label;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

void print(const Health& health, const std::string& host, Context& context) {
  if (resolve_format(context, Format::json) != Format::json) {
    context.out << health.status << "  " << host << '\n';
    for (const Check& check : health.checks) {
      context.out << (check.ok ? "  ok    " : "  FAIL  ") << check.name << ": " << check.detail << '\n';
    }
    return;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.health/1").field("status", health.status);
  json.field("host", host).field("uptime_s", health.uptime_s).key("checks").begin_array();
  for (const Check& check : health.checks) {
    json.begin_object().field("name", check.name).field("ok", check.ok);
    json.field("detail", check.detail).end_object();
  }
  json.end_array().key("reasons").begin_array();
  for (const std::string& reason : health.reasons) json.string(reason);
  json.end_array().end_object();
  context.out << json.take() << '\n';
}

Result<ExitCode> run_health(const HealthOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  Health health;
  if (!options.url.empty()) {
    check_api({"", options.url}, health);
  } else if (check_lock(paths, health)) {
    check_heartbeat(paths, seconds{options.max_age_s}, health);
    check_api({paths.socket().string(), ""}, health);
  }
  print(health, host_name(options.label), context);
  return health.exit;
}

}  // namespace

void add_health(CommandList& commands) {
  auto [app, options] = commands.add<HealthOptions>(
      {.name = "health",
       .group = "operations",
       .summary = "say whether the daemon is well: 0 healthy, 3 degraded or down, 4 no daemon",
       .examples = {"aitrade health", "aitrade health --json | jq -r .status"},
       .details = "Looks at the lock, then at the heartbeat of the engine loop, then asks the socket "
                  "with a limit of two seconds. Needs no configuration, key or environment. With "
                  "--json: status, host, uptime_s, checks, reasons."},
      run_health);
  app.add_option("--max-age", options.max_age_s, "seconds after which a heartbeat is old")
      ->check(CLI::Range(1, 86400));
  app.add_option("--label", options.label, "name to report instead of the host's");
  app.add_option("--url", options.url, "ask a daemon elsewhere over HTTP only");
}

}  // namespace aitrade::cli
