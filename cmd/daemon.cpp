#include "cmd/daemon.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <ostream>
#include <thread>
#include <unistd.h>
#include <utility>

#include "cmd/client.h"
#include "cmd/daemon_parts.h"
#include "cmd/output.h"
#include "cmd/preflight.h"
#include "cmd/readable.h"
#include "cmd/signals.h"
#include "cmd/supervisor.h"
#include "cmd/trade_log.h"
#include "cmd/vault_preflight.h"
#include "core/runtime/heartbeat.h"

namespace aitrade::cli {
namespace {

constexpr Duration loop_wait{milliseconds{50}};
constexpr Duration heartbeat_every{seconds{1}};    // cheap; health judges by monitoring.heartbeat_interval
constexpr Duration flush_limit{seconds{30}};
constexpr Duration reply_limit{seconds{10}};       // of orders on their way (reliability.md 9.3)
constexpr Duration kill_limit{seconds{60}};        // for being flat after a kill (operations.md 8.6)
constexpr double demo_speed = 60;
constexpr int sigint = 2;

/// Tells a person what runs and how to end it.
void greet(const DaemonParts& parts, const RunOptions& run, Context& context) {
  if (context.global.verbosity < 0 || !context.err_is_terminal) return;
  std::string text;   // written at once: the log has a thread of its own
  for (const Symbol& symbol : parts.market().symbols()) text += (text.empty() ? "trading " : ", ") + to_string(symbol);
  text += !parts.live ? " on paper" : run.demo || !run.tapes.empty() ? " live, as a rehearsal with made-up money" : " LIVE, WITH REAL MONEY";
  if (run.demo) text += "; the market is made up and runs " + shortest(run.speed) + " times as fast as a clock";
  text += "\nCtrl-C stops it; `aitrade status` and `aitrade pause` work from another terminal";
  if (!context.global.home.empty()) text += " with --home " + context.global.home;
  context.err << text + "\n" << std::flush;
}

/// How the loop ended.
struct Ending {
  int signal{0};              // 0: by itself
  bool tape_ended{false};
  bool killed{false};
  Status engine;              // what the engine thread returned
  bool stopped_in_time{true};
  std::future<Status> closing;  // of the journal; waits for it when it goes
};

/// The engine thread: runs until the mailbox closes, and tells how it went.
class EngineThread {
 public:
  explicit EngineThread(LiveRunner& runner)
      : future_(done_.get_future()), thread_([this, &runner] { done_.set_value(runner.run()); }) {}

  ~EngineThread() {
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] bool is_done() const {
    return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }

  [[nodiscard]] bool wait(std::chrono::steady_clock::time_point end) const {
    return future_.wait_until(end) == std::future_status::ready;
  }

  Status result() { return future_.get(); }

