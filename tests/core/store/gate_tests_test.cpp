// The test of a model in the ledger: what went in with a change comes out with the next start.
#include <catch2/catch.hpp>

#include <limits>

#include "core/store/gate_text.h"
#include "core/store/journal_store.h"
#include "core/store/recording_codec.h"
#include "core/store/recovery.h"
#include "core/store/schema.h"
#include "tests/core/store/scratch.h"
#include "tests/core/store/script.h"

using namespace aitrade;

namespace {

GateState state_of(std::uint64_t model, std::uint32_t outcomes) {
  GateState g;
  g.model = model;
  g.won = 20 + 1.0 / 3;
  g.all = 50 + outcomes;
  g.evidence = -2.1;
  g.uncapped = -2.3;
  g.claimed = 0.7;
  g.outcomes = outcomes;
  g.is_off = outcomes > 5;
  g.accepted = 3;
  g.accepted_r = -1.25;
  for (std::uint32_t i = 0; i < 2; ++i) {
    GateCandidate c;
    c.instrument = script_names().instruments[i].id;
    c.direction = i == 0 ? Direction::long_ : Direction::short_;
    c.decided = script_start + minutes{i};
    c.entry = 100.1;
    c.stop = 99;
    c.target = 102.0 + 1.0 / 3;
    c.limit = hours{i};
    c.cost = 0.0062;
    if (i == 1) {
      c.fill = 100.2;
      c.walk.stop = Price::parse_or_die("99.95");
      c.walk.target = Price::parse_or_die("103.00000001");
      c.walk.best = c.walk.worst = Price::parse_or_die("100.2");
      c.walk.left = Quantity::parse_or_die("0.5");
      c.walk.result = 1.0 / 3;
      c.walk.stages = 17;
      c.walk.trailing_on = true;
      c.walk.seen = script_start + minutes{2};
      c.online = 0.1 + 0.2;
      c.features = {1.0 / 3, std::numeric_limits<double>::quiet_NaN(), -2};
    }
    c.atr = 0.7;
    c.probability = 0.1 * i;
    c.rejected = i == 1;
    c.counts = i == 0;
    g.alive.push_back(c);
  }
  g.learner.z = {0.1 + 0.2, -1};
  g.learner.n = {1e-9, 4};
  g.learner.outcomes = outcomes;
  g.learner.won = 3.5;
  g.learner.all = 9;
  g.learner.weight = 2;
  g.learner.gain = 0.01;
  g.learner.squares = 0.002;
  g.learner.brier = 0.4;
  return g;
}

std::string packed(const GateState& state) { return encode_action(GateChanged{DeskId{0}, state}); }

std::vector<GateState> recalled(const std::filesystem::path& folder) {
  Database ledger = must(open_writer(folder / "trading.db", Profile::ledger, script_start));
  std::vector<GateState> out;
  for (const Event& event : must(recall(ledger, script_names(), script_start)).events) {
    if (const auto* gate = std::get_if<GateRestored>(&event.body)) out.push_back(gate->state);
  }
  return out;
}

}  // namespace

TEST_CASE("ledger: the test of each model is kept as it last was", "[store][gate]") {
  Scratch scratch;
  const DeskId desk = script_names().desks.front().id;
  {
    Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
    static_cast<void>(must(recall(ledger, script_names(), script_start)));
    auto journal = must(JournalStore::start(std::move(ledger), script_options(scratch.path(), "r1")));
    std::uint64_t seq = 1;
    for (const GateState& state : {state_of(7, 1), state_of(8, 2), state_of(7, 9)}) {
      ScriptStep step;
      step.event = Event{EventSeq{seq}, script_start + seconds{static_cast<std::int64_t>(seq)}, script_start, Tick{}};
      step.actions.add(GateChanged{desk, state});
      must(play(*journal, step));
      ++seq;
    }
    must(journal->close());
  }
  const auto found = recalled(scratch.path());
  REQUIRE(found.size() == 2);
  CHECK(packed(found[0]) == packed(state_of(8, 2)));
  CHECK(packed(found[1]) == packed(state_of(7, 9)));   // the newest last
}

TEST_CASE("ledger: candidates of a pair that is not traded now are followed no further; others must be whole",
          "[store][gate]") {
  const StoreNames names = script_names();
  const GateState state = state_of(7, 1);
  const std::string text = to_text(state.alive, names);
  const std::string exchange = names.venue(names.instruments.front().venue);
  CHECK(must(parse_candidates(text, names, exchange)).size() == 2);
  StoreNames fewer = names;
  fewer.instruments.erase(fewer.instruments.begin());
  CHECK(must(parse_candidates(text, fewer, exchange)).size() == 1);
  CHECK(must(parse_candidates("", names, exchange)).empty());
  for (std::size_t cut = 1; cut + 1 < text.find('\n'); ++cut) {
    const auto torn = parse_candidates(text.substr(0, cut), names, exchange);
    // A number that lost its last digits is a number still; what lost a word is not.
    if (text.substr(cut, text.find('\n') - cut).find(' ') != std::string::npos) CHECK_FALSE(torn.has_value());
  }
  const std::string before = "BTC/USD long 1 100 99 102 0 0.002 100.1 0.4 0 1\n";   // of a ledger without walks
  const std::string pair = names.pair(names.instruments.front().id);
  const auto older = must(parse_candidates(pair + before.substr(before.find(' ')), names, exchange));
  REQUIRE(older.size() == 1);
  CHECK(older[0].fill == 100.1);
  CHECK(older[0].walk.left.is_zero());
  CHECK(older[0].features.empty());
  CHECK(must(parse_learner("")).z.empty());
  const std::string learner = to_text(state.learner);
  CHECK(to_text(must(parse_learner(learner))) == learner);
  CHECK_FALSE(parse_learner(learner.substr(0, learner.rfind(' '))).has_value());
  CHECK_FALSE(parse_learner(learner + " 1").has_value());
  CHECK_FALSE(parse_candidates("rubbish\n", names, exchange).has_value());
  CHECK_FALSE(parse_model("xyz").has_value());
  CHECK(must(parse_model(model_text(0x0123456789abcdefULL))) == 0x0123456789abcdefULL);
}
