// Indicators by text: `rsi:14`, `ema:20`, `bollinger:20:2`.
//
// For the command line and reports, which learn only when they run what they want; strategies ask
// the set directly. A request names the indicator and then its parameters, separated by colons;
// parameters left out take their defaults. Columns are named after the request: `rsi_14`,
// `bollinger_20_2_upper`.
#pragma once

#include "core/base/result.h"
#include "core/indicators/indicator_set.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// One column of a requested indicator.
struct RequestedColumn {
  std::string name;
  Line line;
};

/// One parameter an indicator takes. All text has static storage.
struct IndicatorParameter {
  std::string_view name;
  double fallback;
  double minimum, maximum;  // inclusive
  bool is_integer;
};

/// One indicator that can be requested, for help.
struct IndicatorKind {
  std::string_view name;
  std::string_view summary;
  std::span<const IndicatorParameter> parameters;
  std::span<const std::string_view> outputs;  // empty: one column, named as the indicator
};

/// Returns all indicators, by name.
std::span<const IndicatorKind> indicator_kinds();

/// Asks `set` for what `text` names and returns its columns in the order of the outputs.
///
/// Errors: invalid, naming the word: an unknown indicator (with the nearest known one), too many
///         parameters, one that is no number or out of bounds, fast not below slow
Result<std::vector<RequestedColumn>> request(IndicatorSet& set, std::string_view text);

}  // namespace aitrade
