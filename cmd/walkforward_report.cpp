#include "cmd/walkforward_report.h"

#include <algorithm>
#include <cmath>

#include "cmd/output.h"
#include "core/report/number_text.h"
#include "core/report/performance.h"

namespace aitrade::cli {
namespace {

constexpr std::uint64_t trades_min = 30;
constexpr double certain = 0.95;
constexpr double efficiency_min = 0.5;
constexpr double profitable_min = 0.5;
constexpr double random_most = 0.05;

/// Puts the windows one after another.
void join(WalkResult& r) {
  std::vector<double> dear;
  std::vector<Fold> folds;
  double held = 1;
  for (const WalkFold& fold : r.folds) {
    r.daily.insert(r.daily.end(), fold.later.daily.begin(), fold.later.daily.end());
    dear.insert(dear.end(), fold.dear.daily.begin(), fold.dear.daily.end());
    r.trades += fold.later.trades;
    held *= 1 + fold.held;
    folds.push_back(fold.returns);
  }
  r.total_return = compound(r.daily);
  r.dear_return = compound(dear);
  r.held_return = held - 1;
  r.kept = walk_forward(folds);
}

/// What the rules alone did in the same windows.
void join_rules_alone(WalkResult& r) {
  if (!r.gate) return;
  std::vector<double> daily;
  for (const WalkFold& fold : r.folds) {
    daily.insert(daily.end(), fold.rules_alone.daily.begin(), fold.rules_alone.daily.end());
    r.gate->rules_alone_trades += fold.rules_alone.trades;
    if (fold.gate->gates) ++r.gate->windows;
  }
  r.gate->rules_alone_return = compound(daily);
  r.gate->rules_alone_sharpe = sharpe(moments_of(daily));
}

/// Makes the trades of all folds again at random moments of the test windows.
void enter_at_random(WalkResult& r) {
  std::vector<TradeShape> shapes;
  for (const WalkFold& fold : r.folds) {
    if (!fold.later.shapes) return;
    shapes.insert(shapes.end(), fold.later.shapes->begin(), fold.later.shapes->end());
  }
  r.random_entry = random_entry(shapes, std::span(&r.prices, 1), r.random_runs, r.seed);
}

/// Deflates by the walk-forward tests there were: whoever runs many keeps the best.
void deflate(WalkResult& r) {
  const Moments moments = moments_of(r.daily);
  r.sharpe = sharpe(moments);
  r.minimum_track_record = minimum_track_record(moments, 0);
  if (moments.count < statistics_days_min) return;
  std::vector<double> sharpes;
  for (const WalkRecord& one : r.earlier) sharpes.push_back(one.sharpe);
  if (const auto own = daily_sharpe(moments)) sharpes.push_back(*own);
  const Moments spread = moments_of(sharpes);
  const double variance = spread.count > 1 ? spread.deviation * spread.deviation : 0;
  r.deflated_sharpe = deflated_sharpe(moments, variance, static_cast<double>(r.earlier.size() + 1));
}

void judge_folds(WalkResult& r) {
  WalkVerdict& v = r.verdict;
  const auto against = [&v](bool is_so, std::string text) {
    if (is_so) v.reasons.push_back(std::move(text));
  };
  against(!(r.total_return > 0), "it earns nothing after costs");
  against(r.total_return > 0 && !(r.dear_return > 0), "it earns nothing with costs half as high again");
  against(r.total_return > 0 && r.random_entry && r.random_entry->p_value > random_most,
          !r.random_entry ? "" : "its trades at random moments do as well in " +
                                     percent_text(r.random_entry->p_value, 0) + " of runs");
  against(r.trades < trades_min, "it makes only " + std::to_string(r.trades) + " trades, at least " +
                                     std::to_string(trades_min) + " are needed to judge");
  if (!r.deflated_sharpe) {
    v.reasons.emplace_back("too few days to tell it from luck");
  } else if (*r.deflated_sharpe < certain) {
    const auto days = static_cast<double>(r.daily.size());
    const bool can_wait = r.minimum_track_record && *r.minimum_track_record > days;
    v.reasons.push_back("it is not distinguishable from luck: the chance that its Sharpe ratio is real is " +
                        percent_text(*r.deflated_sharpe, 0) +
                        (r.earlier.empty() ? "" : " after " + std::to_string(r.earlier.size()) + " walk-forward tests before") +
                        (can_wait ? ", and it needs " + grouped_text(static_cast<std::uint64_t>(*r.minimum_track_record - days)) +
                                        " more days at this Sharpe" : ""));
  }
  const bool kept = r.kept && r.kept->efficiency && *r.kept->efficiency >= efficiency_min;
  against(r.total_return > 0 && !kept, r.kept && r.kept->efficiency
              ? "it keeps only " + percent_text(*r.kept->efficiency, 0) + " of what it promised"
              : "what was chosen promised nothing");
  against(r.kept && !(r.kept->profitable_share > profitable_min),
          "only " + percent_text(r.kept->profitable_share, 0) + " of the folds earn");
  v.has_edge = v.reasons.empty();
  const std::string figures = percent_text(r.total_return, 1) + " after costs over " + std::to_string(r.daily.size()) +
                              " days out of sample";
  v.text = v.has_edge ? "An edge out of sample: " + figures + "." : "No edge: " + figures + "; ";
  for (std::size_t i = 0; i < v.reasons.size(); ++i) v.text += (i > 0 ? "; " : "") + v.reasons[i];
  if (!v.has_edge) v.text += ".";
}

void maybe(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value && std::isfinite(*value) ? json.number(*value) : json.null();
}

void write_fold_gate(const std::optional<FoldGate>& gate, JsonWriter& json) {
  json.key("gate");
  if (!gate) {
    json.null();
    return;
  }
  json.begin_object().field("gates", gate->gates).field("candidates", gate->candidates).key("kind");
  gate->kind.empty() ? json.null() : json.string(gate->kind);
  json.key("model");
  gate->model.empty() ? json.null() : json.string(gate->model);
  json.field("why", gate->why).field("passed", gate->passed).field("rejected", gate->rejected).field("left", gate->left);
  json.field("switched_off", gate->switched_off).end_object();
}

void write_gate(const WalkResult& r, JsonWriter& json) {
  json.key("gate");
  if (!r.gate) {
    json.null();
    return;
  }
  json.begin_object().field("trained", r.gate->is_fixed ? "before" : "for each window");
  json.field("windows", static_cast<std::uint64_t>(r.gate->windows));
  json.field("of", static_cast<std::uint64_t>(r.folds.size())).key("rules_alone").begin_object();
  json.field("total_return", r.gate->rules_alone_return).field("trades", r.gate->rules_alone_trades);
  maybe(json, "sharpe", r.gate->rules_alone_sharpe);
  json.end_object().end_object();
}

void write_fold(const WalkResult& r, const WalkFold& f, JsonWriter& json) {
  json.begin_object().field("train_first", to_string(f.train_first)).field("cut", to_string(f.cut));
  json.field("test_last", to_string(f.test_last)).field("trials", f.trials).key("parameters");
  if (f.point) {
    json.begin_object();
    for (std::size_t i = 0; i < f.point->size(); ++i) json.field(r.study.axes[i].name, (*f.point)[i]);
    json.end_object();
  } else {
    json.null();
  }
  json.field("in_sample", f.returns.in_sample).field("out_of_sample", f.returns.out_of_sample);
  json.field("trades", f.later.trades).field("total_return", compound(f.later.daily)).field("buy_and_hold", f.held);
  json.field("ledger", f.ledger);
  write_fold_gate(f.gate, json);
  json.end_object();
}

void write_random(const std::optional<RandomEntry>& random, JsonWriter& json) {
  json.key("random_entry");
  if (!random) {
    json.null();
    return;
  }
  json.begin_object().field("runs", static_cast<std::uint64_t>(random->runs)).field("seed", random->seed);
  json.field("trades", static_cast<std::uint64_t>(random->trades)).field("run_return", random->run_return);
  json.field("mean_return", random->mean_return).field("p5", random->low).field("p50", random->median);
  json.field("p95", random->high).field("p_value", random->p_value).end_object();
}

std::string random_text(const RandomEntry& r) {
  return "the same trades at random moments of the test windows, " + grouped_text(r.runs) + " runs: median " +
         percent_text(r.median, 1) + ", 90 % from " + percent_text(r.low, 1) + " to " + percent_text(r.high, 1) +
         "; as good as its own " + percent_text(r.run_return, 1) + " or better: " + percent_text(r.p_value, 1) + "\n";
}

std::string fold_gate_text(const FoldGate& gate) {
  if (gate.gates) {
    return "gated by " + gate.kind + " model " + gate.model + ": let " + std::to_string(gate.passed) +
           " candidates pass, rejected " + std::to_string(gate.rejected) + " and left " + std::to_string(gate.left) +
           " to the rules" + (gate.switched_off ? "; outcomes switched it off on the way" : "");
  }
  return "rules alone (" + std::to_string(gate.candidates) + " candidates): " + gate.why;
}

/// Where a model gated, and what the rules alone would have made.
std::string gate_text(const WalkResult& r) {
  const WalkGate& gate = *r.gate;
  std::string text = std::string("gate: ") + (gate.is_fixed ? "the given model" : "a model trained on each train window") +
                     " gated in " + std::to_string(gate.windows) + " of " + std::to_string(r.folds.size()) +
                     " test windows\n";
  for (const WalkFold& fold : r.folds) {
    text += wrapped(to_string(fold.cut) + "  " + fold_gate_text(*fold.gate), 100, "  ");
  }
  return text + "the rules alone in these windows: " + percent_text(gate.rules_alone_return, 1) + " in " +
         std::to_string(gate.rules_alone_trades) + " trades, Sharpe " +
         (gate.rules_alone_sharpe ? fixed_text(*gate.rules_alone_sharpe, 2) : std::string("-")) + "\n\n";
}

}  // namespace

double compound(const std::vector<double>& daily) {
  double wealth = 1;
  for (const double r : daily) wealth *= 1 + r;
  return wealth - 1;
}

void conclude(WalkResult& result) {
  join(result);
  join_rules_alone(result);
  enter_at_random(result);
  deflate(result);
  judge_folds(result);
}

std::string walkforward_json(const WalkResult& r) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.walkforward/1").field("version", build_info().version);
  json.field("command", r.command_line);
  json.field("strategy", r.study.strategy).field("pair", r.study.pair).field("timeframe", r.study.timeframe);
  json.field("method", r.study.method).field("seed", r.study.seed).field("bars", r.study.bars);
  json.field("first", to_string(r.study.first)).field("last", to_string(r.study.last));
  json.field("data_fingerprint", r.study.data_fingerprint).field("config_hash", r.study.config_hash);
  json.field("anchored", r.is_anchored).key("folds").begin_array();
  for (const WalkFold& fold : r.folds) write_fold(r, fold, json);
  json.end_array().key("out_of_sample").begin_object();
  json.field("days", static_cast<std::uint64_t>(r.daily.size())).field("trades", r.trades);
  json.field("total_return", r.total_return).field("total_return_costs_x1_5", r.dear_return);
  json.field("buy_and_hold", r.held_return);
  maybe(json, "sharpe", r.sharpe);
  maybe(json, "deflated_sharpe", r.deflated_sharpe);
  maybe(json, "min_trl_days", r.minimum_track_record);
  maybe(json, "efficiency", r.kept ? r.kept->efficiency : std::nullopt);
  maybe(json, "profitable_share", r.kept ? std::optional(r.kept->profitable_share) : std::nullopt);
  write_random(r.random_entry, json);
  json.end_object();
  write_gate(r, json);
  json.field("earlier_tests", static_cast<std::uint64_t>(r.earlier.size()));
  json.key("verdict").begin_object().field("kind", r.verdict.has_edge ? "edge" : "no_edge").field("text", r.verdict.text);
  json.key("reasons").begin_array();
  for (const std::string& reason : r.verdict.reasons) json.string(reason);
  json.end_array().end_object();
  json.key("timing").begin_object().field("elapsed_ms", r.elapsed_ms).end_object().end_object();
  return json.take() + '\n';
}

