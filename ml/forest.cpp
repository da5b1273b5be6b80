#include "ml/forest.h"

#include <charconv>
#include <cmath>
#include <string>

#include <rapidjson/document.h>

namespace aitrade::ml {
namespace {

using rapidjson::Value;

const Value* member(const Value* object, const char* name) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  const auto found = object->FindMember(name);
  return found == object->MemberEnd() ? nullptr : &found->value;
}

const Value* path(const Value* at, std::initializer_list<const char*> names) {
  for (const char* name : names) at = member(at, name);
  return at;
}

Error not_read() { return {ErrorCode::corrupt, "xgboost: the stored trees cannot be read"}; }

/// The arrays of one tree, all of one length.
struct Columns {
  const Value *left, *right, *column, *value, *missing_left;

  explicit Columns(const Value& tree)
      : left(member(&tree, "left_children")),
        right(member(&tree, "right_children")),
        column(member(&tree, "split_indices")),
        value(member(&tree, "split_conditions")),
        missing_left(member(&tree, "default_left")) {}

  [[nodiscard]] bool is_whole() const {
    for (const Value* array : {left, right, column, value, missing_left}) {
      if (array == nullptr || !array->IsArray() || array->Size() != left->Size()) return false;
    }
    return !left->Empty();
  }

  [[nodiscard]] bool has_numbers(rapidjson::SizeType i) const {
    const Value& flag = (*missing_left)[i];
    return (*left)[i].IsInt() && (*right)[i].IsInt() && (*column)[i].IsInt() && (*value)[i].IsNumber() &&
           (flag.IsInt() || flag.IsBool());
  }
};

}  // namespace

Result<Forest> Forest::from_json(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(json.data(), json.size());
  if (document.HasParseError()) return not_read();
  const Value* trees = path(&document, {"learner", "gradient_booster", "model", "trees"});
  const Value* base = path(&document, {"learner", "learner_model_param", "base_score"});
  if (trees == nullptr || !trees->IsArray() || base == nullptr || !base->IsString()) return not_read();
  double prior = 0;
  const char* end = base->GetString() + base->GetStringLength();
  if (std::from_chars(base->GetString(), end, prior).ptr != end || !(prior > 0 && prior < 1)) return not_read();
  Forest out;
  out.base_ = -std::log(1.0F / static_cast<float>(prior) - 1.0F);
  for (const Value& tree : trees->GetArray()) {
    const Columns c(tree);
    if (!c.is_whole()) return not_read();
    const auto first = static_cast<std::int32_t>(out.nodes_.size());
    const auto count = static_cast<std::int32_t>(c.left->Size());
    out.roots_.push_back(out.nodes_.size());
    for (rapidjson::SizeType i = 0; i < c.left->Size(); ++i) {
      if (!c.has_numbers(i)) return not_read();
      Node node;
      node.value = static_cast<float>((*c.value)[i].GetDouble());
      const int left = (*c.left)[i].GetInt(), right = (*c.right)[i].GetInt(), column = (*c.column)[i].GetInt();
      if (left >= 0) {   // children come after their parent, so every walk ends
        const auto here = static_cast<std::int32_t>(i);
        const bool fits = left > here && left < count && right > here && right < count && column >= 0 &&
                          column < static_cast<int>(features_count);
        if (!fits) return not_read();
        node.left = first + left;
        node.right = first + right;
        node.column = static_cast<std::uint16_t>(column);
        const Value& flag = (*c.missing_left)[i];
        node.missing_left = flag.IsBool() ? flag.GetBool() : flag.GetInt() != 0;
      }
      out.nodes_.push_back(node);
    }
  }
  return out;
}

double Forest::probability(const FeatureVector& x) const {
  float sum = base_;
  for (const std::size_t root : roots_) {
    const Node* node = &nodes_[root];
    while (node->left >= 0) {
      const auto value = static_cast<float>(x[node->column]);
      const bool goes_left = std::isnan(value) ? node->missing_left : value < node->value;
      node = &nodes_[static_cast<std::size_t>(goes_left ? node->left : node->right)];
    }
    sum += node->value;
  }
  return static_cast<double>(1.0F / (1.0F + std::exp(-sum)));
}

}  // namespace aitrade::ml
