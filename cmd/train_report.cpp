#include "cmd/train_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cmd/output.h"
#include "core/report/number_text.h"

namespace aitrade::cli {
namespace {

constexpr std::size_t important_listed = 8;

void write_difference(JsonWriter& json, const char* name, const ml::Difference& d) {
  json.key(name).begin_object().field("mean", d.mean).field("low", d.low).field("high", d.high).field("p", d.p);
  json.end_object();
}

void optional_number(JsonWriter& json, const char* name, const std::optional<double>& value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

struct Part {
  const char* name;
  const std::vector<std::size_t>* rows;
};

std::vector<Part> parts_of(const TrainResult& r) {
  const ml::ThreeWay& parts = r.development.parts;
  return {{"train", &parts.train}, {"validation", &parts.validation}, {"test", &parts.test}};
}

void write_candidates(const TrainResult& r, JsonWriter& json) {
  const CandidateSet& c = r.candidates;
  double won = 0, unique = 0, sum = 0, needed = 0;
  for (const ml::Sample& s : c.samples) {
    unique += s.weight;
    won += s.is_win() ? s.weight : 0;
    sum += s.weight * s.r;
    needed += s.weight * s.break_even;
  }
  json.key("candidates").begin_object().field("count", c.candidates);
  json.field("labelled", static_cast<std::uint64_t>(c.samples.size())).field("unfinished", c.unfinished);
  json.field("unique", unique).field("win_rate", won / unique).field("break_even", needed / unique);
  json.field("mean_r", sum / unique).field("cost", c.cost).end_object();
  json.key("parts").begin_array();
  for (const Part& part : parts_of(r)) {
    json.begin_object().field("name", part.name).field("rows", static_cast<std::uint64_t>(part.rows->size()));
    json.field("from", to_string(c.samples[part.rows->front()].life.from));
    json.field("to", to_string(c.samples[part.rows->back()].life.from)).end_object();
  }
  json.end_array();
}

void write_development(const TrainResult& r, JsonWriter& json) {
  const ml::Development& d = r.development;
  json.field("kind", to_string(d.model.kind)).field("base_rate", d.base_rate);
  json.key("validation").begin_array();
  for (const ml::Validated& v : d.validated) {
    json.begin_object().field("kind", to_string(v.kind)).field("rows", static_cast<std::uint64_t>(v.rows));
    json.field("log_loss", v.log_loss).field("base_log_loss", v.base_log_loss);
    optional_number(json, "auc", v.auc);
    json.key("fold_gains").begin_array();
    for (const double gain : v.fold_gains) json.number(gain);
    json.end_array().end_object();
  }
  json.end_array();
  json.key("paths").begin_object().field("splits", static_cast<std::uint64_t>(d.paths.splits));
  json.field("mean_auc", d.paths.mean).field("lowest_auc", d.paths.lowest).field("highest_auc", d.paths.highest);
  json.end_object();
}

std::vector<std::size_t> by_importance(const ml::TestFigures& t) {
  std::vector<std::size_t> order(t.importance.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return t.importance[a] > t.importance[b]; });
  return order;
}

void write_test(const TrainResult& r, JsonWriter& json) {
  json.key("test");
  if (!r.test) {
    json.null();
    return;
  }
  const ml::TestFigures& t = *r.test;
  json.begin_object().field("rows", static_cast<std::uint64_t>(t.rows)).field("unique", t.unique);
  json.field("openings_before", r.openings).field("win_rate", t.win_rate);
  json.field("log_loss", t.log_loss).field("base_log_loss", t.base_log_loss);
  json.field("brier", t.brier).field("base_brier", t.base_brier);
  json.key("brier_parts").begin_object().field("reliability", t.parts.reliability);
  json.field("resolution", t.parts.resolution).field("uncertainty", t.parts.uncertainty);
  json.field("within", t.parts.within).end_object();
  optional_number(json, "auc", t.auc);
  json.field("auc_error", t.auc_error);
  optional_number(json, "calibration_slope", t.line ? std::optional(t.line->slope) : std::nullopt);
  optional_number(json, "calibration_intercept", t.line ? std::optional(t.line->intercept) : std::nullopt);
  write_difference(json, "gain", t.gain);
  json.key("over_incumbent");
  if (t.over_incumbent) {
    json.begin_object().field("mean", t.over_incumbent->mean).field("p", t.over_incumbent->p).end_object();
  } else {
    json.null();
  }
  json.key("incumbent");
  if (t.incumbent) {
    json.begin_object().field("log_loss", t.incumbent->log_loss).field("brier", t.incumbent->brier);
    optional_number(json, "auc", t.incumbent->auc);
    json.end_object();
  } else {
    json.null();
  }
  json.field("accepted", static_cast<std::uint64_t>(t.accepted));
  json.field("all_r", t.all_r).field("accepted_r", t.accepted_r).field("rejected_r", t.rejected_r);
  write_difference(json, "accepted_gain", t.accepted_gain);
  write_difference(json, "selection_gain", t.selection_gain);
  json.key("buckets").begin_array();
  for (const ml::ReliabilityBin& bin : t.bins) {
    json.begin_object().field("count", static_cast<std::uint64_t>(bin.count)).field("p", bin.p);
    json.field("win_rate", bin.win_rate).field("mean_r", bin.mean_r).end_object();
  }
  json.end_array().key("importance").begin_array();
  for (const std::size_t c : by_importance(t)) {
    json.begin_object().field("feature", ml::feature_table()[c].name).field("loss", t.importance[c]).end_object();
  }
  json.end_array().end_object();
}

std::string signed_text(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  return (value >= 0 ? "+" : "") + fixed_text(value, digits);
}

std::string padded(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string development_lines(const TrainResult& r) {
  std::string text = "\nwalk-forward, before the test part (log-loss in nats, lower is better)\n";
  for (const ml::Validated& v : r.development.validated) {
    text += "  " + std::string(to_string(v.kind)) + std::string(10 - to_string(v.kind).size(), ' ');
    if (v.rows == 0) {
      text += "no fold had wins and losses\n";
      continue;
    }
    text += fixed_text(v.log_loss, 4) + "  base rate " + fixed_text(v.base_log_loss, 4) + "  AUC " +
            (v.auc ? fixed_text(*v.auc, 3) : "-") + "  folds better " +
            std::to_string(std::count_if(v.fold_gains.begin(), v.fold_gains.end(), [](double g) { return g > 0; })) +
            " of " + std::to_string(v.fold_gains.size()) + "\n";
  }
  const ml::PathSpread& p = r.development.paths;
  text += "  chosen: " + std::string(to_string(r.development.model.kind));
  if (p.splits > 0) {
    text += "; AUC over " + std::to_string(p.splits) + " combinatorial splits " + fixed_text(p.mean, 3) + " (" +
            fixed_text(p.lowest, 3) + " to " + fixed_text(p.highest, 3) + ")";
  }
  return text + "\n";
}

/// A reliability plot of one bucket: s where its probabilities are, c where the wins came, * for both.
std::string scale_line(const ml::ReliabilityBin& bin) {
  constexpr std::size_t width = 41;   // two and a half points a character
  std::string line(width, '.');
  const auto at = [](double share) {
    return static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * (width - 1)));
  };
  line[at(bin.win_rate)] = 'c';
  line[at(bin.p)] = at(bin.p) == at(bin.win_rate) ? '*' : 's';
  return line;
}

std::string bucket_lines(const ml::TestFigures& t) {
  std::string text = "\n  bucket  count     said     came    mean R  0 %       s said, c came, * both     100 %\n";
  for (std::size_t i = 0; i < t.bins.size(); ++i) {
    const ml::ReliabilityBin& bin = t.bins[i];
    text += padded(std::to_string(i + 1), 8) + padded(std::to_string(bin.count), 7) + padded(percent_text(bin.p, 1), 9) +
            padded(percent_text(bin.win_rate, 1), 9) + padded(signed_text(bin.mean_r, 3), 10) + "  " +
            scale_line(bin) + "\n";
  }
  return text;
}

std::string test_lines(const TrainResult& r) {
  const ml::TestFigures& t = *r.test;
  std::string text = "\ntest part, " + grouped_text(t.rows) + " candidates (" + fixed_text(t.unique, 0) + " unique)";
  text += r.openings == 0 ? ", opened for the first time\n"
                          : ", opened " + std::to_string(r.openings) + (r.openings == 1 ? " time" : " times") +
                                " before: no longer unseen\n";
  text += "  log-loss   " + fixed_text(t.log_loss, 4) + "  base rate " + fixed_text(t.base_log_loss, 4) + "  gain " +
          signed_text(t.gain.mean, 4) + " (90 %: " + signed_text(t.gain.low, 4) + " to " + signed_text(t.gain.high, 4) +
          ")\n";
  text += "  Brier      " + fixed_text(t.brier, 4) + "  base rate " + fixed_text(t.base_brier, 4) + "  reliability " +
          fixed_text(t.parts.reliability, 4) + "  resolution " + fixed_text(t.parts.resolution, 4) + "\n";
  text += "  AUC        " + (t.auc ? fixed_text(*t.auc, 3) + " +- " + fixed_text(t.auc_error, 3) : std::string("-")) +
          "  calibration slope " + (t.line ? fixed_text(t.line->slope, 2) : std::string("-")) + "\n";
  if (t.over_incumbent) {
    text += "  against " + r.incumbent + "  gain " + signed_text(t.over_incumbent->mean, 4) + " (chance of being no better " +
            percent_text(t.over_incumbent->p, 0) + ")\n";
  }
  text += "  net R      all " + signed_text(t.all_r, 3) + "  accepted " + signed_text(t.accepted_r, 3) + " (" +
          std::to_string(t.accepted) + ")  rejected " + signed_text(t.rejected_r, 3) + "\n";
  text += bucket_lines(t) + "\n  what a shuffled feature costs, in log-loss:";
  const auto order = by_importance(t);
  for (std::size_t k = 0; k < std::min(important_listed, order.size()); ++k) {
    text += (k == 0 ? " " : ", ") + std::string(ml::feature_table()[order[k]].name) + " " +
            signed_text(t.importance[order[k]], 4);
  }
  return text + "\n";
}

}  // namespace

