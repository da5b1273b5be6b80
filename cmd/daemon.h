// `aitrade run`: start is recovery, then the live loop, then a clean stop.
//
// Threads: the engine (session and engine), the feed's, the server's, the journal's writer and this
// one, which waits for signals, writes the heartbeat and ends everything in order. Nothing here decides
// a trade.
#pragma once

#include <string>

#include "cmd/compose.h"
#include "cmd/market_link.h"
#include "cmd/vault_access.h"

namespace aitrade::cli {

struct RunOptions {
  std::vector<std::string> tapes;
  bool demo{false};
  bool live{false};
  bool paused{false};
  double speed{-1};          // below zero: 1 for a tape, 60 for the demo
  std::uint64_t seed{1};
  std::string strategy;      // one alone; empty: as configured
  VaultOptions vault;        // how the vault of a live account is opened
};

/// Runs until a signal, the end of a tape or a failure that cannot go on, and prints a summary.
Result<ExitCode> run_daemon(const RunOptions& options, Context& context);

}  // namespace aitrade::cli
