// What is added to the votes: the order book, a choppy market, high volatility. Sections 3.4 and 3.5.
#include <catch2/catch.hpp>

#include <cmath>

#include "core/trading/confluence.h"
#include "core/trading/volatility_state.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr double no_index = std::numeric_limits<double>::quiet_NaN();

double odds(double p) { return std::log(p / (1 - p)); }

double chance(double o) { return 1 / (1 + std::exp(-o)); }

/// One vote of 0.6 in each family, all for the same side.
struct Votes {
  explicit Votes(std::vector<Family> families, Direction side = Direction::long_) {
    for (const Family family : families) infos.push_back(info_of<Scripted>("voter", family));
    for (std::size_t i = 0; i < infos.size(); ++i) {
      choices.push_back(choose(infos[i], static_cast<std::uint16_t>(i)));
      Signal s = signal_of(sign(side), 100, choices[i].parameters);
      s.strategy = StrategyId{static_cast<std::uint16_t>(i)};
      s.confidence = 0.6;
      signals.push_back(s);
    }
  }

  Opinion opinion(const BookAnalysis* book, double choppiness = no_index, Regime regime = {}) const {
    const Confluence confluence(rules, choices, false);
    Opinion out;
    confluence.combine(signals, regime, no_index, Time{}, out);
    confluence.weigh(out, book, choppiness);
    confluence.qualify(out);
    return out;
  }

  ConfluenceRules rules;
  std::vector<StrategyInfo> infos;
  std::vector<StrategyChoice> choices;
  std::vector<Signal> signals;
};

BookAnalysis leaning(double score) {
  BookAnalysis book;
  book.score = score;
  return book;
}

const std::vector<Family> two{Family::momentum, Family::vwap};
const std::vector<Family> three{Family::momentum, Family::vwap, Family::structure};
const std::vector<Family> four{Family::momentum, Family::vwap, Family::structure, Family::sentiment};

}  // namespace

TEST_CASE("book: agreement confirms, disagreement takes as much", "[trading][confluence][book]") {
  const Votes votes(two);
  const double plain = 2 * odds(0.6);
  const BookAnalysis agrees = leaning(0.5);
  const BookAnalysis differs = leaning(-0.5);
  const double term = 0.15 * odds(0.7);   // S = C = 0.4 + 0.6 * 0.5
  const Opinion with = votes.opinion(&agrees);
  CHECK(with.terms.book == Approx(term));
  CHECK(with.confidence == Approx(chance(plain + term + with.terms.sure_fire)));
  const Opinion against = votes.opinion(&differs);
  CHECK(against.terms.book == Approx(-term));
  CHECK(against.confidence == Approx(chance(plain - term)));
  const Opinion shorts = Votes(two, Direction::short_).opinion(&differs);
  CHECK(shorts.terms.book == Approx(term));
}

TEST_CASE("book: silent without an analysis, below its threshold, and beside a strategy that reads it",
          "[trading][confluence][book]") {
  const Votes votes(two);
  const double without = votes.opinion(nullptr).confidence;
  CHECK(without == Approx(chance(2 * odds(0.6))));
  const BookAnalysis weak = leaning(0.2);
  CHECK(votes.opinion(&weak).terms.book == 0);
  CHECK(votes.opinion(&weak).confidence == without);
  const BookAnalysis strong = leaning(1);
  const Votes readers({Family::momentum, Family::microstructure});
  CHECK(readers.opinion(&strong).terms.book == 0);
  CHECK(readers.opinion(&strong).confidence == readers.opinion(nullptr).confidence);
}

TEST_CASE("book: it never counts as a family", "[trading][confluence][book]") {
  Votes votes({Family::momentum});
  votes.signals[0].confidence = 0.9;
  const BookAnalysis strong = leaning(1);
  const Opinion o = votes.opinion(&strong);
  CHECK(o.families == 1);
  CHECK(o.reason == Reason::too_few_families);
}

TEST_CASE("book: however it leans, its weight stays below a usual vote", "[trading][confluence][book]") {
  const BookAnalysis strongest = leaning(1);
  CHECK(Votes(two).opinion(&strongest).terms.book == Approx(0.15 * odds(0.99)));
  CHECK(Votes(two).opinion(&strongest).terms.book < 0.7);
}

TEST_CASE("book: enough families, confidence and the book together are a sure fire", "[trading][confluence][book]") {
  const Votes votes(two);
  const BookAnalysis agrees = leaning(0.5);
  const Opinion sure = votes.opinion(&agrees);
  const Opinion plain = votes.opinion(nullptr);
  CHECK(sure.reason == Reason::none);
  CHECK(sure.terms.sure_fire == Approx(0.40));
  CHECK(sure.strength == Approx(plain.strength + 0.15));
  CHECK(plain.terms.sure_fire == 0);

  Votes doubtful(two);
  doubtful.rules.confidence_min = 0.8;
  CHECK(doubtful.opinion(&agrees).reason == Reason::low_confidence);
  CHECK(doubtful.opinion(&agrees).terms.sure_fire == 0);
}

