#include "core/sim/price_process.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr double mood_hours = 5;             // mean length of a regime
constexpr double variance_memory_hours = 3;  // half-life of a burst of volatility
constexpr double variance_spread = 0.55;     // standard deviation of log-variance
constexpr double jumps_per_day = 1.5;
constexpr double jump_scale = 0.006;
constexpr double anchor_days = 2;         // memory of the slow mean
constexpr double pull_per_day = 6;        // toward it, in calm stretches
constexpr double trend_per_day = 0.05;    // drift of a trend, in log price
constexpr double spread_share = 0.00012;  // of the price, at average volatility
constexpr double pi = 3.14159265358979323846;

struct Known {
  const char* base;
  double price, volatility, share, volume;
};

constexpr std::array<Known, 8> known_bases{{{"BTC", 64'000, 0.030, 0.90, 2'500},
                                            {"ETH", 3'200, 0.038, 0.85, 30'000},
                                            {"SOL", 150, 0.055, 0.75, 400'000},
                                            {"XRP", 0.55, 0.045, 0.65, 60'000'000},
                                            {"ADA", 0.45, 0.045, 0.70, 30'000'000},
                                            {"LTC", 85, 0.040, 0.70, 60'000},
                                            {"DOGE", 0.12, 0.055, 0.65, 200'000'000},
                                            {"LINK", 15, 0.048, 0.70, 500'000}}};

}  // namespace

SyntheticPair synthetic_pair(const Symbol& symbol) {
  SyntheticPair pair;
  pair.symbol = symbol;
  for (const Known& known : known_bases) {
    if (symbol.base != known.base) continue;
    pair.price = known.price;
    pair.daily_volatility = known.volatility;
    pair.market_share = known.share;
    pair.daily_volume = known.volume;
  }
  if (symbol.quote == "BTC") pair.price /= known_bases[0].price;
  if (symbol.quote == "ETH") pair.price /= known_bases[1].price;
  return pair;
}

PriceProcess::State::State(SyntheticPair p, Random r)
    : pair(std::move(p)),
      rules(standard_instrument(pair.symbol,
                                Price::from_double(std::max(pair.price, 1e-6), Rounding::half_even)
                                    .value_or(Price::from_raw(Price::scale)))),
      log_price(std::log(std::max(pair.price, 1e-6))),
      anchor(log_price),
      random(r) {}

PriceProcess::PriceProcess(std::uint64_t seed, std::vector<SyntheticPair> pairs, Duration interval,
                           Time start)
    : market_random_(Random(seed).fork("market")),
      interval_(interval),
      next_open_(floor_to(start, interval)),
      point_days_(static_cast<double>(interval.count()) / points_per_interval / 86'400e9) {
  const Random random(seed);
  for (SyntheticPair& pair : pairs) {
    const std::string name = to_string(pair.symbol);
    states_.emplace_back(std::move(pair), random.fork(name));
  }
}

double PriceProcess::activity(Time at) const {
  const double hour = static_cast<double>(at.seconds_floor() % 86'400) / 3600;
  return 1 + 0.35 * std::sin((hour - 9) / 24 * 2 * pi) + 0.15 * std::sin((hour - 13) / 12 * 2 * pi);
}

void PriceProcess::change_mood(State& state) const {
  const double interval_hours = point_days_ * points_per_interval * 24;
  if (state.random.uniform() >= interval_hours / mood_hours) return;
  const double u = state.random.uniform();
  state.mood = u < 0.40   ? Mood::calm
               : u < 0.63 ? Mood::up
               : u < 0.85 ? Mood::down
                          : Mood::turbulent;
}

void PriceProcess::step(std::vector<SyntheticInterval>& out) {
  out.resize(states_.size());
  std::array<double, points_per_interval> market{};
  const double memory = std::exp2(-point_days_ * points_per_interval * 24 / variance_memory_hours);
  market_log_variance_ = memory * market_log_variance_ +
                         variance_spread * std::sqrt(1 - memory * memory) * market_random_.normal();
  const double scale = std::exp(market_log_variance_ / 2);
  for (double& shock : market)
    shock = scale * market_random_.normal();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    change_mood(states_[i]);
    walk(states_[i], market, out[i]);
  }
  next_open_ = next_open_ + interval_;
}

void PriceProcess::walk(State& state, const std::array<double, points_per_interval>& market,
                        SyntheticInterval& out) {
  const double memory = std::exp2(-point_days_ * points_per_interval * 24 / variance_memory_hours);
  Random& random = state.random;
  state.log_variance = memory * state.log_variance +
                       variance_spread * std::sqrt(1 - memory * memory) * random.normal();
  const double mood_scale = state.mood == Mood::calm        ? 0.7
                            : state.mood == Mood::turbulent ? 1.9
                                                            : 1.0;
  const double own_scale = mood_scale * std::exp(state.log_variance / 2);
  const double common = state.pair.market_share;
  const double own = std::sqrt(1 - common * common);
  const double sigma = state.pair.daily_volatility * std::sqrt(point_days_);
  const double busy = activity(next_open_);

  out.points.clear();
  out.points.reserve(points_per_interval);
  Candle candle;
  candle.open_time = next_open_;
  candle.interval = interval_;
  candle.closed = false;
  for (int i = 0; i < points_per_interval; ++i) {
    double move = sigma * mood_scale * (common * market[static_cast<std::size_t>(i)]) +
                  sigma * own_scale * own * random.normal();
    if (state.mood == Mood::up) move += trend_per_day * point_days_ * 4;
    if (state.mood == Mood::down) move -= trend_per_day * point_days_ * 4;
    if (state.mood == Mood::calm)
      move += pull_per_day * point_days_ * (state.anchor - state.log_price);
    if (random.uniform() < jumps_per_day * point_days_) {
      move +=
          (random.uniform() < 0.5 ? -1 : 1) * (jump_scale / 2 + random.exponential(jump_scale / 2));
    }
    state.log_price = std::clamp(state.log_price + move, -13.0, 18.0);
    state.anchor += (state.log_price - state.anchor) * point_days_ / anchor_days;

    const auto price = round_to_tick(std::exp(state.log_price), state.rules, Rounding::half_even);
    const Price traded = price ? *price : state.rules.tick;
    const double size = std::abs(move) / sigma;
    double quantity =
        state.pair.daily_volume * point_days_ * busy * (0.35 + 0.5 * size) * random.exponential(1);
    quantity = std::max(std::round(quantity * 1e8) / 1e8, 1e-8);
    if (i == 0) candle.open = candle.high = candle.low = traded;
    candle.high = std::max(candle.high, traded);
    candle.low = std::min(candle.low, traded);
    candle.close = traded;
    candle.volume = std::round((candle.volume + quantity) * 1e8) / 1e8;
    candle.trades += 1 + static_cast<std::uint32_t>(random.below(6));
    const Duration offset{interval_.count() * i / points_per_interval};
    out.points.push_back({offset, candle, quantity, move >= 0});
  }
  out.candle = candle;
  out.candle.closed = true;
  const double tick = to_double(state.rules.tick);
  const double price = to_double(candle.close);
  out.spread = std::max(tick, std::round(price * spread_share * own_scale / tick) * tick);
}

}  // namespace aitrade
