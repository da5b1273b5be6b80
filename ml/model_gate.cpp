#include "ml/model_gate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/features.h"

namespace aitrade::ml {

namespace {

/// The ATR of the primary timeframe that the features were made with; 0 where it is not known.
double atr_of(const Opinion& opinion, std::span<const double> features) {
  constexpr std::size_t stop_atr = 24;   // ml/features.cpp
  if (features.size() <= stop_atr || !(features[stop_atr] > 0)) return 0;
  return std::abs(opinion.entry - opinion.stop) / features[stop_atr];
}

}  // namespace

Candidate candidate_of(const Opinion& opinion, Time now, std::span<const double> features,
                       const GateSettings& settings) {
  const std::size_t lead = number(opinion.lead);
  const Duration limit = lead < settings.time_stops.size() ? settings.time_stops[lead] : Duration{};
  return {now,   opinion.direction, opinion.entry, opinion.stop, opinion.target, limit, settings.cost,
          atr_of(opinion, features)};
}

ModelGate::ModelGate(std::shared_ptr<const Bundle> bundle, GateSettings settings)
    : bundle_(std::move(bundle)), settings_(std::move(settings)) {
  AITRADE_CHECK(bundle_ != nullptr);
  ledger_.emplace(bundle_->base_rate, settings_.skill, settings_.exits);
  ledger_->teach(OnlineLearner(bundle_->model.scaler, bundle_->base_rate, settings_.online));
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
  const OnlineLearner& learner = *ledger_->learner();
  record.online = learner.probability(x);
  record.online_weight = learner.weight();
  const double p = (1 - record.online_weight) * model.probability(x) + record.online_weight * record.online;
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
  if (!ledger_) return false;
  const bool is_changed = on_turn(instrument, now, opinion);
  const GateRecord& said = answer.record;
  if (!std::isfinite(said.probability)) return is_changed;
  const std::span<const double> features(said.features.data(), said.features_count);
  const ShadowLedger::Told told{said.probability, said.rejected, said.online, features};
  return ledger_->add(instrument, candidate_of(opinion, now, features, settings_), told) || is_changed;
}

bool ModelGate::on_turn(InstrumentId instrument, Time now, const Opinion& opinion) {
  if (!ledger_) return false;
  const bool was_off = ledger_->skill().is_off();
  return note_if_off(was_off, ledger_->on_turn(instrument, {now, opinion.direction, opinion.entry}));
}

bool ModelGate::on_candle(InstrumentId instrument, const Candle& candle) {
  if (!ledger_) return false;
  const bool was_off = ledger_->skill().is_off();
  return note_if_off(was_off, ledger_->on_candle(instrument, candle));
}

/// Says it once when the last outcome switched the gate off; passes `is_changed` on.
bool ModelGate::note_if_off(bool was_off, bool is_changed) {
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
