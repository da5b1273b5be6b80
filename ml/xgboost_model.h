// Gradient boosted trees that judge candidates: grown by boosting.h, answered by forest.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "ml/boosting.h"
#include "ml/dataset.h"

namespace aitrade::ml {

/// Trained trees. Movable. The library trains and stores them; forest.h answers.
class XgboostModel {
 public:
  /// Trains on `train`, and keeps the rounds that are best on `validation`; empty: all rounds.
  /// Errors: unsupported, with what the library says
  static Result<XgboostModel> fit(const Dataset& data, std::span<const std::size_t> train,
                                  std::span<const std::size_t> validation, const BoostRules& rules);

  /// Reads what bytes() gave. Errors: corrupt
  static Result<XgboostModel> from_bytes(std::string_view bytes);

  XgboostModel(XgboostModel&&) noexcept;
  XgboostModel& operator=(XgboostModel&&) noexcept;
  ~XgboostModel();

  /// Returns the probability of a win, not calibrated.
  /// Cost: see forest.h
  [[nodiscard]] double probability(const FeatureVector& x) const;

  /// Returns the model as the library stores it (UBJSON).
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  [[nodiscard]] int rounds() const { return rounds_; }

 private:
  struct Handle;

  explicit XgboostModel(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  std::string bytes_;
  int rounds_{0};
};

}  // namespace aitrade::ml
