#include "cmd/page_parts.h"

#include "core/report/html_text.h"

namespace aitrade::cli {

std::string small(const std::string& text) { return "<small>" + text + "</small>"; }

std::string tile(std::string_view name, const std::string& value, const std::string& note) {
  return "<div class=\"tile\"><span>" + std::string(name) + "</span><strong>" + value + "</strong>" + small(note) +
         "</div>";
}

std::string row(const std::vector<std::string>& cells) {
  std::string out = "<tr><th scope=\"row\">" + cells.front() + "</th>";
  for (std::size_t i = 1; i < cells.size(); ++i) out += "<td>" + cells[i] + "</td>";
  return out + "</tr>";
}

std::string table(const std::vector<std::string>& head, const std::string& rows) {
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& cell : head) out += "<th scope=\"col\">" + cell + "</th>";
  return out + "</tr></thead><tbody>" + rows + "</tbody></table></div>";
}

std::string signed_number(double value, int places) {
  const std::string text = html_number(value, places);
  return value > 0 ? "+" + text : text;
}

std::string coloured(double value, const std::string& text) {
  return "<span class=\"" + std::string(sign_class(value)) + "\">" + text + "</span>";
}

std::string figure(const std::string& title, const std::string& note, const Chart& chart, const FigureSize& size) {
  return "<figure class=\"chart\"><figcaption><b>" + title + "</b><span>" + note +
         "</span></figcaption><div class=\"plot\">" + svg_of(chart, {size.width, size.height, false}) +
         svg_of(chart, {size.narrow_width, size.narrow_height, true}) + "</div></figure>\n";
}

std::string fact_line(const char* name, const std::string& value) {
  if (value.empty()) return "";
  return "<dt>" + std::string(name) + "</dt><dd><code>" + html_escaped(value) + "</code></dd>";
}

}  // namespace aitrade::cli
