#include "cmd/walkforward_html.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "cmd/output.h"
#include "cmd/page_parts.h"
#include "core/report/html_report.h"
#include "core/report/html_text.h"
#include "core/report/number_text.h"

namespace aitrade::cli {
namespace {

std::string signed_percent(double fraction, int places = 1) {
  return coloured(fraction, html_percent(fraction, places, true));
}

std::string header(const WalkResult& r) {
  const Study& s = r.study;
  return "<header><p class=\"eyebrow\">Walk-forward report</p><h1>" + html_escaped(s.strategy + " on " + s.pair) +
         "</h1><p class=\"lead\">" + html_number(static_cast<double>(s.bars), 0) + " candles of " +
         html_escaped(s.timeframe) + ", " + html_moment(s.first, false) + " to " + html_moment(s.last, false) + ". " +
         std::to_string(r.folds.size()) + " times the best of a " + (r.is_anchored ? "growing" : "rolling") +
         " train window was traded on the window after it, which nothing had seen. All results are after costs.</p></header>\n";
}

std::string verdict(const WalkResult& r) {
  return "<section class=\"verdict " + std::string(r.verdict.has_edge ? "beats_chance" : "luck") +
         "\"><b>Verdict</b><p>" + html_escaped(r.verdict.text) + "</p></section>\n";
}

std::string tiles(const WalkResult& r) {
  std::string out = "<section class=\"tiles\">";
  out += tile("Return", signed_percent(r.total_return), "over " + std::to_string(r.daily.size()) + " days out of sample");
  out += tile("Sharpe ratio", html_number(r.sharpe), "a year");
  out += tile("It is no luck", html_percent(r.deflated_sharpe, 0),
              std::to_string(r.earlier.size() + 1) + (r.earlier.empty() ? " test" : " tests") + " over these candles");
  out += tile("Chance entries as good", html_percent(r.random_entry ? std::optional(r.random_entry->p_value) : std::nullopt, 1),
              r.random_entry ? "of " + html_number(static_cast<double>(r.random_entry->runs), 0) + " runs" : "not computed");
  out += tile("Efficiency", html_percent(r.kept ? r.kept->efficiency : std::nullopt, 0), "of what was promised came");
  out += tile("Trades", html_number(static_cast<double>(r.trades), 0), "opened in the test windows");
  return out + "</section>\n";
}

double seconds_of(Time t) { return static_cast<double>(t.ns) / 1e9; }

/// What one became, day by day; beside it holding the pair, at the end of each window.
std::string wealth_figure(const WalkResult& r) {
  if (r.daily.size() < 2) return "";
  Chart chart;
  chart.time_axis = true;
  ChartLine own{"equity", {}, false}, held{"hold", {}, false};
  double wealth = 1, holding = 1, low = 1, high = 1;
  const auto add = [&](ChartLine& line, Time at, double value) {
    line.points.push_back({seconds_of(at), value - 1});
    low = std::min(low, value);
    high = std::max(high, value);
  };
  const Time first = r.folds.front().cut;
  add(own, first, wealth);
  add(held, first, holding);
  for (std::size_t i = 0; i < r.daily.size(); ++i) {
    wealth *= 1 + r.daily[i];
    add(own, first + day_span * static_cast<Duration::rep>(i + 1), wealth);
  }
  for (const WalkFold& fold : r.folds) {
    holding *= 1 + fold.held;
    add(held, fold.test_last, holding);
  }
  chart.x_low = seconds_of(first);
  chart.x_high = std::max(own.points.back().x, held.points.back().x);
  std::tie(chart.y_low, chart.y_high) = with_air(low - 1, high - 1);
  chart.rules = {0};
  constexpr double fine = 0.25;   // below this, rules stand at parts of a per cent
  const int places = chart.y_high - chart.y_low < fine ? 1 : 0;
  chart.y_text = [places](double y) { return html_percent(y, places, true); };
  chart.lines = {std::move(held), std::move(own)};
  return "<h2>Out of sample</h2>" +
         figure("All test windows, one after another",
                "<i class=\"key equity\"></i>what was chosen <i class=\"key hold\"></i>buy and hold, by window",
                chart, {1020, 330, 358, 220});
}

std::string benchmarks(const WalkResult& r) {
  std::string rows = row({"What was chosen", signed_percent(r.total_return), "–"});
  rows += row({"With costs half as high again", signed_percent(r.dear_return), "–"});
  rows += row({"Buy and hold, without costs", signed_percent(r.held_return), "–"});
  std::string note;
  if (r.random_entry) {
    const RandomEntry& e = *r.random_entry;
    rows += row({"Its trades, compounded", signed_percent(e.run_return), "–"});
    rows += row({"The same at random moments, median", signed_percent(e.median),
                 html_percent(e.low, 1, true) + " to " + html_percent(e.high, 1, true)});
    note = "<p class=\"note\">" + html_number(static_cast<double>(e.runs), 0) + " runs placed the " +
           html_number(static_cast<double>(e.trades), 0) +
           " trades of the test windows at random moments of these windows: as many, as long, as large, in the same "
           "direction and with the same costs (seed " + std::to_string(e.seed) + "). " + html_percent(e.p_value, 1) +
           " of them did at least as well.</p>";
  }
  return "<h2>Against doing less, and against chance</h2><div class=\"card\">" +
         table({"Out of sample", "Return", "90 % of runs"}, rows) + note + "</div>\n";
}

std::string chosen(const WalkResult& r, const WalkFold& fold) {
  if (!fold.point) return "none had a score";
  std::string out;
  for (std::size_t i = 0; i < fold.point->size(); ++i) {
    out += (i > 0 ? " " : "") + r.study.axes[i].name + "=" + shortest((*fold.point)[i]);
  }
  return out;
}

std::string windows(const WalkResult& r) {
  std::string rows;
  for (const WalkFold& f : r.folds) {
    rows += row({html_moment(f.cut, false), html_number(static_cast<double>(f.trials), 0),
                 html_percent(f.returns.in_sample, 1, true), signed_percent(f.returns.out_of_sample),
                 html_number(static_cast<double>(f.later.trades), 0), signed_percent(f.held),
                 "<code>" + html_escaped(chosen(r, f)) + "</code>"});
  }
  return "<h2>Window by window</h2><div class=\"card\">" +
         table({"Test window from", "Trials", "Promised", "Came", "Trades", "Buy and hold", "Parameters"}, rows) +
         "<p class=\"note\">Promised and came: a year, in and out of sample.</p></div>\n";
}

std::string gate(const WalkResult& r) {
  if (!r.gate) return "";
  std::string rows, reasons;
  for (const WalkFold& f : r.folds) {
    const FoldGate& g = *f.gate;
    if (!g.gates) reasons += "<p class=\"note\">" + html_moment(f.cut, false) + ": " + html_escaped(g.why) + ".</p>";
    rows += row({html_moment(f.cut, false), g.gates ? "the model" : "the rules alone",
                 html_number(static_cast<double>(g.candidates), 0),
                 g.gates ? std::to_string(g.passed) + " of " + std::to_string(g.passed + g.rejected) +
                               (g.left > 0 ? " " + small(std::to_string(g.left) + " left to the rules") : "") +
                               (g.switched_off ? " " + small("switched itself off") : "")
                         : "–"});
  }
  const WalkGate& g = *r.gate;
  return "<h2>The gate</h2><div class=\"card\">" +
         table({"Test window from", "Decided by", "Candidates", "Let pass"}, rows) + reasons +
         "<p class=\"note\">" + (g.is_fixed ? "The given model, which was made before the first test window,"
                                            : "A model trained on each train window alone") +
         std::string(" gated in ") + std::to_string(g.windows) + " of " + std::to_string(r.folds.size()) +
         " test windows. The rules alone would have made " + html_percent(g.rules_alone_return, 1, true) + " in " +
         std::to_string(g.rules_alone_trades) + " trades, with a Sharpe ratio of " +
         html_number(g.rules_alone_sharpe) + ".</p></div>\n";
}

std::string footer(const WalkResult& r) {
  return "<footer><p>Each train window was searched on its own; a position that was open at its end went on. The Sharpe "
         "ratio is deflated by the number of walk-forward tests over the same candles.</p><dl>" +
         fact_line("Candles", r.study.data_fingerprint) + fact_line("Configuration", r.study.config_hash) +
         fact_line("Search", r.study.method) + fact_line("Seed", std::to_string(r.seed)) +
         fact_line("Version", build_info().version) + fact_line("Command", r.command_line) + "</dl></footer>\n";
}

}  // namespace

std::string walkforward_html(const WalkResult& r) {
  return html_page(html_escaped(r.study.strategy + " on " + r.study.pair) + ": walk-forward report",
                   header(r) + verdict(r) + tiles(r) + wealth_figure(r) + benchmarks(r) + windows(r) + gate(r) + footer(r));
}

}  // namespace aitrade::cli
