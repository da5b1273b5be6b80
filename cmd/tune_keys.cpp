#include "cmd/tune_keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cmd/strategy_keys.h"
#include "core/config/rules.h"
#include "core/config/value.h"

namespace aitrade::cli {
namespace {

constexpr double no_bound = 1e12;

bool is_searchable(const Key& key) {
  constexpr std::array sections{"ai", "risk", "trading"};
  const bool is_rule = std::find(sections.begin(), sections.end(), key.section()) != sections.end();
  const bool is_fed = key.reload == Reload::warm_up || key.reload == Reload::restart ||
                      key.leaf().starts_with("outlier");   // changes the candles, not the rules
  return is_rule && key.decides && !is_fed;
}

/// The value of a key that is a number; nothing of others.
std::optional<double> number_of(const ValueRef& value) {
  if (const auto* whole = std::get_if<int*>(&value)) return **whole;
  if (const auto* fraction = std::get_if<double*>(&value)) return **fraction;
  if (const auto* rate = std::get_if<Rate*>(&value)) return to_double(**rate);
  if (const auto* money = std::get_if<Money*>(&value)) return to_double(**money);
  return std::nullopt;
}

}  // namespace

RuleKeys::RuleKeys() : table_(strategy_keys()) {}

std::vector<ml::ParameterBounds> RuleKeys::bounds(const Config& config) const {
  Config values = config;
  std::vector<ml::ParameterBounds> out;
  for (const Key& key : table_.all()) {
    if (!is_searchable(key)) continue;
    const ValueRef ref = key.in(values);
    const auto value = number_of(ref);
    if (!value) continue;
    const double least = key.bounds.zero_allowed ? 0 : key.bounds.min.value_or(-no_bound);
    out.push_back({key.name, *value, least, key.bounds.max.value_or(no_bound), std::holds_alternative<int*>(ref)});
  }
  return out;
}

Result<Config> RuleKeys::apply(const Config& config, const std::vector<ml::Axis>& axes,
                               const ml::Point& point) const {
  Config out = config;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!is_rule_key(axes[i].name)) continue;
    const Key* key = table_.find(axes[i].name);
    AITRADE_CHECK(key != nullptr);   // bounds() named it
    const ValueRef ref = key->in(out);
    RawValue raw = from_words(ref, shortest(point[i]), Place{"--params", 0, 0});
    if (const auto fault = assign(ref, raw, key->bounds)) {
      return fail(ErrorCode::invalid, key->name + " " + *fault);
    }
  }
  const auto broken = broken_rules(out, table_, {});
  if (!broken.empty()) return fail(ErrorCode::invalid, broken.front().key + " " + broken.front().what);
  return out;
}

}  // namespace aitrade::cli
