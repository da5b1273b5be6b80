// When to train again: a model that is old and has much to learn, or a market that is no longer the one it knows.
//
// What was trained on last is a watermark in the folder of models, so that a restart neither forgets nor repeats it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "ml/model.h"

namespace aitrade::ml {

struct RetrainRules {
  Duration age{hours{168}};
  std::size_t samples_new{500};     // since the watermark; with the age
  std::size_t samples_drift{200};   // fewer say nothing of drift
  double psi_max{0.2};              // of any feature
  double brier_worse{0.10};         // of the active model on what came since, over what it was on its test part
};

/// What the last training saw. Written after it, whatever came out.
struct Watermark {
  Time trained;                     // wall clock
  Time newest;                      // decision of the newest sample
};

/// Errors: corrupt. Nothing when there is none.
Result<std::optional<Watermark>> read_watermark(const std::filesystem::path& folder);

/// Replaces it whole. Errors: full, io
Status write_watermark(const std::filesystem::path& folder, const Watermark& mark);

/// Returns the population stability index of two samples of one feature: over ten bins that hold a tenth of `before`
/// each, and one for missing values, sum of (b - a) ln(b / a). An empty bin counts as half a value.
///
/// Source: Siddiqi (2006), Credit risk scorecards; 0.1 is a small shift, 0.25 a great one
double stability_index(std::span<const double> before, std::span<const double> now);

/// Whether to train now, and why, or why not.
struct Due {
  bool is_due{false};
  std::string why;
  std::size_t samples_new{0};
  double psi{0};                    // the highest
  std::string shifted;              // its feature
  std::optional<double> brier;      // of the active model on what came since
};

/// Decides on samples of all the time there is. `active` and `known_brier` are of the model that gates; nullptr
/// without one.
///
/// Rule: never trained; or old enough and enough new samples; or, with enough samples for it, drift of a feature or a
///       Brier score that got worse
Due due(const Dataset& samples, const std::optional<Watermark>& mark, const Model* active, double known_brier, Time now,
        const RetrainRules& rules);

}  // namespace aitrade::ml
