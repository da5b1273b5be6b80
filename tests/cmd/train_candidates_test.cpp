// Candidates and their features depend on the past alone, and on nothing but the candles.

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include "cmd/strategy_keys.h"
#include "cmd/train_candidates.h"
#include "core/config/load.h"
#include "tests/support/tape.h"

#include <fstream>
#include <iterator>

namespace aitrade::cli {
namespace {

std::string demo_text() {
  std::ifstream file(std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

CandidateSet collect(const std::vector<Candle>& candles) {
  const std::string text = demo_text();
  const LoadReport report = load_config_text(text, "demo", strategy_keys());
  REQUIRE(report.config != nullptr);
  CandleInput input;
  input.name = "made";
  input.symbol = *Symbol::parse("BTC/USD");
  input.interval = minutes{1};
  input.read = [&](const std::function<Status(std::span<const Candle>)>& sink) { return sink(candles); };
  std::vector<CandleInput> inputs{input};
  auto set = collect_candidates(*report.config, inputs, {});
  REQUIRE(set);
  return std::move(*set);
}

bool same_bits(const ml::FeatureVector& a, const ml::FeatureVector& b) {
  for (std::size_t c = 0; c < ml::features_count; ++c) {
    if (std::bit_cast<std::uint64_t>(a[c]) != std::bit_cast<std::uint64_t>(b[c])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("train: features of a decision are the same to the bit when the future is absent", "[cmd][train]") {
  const std::vector<Candle> all = test::made_candles(5, 8000, 40'000);
  const std::vector<Candle> past(all.begin(), all.begin() + 5000);
  const CandidateSet whole = collect(all), half = collect(past);
  REQUIRE(half.samples.size() > 100);
  REQUIRE(whole.samples.size() > half.samples.size());
  auto at = whole.samples.begin();   // what has not ended by the cut has no sample there
  for (const ml::Sample& s : half.samples) {
    at = std::find_if(at, whole.samples.end(), [&](const ml::Sample& w) { return w.life.from == s.life.from; });
    REQUIRE(at != whole.samples.end());
    REQUIRE(same_bits(s.features, at->features));
    REQUIRE(s.r == at->r);
  }
}

TEST_CASE("train: every candidate has its features, and its label ends after it was decided", "[cmd][train]") {
  const CandidateSet set = collect(test::made_candles(6, 8000, 40'000));
  CHECK(set.candidates == set.samples.size() + set.unfinished);
  CHECK(set.cost > 0);
  for (const ml::Sample& s : set.samples) {
    REQUIRE(s.life.from < s.life.to);
    REQUIRE(s.weight > 0);
    REQUIRE(s.weight <= 1);
    REQUIRE(std::isfinite(s.features[0]));
    REQUIRE(std::isnan(s.features[7]));   // no book in candles
  }
}

namespace {

/// How labels of entries compare with the trades that the desk made of them.
struct Agreement {
  int trades{0}, alike{0};
  double label_sum{0}, trade_sum{0};   // gross, fraction of price
  std::string first_difference;
};

/// Trades without spread, slippage and delay, so that only the exits could differ.
Agreement compare_with_desk(const std::string& more, bool allow_shorts) {
  std::string text = demo_text();
  for (const char* cut : {"paper.spread_bps", "paper.slippage_bps", "risk.stagnation_exit"}) {
    const std::size_t at = text.find(cut);
    text.erase(at, text.find('\n', at) - at + 1);
  }
  text += "paper.spread_bps = 0\npaper.slippage_bps = 0\npaper.latency_ms = 0\n" + more;
  const LoadReport report = load_config_text(text, "demo", strategy_keys());
  REQUIRE(report.config != nullptr);
  const std::vector<Candle> candles = test::made_candles(8, 30'000, 40'000);
  BacktestPlan plan;
  plan.pairs = {{*Symbol::parse("BTC/USD"), minutes{1}}};
  plan.allow_shorts = allow_shorts;
  plan.records_candidates = true;
  std::vector<Decision> decided;
  plan.on_decision = [&](const Decision& d) {
    if (d.gate.features_count == ml::features_count) decided.push_back(d);
  };
  SilentJournal journal;
  BacktestRun run(*report.config, std::move(plan), journal, false);
  REQUIRE(run.begin({candles.front()}));
  for (const Candle& candle : candles) REQUIRE(run.candle(0, candle));
  const auto result = run.finish();
  REQUIRE(result);

  const ml::GateSettings settings = gate_settings({}, run.engine().rules());
  std::vector<ml::Candidate> entered;
  std::vector<ml::Turn> turns;
  for (const Decision& d : decided) {
    turns.push_back({d.candle_close, d.opinion.direction, d.opinion.entry});
    if (!d.entered) continue;
    const std::span<const double> features(d.gate.features.data(), d.gate.features_count);
    entered.push_back(ml::candidate_of(d.opinion, d.candle_close, features, settings));
  }
  const auto outcomes = ml::label(entered, candles, settings.exits, turns);
  Agreement out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < entered.size(); ++i) {
    if (!outcomes[i]) continue;
    while (next < result->trades.size() && result->trades[next].trade.opened_at < entered[i].decided) ++next;
    if (next == result->trades.size()) break;
    const TradeClosed& trade = result->trades[next].trade;
    if (trade.opened_at - entered[i].decided > minutes{1} || trade.reason == ExitReason::end_of_data) continue;
    const double made = sign(trade.direction) * (to_double(trade.exit) / to_double(trade.entry) - 1);
    const double risk = std::abs(entered[i].entry - entered[i].stop) / entered[i].entry;
    const double said = outcomes[i]->r * risk + entered[i].cost;
    ++out.trades;
    out.label_sum += said;
    out.trade_sum += made;
    if (std::abs(said - made) < 0.02 * risk) {
      ++out.alike;
    } else if (out.first_difference.empty()) {
      out.first_difference = to_string(entered[i].decided) + " " + std::string(to_string(trade.reason)) + " made " +
                             std::to_string(made) + " said " + std::to_string(said) + " of risk " + std::to_string(risk) +
                             ", barrier " + std::to_string(static_cast<int>(outcomes[i]->barrier)) + " ended " +
                             to_string(outcomes[i]->ended) + " trade " + to_string(trade.closed_at);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("train: a label is what the desk did, with every way out that is configured", "[cmd][train]") {
  const auto& [name, more] = GENERATE(table<std::string, std::string>(
      {{"trailing and breakeven", "risk.stagnation_exit = false\n"},
       {"stagnation", "risk.stagnation_exit = true\n"},
       {"parts", "risk.stagnation_exit = false\nrisk.smart_exit.enabled = true\n"
                 "risk.smart_exit.tiers = [{pct = 0.5, tp_mult = 0.5}, {pct = 1.0, tp_mult = 1.0}]\n"},
       {"a time limit", "risk.stagnation_exit = false\nrisk.max_hold_hours = 0.5\n"},
       {"all of them", "risk.stagnation_exit = true\nrisk.max_hold_hours = 1\nrisk.smart_exit.enabled = true\n"
                       "risk.smart_exit.tiers = [{pct = 0.5, tp_mult = 0.5}, {pct = 1.0, tp_mult = 1.0}]\n"}}));
  for (const bool allow_shorts : {false, true}) {
    const Agreement found = compare_with_desk(more, allow_shorts);
    INFO(name << (allow_shorts ? ", shorts too" : "") << ": " << found.alike << " of " << found.trades
              << " alike, first other " << found.first_difference);
    CHECK(found.trades > 30);
    CHECK(found.alike >= found.trades * 97 / 100);
    CHECK(found.label_sum == Approx(found.trade_sum).margin(0.0005 * found.trades));
  }
}

}  // namespace aitrade::cli
