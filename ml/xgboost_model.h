// Gradient boosted trees by XGBoost (libxgboost), behind its C interface.
//
// Trained with histograms on one thread: then the same rows give the same bytes, on any number of cores. Rounds end
// early when the validation part stops getting better.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "ml/dataset.h"

namespace aitrade::ml {

struct BoostRules {
  int rounds_max{400};
  int patience{30};              // rounds without a better validation loss
  int depth{3};
  double rate{0.05};
  double child_weight_min{10};   // sum of hessians in a leaf: some forty unique labels
  double ridge{5};
  int bins{64};
  std::uint64_t seed{0};         // no randomness is used; kept with the model all the same
};

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
