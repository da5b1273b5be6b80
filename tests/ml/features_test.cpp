// The feature function: oriented, complete, and honest about what it does not know.
#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "ml/features.h"

namespace aitrade::ml {
namespace {

Opinion opinion_of(Direction direction) {
  Opinion out;
  out.direction = direction;
  out.reason = Reason::none;
  out.confidence = 0.7;
  out.strength = 0.5;
  out.agreeing = 3;
  out.opposing = 1;
  out.families = 2;
  out.regime = {Trend::trend, Volatility::mid};
  out.entry = 100;
  out.stop = direction == Direction::long_ ? 99 : 101;
  out.target = direction == Direction::long_ ? 102 : 98;
  return out;
}

struct Market {
  Market() : series(minutes{15}, 16) {
    Bar bar;
    bar.open_time = Time::from_seconds(1'699'833'600 + 6 * 3600 - 900);   // closes at 06:00
    bar.close = 100;
    series.bars.grow() = bar;
    snapshot.rsi = 62;
    snapshot.ema_ratio = 1.01;
    snapshot.bb_position = 0.8;
    snapshot.atr_pct = 0.005;
    snapshot.roc = 0.02;
  }

  [[nodiscard]] FeatureVector of(const Opinion& opinion) const {
    return features(opinion, MarketView(series, {}, book).with(&snapshot));
  }

  Series series;
  std::optional<BookTop> book;
  Snapshot snapshot;
};

std::size_t column(std::string_view name) {
  for (std::size_t i = 0; i < features_count; ++i) {
    if (feature_table()[i].name == name) return i;
  }
  FAIL("no column " << name);
  return 0;
}

}  // namespace

TEST_CASE("[X07] a mirrored market and opinion give the same vector", "[ml]") {
  Market up, down;
  up.book = BookTop{Price::parse_or_die("99.9"), Price::parse_or_die("100.1"), {}, {}, 0.4};
  down.book = BookTop{Price::parse_or_die("99.9"), Price::parse_or_die("100.1"), {}, {}, -0.4};
  down.snapshot.rsi = 38;
  down.snapshot.ema_ratio = 0.99;
  down.snapshot.bb_position = 0.2;
  down.snapshot.roc = -0.02;
  const FeatureVector a = up.of(opinion_of(Direction::long_)), b = down.of(opinion_of(Direction::short_));
  for (std::size_t i = 0; i < features_count; ++i) {
    INFO(feature_table()[i].name);
    if (std::isnan(a[i])) {
      CHECK(std::isnan(b[i]));
    } else {
      CHECK(a[i] == Approx(b[i]).margin(1e-12));
    }
  }
}

TEST_CASE("features: values stand in the columns that name them", "[ml]") {
  const FeatureVector x = Market().of(opinion_of(Direction::long_));
  CHECK(x[column("rsi_side")] == 12);
  CHECK(x[column("reward_to_risk")] == 2);
  CHECK(x[column("stop_pct")] == Approx(0.01));
  CHECK(x[column("stop_atr")] == Approx(2));
  CHECK(x[column("families")] == 2);
  CHECK(x[column("volatility")] == 1);
  CHECK(x[column("hour_sin")] == Approx(1));
  CHECK(x[column("hour_cos")] == Approx(0).margin(1e-12));
}

TEST_CASE("features: what is not known is no number", "[ml]") {
  Market market;
  const FeatureVector x = market.of(opinion_of(Direction::long_));
  CHECK(std::isnan(x[column("book_side")]));
  CHECK(std::isnan(x[column("spread")]));
  CHECK(std::isnan(x[column("adx")]));
  const FeatureVector bare = features(opinion_of(Direction::long_), MarketView(market.series, {}, market.book));
  CHECK(std::isnan(bare[column("rsi_side")]));
  CHECK(bare[column("confidence")] == 0.7);
  Opinion unknown = opinion_of(Direction::long_);
  unknown.regime = {};
  CHECK(std::isnan(market.of(unknown)[column("trending")]));
}

TEST_CASE("[X08] the schema names each column once and its hash stands for the whole table", "[ml]") {
  std::set<std::string_view> names;
  for (const FeatureInfo& info : feature_table()) names.insert(info.name);
  CHECK(names.size() == features_count);
  CHECK(feature_schema() == feature_schema());
  CHECK(feature_schema() != 0);
}

}  // namespace aitrade::ml
