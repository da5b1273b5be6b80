// The model file and the folder of models: whole or refused, five kept, back and forth.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "core/store/digest.h"
#include "ml/model_store.h"
#include "tests/ml/samples.h"

namespace aitrade::ml {
namespace {

namespace fs = std::filesystem;

Bundle bundle_of(std::uint64_t seed, ModelKind kind) {
  Dataset data = test::planted(400, 1, seed);
  prepare(data);
  std::vector<std::size_t> train(300), rest(100);
  std::iota(train.begin(), train.end(), std::size_t{0});
  std::iota(rest.begin(), rest.end(), std::size_t{300});
  ModelRules rules;
  rules.boost.rounds_max = 20;
  auto model = Model::fit(kind, data, train, rest, rules);
  REQUIRE(model);
  Bundle bundle;
  bundle.model = std::move(*model);
  bundle.schema = feature_schema();
  bundle.data_hash = data_hash(data);
  bundle.seed = seed;
  bundle.code_version = "test";
  bundle.base_rate = 0.5;
  bundle.margin = 0.02;
  bundle.pairs = {"BTC/USD"};
  bundle.helps = true;
  bundle.verdict = "it helps";
  return bundle;
}

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("models-" + to_hex(random_bytes(8)))) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

}  // namespace

TEST_CASE("[X26] bundle: model, scaling and calibration come back as one, to the bit", "[ml]") {
  for (const ModelKind kind : {ModelKind::logistic, ModelKind::xgboost}) {
    const Bundle before = bundle_of(3, kind);
    const std::string bytes = to_bytes(before);
    const auto after = bundle_from(bytes);
    REQUIRE(after);
    CHECK(to_bytes(*after) == bytes);
    CHECK(after->data_hash == before.data_hash);
    CHECK(after->verdict == "it helps");
    for (const Sample& s : test::planted(40, 1, 9)) {
      CHECK(after->model.probability(s.features) == before.model.probability(s.features));
    }
  }
}

TEST_CASE("[P1] bundle: every flipped byte and every cut is refused", "[ml]") {
  const std::string bytes = to_bytes(bundle_of(4, ModelKind::logistic));
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    CHECK_FALSE(bundle_from(bad));
    CHECK_FALSE(bundle_from(std::string_view(bytes).substr(0, i)));
  }
  CHECK_FALSE(bundle_from(bytes + "x"));
}

TEST_CASE("[TR3] bundle: a model of another schema is refused as such", "[ml]") {
  Bundle other = bundle_of(5, ModelKind::logistic);
  other.schema ^= 1;
  const auto out = bundle_from(to_bytes(other));
  REQUIRE_FALSE(out);
  CHECK(out.error().code == ErrorCode::unsupported);
}

TEST_CASE("models: five are kept, the active one always", "[ml]") {
  const Folder folder;
  const ModelStore store(folder.path);
  CHECK(store.list().empty());
  CHECK_FALSE(store.active().has_value());
  const auto first = store.add(bundle_of(1, ModelKind::logistic));
  REQUIRE(first);
  REQUIRE(store.activate(*first));
  for (std::uint64_t seed = 2; seed < 9; ++seed) REQUIRE(store.add(bundle_of(seed, ModelKind::logistic)));
  const auto list = store.list();
  CHECK(list.size() == ModelStore::kept_max);
  CHECK(list.front().id == *first);
  CHECK(list.front().is_active);
  CHECK(static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path), {})) == ModelStore::kept_max + 2);
}

TEST_CASE("models: a rollback restores the whole bundle", "[ml]") {
  const Folder folder;
  const ModelStore store(folder.path);
  const auto a = store.add(bundle_of(1, ModelKind::logistic)), b = store.add(bundle_of(2, ModelKind::xgboost));
  REQUIRE(a);
  REQUIRE(b);
  CHECK_FALSE(store.roll_back());
  REQUIRE(store.activate(*a));
  REQUIRE(store.activate(*b));
  CHECK(store.active() == *b);
  const auto back = store.roll_back();
  REQUIRE(back);
  CHECK(store.active() == *a);
  CHECK(*store.roll_back() == *b);
  CHECK(store.load(*store.active())->seed == 2);
  REQUIRE(store.deactivate());
  CHECK_FALSE(store.active().has_value());
  CHECK_FALSE(store.activate("no such"));
  CHECK_FALSE(store.activate("../../etc/passwd"));
}

TEST_CASE("models: a damaged file is listed with its fault and cannot be activated", "[ml]") {
  const Folder folder;
  const ModelStore store(folder.path);
  const auto id = store.add(bundle_of(1, ModelKind::logistic));
  REQUIRE(id);
  std::ofstream(folder.path / (*id + ".model"), std::ios::app) << "x";
  REQUIRE(store.list().size() == 1);
  CHECK_FALSE(store.list().front().fault.empty());
  CHECK_FALSE(store.activate(*id));
}

TEST_CASE("models: the openings of a test part are counted by its data", "[ml]") {
  const Folder folder;
  const ModelStore store(folder.path);
  CHECK(*store.log_opening("a") == 0);
  CHECK(*store.log_opening("b") == 0);
  CHECK(*store.log_opening("a") == 1);
}

}  // namespace aitrade::ml
