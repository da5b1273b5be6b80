// The part of Desk that chooses among entries: those of one instant are gathered and served best first.
//
// Candles of the same close come one after another, and the first that comes is not the best. So an entry
// that nothing speaks against waits until all candles of its instant are in (InstantClosed), which takes no
// time: the feed releases them together. Served in turn, each is judged again, because the ones before it
// took their share of slots, heat and cash.
#include <algorithm>

#include "core/trading/desk.h"

namespace aitrade {

/// Whether an opinion that qualified may become an entry now.
Reason Desk::judge_entry(const CandleClosed& event, const RunState& state, Plan& plan) {
  const Watch& watch = watches_[number(event.instrument)];
  const Opinion& opinion = watch.frames[watch.primary].opinion;
  if (state.halted) return Reason::halted;
  if (state.paused) return Reason::paused;
  if (state.held) return Reason::held;
  if (event.backfill) return Reason::backfill;
  if (!state.feed_up) return Reason::stale_feed;
  if (watch.anomalies && watch.anomalies->is_tripped()) return Reason::anomaly;
  if (opinion.direction == Direction::short_ && !instruments_[number(event.instrument)].can_short) {
    return Reason::no_short;
  }
  if (portfolio_.at(event.instrument).is_open()) return Reason::has_position;
  if (orders_.find(event.instrument, OrderRole::entry) != nullptr) return Reason::has_position;
  return plan_entry(watch, event.instrument, event.candle.close_time(), plan);
}

/// A decision is final: it is counted, kept, and acted on.
void Desk::settle(const Candidate& candidate, Reason reason, ActionList& out) {
  const CandleClosed& event = candidate.event;
  const Watch& watch = watches_[number(event.instrument)];
  ++reason_counts_[static_cast<std::size_t>(reason)];
  if (out.keeps_decisions() || reason == Reason::entered) {
    record(watch.frames[watch.primary].opinion, event, reason, candidate.plan, candidate.score, out);
  }
  if (reason == Reason::entered) {
    enter(watch, event.instrument, event.candle.close_time(), candidate.plan, out);
  }
}

Time Desk::oldest_candidate() const {
  Time oldest = candidates_.front().event.candle.close_time();
  for (const Candidate& c : candidates_) oldest = std::min(oldest, c.event.candle.close_time());
  return oldest;
}

/// Scores entries and puts the best first; equal ones by the name of their pair.
void Desk::rank(std::span<Candidate> candidates, Time now) const {
  for (Candidate& c : candidates) {
    const Watch& watch = watches_[number(c.event.instrument)];
    const Frame& primary = watch.frames[watch.primary];
    const Time decided = c.event.candle.close_time();
    std::optional<double> depth;
    if (const BookAnalysis* book = fresh_analysis(watch, decided); book != nullptr) {
      depth = primary.opinion.direction == Direction::long_ ? book->depth_ask : book->depth_bid;
    }
    const double size = to_double(notional(c.plan.bracket.entry, c.plan.sized.quantity, Rounding::up));
    const double age = static_cast<double>((now - decided).count());
    const double left = 1.0 - age / static_cast<double>(primary.timeframe().count());
    c.score = Risk::opportunity(c.plan.expected_r, depth, size, left);
  }
  const auto name_of = [&](const Candidate& c) { return to_string(instruments_[number(c.event.instrument)].symbol); };
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : name_of(a) < name_of(b);
  });
}

void Desk::on_instant_closed(Time now, const RunState& state, ActionList& out) {
  if (candidates_.empty()) return;
  const auto is_due = [&](const Candidate& c) { return c.event.candle.close_time() <= now; };
  const auto end = std::stable_partition(candidates_.begin(), candidates_.end(), is_due);
  const std::span due(candidates_.begin(), end);
  rank(due, now);
  for (Candidate& candidate : due) {
    Plan plan;
    plan.gate = candidate.plan.gate;
    const Reason reason = judge_entry(candidate.event, state, plan);
    candidate.plan = plan;
    settle(candidate, reason, out);
  }
  candidates_.erase(candidates_.begin(), end);
}

}  // namespace aitrade
