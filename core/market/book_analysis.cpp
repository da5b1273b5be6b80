#include "core/market/book_analysis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace aitrade {
namespace {

constexpr double bps = 1e-4;
constexpr double decay = 5 * bps;                       // distance at which a level counts 1/e
constexpr double bands[3] = {5 * bps, 25 * bps, 50 * bps};
constexpr double void_gap = 0.003;                      // between neighbours, fraction of the mid
constexpr double spread_wide = 0.003;                   // fraction of the mid
constexpr double depth_thin = 10'000, depth_decades = 2;  // quote currency: no credit, and up to full
constexpr double voids_full = 4;
constexpr Duration sizes_every = seconds{1};

double seconds_of(Duration d) { return static_cast<double>(d.count()) * 1e-9; }

/// (a - b) / (a + b); 0 when there is nothing to compare.
double ratio(double a, double b) { return a + b > 0 ? (a - b) / (a + b) : 0; }

/// The distance of two prices in raw units.
double gap(Price a, Price b) { return static_cast<double>(a > b ? a.raw() - b.raw() : b.raw() - a.raw()); }

BookState shape_of(const BookLevels& book) {
  if (book.bids.empty() && book.asks.empty()) return BookState::empty;
  if (book.bids.empty() || book.asks.empty()) return BookState::one_sided;
  const Price bid = book.bids.front().price, ask = book.asks.front().price;
  if (!bid.is_positive()) return BookState::one_sided;
  return bid > ask ? BookState::crossed : bid == ask ? BookState::locked : BookState::ready;
}

double liquidity_of(double spread, double depth, double voids) {
  const double tight = std::clamp(1 - spread / spread_wide, 0.0, 1.0);
  const double deep = depth > depth_thin
                          ? std::min(std::log10(depth / depth_thin) / depth_decades, 1.0)
                          : 0;
  const double even = std::max(1 - voids / voids_full, 0.0);
  return 0.4 * tight + 0.4 * deep + 0.2 * even;
}

/// Without a negative zero.
double round_to(double value, double scale) { return std::round(value * scale) / scale + 0.0; }

double round_ratio(double value) { return round_to(value, 1e3); }

/// Three significant digits, as an exact amount of money.
double round_amount(double value) {
  if (!(value > 0)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 2);
  const auto money = Money::from_double(std::round(value / unit) * unit, Rounding::half_even);
  return money ? to_double(*money) : value;
}

}  // namespace

// ---- the mean ---------------------------------------------------------------------------------

void HeldMean::clear() { marks_.clear(); }

double HeldMean::sum_at(Time now) const {
  return sum_ + value_ * seconds_of(std::max(now - at_, Duration{0}));
}

void HeldMean::add(Time at, double value) {
  if (marks_.empty()) {
    sum_ = 0;
    at_ = at;
    marks_.push({at, 0});
  }
  sum_ = sum_at(at);
  if (at - marks_.back().at >= spacing) marks_.push({at, sum_});
  at_ = std::max(at, at_);
  value_ = value;
}

std::optional<double> HeldMean::mean(Time now) const {
  for (std::size_t k = 0; k < marks_.size(); ++k) {
    const Mark& from = marks_.back(k);
    if (now - from.at < span) continue;
    return (sum_at(now) - from.sum) / seconds_of(now - from.at);
  }
  return std::nullopt;
}

// ---- the book ---------------------------------------------------------------------------------

BookAnalyzer::BookAnalyzer(const BookAnalysisOptions& options)
    : options_(options), whale_limit_(options.whale_threshold), spoof_(options.depth) {
  whales_.reserve(2 * options.depth);
}

void BookAnalyzer::break_off() {
  score_.clear();
  trend_.clear();
  whales_.clear();
  spoof_.forget();
}

void BookAnalyzer::invalidate() {
  state_ = BookState::empty;
  break_off();
}

BookState BookAnalyzer::update(Time at, const BookLevels& book) {
  at = std::max(at, at_);
  if (at - at_ > options_.age_max) score_.clear();  // what it was meanwhile is not known well enough
  at_ = at;
  state_ = shape_of(book);
  if (state_ == BookState::ready) {
    judge(at, book);
  } else {
    break_off();
  }
  return state(at);
}

void BookAnalyzer::on_trade(Time at, Price price) {
  if (options_.trades) spoof_.on_trade(std::max(at, at_), price);
}

BookState BookAnalyzer::state(Time now) const {
  if (state_ != BookState::ready) return state_;
  if (now - at_ > options_.age_max) return BookState::stale;
  return score_.mean(now) ? BookState::ready : BookState::settling;
}

std::optional<double> BookAnalyzer::spread(Time now) const {
  if (state_ != BookState::ready || now - at_ > options_.age_max) return std::nullopt;
  return newest_.spread;
}