TEST_CASE("confluence: a choppy market takes confidence and asks for one family more", "[trading][confluence]") {
  const Opinion calm = Votes(three).opinion(nullptr, 61.8);
  CHECK(calm.terms.choppiness == 0);
  const Opinion choppy = Votes(three).opinion(nullptr, 61.9);
  CHECK(choppy.terms.choppiness == Approx(-0.30));
  CHECK(odds(choppy.confidence) == Approx(odds(calm.confidence) - 0.30));
  CHECK(choppy.reason == Reason::none);
  CHECK(Votes(two).opinion(nullptr, 61.8).reason == Reason::none);
  CHECK(Votes(two).opinion(nullptr, 61.9).reason == Reason::too_few_families);
  CHECK(Votes(two).opinion(nullptr, no_index).reason == Reason::none);
}

TEST_CASE("confluence: high volatility has its own number of families", "[trading][confluence]") {
  const Regime wild{Trend::unknown, Volatility::high};
  CHECK(Votes(two).opinion(nullptr, no_index, wild).reason == Reason::too_few_families);
  CHECK(Votes(three).opinion(nullptr, no_index, wild).reason == Reason::none);
  CHECK(Votes(three).opinion(nullptr, 70, wild).reason == Reason::too_few_families);   // both at once: four
  CHECK(Votes(four).opinion(nullptr, 70, wild).reason == Reason::none);
  Votes relaxed(two);
  relaxed.rules.families_min_wild = 2;
  CHECK(relaxed.opinion(nullptr, no_index, wild).reason == Reason::none);
}

TEST_CASE("confluence: every term is in the opinion and they add up", "[trading][confluence]") {
  const Votes votes(three);
  const BookAnalysis agrees = leaning(0.6);
  const Confluence confluence(votes.rules, votes.choices, false);
  Opinion o;
  confluence.combine(votes.signals, {Trend::trend, Volatility::low}, 30, Time{}, o);
  confluence.weigh(o, &agrees, 65);
  Opinion other;
  other.direction = Direction::long_;
  const Confluence::OtherTimeframe others[] = {{&other, true}};
  confluence.confirm(o, others);
  confluence.qualify(o);
  CHECK(o.terms.regime > 0);
  CHECK(o.terms.families > 0);
  CHECK(o.terms.book > 0);
  CHECK(o.terms.choppiness < 0);
  CHECK(o.terms.timeframes > 0);
  double sum = o.terms.sum();
  for (std::size_t i = 0; i < o.votes_count; ++i) sum += o.votes[i].log_odds;
  CHECK(o.confidence == Approx(std::min(chance(sum), 0.90)));
}

TEST_CASE("confluence: nothing of an opinion outlives the next one", "[trading][confluence]") {
  const Votes votes(three);
  const BookAnalysis agrees = leaning(0.6);
  const Confluence confluence(votes.rules, votes.choices, false);
  Opinion o;
  confluence.combine(votes.signals, {}, no_index, Time{}, o);
  confluence.weigh(o, &agrees, 70);
  std::vector<Signal> silence(votes.signals.size());
  confluence.combine(silence, {}, no_index, Time{}, o);
  CHECK(o.terms == OpinionTerms{});
}

TEST_CASE("choppiness: the index on bars is the indicator's", "[trading][confluence]") {
  IndicatorSet set(minutes{1});
  const Line line = set.choppiness(14);
  Series series(minutes{1}, 128);
  Random random(5);
  double price = 100;
  int compared = 0;
  for (int t = 0; t < 3'000; ++t) {
    Bar bar;
    bar.open = price;
    price += random.normal();
    bar.close = price;
    bar.high = std::max(bar.open, bar.close) + random.uniform();
    bar.low = std::min(bar.open, bar.close) - random.uniform();
    if (t == 1'500) {   // the series breaks: both begin anew
      set.reset();
      series.bars.clear();
      series.since_break = 0;
    }
    series.bars.push(bar);
    ++series.since_break;
    set.update(bar);
    const double mine = choppiness_of(series);
    CHECK(std::isnan(mine) == std::isnan(line.last()));
    if (std::isnan(mine)) continue;
    ++compared;
    CHECK(mine == Approx(line.last()).epsilon(1e-9));
  }
  CHECK(compared > 2'900);
}
