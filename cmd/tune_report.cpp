#include "cmd/tune_report.h"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <utility>

#include "cmd/output.h"
#include "core/report/metric_list.h"
#include "core/report/number_text.h"
#include "ml/plateau.h"

namespace aitrade::cli {
namespace {

constexpr std::string_view in_sample =
    "All figures are in-sample: the candles that chose it also measured it, so an out-of-sample test decides.";

constexpr std::size_t listed = 20;        // trials in the JSON document
constexpr std::size_t shown = 10;         // in the table
constexpr double loss_max = 0.05;          // of halves whose winner then loses
constexpr double overfitting_max = 0.5;   // more often than not the winner is below the middle elsewhere

/// Indices of the trials, highest plateau first; trials without a score last, by number.
std::vector<std::size_t> ranking(const TuneResult& r) {
  std::vector<std::size_t> order(r.trials.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (r.plateaus[a] != r.plateaus[b]) return r.plateaus[b] < r.plateaus[a];
    return r.scores[b] < r.scores[a];
  });
  return order;
}

std::vector<std::vector<double>> whole_series(const std::vector<TrialRecord>& trials) {
  std::size_t days = 0;
  for (const TrialRecord& t : trials) days = std::max(days, t.daily.size());
  std::vector<std::vector<double>> out;
  for (const TrialRecord& t : trials) {
    if (t.daily.size() == days) out.push_back(t.daily);   // a shorter one was ruined
  }
  return out;
}

std::vector<std::vector<double>> even_choice(const std::vector<std::vector<double>>& all, std::size_t most) {
  if (all.size() <= most) return all;
  std::vector<std::vector<double>> out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(all[i * all.size() / most]);
  return out;
}

void optional_number(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value && std::isfinite(*value) ? json.number(*value) : json.null();
}

void write_parameters(const TuneResult& r, const ml::Point& point, JsonWriter& json) {
  json.key("parameters").begin_object();
  for (std::size_t i = 0; i < point.size(); ++i) json.field(r.study.axes[i].name, point[i]);
  json.end_object();
}

/// One trial as far as the ledger knows it; the object stays open.
void write_trial(const TuneResult& r, std::size_t index, JsonWriter& json) {
  const TrialRecord& t = r.trials[index];
  json.begin_object().field("trial", t.number);
  write_parameters(r, t.point, json);
  optional_number(json, "score", r.scores[index]);
  optional_number(json, "plateau", r.plateaus[index]);
  json.field("trades", t.trades).field("net_profit", to_string(t.net_profit));
  json.field("final_equity", to_string(t.final_equity));
  json.field("total_return", t.total_return).field("max_drawdown", t.max_drawdown);
  optional_number(json, "sharpe", t.sharpe);
  optional_number(json, "sortino", t.sortino);
  optional_number(json, "calmar", t.calmar);
  optional_number(json, "profit_factor", t.profit_factor);
  optional_number(json, "expectancy_r", t.expectancy_r);
}

void write_metric(const NamedMetric& metric, JsonWriter& json) {
  json.key(metric.name);
  if (const auto* number = std::get_if<double>(&metric.value)) {
    json.number(*number);
  } else if (const auto* count = std::get_if<std::uint64_t>(&metric.value)) {
    json.integer(static_cast<std::int64_t>(*count));
  } else if (const auto* flag = std::get_if<bool>(&metric.value)) {
    json.boolean(*flag);
  } else if (const auto* amount = std::get_if<Money>(&metric.value)) {
    json.string(to_string(*amount));
  } else if (const auto* time = std::get_if<Time>(&metric.value)) {
    json.string(to_string(*time));
  } else {
    json.null();
  }
}

/// The best trial, with what `report` needs to compare it with a backtest.
void write_best(const TuneResult& r, JsonWriter& json) {
  json.key("best");
  if (!r.best) {
    json.null();
    return;
  }
  write_trial(r, *r.best, json);
  json.field("strategies", r.study.strategy).field("currency", r.run.identity.currency);
  json.field("data_fingerprint", r.study.data_fingerprint).field("config_hash", r.study.config_hash);
  json.field("seed", r.study.seed).field("bars", r.study.bars);
  json.field("initial_equity", to_string(r.run.initial_equity));
  json.key("metrics").begin_object();
  for (const NamedMetric& metric : metric_list(r.metrics)) write_metric(metric, json);
  json.end_object();
  json.key("costs").begin_object().field("fees", to_string(r.run.fees));
  json.field("slippage", to_string(r.run.slippage)).end_object();
  json.end_object();
}

void write_verdict(const TuneResult& r, JsonWriter& json) {
  const TuneVerdict& v = r.verdict;
  const bool is_confirmed = r.holdout && r.holdout->result && r.holdout->result->is_confirmed;
  json.key("verdict").begin_object();
  json.field("kind", !v.has_edge ? "no_edge" : is_confirmed ? "confirmed_edge" : "in_sample_edge").field("text", v.text);
  json.key("reasons").begin_array();
  for (const std::string& reason : v.reasons) json.string(reason);
  json.end_array().field("in_sample", true);
  json.field("effective_trials", static_cast<std::uint64_t>(v.ideas));
  json.field("earlier_searches", static_cast<std::uint64_t>(r.earlier.searches));
  json.field("earlier_trials", static_cast<std::uint64_t>(r.earlier.trials));
  optional_number(json, "deflated_sharpe", v.deflated_sharpe);
  optional_number(json, "expected_best_sharpe", v.expected_best_sharpe);
  json.key("overfitting_probability");
  v.overfitting ? json.number(v.overfitting->probability) : json.null();
  json.end_object();
}

void write_study(const TuneResult& r, JsonWriter& json) {
  const Study& s = r.study;
  json.field("strategy", s.strategy).field("pair", s.pair).field("timeframe", s.timeframe);
  json.field("method", s.method).field("objective", objective_names[static_cast<std::size_t>(r.objective)]);
  json.field("min_trades", r.trades_min).field("seed", s.seed).field("bars", s.bars);
  json.field("first", to_string(s.first)).field("last", to_string(s.last));
  json.field("data_fingerprint", s.data_fingerprint).field("config_hash", s.config_hash);
  json.key("parameters").begin_array();
  for (const ml::Axis& axis : s.axes) {
    json.begin_object().field("name", axis.name).field("low", axis.low).field("high", axis.high);
    json.key("step");
    axis.step > 0 ? json.number(axis.step) : json.null();
    json.end_object();
  }
  json.end_array();
}

std::string point_text(const TuneResult& r, const ml::Point& point) {
  std::string text;
  for (std::size_t i = 0; i < point.size(); ++i) {
    text += (i > 0 ? " " : "") + r.study.axes[i].name + "=" + shortest(point[i]);
  }
  return text;
}

std::string score_text(const ml::Score& score) {
  return score ? fixed_text(*score, 3) : "-";
}

std::string trial_lines(const TuneResult& r) {
  std::string text = "  trial  plateau    score  trades     net profit  drawdown  parameters\n";
  std::size_t rows = 0;
  for (const std::size_t i : ranking(r)) {
    const TrialRecord& t = r.trials[i];
    text += align_right(std::to_string(t.number), 7) + align_right(score_text(r.plateaus[i]), 9) +
            align_right(score_text(r.scores[i]), 9) + align_right(std::to_string(t.trades), 8) +
            align_right(money_text(t.net_profit, 2), 15) + align_right(percent_text(t.max_drawdown), 10) + "  " +
            point_text(r, t.point) + "\n";
    if (++rows == shown) break;
  }
  return text;
}

Cell cell_of(const std::optional<double>& value) {
  return value ? Cell::of(*value) : Cell::none();
}

}  // namespace

