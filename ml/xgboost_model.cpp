#include "ml/xgboost_model.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <xgboost/c_api.h>

#include "ml/forest.h"
#include "ml/metrics.h"

namespace aitrade::ml {
namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

Error library_error(const char* doing) {
  return Error{ErrorCode::unsupported, std::string("xgboost: ") + doing + ": " + XGBGetLastError()};
}

/// A booster of the library.
class Booster {
 public:
  Booster() = default;
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;

  ~Booster() {
    if (handle != nullptr) XGBoosterFree(handle);
  }

  BoosterHandle handle{nullptr};
};

/// A matrix of the library.
class Matrix {
 public:
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  ~Matrix() {
    if (handle_ != nullptr) XGDMatrixFree(handle_);
  }

  Status fill(const Dataset& data, std::span<const std::size_t> rows) {
    std::vector<float> x, y, weights;
    for (const std::size_t i : rows) {
      for (const double value : data[i].features) x.push_back(static_cast<float>(value));
      y.push_back(data[i].is_win() ? 1.0F : 0.0F);
      weights.push_back(static_cast<float>(data[i].weight));
    }
    const bool failed = XGDMatrixCreateFromMat(x.data(), rows.size(), features_count, missing, &handle_) != 0 ||
                        XGDMatrixSetFloatInfo(handle_, "label", y.data(), y.size()) != 0 ||
                        XGDMatrixSetFloatInfo(handle_, "weight", weights.data(), weights.size()) != 0;
    if (failed) return library_error("matrix");
    return ok();
  }

  [[nodiscard]] DMatrixHandle handle() const { return handle_; }

 private:
  DMatrixHandle handle_{nullptr};
};

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

Status set_rules(BoosterHandle booster, const BoostRules& rules) {
  const std::pair<const char*, std::string> settings[] = {
      {"objective", "binary:logistic"},
      {"tree_method", "hist"},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"max_depth", std::to_string(rules.depth)},
      {"max_bin", std::to_string(rules.bins)},
      {"eta", number(rules.rate)},
      {"min_child_weight", number(rules.child_weight_min)},
      {"lambda", number(rules.ridge)},
      {"seed", std::to_string(rules.seed % 0x7fffffff)},
  };
  for (const auto& [name, value] : settings) {
    if (XGBoosterSetParam(booster, name, value.c_str()) != 0) return library_error(name);
  }
  return ok();
}

/// Weighted log-loss of the first `rounds` rounds on a matrix that holds `rows`.
Result<double> loss_on(BoosterHandle booster, const Matrix& matrix, const Dataset& data,
                       std::span<const std::size_t> rows) {
  static constexpr const char* config =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* p = nullptr;
  if (XGBoosterPredictFromDMatrix(booster, matrix.handle(), config, &shape, &dimensions, &p) != 0) {
    return library_error("prediction");
  }
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Sample& s = data[rows[i]];
    sum += s.weight * log_loss(static_cast<double>(p[i]), s.is_win() ? 1 : 0);
    weight += s.weight;
  }
  return sum / weight;
}

}  // namespace

/// What answers: the trees without the library.
struct XgboostModel::Handle {
  Forest forest;
};

XgboostModel::XgboostModel(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
XgboostModel::XgboostModel(XgboostModel&&) noexcept = default;
XgboostModel& XgboostModel::operator=(XgboostModel&&) noexcept = default;
XgboostModel::~XgboostModel() = default;

Result<XgboostModel> XgboostModel::fit(const Dataset& data, std::span<const std::size_t> train,
                                       std::span<const std::size_t> validation, const BoostRules& rules) {
  if (train.empty()) return fail(ErrorCode::invalid, "no rows to train on");
  Matrix learned, watched;
  AITRADE_TRY_STATUS(learned.fill(data, train));
  if (!validation.empty()) AITRADE_TRY_STATUS(watched.fill(data, validation));
  Booster grown;
  const DMatrixHandle matrices[] = {learned.handle()};
  if (XGBoosterCreate(matrices, 1, &grown.handle) != 0) return library_error("booster");
  AITRADE_TRY_STATUS(set_rules(grown.handle, rules));
  double best_loss = std::numeric_limits<double>::infinity();
  int best = 0;
  for (int round = 0; round < rules.rounds_max; ++round) {
    if (XGBoosterUpdateOneIter(grown.handle, round, learned.handle()) != 0) return library_error("round");
    if (validation.empty()) {
      best = round + 1;
      continue;
    }
    AITRADE_TRY(const double loss, loss_on(grown.handle, watched, data, validation));
    if (loss < best_loss) {
      best_loss = loss;
      best = round + 1;
    }
    if (round + 1 - best >= rules.patience) break;
  }
  Booster cut;
  if (XGBoosterSlice(grown.handle, 0, best, 1, &cut.handle) != 0) return library_error("slice");
  bst_ulong length = 0;
  const char* bytes = nullptr;
  if (XGBoosterSaveModelToBuffer(cut.handle, R"({"format":"ubj"})", &length, &bytes) != 0) {
    return library_error("model");
  }
  return from_bytes(std::string_view(bytes, length));
}

Result<XgboostModel> XgboostModel::from_bytes(std::string_view bytes) {
  const auto corrupt = [] { return fail(ErrorCode::corrupt, "xgboost: the stored trees cannot be read"); };
  Booster booster;
  if (XGBoosterCreate(nullptr, 0, &booster.handle) != 0) return library_error("booster");
  if (bytes.empty() || XGBoosterLoadModelFromBuffer(booster.handle, bytes.data(), bytes.size()) != 0) return corrupt();
  bst_ulong columns = 0;
  if (XGBoosterGetNumFeature(booster.handle, &columns) != 0 || columns != features_count) return corrupt();
  bst_ulong length = 0;
  const char* json = nullptr;
  if (XGBoosterSaveModelToBuffer(booster.handle, R"({"format":"json"})", &length, &json) != 0) return corrupt();
  AITRADE_TRY(Forest forest, Forest::from_json(std::string_view(json, length)));
  const int rounds = static_cast<int>(forest.trees());
  XgboostModel model(std::make_unique<Handle>(Handle{std::move(forest)}));
  model.bytes_ = std::string(bytes);
  model.rounds_ = rounds;
  return model;
}

double XgboostModel::probability(const FeatureVector& x) const { return handle_->forest.probability(x); }

}  // namespace aitrade::ml
