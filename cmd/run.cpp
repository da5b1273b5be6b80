// `aitrade run`: the daemon that watches the market and trades.

#include <CLI/CLI.hpp>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/daemon.h"

namespace aitrade::cli {

void add_run(CommandList& commands) {
  auto [app, options] = commands.add<RunOptions>(
      {.name = "run",
       .group = "live",
       .summary = "watch the market and trade",
       .examples = {"aitrade run", "aitrade run --demo", "aitrade run --tape btc_1m.csv.gz --speed 3600"},
       .details = "Starts paused if that is how it was left. Ctrl-C or SIGTERM stops cleanly, a second one "
                  "at once. --demo brings its own exchange with a synthetic market and opens the page for "
                  "reading on loopback; --tape plays recorded candles through the real protocol and ends "
                  "with them. Both keep their books apart, under data/demo, and begin anew each time."},
      run_daemon);
  app.add_flag("--demo", options.demo, "trade a synthetic market of a built-in exchange");
  app.add_option("--tape", options.tapes, "trade recorded candles: FILE or PAIR=FILE, one per pair");
  app.add_option("--speed", options.speed, "exchange seconds per second; 0 as fast as acknowledged")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--seed", options.seed, "seed of the synthetic market");
  app.add_option("--strategy", options.strategy, "run this strategy alone; its own vote is enough");
  app.add_flag("--paused", options.paused, "start paused");
  app.add_flag("--live", options.live, "trade with real money; wants app.mode = \"live\" and a vault as well. With --demo or --tape: a rehearsal");
  add_vault_options(app, options.vault);
}

}  // namespace aitrade::cli
