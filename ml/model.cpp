#include "ml/model.h"

#include <cmath>

namespace aitrade::ml {

std::string_view to_string(ModelKind kind) {
  switch (kind) {
    case ModelKind::logistic:
      return "logistic";
    case ModelKind::xgboost:
      return "xgboost";
  }
  return "";
}

Result<Model> Model::fit(ModelKind kind, const Dataset& data, std::span<const std::size_t> train,
                         std::span<const std::size_t> validation, const ModelRules& rules) {
  Model model;
  model.kind = kind;
  if (kind == ModelKind::logistic) {
    model.logistic = LogisticModel::fit(data, train, rules.ridge);
    model.scaler = model.logistic.scaler;
  } else {
    AITRADE_TRY(XgboostModel trees, XgboostModel::fit(data, train, validation, rules.boost));
    model.trees = std::make_shared<const XgboostModel>(std::move(trees));
    model.scaler = Scaler::fit(data, train);
  }
  std::vector<double> scores, wins, weights;
  for (const std::size_t i : validation) {
    scores.push_back(model.score(data[i].features));
    wins.push_back(data[i].is_win() ? 1 : 0);
    weights.push_back(data[i].weight);
  }
  if (!scores.empty()) model.calibration = fit_calibration(scores, wins, weights);
  return model;
}

double Model::score(const FeatureVector& x) const {
  return kind == ModelKind::logistic ? logistic.probability(x) : trees->probability(x);
}

bool Model::is_missing(const FeatureVector& x) const {
  for (std::size_t c = 0; c < features_count; ++c) {
    if (scaler.always_known[c] && !std::isfinite(x[c])) return true;
  }
  return false;
}

bool Model::is_strange(const FeatureVector& x) const {
  for (std::size_t c = 0; c < features_count; ++c) {
    if (std::abs(scaler.scaled(c, x[c])) > strange_deviations) return true;
  }
  return false;
}

}  // namespace aitrade::ml
