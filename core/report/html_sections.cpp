#include "core/report/html_sections.h"

#include "core/report/html_figures.h"
#include "core/report/html_report.h"
#include "core/report/html_text.h"
#include "core/report/number_text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace aitrade {

namespace {

using Facts = std::map<std::string, Fact>;

std::optional<double> number_in(const Facts& facts, const std::string& name) {
  const auto at = facts.find(name);
  return at == facts.end() ? std::nullopt : at->second.number;
}

std::string text_in(const Facts& facts, const std::string& name) {
  const auto at = facts.find(name);
  return at == facts.end() ? std::string() : html_escaped(at->second.text);
}

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return html_escaped(text);
}

std::string counted(std::optional<double> n, std::string_view what) {
  const bool is_one = n && std::abs(*n - 1) < 0.5;
  return html_number(n, 0) + " " + std::string(what) + (is_one ? "" : "s");
}

std::string coloured(std::optional<double> sign, const std::string& text) {
  const std::string_view style = sign_class(sign);
  return style.empty() ? text : "<span class=\"" + std::string(style) + "\">" + text + "</span>";
}

std::string tile(std::string_view label, const std::string& value, const std::string& note) {
  return "<div class=\"tile\"><span>" + std::string(label) + "</span><strong>" + value +
         "</strong><small>" + note + "</small></div>";
}

/// A cell of a table; a narrow page leaves out what is spare.
struct TableCell {
  TableCell(std::string cell_text, bool may_go = false)  // NOLINT: text is a cell
      : text(std::move(cell_text)), is_spare(may_go) {}

  std::string text;
  bool is_spare;
};

TableCell spare(std::string text) {
  return {std::move(text), true};
}

/// A list of labels and values.
class Numbers {
 public:
  explicit Numbers(std::string_view title)
      : text_("<div class=\"card\"><h3>" + std::string(title) + "</h3><dl class=\"numbers\">") {}

  void add(std::string_view label, const std::string& value) {
    text_ += "<dt>" + std::string(label) + "</dt><dd>" + value + "</dd>";
  }

  void number(std::string_view label, std::optional<double> value, int places = 2) {
    add(label, html_number(value, places));
  }

  void percent(std::string_view label, std::optional<double> value, int places = 2) {
    add(label, html_percent(value, places));
  }

  [[nodiscard]] std::string take() const { return text_ + "</dl></div>"; }

 private:
  std::string text_;
};

std::string small(const std::string& text) {
  return " <small>" + text + "</small>";
}

std::string table(std::string_view title, std::string_view head, const std::string& rows) {
  std::string out = "<div class=\"card\">";
  if (!title.empty()) out += "<h3>" + std::string(title) + "</h3>";
  return out + "<div class=\"scroll\"><table><thead><tr>" + std::string(head) +
         "</tr></thead><tbody>" + rows + "</tbody></table></div></div>";
}

std::string row(const std::vector<TableCell>& cells) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == 0) {
      out += "<th>" + cells[i].text + "</th>";
    } else {
      out += (cells[i].is_spare ? "<td class=\"spare\">" : "<td>") + cells[i].text + "</td>";
    }
  }
  return out + "</tr>";
}

std::string held(std::optional<double> s) {
  return s ? span_text(seconds(static_cast<std::int64_t>(*s))) : html_number(std::nullopt);
}

bool is_true(const ReportDocument& report, std::string_view name) {
  return report.number(name).value_or(0) > 0.5;
}

std::string profit_factor(const ReportDocument& report) {
  if (is_true(report, "profit_factor_infinite")) return "∞";
  return html_number(report.number("profit_factor"));
}