 private:
  std::promise<Status> done_;
  std::future<Status> future_;
  std::thread thread_;
};

/// What was last known of the venue.
struct VenueWatch {
  std::string blocked;
  bool was_refused{false}, was_clock_off{false};
};

void pause(DaemonParts& parts, const char* reason) {
  Event event;
  event.body = OperatorCommand{OperatorAction::pause, "system", reason};
  parts.runner->mailbox().push(std::move(event));
}

/// Tells the venue how its clock differs, and people when entries are held back there, and when no more. What needs
/// a person pauses as well, and waits for him when it is over (operations.md 8.5).
void look_after(DaemonParts& parts, VenueWatch& known) {
  if (!parts.live) return;
  parts.live->set_skew(parts.market().feed().health().skew);
  const kraken::VenueHealth health = parts.live->health();
  if (health.is_refused && !std::exchange(known.was_refused, true)) pause(parts, "exchange_auth");
  if (health.is_clock_off && !std::exchange(known.was_clock_off, true)) pause(parts, "clock_skew");
  known.was_refused = health.is_refused;
  known.was_clock_off = health.is_clock_off;
  parts.runner->show_held(health.blocked == kraken::entries_stopped ? "" : health.blocked);   // `status` says a pause itself
  parts.runner->show_latency(health.latency, parts.journal->health().flush);
  std::string& blocked = known.blocked;
  if (health.blocked == blocked) return;
  blocked = health.blocked;
  if (blocked.empty()) {
    parts.log.info("entries.permitted", {{"undecided", health.undecided}});
  } else {
    parts.log.warn("entries.held", {{"why", blocked}, {"undecided", health.undecided}});
  }
}

/// A kill ends the process when nothing is held any more, and at its limit in any case.
bool is_killed(const DaemonParts& parts, Time now) {
  const Time since{parts.killed_at.load()};
  return since.ns != 0 && (parts.board.read()->positions.empty() || now - since > kill_limit);
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

/// Waits for a reason to stop; meanwhile heartbeat, watchdog and ticks.
Ending watch(DaemonParts& parts, EngineThread& engine, StopSignals& signals, Supervisor& supervisor) {
  Ending ending;
  HeartbeatWriter heartbeat(parts.settings.paths.heartbeat());
  TradeLog trades(parts.log);
  Time next_beat;
  bool flushed = false;
  bool pause_sent = false;
  VenueWatch venue;
  while (!engine.is_done()) {
    if (const auto signal = signals.wait(loop_wait)) {
      if (*signal == SIGHUP) {
        reload(parts);
        continue;
      }
      ending.signal = *signal;
      break;
    }
    const Time now = wall_now();
    if (is_killed(parts, now)) {
      ending.killed = true;
      break;
    }
    if (now >= next_beat) {
      next_beat = now + heartbeat_every;
      const std::uint64_t progress = parts.runner->progress();
      const auto view = parts.board.read();
      static_cast<void>(heartbeat.beat(progress, view->state, now));
      trades.look(*view);
      look_after(parts, venue);
      supervisor.alive(progress, now);
      Event tick;
      tick.at = tick.when = parts.market().clock().now();
      tick.body = Tick{};
      if (parts.market().speed() > 0) parts.runner->mailbox().push(std::move(tick));
      if (!pause_sent && parts.journal->health().reserve_used) {
        pause_sent = true;   // the disk was full once: exits use the reserve, entries stop
        pause(parts, "disk_full");
      }
    }
    if (!flushed && parts.market().finished()) {
      flushed = true;
      if (const Status status = parts.market().feed().flush(flush_limit); !status) {
        parts.log.warn("tape.flush", {{"problem", status.error().what}});
      }
      ending.tape_ended = true;
      break;
    }
  }
  return ending;
}

/// Stops in order: no new market data, what waits is decided, everything is on disk.
void stop(DaemonParts& parts, EngineThread& engine, Ending& ending) {
  const auto end = std::chrono::steady_clock::now() +
                   seconds{parts.shutdown_seconds.load()};
  parts.runner->show_state("stopping");
  parts.market().feed().stop();
  if (parts.live) parts.live->stop(reply_limit);   // its last answers are still decided
  parts.runner->mailbox().close();
  ending.stopped_in_time = engine.wait(end);
  if (ending.stopped_in_time) {
    ending.engine = engine.result();
    ending.closing = std::async(std::launch::async, [&parts] { return parts.journal->close(); });
    ending.stopped_in_time = ending.closing.wait_until(end) == std::future_status::ready;
  }
  if (!ending.stopped_in_time) {
    parts.log.error("stop.timeout", {{"waiting", parts.runner->mailbox().size()},
                                     {"limit_s", parts.shutdown_seconds.load()}});
    return;
  }
  const Status closed = ending.closing.get();
  if (ending.engine && !closed) ending.engine = closed;
  parts.market().close();
  std::error_code ignored;
  std::filesystem::remove(parts.settings.paths.heartbeat(), ignored);
}

void summarize(const DaemonParts& parts, const Ending& ending, Context& context) {
  const auto view = parts.board.read();
  const char* why = ending.tape_ended ? "end of tape" : ending.killed ? "kill" : ending.signal != 0 ? "signal" : "failure";
  if (resolve_format(context, Format::json) != Format::table) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.run/1").field("run", view->run).field("ended", why);
    json.field("events", view->events).field("decisions", view->decisions);
    json.field("entries", view->entries).field("trades", view->trades);
    json.field("equity", to_string(view->equity)).field("cash", to_string(view->cash));
    json.field("currency", view->currency).field("state", parts.store_dir.string()).end_object();
    context.out << json.take() << '\n';
    return;
  }
  const std::size_t open = view->positions.size();
  context.out << (ending.tape_ended       ? "the tape has ended"
                  : ending.killed         ? "killed: it enters nothing any more until `aitrade resume --clear-halt`"
                  : ending.signal == sigint ? "stopped by Ctrl-C"
                  : ending.signal != 0      ? "stopped by a signal"
                                            : "ended by a failure")
              << " after " << readable_span(wall_now() - view->started_at) << "; everything is on disk\n"
              << "  equity   " << readable_money(view->equity) << ' ' << view->currency << " ("
              << (parts.begins_anew()
                      ? readable_change(view->equity - parts.settings.config->risk.initial_bankroll) + " since the start"
                      : readable_change(view->equity - view->day_start_equity) + " today")
              << ")\n"
              << "  trades   " << view->trades << " closed, " << (open == 0 ? "nothing" : std::to_string(open))
              << " open, of " << view->decisions << " decisions\n"
              << "  again    aitrade replay " << view->run
              << (context.global.home.empty() ? "" : " --home " + context.global.home) << '\n';
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
  EngineThread engine(*parts.runner);
  if (parts.live) parts.live->start();
  parts.market().feed().start([&parts](Event&& event) { parts.runner->mailbox().push(std::move(event)); });
  parts.runner->show_state("running");
  greet(parts, run, context);
  parts.log.info("run.started", {{"run", parts.run_id}, {"market", parts.market().name()}});

  supervisor.ready((parts.live ? "trading live over " : "trading on paper over ") + parts.market().name());
  Ending ending = watch(parts, engine, signals, supervisor);
  supervisor.stopping();
  if (ending.signal != 0) signals.next_one_kills();
  stop(parts, engine, ending);
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
