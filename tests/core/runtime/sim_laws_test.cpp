// Laws that every backtest obeys: money adds up, the future has no say, chance does not pay.
#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

TradingRules coin_rules(double seed = 0) {
  TradingRules rules = script_rules();
  rules.strategies = {choose(coin_info(), 0, seed)};
  return rules;
}

SimSetup coin_setup(double seed = 0) {
  SimSetup setup = SimRig::setup_of(coin_rules(seed), VenueModels{}, {shortable()});
  setup.keep_decisions = true;
  return setup;
}

std::string text(const ClientOrderId& id) { return to_string(id); }

template <class... Parts>
std::string line(const Parts&... parts) {
  std::string out;
  ((out.append(to_string(parts)) += ' '), ...);
  return out;
}

std::string text(double x) {
  char out[40];
  std::snprintf(out, sizeof out, "%a ", x);  // every bit
  return out;
}

/// What an action asks for or records, to the last digit.
std::string text_of(const Action& action) {
  if (const auto* a = std::get_if<SubmitOrder>(&action)) {
    const Order& o = a->order;
    return "submit " + text(o.client_id) + line(o.side, o.type, o.limit, o.trigger, o.quantity, o.created_at);
  }
  if (const auto* a = std::get_if<ReplaceOrder>(&action)) {
    return "replace " + text(a->client_id) + line(a->limit, a->trigger, a->quantity);
  }
  if (const auto* a = std::get_if<CancelOrder>(&action)) return "cancel " + text(a->client_id);
  if (const auto* a = std::get_if<Decision>(&action)) {
    return "decision " + line(a->reason, a->bracket.stop, a->bracket.target, a->size, a->candle_close) +
           text(a->opinion.confidence) + text(a->expected_r);
  }
  if (const auto* a = std::get_if<PositionChanged>(&action)) {
    return "position " + line(a->quantity, a->entry, a->stop, a->target, a->realized, a->entry_fees);
  }
  if (const auto* a = std::get_if<TradeClosed>(&action)) {
    return "trade " + line(a->pnl, a->fees, a->slippage, a->exit, a->reason) + text(a->mae) + text(a->mfe);
  }
  if (const auto* a = std::get_if<AccountChanged>(&action)) {
    return "account " + line(a->cash, a->equity, a->peak_equity, a->day_start_equity);
  }
  return "other " + std::to_string(action.index());
}

/// The lines of a run up to and including its first `candles` candles.
std::vector<std::string> lines_of(const SimRig& rig, std::int64_t candles) {
  std::vector<std::string> out;
  for (const Step& step : rig.steps) {
    const auto* closed = std::get_if<CandleClosed>(&step.event.body);
    for (const Action& action : step.actions) out.push_back(text_of(action));
    if (closed != nullptr && closed->candle.close_time() == minute(candles)) break;
  }
  return out;
}

std::vector<std::string> run(const SimSetup& setup, const std::vector<Candle>& candles, std::int64_t upto) {
  SimRig rig(setup);
  for (const Candle& c : candles) rig.feed(c);
  return lines_of(rig, upto);
}

}  // namespace

TEST_CASE("sim laws: cash and position are equity, to the unit, after every candle",
          "[runtime][sim][property][X20][X21]") {
  SimRig rig(coin_setup());
  Money cash = usd("10000");
  Quantity held;
  std::size_t seen = 0;
  for (const Candle& c : random_walk(21, 4'000)) {
    rig.feed(c);
    const auto fills = rig.fills();
    for (; seen < fills.size(); ++seen) {
      const Fill& f = fills[seen];
      cash += cash_effect(f.side, f.price, f.quantity, f.fee);
      held += f.side == Side::buy ? f.quantity : -f.quantity;
    }
    rig.steps.clear();
    seen = 0;
    REQUIRE(rig.portfolio().cash() == cash);
    const Money worth = notional(c.close, held.abs(), held.is_negative() ? Rounding::up : Rounding::down);
    REQUIRE(rig.portfolio().equity() == (held.is_negative() ? cash - worth : cash + worth));
  }
}

TEST_CASE("sim laws: profits, fees and cash of a run agree", "[runtime][sim][property]") {
  SimRig rig(coin_setup());
  for (const Candle& c : random_walk(22, 3'000)) rig.feed(c);
  REQUIRE(rig.runner.finish());
  Money profit;
  Money fees;
  const auto trades = rig.all<TradeClosed>();
  for (const TradeClosed& t : trades) {
    profit += t.pnl;
    fees += t.fees;
    if (t.direction == Direction::long_) REQUIRE(t.initial_stop < t.entry);
    if (t.direction == Direction::short_) REQUIRE(t.initial_stop > t.entry);
  }
  CHECK(trades.size() > 50);
  CHECK(rig.portfolio().cash() == usd("10000") + profit);
  CHECK(rig.runner.totals().fees == fees);
}

TEST_CASE("sim laws: the same run twice is the same to the last bit", "[runtime][sim][BT4]") {
  const auto candles = random_walk(23, 1'500);
  const auto first = run(coin_setup(), candles, 1'500);
  CHECK(first.size() > 2'000);
  CHECK(first == run(coin_setup(), candles, 1'500));
  CHECK(first != run(coin_setup(1), candles, 1'500));
}

TEST_CASE("sim laws: what comes after a candle has no say in what was decided on it",
          "[runtime][sim][property][BT3]") {
  constexpr std::int64_t length = 240;
  const auto candles = random_walk(24, length);
  SimRig whole(coin_setup());
  for (const Candle& c : candles) whole.feed(c);
  Random random(25);
  for (int i = 0; i < 50; ++i) {
    const auto cut = static_cast<std::int64_t>(40 + random.below(length - 60));
    auto changed = random_walk(100 + static_cast<std::uint64_t>(i), length, 1.0);
    std::copy_n(candles.begin(), cut, changed.begin());
    REQUIRE(run(coin_setup(), changed, cut) == lines_of(whole, cut));
  }
}

// A strategy that tosses a coin on a walk without drift must lose what trading costs: more would mean
// that costs are counted twice, less that the simulation pays for nothing.
TEST_CASE("sim laws: chance loses its costs and no more", "[runtime][sim][property]") {
  SimSetup setup = coin_setup();
  setup.keep_decisions = false;
  setup.engine.rules.risk.daily_loss_max = rate("0.2");
  SimRig rig(setup);
  for (const Candle& c : random_walk(26, 20'000, 0.3)) rig.feed(c);
  REQUIRE(rig.runner.finish());
  const auto trades = rig.all<TradeClosed>();
  REQUIRE(trades.size() > 800);
  double sum = 0;
  double squares = 0;
  for (const TradeClosed& t : trades) {
    sum += to_double(t.pnl);
    squares += to_double(t.pnl) * to_double(t.pnl);
  }
  const auto n = static_cast<double>(trades.size());
  const double costs = to_double(rig.runner.totals().fees + rig.runner.totals().spread_and_slippage);
  const double deviation = std::sqrt(squares / n - sum / n * (sum / n)) * std::sqrt(n);
  const double z = (sum + costs) / deviation;
  INFO("trades " << n << ", profit " << sum << ", costs " << costs << ", z " << z);
  CHECK(std::abs(z) < 3);
  CHECK(costs > 3 * deviation);  // else the test could not see them
}
