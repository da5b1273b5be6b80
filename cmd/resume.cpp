// `aitrade resume`: the daemon may enter again. A stored pause without a daemon is lifted the same way.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/whose.h"

namespace aitrade::cli {
namespace {

struct ResumeOptions {
  std::string reason;
  Whose whose;
  bool clear_halt{false};
  bool dry_run{false};
};

Result<ExitCode> lift_stored_pause(const ResumeOptions& options, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  AITRADE_TRY_STATUS(make_directories(paths));
  PauseRequest request;
  request.paused = false;
  request.reason = options.reason;
  if (options.clear_halt) request.halted = false;
  request.actor = "local:" + std::to_string(::getuid());
  AITRADE_TRY(const std::vector<AccountBooks> books, books_of(*settings, options.whose));
  if (const Status stored = store_in(books, request); !stored) {
    if (stored.error().code != ErrorCode::rejected) return Error(stored.error());
    return report_failure(context, stored.error(), ExitCode::refused, "look at why; then aitrade resume --clear-halt");
  }
  if (context.global.json) {
    context.out << R"({"schema":"aitrade.control/1","status":"resumed","state":"stopped","paused":false})" << '\n';
  } else {
    context.out << "resumed: no daemon is running; the next `aitrade run` may enter\n";
  }
  return ExitCode::done;
}

Result<ExitCode> run_resume(const ResumeOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  if (options.dry_run) {
    context.out << "would resume: new entries are allowed again\n";
    return ExitCode::done;
  }
  const Daemon daemon{paths.socket().string(), ""};
  const auto reply = control_whose(daemon, options.whose, "resume", options.reason, {}, control_limit, options.clear_halt);
  if (!reply && reply.error().code == ErrorCode::not_found) {
    return lift_stored_pause(options, context);
  }
  if (!reply) return Error(reply.error());
  if (context.global.json) {
    context.out << *reply << '\n';
  } else {
    context.out << "resumed: new entries are allowed\n";
  }
  return is_partial(*reply) ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_resume(CommandList& commands) {
  auto [app, options] = commands.add<ResumeOptions>(
      {.name = "resume",
       .group = "live",
       .summary = "allow new entries again",
       .examples = {"aitrade resume", "aitrade resume --reason 'news is over'",
                    "aitrade resume --clear-halt --reason 'looked at it'"},
       .details = "After `aitrade kill` this is refused with exit 77 until --clear-halt is given, with a daemon or "
                  "without one. Of several engines all are meant, or those that --tenant and --account name; exit 3 "
                  "when one of them did not do it."},
      run_resume);
  add_whose(app, options.whose);
  app.add_option("--reason", options.reason, "why, for the record");
  app.add_flag("--clear-halt", options.clear_halt, "also after a kill: it may trade again");
  app.add_flag("--dry-run", options.dry_run, "say what would happen, change nothing");
}

}  // namespace aitrade::cli
