// Two results side by side: what differs, by how much, and whether they may be compared at all.
#pragma once

#include "core/report/report_document.h"

#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// How a number is written.
enum class Unit { percent, ratio, count, money, text };

struct ComparedValue {
  std::string_view name;   // metric
  std::string_view label;  // for people
  Unit unit{Unit::ratio};
  Fact first, second;

  /// Second less first; nothing when one is undefined or a text.
  [[nodiscard]] std::optional<double> difference() const;
};

struct Comparison {
  std::vector<ComparedValue> values;
  std::vector<std::string> warnings;  // why the two are not alike: other data, other period, ...
  bool same_result{false};            // one result hash
};

/// Compares `second` with `first`, the baseline.
Comparison compare_reports(const ReportDocument& first, const ReportDocument& second);

/// Returns the comparison as plain text of at most 80 columns under the names given.
std::string comparison_table(const Comparison& comparison, std::string_view first_name,
                             std::string_view second_name);

/// Returns {"schema":"aitrade.comparison/1",...} and a newline: same_result, warnings, and for each
/// metric first, second and difference.
std::string comparison_json(const Comparison& comparison);

/// Returns one self-contained page: both equity curves and the table.
std::string comparison_html(const ReportDocument& first, const ReportDocument& second,
                            std::string_view first_name, std::string_view second_name);

}  // namespace aitrade
