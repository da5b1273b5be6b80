#include "core/report/benchmark.h"

#include "core/base/random.h"
#include "core/report/returns.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aitrade {

namespace {

/// The last price known at a moment: at first the first open.
double price_at(const PairPrices& prices, Time at) {
  const auto later = std::upper_bound(prices.daily.begin(), prices.daily.end(), at,
                                      [](Time t, const PricePoint& p) { return t < p.at; });
  return later == prices.daily.begin() ? later->price : std::prev(later)->price;
}

/// A trade to be placed, with its length in strides of the opens.
struct Shape {
  std::size_t steps{1};
  double sign{1}, share{0}, cost{0};
};

/// The trades of one pair, to be placed on its opens.
struct Course {
  const std::vector<double>* opens{nullptr};
  std::vector<Shape> shapes;
  std::size_t free_steps{0};  // opens that no trade covers
};

double growth(const Shape& shape, double entry, double exit) {
  const double ratio = exit / entry;
  return 1 + shape.share * (shape.sign * (ratio - 1) - shape.cost * (1 + ratio));
}

/// Realised equity when each trade opened, as trade_stats counts it, but for trades in closing order.
class Realised {
 public:
  Realised(std::span<const TradeRecord> trades, double initial) {
    for (const TradeRecord& record : trades) closing_.push_back(&record.trade);
    std::stable_sort(closing_.begin(), closing_.end(),
                     [](auto* a, auto* b) { return a->closed_at < b->closed_at; });
    sums_.push_back(initial);
    for (const TradeClosed* trade : closing_) sums_.push_back(sums_.back() + to_double(trade->pnl));
  }

  [[nodiscard]] double at(Time moment) const {
    const auto later =
        std::partition_point(closing_.begin(), closing_.end(),
                             [&](const TradeClosed* t) { return t->closed_at <= moment; });
    return sums_[static_cast<std::size_t>(later - closing_.begin())];
  }

 private:
  std::vector<const TradeClosed*> closing_;
  std::vector<double> sums_;
};

struct Plan {
  std::vector<Course> courses;
  double run_growth{1};
  std::size_t trades{0};
};

/// Returns nothing when a trade cannot be placed.
std::optional<Plan> plan_of(std::span<const TradeShape> shapes, std::span<const PairPrices> prices) {
  Plan plan;
  for (const PairPrices& pair : prices) {
    Course course;
    course.opens = &pair.opens;
    std::size_t held = 0;
    for (const TradeShape& shape : shapes) {
      if (shape.symbol != pair.symbol) continue;
      const auto steps = static_cast<std::size_t>(std::max<std::uint64_t>(1, shape.bars / pair.stride));
      course.shapes.push_back({steps, shape.sign, shape.share, shape.cost});
      plan.run_growth *= shape.growth;
      held += steps;
    }
    if (course.shapes.empty()) continue;
    if (pair.opens.size() < held + 1) return std::nullopt;
    course.free_steps = pair.opens.size() - 1 - held;
    plan.trades += course.shapes.size();
    plan.courses.push_back(std::move(course));
  }
  if (plan.trades != shapes.size() || plan.trades == 0) return std::nullopt;
  return plan;
}

/// Places the shapes in random order with random gaps, every placement equally likely, and returns
/// the growth. Sorted uniform gaps come from normalised sums of exponentials.
double place(Course& course, std::vector<double>& sums, Random& random) {
  auto& shapes = course.shapes;
  const std::size_t n = shapes.size();
  for (std::size_t i = n; i > 1; --i) std::swap(shapes[i - 1], shapes[random.below(i)]);
  sums.resize(n + 1);
  double total = 0;
  for (double& sum : sums) sum = total += random.exponential(1);
  double result = 1;
  std::size_t held = 0;
  const double room = static_cast<double>(course.free_steps + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto gap = std::min(course.free_steps, static_cast<std::size_t>(sums[i] / total * room));
    const std::size_t entry = gap + held;
    held += shapes[i].steps;
    result *= growth(shapes[i], (*course.opens)[entry], (*course.opens)[gap + held]);
  }
  return std::max(result, 0.0);
}

}  // namespace