void rank(TuneResult& r) {
  std::vector<ml::Point> points;
  r.scores.clear();
  for (const TrialRecord& t : r.trials) {
    points.push_back(t.point);
    r.scores.push_back(score_of(t, r.objective, r.trades_min));
  }
  const bool is_grid = r.study.method == "grid";
  r.plateaus = ml::plateau_scores(r.study.axes, points, r.scores,
                                  is_grid ? ml::Neighbours::grid : ml::Neighbours::scattered);
  r.best.reset();
  r.best_single.reset();
  const std::vector<std::size_t> order = ranking(r);
  if (order.empty() || !r.scores[order.front()]) return;
  r.best = order.front();
  r.best_single = order.front();
  for (std::size_t i = 0; i < r.scores.size(); ++i) {
    if (r.scores[*r.best_single] < r.scores[i]) r.best_single = i;
  }
}

TuneVerdict judge(const TuneResult& r) {
  TuneVerdict v;
  std::string count = grouped_text(r.trials.size()) + (r.trials.size() == 1 ? " trial" : " trials");
  if (r.earlier.trials > 0) count += " and " + grouped_text(r.earlier.trials) + " earlier ones on these candles";
  const auto series = whole_series(r.trials);
  if (r.best) {
    const Moments moments = moments_of(r.trials[*r.best].daily);
    std::vector<double> sharpes = sharpes_of(series);
    sharpes.insert(sharpes.end(), r.earlier.sharpes.begin(), r.earlier.sharpes.end());
    const Moments spread = moments_of(sharpes);
    const double variance = spread.count > 1 ? spread.deviation * spread.deviation : 0;
    v.ideas = std::max<std::size_t>(effective_trials(series), 1) + r.earlier.ideas;
    const auto tried = static_cast<double>(v.ideas);
    if (const auto luck = expected_best_sharpe(variance, tried)) {
      v.expected_best_sharpe = *luck * std::sqrt(days_per_year);
    }
    if (moments.count >= statistics_days_min) v.deflated_sharpe = deflated_sharpe(moments, variance, tried);
    v.overfitting = overfitting(even_choice(series, overfitting_trials_max));
    if (!r.trials[*r.best].net_profit.is_positive()) v.reasons.emplace_back("it earns nothing after costs");
    if (!v.deflated_sharpe) {
      v.reasons.emplace_back("too few days to tell it from luck");
    } else if (*v.deflated_sharpe < deflated_sharpe_min) {
      v.reasons.push_back("its deflated Sharpe ratio is " + fixed_text(*v.deflated_sharpe, 2) + ", below " +
                          fixed_text(deflated_sharpe_min, 2) + ": the best of " + count + ", which hold " +
                          grouped_text(v.ideas) + (v.ideas == 1 ? " idea" : " ideas") +
                          ", is expected to show a Sharpe of " +
                          fixed_text(v.expected_best_sharpe.value_or(0), 2) + " by luck");
    }
    // Among equals a rank says nothing: on a plateau the winner of one half is in the middle of the other, and earns.
    if (v.overfitting && v.overfitting->probability > overfitting_max && v.overfitting->loss_probability > loss_max) {
      v.reasons.push_back("what wins on half of the days ranks below the middle on the others in " +
                          percent_text(v.overfitting->probability, 0) + " of the splits, and loses in " +
                          percent_text(v.overfitting->loss_probability, 0));
    }
  } else {
    v.reasons.push_back("no trial made " + std::to_string(r.trades_min) + " trades and has a score");
  }
  v.has_edge = v.reasons.empty();
  v.text = v.has_edge ? "The best of " + count + " survives the deflation by their number. "
                      : "No edge: of " + count + ", for the best: ";
  for (std::size_t i = 0; i < v.reasons.size(); ++i) v.text += (i > 0 ? "; " : "") + v.reasons[i];
  if (!v.has_edge) v.text += ". ";
  v.text += in_sample;
  return v;
}

