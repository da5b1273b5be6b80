// Builders for tests of trading: exact values, candles, a spot pair, and strategies that do as told.
//
// A scripted strategy reads its order from the volume of the newest bar: the digit of its slot is 1 for
// long and 2 for short. So a script is part of the candles, and the strategy stays stateless like a real
// one. A coin strategy goes long or short by a hash of the time of the bar.
#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"
#include "core/sim/models.h"
#include "core/trading/rules.h"
#include "core/trading/strategy.h"

namespace aitrade::test {

inline Price px(const char* text) { return Price::parse_or_die(text); }

inline Quantity qty(const char* text) { return Quantity::parse_or_die(text); }

inline Money usd(const char* text) { return Money::parse_or_die(text); }

inline Rate rate(const char* text) { return Rate::parse_or_die(text); }

/// Monday 2023-11-13 00:00 UTC: minute 0 of every script.
inline const Time midnight = Time::from_seconds(1'699'833'600);

inline Time minute(std::int64_t i) { return midnight + minutes{i}; }

constexpr double quiet = 1000;       // volumes that say nothing
constexpr double go_long = 1001;     // to slot 0
constexpr double go_short = 1002;

/// The one-minute candle that opens at minute `i`.
inline Candle bar(std::int64_t i, const char* open, const char* high, const char* low, const char* close,
                  double volume = quiet) {
  Candle c;
  c.open_time = minute(i);
  c.interval = minutes{1};
  c.open = px(open);
  c.high = px(high);
  c.low = px(low);
  c.close = px(close);
  c.volume = volume;
  return c;
}

inline Candle flat(std::int64_t i, const char* price = "100", double volume = quiet) {
  return bar(i, price, price, price, price, volume);
}

inline Instrument spot(std::uint32_t id = 0, const char* base = "BTC") {
  Instrument out;
  out.id = InstrumentId{id};
  out.symbol = Symbol{base, "USD"};
  out.tick = px("0.01");
  out.lot = qty("0.0001");
  out.minimum = qty("0.001");
  out.minimum_notional = usd("0.5");
  return out;
}

inline Instrument shortable(std::uint32_t id = 0) {
  Instrument out = spot(id);
  out.can_short = true;
  return out;
}

/// No latency, no costs, no volume limit.
inline VenueModels free_and_instant() {
  VenueModels models;
  models.latency = Duration{0};
  models.half_spread = models.slippage = models.maker_fee = models.taker_fee = Rate{};
  models.volume_cap = 0;
  return models;
}

inline constexpr std::array<Parameter, 5> script_parameters{{
    {"stop", 0.02, 0, 1, false, "distance of the stop, fraction of price"},
    {"target", 0.04, 0, 1, false, "distance of the target, fraction of price"},
    {"strength", 0.8, 0, 1, false, "of its signals"},
    {"confidence", 0.8, 0, 1, false, "of its signals"},
    {"slot", 0, 0, 1e6, true, "digit of the volume, or seed of the coin"},
}};

inline Signal signal_of(int side, double price, const Parameters& p) {
  Signal out;
  if (side == 0) return out;
  out.direction = side > 0 ? Direction::long_ : Direction::short_;
  out.reason = Reason::none;
  out.strength = p[2];
  out.confidence = p[3];
  out.entry = price;
  out.stop = price * (1 - side * p[0]);
  out.target = price * (1 + side * p[1]);
  return out;
}

class Scripted final : public Strategy {
 public:
  explicit Scripted(const Parameters& p) : parameters_(p) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    const double shifted = market.bar().volume / std::pow(10.0, parameters_[4]);
    const int digit = static_cast<int>(std::floor(shifted)) % 10;
    return signal_of(digit == 1 ? 1 : digit == 2 ? -1 : 0, market.bar().close, parameters_);
  }

 private:
  Parameters parameters_;
};

class Coin final : public Strategy {
 public:
  explicit Coin(const Parameters& p) : parameters_(p) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    const auto seed = static_cast<std::uint64_t>(market.bar().open_time.seconds_floor());
    Random random(seed * 31 + static_cast<std::uint64_t>(parameters_.whole(4)));
    const std::uint64_t draw = random.below(8);
    return signal_of(draw == 0 ? 1 : draw == 1 ? -1 : 0, market.bar().close, parameters_);
  }

 private:
  Parameters parameters_;
};

template <class Kind>
StrategyInfo info_of(std::string_view name, Family family) {
  StrategyInfo info{};
  info.name = name;
  info.family = family;
  info.default_weight = 1;
  info.enabled = true;
  info.parameters = script_parameters;
  info.make = [](const StrategySetup& setup) -> std::unique_ptr<Strategy> {
    return std::make_unique<Kind>(setup.parameters);
  };
  info.fault_of = [](const Parameters&) -> const char* { return nullptr; };
  return info;
}

inline const StrategyInfo& scripted_info(Family family = Family::momentum) {
  static const std::array<StrategyInfo, 3> table{info_of<Scripted>("scripted", Family::momentum),
                                                 info_of<Scripted>("scripted_fade", Family::mean_reversion),
                                                 info_of<Scripted>("scripted_trend", Family::trend_following)};
  for (const StrategyInfo& info : table) {
    if (info.family == family) return info;
  }
  return table[0];
}

inline const StrategyInfo& coin_info() {
  static const StrategyInfo info = info_of<Coin>("coin", Family::momentum);
  return info;
}

inline StrategyChoice choose(const StrategyInfo& info, std::uint16_t id = 0, double slot = 0) {
  StrategyChoice choice{StrategyId{id}, &info, Parameters(info.parameters), 1.0, info.leaning, Duration{0}};
  AITRADE_CHECK(choice.parameters.set("slot", slot));
  return choice;
}

/// One scripted strategy on one-minute candles, with no waiting times: a test adds what it is about.
/// With 10000 of equity and a price of 100 an entry is 2 units: position_max 200.
inline TradingRules script_rules() {
  TradingRules rules;
  rules.strategies.push_back(choose(scripted_info()));
  rules.single_strategy = true;
  rules.risk.pair_cooldown = rules.risk.loss_cooldown = Duration{0};
  rules.risk.trades_per_hour_max = 0;
  rules.risk.ruin_probability_max = 0;   // scripts lose on purpose
  rules.risk.kelly_fraction = 0;
  return rules;
}

/// Candles until every indicator of script_rules() is warm.
constexpr std::int64_t warm_bars = 30;

}  // namespace aitrade::test
