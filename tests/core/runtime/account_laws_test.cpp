// Laws of the account in long random runs: after every event, over many seeds, under rising costs, at any length.
#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "core/trading/foreign_signals.h"
#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

TradingRules coin_rules(double seed = 0) {
  TradingRules rules = script_rules();
  rules.strategies = {choose(coin_info(), 0, seed)};
  rules.risk.daily_loss_max = rate("0.2");
  return rules;
}

VenueModels all_costs() {
  VenueModels models;
  models.impact = 1;
  models.borrow_daily = rate("0.02");
  return models;
}

/// Watches a run and keeps its own books from the fills alone.
class Bookkeeper final : public StepObserver {
 public:
  explicit Bookkeeper(std::size_t instruments, Money cash) : cash_(cash), held_(instruments), marks_(instruments) {}

  void watch(const SimRunner& runner) { runner_ = &runner; }

  void on_step(const Event& event, const ActionList& actions) override {
    ++events;
    if (const auto* filled = std::get_if<OrderFilled>(&event.body)) {
      const Fill& f = filled->fill;
      cash_ += cash_effect(f.side, f.price, f.quantity, f.fee);
      held_[number(f.instrument)] += f.side == Side::buy ? f.quantity : -f.quantity;
    }
    if (const auto* closed = std::get_if<CandleClosed>(&event.body)) {
      marks_[number(closed->instrument)] = closed->candle.close;
    }
    for (const Action& action : actions) {
      if (const auto* trade = std::get_if<TradeClosed>(&action)) {
        ++trades;
        profit += to_double(trade->pnl);
      }
    }
    if (runner_ == nullptr) return;
    const Portfolio& portfolio = runner_->engine().desk().portfolio();
    Money equity = cash_;
    for (std::size_t i = 0; i < held_.size(); ++i) {
      const Quantity held = held_[i];
      const Price mark = portfolio.mark(InstrumentId{static_cast<std::uint32_t>(i)});
      if (held.is_zero()) continue;
      const Money worth = notional(mark, held.abs(), held.is_negative() ? Rounding::up : Rounding::down);
      equity += held.is_negative() ? -worth : worth;
      if (std::holds_alternative<CandleClosed>(event.body) && mark != marks_[i]) ++wrong;
    }
    if (portfolio.cash() != cash_ || portfolio.equity() != equity) ++wrong;
  }

  std::uint64_t events{0}, wrong{0}, trades{0};
  double profit{0};

 private:
  const SimRunner* runner_{nullptr};
  Money cash_;
  std::vector<Quantity> held_;
  std::vector<Price> marks_;
};

/// What a strategy was asked, and how much it could look back on.
struct Work {
  std::uint64_t judged{0};
  std::size_t bars_most{0};
};

class Counting final : public Strategy {
 public:
  explicit Counting(Work& work) : work_(work) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    ++work_.judged;
    work_.bars_most = std::max(work_.bars_most, market.bars());
    return {};
  }

 private:
  Work& work_;
};

Work& counted() {
  static Work work;   // a strategy is made by a plain function; tests run on one thread
  return work;
}

}  // namespace

