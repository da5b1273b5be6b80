// The part of Desk that hears signals from outside, one at a time, as they come (a signed webhook).
//
// Unlike a run on a table of foreign signals (desk_signals.cpp) the strategies go on, and so does every limit: the
// signal is made an opinion, put in the place of the strategies' own, and led through the same lines: confluence,
// model, waiting times, levels, limits, size. Afterwards their own opinion is put back.
#include <algorithm>
#include <utility>

#include "core/trading/desk.h"

namespace aitrade {
namespace {

constexpr double stop_share_usual = 0.01, stop_share_min = 0.001;   // of the price (operations.md 4.7)
constexpr double reward_to_risk_min = 1.2;
constexpr double strength_usual = 0.6;
constexpr double confidence_max = 0.90;                             // of an opinion (signal.h)

}  // namespace

/// What the sender says and leaves out, as an opinion at `price`.
Opinion Desk::opinion_of(const ExternalSignal& signal, Price price, Regime regime) const {
  const double side = sign(signal.direction);
  Opinion opinion;
  opinion.direction = signal.direction;
  opinion.reason = Reason::none;
  opinion.confidence = signal.confidence > 0 ? std::min(signal.confidence, confidence_max)
                                             : rules_.confluence.confidence_min;
  opinion.strength = signal.strength > 0 ? signal.strength : strength_usual;
  opinion.families = opinion.agreeing = signal.families > 0 ? signal.families
                                                            : std::max(2, rules_.confluence.families_min);
  opinion.regime = regime;
  opinion.lead = external_strategy;
  opinion.entry = to_double(price);
  const double share = std::max(signal.stop_share > 0 ? signal.stop_share : stop_share_usual, stop_share_min);
  opinion.stop = signal.stop.is_positive() ? to_double(signal.stop) : opinion.entry * (1 - side * share);
  const double ratio = signal.reward_to_risk > 0 ? signal.reward_to_risk
                                                 : std::max(reward_to_risk_min, rules_.risk.reward_to_risk_min);
  const double risk = side * (opinion.entry - opinion.stop);
  opinion.target = signal.target.is_positive() ? to_double(signal.target) : opinion.entry + side * ratio * risk;
  return opinion;
}

void Desk::on_signal(const ExternalSignal& signal, Time now, const RunState& state, ActionList& out) {
  const auto tell = [&](Reason reason) {
    out.add(SignalJudged{id_, signal.instrument, signal.direction, reason, signal.source, signal.id, signal.body_hash});
  };
  const bool is_known = number(signal.instrument) < watches_.size() && signal.direction != Direction::neutral;
  if (!is_known || rules_.signals != nullptr) return tell(Reason::no_setup);
  Watch& watch = watches_[number(signal.instrument)];
  Frame& primary = watch.frames[watch.primary];
  const Price price = portfolio_.mark(signal.instrument);
  CandleClosed instant;   // the gates of entries know a moment by the close of its candle
  instant.instrument = signal.instrument;
  instant.candle.open_time = now;
  instant.candle.interval = Duration{0};
  instant.candle.close = price;

  const GateOpinion own_gate = watch.gate;
  const Opinion own = std::exchange(primary.opinion, opinion_of(signal, price, primary.opinion.regime));
  Plan plan;
  const Reason reason = decide_signal(watch, instant, state, plan, out);
  settle({instant, plan, 0}, reason, out);
  primary.opinion = own;
  watch.gate = own_gate;
  tell(reason);
}

Reason Desk::decide_signal(Watch& watch, const CandleClosed& instant, const RunState& state, Plan& plan,
                           ActionList& out) {
  const Time now = instant.candle.close_time();
  Opinion& opinion = watch.frames[watch.primary].opinion;
  if (!instant.candle.close.is_positive()) return Reason::stale_feed;
  confluence_.qualify(opinion);
  if (opinion.reason != Reason::none) return opinion.reason;
  const Position& held = portfolio_.at(instant.instrument);
  if (held.is_open() && held.direction != opinion.direction) {
    leave(instant.instrument, OrderRole::exit, ExitReason::opposite_signal, now, out);
    return Reason::closing_opposite;
  }
  if (!watch.frames[watch.primary].is_warm()) return Reason::warming_up;
  if (rules_.stale_after.count() > 0 && now - watch.newest_close > rules_.stale_after + rules_.base) return Reason::stale_feed;
  watch.gate = assess(watch, now);   // and no candidate of the model's test: it was not made for these
  plan.gate = watch.gate.record;
  return judge_entry(instant, state, plan);
}

}  // namespace aitrade
