#include "core/report/compare.h"

#include "core/report/html_report.h"
#include "core/report/html_sections.h"
#include "core/report/html_text.h"
#include "core/report/json_line.h"
#include "core/report/number_text.h"
#include "core/report/svg_chart.h"
#include "core/report/tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace aitrade {

namespace {

struct Compared {
  std::string_view name, label;
  Unit unit;
};

constexpr auto compared = std::to_array<Compared>({
    {"final_equity", "Final equity", Unit::money},
    {"total_return", "Total return", Unit::percent},
    {"buy_and_hold_return", "Buy and hold", Unit::percent},
    {"cagr", "Yearly return", Unit::percent},
    {"volatility", "Volatility, yearly", Unit::percent},
    {"max_drawdown", "Deepest fall", Unit::percent},
    {"time_under_water", "Days under water", Unit::percent},
    {"sharpe", "Sharpe ratio", Unit::ratio},
    {"sharpe_se", "Sharpe, standard error", Unit::ratio},
    {"sharpe_adjusted", "Sharpe, adjusted", Unit::ratio},
    {"sortino", "Sortino ratio", Unit::ratio},
    {"calmar", "Calmar ratio", Unit::ratio},
    {"upi", "Ulcer performance index", Unit::ratio},
    {"psr", "PSR(0)", Unit::ratio},
    {"alpha", "Alpha, yearly", Unit::percent},
    {"beta", "Beta", Unit::ratio},
    {"random_entry_p", "Random-entry p-value", Unit::ratio},
    {"risk_of_ruin", "Risk of ruin, a year", Unit::percent},
    {"trades", "Trades", Unit::count},
    {"win_rate", "Win rate", Unit::percent},
    {"profit_factor", "Profit factor", Unit::ratio},
    {"payoff", "Payoff ratio", Unit::ratio},
    {"expectancy", "Expectancy", Unit::money},
    {"expectancy_r", "Expectancy in R", Unit::ratio},
    {"sqn", "SQN", Unit::ratio},
    {"loss_run", "Losses in a row", Unit::count},
    {"exposure", "Time in the market", Unit::percent},
    {"turnover", "Turnover per year", Unit::ratio},
    {"fees", "Fees", Unit::money},
    {"slippage", "Spread and slippage", Unit::money},
});

Fact fact_in(const ReportDocument& report, std::string_view name) {
  const auto at = report.facts.find(std::string(name));
  return at == report.facts.end() ? Fact{} : at->second;
}

std::string plain(std::optional<double> value, Unit unit, bool is_difference) {
  if (!value || !std::isfinite(*value)) return "-";
  std::string text;
  switch (unit) {
    case Unit::percent:
      text = percent_text(*value);
      break;
    case Unit::count:
      text = fixed_text(*value, 0);
      break;
    case Unit::ratio:
      text = fixed_text(*value, 3);
      break;
    case Unit::money:
    case Unit::text:
      text = fixed_text(*value, 2);
      break;
  }
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  return is_difference && *value > 0 && !is_zero ? "+" + text : text;
}

std::string dressed(std::optional<double> value, Unit unit, bool is_difference) {
  if (!value || !std::isfinite(*value)) return html_number(std::nullopt);
  if (unit == Unit::percent) return html_percent(value, 2, is_difference);
  const std::string text = html_number(value, unit == Unit::count ? 0 : unit == Unit::ratio ? 3 : 2);
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  return is_difference && *value > 0 && !is_zero ? "+" + text : text;
}

ChartLine growth_line(const ReportDocument& report, std::string style) {
  ChartLine line{std::move(style), {}, false};
  if (report.equity.empty() || !(report.equity.front().equity > 0)) return line;
  for (const ReportEquity& e : report.equity) {
    line.points.push_back({static_cast<double>(e.at.ns) / 1e9, e.equity / report.equity.front().equity - 1});
  }
  return line;
}

std::string growth_figure(const ReportDocument& first, const ReportDocument& second,
                          std::string_view first_name, std::string_view second_name) {
  Chart chart;
  chart.time_axis = true;
  chart.lines = {growth_line(first, "hold"), growth_line(second, "equity")};
  double low = 0, high = 0;
  bool is_first = true;
  for (const ChartLine& line : chart.lines) {
    for (const ChartPoint& p : line.points) {
      chart.x_low = is_first ? p.x : std::min(chart.x_low, p.x);
      chart.x_high = is_first ? p.x : std::max(chart.x_high, p.x);
      low = std::min(low, p.y);
      high = std::max(high, p.y);
      is_first = false;
    }
  }
  if (is_first || !(chart.x_high > chart.x_low)) return "";
  std::tie(chart.y_low, chart.y_high) = with_air(low, high);
  chart.rules = {0};
  const int places = high - low < 0.1 ? 1 : 0;
  chart.y_text = [=](double v) { return html_percent(v, places); };
  return "<figure class=\"chart full\"><figcaption><b>Growth</b><span><i class=\"key hold\"></i>" +
         html_escaped(first_name) + " <i class=\"key equity\"></i>" + html_escaped(second_name) +
         "</span></figcaption><div class=\"plot\">" + svg_of(chart, {1040, 330, false}) +
         svg_of(chart, {358, 220, true}) + "</div></figure>";
}

}  // namespace

