#include "ml/labels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/result.h"

namespace aitrade::ml {

namespace {

/// A label knows no ticks and lots: one unit of anything, to the last decimal.
const Instrument& any_instrument() {
  static const Instrument instrument;
  return instrument;
}

constexpr double price_max = 1e9;   // beyond any market, within a Price

Price price_of(double value) {
  const auto price = Price::from_double(std::clamp(value, 0.0, price_max), Rounding::half_even);
  return price ? *price : Price{};
}

Quantity one_unit() { return Quantity::parse_or_die("1"); }

}  // namespace

ExitPlan ExitPlan::plain() {
  constexpr double never = std::numeric_limits<double>::infinity();
  ExitPlan plan;
  plan.rules.trailing_activation_atr = plan.rules.trailing_activation_pct = never;
  plan.rules.breakeven_atr = plan.rules.breakeven_pct = never;
  return plan;
}

BarrierWalk::BarrierWalk(const Candidate& candidate, double fill, const std::optional<GateWalk>& walk)
    : candidate_(candidate) {
  enter(fill);
  seen_ = candidate.decided;
  if (!walk) return;
  position_.stop = walk->stop;
  position_.target = walk->target;
  position_.best = walk->best;
  position_.worst = walk->worst;
  position_.quantity = walk->left;
  position_.stages = walk->stages;
  position_.breakeven_done = walk->breakeven_done;
  position_.trailing_on = walk->trailing_on;
  result_ = walk->result;
  seen_ = walk->seen;
}

GateWalk BarrierWalk::walk() const {
  return {position_.stop, position_.target, position_.best,           position_.worst,       position_.quantity,
          result_,        position_.stages, position_.breakeven_done, position_.trailing_on, seen_};
}

unsigned BarrierWalk::phase() const {
  return (is_in_ ? 1U : 0U) | (position_.breakeven_done ? 2U : 0U) | (position_.trailing_on ? 4U : 0U) |
         static_cast<unsigned>(position_.stages) << 3U;
}

/// As the desk's shift_bracket(): the levels move with the fill.
void BarrierWalk::enter(double fill) {
  is_in_ = true;
  fill_ = fill;
  const double shift = fill - candidate_.entry;
  Position& p = position_;
  p.direction = candidate_.direction;
  p.quantity = p.quantity_initial = one_unit();
  p.entry = p.best = p.worst = price_of(fill);
  p.stop = p.initial_stop = price_of(candidate_.stop + shift);
  p.target = p.initial_target = price_of(candidate_.target + shift);
  p.opened_at = candidate_.decided;
  p.atr_at_entry = candidate_.atr;
}

std::optional<Outcome> BarrierWalk::on_bar(const Candle& bar, const ExitPlan& plan) {
  if (bar.open_time < candidate_.decided || bar.close_time() <= seen_) return std::nullopt;
  if (!is_in_) enter(to_double(bar.open));
  seen_ = bar.close_time();
  Position& p = position_;
  const bool is_long = p.direction == Direction::long_;
  if (is_long ? bar.open <= p.stop : bar.open >= p.stop) return end(bar.open, Barrier::stop, seen_);
  if (is_long ? bar.low <= p.stop : bar.high >= p.stop) return end(p.stop, Barrier::stop, seen_);
  if (auto outcome = take_targets(bar, plan)) return outcome;
  const CandleVerdict verdict = follow_candle(p, bar, plan.timeframe, plan.rules, plan.cost, any_instrument());
  if (verdict.leave == ExitReason::stagnation) return end(bar.close, Barrier::stagnation, seen_);
  const bool is_over = verdict.leave != ExitReason::none || is_idea_over(p, candidate_.limit, seen_);
  return is_over ? std::optional(end(bar.close, Barrier::time, seen_)) : std::nullopt;
}

/// The targets that a bar reaches, one after another.
std::optional<Outcome> BarrierWalk::take_targets(const Candle& bar, const ExitPlan& plan) {
  Position& p = position_;
  const bool is_long = p.direction == Direction::long_;
  for (;;) {
    const TargetPart part = next_target(p, plan.rules, any_instrument());
    const bool is_reached = part.price.is_positive() && (is_long ? bar.high >= part.price : bar.low <= part.price);
    if (!is_reached) return std::nullopt;
    if (part.quantity >= p.quantity) return end(part.price, Barrier::target, seen_);
    close_part(part.price, part.quantity);
    tier_done(p);
  }
}

std::optional<Outcome> BarrierWalk::on_turn(const Turn& turn) {
  const bool is_against = is_in_ && turn.at == seen_ && turn.direction != Direction::neutral &&
                          turn.direction != candidate_.direction;
  if (!is_against) return std::nullopt;
  return end(price_of(turn.price), Barrier::turn, turn.at);
}

void BarrierWalk::close_part(Price price, Quantity quantity) {
  result_ += to_double(quantity) * sign(candidate_.direction) * (to_double(price) - fill_) / fill_;
  position_.quantity -= quantity;
}

Outcome BarrierWalk::end(Price exit, Barrier barrier, Time at) {
  close_part(exit, position_.quantity);
  const double risk = std::abs(candidate_.entry - candidate_.stop) / candidate_.entry;
  return Outcome{at, barrier, (result_ - candidate_.cost) / risk};
}

std::vector<std::optional<Outcome>> label(std::span<const Candidate> candidates, std::span<const Candle> bars,
                                          const ExitPlan& plan, std::span<const Turn> turns) {
  std::vector<std::optional<Outcome>> outcomes(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    BarrierWalk walk(candidates[i]);
    auto bar = std::lower_bound(bars.begin(), bars.end(), candidates[i].decided,
                                [](const Candle& c, Time t) { return c.open_time < t; });
    auto turn = std::upper_bound(turns.begin(), turns.end(), candidates[i].decided,
                                 [](Time t, const Turn& x) { return t < x.at; });
    for (; bar != bars.end() && !outcomes[i]; ++bar) {
      outcomes[i] = walk.on_bar(*bar, plan);
      for (; turn != turns.end() && turn->at <= bar->close_time() && !outcomes[i]; ++turn) {
        outcomes[i] = walk.on_turn(*turn);
      }
    }
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
