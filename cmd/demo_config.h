// The configuration of the demo, and what a recording needs besides the configuration.
#pragma once

#include <string>
#include <vector>

#include "core/domain/event.h"
#include "core/sim/sim_venue.h"
#include "core/trading/rules.h"

namespace aitrade::cli {

/// Returns share/demo.toml, embedded, as --set texts.
std::vector<std::string> demo_overrides();

/// Returns the first line of a recorded configuration: what the engine was built with besides its keys. `model` is
/// the word for the model that gated (model_choice.h).
std::string replay_preamble(const TradingRules& rules, const std::string& strategy, const std::string& model);

/// What replay_preamble says.
struct ReplayShape {
  Duration base{minutes{1}};
  std::vector<Duration> timeframes;
  Duration stale_after{};
  bool is_live{false};   // orders went to an exchange, its own or a real one
  std::string strategy;
  std::string model;     // as model_word() says it
};

/// Reads it back. Errors: corrupt.
Result<ReplayShape> read_replay_preamble(const std::string& config_text);

/// Puts the paper venue where the ledger says the account was. An entry that had not been filled when
/// the process ended died with it: its cancellation is added to `events`.
void rebuild_paper_venue(std::vector<Event>& events, SimVenue& venue);

}  // namespace aitrade::cli
