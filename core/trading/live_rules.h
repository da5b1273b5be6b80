// The numbers of the rules that may change while an engine runs, by name.
//
// A change comes as an event that carries names and values, so a recording replays with the same rules at the same
// moment. Of the strategies it is their weights; one of zero is switched off. What shapes indicators, timeframes or open positions is not among them: that waits for a restart.
#pragma once

#include <vector>

#include "core/domain/event.h"
#include "core/trading/rules.h"

namespace aitrade {

/// Returns those that differ, with the values of `to`.
std::vector<RuleValue> rule_changes(const TradingRules& from, const TradingRules& to);

/// Writes values into rules. False, and nothing changed, when a name is unknown or a value cannot be read.
bool apply_rules(TradingRules& rules, const std::vector<RuleValue>& values);

}  // namespace aitrade
