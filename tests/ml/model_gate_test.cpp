// What the gate of a model answers, and when it leaves the decision to the rules.
#include <catch2/catch.hpp>

#include <malloc.h>

#include <cmath>
#include <limits>

#include "core/base/random.h"
#include "ml/model_gate.h"

namespace aitrade::ml {
namespace {

/// A model that says the same of everything, trained on features around zero that were all known but the book.
std::shared_ptr<const Bundle> constant(double p) {
  auto bundle = std::make_shared<Bundle>();
  Scaler scaler;
  scaler.mean.assign(features_count, 0);
  scaler.deviation.assign(features_count, 100);
  scaler.always_known.assign(features_count, true);
  scaler.always_known[7] = scaler.always_known[8] = false;   // book and spread
  bundle->model.scaler = bundle->model.logistic.scaler = scaler;
  bundle->model.logistic.coefficients.assign(features_count + 1, 0);
  bundle->model.logistic.coefficients.back() = logit(p);
  bundle->schema = feature_schema();
  bundle->base_rate = 0.4;
  bundle->margin = 0.02;
  return bundle;
}

GateSettings settings_of(double cost = 0.002) {
  GateSettings settings;
  settings.cost = cost;
  settings.model = 7;
  return settings;
}

struct Market {
  Market() : series(minutes{15}, 8) {
    Bar bar;
    bar.open_time = Time::from_seconds(1'699'833'600);
    bar.close = 100;
    series.bars.grow() = bar;
    snapshot = {50, 1, 0.5, 0.02, 20, 0, 1, 0.005, 0, 0, 0, 0.5, 50};
  }

  [[nodiscard]] GateOpinion ask(const ModelGate& gate) const {
    Opinion opinion;
    opinion.direction = Direction::long_;
    opinion.confidence = 0.6;
    opinion.agreeing = opinion.families = 2;
    opinion.regime = {Trend::range, Volatility::mid};
    opinion.entry = 100;
    opinion.stop = 99;
    opinion.target = 102;   // break-even at (1 + 0.2) / 3 = 0.4
    return gate.assess(opinion, MarketView(series, opinion.regime, book).with(&snapshot));
  }

  Series series;
  Snapshot snapshot;
  std::optional<BookTop> book;
};

constexpr double prior = 0.35 + 0.25 * 0.6;

}  // namespace

TEST_CASE("model gate: without a model all may pass at the prior, and the features are recorded [X09]", "[ml]") {
  const GateOpinion out = Market().ask(ModelGate(settings_of()));
  CHECK(out.allowed);
  CHECK(out.probability == Approx(prior));
  CHECK(out.record.status == GateStatus::absent);
  CHECK(out.record.features_count == features_count);
  CHECK(out.record.schema == feature_schema());
  CHECK(std::isnan(out.record.probability));
}

TEST_CASE("model gate: what clears break-even and the margin after costs passes", "[ml]") {
  const GateOpinion yes = Market().ask(ModelGate(constant(0.43), settings_of()));
  CHECK(yes.allowed);
  CHECK(yes.record.status == GateStatus::used);
  CHECK(yes.record.needed == Approx(0.42));
  CHECK(yes.probability == Approx(0.43));
  const GateOpinion no = Market().ask(ModelGate(constant(0.41), settings_of()));
  CHECK_FALSE(no.allowed);
  CHECK(no.record.rejected);
  CHECK(no.record.probability == Approx(0.41));
  CHECK_FALSE(Market().ask(ModelGate(constant(0.43), settings_of(0.005))).allowed);   // dearer: 0.52 is needed
}

TEST_CASE("model gate: a shadow answers and decides nothing", "[ml]") {
  GateSettings settings = settings_of();
  settings.is_shadow = true;
  const GateOpinion out = Market().ask(ModelGate(constant(0.1), settings));
  CHECK(out.allowed);
  CHECK(out.record.rejected);
  CHECK(out.record.status == GateStatus::shadow);
  CHECK(out.probability == Approx(prior));
}

TEST_CASE("[P2] model gate: missing, strange or no number leaves it to the rules", "[ml]") {
  const ModelGate gate(constant(0.1), settings_of());
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Market market;
    market.snapshot.adx = odd;
    const GateOpinion out = market.ask(gate);
    CHECK(out.allowed);
    CHECK(out.record.status == GateStatus::missing);
  }
  Market far;
  far.snapshot.di_spread = 5000;
  CHECK(far.ask(gate).record.status == GateStatus::strange);
  CHECK(far.ask(gate).allowed);
  Market bookless;   // the book was missing in training too
  CHECK(bookless.ask(gate).record.status == GateStatus::used);
  GateSettings broken = settings_of();
  broken.is_unusable = true;
  CHECK(Market().ask(ModelGate(broken)).record.status == GateStatus::unusable);
}

TEST_CASE("model gate: one that is always wrong switches itself off and says so once", "[ml]") {
  ModelGate gate(constant(0.9), settings_of());
  const Market market;
  Opinion opinion;
  opinion.direction = Direction::long_;
  opinion.entry = 100;
  opinion.stop = 99;
  opinion.target = 102;
  int asked = 0;
  Time now = Time::from_seconds(1'700'000'000);
  while (market.ask(gate).record.status == GateStatus::used && asked < 300) {
    GateOpinion answer = market.ask(gate);
    gate.on_candidate(InstrumentId{0}, now, opinion, answer);
    Candle down;
    down.open_time = now;
    down.interval = minutes{1};
    down.open = Price::parse_or_die("100");
    down.high = down.open;
    down.low = down.close = Price::parse_or_die("98");
    gate.on_candle(InstrumentId{0}, down);
    now = now + minutes{1};
    ++asked;
  }
  CHECK(asked < 10);
  CHECK(market.ask(gate).record.status == GateStatus::switched_off);
  CHECK(market.ask(gate).allowed);
  CHECK(gate.take_notice().has_value());
  CHECK_FALSE(gate.take_notice().has_value());
  CHECK(gate.ledger()->accepted().count == static_cast<std::uint64_t>(asked));

  ModelGate next(constant(0.9), settings_of());
  next.restore(gate.state());
  CHECK(market.ask(next).record.status == GateStatus::switched_off);
  CHECK(next.take_notice().has_value());
  GateSettings other = settings_of();
  other.model = 8;
  ModelGate fresh(constant(0.9), other);
  fresh.restore(gate.state());   // of another model
  CHECK(market.ask(fresh).record.status == GateStatus::used);
  CHECK_FALSE(fresh.take_notice().has_value());
}

TEST_CASE("model gate: a turn ends what is held against it and is no outcome of its own", "[ml]") {
  ModelGate gate(constant(0.9), settings_of());
  const Market market;
  const Time now = Time::from_seconds(1'700'000'000);
  Opinion opinion;
  opinion.direction = Direction::long_;
  opinion.entry = 100;
  opinion.stop = 99;
  opinion.target = 102;
  gate.on_candidate(InstrumentId{0}, now, opinion, market.ask(gate));
  Candle flat;
  flat.open_time = now;
  flat.interval = minutes{1};
  flat.open = flat.high = flat.low = flat.close = Price::parse_or_die("100");
  gate.on_candle(InstrumentId{0}, flat);
  Opinion against = opinion;
  against.direction = Direction::short_;
  for (int i = 0; i < 3; ++i) gate.on_turn(InstrumentId{0}, now + minutes{1}, against);
  CHECK(gate.ledger()->accepted().count == 1);   // it left at the close
  CHECK(gate.ledger()->skill().outcomes() == 1);
  CHECK(gate.state().alive.empty());
}

TEST_CASE("[P2] model gate: nothing is remembered of an answer, so nothing is bounded or confused", "[ml]") {
  auto bundle = std::make_shared<Bundle>(*constant(0.43));
  bundle->model.logistic.coefficients[4] = 1;   // of the ADX
  const ModelGate gate(bundle, settings_of());
  Market one, other;
  one.snapshot.adx = 20.0001;
  other.snapshot.adx = 20.0002;   // equal to three decimals
  CHECK(one.ask(gate).record.probability != other.ask(gate).record.probability);
  CHECK(one.ask(gate).record.probability == one.ask(gate).record.probability);
  Random random(4);
  const std::size_t before = mallinfo2().uordblks;
  for (int i = 0; i < 1'000'000; ++i) {
    Market& market = i % 2 == 0 ? one : other;
    market.snapshot.adx = i % 997 == 0 ? std::numeric_limits<double>::quiet_NaN() : i % 499 == 0 ? -0.0 : 50 * random.uniform();
    const GateRecord said = market.ask(gate).record;
    if (!(said.status == GateStatus::used ? said.probability > 0 && said.probability < 1 : said.status == GateStatus::missing)) {
      FAIL("an answer that is none, at " << i);
    }
  }
  CHECK(mallinfo2().uordblks == before);
}

TEST_CASE("model gate: the online learner has a part in the answer only when it has shown skill", "[ml][online]") {
  // The model knows nothing; what comes follows the ADX.
  const auto teach = [](ModelGate& gate, bool has_signal, int count) {
    Random random(11);
    Market market;
    Time now = Time::from_seconds(1'700'000'000);
    for (int i = 0; i < count; ++i) {
      market.snapshot.adx = 20 + 400 * (random.uniform() - 0.5);
      const bool up = random.uniform() < 0.4 + (has_signal ? 0.35 * (market.snapshot.adx > 20 ? 1 : -1) : 0.0);
      GateOpinion answer = market.ask(gate);
      Opinion opinion;
      opinion.direction = Direction::long_;
      opinion.entry = 100;
      opinion.stop = 99;
      opinion.target = 102;
      gate.on_candidate(InstrumentId{0}, now, opinion, answer);
      Candle next;
      next.open_time = now;
      next.interval = minutes{1};
      next.open = Price::parse_or_die("100");
      next.high = Price::parse_or_die(up ? "103" : "100");
      next.low = Price::parse_or_die(up ? "100" : "98");
      next.close = up ? next.high : next.low;
      gate.on_candle(InstrumentId{0}, next);
      now = now + minutes{1};
    }
  };
  GateSettings settings = settings_of();
  settings.skill.doubt = 1e-9;   // the test of the model is not the subject
  settings.skill.proof_after = settings.skill.proof_at_last = 1'000'000;
  ModelGate noise(constant(0.4), settings), signal(constant(0.4), settings);
  teach(noise, false, 800);
  teach(signal, true, 800);
  Market high, low;
  high.snapshot.adx = 150;
  low.snapshot.adx = -150;
  CHECK(high.ask(noise).record.online_weight == 0);
  CHECK(high.ask(noise).record.probability == Approx(0.4));   // the model's own
  CHECK(high.ask(signal).record.online_weight > 0.05);
  CHECK(high.ask(signal).record.online_weight <= 0.3);
  CHECK(high.ask(signal).record.online > 0.55);
  CHECK(high.ask(signal).record.probability > 0.4);
  CHECK(low.ask(signal).record.probability < 0.4);

  ModelGate again(constant(0.4), settings);   // as after a crash
  again.restore(signal.state());
  CHECK(high.ask(again).record.probability == high.ask(signal).record.probability);
  CHECK(high.ask(again).record.online_weight == high.ask(signal).record.online_weight);
}

}  // namespace aitrade::ml
