// Sweeps: a trial that passes over quiet bars trades and earns what a full backtest does, to the unit.

#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/data/candle_reader.h"
#include "core/report/equity.h"
#include "core/runtime/tape_library.h"
#include "core/runtime/trial_runner.h"
#include "strategies/registry.h"
#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr std::size_t library_bytes = std::size_t{64} << 20U;

/// What the desk told the venue.
struct Told {
  std::size_t action{0};   // which alternative of Action
  ClientOrderId client_id;
  Side side{Side::buy};
  OrderType type{OrderType::market};
  Price limit, trigger;
  Quantity quantity;
  Time at, good_till;

  friend bool operator==(const Told&, const Told&) = default;
};

/// What must be equal: everything the venue was told, every trade, the course of equity, the end.
class Book final : public StepObserver, public MarkObserver {
 public:
  explicit Book(Time start) : equity_(start, 10'000) {}

  void on_step(const Event& event, const ActionList& actions) override {
    for (const Action& action : actions) {
      note(action, event.when);
      if (const auto* trade = std::get_if<TradeClosed>(&action)) trades.push_back(*trade);
    }
  }

  void on_mark(const Mark& mark) override {
    equity_.mark(mark.at, mark.equity, mark.worst_equity, mark.in_position, mark.gross_exposure);
  }

  [[nodiscard]] EquitySummary summary() const { return equity_.finish(); }

  std::vector<TradeClosed> trades;
  std::vector<Told> told;

 private:
  void note(const Action& action, Time when) {
    if (const auto* submit = std::get_if<SubmitOrder>(&action)) {
      const Order& o = submit->order;
      told.push_back({action.index(), o.client_id, o.side, o.type, o.limit, o.trigger, o.quantity, when, o.good_till});
    } else if (const auto* cancel = std::get_if<CancelOrder>(&action)) {
      told.push_back({action.index(), cancel->client_id, {}, {}, {}, {}, {}, when, {}});
    } else if (const auto* replace = std::get_if<ReplaceOrder>(&action)) {
      told.push_back({action.index(), replace->client_id, {}, {}, replace->limit, replace->trigger, replace->quantity,
                      when, {}});
    }
  }

  EquityTracker equity_;
};

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool same(const TradeClosed& a, const TradeClosed& b) {
  return a.trade_number == b.trade_number && a.direction == b.direction && a.quantity == b.quantity &&
         a.entry == b.entry && a.exit == b.exit && a.initial_stop == b.initial_stop && a.target == b.target &&
         a.pnl == b.pnl && a.fees == b.fees && a.slippage == b.slippage && a.opened_at == b.opened_at &&
         a.closed_at == b.closed_at && same(a.confidence, b.confidence) && same(a.r_multiple, b.r_multiple) &&
         same(a.mae, b.mae) && same(a.mfe, b.mfe) && a.bars == b.bars && a.reason == b.reason && a.regime == b.regime;
}

/// Rules under which strategies trade often, with waiting times, breakers and learning as they are shipped.
TradingRules eager_rules(const StrategyInfo& info, Duration interval) {
  TradingRules rules;
  rules.base = rules.primary = interval;
  rules.timeframes = {interval};
  StrategyChoice choice{StrategyId{}, &info, Parameters(info.parameters), 1.0, info.leaning, minutes{10}};
  rules.strategies = {choice};
  rules.single_strategy = true;
  rules.confluence.confidence_min = 0.3;
  rules.risk.cost = Rate::parse_or_die("0.0004");
  rules.risk.reward_to_risk_min = 0.5;
  rules.risk.trades_per_hour_max = 0;
  rules.bracket.round_trip_fee = 0.0002;
  rules.bracket.reward_to_risk_min = 0.5;
  rules.bracket.stop_min_fraction = 0.001;
  rules.bracket.target_min_fraction = 0.001;
  rules.breakers.on_losses = true;
  rules.breakers.losses_max = 4;
  rules.breakers.on_drawdown = true;
  rules.guardrails.is_on = true;
  rules.adaptive_weights = true;
  return rules;
}

SimSetup setup_for(const StrategyInfo& info, Duration interval, Duration resume_after) {
  VenueModels models;
  models.latency = milliseconds{250};
  models.half_spread = models.slippage = rate("0.0001");
  models.maker_fee = models.taker_fee = rate("0.0001");
  SimSetup setup = SimRig::setup_of(eager_rules(info, interval), models, {shortable()});
  setup.resume_after = resume_after;
  return setup;
}

struct Compared {
  std::size_t trades{0}, bars_run{0};
  std::uint64_t pauses{0};
};

/// Runs both ways and compares.
Compared compare(const std::vector<Candle>& candles, SimSetup setup, TapeSource& tapes) {
  setup.gaps = GapRule::flat;
  const Time start = candles.front().open_time;
  Book full_book(start);
  SilentJournal journal;
  SimRunner full(setup, journal, &full_book, &full_book);
  REQUIRE(full.start(start));
  for (const Candle& candle : candles) REQUIRE(full.candle(InstrumentId{0}, candle));
  REQUIRE(full.finish());

  History history(setup.gaps, setup.outliers.empty() ? OutlierSettings{} : setup.outliers.front());
  for (const Candle& candle : candles) REQUIRE(history.add(candle));
  history.finish(setup.engine.rules.regime);
  Book book(start);
  const auto trial = run_trial(history, tapes, setup, &book, &book);
  REQUIRE(trial);

  CHECK(trial->final_equity == full.engine().desk().portfolio().equity());
  CHECK(trial->totals.fees == full.totals().fees);
  CHECK(trial->totals.turnover == full.totals().turnover);
  CHECK(trial->totals.fills == full.totals().fills);
  CHECK(trial->pauses == full.pauses());
  REQUIRE(book.told.size() == full_book.told.size());
  for (std::size_t i = 0; i < book.told.size(); ++i) REQUIRE(book.told[i] == full_book.told[i]);
  REQUIRE(book.trades.size() == full_book.trades.size());
  for (std::size_t i = 0; i < book.trades.size(); ++i) REQUIRE(same(book.trades[i], full_book.trades[i]));
  const EquitySummary a = book.summary();
  const EquitySummary b = full_book.summary();
  CHECK(a.daily == b.daily);
  CHECK(a.drawdown.depth == b.drawdown.depth);
  CHECK(a.drawdown.peak == b.drawdown.peak);
  CHECK(a.drawdown.trough == b.drawdown.trough);
  CHECK(a.drawdown.recovery == b.drawdown.recovery);
  CHECK(a.drawdown.longest_under_water == b.drawdown.longest_under_water);
  CHECK(a.bars_in_position == b.bars_in_position);
  return {book.trades.size(), trial->bars_run, trial->pauses};
}

/// A walk with volume that moves, short holes (filled), long holes (the series breaks) and two spikes.
std::vector<Candle> rough_market(std::uint64_t seed, std::int64_t count) {
  Random random(seed);
  std::vector<Candle> out;
  std::int64_t skip = 0;
  for (Candle& candle : random_walk(seed, count, 0.25)) {
    candle.volume = 1000 * random.exponential(1) + (random.below(30) == 0 ? 9000 : 10);
    if (skip == 0 && random.below(700) == 0) skip = 1 + static_cast<std::int64_t>(random.below(10));
    if (skip == 0 && random.below(4000) == 0) skip = 200;
    if (skip > 0) {
      --skip;
      continue;
    }
    if (out.size() == 5000 || out.size() == 9000) candle.high = candle.close = px("900");
    out.push_back(candle);
  }
  return out;
}

/// Returns the parameters moved within their bounds, in a combination that is allowed.
Parameters moved(const StrategyInfo& info, Random& random) {
  for (;;) {
    Parameters out(info.parameters);
    for (const Parameter& p : info.parameters) {
      double value = p.fallback * (0.6 + 0.9 * random.uniform());
      if (p.is_integer) value = std::round(value);
      out.set(p.name, std::min(std::max(value, p.minimum), p.maximum));
    }
    if (info.fault_of(out) == nullptr) return out;
  }
}

}  // namespace

