// The trees of a trained model as flat arrays: one row is answered in about a microsecond, without the library.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "ml/features.h"

namespace aitrade::ml {

/// Trees of a binary logistic model. All arithmetic is in single precision, as in the library.
class Forest {
 public:
  /// Reads the model that the library writes as JSON. Errors: corrupt, for anything that a walk could get lost in
  static Result<Forest> from_json(std::string_view json);

  /// Returns the probability of a win; a missing value goes the way that training chose for it.
  /// Cost: trees times depth
  [[nodiscard]] double probability(const FeatureVector& x) const;

  [[nodiscard]] std::size_t trees() const { return roots_.size(); }

 private:
  struct Node {
    float value{0};              // where it splits, or what the leaf adds
    std::int32_t left{-1};       // -1: a leaf
    std::int32_t right{-1};
    std::uint16_t column{0};
    bool missing_left{false};
  };

  std::vector<Node> nodes_;
  std::vector<std::size_t> roots_;
  float base_{0};                // log-odds
};

}  // namespace aitrade::ml