std::string risk_numbers(const ReportDocument& r) {
  Numbers n("Return and risk");
  n.percent("Volatility, yearly", r.number("volatility"));
  n.add("Sharpe ratio", html_number(r.number("sharpe")) +
                            (r.number("sharpe_se") ? small("± " + html_number(r.number("sharpe_se"))) : ""));
  n.number("Sharpe, adjusted for autocorrelation", r.number("sharpe_adjusted"));
  n.number("t-statistic of the mean day", r.number("sharpe_t"));
  n.number("Sortino ratio", r.number("sortino"));
  n.number("Calmar ratio", r.number("calmar"));
  n.percent("Ulcer index", r.number("ulcer_index"));
  n.number("Ulcer performance index", r.number("upi"));
  n.percent("Days under water", r.number("time_under_water"), 1);
  n.add("Longest time under water", counted(r.number("longest_under_water_days"), "day"));
  n.percent("Value at risk, one day, 95&nbsp;%", r.number("var_95"));
  n.percent("Expected shortfall, one day, 95&nbsp;%", r.number("cvar_95"));
  n.number("Omega", r.number("omega"));
  n.number("Tail ratio", r.number("tail_ratio"));
  n.add("Skew, kurtosis", html_number(r.number("skew")) + ", " + html_number(r.number("kurtosis")));
  n.number("Probability that the true Sharpe is above 0", r.number("psr"));
  n.add("Record needed to show it at 95&nbsp;%",
        r.number("min_trl_days") ? counted(r.number("min_trl_days"), "day") : html_number({}));
  return n.take();
}

std::string trade_numbers(const ReportDocument& r) {
  Numbers n("Trades");
  n.add("Wins, losses, even", html_number(r.number("wins"), 0) + ", " + html_number(r.number("losses"), 0) +
                                  ", " + html_number(r.number("breakevens"), 0));
  n.add("Win rate", html_percent(r.number("win_rate"), 1) +
                        (r.number("win_rate_low")
                             ? small(html_number(*r.number("win_rate_low") * 100, 1) + " to " +
                                     html_percent(r.number("win_rate_high"), 1))
                             : ""));
  n.add("Profit factor", profit_factor(r));
  n.number("Payoff ratio", r.number("payoff"));
  n.add("Expectancy", html_number(r.number("expectancy")) + small(html_escaped(r.text("currency"))));
  n.add("Expectancy in R", html_number(r.number("expectancy_r"), 3));
  n.percent("Expectancy, of equity", r.number("expectancy_equity"), 3);
  n.number("System quality number", r.number("sqn"));
  n.add("Kelly fraction", html_number(r.number("kelly"), 3) +
                              (r.number("kelly") && !is_true(r, "kelly_reliable")
                                   ? small("under 50 trades: do not use")
                                   : ""));
  n.add("Average win, loss",
        html_number(r.number("average_win")) + ", " + html_number(r.number("average_loss")));
  n.add("Best, worst", html_number(r.number("best_trade")) + ", " + html_number(r.number("worst_trade")));
  n.add("MAE, MFE on average", html_percent(r.number("mae")) + ", " + html_percent(r.number("mfe")));
  n.add("MAE, MFE in R", html_number(r.number("mae_r")) + ", " + html_number(r.number("mfe_r")));
  n.add("Held, mean and median", held(r.number("hold_mean_s")) + ", " + held(r.number("hold_median_s")));
  n.add("Held, winners and losers",
        held(r.number("hold_winners_s")) + ", " + held(r.number("hold_losers_s")));
  n.add("Losses in a row",
        html_number(r.number("loss_run"), 0) +
            (r.number("loss_run_expected")
                 ? small("by chance " + html_number(r.number("loss_run_expected"), 1))
                 : ""));
  n.add("Time in the market", html_percent(r.number("exposure"), 1) +
                                  small("average exposure " + html_percent(r.number("gross_exposure"), 1)));
  return n.take();
}

std::string slice_table(const ReportDocument& report, const std::string& group, std::string_view title) {
  const auto found = report.slices.find(group);
  if (found == report.slices.end() || found->second.empty()) return "";
  std::vector<ReportSlice> slices = found->second;
  std::stable_sort(slices.begin(), slices.end(),
                   [](const auto& a, const auto& b) { return a.net_profit > b.net_profit; });
  std::string rows;
  for (const ReportSlice& s : slices) {
    const double decided = s.wins + s.losses;
    rows += row({words(s.label), html_number(s.trades, 0),
                 decided > 0 ? html_percent(s.wins / decided, 1) : html_number({}),
                 spare(html_number(s.fees)), coloured(s.net_profit, html_number(s.net_profit))});
  }
  return table(title, "<th></th><th>Trades</th><th>Won</th><th class=\"spare\">Fees</th><th>Net profit</th>", rows);
}

}  // namespace

