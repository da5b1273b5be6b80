#include "ml/shadow.h"

#include <algorithm>
#include <cmath>

#include "ml/metrics.h"

namespace aitrade::ml {

SkillTest::SkillTest(double base_rate, const SkillRules& rules)
    : rules_(rules), won_(base_rate * rules.base_weight), all_(rules.base_weight) {}

void SkillTest::add(double p, bool won) {
  constexpr double edge = 0.001;   // one surprise is not the end of a model that was sure
  const double told = std::clamp(p, edge, 1 - edge);
  const double base = std::clamp(won_ / all_, edge, 1 - edge);
  const auto gain = [&](double y) { return log_loss(base, y) - log_loss(told, y); };
  const double now = gain(won ? 1 : 0);
  evidence_ = std::min(rules_.cap_nats, evidence_ + now);
  uncapped_ += now;
  claimed_ += told * gain(1) + (1 - told) * gain(0);
  won_ += won ? 1 : 0;
  all_ += 1;
  ++outcomes_;
  const bool is_refuted = evidence_ <= std::log(rules_.doubt);
  const bool had_time = (outcomes_ >= rules_.proof_after && claimed_ >= rules_.claims_nats) ||
                        outcomes_ >= rules_.proof_at_last;
  if (is_refuted || (had_time && uncapped_ <= 0)) is_off_ = true;
}

void SkillTest::save(GateState& out) const {
  out.won = won_;
  out.all = all_;
  out.evidence = evidence_;
  out.uncapped = uncapped_;
  out.claimed = claimed_;
  out.outcomes = static_cast<std::uint32_t>(outcomes_);
  out.is_off = is_off_;
}

void SkillTest::restore(const GateState& state) {
  won_ = state.won;
  all_ = state.all;
  evidence_ = state.evidence;
  uncapped_ = state.uncapped;
  claimed_ = state.claimed;
  outcomes_ = static_cast<int>(state.outcomes);
  is_off_ = state.is_off;
}

bool ShadowLedger::add(InstrumentId instrument, const Candidate& candidate, const Told& told) {
  if (alive_.size() >= alive_max) return false;
  const bool counts = std::none_of(alive_.begin(), alive_.end(),
                                   [&](const Alive& a) { return a.counts && a.instrument == instrument; });
  Alive one{instrument, BarrierWalk(candidate), told.p, told.rejected, counts, {}, told.online, {}};
  if (counts && learner_) one.features.assign(told.features.begin(), told.features.end());
  alive_.push_back(std::move(one));
  return true;
}

/// Takes a step with each candidate of an instrument that is alive; those that end by it are settled.
template <class Step>
bool ShadowLedger::follow(InstrumentId instrument, const Step& step) {
  std::size_t kept = 0;
  bool is_changed = false;
  for (std::size_t i = 0; i < alive_.size(); ++i) {
    Alive& a = alive_[i];
    if (a.instrument == instrument) {
      const unsigned phase = a.walk.phase();
      if (const auto outcome = step(a.walk)) {
        is_changed = true;
        settle(a, *outcome);
        continue;
      }
      if (a.walk.phase() != phase) {
        is_changed = true;
        a.kept = a.walk.walk();
      }
    }
    if (kept != i) alive_[kept] = std::move(a);
    ++kept;
  }
  alive_.erase(alive_.begin() + static_cast<std::ptrdiff_t>(kept), alive_.end());
  return is_changed;
}

bool ShadowLedger::on_candle(InstrumentId instrument, const Candle& candle) {
  return follow(instrument, [&](BarrierWalk& walk) { return walk.on_bar(candle, plan_); });
}

bool ShadowLedger::on_turn(InstrumentId instrument, const Turn& turn) {
  return follow(instrument, [&](BarrierWalk& walk) { return walk.on_turn(turn); });
}

void ShadowLedger::settle(const Alive& a, const Outcome& outcome) {
  ShadowSum& sum = a.rejected ? rejected_ : accepted_;
  ++sum.count;
  sum.r += outcome.r;
  if (!a.counts) return;
  skill_.add(a.p, outcome.is_win());
  if (learner_ && a.features.size() == features_count && std::isfinite(a.online)) {
    learner_->learn(a.features, a.online, outcome.is_win());
  }
}

GateState ShadowLedger::state() const {
  GateState out;
  skill_.save(out);
  out.accepted = accepted_.count;
  out.accepted_r = accepted_.r;
  out.rejected = rejected_.count;
  out.rejected_r = rejected_.r;
  if (learner_) out.learner = learner_->state();
  for (const Alive& a : alive_) {
    const Candidate& c = a.walk.candidate();
    GateCandidate kept{a.instrument, c.direction, c.decided, c.entry, c.stop, c.target, c.limit, c.cost};
    if (const auto fill = a.walk.fill()) kept.fill = *fill;
    kept.probability = a.p;
    kept.rejected = a.rejected;
    kept.counts = a.counts;
    kept.atr = c.atr;
    kept.walk = a.kept;
    kept.online = a.online;
    kept.features = a.features;
    out.alive.push_back(std::move(kept));
  }
  return out;
}

void ShadowLedger::restore(const GateState& state) {
  skill_.restore(state);
  if (learner_) learner_->restore(state.learner);
  accepted_ = {state.accepted, state.accepted_r};
  rejected_ = {state.rejected, state.rejected_r};
  alive_.clear();
  for (const GateCandidate& kept : state.alive) {
    const Candidate c{kept.decided, kept.direction, kept.entry, kept.stop, kept.target, kept.limit, kept.cost, kept.atr};
    // One of a ledger from before walks were kept has none: it goes on with the levels of its entry.
    const bool has_walk = kept.walk.left.is_positive();
    const BarrierWalk walk = std::isnan(kept.fill)
                                 ? BarrierWalk(c)
                                 : BarrierWalk(c, kept.fill, has_walk ? std::optional(kept.walk) : std::nullopt);
    Alive one{kept.instrument, walk, kept.probability, kept.rejected, kept.counts, kept.walk, kept.online, kept.features};
    alive_.push_back(std::move(one));
  }
}

}  // namespace aitrade::ml
