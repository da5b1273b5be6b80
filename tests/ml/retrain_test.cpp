// When a model is trained again.
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <unistd.h>

#include "ml/retrain.h"
#include "tests/ml/samples.h"

namespace aitrade::ml {
namespace {

constexpr std::size_t half = 1000;

/// Two thousand samples; the watermark stands after the first half.
struct Past {
  Past() { prepare(data); }

  [[nodiscard]] Watermark mark() const { return {data[half - 1].life.from, data[half - 1].life.from}; }

  Dataset data = test::planted(2 * half, 1, 5);
};

Time later(const Watermark& mark, Duration age) { return mark.trained + age; }

}  // namespace

TEST_CASE("retrain: never trained is due; then age and new candidates together", "[ml]") {
  const Past past;
  CHECK(due(past.data, std::nullopt, nullptr, 0, Time{}, {}).is_due);
  const Watermark mark = past.mark();
  CHECK_FALSE(due(past.data, mark, nullptr, 0, later(mark, hours{167}), {}).is_due);
  CHECK(due(past.data, mark, nullptr, 0, later(mark, hours{168}), {}).is_due);
  Dataset few(past.data.begin(), past.data.begin() + half + 499);
  CHECK_FALSE(due(few, mark, nullptr, 0, later(mark, hours{1000}), {}).is_due);
  few.push_back(past.data[half + 499]);
  CHECK(due(few, mark, nullptr, 0, later(mark, hours{1000}), {}).is_due);
}

TEST_CASE("retrain: a feature that shifted is due at once and is named", "[ml]") {
  Past past;
  const Watermark mark = past.mark();
  CHECK(due(past.data, mark, nullptr, 0, later(mark, hours{1}), {}).psi < 0.1);
  for (std::size_t i = half; i < past.data.size(); ++i) past.data[i].features[4] += 1;
  const Due found = due(past.data, mark, nullptr, 0, later(mark, hours{1}), {});
  CHECK(found.is_due);
  CHECK(found.shifted == feature_table()[4].name);
  CHECK(found.why.find(std::string(feature_table()[4].name)) != std::string::npos);
  Dataset little(past.data.begin(), past.data.begin() + half + 199);
  CHECK_FALSE(due(little, mark, nullptr, 0, later(mark, hours{1}), {}).is_due);   // too few to say so
}

TEST_CASE("retrain: a model that got worse is due", "[ml]") {
  Past past;
  std::vector<std::size_t> train;
  for (std::size_t i = 0; i < half; ++i) train.push_back(i);
  auto model = Model::fit(ModelKind::logistic, past.data, train, {}, {});
  REQUIRE(model.has_value());
  const Watermark mark = past.mark();
  const Due fine = due(past.data, mark, &*model, 0.21, later(mark, hours{1}), {});
  REQUIRE(fine.brier.has_value());
  CHECK_FALSE(fine.is_due);
  for (std::size_t i = half; i < past.data.size(); ++i) past.data[i].r = -past.data[i].r;   // what won loses
  const Due worse = due(past.data, mark, &*model, *fine.brier, later(mark, hours{1}), {});
  CHECK(worse.is_due);
  CHECK(*worse.brier > 1.1 * *fine.brier);
}

TEST_CASE("retrain: the stability index of equal samples is nothing, and a bin that is empty counts as half a value",
          "[ml]") {
  std::vector<double> tenth;
  for (int i = 0; i < 100; ++i) tenth.push_back(i);
  CHECK(stability_index(tenth, tenth) == Approx(0).margin(1e-12));
  // A hundred values in ten bins; all of the others are missing: (1 - 0.005) ln(200) + 10 (0.005 - 0.1) ln(0.05),
  // but that the edge belongs to the bin below it, so that the first holds 11 and the last 9.
  const std::vector<double> gone(100, std::numeric_limits<double>::quiet_NaN());
  double expected = (1 - 0.005) * std::log(200);
  for (const double share : {0.11, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.09}) {
    expected += (0.005 - share) * std::log(0.005 / share);
  }
  CHECK(stability_index(tenth, gone) == Approx(expected));
}

TEST_CASE("retrain: the watermark is whole or not there, and a damaged one is named", "[ml]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("aitrade-watermark-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  CHECK_FALSE(read_watermark(folder)->has_value());
  const Watermark mark{Time::from_seconds(1'700'000'000), Time::from_seconds(1'600'000'000)};
  REQUIRE(write_watermark(folder, mark));
  CHECK((*read_watermark(folder))->trained == mark.trained);
  CHECK((*read_watermark(folder))->newest == mark.newest);
  std::ofstream(folder / "watermark") << "rubbish";
  CHECK(read_watermark(folder).error().code == ErrorCode::corrupt);
  std::filesystem::remove_all(folder);
}

}  // namespace aitrade::ml