std::string subject_of(const ReportDocument& report) {
  const std::string strategies = report.text("strategies");
  const auto count = std::count(strategies.begin(), strategies.end(), ',') + 1;
  std::string text = strategies.empty() ? "A run" : words(strategies);
  if (!strategies.empty() && count > 2) text = std::to_string(count) + " strategies";
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  std::set<std::string> pairs;
  for (const auto& c : report.coverage) pairs.insert(text_in(c, "pair"));
  if (pairs.empty()) return text;
  if (pairs.size() > 4) return text + " on " + std::to_string(pairs.size()) + " pairs";
  text += " on ";
  bool is_first = true;
  for (const std::string& pair : pairs) {
    text += (is_first ? "" : ", ") + pair;
    is_first = false;
  }
  return text;
}

std::string header_section(const ReportDocument& report) {
  std::string out = "<header><p class=\"eyebrow\">Backtest report</p><h1>" + subject_of(report) + "</h1>";
  out += "<p class=\"lead\">";
  if (!report.equity.empty()) {
    out += html_moment(report.equity.front().at, false) + " to " +
           html_moment(report.equity.back().at, false) + ", " + counted(report.number("days"), "day") + ". ";
  }
  out += counted(report.number("bars"), "bar");
  if (!report.coverage.empty()) out += " of " + text_in(report.coverage.front(), "timeframe");
  out += ", start with " + html_number(report.number("initial_equity")) + " " +
         html_escaped(report.text("currency")) + ".";
  const std::string strategies = report.text("strategies");
  if (std::count(strategies.begin(), strategies.end(), ',') > 1) out += " Strategies: " + words(strategies) + ".";
  return out + "</p></header>\n";
}

std::string verdict_section(const ReportDocument& report) {
  const std::string kind = report.text("verdict_kind");
  std::string sentence = report.text("verdict");
  if (sentence.empty()) return "";
  sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
  return "<section class=\"verdict " + html_escaped(kind) + "\"><b>Verdict</b><p>" +
         html_escaped(sentence) + ".</p></section>\n";
}

std::string tiles_section(const ReportDocument& r) {
  std::string out = "<section class=\"tiles\">";
  const auto total = r.number("total_return");
  const auto hold = r.number("buy_and_hold_return");
  out += tile("Total return", coloured(total, html_percent(total, 2, true)),
              hold ? "buy and hold " + html_percent(hold, 2, true) : "after all costs");
  const bool is_reliable = is_true(r, "yearly_reliable");
  out += tile("Yearly return", html_percent(r.number("cagr"), 2, true),
              r.number("cagr") ? (is_reliable ? "compound" : "under 180 days: a guess") : "under 30 days");
  out += tile("Deepest fall", html_percent(r.number("max_drawdown")),
              hold ? "buy and hold " + html_percent(r.number("buy_and_hold_max_drawdown")) : "bar level");
  out += tile("Sharpe ratio", html_number(r.number("sharpe")),
              r.number("sharpe_se") ? "± " + html_number(r.number("sharpe_se")) + " standard error"
                                    : "undefined");
  out += tile("Profit factor", profit_factor(r), "win rate " + html_percent(r.number("win_rate"), 1));
  out += tile("Trades", html_number(r.number("trades"), 0),
              "expectancy " + html_number(r.number("expectancy_r"), 3) + " R");
  return out + "</section>\n";
}

std::string benchmark_section(const ReportDocument& r) {
  std::string rows;
  rows += row({std::string("This run"), html_percent(r.number("total_return"), 2, true),
               html_percent(r.number("max_drawdown")), spare("")});
  if (!r.buy_and_hold.empty()) {
    rows += row({std::string("Buy and hold, same costs"), html_percent(number_in(r.buy_and_hold, "total_return"), 2, true),
                 html_percent(number_in(r.buy_and_hold, "max_drawdown")) + small("daily"), spare("")});
  }
  if (!r.random_entry.empty()) {
    const auto low = number_in(r.random_entry, "p5"), high = number_in(r.random_entry, "p95");
    rows += row({std::string("Random entries, median of ") + html_number(number_in(r.random_entry, "runs"), 0),
                 html_percent(number_in(r.random_entry, "p50"), 2, true), html_number({}),
                 spare(html_percent(low, 2, true) + " to " + html_percent(high, 2, true))});
  }
  std::string out = table("Against doing less",
                          "<th></th><th>Return</th><th>Deepest fall</th><th class=\"spare\">90 % of runs</th>", rows);
  std::string note;
  if (const auto p = number_in(r.random_entry, "p_value")) {
    note += "The same trades at random moments, with the same costs, did at least as well in " +
            html_percent(p, 1) + " of the runs; nine in ten of them returned " +
            html_percent(number_in(r.random_entry, "p5"), 2, true) + " to " +
            html_percent(number_in(r.random_entry, "p95"), 2, true) + ". ";
  }
  if (r.number("beta")) {
    note += "Against buy and hold: beta " + html_number(r.number("beta")) + " (t " +
            html_number(r.number("beta_t"), 1) + "), alpha " + html_percent(r.number("alpha"), 1, true) +
            " a year (t " + html_number(r.number("alpha_t"), 1) + ").";
  }
  if (!note.empty()) out.insert(out.size() - 6, "<p class=\"note\">" + note + "</p>");
  return "<h2>Benchmarks</h2>" + out;
}

