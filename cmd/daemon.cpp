#include "cmd/daemon.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <ostream>
#include <set>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cmd/client.h"
#include "cmd/daemon_parts.h"
#include "cmd/output.h"
#include "cmd/preflight.h"
#include "cmd/readable.h"
#include "cmd/signals.h"
#include "cmd/supervisor.h"
#include "cmd/tenant_watch.h"
#include "cmd/unit_watch.h"
#include "cmd/vault_preflight.h"
#include "core/runtime/heartbeat.h"

namespace aitrade::cli {
namespace {

constexpr Duration loop_wait{milliseconds{50}};
constexpr Duration heartbeat_every{seconds{1}};    // cheap; health judges by monitoring.heartbeat_interval
constexpr Duration flush_limit{seconds{30}};
constexpr Duration reply_limit{seconds{10}};       // of orders on their way (reliability.md 9.3)
constexpr double demo_speed = 60;
constexpr int sigint = 2;

bool trades_live(const DaemonParts& parts) {
  return std::any_of(parts.units.begin(), parts.units.end(), [](const auto& unit) { return unit->live != nullptr; });
}

/// Tells a person what runs and how to end it.
void greet(const DaemonParts& parts, const RunOptions& run, Context& context) {
  if (context.global.verbosity < 0 || !context.err_is_terminal) return;
  std::string text;   // written at once: the log has a thread of its own
  for (const Symbol& symbol : parts.market().symbols()) text += (text.empty() ? "trading " : ", ") + to_string(symbol);
  text += !trades_live(parts) ? " on paper" : run.demo || !run.tapes.empty() ? " live, as a rehearsal with made-up money" : " LIVE, WITH REAL MONEY";
  if (run.demo) text += "; the market is made up and runs " + shortest(run.speed) + " times as fast as a clock";
  if (parts.units.size() > 1) text += "\n" + std::to_string(parts.units.size()) + " accounts, an engine each";
  text += "\nCtrl-C stops it; `aitrade status` and `aitrade pause` work from another terminal";
  if (!context.global.home.empty()) text += " with --home " + context.global.home;
  context.err << text + "\n" << std::flush;
}

/// Tells the log what runs.
void announce(const DaemonParts& parts) {
  if (parts.units.size() == 1) {
    return parts.log.info("run.started", {{"run", parts.run_id}, {"market", parts.market().name()}});
  }
  for (const auto& unit : parts.units) {
    if (unit->failure().empty()) unit->log.info("engine.started", {{"run", unit->place.run_id}});
  }
  parts.log.info("run.started", {{"run", parts.run_id}, {"market", parts.market().name()},
                                 {"engines", parts.units.size()}});
}

/// How the loop ended.
struct Ending {
  int signal{0};              // 0: by itself
  bool tape_ended{false};
  bool killed{false};
  Status engine;              // what the engines came to: fine unless all failed
  std::size_t fine{0};        // engines that ended well
  bool stopped_in_time{true};
  std::vector<std::future<Status>> closing;   // of the journals; wait for them when they go
};

using Watches = std::vector<std::unique_ptr<UnitWatch>>;

/// The process ends once every engine is over, if a kill was asked for: of one of several it goes on for the others.
bool is_killed(const Watches& watches, Time now) {
  bool is_any = false, is_all = true;
  for (const auto& watch : watches) {
    is_any = is_any || watch->is_killed(now);
    is_all = is_all && watch->is_over(now);
  }
  return is_any && is_all;
}

/// One word for all: what they agree on, or the liveliest.
std::string common_state(const DaemonParts& parts) {
  std::set<std::string> states;
  for (const auto& unit : parts.units) states.insert(unit->board.read()->state);
  for (const char* state : {"running", "paused", "warming", "initializing", "stopping", "halted"}) {
    if (states.contains(state)) return state;
  }
  return *states.begin();
}

/// SIGHUP: the files are read again; what is wrong with them is told, and nothing changes then.
void reload(DaemonParts& parts) {
  if (const auto model = parts.take_model("signal"); !model) {
    parts.log.error("model.failed", {{"problem", model.error().what}});
  }
  const auto outcome = parts.settings_desk->reload("signal");
  if (!outcome) return parts.log.error("reload.failed", {{"problem", outcome.error().what}});
  for (const auto& [path, message] : outcome->faults) {
    parts.log.error("reload.refused", {{"key", path}, {"problem", message}});
  }
  if (!outcome->faults.empty()) return;
  parts.log.info("reload", {{"changed", outcome->is_changed}});
  if (!outcome->is_changed) return;
  parts.gatekeeper->audit({{}, "signal", "settings_reloaded", "", ""}, {wall_now(), Time{}});
}

/// Tells every engine whether its tenant may trade.
class Tenants {
 public:
  Tenants(const DaemonParts& parts, const Watches& watches)
      : watches_(watches), log_(parts.log),
        rows_(parts.settings.paths.access_db(), hours{24 * parts.settings.config->billing.grace_days_past_due}) {
    for (const auto& unit : parts.units) has_any_ = has_any_ || unit->place.tenant != TenantId{};
  }