std::string train_json(const TrainResult& r) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.train/1").field("version", build_info().version);
  json.field("command", r.command_line);
  json.key("pairs").begin_array();
  for (const std::string& pair : r.candidates.pairs) json.string(pair);
  json.end_array().field("bars", r.candidates.bars);
  json.field("first", to_string(r.candidates.first)).field("last", to_string(r.candidates.last));
  json.field("data_fingerprint", r.candidates.data_fingerprint).field("config_hash", r.candidates.config_hash);
  json.field("data_hash", r.data_hash).field("seed", r.rules.seed).field("margin", r.rules.margin);
  write_candidates(r, json);
  write_development(r, json);
  write_test(r, json);
  json.key("verdict");
  if (r.verdict) {
    json.begin_object().field("helps", r.verdict->helps).field("text", r.verdict->text).key("reasons").begin_array();
    for (const std::string& reason : r.verdict->reasons) json.string(reason);
    json.end_array().end_object();
  } else {
    json.null();
  }
  json.key("model");
  r.id.empty() ? json.null() : json.string(r.id);
  json.field("activated", r.is_active).key("incumbent");
  r.incumbent.empty() ? json.null() : json.string(r.incumbent);
  json.key("timing").begin_object().field("elapsed_ms", r.elapsed_ms).end_object().end_object();
  return json.take() + '\n';
}

