#include "cmd/strategy_keys.h"

#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

/// Returns what the strategy says about these values together, or "".
std::string fault_of(const StrategyInfo& info, const std::map<std::string, double>& values) {
  if (info.fault_of == nullptr) return {};
  Parameters parameters(info.parameters);
  for (const auto& [name, value] : values)
    parameters.set(name, value);
  const char* fault = info.fault_of(parameters);
  return fault == nullptr ? std::string{} : std::string(fault);
}

}  // namespace

std::vector<StrategyKeys> strategy_keys() {
  std::vector<StrategyKeys> keys;
  for (const StrategyInfo& info : all_strategies()) {
    StrategyKeys one;
    one.name = std::string(info.name);
    one.default_weight = info.default_weight;
    one.enabled = info.enabled;
    for (const Parameter& p : info.parameters) {
      one.parameters.push_back({std::string(p.name), p.fallback, p.minimum, p.maximum, p.is_integer,
                                std::string(p.help)});
    }
    one.fault_of = [&info](const std::map<std::string, double>& values) {  // static storage
      return cli::fault_of(info, values);
    };
    keys.push_back(std::move(one));
  }
  return keys;
}

}  // namespace aitrade::cli
