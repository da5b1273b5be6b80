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

void ShadowLedger::add(InstrumentId instrument, const Candidate& candidate, double p, bool rejected) {
  if (alive_.size() >= alive_max) return;
  const bool counts = std::none_of(alive_.begin(), alive_.end(),
                                   [&](const Alive& a) { return a.counts && a.instrument == instrument; });
  alive_.push_back({instrument, BarrierWalk(candidate), p, rejected, counts});
}

void ShadowLedger::on_candle(InstrumentId instrument, const Candle& candle) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < alive_.size(); ++i) {
    Alive& a = alive_[i];
    const auto outcome = a.instrument == instrument ? a.walk.on_bar(candle) : std::nullopt;
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
}

}  // namespace aitrade::ml