BookAnalyzer::SideSums BookAnalyzer::measure(Side side, const std::vector<Level>& levels,
                                             const Level& opposite, double mid) {
  SideSums sums;
  const std::size_t size = std::min(levels.size(), options_.depth);
  const Price best = levels.front().price;
  const std::size_t first_whale = whales_.size();
  const double limit = whale_limit_.limit();
  const double value_unit = mid / static_cast<double>(Quantity::scale);  // of a raw quantity
  const double distance_unit = 1 / (mid * static_cast<double>(Price::scale));
  const double half_spread = gap(best, opposite.price) * distance_unit / 2;
  double total = 0, distance = half_spread;
  for (std::size_t i = 0; i < size; ++i) {
    const Level& level = levels[i];
    const double value = static_cast<double>(level.quantity.raw()) * value_unit;
    // From the best level in exact units: mirrored sides give the same bits.
    const double before = distance;
    distance = gap(level.price, best) * distance_unit + half_spread;
    const double weighted = distance <= bands[2] || i == 0 ? value * std::exp(-distance / decay) : 0;
    const bool is_whale = value > limit;
    total += value;
    for (std::size_t b = 0; b < 3; ++b) {
      if (distance <= bands[b] || i == 0) sums.bands[b] += weighted;
    }
    if (distance <= bands[2]) sums.depth += value;
    if (is_whale) {
      whales_.push_back({side, level.price, value, 0});
      sums.whale_notional += value;
      ++sums.whales;
    }
    if (i == 0) {
      sums.touch = value;
      continue;
    }
    (is_whale ? sums.whale : sums.near) += weighted;
    if (distance - before > void_gap) ++sums.voids;
  }
  const double mean = total / static_cast<double>(size);
  for (std::size_t k = first_whale; k < whales_.size(); ++k) whales_[k].multiple = whales_[k].notional / mean;
  return sums;
}

void BookAnalyzer::judge(Time at, const BookLevels& book) {
  const Level& best_bid = book.bids.front();
  const Level& best_ask = book.asks.front();
  const BookTop top{best_bid.price, best_ask.price, best_bid.quantity, best_ask.quantity, 0};
  const double mid = (to_double(top.bid) + to_double(top.ask)) / 2;
  if (options_.trades) spoof_.update(at, book, whale_limit_.limit() / mid);
  whales_.clear();
  const SideSums bid = measure(Side::buy, book.bids, best_ask, mid);
  const SideSums ask = measure(Side::sell, book.asks, best_bid, mid);

  BookAnalysis& a = newest_;
  a.spread = spread_of(top);
  a.micro_price = micro_price_of(top);
  a.imbalance_5 = ratio(bid.bands[0], ask.bands[0]);
  a.imbalance_25 = ratio(bid.bands[1], ask.bands[1]);
  a.imbalance_50 = ratio(bid.bands[2], ask.bands[2]);
  a.depth_bid = bid.depth;
  a.depth_ask = ask.depth;
  a.whale_bias = ratio(bid.whale_notional, ask.whale_notional);
  a.whales_bid = bid.whales;
  a.whales_ask = ask.whales;
  a.voids = static_cast<std::uint16_t>(bid.voids + ask.voids);
  a.liquidity = liquidity_of(a.spread, bid.depth + ask.depth, a.voids);
  a.is_spoofed = spoof_.is_spoofed(at);

  // Sums of a side first, then the sides: the order of addition is the same in a mirrored book.
  const double behind = (bid.near + bid.whale) + (ask.near + ask.whale);
  const double near = behind > 0 ? (bid.near - ask.near) / behind : 0;
  const double whale = behind > 0 ? (bid.whale - ask.whale) / behind : 0;
  const double quality =
      a.liquidity * (a.is_spoofed ? 0.5 : 1) * (a.spread > spread_wide ? 0.7 : 1);
  a.score_now = quality * (0.4 * ratio(bid.touch, ask.touch) + 0.6 * near + 0.3 * whale);

  score_.add(at, a.score_now);
  if (trend_.empty() || at - trend_.back().at >= trend_spacing) trend_.push({at, a.imbalance_25});
  sample_sizes(at, book, mid);
}

/// Once a second the sizes of all levels join the hour, after they were judged by what came before.
void BookAnalyzer::sample_sizes(Time at, const BookLevels& book, double mid) {
  if (sampled_at_.ns != 0 && at - sampled_at_ < sizes_every) return;
  sampled_at_ = at;
  whale_limit_.begin(at);
  for (const auto* side : {&book.bids, &book.asks}) {
    const std::size_t size = std::min(side->size(), options_.depth);
    for (std::size_t i = 0; i < size; ++i) whale_limit_.note(to_double((*side)[i].quantity) * mid);
  }
  whale_limit_.finish();
}

/// Least squares of the imbalance against time, per second.
double BookAnalyzer::slope() const {
  if (trend_.size() < trend_values) return std::numeric_limits<double>::quiet_NaN();
  double time_mean = 0, value_mean = 0;
  for (std::size_t k = 0; k < trend_values; ++k) {
    time_mean += seconds_of(trend_.back(k).at - trend_.back().at);
    value_mean += trend_.back(k).imbalance;
  }
  time_mean /= trend_values;
  value_mean /= trend_values;
  double covariance = 0, variance = 0;
  for (std::size_t k = 0; k < trend_values; ++k) {
    const double t = seconds_of(trend_.back(k).at - trend_.back().at) - time_mean;
    covariance += t * (trend_.back(k).imbalance - value_mean);
    variance += t * t;
  }
  return covariance / variance;
}

std::optional<BookAnalysis> BookAnalyzer::analysis(Time now) const {
  if (state_ != BookState::ready || now - at_ > options_.age_max) return std::nullopt;
  const auto score = score_.mean(now);
  if (!score) return std::nullopt;
  BookAnalysis a = newest_;
  a.score = round_ratio(std::clamp(*score, -1.0, 1.0));
  a.score_now = round_ratio(a.score_now);
  a.imbalance_5 = round_ratio(a.imbalance_5);
  a.imbalance_25 = round_ratio(a.imbalance_25);
  a.imbalance_50 = round_ratio(a.imbalance_50);
  a.imbalance_trend = round_to(slope(), 1e4);
  a.depth_bid = round_amount(a.depth_bid);
  a.depth_ask = round_amount(a.depth_ask);
  a.whale_bias = round_ratio(a.whale_bias);
  a.liquidity = round_ratio(a.liquidity);
  a.is_spoofed = spoof_.is_spoofed(now);
  return a;
}

}  // namespace aitrade
