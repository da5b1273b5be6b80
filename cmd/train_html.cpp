#include "cmd/train_html.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "cmd/page_parts.h"
#include "core/report/html_report.h"
#include "core/report/html_text.h"
#include "core/report/svg_chart.h"

namespace aitrade::cli {
namespace {

constexpr std::size_t features_listed = 12;

std::string header(const TrainResult& r) {
  const CandidateSet& c = r.candidates;
  std::string pairs;
  for (const std::string& pair : c.pairs) pairs += (pairs.empty() ? "" : ", ") + pair;
  return "<header><p class=\"eyebrow\">Training report</p><h1>" + html_escaped(pairs) + "</h1><p class=\"lead\">" +
         html_number(static_cast<double>(c.bars), 0) + " candles, " + html_moment(c.first, false) + " to " +
         html_moment(c.last, false) + ", " + html_number(static_cast<double>(c.samples.size()), 0) +
         " candidates with an outcome. Each ends where the desk's own exits would have ended it, after costs of " +
         html_percent(c.cost) + " of price a round trip.</p></header>\n";
}

std::string verdict(const TrainResult& r) {
  if (!r.verdict) {
    return "<section class=\"verdict\"><b>Verdict</b><p>The test part stayed closed, so nothing is said about whether "
           "the model helps.</p></section>\n";
  }
  std::string sentence = r.verdict->text;
  sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
  std::string out = "<section class=\"verdict " + std::string(r.verdict->helps ? "beats_chance" : "luck") +
                    "\"><b>Verdict</b><p>" + html_escaped(sentence) + ".</p>";
  for (std::size_t i = 1; i < r.verdict->reasons.size(); ++i) {
    out += "<p class=\"note\">Also: " + html_escaped(r.verdict->reasons[i]) + ".</p>";
  }
  return out + "</section>\n";
}

std::string tiles(const ml::TestFigures& t) {
  std::string out = "<section class=\"tiles\">";
  out += tile("Gain in log-loss", coloured(t.gain.mean, signed_number(t.gain.mean, 4)),
              "over the base rate, 90 % from " + signed_number(t.gain.low, 4) + " to " + signed_number(t.gain.high, 4));
  out += tile("Brier score", html_number(t.brier, 4), "base rate " + html_number(t.base_brier, 4));
  out += tile("Area", html_number(t.auc, 3), "± " + html_number(t.auc_error, 3) + ", 0.5 knows nothing");
  out += tile("Calibration slope", html_number(t.line ? std::optional(t.line->slope) : std::nullopt),
              "1 can be believed");
  out += tile("Accepted", html_number(static_cast<double>(t.accepted), 0),
              "of " + html_number(static_cast<double>(t.rows), 0) + " of the test part");
  out += tile("Net of an accepted one", coloured(t.accepted_r, signed_number(t.accepted_r, 3) + " R"),
              "all of them " + signed_number(t.all_r, 3) + " R");
  return out + "</section>\n";
}

ChartMarks dots(const std::vector<ml::ReliabilityBin>& bins, const char* style) {
  ChartMarks marks{ChartMarks::Shape::dot, style, {}};
  for (const ml::ReliabilityBin& bin : bins) marks.points.push_back({bin.p, bin.win_rate});
  return marks;
}

ChartLine joined(const std::vector<ml::ReliabilityBin>& bins, const char* style) {
  ChartLine line{style, {}, false};
  for (const ml::ReliabilityBin& bin : bins) line.points.push_back({bin.p, bin.win_rate});
  return line;
}

std::string percent_label(double share) { return html_percent(share, 0); }

/// What was said against what came; both axes alike, so that the diagonal is the truth.
std::string reliability_figure(const TrainResult& r) {
  const ml::TestFigures& t = *r.test;
  double low = r.development.base_rate, high = low;
  const auto widen = [&](const std::vector<ml::ReliabilityBin>& bins) {
    for (const ml::ReliabilityBin& bin : bins) {
      low = std::min({low, bin.p, bin.win_rate});
      high = std::max({high, bin.p, bin.win_rate});
    }
  };
  widen(t.bins);
  if (t.incumbent) widen(t.incumbent->bins);
  Chart chart;
  std::tie(low, high) = with_air(low, high);
  chart.x_low = chart.y_low = std::max(0.0, low);
  chart.x_high = chart.y_high = std::min(1.0, high);
  chart.rules = {r.development.base_rate};
  chart.x_text = chart.y_text = percent_label;
  chart.x_title = "probability that was said";
  chart.lines.push_back({"price", {{chart.x_low, chart.y_low}, {chart.x_high, chart.y_high}}, false});
  if (t.incumbent) {
    chart.lines.push_back(joined(t.incumbent->bins, "hold"));
    chart.marks.push_back(dots(t.incumbent->bins, "down"));
  }
  chart.lines.push_back(joined(t.bins, "equity"));
  chart.marks.push_back(dots(t.bins, "up"));
  std::string note = "<i class=\"key equity\"></i>this model ";
  if (t.incumbent) note += "<i class=\"key hold\"></i>active model ";
  return figure("Reliability", note + "<em>straight: the truth, dashed: base rate</em>", chart);
}

std::string expected_figure(const ml::TestFigures& t) {
  Chart chart;
  double low = 0, high = 0;
  for (std::size_t i = 0; i < t.bins.size(); ++i) {
    const ml::ReliabilityBin& bin = t.bins[i];
    low = std::min(low, bin.mean_r);
    high = std::max(high, bin.mean_r);
    const auto at = static_cast<double>(i + 1);
    chart.bars.bars.push_back({at - 0.38, at + 0.38, bin.mean_r, bin.mean_r >= 0 ? "up" : "down",
                               "said " + html_percent(bin.p, 1) + ": " + signed_number(bin.mean_r, 3) + " R, " +
                                   std::to_string(bin.count) + " candidates"});
    chart.x_ticks.push_back(at);
  }
  chart.x_low = 0.5;
  chart.x_high = static_cast<double>(t.bins.size()) + 0.5;
  std::tie(chart.y_low, chart.y_high) = with_air(low, high);
  chart.rules = {0};
  const int places = tick_places(chart.y_low, chart.y_high);
  chart.x_text = [](double x) { return html_number(x, 0); };
  chart.y_text = [places](double y) { return html_number(y, places); };
  chart.x_title = "bucket, by ascending probability";
  return figure("Expected R by bucket", "mean net result of a candidate, in R", chart);
}

std::string bucket_table(const ml::TestFigures& t) {
  std::string rows;
  for (std::size_t i = 0; i < t.bins.size(); ++i) {
    const ml::ReliabilityBin& bin = t.bins[i];
    rows += row({std::to_string(i + 1), std::to_string(bin.count), html_percent(bin.p, 1), html_percent(bin.win_rate, 1),
                 coloured(bin.mean_r, signed_number(bin.mean_r, 3))});
  }
  return "<div class=\"card\"><h3>Buckets of the test part</h3>" +
         table({"Bucket", "Candidates", "Said", "Came", "Mean R"}, rows) + "</div>";
}

std::string comparison(const TrainResult& r) {
  const ml::TestFigures& t = *r.test;
  const auto bounds = [](const ml::Difference& d) {
    return coloured(d.mean, signed_number(d.mean, 4)) + " " +
           small(html_number(d.low, 4) + " to " + html_number(d.high, 4)) + "</td><td>" + html_percent(d.p, 0);
  };
  std::string rows = row({"This model", html_number(t.log_loss, 4), html_number(t.brier, 4), html_number(t.auc, 3), "–", "–"});
  rows += row({"Base rate", html_number(t.base_log_loss, 4), html_number(t.base_brier, 4), "0.500", bounds(t.gain)});
  if (t.incumbent && t.over_incumbent) {
    rows += row({"Active model " + small(html_escaped(r.incumbent)), html_number(t.incumbent->log_loss, 4),
                 html_number(t.incumbent->brier, 4), html_number(t.incumbent->auc, 3), bounds(*t.over_incumbent)});
  }
  const ml::BrierParts& p = t.parts;
  return "<div class=\"card\">" +
         table({"Test part", "Log-loss", "Brier", "Area", "This model is better by", "Chance it is not"}, rows) +
         "<p class=\"note\">Differences are in log-loss, with 90 % of a paired bootstrap over the same candidates. "
         "Brier " + html_number(t.brier, 4) + " = reliability " + html_number(p.reliability, 4) + " − resolution " +
         html_number(p.resolution, 4) + " + uncertainty " + html_number(p.uncertainty, 4) + " + within buckets " +
         html_number(p.within, 4) + (r.incumbent.empty() ? ". No model was active to compare with" : "") + ".</p></div>\n";
}

std::string importance_table(const ml::TestFigures& t) {
  std::vector<std::size_t> order(t.importance.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return t.importance[a] > t.importance[b]; });
  order.resize(std::min(order.size(), features_listed));
  const double most = order.empty() ? 0 : std::max(1e-12, t.importance[order.front()]);
  std::string rows;
  for (const std::size_t c : order) {
    const double share = std::clamp(t.importance[c] / most, 0.0, 1.0);
    const std::string strip = "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" style=\"height:8px\" aria-hidden=\"true\">"
                              "<rect class=\"bar plain\" width=\"" + html_number(100 * share, 1) + "\" height=\"8\"/></svg>";
    rows += row({html_escaped(ml::feature_table()[c].name), strip, signed_number(t.importance[c], 5)});
  }
  return "<div class=\"card\"><h3>What a shuffled feature costs, in log-loss</h3><div class=\"scroll\"><table>"
         "<tbody>" + rows + "</tbody></table></div></div>";
}

std::string development(const TrainResult& r) {
  const ml::Development& d = r.development;
  std::string rows;
  for (const ml::Validated& v : d.validated) {
    const auto better = std::count_if(v.fold_gains.begin(), v.fold_gains.end(), [](double g) { return g > 0; });
    const bool is_chosen = v.kind == d.model.kind;
    rows += row({std::string(to_string(v.kind)) + (is_chosen ? " " + small("chosen") : ""), html_number(v.log_loss, 4),
                 html_number(v.base_log_loss, 4), html_number(v.auc, 3),
                 std::to_string(better) + " of " + std::to_string(v.fold_gains.size())});
  }
  std::string out = "<h2>How it was chosen</h2><div class=\"two\"><div class=\"card\"><h3>Walk-forward, before the test part</h3>" +
                    table({"Kind", "Log-loss", "Base rate", "Area", "Folds better"}, rows);
  if (d.paths.splits > 0) {
    out += "<p class=\"note\">Over " + std::to_string(d.paths.splits) + " combinatorial splits its area is " +
           html_number(d.paths.mean, 3) + ", from " + html_number(d.paths.lowest, 3) + " to " +
           html_number(d.paths.highest, 3) + ".</p>";
  }
  rows.clear();
  const auto part = [&](const char* name, const std::vector<std::size_t>& of) {
    rows += row({name, html_number(static_cast<double>(of.size()), 0),
                 html_moment(r.candidates.samples[of.front()].life.from, true),
                 html_moment(r.candidates.samples[of.back()].life.from, true)});
  };
  part("Train", d.parts.train);
  part("Validation", d.parts.validation);
  part("Test", d.parts.test);
  return out + "</div><div class=\"card\"><h3>Parts, with a gap between them</h3>" +
         table({"Part", "Candidates", "First", "Last"}, rows) + "</div></div>\n";
}

std::string footer(const TrainResult& r) {
  std::string out =
      "<footer><p>A candidate is every opinion that qualified, traded or not. The test part is the last fifth of the time "
      "and could change nothing";
  if (r.openings > 0) out += "; it was opened before, so it is no longer unseen";
  out += ". Labels that overlap count in parts.</p><dl>";
  const auto line = [&](const char* name, const std::string& text) { out += fact_line(name, text); };
  line("Model", r.id);
  line("Data", r.data_hash);
  line("Candles", r.candidates.data_fingerprint);
  line("Configuration", r.candidates.config_hash);
  line("Seed", std::to_string(r.rules.seed));
  line("Version", build_info().version);
  line("Command", r.command_line);
  return out + "</dl></footer>\n";
}

}  // namespace

std::string train_html(const TrainResult& r) {
  std::string body = header(r) + verdict(r);
  if (r.test) {
    body += tiles(*r.test) + "<h2>What it said, and what came</h2><div class=\"two\">" + reliability_figure(r) +
            expected_figure(*r.test) + "</div>" + "<h2>Against the base rate" +
            (r.test->incumbent ? " and the active model" : "") + "</h2>" + comparison(r) + "<div class=\"two\">" +
            bucket_table(*r.test) + importance_table(*r.test) + "</div>";
  }
  body += development(r) + footer(r);
  std::string pairs;
  for (const std::string& pair : r.candidates.pairs) pairs += (pairs.empty() ? "" : ", ") + html_escaped(pair);
  return html_page(pairs + ": training report", body);
}

}  // namespace aitrade::cli
