// The names of all metrics, in one place, because scripts rely on them.
//
// Whoever prints metrics for programs walks this list, so JSON, NDJSON and the API cannot drift
// apart. Additions are free; a name is never changed or given another meaning.
#pragma once

#include "core/report/performance.h"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace aitrade {

/// A value under a name: nothing is null, money a decimal string, a time RFC 3339.
using MetricValue = std::variant<std::monostate, double, std::uint64_t, bool, Money, Time>;

struct NamedMetric {
  std::string_view name;  // static storage
  MetricValue value;
};

/// Returns every metric in the order of the report; the one list behind `metrics{...}` and the
/// NDJSON.
std::vector<NamedMetric> metric_list(const Metrics& metrics);

}  // namespace aitrade
