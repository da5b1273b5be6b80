#include "ml/boosting.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "ml/booster.h"
#include "ml/metrics.h"

namespace aitrade::ml {
namespace {

constexpr std::size_t batch_rows = 65'536;
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

/// A matrix of the library.
class Matrix {
 public:
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  ~Matrix() {
    if (handle != nullptr) XGDMatrixFree(handle);
  }

  DMatrixHandle handle{nullptr};
};

/// Hands rows to the library, a batch at a time; it comes by several times.
class Feeder {
 public:
  explicit Feeder(const BoostRows& rows) : rows_(rows) {}

  /// Makes `out` of the rows, binned. Errors: the library's
  Status bin(int bins, Matrix& out) {
    if (XGProxyDMatrixCreate(&proxy_.handle) != 0) return library_error("batch");
    const std::string config = "{\"missing\":NaN,\"nthread\":1,\"max_bin\":" + std::to_string(bins) + "}";
    const bool failed = XGQuantileDMatrixCreateFromCallback(
                            this, proxy_.handle, nullptr, [](DataIterHandle self) { of(self).at_ = 0; },
                            [](DataIterHandle self) { return of(self).next(); }, config.c_str(), &out.handle) != 0;
    if (failed) return library_error("matrix");
    return ok();
  }

 private:
  static Feeder& of(DataIterHandle self) { return *static_cast<Feeder*>(self); }

  /// Returns 0 at the end; the batch stays where it is until the next call.
  int next() {
    const std::size_t count = std::min(batch_rows, rows_.rows - at_);
    if (count == 0) return 0;
    x_.resize(count * rows_.columns);
    wins_.resize(count);
    weights_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const BoostTarget target = rows_.read(at_ + i, std::span(x_).subspan(i * rows_.columns, rows_.columns));
      wins_[i] = target.win;
      weights_[i] = target.weight;
    }
    at_ += count;
    const std::string array = "{\"data\":[" + std::to_string(reinterpret_cast<std::uintptr_t>(x_.data())) +
                              ",true],\"shape\":[" + std::to_string(count) + "," + std::to_string(rows_.columns) +
                              "],\"typestr\":\"<f4\",\"version\":3}";
    const bool failed = XGProxyDMatrixSetDataDense(proxy_.handle, array.c_str()) != 0 ||
                        XGDMatrixSetFloatInfo(proxy_.handle, "label", wins_.data(), count) != 0 ||
                        XGDMatrixSetFloatInfo(proxy_.handle, "weight", weights_.data(), count) != 0;
    return failed ? 0 : 1;   // the library finds that rows are missing
  }

  const BoostRows& rows_;
  Matrix proxy_;
  std::size_t at_{0};
  std::vector<float> x_, wins_, weights_;
};

/// The validation part: its matrix, and what its forecasts are compared with.
struct Watched {
  Matrix matrix;
  std::vector<BoostTarget> targets;

  Status fill(const BoostRows& rows) {
    std::vector<float> x(rows.rows * rows.columns);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      targets.push_back(rows.read(i, std::span(x).subspan(i * rows.columns, rows.columns)));
    }
    if (XGDMatrixCreateFromMat(x.data(), rows.rows, rows.columns, missing, &matrix.handle) != 0) {
      return library_error("matrix");
    }
    return ok();
  }

  /// Weighted log-loss of all rounds so far.
  Result<double> loss(BoosterHandle booster) const {
    static constexpr const char* config =
        R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* p = nullptr;
    if (XGBoosterPredictFromDMatrix(booster, matrix.handle, config, &shape, &dimensions, &p) != 0) {
      return library_error("prediction");
    }
    double sum = 0, weight = 0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto own = static_cast<double>(targets[i].weight);
      sum += own * log_loss(static_cast<double>(p[i]), static_cast<double>(targets[i].win));
      weight += own;
    }
    return sum / weight;
  }
};

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

}  // namespace

Result<std::string> grow_trees(const BoostRows& train, const BoostRows& validation, const BoostRules& rules) {
  if (train.rows == 0) return fail(ErrorCode::invalid, "no rows to train on");
  Matrix learned;
  AITRADE_TRY_STATUS(Feeder(train).bin(rules.bins, learned));
  Watched watched;
  if (validation.rows > 0) AITRADE_TRY_STATUS(watched.fill(validation));
  Booster grown;
  const DMatrixHandle matrices[] = {learned.handle};
  if (XGBoosterCreate(matrices, 1, &grown.handle) != 0) return library_error("booster");
  AITRADE_TRY_STATUS(set_rules(grown.handle, rules));
  double best_loss = std::numeric_limits<double>::infinity();
  int best = 0;
  for (int round = 0; round < rules.rounds_max; ++round) {
    if (XGBoosterUpdateOneIter(grown.handle, round, learned.handle) != 0) return library_error("round");
    if (validation.rows == 0) {
      best = round + 1;
      continue;
    }
    AITRADE_TRY(const double loss, watched.loss(grown.handle));
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
  return std::string(bytes, length);
}

}  // namespace aitrade::ml
