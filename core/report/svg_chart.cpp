#include "core/report/svg_chart.h"

#include "core/report/html_text.h"
#include "core/report/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aitrade {

namespace {

constexpr double seconds_in_day = 86'400;

/// Where the axes lie, and how values become pixels.
class Plane {
 public:
  Plane(const Chart& chart, const ChartSize& size) : chart_(chart) {
    const ChartMargins margins = chart_margins(size);
    left_ = margins.left;
    right_ = size.width - margins.right;
    top_ = 10;
    bottom_ = size.height - (!size.has_x_labels ? 8 : chart.x_title.empty() ? 26 : 42);
  }

  [[nodiscard]] double x(double value) const {
    return left_ + (value - chart_.x_low) / (chart_.x_high - chart_.x_low) * (right_ - left_);
  }

  [[nodiscard]] double y(double value) const {
    const double place = (value - chart_.y_low) / (chart_.y_high - chart_.y_low);
    return bottom_ - std::clamp(place, -0.02, 1.02) * (bottom_ - top_);
  }

  [[nodiscard]] double left() const { return left_; }

  [[nodiscard]] double right() const { return right_; }

  [[nodiscard]] double top() const { return top_; }

  [[nodiscard]] double bottom() const { return bottom_; }

 private:
  const Chart& chart_;
  double left_{0}, right_{0}, top_{0}, bottom_{0};
};

std::string px(double value) {
  std::string text = fixed_text(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string place(double x, double y) {
  return px(x) + "," + px(y);
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" + std::string(anchor) +
         "\">" + html_escaped(text) + "</text>";
}

std::string rule(const Plane& plane, double y, std::string_view style) {
  return "<path class=\"" + std::string(style) + "\" d=\"M" + place(plane.left(), y) + "H" +
         px(plane.right()) + "\"/>";
}

std::vector<double> y_ticks(const Chart& chart, const Plane& plane) {
  const int count = std::max(2, static_cast<int>((plane.bottom() - plane.top()) / 46));
  return round_ticks(chart.y_low, chart.y_high, count);
}

void add_grid(const Chart& chart, const Plane& plane, std::string& out) {
  for (const double tick : y_ticks(chart, plane)) out += rule(plane, plane.y(tick), "grid");
}

/// Left of the plot on a wide page; on a narrow one inside it, above what is drawn there.
void add_y_labels(const Chart& chart, const ChartSize& size, const Plane& plane, std::string& out) {
  out += "<g class=\"axis\">";
  for (const double tick : y_ticks(chart, plane)) {
    const double y = plane.y(tick);
    if (size.is_narrow && y > plane.bottom() - 4) continue;
    const double x = size.is_narrow ? plane.left() + 2 : plane.left() - 8;
    out += text_at(x, size.is_narrow ? y - 3 : y + 4, size.is_narrow ? "start" : "end",
                   chart.y_text ? chart.y_text(tick) : fixed_text(tick, 0));
  }
  out += "</g>";
}

void add_x_axis(const Chart& chart, const ChartSize& size, const Plane& plane, std::string& out) {
  if (!size.has_x_labels) return;
  out += "<g class=\"axis\">";
  const double y = plane.bottom() + 17;
  const int count = std::max(2, static_cast<int>((plane.right() - plane.left()) /
                                                 (size.is_narrow || !chart.time_axis ? 72 : 116)));
  const auto label = [&](double at, const std::string& text) {
    const double x = plane.x(at);
    if (x < plane.left() - 1 || x > plane.right() + 1) return;
    const double half = 3.4 * static_cast<double>(text.size());
    const bool cut_left = x - half < 0, cut_right = x + half > size.width;
    out += "<path class=\"tick\" d=\"M" + place(x, plane.bottom()) + "v4\"/>";
    out += text_at(x, y, cut_left ? "start" : cut_right ? "end" : "middle", text);
  };
  if (chart.time_axis) {
    for (const TimeTick& tick : time_ticks(chart.x_low, chart.x_high, count)) label(tick.at, tick.label);
  } else {
    const auto ticks =
        chart.x_ticks.empty() ? round_ticks(chart.x_low, chart.x_high, count) : chart.x_ticks;
    for (const double tick : ticks) label(tick, chart.x_text ? chart.x_text(tick) : fixed_text(tick, 0));
  }
  if (!chart.x_title.empty()) {
    out += text_at((plane.left() + plane.right()) / 2, y + 17, "middle", chart.x_title);
  }
  out += "</g>";
}

std::string points_path(const std::vector<ChartPoint>& points, const Plane& plane) {
  std::string d;
  for (const ChartPoint& p : points) {
    d += d.empty() ? "M" : "L";
    d += place(plane.x(p.x), plane.y(p.y));
  }
  return d;
}

void add_line(const ChartLine& line, const Chart& chart, const Plane& plane, std::string& out) {
  if (line.points.empty()) return;
  const std::string d = points_path(line.points, plane);
  if (line.filled) {
    const double base = plane.y(chart.base);
    out += "<path class=\"area " + line.style + "\" d=\"" + d + "L" +
           place(plane.x(line.points.back().x), base) + "L" +
           place(plane.x(line.points.front().x), base) + "Z\"/>";
  }
  out += "<path class=\"line " + line.style + "\" d=\"" + d + "\"/>";
}

void add_band(const ChartBand& band, const Plane& plane, std::string& out) {
  if (band.ranges.empty()) return;
  std::string d;
  for (const ChartRange& r : band.ranges) {
    d += d.empty() ? "M" : "L";
    d += place(plane.x(r.x), plane.y(r.high));
  }
  for (std::size_t i = band.ranges.size(); i-- > 0;) {
    d += "L" + place(plane.x(band.ranges[i].x), plane.y(band.ranges[i].low));
  }
  out += "<path class=\"band " + band.style + "\" d=\"" + d + "Z\"/>";
}

void add_bars(const Chart& chart, const Plane& plane, std::string& out) {
  const double base = plane.y(chart.base);
  for (const ChartBars::Bar& bar : chart.bars.bars) {
    const double x0 = plane.x(bar.from) + 0.5, x1 = plane.x(bar.to) - 0.5;
    const double y = plane.y(bar.height);
    out += "<rect class=\"bar " + bar.style + "\" x=\"" + px(x0) + "\" y=\"" + px(std::min(y, base)) +
           "\" width=\"" + px(std::max(0.6, x1 - x0)) + "\" height=\"" + px(std::abs(base - y)) +
           "\"><title>" + html_escaped(bar.tip) + "</title></rect>";
  }
}

void add_marks(const ChartMarks& marks, bool is_narrow, const Plane& plane, std::string& out) {
  if (marks.points.empty()) return;
  const double r = is_narrow ? 2.4 : 3.2;
  std::string_view kind = "mark";
  std::string d;
  for (std::size_t i = 0; i < marks.points.size(); ++i) {
    const double x = plane.x(marks.points[i].x), y = plane.y(marks.points[i].y);
    switch (marks.shape) {
      case ChartMarks::Shape::dot:
        kind = "dots";
        d += "M" + place(x, y) + "h.01";  // round ends make a dot of it
        break;
      case ChartMarks::Shape::up:
        d += "M" + place(x, y - r) + "l" + px(r) + "," + px(2 * r) + "h" + px(-2 * r) + "z";
        break;
      case ChartMarks::Shape::down:
        d += "M" + place(x, y + r) + "l" + px(r) + "," + px(-2 * r) + "h" + px(-2 * r) + "z";
        break;
      case ChartMarks::Shape::line:
        kind = "span";
        d += (i % 2 == 0 ? "M" : "L") + place(x, y);
        break;
    }
  }
  out += "<path class=\"" + std::string(kind) + " " + marks.style + "\" d=\"" + d + "\"/>";
}

struct Calendar {
  int year{0};
  unsigned month{1}, day{1};
};

Calendar calendar_of(double at) {
  const std::chrono::sys_days days{
      std::chrono::days{static_cast<int>(std::floor(at / seconds_in_day))}};
  const std::chrono::year_month_day date{days};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

double start_of_month(int year, unsigned month) {
  const std::chrono::sys_days days{std::chrono::year{year} / std::chrono::month{month} / 1};
  return static_cast<double>(days.time_since_epoch().count()) * seconds_in_day;
}

std::string two(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string_view month_name(unsigned month) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return names[(month - 1) % names.size()];
}

std::vector<TimeTick> month_ticks(double low, double high, unsigned step) {
  std::vector<TimeTick> ticks;
  Calendar c = calendar_of(low);
  for (unsigned month = c.month - (c.month - 1) % std::min(step, 12U);;) {
    if (step > 12 && ticks.empty()) c.year -= c.year % static_cast<int>(step / 12);
    const double at = start_of_month(c.year, month);
    if (at > high) return ticks;
    const std::string year = std::to_string(c.year);
    if (at >= low) {
      ticks.push_back({at, step >= 12 ? year : std::string(month_name(month)) + " " + year});
    }
    month += step % 12;
    c.year += static_cast<int>(step / 12);
    while (month > 12) month -= 12, ++c.year;
  }
}

std::vector<TimeTick> span_ticks(double low, double high, double step) {
  std::vector<TimeTick> ticks;
  // Weeks begin on Monday; 1970 began on a Thursday.
  const double origin = step >= 7 * seconds_in_day ? 4 * seconds_in_day : 0;
  for (double at = std::ceil((low - origin) / step) * step + origin; at <= high; at += step) {
    const Calendar c = calendar_of(at);
    const double clock = at - std::floor(at / seconds_in_day) * seconds_in_day;
    const auto minute = static_cast<unsigned>(clock / 60);
    std::string text = std::to_string(c.day) + " " + std::string(month_name(c.month));
    if (step < seconds_in_day && minute > 0) text = two(minute / 60) + ":" + two(minute % 60);
    ticks.push_back({at, std::move(text)});
  }
  return ticks;
}

}  // namespace

ChartMargins chart_margins(const ChartSize& size) {
  return size.is_narrow ? ChartMargins{0, 2} : ChartMargins{64, 8};
}

std::vector<double> round_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!(high > low) || count < 1) return ticks;
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  }
  for (double n = std::ceil(low / step - 1e-9); n * step <= high + step * 1e-9; ++n) {
    ticks.push_back(n * step);
  }
  return ticks;
}

