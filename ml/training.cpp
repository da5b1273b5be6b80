#include "ml/training.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

namespace aitrade::ml {
namespace {

constexpr std::size_t bins_count = 10;
constexpr std::size_t path_groups = 6, path_tested = 2;
constexpr double validation_share = 0.25;   // of a fold's training rows: as in the three-way split

std::vector<Span> lives(const Dataset& data, std::size_t count) {
  std::vector<Span> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(data[i].life);
  return out;
}

double win_rate(const Dataset& data, std::span<const std::size_t> rows) {
  double won = 0, all = 0;
  for (const std::size_t i : rows) {
    all += data[i].weight;
    won += data[i].is_win() ? data[i].weight : 0;
  }
  return all > 0 ? won / all : 0;
}

bool has_both(const Dataset& data, std::span<const std::size_t> rows) {
  const auto wins = std::count_if(rows.begin(), rows.end(), [&](std::size_t i) { return data[i].is_win(); });
  return wins > 0 && static_cast<std::size_t>(wins) < rows.size();
}

/// Fits with the newest quarter of `rows` kept for early stopping and calibration, purged from the rest.
Result<Model> fit_inside(ModelKind kind, const Dataset& data, std::span<const std::size_t> rows,
                         std::span<const Span> spans, const TrainRules& rules) {
  const auto kept = static_cast<std::size_t>(static_cast<double>(rows.size()) * validation_share);
  const std::vector<std::size_t> newest(rows.end() - static_cast<std::ptrdiff_t>(kept), rows.end());
  const auto train = purged(spans, rows.first(rows.size() - kept), {newest}, rules.embargo);
  if (!has_both(data, train) || !has_both(data, newest)) {
    return fail(ErrorCode::invalid, "a fold has outcomes of one kind only");
  }
  return Model::fit(kind, data, train, newest, rules.model);
}

/// One fit of the validation: a split by a kind of model.
struct Trial {
  ModelKind kind;
  const Split* split;
  std::optional<Forecasts> answer;   // nothing when the rows have outcomes of one kind only
  double base{0};
};

/// Runs the trials; each is alone with its own model, so their order does not matter.
void run(std::vector<Trial>& trials, const Dataset& data, std::span<const Span> spans, const TrainRules& rules) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t k = next++; k < trials.size(); k = next++) {
      Trial& trial = trials[k];
      const auto model = fit_inside(trial.kind, data, trial.split->train, spans, rules);
      if (!model) continue;
      trial.answer = forecasts(data, trial.split->test, *model);
      trial.base = win_rate(data, trial.split->train);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < rules.threads; ++i) threads.emplace_back(work);
  work();
}

void append(Forecasts& to, const Forecasts& from) {
  to.p.insert(to.p.end(), from.p.begin(), from.p.end());
  to.wins.insert(to.wins.end(), from.wins.begin(), from.wins.end());
  to.weights.insert(to.weights.end(), from.weights.begin(), from.weights.end());
  to.r.insert(to.r.end(), from.r.begin(), from.r.end());
}

Validated validate(ModelKind kind, std::span<const Trial> trials) {
  Validated out;
  out.kind = kind;
  Forecasts model, base;
  for (const Trial& trial : trials) {
    if (trial.kind != kind || !trial.answer) continue;
    Forecasts constant = *trial.answer;
    std::fill(constant.p.begin(), constant.p.end(), trial.base);
    out.fold_gains.push_back(mean_log_loss(constant) - mean_log_loss(*trial.answer));
    append(model, *trial.answer);
    append(base, constant);
  }
  out.rows = model.size();
  if (out.rows == 0) return out;
  out.log_loss = mean_log_loss(model);
  out.base_log_loss = mean_log_loss(base);
  out.auc = auc(model);
  return out;
}

PathSpread spread_of(ModelKind kind, const Dataset& data, std::span<const Span> spans, const TrainRules& rules) {
  const std::vector<Split> splits = combinatorial(spans, path_groups, path_tested, rules.embargo);
  std::vector<Trial> trials;
  for (const Split& split : splits) trials.push_back({kind, &split, {}, 0});
  run(trials, data, spans, rules);
  PathSpread out;
  out.lowest = 1;
  double sum = 0;
  for (const Trial& trial : trials) {
    const auto area = trial.answer ? auc(*trial.answer) : std::nullopt;
    if (!area) continue;
    ++out.splits;
    sum += *area;
    out.lowest = std::min(out.lowest, *area);
    out.highest = std::max(out.highest, *area);
  }
  if (out.splits > 0) out.mean = sum / static_cast<double>(out.splits);
  return out;
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
  double sum = 0, all = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    all += weights[i];
  }
  return all > 0 ? sum / all : std::numeric_limits<double>::quiet_NaN();
}

