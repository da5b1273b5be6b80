#include "ml/features.h"

#include <cmath>
#include <numbers>

namespace aitrade::ml {
namespace {

constexpr double unknown = Snapshot::unknown;

constexpr std::array<FeatureInfo, features_count> table{{
    {"rsi_side", "points from 50", "[-50, 50]"},
    {"ema_side", "close over EMA 20 less 1", "fraction"},
    {"band_side", "%B less one half", "0.5 at a band"},
    {"band_width", "of the middle", ">= 0"},
    {"adx", "points", "[0, 100]"},
    {"di_side", "points", "[-100, 100]"},
    {"volume_ratio", "to the 20 bars before", ">= 0"},
    {"book_side", "score of the book", "[-1, 1]"},
    {"spread", "of mid", ">= 0"},
    {"atr_pct", "of close", ">= 0"},
    {"roc_side", "10 bars", "fraction"},
    {"trend_side", "EMA 12 over EMA 26 less 1", "fraction"},
    {"macd_side", "histogram of close", "fraction"},
    {"realized_vol", "per year", ">= 0"},
    {"choppiness", "points", "[0, 100]"},
    {"trending", "regime", "0 range, 1 trend"},
    {"volatility", "regime", "0 low, 1 mid, 2 high"},
    {"agreeing", "votes", ">= 1"},
    {"opposing", "votes", ">= 0"},
    {"families", "of agreeing votes", ">= 1"},
    {"confidence", "of the opinion", "[0.05, 0.9]"},
    {"strength", "of the opinion", "[0, 1]"},
    {"reward_to_risk", "before costs", "> 0"},
    {"stop_pct", "distance of price", "> 0"},
    {"stop_atr", "distance in ATRs", "> 0"},
    {"hour_sin", "of the UTC day", "[-1, 1]"},
    {"hour_cos", "of the UTC day", "[-1, 1]"},
}};

double encoded(Trend trend) {
  switch (trend) {
    case Trend::unknown:
      return unknown;
    case Trend::range:
      return 0;
    case Trend::trend:
      return 1;
  }
  return unknown;
}

double encoded(Volatility volatility) {
  switch (volatility) {
    case Volatility::unknown:
      return unknown;
    case Volatility::low:
      return 0;
    case Volatility::mid:
      return 1;
    case Volatility::high:
      return 2;
  }
  return unknown;
}

/// A book says what it says only while it is fresh; the analysis is preferred, as it is averaged.
double book_score(const MarketView& market) {
  if (market.analysis() != nullptr) return market.analysis()->score;
  if (market.book() && market.book()->is_valid()) return market.book()->imbalance;
  return unknown;
}

double spread(const MarketView& market) {
  if (market.analysis() != nullptr) return market.analysis()->spread;
  if (market.book() && market.book()->is_valid()) return spread_of(*market.book());
  return unknown;
}

/// Share of the UTC day at which the newest bar closed, as an angle.
double angle_of_day(const MarketView& market) {
  constexpr std::int64_t day = Duration(hours{24}).count();
  const std::int64_t close = (market.bar().open_time + market.timeframe()).ns;
  return 2 * std::numbers::pi * static_cast<double>(close % day) / static_cast<double>(day);
}

double ratio(double a, double b) { return b > 0 ? a / b : unknown; }

}  // namespace

std::span<const FeatureInfo> feature_table() { return table; }

std::uint64_t feature_schema() {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ '\n') * 0x100000001b3;
  };
  for (const FeatureInfo& info : table) {
    add(info.name);
    add(info.unit);
    add(info.range);
  }
  return hash;
}

FeatureVector features(const Opinion& opinion, const MarketView& market) {
  const double side = opinion.direction == Direction::short_ ? -1 : 1;
  const Snapshot s = market.snapshot() != nullptr ? *market.snapshot() : Snapshot{};
  const double risk = std::abs(opinion.entry - opinion.stop);
  const double reward = std::abs(opinion.target - opinion.entry);
  const double angle = angle_of_day(market);
  return FeatureVector{side * (s.rsi - 50),
                       side * (s.ema_ratio - 1),
                       side * (s.bb_position - 0.5),
                       s.bb_width,
                       s.adx,
                       side * s.di_spread,
                       s.volume_ratio,
                       side * book_score(market),
                       spread(market),
                       s.atr_pct,
                       side * s.roc,
                       side * s.trend_strength,
                       side * s.macd_histogram,
                       s.realized_vol,
                       s.choppiness,
                       encoded(opinion.regime.trend),
                       encoded(opinion.regime.volatility),
                       static_cast<double>(opinion.agreeing),
                       static_cast<double>(opinion.opposing),
                       static_cast<double>(opinion.families),
                       opinion.confidence,
                       opinion.strength,
                       ratio(reward, risk),
                       ratio(risk, opinion.entry),
                       ratio(risk, s.atr_pct * opinion.entry),
                       std::sin(angle),
                       std::cos(angle)};
}

}  // namespace aitrade::ml
