#include "cmd/train_model.h"

#include <limits>

namespace aitrade::cli {

ml::Bundle bundle_of(const TrainResult& r) {
  ml::Bundle b;
  b.model = r.development.model;
  b.schema = ml::feature_schema();
  b.data_hash = r.data_hash;
  b.seed = r.rules.seed;
  b.code_version = build_info().version + " " + build_info().build;
  b.base_rate = r.development.base_rate;
  b.margin = r.rules.margin;
  b.cost = r.candidates.cost;
  b.first = r.candidates.samples.front().life.from;
  b.last = r.candidates.samples.back().life.from;
  b.seen = ml::seen_by(r.candidates.samples);
  b.pairs = r.candidates.pairs;
  const ml::TestFigures& t = *r.test;
  constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
  b.figures = {t.rows,  t.accepted,   t.log_loss,   t.base_log_loss, t.auc.value_or(undefined),
               t.brier, t.base_brier, t.line ? t.line->slope : undefined, t.accepted_r, t.all_r};
  b.helps = r.verdict->helps;
  b.verdict = r.verdict->text;
  return b;
}

}  // namespace aitrade::cli
