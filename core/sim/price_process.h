// A made-up market that looks like one on a chart.
//
// Seeded and pure: the same seed gives the same candles on every machine. All pairs share a market
// factor, so they move together. Each has regimes (calm, trend up, trend down, turbulent) that
// persist for hours, volatility that clusters (log-variance as a first-order autoregression, after
// Taylor 1986), rare jumps (compound Poisson, after Merton 1976), activity that follows the hour of
// the day and the size of the moves, and in calm stretches a pull toward a slow anchor.
//
// It is for demonstrations and tests. Nothing learned from it says anything about a real market.
#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"

#include <array>
#include <cstdint>
#include <vector>

namespace aitrade {

/// One pair of the market.
struct SyntheticPair {
  Symbol symbol;
  double price{100};               // at the first candle
  double daily_volatility{0.035};  // standard deviation of a calm-to-average day
  double market_share{0.7};        // correlation with the common factor, [0, 1)
  double daily_volume{5000};       // base units
};

/// Returns a pair with the price and liquidity such a coin might have; any symbol is accepted.
SyntheticPair synthetic_pair(const Symbol& symbol);

/// A trade inside an interval; `so_far` is the forming candle just after it.
struct SyntheticPoint {
  Duration offset{};
  Candle so_far;
  double quantity{0};
  bool is_buy{false};
};

/// One pair over one interval. The last point's candle is the closed one, but for its closed flag.
struct SyntheticInterval {
  Candle candle;
  double spread{0};  // best ask minus best bid, in quote currency
  std::vector<SyntheticPoint> points;
};

class PriceProcess {
 public:
  static constexpr int points_per_interval = 12;

  /// Starts a market at `start`, a multiple of `interval`. Prices keep to the standard tick of a
  /// pair.
  PriceProcess(std::uint64_t seed, std::vector<SyntheticPair> pairs, Duration interval, Time start);

  /// Moves all pairs by one interval; `out` gets one entry a pair. Cost: about 12 normals a pair.
  void step(std::vector<SyntheticInterval>& out);

  /// Returns the open time of the interval that the next step makes.
  [[nodiscard]] Time next_open() const { return next_open_; }

 private:
  enum class Mood : std::uint8_t { calm, up, down, turbulent };

  struct State {
    SyntheticPair pair;
    Instrument rules;
    double log_price{0};
    double anchor{0};        // slow mean of log_price
    double log_variance{0};  // around zero
    Mood mood{Mood::calm};
    Random random;

    State(SyntheticPair p, Random r);
  };

  void change_mood(State& state) const;
  void walk(State& state, const std::array<double, points_per_interval>& market,
            SyntheticInterval& out);
  [[nodiscard]] double activity(Time at) const;

  std::vector<State> states_;
  Random market_random_;
  double market_log_variance_{0};
  Duration interval_;
  Time next_open_;
  double point_days_;  // length of a point in days
};

}  // namespace aitrade
