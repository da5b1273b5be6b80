// Settings that a running daemon takes over: by its services at once, by the engine through an event.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cmd/compose.h"
#include "core/config/snapshot.h"

namespace aitrade::cli {

/// Returns the keys that services take over: limits, sessions, the level of the log.
const std::set<std::string>& service_keys();

/// Returns the keys that the engine takes over (core/trading/live_rules.h).
const std::set<std::string>& engine_keys();

/// Returns both.
std::set<std::string> live_keys();

/// Whether an engine that goes by `running` takes a key over: a strategy that it does not run waits for the next start,
/// for its indicators are not warm.
bool is_applicable(const std::string& key, const TradingRules& running);

/// Returns the configuration without strategies that do not run yet.
Config without_newcomers(Config next, const TradingRules& running);

/// Returns "risk.max_daily_loss = 0.02, ..." of the changes that the engine takes over; "" when there are none.
std::string engine_words(const std::vector<Change>& changes, const TradingRules& running);

}  // namespace aitrade::cli
