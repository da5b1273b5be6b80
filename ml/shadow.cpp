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

bool ShadowLedger::add(InstrumentId instrument, const Candidate& candidate, double p, bool rejected) {
  if (alive_.size() >= alive_max) return false;
  const bool counts = std::none_of(alive_.begin(), alive_.end(),
                                   [&](const Alive& a) { return a.counts && a.instrument == instrument; });
  alive_.push_back({instrument, BarrierWalk(candidate), p, rejected, counts});
  return true;
}

bool ShadowLedger::on_candle(InstrumentId instrument, const Candle& candle) {
  std::size_t kept = 0;
  bool is_changed = false;
  for (std::size_t i = 0; i < alive_.size(); ++i) {
    Alive& a = alive_[i];
    const bool was_in = a.walk.fill().has_value();
    const auto outcome = a.instrument == instrument ? a.walk.on_bar(candle) : std::nullopt;
    is_changed = is_changed || outcome || a.walk.fill().has_value() != was_in;
    if (!outcome) {
      if (kept != i) alive_[kept] = a;
      ++kept;
      continue;
    }
    ShadowSum& sum = a.rejected ? rejected_ : accepted_;
    ++sum.count;
    sum.r += outcome->r;
    if (a.counts) skill_.add(a.p, outcome->is_win());
  }
  alive_.erase(alive_.begin() + static_cast<std::ptrdiff_t>(kept), alive_.end());
  return is_changed;
}

GateState ShadowLedger::state() const {
  GateState out;
  skill_.save(out);
  out.accepted = accepted_.count;
  out.accepted_r = accepted_.r;
  out.rejected = rejected_.count;
  out.rejected_r = rejected_.r;
  for (const Alive& a : alive_) {
    const Candidate& c = a.walk.candidate();
    GateCandidate kept{a.instrument, c.direction, c.decided, c.entry, c.stop, c.target, c.limit, c.cost};
    if (const auto fill = a.walk.fill()) kept.fill = *fill;
    kept.probability = a.p;
    kept.rejected = a.rejected;
    kept.counts = a.counts;
    out.alive.push_back(kept);
  }
  return out;
}

void ShadowLedger::restore(const GateState& state) {
  skill_.restore(state);
  accepted_ = {state.accepted, state.accepted_r};
  rejected_ = {state.rejected, state.rejected_r};
  alive_.clear();
  for (const GateCandidate& kept : state.alive) {
    const Candidate c{kept.decided, kept.direction, kept.entry, kept.stop, kept.target, kept.limit, kept.cost};
    const BarrierWalk walk = std::isnan(kept.fill) ? BarrierWalk(c) : BarrierWalk(c, kept.fill);
    alive_.push_back({kept.instrument, walk, kept.probability, kept.rejected, kept.counts});
  }
}

}  // namespace aitrade::ml
