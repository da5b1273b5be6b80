#include "core/report/html_report.h"

#include "core/report/html_figures.h"
#include "core/report/html_sections.h"
#include "core/report/html_style.h"
#include "core/report/html_text.h"

namespace aitrade {

namespace {

constexpr std::size_t price_figures_max = 12;

/// Two figures side by side; one alone takes the whole width of its half.
std::string side_by_side(const std::string& left, const std::string& right) {
  if (left.empty() && right.empty()) return "";
  return "<div class=\"two\">" + left + right + "</div>";
}

std::string price_figures(const ReportDocument& report) {
  std::string out;
  std::size_t drawn = 0;
  for (const ReportPrices& prices : report.prices) {
    if (drawn == price_figures_max) {
      return out + "<p class=\"note\">The first " + std::to_string(drawn) + " of " +
             std::to_string(report.prices.size()) + " pairs are drawn.</p>";
    }
    const std::string figure = price_figure(report, prices);
    if (!figure.empty()) ++drawn;
    out += figure;
  }
  return out;
}

std::string titled(std::string_view title, const std::string& body) {
  return body.empty() ? "" : "<h2>" + std::string(title) + "</h2>" + body;
}

}  // namespace

std::string html_page(std::string_view title, std::string_view body) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>";
  page += title;
  page += "</title><style>";
  page += html_style();
  page += "</style></head><body><main>\n";
  page += body;
  page += "</main><script>";
  page += html_script();
  page += "</script></body></html>\n";
  return page;
}

std::string html_report(const ReportDocument& report) {
  std::string body = header_section(report);
  body += verdict_section(report);
  body += tiles_section(report);
  body += titled("Performance", equity_figure(report) + month_figure(report));
  body += benchmark_section(report) + hold_figure(report);
  body += robustness_section(report);
  body += numbers_section(report);
  body += titled("Prices and trades", price_figures(report));
  body += titled("Distributions", side_by_side(outcome_figure(report), day_figure(report)) +
                                      side_by_side(excursion_figure(report), holding_figure(report)));
  body += titled("Where it came from", attribution_section(report));
  body += cost_section(report);
  body += data_section(report);
  body += trades_section(report);
  body += footer_section(report);
  return html_page(subject_of(report) + ": backtest report", body);
}

}  // namespace aitrade