  void look(Time now) {
    if (!has_any_) return;   // the owner of the daemon always may
    const Status read = rows_.look();
    if (!read && !was_unreadable_) log_.warn("tenants.unreadable", {{"problem", read.error().what}});
    was_unreadable_ = !read;
    for (const auto& watch : watches_) {
      if (!watch->is_done()) watch->hold(rows_.why_held(watch->unit().place.tenant, now));
    }
  }

 private:
  const Watches& watches_;
  Log log_;
  TenantWatch rows_;
  bool has_any_{false}, was_unreadable_{false};
};

/// What is due every second: heartbeat, watchdog, and what each engine needs.
class Upkeep {
 public:
  Upkeep(DaemonParts& parts, const Watches& watches, Tenants& tenants, Supervisor& supervisor)
      : parts_(parts), watches_(watches), tenants_(tenants), supervisor_(supervisor), heartbeat_(parts.settings.paths.heartbeat()) {}

  void beat(Time now) {
    if (now < next_) return;
    next_ = now + heartbeat_every;
    std::vector<std::pair<std::size_t, std::uint64_t>> progress;
    for (std::size_t i = 0; i < watches_.size(); ++i) {
      if (watches_[i]->is_done()) {
        watches_[i]->let_go();
      } else {
        progress.emplace_back(i, watches_[i]->unit().runner->progress());
      }
    }
    const std::uint64_t pulse = pulse_.beat(progress);
    static_cast<void>(heartbeat_.beat(pulse, common_state(parts_), now, engines()));
    for (const auto& watch : watches_) {
      if (!watch->is_done()) watch->beat();
    }
    tenants_.look(now);
    supervisor_.alive(pulse, now);
  }

 private:
  [[nodiscard]] std::vector<Heartbeat::Engine> engines() const {
    std::vector<Heartbeat::Engine> list;
    if (parts_.units.size() == 1) return list;
    for (const auto& unit : parts_.units) {
      list.push_back({unit->place.tenant.name, unit->place.account, unit->board.read()->state});
    }
    return list;
  }

