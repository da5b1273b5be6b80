// A trained model with its calibration: from a feature vector to a probability that can be believed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ml/calibration.h"
#include "ml/logistic.h"
#include "ml/xgboost_model.h"

namespace aitrade::ml {

enum class ModelKind : std::uint8_t { logistic, xgboost };

std::string_view to_string(ModelKind kind);

struct ModelRules {
  double ridge{10};
  BoostRules boost;
};

struct Model {
  ModelKind kind{ModelKind::logistic};
  LogisticModel logistic;                        // kind logistic
  std::shared_ptr<const XgboostModel> trees;     // kind xgboost
  Scaler scaler;                                 // of the rows that trained: what is far from them
  Calibration calibration;

  /// Fits on `train`; `validation` ends the rounds of trees and calibrates. Errors: those of the library
  static Result<Model> fit(ModelKind kind, const Dataset& data, std::span<const std::size_t> train,
                           std::span<const std::size_t> validation, const ModelRules& rules);

  /// Returns the score before calibration.
  [[nodiscard]] double score(const FeatureVector& x) const;

  /// Returns the calibrated probability of a win.
  [[nodiscard]] double probability(const FeatureVector& x) const { return calibration(score(x)); }

  /// Whether something is missing that was always known in training.
  [[nodiscard]] bool is_missing(const FeatureVector& x) const;

  /// Whether a value lies so many deviations from the mean of training that the model never saw its like.
  [[nodiscard]] bool is_strange(const FeatureVector& x) const;
};

/// Deviations from which a value is strange: beyond what even heavy tails show in some thousand rows.
constexpr double strange_deviations = 12;

}  // namespace aitrade::ml
