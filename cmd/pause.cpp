// `aitrade pause`: no new entries from now on; stops and exits keep working.
//
// With a daemon, its API; without one the flag is stored under the data lock and the next run honours
// it before anything else (decision 3).

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

struct PauseOptions {
  std::string reason;
  Whose whose;
  bool dry_run{false};
};

Result<ExitCode> store_for_next_run(const PauseOptions& options, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  AITRADE_TRY_STATUS(make_directories(paths));
  PauseRequest request;
  request.reason = options.reason;
  request.actor = "local:" + std::to_string(::getuid());
  AITRADE_TRY(const std::vector<AccountBooks> books, books_of(*settings, options.whose));
  AITRADE_TRY_STATUS(store_in(books, request));
  if (context.global.json) {
    context.out << R"({"schema":"aitrade.control/1","status":"paused","state":"stopped","paused":true})" << '\n';
  } else {
    context.out << "paused: no daemon is running; the next `aitrade run` starts paused\n";
  }
  return ExitCode::done;
}

Result<ExitCode> run_pause(const PauseOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  if (options.dry_run) {
    context.out << "would pause: no new entries; stops and exits keep working\n";
    return ExitCode::done;
  }
  const auto reply = control_whose({paths.socket().string(), ""}, options.whose, "pause", options.reason);
  if (!reply && reply.error().code == ErrorCode::not_found) {
    return store_for_next_run(options, context);
  }
  if (!reply) return Error(reply.error());
  if (context.global.json) {
    context.out << *reply << '\n';
  } else {
    context.out << "paused: no new entries; stops and exits keep working\n";
  }
  return is_partial(*reply) ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_pause(CommandList& commands) {
  auto [app, options] = commands.add<PauseOptions>(
      {.name = "pause",
       .group = "live",
       .summary = "stop new entries; exits keep working",
       .examples = {"aitrade pause", "aitrade pause --reason 'news at 14:30'"},
       .details = "Survives a crash and a restart. Works without a daemon, too: the flag is stored and "
                  "the next run starts paused. Of several engines all are meant, or those that --tenant and --account "
                  "name; exit 3 when one of them did not do it."},
      run_pause);
  add_whose(app, options.whose);
  app.add_option("--reason", options.reason, "why, for the record");
  app.add_flag("--dry-run", options.dry_run, "say what would happen, change nothing");
}

}  // namespace aitrade::cli