std::optional<BuyAndHold> buy_and_hold(std::span<const PairPrices> prices,
                                       std::span<const DailyPoint> daily, double initial,
                                       const TakingCosts& costs) {
  if (prices.empty() || daily.empty()) return std::nullopt;
  for (const PairPrices& pair : prices) {
    if (pair.daily.empty()) return std::nullopt;
  }
  BuyAndHold result;
  const double part = initial / static_cast<double>(prices.size());
  std::vector<double> units;
  const double taking = costs.slippage + costs.impact;
  for (const PairPrices& pair : prices) {
    const double price = pair.daily.front().price * (1 + taking);
    units.push_back(part / (price * (1 + costs.fee)));
  }
  const double kept = (1 - taking) * (1 - costs.fee);
  std::vector<DailyPoint> points{{daily.front().at, initial, 0}};
  for (std::size_t day = 1; day < daily.size(); ++day) {
    double equity = 0;
    for (std::size_t i = 0; i < prices.size(); ++i) {
      equity += units[i] * price_at(prices[i], daily[day].at) * kept;
    }
    points.push_back({daily[day].at, equity, 0});
  }
  result.final_equity = points.back().equity;
  result.total_return = result.final_equity / initial - 1;
  result.returns = daily_returns(points);
  if (const auto falls = under_water(result.returns)) result.max_drawdown = falls->depth;
  for (const DailyPoint& point : points) result.equity.push_back(point.equity);
  return result;
}

std::optional<std::vector<TradeShape>> trade_shapes(std::span<const TradeRecord> trades, double initial, Time from) {
  const Realised realised(trades, initial);
  std::vector<TradeShape> out;
  for (const TradeRecord& record : trades) {
    const TradeClosed& t = record.trade;
    if (t.opened_at < from) continue;
    const double entry = to_double(t.entry) * to_double(t.quantity);
    const double exit = to_double(t.exit) * to_double(t.quantity);
    const double equity = realised.at(t.opened_at);
    if (!(entry > 0) || !(exit > 0) || !(equity > 0)) return std::nullopt;
    out.push_back({record.symbol, t.bars, t.direction == Direction::short_ ? -1.0 : 1.0, entry / equity,
                   (to_double(t.fees) + to_double(t.slippage)) / (entry + exit), 1 + to_double(t.pnl) / equity});
  }
  return out;
}

std::optional<RandomEntry> random_entry(std::span<const TradeRecord> trades,
                                        std::span<const PairPrices> prices, double initial,
                                        std::size_t runs, std::uint64_t seed) {
  if (runs == 0 || trades.empty()) return std::nullopt;
  const auto shapes = trade_shapes(trades, initial);
  if (!shapes) return std::nullopt;
  return random_entry(*shapes, prices, runs, seed);
}

std::optional<RandomEntry> random_entry(std::span<const TradeShape> shapes, std::span<const PairPrices> prices,
                                        std::size_t runs, std::uint64_t seed) {
  if (runs == 0 || shapes.empty()) return std::nullopt;
  auto plan = plan_of(shapes, prices);
  if (!plan) return std::nullopt;
  Random random = Random(seed).fork("random_entry");
  std::vector<double> returns, sums;
  std::size_t at_least_as_good = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    double total = 1;
    for (Course& course : plan->courses) total *= place(course, sums, random);
    if (total >= plan->run_growth) ++at_least_as_good;
    returns.push_back(total - 1);
  }
  RandomEntry result;
  result.runs = runs;
  result.seed = seed;
  result.trades = plan->trades;
  result.run_return = plan->run_growth - 1;
  const double count = static_cast<double>(runs);
  result.mean_return = std::accumulate(returns.begin(), returns.end(), 0.0) / count;
  result.p_value = static_cast<double>(at_least_as_good) / count;
  std::sort(returns.begin(), returns.end());
  result.low = *quantile(returns, 0.05);
  result.median = *quantile(returns, 0.50);
  result.high = *quantile(returns, 0.95);
  return result;
}

}  // namespace aitrade