int tick_places(double low, double high) {
  int places = 0;
  for (const int count : {4, 5}) {
    const auto ticks = round_ticks(low, high, count);
    if (ticks.size() < 2) continue;
    double step = (ticks[1] - ticks[0]) * std::pow(10, places);
    for (; places < 8 && std::abs(step - std::round(step)) > 1e-6 * step; ++places) step *= 10;
  }
  return places;
}

std::vector<TimeTick> time_ticks(double low, double high, int count) {
  if (!(high > low)) return {};
  const double rough = (high - low) / std::max(count, 1);
  constexpr std::array<double, 11> steps{60,    300,    900,    1800,       3600,      3 * 3600,
                                         6 * 3600, 12 * 3600, seconds_in_day, 2 * seconds_in_day,
                                         7 * seconds_in_day};
  for (const double step : steps) {
    if (step >= rough) return span_ticks(low, high, step);
  }
  if (rough <= 15 * seconds_in_day) return span_ticks(low, high, 14 * seconds_in_day);
  constexpr double month = 30.4 * seconds_in_day;
  for (const unsigned step : {1U, 2U, 3U, 6U, 12U, 24U, 60U}) {
    if (step * month >= rough * 0.98) return month_ticks(low, high, step);
  }
  return month_ticks(low, high, 120);
}

