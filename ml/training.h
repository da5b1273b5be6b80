// From candidates with outcomes to a model, and to one sentence on whether it helps.
//
// Two steps that cannot be mixed up: develop() sees the first four fifths of the time, chooses the kind of model by
// walk-forward validation and fits it; judge() opens the last fifth, once, and can change nothing any more.
//
// Invariants:
//   1. Nothing of develop() depends on a row of the test.
//   2. The same rows, rules and seed give the same bytes, with any number of threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ml/metrics.h"
#include "ml/model.h"
#include "ml/splits.h"

namespace aitrade::ml {

struct TrainRules {
  ModelRules model;
  double margin{0.02};          // above break-even, in probability
  std::size_t folds{5};         // of the walk-forward validation
  Duration embargo{hours{24}};
  std::size_t rounds{2000};     // of each bootstrap
  std::uint64_t seed{1};
  unsigned threads{1};
};

/// Fewer candidates than this are not split in three: 60 rows of test, of which a third may be unique.
constexpr std::size_t samples_min = 300;

/// How a kind of model did on the folds it was not trained on.
struct Validated {
  ModelKind kind{ModelKind::logistic};
  std::size_t rows{0};
  double log_loss{0}, base_log_loss{0};   // nats; base: the win rate of the rows that trained
  std::optional<double> auc;
  std::vector<double> fold_gains;         // base_log_loss - log_loss of each fold
};

/// Areas over all combinatorial splits of the development part: how much luck of the split there is.
struct PathSpread {
  std::size_t splits{0};
  double mean{0}, lowest{0}, highest{0};
};

struct Development {
  ThreeWay parts;
  std::vector<Validated> validated;   // every kind
  PathSpread paths;                   // of the chosen kind; splits 0 when none had wins and losses
  Model model;
  double base_rate{0};                // weighted win rate of train and validation
};

/// Chooses and fits. `data` was prepared. Errors: invalid for too few rows or rows of one outcome
Result<Development> develop(const Dataset& data, const TrainRules& rules);

/// How the model that gated so far did on the same rows.
struct IncumbentFigures {
  double log_loss{0}, brier{0};
  std::optional<double> auc;
  std::vector<ReliabilityBin> bins;
};

/// Figures of the test part.
struct TestFigures {
  std::size_t rows{0};
  double unique{0};                    // sum of weights
  double win_rate{0};
  double log_loss{0}, base_log_loss{0}, brier{0}, base_brier{0};
  BrierParts parts;
  std::optional<double> auc;
  double auc_error{0};
  std::optional<CalibrationLine> line;
  std::vector<ReliabilityBin> bins;    // ascending
  Difference gain;                     // of log-loss over the base rate
  std::optional<Difference> over_incumbent;
  std::optional<IncumbentFigures> incumbent;
  std::size_t accepted{0};
  double all_r{0}, accepted_r{0}, rejected_r{0};   // weighted mean net R; NaN of none
  Difference accepted_gain;            // of R of what was accepted, over nothing
  Difference selection_gain;           // of R of what was accepted, over taking all
  std::vector<double> importance;      // by column: growth of log-loss when shuffled
};

struct Verdict {
  bool helps{false};
  std::string text;                    // one sentence
  std::vector<std::string> reasons;    // against it
};

/// Opens the test part. `incumbent` may be nullptr.
TestFigures judge(const Dataset& data, const Development& development, const Model* incumbent,
                  const TrainRules& rules);

/// Says whether the model helps out of sample after costs.
///
/// Rule:   the area is not beyond what a market can give, which a feature that knows the future would; log-loss beats the base rate, and the incumbent where there is one (paired bootstrap, p < 0.1); what it
///         accepts earns more than nothing (p < 0.1) and more than taking all; the top bucket earns; at least 30
///         accepted
/// Source: trading-core.md 9.5, rewrite
Verdict verdict_of(const TestFigures& test, const TrainRules& rules);

/// Returns forecasts of `model` for rows.
Forecasts forecasts(const Dataset& data, std::span<const std::size_t> rows, const Model& model);

}  // namespace aitrade::ml