TEST_CASE("sweep: a trial of every strategy equals its full backtest on a rough market", "[runtime][sweep]") {
  const std::vector<Candle> candles = rough_market(11, 20'000);
  TapeLibrary tapes(library_bytes);
  std::size_t trades = 0;
  std::uint64_t pauses = 0;
  Random random(5);
  for (const StrategyInfo& info : all_strategies()) {
    for (const Duration resume : {Duration{0}, Duration{hours{5}}}) {
      INFO(info.name);
      SimSetup setup = setup_for(info, minutes{1}, resume);
      const Compared plain = compare(candles, setup, tapes);
      setup.engine.rules.strategies.front().parameters = moved(info, random);
      const Compared other = compare(candles, setup, tapes);
      trades += plain.trades + other.trades;
      pauses += plain.pauses + other.pauses;
    }
  }
  CHECK(trades > 1000);
  CHECK(pauses > 10);
}

TEST_CASE("sweep: random parameters of every strategy over random markets, action for action", "[runtime][sweep]") {
  Random random(77);
  std::size_t trades = 0;
  for (const std::uint64_t seed : {std::uint64_t{101}, std::uint64_t{102}, std::uint64_t{103}}) {
    const std::vector<Candle> candles = rough_market(seed, 6000);
    TapeLibrary tapes(std::size_t{3} << 20U);   // small: columns are dropped and computed anew among the trials
    for (const StrategyInfo& info : all_strategies()) {
      for (int i = 0; i < 3; ++i) {
        INFO(info.name);
        SimSetup setup = setup_for(info, minutes{1}, hours{3});
        setup.engine.rules.strategies.front().parameters = moved(info, random);
        trades += compare(candles, setup, tapes).trades;
      }
    }
  }
  CHECK(trades > 500);
}

TEST_CASE("sweep: a strategy that speaks at random equals its full backtest, and quiet bars are passed over",
          "[runtime][sweep]") {
  TapeLibrary tapes(library_bytes);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const std::vector<Candle> candles = rough_market(seed, 6000);
    SimSetup setup = setup_for(coin_info(), minutes{1}, hours{1});
    setup.engine.rules.risk.pair_cooldown = seconds{600};
    TapeLibrary own(library_bytes);   // other candles, other columns
    CHECK(compare(candles, setup, own).trades > 5);
  }
  // A script that speaks twice: almost nothing is run.
  std::vector<Candle> script = random_walk(3, 5000);
  script[1000].volume = script[3000].volume = go_long;
  SimSetup setup = setup_for(scripted_info(), minutes{1}, Duration{0});
  const Compared found = compare(script, setup, tapes);
  CHECK(found.trades >= 1);
  CHECK(found.bars_run < 4000);
}

