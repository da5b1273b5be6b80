#include "ml/xgboost_model.h"

#include <utility>

#include "ml/booster.h"
#include "ml/forest.h"

namespace aitrade::ml {
namespace {

BoostRows rows_of(const Dataset& data, std::span<const std::size_t> rows) {
  return {rows.size(), features_count, [&data, rows](std::size_t row, std::span<float> x) {
            const Sample& sample = data[rows[row]];
            for (std::size_t c = 0; c < features_count; ++c) x[c] = static_cast<float>(sample.features[c]);
            return BoostTarget{sample.is_win() ? 1.0F : 0.0F, static_cast<float>(sample.weight)};
          }};
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
  AITRADE_TRY(const std::string bytes, grow_trees(rows_of(data, train), rows_of(data, validation), rules));
  return from_bytes(bytes);
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