void judge_holdout(TuneResult& r) {
  const HoldoutResult& held = *r.holdout->result;
  r.verdict.has_edge = r.verdict.has_edge && held.is_confirmed;
  if (!held.is_confirmed) r.verdict.reasons.push_back(held.text);
  std::string before = r.verdict.text;
  if (before.ends_with(in_sample)) before.resize(before.size() - in_sample.size());
  r.verdict.text = (held.is_confirmed ? "The edge is confirmed: " : "No edge: ") + held.text + " Before that, in sample: " + before +
                   "The other figures are in-sample.";
}

std::string tune_json(const TuneResult& r) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tune/1").field("version", build_info().version);
  json.field("command", r.command_line);
  write_study(r, json);
  json.field("trials", static_cast<std::uint64_t>(r.trials.size()));
  json.field("scored", static_cast<std::uint64_t>(
                           std::count_if(r.scores.begin(), r.scores.end(), [](const auto& s) { return s.has_value(); })));
  write_best(r, json);
  json.key("best_single");
  if (r.best_single) {
    write_trial(r, *r.best_single, json);
    json.end_object();
  } else {
    json.null();
  }
  write_verdict(r, json);
  write_holdout(r.holdout, json);
  json.key("top").begin_array();
  std::size_t rows = 0;
  for (const std::size_t i : ranking(r)) {
    write_trial(r, i, json);
    json.end_object();
    if (++rows == listed) break;
  }
  json.end_array().field("ledger", r.ledger);
  json.key("timing").begin_object().field("elapsed_ms", r.elapsed_ms);
  json.field("combo_bars_per_second", r.combo_bars_per_second).field("resumed", r.resumed).end_object().end_object();
  return json.take() + '\n';
}

