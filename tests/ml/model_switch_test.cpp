// A gate whose model changes while it runs: the test of each model is its own and is kept.
#include <catch2/catch.hpp>

#include <limits>

#include "ml/model_switch.h"

namespace aitrade::ml {
namespace {

std::unique_ptr<ModelGate> gate_of(std::uint64_t model, double p, bool is_shadow = false) {
  auto bundle = std::make_shared<Bundle>();
  bundle->model.scaler.mean.assign(features_count, 0);
  bundle->model.scaler.deviation.assign(features_count, 1e6);
  bundle->model.scaler.always_known.assign(features_count, false);
  bundle->model.logistic.scaler = bundle->model.scaler;
  bundle->model.logistic.coefficients.assign(features_count + 1, 0);
  bundle->model.logistic.coefficients.back() = logit(p);
  bundle->base_rate = 0.4;
  GateSettings settings;
  settings.model = model;
  settings.is_shadow = is_shadow;
  return std::make_unique<ModelGate>(std::move(bundle), settings);
}

/// Models "a" and "b"; anything else cannot be had.
ModelSwitch two() {
  return {gate_of(0xa, 0.9), [](const std::string& model, bool is_shadow) {
            if (model == "a" || model == "b") return gate_of(model == "a" ? 0xa : 0xb, 0.9, is_shadow);
            GateSettings none;
            none.is_unusable = model != "-";
            return std::make_unique<ModelGate>(none);
          }};
}

struct Market {
  GateOpinion ask(const ModelSwitch& gate) const { return gate.assess(opinion(), MarketView(series, {}, book)); }

  static Opinion opinion() {
    Opinion o;
    o.direction = Direction::long_;
    o.entry = 100;
    o.stop = 99;
    o.target = 102;
    return o;
  }

  /// A candidate that is stopped by the next candle.
  void lose(ModelSwitch& gate) {
    gate.on_candidate(InstrumentId{0}, now, opinion(), ask(gate));
    Candle down;
    down.open_time = now;
    down.interval = minutes{1};
    down.open = down.high = Price::parse_or_die("100");
    down.low = down.close = Price::parse_or_die("98");
    gate.on_candle(InstrumentId{0}, down);
    now = now + minutes{1};
  }

  Market() : series(minutes{15}, 8) {
    Bar bar;
    bar.open_time = now;
    bar.close = 100;
    series.bars.grow() = bar;
  }

  Time now = Time::from_seconds(1'700'000'000);
  Series series;
  std::optional<BookTop> book;
};

}  // namespace

TEST_CASE("model switch: what gates is what was named last, and none where it cannot be had", "[ml][gate]") {
  ModelSwitch gate = two();
  const Market market;
  CHECK(market.ask(gate).record.model == 0xa);
  gate.use_model("b", false);
  CHECK(market.ask(gate).record.model == 0xb);
  CHECK(market.ask(gate).record.status == GateStatus::used);
  gate.use_model("b", true);
  CHECK(market.ask(gate).record.status == GateStatus::shadow);
  gate.use_model("unusable", false);
  CHECK(market.ask(gate).record.status == GateStatus::unusable);
  CHECK(market.ask(gate).allowed);
  gate.use_model("-", false);
  CHECK(market.ask(gate).record.status == GateStatus::absent);
  CHECK(gate.state().model == 0);
}

TEST_CASE("model switch: a model that was found useless stays off when it comes back", "[ml][gate]") {
  ModelSwitch gate = two();
  Market market;
  while (market.ask(gate).record.status == GateStatus::used) market.lose(gate);
  CHECK(gate.take_notice().has_value());
  gate.on_candidate(InstrumentId{0}, market.now, Market::opinion(), market.ask(gate));
  REQUIRE(gate.state().alive.size() == 1);
  gate.use_model("b", false);
  CHECK(market.ask(gate).record.status == GateStatus::used);
  CHECK(gate.state().outcomes == 0);
  gate.use_model("a", false);
  CHECK(market.ask(gate).record.status == GateStatus::switched_off);
  CHECK(gate.take_notice().has_value());
  CHECK(gate.state().alive.empty());   // nobody has followed it meanwhile
}

TEST_CASE("model switch: tests of earlier runs wait for their model", "[ml][gate]") {
  ModelSwitch before = two();
  before.use_model("b", false);
  Market market;
  while (market.ask(before).record.status == GateStatus::used) market.lose(before);
  ModelSwitch gate = two();
  gate.restore(before.state());   // of b, while a gates
  CHECK(market.ask(gate).record.status == GateStatus::used);
  gate.use_model("b", false);
  CHECK(market.ask(gate).record.status == GateStatus::switched_off);
}

}  // namespace aitrade::ml
