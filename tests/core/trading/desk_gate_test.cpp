// The gate is asked about every candidate, and what it saw and answered stands in the decision.
#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/engine_rig.h"

namespace aitrade {
namespace {

using namespace test;

/// Answers as told, and keeps what it was asked.
class ScriptGate final : public EntryGate {
 public:
  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override {
    GateOpinion out = OpenGate().assess(opinion, market);
    out.allowed = allows;
    out.record.status = GateStatus::used;
    out.record.rejected = !allows;
    out.record.probability = 0.61;
    out.record.features_count = 1;
    out.record.features[0] = market.snapshot() != nullptr ? market.snapshot()->rsi : -1;
    return out;
  }

  [[nodiscard]] bool wants_snapshot() const override { return snapshots; }

  bool on_candidate(InstrumentId, Time, const Opinion&, const GateOpinion&) override {
    ++asked;
    return true;
  }

  bool on_turn(InstrumentId, Time, const Opinion&) override {
    ++turned;
    return false;
  }

  bool on_candle(InstrumentId, const Candle&) override {
    ++candles;
    return false;
  }

  [[nodiscard]] GateState state() const override {
    GateState out;
    out.outcomes = static_cast<std::uint32_t>(asked);
    return out;
  }

  void restore(const GateState& state) override {
    asked = static_cast<int>(state.outcomes);
    notice = "it goes on";
  }

  [[nodiscard]] std::optional<std::string> take_notice() override { return std::exchange(notice, std::nullopt); }

  void use_model(const std::string& model, bool is_shadow) override {
    used = model + (is_shadow ? " in the shadow" : "");
    if (model == "unusable") notice = "it cannot be read";
  }

  std::string used;
  bool allows{true};
  bool snapshots{true};
  int asked{0};
  int turned{0};
  int candles{0};
  std::optional<std::string> notice;
};

struct Rig {
  explicit Rig(ScriptGate& gate) {
    EngineSetup setup;
    setup.rules = script_rules();
    setup.instruments = {spot()};
    setup.gate = &gate;
    engine = std::make_unique<Engine>(std::move(setup));
    AccountRestored account;
    account.cash = account.day_start_equity = account.peak_equity = usd("10000");
    account.day_start = midnight;
    step(account, midnight);
    step(FeedUp{}, midnight);
    while (next < 60) tick(quiet);
  }

  std::vector<Action> step(EventBody body, Time when) {
    Event event;
    event.at = event.when = when;
    event.body = std::move(body);
    ActionList actions;
    engine->step(event, actions);
    return {actions.begin(), actions.end()};
  }

  std::vector<Action> tick(double volume) {
    const auto out = step(CandleClosed{InstrumentId{0}, flat(next, "100", volume), false}, minute(next + 1));
    ++next;
    return out;
  }

  std::unique_ptr<Engine> engine;
  std::int64_t next{0};
};

}  // namespace

TEST_CASE("desk: a short opinion is no candidate where coins cannot be borrowed", "[trading][gate]") {
  ScriptGate gate;
  Rig rig(gate);
  const auto decisions = all<Decision>(rig.tick(go_short));
  REQUIRE_FALSE(decisions.empty());
  CHECK(decisions.back().gate.features_count == 1);   // recorded all the same, for who trains with shorts
  CHECK(gate.asked == 0);
  CHECK(gate.turned == 1);
}

TEST_CASE("desk: a gate sees canonical indicators, and its answer stands in the decision", "[trading][gate]") {
  ScriptGate gate;
  Rig rig(gate);
  const auto actions = rig.tick(go_long);
  const auto decisions = all<Decision>(actions);
  REQUIRE_FALSE(decisions.empty());
  CHECK(all<SubmitOrder>(actions).size() == 1);
  const GateRecord& record = decisions.back().gate;
  CHECK(record.status == GateStatus::used);
  CHECK(record.probability == 0.61);
  CHECK(record.features[0] == 50);   // the RSI of a market that does not move
  CHECK(gate.asked == 1);
  CHECK(gate.candles == 61);
}

TEST_CASE("desk: a gate that says no keeps the entry out, and a second candidate is asked about too",
          "[trading][gate]") {
  ScriptGate gate;
  gate.allows = false;
  Rig rig(gate);
  const auto decisions = all<Decision>(rig.tick(go_long));
  REQUIRE_FALSE(decisions.empty());
  CHECK(decisions.back().reason == Reason::no_edge);
  CHECK(decisions.back().gate.rejected);
  rig.tick(go_long);
  CHECK(gate.asked == 2);
}

TEST_CASE("desk: a candidate that finds no room is asked about all the same", "[trading][gate]") {
  ScriptGate gate;
  Rig rig(gate);
  rig.tick(go_long);
  const auto decisions = all<Decision>(rig.tick(go_long));   // the entry is on its way
  REQUIRE_FALSE(decisions.empty());
  CHECK(decisions.back().reason == Reason::has_position);
  CHECK(decisions.back().gate.features_count == 1);
  CHECK(gate.asked == 2);
}

TEST_CASE("desk: what a gate has to say reaches the operator, and the snapshot is only made where it is wanted",
          "[trading][gate]") {
  ScriptGate gate;
  gate.snapshots = false;
  gate.notice = "the model is switched off";
  Rig rig(gate);
  const auto actions = rig.tick(go_long);
  const auto notes = all<Notify>(actions);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].text == "the model is switched off");
  REQUIRE_FALSE(all<Decision>(actions).empty());
  CHECK(all<Decision>(actions).back().gate.features[0] == -1);
}

TEST_CASE("desk: what a gate knows goes to the ledger with every change, and comes back", "[trading][gate]") {
  ScriptGate gate;
  Rig rig(gate);
  std::vector<std::uint32_t> saved;
  for (int i = 0; i < 3; ++i) {
    for (const Action& action : rig.tick(go_long)) {
      if (const auto* change = std::get_if<GateChanged>(&action)) saved.push_back(change->state.outcomes);
    }
  }
  CHECK(saved == std::vector<std::uint32_t>{1, 2, 3});

  ScriptGate next;
  Rig again(next);
  GateState state;
  state.outcomes = 3;
  const auto said = again.step(GateRestored{DeskId{0}, state}, minute(100));
  CHECK(next.asked == 3);
  REQUIRE(said.size() == 1);
  CHECK(std::get<Notify>(said.front()).text == "it goes on");
}

TEST_CASE("desk: another model is taken by an event, and people are told", "[trading][gate]") {
  ScriptGate gate;
  Rig rig(gate);
  const auto said = all<Notify>(rig.step(ModelActivated{"0123456789ab", false, "cli:1000"}, minute(100)));
  CHECK(gate.used == "0123456789ab");
  REQUIRE(said.size() == 1);
  CHECK(said[0].text == "model 0123456789ab gates entries from here on, by cli:1000");
  CHECK(all<Notify>(rig.step(ModelActivated{"0123456789ab", true, "signal"}, minute(101)))[0].text ==
        "model 0123456789ab answers and decides nothing from here on, by signal");
  CHECK(all<Notify>(rig.step(ModelActivated{"-", false, "signal"}, minute(102)))[0].text ==
        "no model gates any more from here on, by signal");
  const auto broken = all<Notify>(rig.step(ModelActivated{"unusable", false, "signal"}, minute(103)));
  REQUIRE(broken.size() == 2);
  CHECK(broken[1].text == "it cannot be read");
}

}  // namespace aitrade
