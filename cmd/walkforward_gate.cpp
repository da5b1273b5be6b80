#include "cmd/walkforward_gate.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <utility>

#include "cmd/train_model.h"
#include "ml/model_store.h"

namespace aitrade::cli {
namespace {

ml::TrainRules rules_of(const FoldTraining& training, Duration embargo) {
  ml::TrainRules rules;
  rules.seed = training.seed;
  rules.model.boost.seed = training.seed;
  rules.threads = training.threads;
  rules.embargo = embargo;
  return rules;
}

/// Leaves out what was not known `embargo` before the cut.
void keep_known(ml::Dataset& samples, Time cut, Duration embargo) {
  std::erase_if(samples, [&](const ml::Sample& s) { return s.life.to + embargo > cut; });
  ml::prepare(samples);
}

void describe(const TrainResult& trained, FoldModel& out) {
  ml::Bundle bundle = bundle_of(trained);
  out.figures.kind = to_string(bundle.model.kind);
  out.figures.why = bundle.verdict;
  out.figures.model = ml::bundle_id(ml::to_bytes(bundle));
  out.figures.gates = bundle.helps;
  if (!bundle.helps) return;
  out.choice.id = out.figures.model;
  out.choice.bundle = std::make_shared<const ml::Bundle>(std::move(bundle));
}

}  // namespace

GateOpinion LaterGate::assess(const Opinion& opinion, const MarketView& market) const {
  return is_there_ ? gate_->assess(opinion, market) : OpenGate().assess(opinion, market);
}

bool LaterGate::on_candidate(InstrumentId instrument, Time now, const Opinion& opinion, const GateOpinion& answer) {
  if (!is_there_) return false;
  ++(answer.record.status != GateStatus::used ? left_ : answer.allowed ? passed_ : rejected_);
  return gate_->on_candidate(instrument, now, opinion, answer);
}

bool LaterGate::on_turn(InstrumentId instrument, Time now, const Opinion& opinion) {
  return is_there_ && gate_->on_turn(instrument, now, opinion);
}

bool LaterGate::on_candle(InstrumentId instrument, const Candle& candle) {
  is_there_ = is_there_ || candle.close_time() >= from_;
  return is_there_ && gate_->on_candle(instrument, candle);
}

Result<FoldModel> train_fold(const Config& config, const std::vector<Candle>& candles, Time cut,
                             const FoldTraining& training) {
  FoldModel out;
  TrainResult trained;
  AITRADE_TRY(trained.candidates, collect_candidates(config, {training.pair}, {candles}, training.plan));
  ml::Dataset& samples = trained.candidates.samples;
  const Duration embargo = embargo_of(trained.candidates);
  keep_known(samples, cut, embargo);
  AITRADE_CHECK(samples.empty() || ml::seen_by(samples) <= cut);
  out.figures.candidates = samples.size();
  trained.rules = rules_of(training, embargo);
  trained.data_hash = ml::data_hash(samples);
  auto development = ml::develop(samples, trained.rules);
  if (!development) {
    out.figures.why = development.error().what;
    return out;
  }
  trained.development = std::move(*development);
  trained.test = ml::judge(samples, trained.development, nullptr, trained.rules);
  trained.verdict = ml::verdict_of(*trained.test, trained.rules);
  describe(trained, out);
  return out;
}

Result<ModelChoice> given_model(const std::string& name, const Paths& paths) {
  ModelChoice choice;
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) {
    AITRADE_TRY(ml::NamedBundle read, ml::read_bundle(name));
    choice.id = std::move(read.id);
    choice.bundle = std::make_shared<const ml::Bundle>(std::move(read.bundle));
    return choice;
  }
  AITRADE_TRY(ml::Bundle bundle, ml::ModelStore(paths.models_dir).load(name));
  choice.id = name;
  choice.bundle = std::make_shared<const ml::Bundle>(std::move(bundle));
  return choice;
}

Status check_unseen(const ModelChoice& model, Time first_cut) {
  if (model.bundle->seen <= first_cut) return ok();
  return fail(ErrorCode::invalid, "model " + model.id + " was made from candles up to " + to_string(model.bundle->seen) +
                                      ", and the first test window begins at " + to_string(first_cut) +
                                      ": it would gate what it has seen, which says nothing; let the test windows begin "
                                      "later, or take --gate, which trains a model for each of them");
}

FoldModel given_fold(const ModelChoice& model) {
  FoldModel out;
  const ml::Bundle& bundle = *model.bundle;
  out.figures = {bundle.helps, bundle.figures.rows, std::string(to_string(bundle.model.kind)), model.id, bundle.verdict, 0, 0, 0, false};
  if (bundle.helps) out.choice = model;
  return out;
}

void note_rules_alone(const Config& config, const Paths& paths, const std::string& why, Context& context) {
  const ModelChoice active = active_model(config, paths);
  if (active.bundle == nullptr || active.is_shadow || context.global.verbosity < 0) return;
  context.err << "aitrade: note: model " << active.id << " is active, and does not gate here: " << why << '\n';
}

}  // namespace aitrade::cli
