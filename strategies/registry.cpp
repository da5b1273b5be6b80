#include "strategies/registry.h"

#include <algorithm>
#include <array>

namespace aitrade {
namespace {

#define AITRADE_ONE(name) +1
constexpr std::size_t count = 0 AITRADE_STRATEGIES(AITRADE_ONE);
#undef AITRADE_ONE
static_assert(count <= strategies_max);

}  // namespace

std::span<const StrategyInfo> all_strategies() {
#define AITRADE_ENTRY(name) name##_strategy(),
  static const std::array<StrategyInfo, count> table{AITRADE_STRATEGIES(AITRADE_ENTRY)};
#undef AITRADE_ENTRY
  return table;
}

const StrategyInfo* find_strategy(std::string_view name) {
  const auto all = all_strategies();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const StrategyInfo& info) { return info.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace aitrade
