#include "ml/labels.h"

#include <algorithm>
#include <cmath>

#include "core/base/result.h"

namespace aitrade::ml {

std::optional<Outcome> BarrierWalk::on_bar(const Candle& bar) {
  if (bar.open_time < candidate_.decided) return std::nullopt;
  const double open = to_double(bar.open), high = to_double(bar.high), low = to_double(bar.low);
  if (!is_in_) {
    is_in_ = true;
    fill_ = open;
  }
  const bool is_long = candidate_.direction == Direction::long_;
  const double shift = fill_ - candidate_.entry;
  const double stop = candidate_.stop + shift, target = candidate_.target + shift;
  if (is_long ? open <= stop : open >= stop) return end(open, Barrier::stop, bar.close_time());
  if (is_long ? low <= stop : high >= stop) return end(stop, Barrier::stop, bar.close_time());
  if (is_long ? high >= target : low <= target) return end(target, Barrier::target, bar.close_time());
  if (candidate_.limit.count() > 0 && bar.close_time() - candidate_.decided >= candidate_.limit) {
    return end(to_double(bar.close), Barrier::time, bar.close_time());
  }
  return std::nullopt;
}

Outcome BarrierWalk::end(double exit, Barrier barrier, Time at) const {
  const double side = candidate_.direction == Direction::long_ ? 1 : -1;
  const double risk = std::abs(candidate_.entry - candidate_.stop) / candidate_.entry;
  return Outcome{at, barrier, (side * (exit - fill_) / fill_ - candidate_.cost) / risk};
}

std::vector<std::optional<Outcome>> label(std::span<const Candidate> candidates, std::span<const Candle> bars) {
  std::vector<std::optional<Outcome>> outcomes(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    BarrierWalk walk(candidates[i]);
    auto bar = std::lower_bound(bars.begin(), bars.end(), candidates[i].decided,
                                [](const Candle& c, Time t) { return c.open_time < t; });
    for (; bar != bars.end() && !outcomes[i]; ++bar) outcomes[i] = walk.on_bar(*bar);
  }
  return outcomes;
}

std::vector<double> uniqueness(std::span<const Span> spans) {
  struct Edge {
    std::int64_t at;
    int change;
  };
  std::vector<Edge> edges;
  for (const Span& span : spans) {
    AITRADE_CHECK(span.from < span.to);
    edges.push_back({span.from.ns, 1});
    edges.push_back({span.to.ns, -1});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
  // The integral of 1 / alive up to each edge; the mean over a life is the difference of two of them.
  std::vector<std::int64_t> times;
  std::vector<double> integral;
  double sum = 0;
  int alive = 0;
  for (std::size_t i = 0; i < edges.size();) {
    const std::int64_t now = edges[i].at;
    if (alive > 0) sum += static_cast<double>(now - times.back()) / alive;
    for (; i < edges.size() && edges[i].at == now; ++i) alive += edges[i].change;
    times.push_back(now);
    integral.push_back(sum);
  }
  const auto at = [&](Time t) {
    return integral[static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), t.ns) - times.begin())];
  };
  std::vector<double> out;
  for (const Span& span : spans) {
    out.push_back((at(span.to) - at(span.from)) / static_cast<double>((span.to - span.from).count()));
  }
  return out;
}

}  // namespace aitrade::ml
