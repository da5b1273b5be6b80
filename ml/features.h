// The one feature function: what the desk knows when it decides a candidate, as numbers for a model.
//
// Called in one place, by the gate, while deciding; the vector goes into the decision, and training reads it from
// there. So what is trained on and what is asked about cannot drift apart.
//
// Invariants:
//   1. Oriented by direction: a mirrored market and a mirrored opinion give the same vector (X07).
//   2. Only the canonical indicators of the primary timeframe and the opinion, never what a strategy attached.
//   3. What is not known is NaN, never a plausible constant.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/market/market_view.h"

namespace aitrade::ml {

struct FeatureInfo {
  std::string_view name;
  std::string_view unit;
  std::string_view range;
};

constexpr std::size_t features_count = 27;
static_assert(features_count <= features_max);

using FeatureVector = std::array<double, features_count>;

/// The columns in their order.
std::span<const FeatureInfo> feature_table();

/// Returns the hash of the table: FNV-1a of names, units and ranges. A model made for another one is refused.
std::uint64_t feature_schema();

/// Returns the vector of a candidate; `opinion.direction` is long or short. Names ending in _side are multiplied by
/// +1 for a long and -1 for a short.
///
/// Units:  as feature_table() says
/// Errors: none; NaN where something is not known, all indicators without a snapshot
/// Source: trading-core.md 5.1, rewrite
FeatureVector features(const Opinion& opinion, const MarketView& market);

}  // namespace aitrade::ml