TEST_CASE("sweep: with a gate nothing is passed over, and the trial is the full backtest", "[runtime][sweep][gate]") {
  /// Lets every other candidate pass, and counts what it is told.
  class OddGate final : public EntryGate {
   public:
    [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override {
      GateOpinion out = OpenGate().assess(opinion, market);
      out.allowed = market.snapshot() != nullptr && market.bar(0).open_time.ns / Duration(minutes{1}).count() % 2 == 1;
      return out;
    }

    [[nodiscard]] bool wants_snapshot() const override { return true; }

    bool on_candle(InstrumentId, const Candle&) override {
      ++candles;
      return false;
    }

    std::size_t candles{0};
  };
  const std::vector<Candle> candles = rough_market(4, 6000);
  TapeLibrary tapes(library_bytes);
  OddGate gate;
  SimSetup setup = setup_for(coin_info(), minutes{1}, hours{1});
  setup.engine.rules.risk.pair_cooldown = seconds{600};
  const Compared open = compare(candles, setup, tapes);
  setup.engine.gate = &gate;
  const Compared gated = compare(candles, setup, tapes);
  CHECK(gated.trades > 0);
  CHECK(gated.trades < open.trades);
  CHECK(gated.bars_run > open.bars_run);
  CHECK(gate.candles >= 2 * gated.bars_run);   // of both ways; the first also closes at the end
}

TEST_CASE("sweep: an entry on the last bars, and no signal at all", "[runtime][sweep]") {
  std::vector<Candle> script = random_walk(3, 500);
  SimSetup setup = setup_for(scripted_info(), minutes{1}, Duration{0});
  {
    TapeLibrary tapes(library_bytes);
    const Compared found = compare(script, setup, tapes);
    CHECK(found.trades == 0);
    CHECK(found.bars_run == 1);
  }
  script[script.size() - 3].volume = go_long;
  TapeLibrary tapes(library_bytes);
  CHECK(compare(script, setup, tapes).trades == 1);
  for (std::size_t count = 1; count <= 3; ++count) {
    TapeLibrary few(library_bytes);
    compare({script.begin(), script.begin() + static_cast<std::ptrdiff_t>(count)}, setup, few);
  }
}

TEST_CASE("sweep: columns dropped and computed again change nothing", "[runtime][sweep]") {
  const std::vector<Candle> candles = rough_market(21, 8000);
  const StrategyInfo& info = *find_strategy("keltner");
  TapeLibrary tiny(1);   // keeps nothing that is not in use
  Random random(8);
  for (int i = 0; i < 4; ++i) {
    SimSetup setup = setup_for(info, minutes{1}, hours{1});
    setup.engine.rules.strategies.front().parameters = moved(info, random);
    compare(candles, setup, tiny);
  }
  CHECK(tiny.bytes() < std::size_t{2} << 20U);
}

TEST_CASE("sweep: two threads over one history give what one gives", "[runtime][sweep]") {
  const std::vector<Candle> candles = rough_market(31, 12'000);
  const StrategyInfo& info = *find_strategy("mean_reversion");
  History history(GapRule::flat, {});
  for (const Candle& candle : candles) REQUIRE(history.add(candle));
  std::vector<SimSetup> setups;
  Random random(17);
  for (int i = 0; i < 12; ++i) {
    setups.push_back(setup_for(info, minutes{1}, hours{1}));
    setups.back().engine.rules.strategies.front().parameters = moved(info, random);
  }
  history.finish(setups.front().engine.rules.regime);
  const auto run_all = [&](unsigned threads) {
    TapeLibrary tapes(std::size_t{2} << 20U);   // small: tapes come and go
    std::vector<Money> ends(setups.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < setups.size(); i = next++) {
        const auto trial = run_trial(history, tapes, setups[i], nullptr, nullptr);
        if (trial) ends[i] = trial->final_equity;
      }
    };
    {
      std::vector<std::jthread> workers;
      for (unsigned t = 0; t < threads; ++t) workers.emplace_back(work);
    }
    return ends;
  };
  const std::vector<Money> one = run_all(1);
  CHECK(one == run_all(2));
  CHECK(one == run_all(4));
  CHECK(one.front() != one.back());
}

TEST_CASE("sweep: every strategy on real candles equals its full backtest", "[runtime][sweep][data]") {
  const std::filesystem::path folder = std::filesystem::path(AITRADE_SOURCE_DIR) / ".." / "shared" / "data";
  const std::string file = (folder / "binance_BTCUSDT_5m_2024H1.csv.gz").string();
  if (!std::filesystem::exists(file)) {
    WARN("skipped: no shared data");
    return;
  }
  CandleReadOptions read;
  read.interval = minutes{5};
  auto source = ByteSource::open(file);
  REQUIRE(source);
  auto reader = CandleReader::open(std::move(*source), read);
  REQUIRE(reader);
  std::vector<Candle> candles;
  REQUIRE(reader->read([&](std::span<const Candle> batch) -> Status {
    candles.insert(candles.end(), batch.begin(), batch.end());
    return ok();
  }));
  REQUIRE(candles.size() > 50'000);
  TapeLibrary tapes(library_bytes);
  std::size_t trades = 0;
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    SimSetup setup = setup_for(info, minutes{5}, hours{24});
    setup.engine.instruments.front().tick = px("0.1");
    setup.engine.instruments.front().lot = setup.engine.instruments.front().minimum = qty("0.00001");
    trades += compare(candles, std::move(setup), tapes).trades;
  }
  CHECK(trades > 500);
}