TEST_CASE("account laws: cash and positions are equity, to the unit, after each of 100,000 events",
          "[runtime][sim][property][X20][X21]") {
  SilentJournal journal;
  SimSetup setup = SimRig::setup_of(coin_rules(), all_costs(), {shortable(0), shortable(1), shortable(2)});
  Bookkeeper books(3, setup.cash);
  SimRunner runner(std::move(setup), journal, &books);
  REQUIRE(runner.start(midnight));
  books.watch(runner);
  constexpr std::int64_t length = 26'000;
  std::array<std::vector<Candle>, 3> walks{random_walk(41, length), random_walk(42, length), random_walk(43, length)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) {
    for (std::uint32_t pair = 0; pair < 3; ++pair) REQUIRE(runner.candle(InstrumentId{pair}, walks[pair][i]));
  }
  REQUIRE(runner.finish());
  CHECK(books.events > 100'000);
  CHECK(books.trades > 1'000);
  CHECK(books.wrong == 0);
}

TEST_CASE("account laws: over 200 seeds chance loses its costs and nothing else", "[runtime][sim][property][X23]") {
  std::vector<double> surplus;   // profit before costs, as a share of the starting equity
  double costs = 0;
  double trades = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SilentJournal journal;
    SimSetup setup = SimRig::setup_of(coin_rules(static_cast<double>(seed)), all_costs(), {shortable()});
    Bookkeeper books(1, setup.cash);
    SimRunner runner(std::move(setup), journal, &books);
    REQUIRE(runner.start(midnight));
    for (const Candle& c : random_walk(1'000 + seed, 1'500, 0.3)) REQUIRE(runner.candle(InstrumentId{0}, c));
    REQUIRE(runner.finish());
    const double paid = to_double(runner.totals().fees + runner.totals().spread_and_slippage);
    surplus.push_back((books.profit + paid) / 10'000);
    costs += paid / 10'000;
    trades += static_cast<double>(books.trades);
  }
  double mean = 0;
  for (const double s : surplus) mean += s / 200;
  double variance = 0;
  for (const double s : surplus) variance += (s - mean) * (s - mean) / 199;
  const double error = std::sqrt(variance / 200);
  INFO("trades " << trades << ", mean surplus " << mean << " +- " << error << ", mean cost " << costs / 200);
  CHECK(trades > 5'000);
  CHECK(std::abs(mean) < 3 * error);
  CHECK(costs / 200 > 3 * error);   // else the test could not see them
}

TEST_CASE("account laws: no cost that rises ever raises what the same decisions earn", "[runtime][sim][X23]") {
  Random random(51);
  constexpr std::int64_t length = 2'000;
  std::vector<ForeignSignal> list;
  for (std::int64_t i = 0; i < length; ++i) {
    if (random.below(10) != 0) continue;
    ForeignSignal signal;
    signal.at = minute(i + 1);
    const auto draw = random.below(3);
    signal.direction = draw == 0 ? Direction::long_ : draw == 1 ? Direction::short_ : Direction::neutral;
    signal.quantity = qty("5");
    list.push_back(signal);
  }
  const ForeignSignals table({std::move(list)});
  const auto candles = random_walk(52, length);
  const auto earned = [&](const VenueModels& models) {
    TradingRules rules = script_rules();
    follow_signals(rules, table);
    SimRig rig(SimRig::setup_of(std::move(rules), models, {shortable()}));
    for (const Candle& c : candles) {
      rig.feed(c);
      rig.steps.clear();
    }
    REQUIRE(rig.runner.finish());
    CHECK(rig.runner.totals().fills > 150);
    return rig.portfolio().cash();
  };
  const std::array<std::function<void(VenueModels&, std::int64_t)>, 5> parts{
      [](VenueModels& m, std::int64_t k) { m.taker_fee = rate("0.0005") * k; },
      [](VenueModels& m, std::int64_t k) { m.half_spread = rate("0.0005") * k; },
      [](VenueModels& m, std::int64_t k) { m.slippage = rate("0.0005") * k; },
      [](VenueModels& m, std::int64_t k) { m.impact = static_cast<double>(k); },
      [](VenueModels& m, std::int64_t k) { m.borrow_daily = rate("0.001") * k; },
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    INFO("cost " << i);
    VenueModels models = free_and_instant();
    Money before = earned(models);
    for (const std::int64_t k : {1, 2, 4}) {
      parts[i](models, k);
      const Money after = earned(models);
      CHECK(after < before);
      before = after;
    }
  }
}

TEST_CASE("account laws: a bar costs the same however long the run is", "[runtime][sim][BT3]") {
  StrategyInfo info = coin_info();
  info.name = "counting";
  info.make = [](const StrategySetup&) -> std::unique_ptr<Strategy> { return std::make_unique<Counting>(counted()); };
  const auto work_of = [&](std::int64_t bars) {
    counted() = Work{};
    TradingRules rules = script_rules();
    rules.strategies = {choose(info)};
    SilentJournal journal;
    SimRunner runner(SimRig::setup_of(std::move(rules)), journal);
    REQUIRE(runner.start(midnight));
    for (const Candle& c : random_walk(61, bars)) REQUIRE(runner.candle(InstrumentId{0}, c));
    return counted();
  };
  const Work half = work_of(20'000);
  const Work whole = work_of(40'000);
  CHECK(half.judged > 19'000);
  CHECK(whole.judged - half.judged == 20'000);        // each bar is judged once, none again
  CHECK(whole.bars_most == half.bars_most);           // and looks back on a fixed number of bars
  CHECK(whole.bars_most < 1'000);
}

TEST_CASE("account laws: decisions up to a bar are the same when the data end there", "[runtime][sim][BT3]") {
  const auto candles = random_walk(71, 600);
  const auto decisions = [&](std::size_t count) {
    SimSetup setup = SimRig::setup_of(coin_rules(), all_costs(), {shortable()});
    setup.keep_decisions = true;
    SimRig rig(std::move(setup));
    for (std::size_t i = 0; i < count; ++i) rig.feed(candles[i]);
    return rig.all<Decision>();
  };
  const auto whole = decisions(candles.size());
  for (const std::size_t cut : {50U, 137U, 300U, 599U}) {
    const auto part = decisions(cut);
    REQUIRE(part.size() <= whole.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
      REQUIRE(part[i].candle_close == whole[i].candle_close);
      REQUIRE(part[i].reason == whole[i].reason);
      REQUIRE(part[i].size == whole[i].size);
      REQUIRE(part[i].bracket.stop == whole[i].bracket.stop);
      REQUIRE(part[i].opinion.confidence == whole[i].opinion.confidence);
    }
  }
}
