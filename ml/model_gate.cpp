#include "ml/model_gate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/features.h"

namespace aitrade::ml {

Duration limit_of(const GateSettings& settings, StrategyId lead) {
  const std::size_t i = number(lead);
  const Duration own = i < settings.time_stops.size() ? settings.time_stops[i] : Duration{};
  if (own.count() == 0) return settings.hold_max;
  return settings.hold_max.count() == 0 ? own : std::min(own, settings.hold_max);
}

Candidate candidate_of(const Opinion& opinion, Time now, const GateSettings& settings) {
  return {now,         opinion.direction, opinion.entry, opinion.stop, opinion.target, limit_of(settings, opinion.lead),
          settings.cost};
}

ModelGate::ModelGate(std::shared_ptr<const Bundle> bundle, GateSettings settings)
    : bundle_(std::move(bundle)), settings_(std::move(settings)) {
  AITRADE_CHECK(bundle_ != nullptr);
  ledger_.emplace(bundle_->base_rate, settings_.skill);
}

GateOpinion ModelGate::assess(const Opinion& opinion, const MarketView& market) const {
  GateOpinion out;
  out.probability = prior_probability(opinion.confidence);
  const FeatureVector x = features(opinion, market);
  out.record.schema = feature_schema();
  out.record.features_count = features_count;
  std::copy(x.begin(), x.end(), out.record.features.begin());
  out.record.model = settings_.model;
  if (bundle_ != nullptr) {
    answer(opinion, x, out);
  } else if (settings_.is_unusable) {
    out.record.status = GateStatus::unusable;
  }
  return out;
}

void ModelGate::answer(const Opinion& opinion, const FeatureVector& x, GateOpinion& out) const {
  GateRecord& record = out.record;
  const Model& model = bundle_->model;
  if (model.is_missing(x)) {
    record.status = GateStatus::missing;
    return;
  }
  if (model.is_strange(x)) {
    record.status = GateStatus::strange;
    return;
  }
  const double risk = std::abs(opinion.entry - opinion.stop), reward = std::abs(opinion.target - opinion.entry);
  const double p = model.probability(x);
  const double needed = break_even(reward / risk, risk / opinion.entry, settings_.cost) + bundle_->margin;
  if (!std::isfinite(p) || !std::isfinite(needed)) {   // levels that the desk refuses anyway
    record.status = GateStatus::missing;
    return;
  }
  record.probability = p;
  record.needed = needed;
  record.rejected = p < needed;
  if (settings_.is_shadow) {
    record.status = GateStatus::shadow;
  } else if (ledger_->skill().is_off()) {
    record.status = GateStatus::switched_off;
  } else {
    record.status = GateStatus::used;
    out.allowed = !record.rejected;
    out.probability = p;
  }
}

bool ModelGate::on_candidate(InstrumentId instrument, Time now, const Opinion& opinion, const GateOpinion& answer) {
  if (!ledger_ || !std::isfinite(answer.record.probability)) return false;
  return ledger_->add(instrument, candidate_of(opinion, now, settings_), answer.record.probability, answer.record.rejected);
}

bool ModelGate::on_candle(InstrumentId instrument, const Candle& candle) {
  if (!ledger_) return false;
  const bool was_off = ledger_->skill().is_off();
  const bool is_changed = ledger_->on_candle(instrument, candle);
  if (was_off || !ledger_->skill().is_off() || settings_.is_shadow) return is_changed;
  notice_ = "the model does not help: after " + std::to_string(ledger_->skill().outcomes()) +
            " outcomes its probabilities are worse than the base rate; the gate is off, the rules decide alone";
  return true;
}

GateState ModelGate::state() const {
  if (!ledger_) return {};
  GateState out = ledger_->state();
  out.model = settings_.model;
  return out;
}

void ModelGate::restore(const GateState& state) {
  if (!ledger_ || state.model != settings_.model) return;
  ledger_->restore(state);
  if (!ledger_->skill().is_off() || settings_.is_shadow) return;
  notice_ = "the model was found useless by an earlier run, after " + std::to_string(ledger_->skill().outcomes()) +
            " outcomes; the gate stays off, the rules decide alone";
}

std::optional<std::string> ModelGate::take_notice() { return std::exchange(notice_, std::nullopt); }

}  // namespace aitrade::ml