std::pair<double, double> with_air(double low, double high) {
  const double extent = high - low;
  if (!(extent > 0)) {
    const double air = std::max(std::abs(high) * 0.01, 1e-9);
    return {low - air, high + air};
  }
  return {low - extent * 0.04, high + extent * 0.04};
}

std::string svg_of(const Chart& chart, const ChartSize& size) {
  const Plane plane(chart, size);
  std::string out = "<svg class=\"";
  out += size.is_narrow ? "narrow" : "wide";
  if (!size.css.empty()) out += " " + std::string(size.css);
  out += "\" viewBox=\"0 0 " + px(size.width) + " " + px(size.height) +
         "\" role=\"img\" aria-hidden=\"true\">";
  add_grid(chart, plane, out);
  for (const ChartBand& band : chart.bands) add_band(band, plane, out);
  for (const double value : chart.rules) out += rule(plane, plane.y(value), "rule");
  add_bars(chart, plane, out);
  for (const ChartLine& line : chart.lines) add_line(line, chart, plane, out);
  for (const ChartMarks& marks : chart.marks) add_marks(marks, size.is_narrow, plane, out);
  add_y_labels(chart, size, plane, out);
  add_x_axis(chart, size, plane, out);
  return out + "</svg>";
}

}  // namespace aitrade