std::string robustness_section(const ReportDocument& r) {
  std::string left, right;
  if (r.has_sensitivity) {
    std::string rows = row({std::string("As configured"), html_percent(r.number("total_return"), 2, true),
                            html_percent(r.number("max_drawdown")), html_number(r.number("sharpe")),
                            html_number(r.number("trades"), 0)});
    for (const auto& line : r.sensitivity) {
      rows += row({text_in(line, "name"), html_percent(number_in(line, "total_return"), 2, true),
                   html_percent(number_in(line, "max_drawdown")), html_number(number_in(line, "sharpe")),
                   html_number(number_in(line, "trades"), 0)});
    }
    left = table("If the world were worse",
                 "<th></th><th>Return</th><th>Fall</th><th>Sharpe</th><th>Trades</th>", rows);
  }
  if (!r.monte_carlo.empty()) {
    const Facts& mc = r.monte_carlo;
    std::vector<TableCell> finals{std::string("Final equity")}, falls{std::string("Deepest fall")};
    for (const char* p : {"p5", "p25", "p50", "p75", "p95"}) {
      finals.push_back(html_number(number_in(mc, std::string("final_equity.") + p), 0));
      falls.push_back(html_percent(number_in(mc, std::string("max_drawdown.") + p), 1));
    }
    right = table("If the days came otherwise",
                  "<th></th><th>5 %</th><th>25 %</th><th>50 %</th><th>75 %</th><th>95 %</th>",
                  row(finals) + row(falls));
    right.insert(right.size() - 6,
                 "<p class=\"note\">" + html_number(number_in(mc, "runs"), 0) +
                     " paths drawn from the daily returns in blocks of " +
                     html_number(number_in(mc, "mean_block_days"), 1) + " days on average. Chance of a loss " +
                     html_percent(number_in(mc, "loss_probability"), 1) + ", of a fall of " +
                     html_percent(number_in(mc, "ruin_drawdown"), 0) + " within a year " +
                     html_percent(number_in(mc, "ruin_within_a_year"), 1) + ".</p>");
  }
  if (left.empty() && right.empty()) return "";
  std::string out = "<h2>Robustness</h2>";
  if (left.empty() || right.empty()) out += left + right;
  if (!left.empty() && !right.empty()) out += "<div class=\"two\">" + left + right + "</div>";
  if (left.empty()) {
    out += "<p class=\"note\">Sensitivity to fees, delay and slippage was not run: "
           "<code>backtest --sensitivity</code> adds it.</p>";
  }
  return out;
}

std::string numbers_section(const ReportDocument& r) {
  return "<h2>Numbers</h2><div class=\"two\">" + risk_numbers(r) + trade_numbers(r) + "</div>";
}

std::string attribution_section(const ReportDocument& r) {
  const std::string tables = slice_table(r, "strategy", "By strategy") +
                             slice_table(r, "regime", "By market regime at entry") +
                             slice_table(r, "exit", "By exit") + slice_table(r, "pair", "By pair") +
                             hour_figure(r);
  return tables.empty() ? "" : "<div class=\"flow\">" + tables + "</div>";
}

