// `aitrade kill`: closes everything, ends the daemon, and latches: no later run enters until a person clears it.
//
// The daemon is asked first: it stops entries, closes, halts and ends by itself (operations.md 8.6). One that does
// not answer or does not end is ended by signals, and the latch is put into its ledger from here. Stops at a venue
// stay where they are: what is still held keeps its protection.

#include <rapidjson/document.h>

#include <csignal>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "cmd/whose.h"
#include "core/store/instance_lock.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade::cli {
namespace {

constexpr std::chrono::seconds term_limit{25};   // beyond app.shutdown_timeout_seconds as shipped
constexpr std::chrono::seconds death_limit{5};
constexpr milliseconds look_every{100};
constexpr milliseconds answer_limit{6'000};

struct KillOptions {
  std::string reason;
  Whose whose;
  bool dry_run{false};
  int wait_s{75};   // the daemon itself gives up on being flat after 60
};

/// What came of it.
struct Killed {
  bool had_daemon{false}, by_signal{false};
  bool goes_on{false};        // the daemon, for other engines
  bool is_confirmed{false};   // the daemon itself saw the end; else the ledger alone speaks
  std::size_t remaining{0};   // positions in the ledger
};

/// Waits until no process holds the lock. False when the time is over.
Result<bool> wait_until_gone(const Paths& paths, std::chrono::steady_clock::duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    AITRADE_TRY(const auto holder, lock_holder(paths.lock_file()));
    if (!holder) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(look_every);
  }
}

/// Ends a process that does not end by itself: politely, then at once. One that did not answer gets little time.
Status end_by_signal(const Paths& paths, long pid, bool has_answered) {
  const auto patience = has_answered ? term_limit : death_limit;
  for (const auto& [signal, limit] : {std::pair{SIGTERM, patience}, std::pair{SIGKILL, death_limit}}) {
    AITRADE_TRY(const auto holder, lock_holder(paths.lock_file()));
    if (!holder) return ok();
    if (holder->pid != pid || pid <= 1) break;
    ::kill(static_cast<pid_t>(pid), signal);
    AITRADE_TRY(const bool is_gone, wait_until_gone(paths, limit));
    if (is_gone) return ok();
  }
  return fail(ErrorCode::busy, "process " + std::to_string(pid) + " cannot be ended from here");
}

/// Makes sure that the ledgers hold the latch, whoever put it there, and counts what is still held. A daemon that
/// ended by itself has put it into its own books; those of a demo are not these.
Result<std::size_t> latch(const std::vector<AccountBooks>& books, const KillOptions& options, bool is_done) {
  PauseRequest request;
  request.halted = true;
  request.reason = options.reason.empty() ? "killed" : options.reason;
  request.actor = "local:" + std::to_string(::getuid());
  if (!is_done) AITRADE_TRY_STATUS(store_in(books, request));
  std::size_t held = 0;
  for (const AccountBooks& one : books) {
    std::error_code ignored;
    if (books.size() > 1 && !std::filesystem::exists(one.paths.trading_db(), ignored)) continue;   // it never ran here
    AITRADE_TRY(Database ledger, open_settled_reader(one.paths.lock_file(), one.paths.trading_db(), Profile::ledger, wall_now()));
    AITRADE_TRY(const auto rows, positions(ledger, one.tenant));
    held += rows.size();
  }
  return held;
}

/// Whether the engines that are meant are the only ones of the daemon: then it ends with them.
bool is_meant_all(const Daemon& daemon, const Whose& whose) {
  if (whose.is_anybody()) return true;
  const auto meant = running_engines(daemon, whose), all = running_engines(daemon, {});
  return meant && all && meant->size() == all->size();
}

/// Kills some engines of a daemon that goes on for the others. Nothing is ended by signals for it.
Result<Killed> kill_engines(const Paths& paths, const std::vector<AccountBooks>& books, const KillOptions& options) {
  const Daemon daemon{paths.socket().string(), ""};
  AITRADE_TRY_STATUS(control_whose(daemon, options.whose, "kill", options.reason, "KILL", answer_limit));
  Killed result;
  result.had_daemon = result.is_confirmed = result.goes_on = true;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{options.wait_s};
  while (true) {
    const auto engines = running_engines(daemon, options.whose);
    if (!engines) {   // the others were halted before: it has ended with these
      AITRADE_TRY(const bool is_gone, wait_until_gone(paths, term_limit));
      if (!is_gone) return Error(engines.error());
      result.goes_on = false;
      AITRADE_TRY(result.remaining, latch(books, options, true));
      return result;
    }
    result.remaining = 0;
    bool is_halted = true;
    for (const RunningEngine& one : *engines) {
      result.remaining += one.positions;
      is_halted = is_halted && one.is_halted;
    }
    if (is_halted && result.remaining == 0) return result;
    if (std::chrono::steady_clock::now() >= end) return result;
    std::this_thread::sleep_for(look_every);
  }
}

Result<Killed> kill_daemon(const Paths& paths, const std::vector<AccountBooks>& books, const KillOptions& options) {
  Killed result;
  AITRADE_TRY(const auto holder, lock_holder(paths.lock_file()));
  result.had_daemon = holder.has_value();
  bool has_obeyed = false;
  if (holder) {
    const Daemon daemon{paths.socket().string(), ""};
    if (!is_meant_all(daemon, options.whose)) return kill_engines(paths, books, options);
    const auto reply = control_whose(daemon, options.whose, "kill", options.reason, "KILL", answer_limit);
    has_obeyed = reply.has_value();
    const auto wait = std::chrono::seconds{reply ? options.wait_s : 0};   // no answer: no use in waiting
    AITRADE_TRY(const bool is_gone, wait_until_gone(paths, wait));
    result.by_signal = !is_gone;
    if (!is_gone) AITRADE_TRY_STATUS(end_by_signal(paths, holder->pid, reply.has_value()));
  }
  result.is_confirmed = has_obeyed && !result.by_signal;
  AITRADE_TRY(result.remaining, latch(books, options, result.is_confirmed));
  return result;
}

void tell(const Killed& killed, bool is_flat, Context& context) {
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.kill/1");
    json.field("status", is_flat ? "flat" : killed.remaining > 0 ? "not_flat" : "not_confirmed").field("halted", true);
    json.field("had_daemon", killed.had_daemon).field("by_signal", killed.by_signal);
    json.field("remaining", static_cast<std::uint64_t>(killed.remaining)).end_object();
    context.out << json.take() << '\n';
    return;
  }
  const std::string open = std::to_string(killed.remaining) + " position(s) are open";
  context.out << (!killed.had_daemon ? "no daemon was running"
                  : killed.goes_on   ? "the daemon goes on for other engines"
                  : killed.by_signal ? "the daemon did not end by itself and was ended by a signal"
                                     : "the daemon has ended")
              << "; " << (is_flat ? "nothing is open" : killed.remaining > 0 ? open : "nothing is open in the ledger")
              << "\nhalted: no later run enters anything until `aitrade resume --clear-halt`\n";
}