std::optional<double> ComparedValue::difference() const {
  if (!first.number || !second.number) return std::nullopt;
  return *second.number - *first.number;
}

Comparison compare_reports(const ReportDocument& first, const ReportDocument& second) {
  Comparison result;
  for (const Compared& c : compared) {
    ComparedValue value{c.name, c.label, c.unit, fact_in(first, c.name), fact_in(second, c.name)};
    if (value.first.number || value.second.number) result.values.push_back(std::move(value));
  }
  const auto differs = [&](std::string_view name) {
    return !second.text(name).empty() && !first.text(name).empty() && first.text(name) != second.text(name);
  };
  if (differs("data_fingerprint")) result.warnings.emplace_back("the data are not the same");
  if (differs("currency")) result.warnings.emplace_back("the currencies are not the same");
  if (differs("initial_equity")) result.warnings.emplace_back("they start with different money");
  if (differs("days")) result.warnings.emplace_back("the periods differ in length");
  if (differs("config_hash")) result.warnings.emplace_back("the configurations are not the same");
  const std::string hash = first.text("result_hash");
  result.same_result = !hash.empty() && hash == second.text("result_hash");
  return result;
}

std::string comparison_table(const Comparison& comparison, std::string_view first_name,
                             std::string_view second_name) {
  constexpr std::size_t label_width = 26, value_width = 17;
  const auto line = [](std::string_view label, std::string_view a, std::string_view b,
                       std::string_view d) {
    std::string text = "  " + align_left(label, label_width) + align_right(a, value_width) +
                       align_right(b, value_width) + align_right(d, value_width);
    return text + '\n';
  };
  std::string out = "Comparison\n  A  " + std::string(first_name) + "\n  B  " + std::string(second_name) + "\n";
  if (comparison.same_result) return out + "\n  one and the same result: the hashes are equal\n";
  for (const std::string& warning : comparison.warnings) out += "  note: " + warning + "\n";
  out += "\n" + line("", "A", "B", "B less A");
  for (const ComparedValue& v : comparison.values) {
    out += line(v.label, plain(v.first.number, v.unit, false), plain(v.second.number, v.unit, false),
                plain(v.difference(), v.unit, true));
  }
  return out;
}

std::string comparison_json(const Comparison& comparison) {
  Json json;
  json.begin();
  json.pair("schema", "aitrade.comparison/1");
  json.pair("same_result", comparison.same_result);
  json.key("warnings");
  json.begin_array();
  for (const std::string& warning : comparison.warnings) json.value(warning);
  json.end_array();
  json.key("metrics");
  json.begin();
  for (const ComparedValue& v : comparison.values) {
    json.key(v.name);
    json.begin();
    json.pair("first", v.first.number);
    json.pair("second", v.second.number);
    json.pair("difference", v.difference());
    json.end();
  }
  json.end();
  json.end();
  return json.line();
}

std::string comparison_html(const ReportDocument& first, const ReportDocument& second,
                            std::string_view first_name, std::string_view second_name) {
  const Comparison comparison = compare_reports(first, second);
  std::string body = "<header><p class=\"eyebrow\">Backtest comparison</p><h1>" +
                     html_escaped(second_name) + " against " + html_escaped(first_name) +
                     "</h1><p class=\"lead\">" + subject_of(second) + ", baseline " +
                     subject_of(first) + ".</p></header>\n";
  std::string notes;
  for (const std::string& warning : comparison.warnings) notes += (notes.empty() ? "" : "; ") + warning;
  if (comparison.same_result) notes = "one and the same result: the hashes are equal";
  if (!notes.empty()) {
    notes[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(notes[0])));
    body += "<section class=\"verdict luck\"><b>Before comparing</b><p>" + html_escaped(notes) + ".</p></section>";
  }
  body += "<h2>Equity</h2>" + growth_figure(first, second, first_name, second_name);
  body += "<h2>Numbers</h2><div class=\"card\"><div class=\"scroll\"><table><thead><tr><th></th><th>" +
          html_escaped(first_name) + "</th><th>" + html_escaped(second_name) +
          "</th><th>Difference</th></tr></thead><tbody>";
  for (const ComparedValue& v : comparison.values) {
    body += "<tr><th>" + std::string(v.label) + "</th><td>" + dressed(v.first.number, v.unit, false) +
            "</td><td>" + dressed(v.second.number, v.unit, false) + "</td><td>" +
            dressed(v.difference(), v.unit, true) + "</td></tr>";
  }
  body += "</tbody></table></div></div>";
  return html_page("Backtest comparison", body);
}

}  // namespace aitrade