std::string tune_text(const TuneResult& r) {
  const Study& s = r.study;
  std::string text = "tune " + s.strategy + ": " + s.pair + " " + s.timeframe + ", " + grouped_text(s.bars) +
                     " bars, " + to_string(s.first) + " to " + to_string(s.last) + "\n" + s.method + ", " +
                     grouped_text(r.trials.size()) + " trials, ranked by the mean " +
                     std::string(objective_names[static_cast<std::size_t>(r.objective)]) +
                     " of each and its neighbours, at least " + std::to_string(r.trades_min) + " trades\n\n";
  text += trial_lines(r);
  if (r.best_single && r.best_single != r.best) {
    const TrialRecord& t = r.trials[*r.best_single];
    text += "\nhighest single score: trial " + std::to_string(t.number) + ", " + score_text(r.scores[*r.best_single]) +
            ", but " + score_text(r.plateaus[*r.best_single]) + " with its neighbours\n";
  }
  text += "\n" + wrapped(r.verdict.text, 100, "");
  if (r.holdout && !r.holdout->result) text += wrapped(sealed_text(*r.holdout), 100, "");
  text += "\nledger " + r.ledger + "\n" + span_text(std::chrono::duration_cast<Duration>(
              std::chrono::duration<double, std::milli>(r.elapsed_ms))) + ", " +
          fixed_text(r.combo_bars_per_second / 1e6, 1) + " M combination-bars/s\n";
  return text;
}

void print_trials(const TuneResult& r, Format format, Context& context) {
  std::vector<Table::Column> columns{{"trial", true}};
  for (const ml::Axis& axis : r.study.axes) columns.push_back({axis.name, true});
  for (const char* name : {"score", "plateau", "trades", "net_profit", "final_equity", "total_return", "max_drawdown",
                           "sharpe", "sortino", "calmar", "profit_factor", "expectancy_r"}) {
    columns.push_back({name, true});
  }
  Table table(std::move(columns));
  for (const std::size_t i : ranking(r)) {
    const TrialRecord& t = r.trials[i];
    std::vector<Cell> row{Cell::of(t.number)};
    for (const double value : t.point) row.push_back(Cell::of(value));
    row.insert(row.end(), {cell_of(r.scores[i]), cell_of(r.plateaus[i]), Cell::of(t.trades),
                           Cell::of(to_string(t.net_profit)), Cell::of(to_string(t.final_equity)),
                           Cell::of(t.total_return), Cell::of(t.max_drawdown), cell_of(t.sharpe), cell_of(t.sortino),
                           cell_of(t.calmar), cell_of(t.profit_factor), cell_of(t.expectancy_r)});
    table.add(std::move(row));
  }
  table.print(context, format, "trial");
}

}  // namespace aitrade::cli