/// What accepting by the gate's rule would have earned.
void judge_selection(const Dataset& data, std::span<const std::size_t> rows, const Forecasts& f,
                     const TrainRules& rules, Random& random, TestFigures& out) {
  std::vector<double> accepted_r, accepted_weights, rejected_r, rejected_weights;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const bool accepts = f.p[k] >= data[rows[k]].break_even + rules.margin;
    (accepts ? accepted_r : rejected_r).push_back(f.r[k]);
    (accepts ? accepted_weights : rejected_weights).push_back(f.weights[k]);
  }
  out.accepted = accepted_r.size();
  out.all_r = weighted_mean(f.r, f.weights);
  out.accepted_r = weighted_mean(accepted_r, accepted_weights);
  out.rejected_r = weighted_mean(rejected_r, rejected_weights);
  out.accepted_gain = paired_bootstrap(accepted_r, accepted_weights, rules.rounds, random);
  for (double& r : accepted_r) r -= out.all_r;
  out.selection_gain = paired_bootstrap(accepted_r, accepted_weights, rules.rounds, random);
}

std::vector<double> importance_of(const Dataset& data, std::span<const std::size_t> rows, const Model& model,
                                  double loss, Random& random) {
  const auto loss_of = [&](std::size_t column, std::span<const std::size_t> order) {
    Forecasts f;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Sample& s = data[rows[k]];
      FeatureVector x = s.features;
      x[column] = data[rows[order[k]]].features[column];
      f.p.push_back(model.probability(x));
      f.wins.push_back(s.is_win() ? 1 : 0);
      f.weights.push_back(s.weight);
    }
    return mean_log_loss(f);
  };
  return permutation_importance(features_count, rows.size(), loss, loss_of, random);
}

std::vector<double> gains(const Forecasts& better, std::span<const double> than) {
  std::vector<double> out;
  for (std::size_t i = 0; i < better.size(); ++i) {
    out.push_back(log_loss(than[i], better.wins[i]) - log_loss(better.p[i], better.wins[i]));
  }
  return out;
}

}  // namespace

Forecasts forecasts(const Dataset& data, std::span<const std::size_t> rows, const Model& model) {
  Forecasts f;
  for (const std::size_t i : rows) {
    f.p.push_back(model.probability(data[i].features));
    f.wins.push_back(data[i].is_win() ? 1 : 0);
    f.weights.push_back(data[i].weight);
    f.r.push_back(data[i].r);
  }
  return f;
}

Result<Development> develop(const Dataset& data, const TrainRules& rules) {
  if (data.size() < samples_min) {
    return fail(ErrorCode::invalid, std::to_string(data.size()) + " candidates with an outcome are too few; at least " +
                                        std::to_string(samples_min) + " are needed");
  }
  Development out;
  out.parts = three_way(lives(data, data.size()), rules.embargo);
  if (!has_both(data, out.parts.train) || !has_both(data, out.parts.validation) || out.parts.test.empty()) {
    return fail(ErrorCode::invalid, "the candidates of a part have outcomes of one kind only");
  }
  // What is developed on ends before the first label of the test begins, purged like everything else.
  std::size_t count = out.parts.test.front();
  const std::vector<Span> spans = lives(data, count);
  std::vector<Split> splits = walk_forward(spans, rules.folds, rules.embargo);
  for (Split& split : splits) split.test = purged(lives(data, data.size()), split.test, {out.parts.test}, rules.embargo);
  std::vector<Trial> trials;
  for (const ModelKind kind : {ModelKind::logistic, ModelKind::xgboost}) {
    for (const Split& split : splits) {
      if (!split.test.empty()) trials.push_back({kind, &split, {}, 0});
    }
  }
  run(trials, data, spans, rules);
  for (const ModelKind kind : {ModelKind::logistic, ModelKind::xgboost}) {
    out.validated.push_back(validate(kind, trials));
  }
  const Validated& simple = out.validated[0];
  const Validated& trees = out.validated[1];
  const bool grows = trees.rows > 0 && trees.log_loss < simple.log_loss;
  AITRADE_TRY(out.model, Model::fit(grows ? ModelKind::xgboost : ModelKind::logistic, data, out.parts.train,
                                    out.parts.validation, rules.model));
  out.paths = spread_of(out.model.kind, data, spans, rules);
  std::vector<std::size_t> seen = out.parts.train;
  seen.insert(seen.end(), out.parts.validation.begin(), out.parts.validation.end());
  out.base_rate = win_rate(data, seen);
  return out;
}