std::string cost_section(const ReportDocument& r) {
  const auto fees = r.number("fees"), slippage = r.number("slippage");
  const std::string currency = small(html_escaped(r.text("currency")));
  Numbers n("Costs");
  n.add("Fees", html_number(fees) + currency);
  n.percent("Fees, of gross profit", r.number("fees_of_gross_profit"), 1);
  n.add("Spread and slippage", html_number(slippage) + currency);
  n.percent("Spread and slippage, of gross profit", r.number("slippage_of_gross_profit"), 1);
  n.add("Turnover per year", r.number("turnover") ? html_number(r.number("turnover"), 1) + " × equity"
                                                  : html_number({}));
  Numbers d("Decisions");
  d.number("Decisions", r.number("decisions"), 0);
  d.number("Entries", r.number("entries"), 0);
  d.number("Too small to trade", r.number("too_small"), 0);
  d.number("Bars with stop and target, taken as stopped", r.number("ambiguous_bars"), 0);
  for (std::size_t i = 0; i < std::min<std::size_t>(r.refused.size(), 4); ++i) {
    d.number("Refused: " + words(r.refused[i].first), r.refused[i].second, 0);
  }
  return "<h2>Costs and decisions</h2><div class=\"two\">" + n.take() + d.take() + "</div>";
}

std::string data_section(const ReportDocument& r) {
  if (r.coverage.empty()) return "";
  std::string rows;
  for (const auto& c : r.coverage) {
    const double bars = number_in(c, "bars").value_or(0), missing = number_in(c, "missing").value_or(0);
    const double share = bars + missing > 0 ? bars / (bars + missing) : 0;
    rows += row({text_in(c, "pair") + small(text_in(c, "timeframe")), text_in(c, "first").substr(0, 10),
                 text_in(c, "last").substr(0, 10), spare(html_number(bars, 0)),
                 spare(html_number(number_in(c, "gaps"), 0)), spare(html_number(missing, 0)),
                 html_percent(share)});
  }
  return "<h2>Data</h2>" +
         table("", "<th>Pair</th><th>First</th><th>Last</th><th class=\"spare\">Bars</th>"
                   "<th class=\"spare\">Gaps</th><th class=\"spare\">Missing</th>"
                   "<th>Coverage</th>",
               rows);
}

std::string trades_section(const ReportDocument& r) {
  if (r.trades.empty()) return "";
  const std::size_t shown = std::min(r.trades.size(), html_trades_max);
  std::string rows;
  for (std::size_t i = r.trades.size() - shown; i < r.trades.size(); ++i) {
    const ReportTrade& t = r.trades[i];
    const int places = price_places(t.entry);
    rows += "<tr><td>" + html_moment(t.opened_at, true) + "</td><td class=\"text\">" + html_escaped(t.pair) +
            "</td><td class=\"text\">" + words(t.direction) + "</td><td class=\"text\">" +
            words(t.strategy) + "</td><td>" + html_number(t.entry, places) + "</td><td>" +
            html_number(t.exit, places) + "</td><td class=\"text\">" + words(t.reason) + "</td><td>" +
            span_text(t.closed_at - t.opened_at) + "</td><td>" + html_number(t.r) + "</td><td>" +
            coloured(t.pnl, html_number(t.pnl)) + "</td></tr>";
  }
  std::string summary = "Every trade, " + grouped_text(shown);
  if (shown < r.trades.size()) summary = "The last " + grouped_text(shown) + " trades";
  return "<h2>Trades</h2><details class=\"card\"><summary>" + summary + "</summary><div class=\"scroll\"><table>"
         "<thead><tr><th>Opened, UTC</th><th class=\"text\">Pair</th><th class=\"text\">Side</th>"
         "<th class=\"text\">Strategy</th><th>Entry</th><th>Exit</th><th class=\"text\">Why it closed</th>"
         "<th>Held</th><th>R</th><th>Net</th></tr></thead><tbody>" + rows + "</tbody></table></div></details>";
}

std::string footer_section(const ReportDocument& r) {
  std::string out =
      "<footer><p>Equity is marked to market at what closing would bring. Ratios are from daily equity at "
      "00:00 UTC with 365 days a year, the deepest fall from every bar. Entries fill from the next open on, "
      "stops through gaps at the open; a bar that holds both stop and target counts as stopped. A dash "
      "stands for what is undefined. Past results say little about the next ones.</p><dl>";
  const auto line = [&](std::string_view label, std::string_view name) {
    const std::string text = r.text(name);
    if (!text.empty()) out += "<dt>" + std::string(label) + "</dt><dd><code>" + html_escaped(text) + "</code></dd>";
  };
  line("Result", "result_hash");
  line("Data", "data_fingerprint");
  line("Configuration", "config_hash");
  line("Seed", "seed");
  line("Version", "version");
  line("Command", "command");
  return out + "</dl></footer>\n";
}

}  // namespace aitrade
