// Rules between keys, and what the loader derives from them; for the loader, and for searches over
// configurations.
#pragma once

#include "core/config/load.h"

#include <set>
#include <string>
#include <vector>

namespace aitrade {

/// A broken rule: the key it is reported at, and what is wrong.
struct RuleFault {
  std::string key;
  std::string what;
};

/// Checks every rule between keys (operations.md 1.6, 1.8, 1.9). Rules about keys in `refused` are
/// left out: their values are not the user's.
std::vector<RuleFault> broken_rules(const Config& config, const KeyTable& table,
                                    const std::set<std::string>& refused);

/// Scales the weights of the enabled strategies to a sum of 1, gives the disabled ones 0, and
/// returns the sum before. Leaves everything as it is when the sum is not positive.
double normalise_weights(Config& config);

}  // namespace aitrade