TestFigures judge(const Dataset& data, const Development& development, const Model* incumbent,
                  const TrainRules& rules) {
  const std::vector<std::size_t>& rows = development.parts.test;
  const Forecasts f = forecasts(data, rows, development.model);
  Random random = Random(rules.seed).fork("test");
  TestFigures out;
  out.rows = rows.size();
  double won = 0;
  for (std::size_t i = 0; i < f.size(); ++i) {
    out.unique += f.weights[i];
    won += f.weights[i] * f.wins[i];
  }
  out.win_rate = won / out.unique;
  Forecasts base = f;
  std::fill(base.p.begin(), base.p.end(), development.base_rate);
  out.log_loss = mean_log_loss(f);
  out.base_log_loss = mean_log_loss(base);
  out.brier = brier(f);
  out.base_brier = brier(base);
  out.parts = brier_parts(f, bins_count);
  out.auc = auc(f);
  // Overlapping labels are not so many wins and losses as there are rows: the unique ones count.
  if (out.auc) out.auc_error = auc_error(*out.auc, std::max(1.0, won), std::max(1.0, out.unique - won));
  out.line = calibration_line(f);
  out.bins = reliability(f, bins_count);
  out.gain = paired_bootstrap(gains(f, base.p), f.weights, rules.rounds, random);
  if (incumbent != nullptr) {
    const Forecasts before = forecasts(data, rows, *incumbent);
    out.over_incumbent = paired_bootstrap(gains(f, before.p), f.weights, rules.rounds, random);
    out.incumbent = IncumbentFigures{mean_log_loss(before), brier(before), auc(before), reliability(before, bins_count)};
  }
  judge_selection(data, rows, f, rules, random, out);
  out.importance = importance_of(data, rows, development.model, out.log_loss, random);
  return out;
}

Verdict verdict_of(const TestFigures& test, const TrainRules& rules) {
  constexpr double certain = 0.1;
  constexpr std::size_t accepted_min = 30;
  constexpr double area_max = 0.9;   // no market gives so much; a leak does
  const auto percent = [](double p) { return std::to_string(static_cast<int>(std::lround(p * 100))) + " %"; };
  Verdict out;
  const auto against = [&](bool is_so, std::string text) {
    if (is_so) out.reasons.push_back(std::move(text));
  };
  if (test.auc && *test.auc > area_max) {
    const auto best = std::max_element(test.importance.begin(), test.importance.end()) - test.importance.begin();
    out.reasons.push_back("it is too good to be true: an area of more than 0.9 says that a feature knows the future, '" +
                          std::string(feature_table()[static_cast<std::size_t>(best)].name) +
                          "' first of all; see `aitrade audit causality`");
  }
  against(!(test.gain.p < certain), "its log-loss on the test part does not beat the base rate (chance of being no better " +
                                        percent(test.gain.p) + ")");
  against(test.over_incumbent && !(test.over_incumbent->p < certain), "it does not beat the active model");
  against(test.accepted < accepted_min, "it accepts only " + std::to_string(test.accepted) + " of " +
                                            std::to_string(test.rows) + " candidates, at least " +
                                            std::to_string(accepted_min) + " are needed to judge");
  against(test.accepted >= accepted_min && !(test.accepted_gain.p < certain),
          "what it accepts does not earn its costs (chance of earning nothing " + percent(test.accepted_gain.p) + ")");
  against(test.accepted >= accepted_min && !(test.selection_gain.p < certain),
          "what it accepts earns no more than taking every candidate");
  against(test.bins.empty() || !(test.bins.back().mean_r > 0), "the candidates it likes best lose money");
  out.helps = out.reasons.empty();
  if (out.helps) {
    out.text = "the model helps out of sample after costs: it accepts " + std::to_string(test.accepted) + " of " +
               std::to_string(test.rows) + " candidates at a margin of " + percent(rules.margin) +
               ", and they earn more than nothing and more than taking all";
  } else {
    out.text = "no edge: out of sample after costs the model does not help, because " + out.reasons.front();
  }
  return out;
}

}  // namespace aitrade::ml