std::string train_text(const TrainResult& r) {
  const CandidateSet& c = r.candidates;
  std::string text = "train";
  for (const std::string& pair : c.pairs) text += " " + pair;
  text += ": " + grouped_text(c.bars) + " bars, " + to_string(c.first) + " to " + to_string(c.last) + "\n" +
          grouped_text(c.candidates) + " candidates, " + grouped_text(c.samples.size()) + " with an outcome; costs " +
          percent_text(c.cost, 2) + " of price a round trip\n";
  for (const Part& part : parts_of(r)) {
    text += "  " + std::string(part.name) + std::string(12 - std::string(part.name).size(), ' ') +
            padded(grouped_text(part.rows->size()), 8) + "  from " + to_string(c.samples[part.rows->front()].life.from) +
            "\n";
  }
  text += development_lines(r);
  if (r.test) text += test_lines(r);
  text += "\n";
  text += r.verdict ? wrapped(r.verdict->text, 100, "")
                    : std::string("the test part stayed closed, so nothing is said about whether the model helps\n");
  if (r.verdict) {
    for (std::size_t i = 1; i < r.verdict->reasons.size(); ++i) text += "also: " + r.verdict->reasons[i] + "\n";
  }
  if (!r.id.empty()) {
    text += "stored as " + r.id;
    text += r.is_active ? "; it is active and gates from the next start on\n"
            : r.verdict && r.verdict->helps ? "; `aitrade train --activate " + r.id + "` lets it gate\n"
                                          : "; it is not active and will not be by itself\n";
  }
  return text;
}

}  // namespace aitrade::cli
