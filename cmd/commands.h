// The list of commands: one line here and one file cmd/NAME.cpp, and nothing else, make a command.
//
// To add `aitrade widget`:
//   1. cmd/widget.cpp defines `void add_widget(CommandList& commands)` in namespace aitrade::cli:
//
//        struct WidgetOptions { std::string file; bool dry_run{false}; };
//
//        Result<ExitCode> run_widget(const WidgetOptions& options, Context& context) { ... }
//
//        void add_widget(CommandList& commands) {
//          auto [app, options] = commands.add<WidgetOptions>(
//              {.name = "widget", .group = "data", .summary = "counts widgets",
//               .examples = {"aitrade widget a.csv"}, .details = ""}, run_widget);
//          app.add_option("FILE", options.file, "file to read, or - for stdin")->required();
//          app.add_flag("--dry-run", options.dry_run, "print the plan, change nothing");
//        }
//
//   2. a line X(widget) below (close-all is X(close_all)); the order is the order of the help;
//   3. widget.cpp in cmd/CMakeLists.txt, with the modules it links;
//   4. `cmake --build build/NAME --target regenerate` refreshes completions and the man page.
//
// Subcommands: `CLI::App& data = commands.group({...})`, then `commands.add_under<X>(data, {...},
// run)`.
// --home --config --set -q -v --color --json --format --yes are global: read them in
// context.global.
#pragma once

namespace aitrade::cli {

class CommandList;

// clang-format off
#define AITRADE_COMMANDS(X) \
  X(run)                    \
  X(status)                 \
  X(pause)                  \
  X(resume)                 \
  X(close_all)              \
  X(kill)                   \
  X(reconcile)              \
  X(reload)                 \
  X(logs)                   \
  X(why)                    \
  X(indicators)             \
  X(backtest)               \
  X(tune)                   \
  X(walkforward)            \
  X(train)                  \
  X(report)                 \
  X(replay)                 \
  X(parity)                 \
  X(audit)                  \
  X(health)                 \
  X(doctor)                 \
  X(init)                   \
  X(config)                 \
  X(db)                     \
  X(key)                    \
  X(tenant)                 \
  X(passwd)                 \
  X(export)                 \
  X(import)                 \
  X(data)                   \
  X(vault)                  \
  X(sim)                    \
  X(schema)                 \
  X(completion)             \
  X(man)                    \
  X(version)
// clang-format on

#define AITRADE_DECLARE_COMMAND(name) void add_##name(CommandList& commands);
AITRADE_COMMANDS(AITRADE_DECLARE_COMMAND)
#undef AITRADE_DECLARE_COMMAND

}  // namespace aitrade::cli