  DaemonParts& parts_;
  const Watches& watches_;
  Tenants& tenants_;
  Supervisor& supervisor_;
  HeartbeatWriter heartbeat_;
  Pulse pulse_;
  Time next_;
};

/// Waits for a reason to stop.
Ending watch(DaemonParts& parts, const Watches& watches, Tenants& tenants, StopSignals& signals,
             Supervisor& supervisor) {
  Ending ending;
  Upkeep upkeep(parts, watches, tenants, supervisor);
  const auto is_done = [](const auto& watch) { return watch->is_done(); };
  while (!std::all_of(watches.begin(), watches.end(), is_done)) {
    if (const auto signal = signals.wait(loop_wait)) {
      if (*signal == SIGHUP) {
        reload(parts);
        continue;
      }
      ending.signal = *signal;
      break;
    }
    const Time now = wall_now();
    if (is_killed(watches, now)) {
      ending.killed = true;
      break;
    }
    upkeep.beat(now);
    if (parts.market().finished()) {
      if (const Status status = parts.market().feed().flush(flush_limit); !status) {
        parts.log.warn("tape.flush", {{"problem", status.error().what}});
      }
      ending.tape_ended = true;
      break;
    }
  }
  return ending;
}

/// Ends one engine once nothing more comes to it: what waits is decided, everything is on disk. False: not in time.
bool finish(UnitWatch& watch, std::chrono::steady_clock::time_point end, Ending& ending) {
  if (!watch.wait(end)) return false;
  Status ended = watch.result();
  if (watch.unit().journal) {
    ending.closing.push_back(std::async(std::launch::async, [&unit = watch.unit()] { return unit.journal->close(); }));
    if (ending.closing.back().wait_until(end) != std::future_status::ready) return false;
    const Status closed = ending.closing.back().get();
    if (ended && !closed) ended = closed;
  }
  if (ended) ++ending.fine;
  if (!ended && ending.engine) ending.engine = std::move(ended);
  return true;
}

/// Stops in order: no new market data, what waits is decided, everything is on disk.
void stop(DaemonParts& parts, const Watches& watches, Ending& ending) {
  const auto end = std::chrono::steady_clock::now() +
                   seconds{parts.shutdown_seconds.load()};
  for (const auto& watch : watches) {
    if (!watch->is_done()) watch->unit().runner->show_state("stopping");
  }
  parts.market().feed().stop();
  for (const auto& watch : watches) {
    if (watch->unit().live) watch->unit().live->stop(reply_limit);   // its last answers are still decided
    if (watch->unit().runner) watch->unit().runner->mailbox().close();
  }
  for (const auto& watch : watches) {
    ending.stopped_in_time = finish(*watch, end, ending) && ending.stopped_in_time;
  }
  if (!ending.stopped_in_time) {
    std::size_t waiting = 0;
    for (const auto& unit : parts.units) waiting += unit->runner ? unit->runner->mailbox().size() : 0;
    parts.log.error("stop.timeout", {{"waiting", waiting}, {"limit_s", parts.shutdown_seconds.load()}});
    return;
  }
  if (ending.fine > 0) ending.engine = ok();   // one that failed was told when it did
  parts.market().close();
  std::error_code ignored;
  std::filesystem::remove(parts.settings.paths.heartbeat(), ignored);
}

/// What the engines came to together: accounts of one daemon share their currency.
struct Totals {
  std::uint64_t events{0}, decisions{0}, entries{0}, trades{0};
  std::size_t open{0};
  Money equity, cash, change;
};

Totals totals_of(const DaemonParts& parts) {
  Totals sum;
  for (const auto& unit : parts.units) {
    const auto view = unit->board.read();
    sum.events += view->events;
    sum.decisions += view->decisions;
    sum.entries += view->entries;
    sum.trades += view->trades;
    sum.open += view->positions.size();
    sum.equity += view->equity;
    sum.cash += view->cash;
    sum.change += view->equity - (parts.begins_anew() ? unit->settings.config->risk.initial_bankroll : view->day_start_equity);
  }
  return sum;
}

void write_summary(const DaemonParts& parts, const Totals& sum, const char* why, Context& context) {
  const auto view = parts.units.front()->board.read();
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.run/1").field("run", parts.run_id).field("ended", why);
  json.field("events", sum.events).field("decisions", sum.decisions);
  json.field("entries", sum.entries).field("trades", sum.trades);
  json.field("equity", to_string(sum.equity)).field("cash", to_string(sum.cash));
  json.field("currency", view->currency).field("state", parts.store_dir.string());
  if (parts.units.size() > 1) {
    json.key("engines").begin_array();
    for (const auto& unit : parts.units) {
      const auto one = unit->board.read();
      json.begin_object().field("tenant", unit->place.tenant.name).field("account", unit->place.account);
      json.field("run", unit->place.run_id).field("state", unit->failure().empty() ? "stopped" : "failed");
      json.field("trades", one->trades).field("equity", to_string(one->equity)).end_object();
    }
    json.end_array();
  }
  json.end_object();
  context.out << json.take() << '\n';
}

void summarize(const DaemonParts& parts, const Ending& ending, Context& context) {
  const char* why = ending.tape_ended ? "end of tape" : ending.killed ? "kill" : ending.signal != 0 ? "signal" : "failure";
  const Totals sum = totals_of(parts);
  if (resolve_format(context, Format::json) != Format::table) return write_summary(parts, sum, why, context);
  const auto view = parts.units.front()->board.read();
  const std::string home = context.global.home.empty() ? "" : " --home " + context.global.home;
  context.out << (ending.tape_ended       ? "the tape has ended"
                  : ending.killed         ? "killed: it enters nothing any more until `aitrade resume --clear-halt`"
                  : ending.signal == sigint ? "stopped by Ctrl-C"
                  : ending.signal != 0      ? "stopped by a signal"
                                            : "ended by a failure")
              << " after " << readable_span(wall_now() - view->started_at) << "; everything is on disk\n"
              << "  equity   " << readable_money(sum.equity) << ' ' << view->currency << " ("
              << readable_change(sum.change) << (parts.begins_anew() ? " since the start" : " today") << ")\n"
              << "  trades   " << sum.trades << " closed, " << (sum.open == 0 ? "nothing" : std::to_string(sum.open))
              << " open, of " << sum.decisions << " decisions\n";
  for (const auto& unit : parts.units) {
    context.out << "  again    aitrade replay " << unit->place.run_id << home << '\n';
  }
}

ExitCode exit_of(const Ending& ending) {
  if (ending.signal == 0) return ExitCode::done;
  return ending.signal == sigint ? ExitCode::interrupted : ExitCode::terminated;
}

}  // namespace

Result<ExitCode> run_daemon(const RunOptions& options, Context& context) {
  RunOptions run = options;
  if (run.demo && !run.tapes.empty()) {
    return report_failure(context, fail(ErrorCode::invalid, "--demo and --tape exclude each other"),
                          ExitCode::usage);
  }
  if (run.speed < 0) run.speed = run.demo ? demo_speed : 1;
  auto keys = take_bootstrap_keys();   // before any thread
  if (!keys) return report_failure(context, keys.error(), ExitCode::unsafe);
  StopSignals signals(StopSignals::Also::reload);  // before any thread
  auto settings = load_run_settings(run, context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const bool is_rehearsal = run.live && (run.demo || !run.tapes.empty());   // its own exchange, made-up money
  const bool says_live = settings->config->app.mode == Mode::live;
  const bool is_live = !is_rehearsal && (run.live || says_live);
  if (is_live && !(run.live && says_live)) {
    return report_failure(context,
                          fail(ErrorCode::unsupported, run.live ? "--live without app.mode = \"live\": refused"
                                                                : "app.mode is live, and --live was not given: refused"),
                          ExitCode::unsafe, "real money wants both, and a vault that opens; --demo --live rehearses");
  }
  if (is_live) {
    const auto checks = preflight(*settings, true);
    if (const Preflight* against = forbids_start(checks)) {
      return report_failure(context, fail(ErrorCode::unsupported, "live trading: " + against->detail), ExitCode::unsafe,
                            against->remedy);
    }
  } else if (const auto finding = vault_finding(*settings, false); finding && context.global.verbosity >= 0) {
    context.err << "aitrade: warning: " << finding->what << '\n';
  }
  auto started = DaemonParts::start(run, std::move(*settings), std::move(*keys), context);
  if (!started) return report_failure(context, started.error(), start_exit_code(started.error()));
  DaemonParts& parts = **started;

  Supervisor supervisor(process_environment(), ::getpid());
  Watches engines;
  for (const auto& unit : parts.units) {
    engines.push_back(std::make_unique<UnitWatch>(*unit, parts.market(), *parts.fan));
    if (unit->live) unit->live->start();
  }
  Tenants tenants(parts, engines);
  tenants.look(wall_now());   // before the market comes to anybody
  parts.fan->start();
  for (const auto& unit : parts.units) {
    if (unit->runner) unit->runner->show_state("running");
  }
  greet(parts, run, context);
  announce(parts);

  supervisor.ready((trades_live(parts) ? "trading live over " : "trading on paper over ") + parts.market().name());
  Ending ending = watch(parts, engines, tenants, signals, supervisor);
  supervisor.stopping();
  if (ending.signal != 0) signals.next_one_kills();
  stop(parts, engines, ending);
  if (!ending.stopped_in_time) {
    parts.log.close();
    context.err << "aitrade: not stopped within the limit; what was pending is settled at the next start\n";
    context.err.flush();
    _exit(static_cast<int>(ExitCode::failed));  // the engine thread cannot be joined
  }
  parts.log.info("run.ended", {{"run", parts.run_id}, {"ok", ending.engine.has_value()}});
  if (!ending.engine) {
    return report_failure(context, ending.engine.error(), start_exit_code(ending.engine.error()));
  }
  summarize(parts, ending, context);
  return exit_of(ending);
}

}  // namespace aitrade::cli