Result<ExitCode> run_kill(const KillOptions& options, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  AITRADE_TRY_STATUS(make_directories(paths));
  AITRADE_TRY(const std::vector<AccountBooks> books, books_of(*settings, options.whose));
  const std::string account = settings->config->app.mode == Mode::live ? "live" : "paper";   // as close-all calls it
  AITRADE_TRY(const auto holder, lock_holder(paths.lock_file()));
  if (options.dry_run) {
    context.out << (holder ? "would close every position, end process " + std::to_string(holder->pid) + " and halt\n"
                           : std::string("no daemon is running: would halt, so that the next run enters nothing\n"));
    return ExitCode::done;
  }
  const std::string question = "close everything, end the daemon and halt the account '" + account + "'";
  AITRADE_TRY(const bool is_confirmed, confirm(context, question, account));
  if (!is_confirmed) return ExitCode::negative;
  AITRADE_TRY(const Killed killed, kill_daemon(paths, books, options));
  // Real orders may have been filled that no ledger knows of: without the daemon's word only the exchange can say.
  const bool is_known = killed.is_confirmed || settings->config->app.mode != Mode::live;
  const bool is_flat = killed.remaining == 0 && is_known;
  tell(killed, is_flat, context);
  if (is_flat) return ExitCode::done;
  context.err << "aitrade: " << (killed.remaining > 0 ? "not flat" : "not confirmed by the exchange")
              << ": what rests there stays; `aitrade reconcile` shows it\n";
  return killed.had_daemon ? ExitCode::timed_out : ExitCode::negative;
}

}  // namespace

void add_kill(CommandList& commands) {
  auto [app, options] = commands.add<KillOptions>(
      {.name = "kill",
       .group = "live",
       .summary = "close everything, end the daemon, and keep every later run from entering",
       .examples = {"aitrade kill", "aitrade kill --yes --reason 'something is wrong'"},
       .details = "The daemon stops entries, closes all positions (60 seconds at most), halts and ends with status 0; one "
                  "that does not answer is ended by SIGTERM, then SIGKILL. The halt is stored, also where no daemon "
                  "runs: a later run manages what is held and enters nothing until `aitrade resume --clear-halt`. Stops "
                  "at the exchange are never taken off for it. Asks for the account name unless --yes is given. Exit 0 "
                  "when it has ended, is halted and nothing is open; 5 when the daemon has ended and positions remain; "
                  "3 when no daemon ran and positions remain, or live trading may have left some that the ledger "
                  "does not know: only a daemon that ends by itself confirms that the account is flat. With --tenant "
                  "or --account only those engines are closed and halted; a daemon with others goes on for them."},
      run_kill);
  add_whose(app, options.whose);
  app.add_option("--reason", options.reason, "why, for the record");
  app.add_option("--wait", options.wait_s, "seconds to wait for the daemon to end by itself")->check(CLI::Range(1, 3600));
  app.add_flag("--dry-run", options.dry_run, "say what would happen, change nothing");
}

}  // namespace aitrade::cli