std::string walkforward_text(const WalkResult& r) {
  std::string text = "walkforward " + r.study.strategy + ": " + r.study.pair + " " + r.study.timeframe + ", " +
                     grouped_text(r.study.bars) + " bars, " + to_string(r.study.first) + " to " +
                     to_string(r.study.last) + "\n\n";
  text += "  test window from          trials  promised     came  trades  buy&hold  parameters\n";
  for (const WalkFold& f : r.folds) {
    std::string chosen;
    for (std::size_t i = 0; f.point && i < f.point->size(); ++i) {
      chosen += (i > 0 ? " " : "") + r.study.axes[i].name + "=" + shortest((*f.point)[i]);
    }
    text += "  " + to_string(f.cut) + align_right(std::to_string(f.trials), 8) +
            align_right(percent_text(f.returns.in_sample, 1), 10) +
            align_right(percent_text(f.returns.out_of_sample, 1), 9) + align_right(std::to_string(f.later.trades), 8) +
            align_right(percent_text(f.held, 1), 10) + "  " + (f.point ? chosen : "none had a score") + "\n";
  }
  text += "  (promised and came: a year, in and out of sample; costs included)\n\nout of sample: " +
          percent_text(r.total_return, 1) + " in " + std::to_string(r.daily.size()) + " days and " +
          std::to_string(r.trades) + " trades; with costs half as high again " + percent_text(r.dear_return, 1) +
          "; buying and holding " + percent_text(r.held_return, 1) + "\n";
  if (r.random_entry) text += random_text(*r.random_entry);
  text += "Sharpe " + (r.sharpe ? fixed_text(*r.sharpe, 2) : std::string("-")) + ", walk-forward efficiency " +
          (r.kept && r.kept->efficiency ? percent_text(*r.kept->efficiency, 0) : std::string("-")) +
          ", chance that it is no luck " +
          (r.deflated_sharpe ? percent_text(*r.deflated_sharpe, 0) : std::string("-")) + "\n\n";
  if (r.gate) text += gate_text(r);
  return text + wrapped(r.verdict.text, 100, "");
}

}  // namespace aitrade::cli
