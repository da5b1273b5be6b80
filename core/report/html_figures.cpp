#include "core/report/html_figures.h"

#include "core/report/html_text.h"
#include "core/report/number_text.h"
#include "core/report/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace aitrade {

namespace {

constexpr double wide = 1040, narrow = 358;
constexpr double half_wide = 500;  // of figures that stand side by side
constexpr std::size_t wide_buckets = 520, narrow_buckets = 240, hover_points_max = 360;
constexpr std::size_t marks_max = 4000;

double seconds_of(Time t) {
  return static_cast<double>(t.ns) / 1e9;
}

/// Calls `merge(first, last)` for at most `most` runs of neighbours of about equal length.
template <class Merge>
void in_buckets(std::size_t count, std::size_t most, Merge merge) {
  const std::size_t buckets = std::min(count, most);
  for (std::size_t b = 0; b < buckets; ++b) merge(b * count / buckets, (b + 1) * count / buckets);
}

std::string figure(std::string_view title, std::string_view note, std::string_view body,
                   std::string_view css = "", std::string_view hover = "") {
  std::string out = "<figure class=\"chart " + std::string(css) + "\"><figcaption><b>" +
                    std::string(title) + "</b><span>" + std::string(note) + "</span></figcaption>";
  out += "<div class=\"plot\"";
  if (!hover.empty()) out += " data-h=\"" + html_escaped(hover) + "\"";
  out += ">";
  out += body;
  return out + "</div></figure>\n";
}

std::string legend(std::string_view style, std::string_view text) {
  return "<i class=\"key " + std::string(style) + "\"></i>" + std::string(text) + " ";
}

std::string both(const Chart& chart, double height, double width = wide) {
  return svg_of(chart, {width, height, false}) +
         svg_of(chart, {narrow, std::min(height, 230.0), true});
}

/// What the pointer shows: names of the columns, then [place in the plot, column texts...].
class Hover {
 public:
  explicit Hover(std::string_view columns) : text_("{\"k\":" + std::string(columns) + ",\"p\":[") {}

  void add(double place, const std::vector<std::string>& cells) {
    text_ += (is_first_ ? "[" : ",[") + fixed_text(place, 4);
    for (const std::string& cell : cells) text_ += ",\"" + cell + "\"";
    text_ += "]";
    is_first_ = false;
  }

  [[nodiscard]] std::string take() const { return text_ + "]}"; }

 private:
  std::string text_;
  bool is_first_{true};
};

std::vector<ReportCurvePoint> curve_of(const ReportDocument& report) {
  if (report.curve.size() > 2) return report.curve;
  std::vector<ReportCurvePoint> curve;
  for (const ReportEquity& e : report.equity) curve.push_back({e.at, e.equity, e.equity, e.equity});
  return curve;
}

struct EquityCharts {
  Chart equity, fall;
};

/// Buy and hold at the daily points that have it.
ChartLine hold_line(const ReportDocument& report) {
  ChartLine hold{"hold", {}, false};
  for (const ReportEquity& e : report.equity) {
    if (e.hold) hold.points.push_back({seconds_of(e.at), *e.hold});
  }
  return hold;
}

/// Whether buy and hold moved so much more than the run that on one scale the run would be a flat
/// line: then they get a figure of their own.
bool is_dwarfed(const ReportDocument& report) {
  constexpr double times_most = 4;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  double hold_low = low, hold_high = high;
  for (const ReportEquity& e : report.equity) {
    low = std::min(low, e.equity);
    high = std::max(high, e.equity);
    hold_low = std::min(hold_low, e.hold.value_or(hold_low));
    hold_high = std::max(hold_high, e.hold.value_or(hold_high));
  }
  return hold_high - hold_low > times_most * (high - low);
}

EquityCharts equity_charts(const std::vector<ReportCurvePoint>& curve, const ReportDocument& report,
                           std::size_t buckets) {
  EquityCharts charts;
  ChartLine line{"equity", {}, true}, fall{"fall", {}, true}, hold;
  if (!is_dwarfed(report)) hold = hold_line(report);
  ChartBand band{"equity", {}};
  double low = std::numeric_limits<double>::infinity(), high = -low, deepest = 0;
  std::vector<double> falls(curve.size());
  double peak = curve.front().equity;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    falls[i] = peak > 0 ? std::min(0.0, std::min(curve[i].low, curve[i].equity) / peak - 1) : 0;
    peak = std::max(peak, curve[i].high);
  }
  in_buckets(curve.size(), buckets, [&](std::size_t from, std::size_t to) {
    const double x = seconds_of(curve[to - 1].at);
    ChartRange range{x, curve[from].low, curve[from].high};
    double worst = 0;
    for (std::size_t i = from; i < to; ++i) {
      range.low = std::min(range.low, curve[i].low);
      range.high = std::max(range.high, curve[i].high);
      worst = std::min(worst, falls[i]);
    }
    low = std::min(low, range.low);
    high = std::max(high, range.high);
    deepest = std::min(deepest, worst);
    line.points.push_back({x, curve[to - 1].equity});
    band.ranges.push_back(range);
    fall.points.push_back({x, worst});
  });
  for (const ChartPoint& p : hold.points) {
    low = std::min(low, p.y);
    high = std::max(high, p.y);
  }
  const double start = report.number("initial_equity").value_or(curve.front().equity);
  std::tie(charts.equity.y_low, charts.equity.y_high) = with_air(std::min(low, start), std::max(high, start));
  charts.equity.x_low = charts.fall.x_low = seconds_of(curve.front().at);
  charts.equity.x_high = charts.fall.x_high = seconds_of(curve.back().at);
  charts.equity.time_axis = charts.fall.time_axis = true;
  charts.equity.base = charts.equity.y_low;
  charts.equity.rules = {start};
  charts.equity.y_text = [=](double v) { return html_number(v, high - low < 20 ? 2 : 0); };
  charts.equity.bands.push_back(std::move(band));
  if (!hold.points.empty()) charts.equity.lines.push_back(std::move(hold));
  charts.equity.lines.push_back(std::move(line));
  charts.fall.y_low = std::min(deepest * 1.08, -0.001);
  charts.fall.y_high = 0;
  const int places = deepest > -0.05 ? 1 : 0;
  charts.fall.y_text = [=](double v) { return html_percent(v, places); };
  charts.fall.lines.push_back(std::move(fall));
  return charts;
}

std::string equity_hover(const std::vector<ReportCurvePoint>& curve) {
  Hover hover("[\"equity\",\"below peak\"]");
  const double first = seconds_of(curve.front().at), last = seconds_of(curve.back().at);
  double peak = curve.front().equity;
  in_buckets(curve.size(), hover_points_max, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) peak = std::max(peak, curve[i].high);
    const ReportCurvePoint& p = curve[to - 1];
    hover.add((seconds_of(p.at) - first) / (last - first),
              {html_moment(p.at, true), html_number(p.equity),
               html_percent(peak > 0 ? p.equity / peak - 1 : 0)});
  });
  return hover.take();
}

/// A histogram over equal bins; values outside of the last bins are counted in them.
struct Histogram {
  double low{0}, step{1};
  std::vector<std::size_t> counts;
};

Histogram histogram_of(std::vector<double> values, int bins_wanted) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double p) {
    return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
  };
  const double low = at(0.005), high = at(0.995);
  const auto ticks = round_ticks(low, high > low ? high : low + 1, bins_wanted);
  Histogram h;
  h.step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  h.low = std::floor(low / h.step) * h.step;
  const auto bins = static_cast<std::size_t>(std::max(1.0, std::ceil((high - h.low) / h.step + 1e-9)));
  h.counts.assign(bins, 0);
  for (const double v : values) {
    const double place = std::floor((v - h.low) / h.step + 1e-9);
    const double clamped = std::clamp(place, 0.0, static_cast<double>(bins - 1));
    ++h.counts[static_cast<std::size_t>(clamped)];
  }
  return h;
}

std::string counted(std::size_t n, std::string_view what) {
  return grouped_text(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// Bars of a histogram, coloured by the side of zero they lie on.
Chart histogram_chart(const Histogram& h, std::function<std::string(double)> x_text,
                      std::string_view what, bool by_sign) {
  Chart chart;
  chart.x_low = h.low;
  chart.x_high = h.low + h.step * static_cast<double>(h.counts.size());
  std::size_t most = 1;
  for (std::size_t i = 0; i < h.counts.size(); ++i) {
    const double from = h.low + h.step * static_cast<double>(i);
    most = std::max(most, h.counts[i]);
    const std::string style = !by_sign ? "plain" : from + h.step / 2 > 0 ? "up" : "down";
    chart.bars.bars.push_back({from, from + h.step, static_cast<double>(h.counts[i]), style,
                               x_text(from) + " to " + x_text(from + h.step) + ": " +
                                   counted(h.counts[i], what)});
  }
  chart.y_high = static_cast<double>(most) * 1.06;
  chart.y_text = [](double v) { return html_number(v, 0); };
  chart.x_text = std::move(x_text);
  return chart;
}

struct Month {
  double growth{1};
  bool has_days{false};
};

std::string month_cell(const Month& month, double scale, bool is_year) {
  if (!month.has_days) return "<td></td>";
  const double r = month.growth - 1;
  const double strength = scale > 0 ? std::min(1.0, std::abs(r) / scale) : 0;
  const std::string style = std::string(r < 0 ? "down" : "up");
  const int tint = static_cast<int>(std::lround(8 + 62 * strength));
  return "<td class=\"" + std::string(is_year ? "total " : "heat ") + style + "\"" +
         (is_year || std::abs(r) < 5e-6 ? "" : " style=\"--t:" + std::to_string(tint) + "%\"") + ">" +
         html_number(r * 100, scale < 0.05 ? 2 : std::abs(r) >= 1 ? 0 : 1) + "</td>";
}

/// Draws the trades of a pair, the largest ones when there are very many; returns how many there are.
std::size_t add_trades(const ReportDocument& report, const std::string& pair, std::size_t most,
                       Chart& chart) {
  std::vector<const ReportTrade*> trades;
  for (const ReportTrade& t : report.trades) {
    if (t.pair == pair) trades.push_back(&t);
  }
  const std::size_t all = trades.size();
  if (all > most) {
    const auto end = trades.begin() + static_cast<std::ptrdiff_t>(most);
    std::nth_element(trades.begin(), end, trades.end(),
                     [](auto* a, auto* b) { return std::abs(a->pnl) > std::abs(b->pnl); });
    trades.resize(most);
  }
  using Shape = ChartMarks::Shape;
  std::array<ChartMarks, 6> marks{{{Shape::line, "up", {}}, {Shape::line, "down", {}},
                                   {Shape::up, "up", {}},   {Shape::up, "down", {}},
                                   {Shape::down, "up", {}}, {Shape::down, "down", {}}}};
  for (const ReportTrade* t : trades) {
    const std::size_t outcome = t->pnl > 0 ? 0 : 1;
    const std::size_t shape = t->direction == "short" ? 4 : 2;
    const ChartPoint entry{seconds_of(t->opened_at), t->entry};
    marks[outcome].points.push_back(entry);
    marks[outcome].points.push_back({seconds_of(t->closed_at), t->exit});
    marks[shape + outcome].points.push_back(entry);
  }
  for (ChartMarks& m : marks) {
    if (!m.points.empty()) chart.marks.push_back(std::move(m));
  }
  return all;
}

}  // namespace

std::string equity_figure(const ReportDocument& report) {
  const std::vector<ReportCurvePoint> curve = curve_of(report);
  if (curve.size() < 3 || curve.back().at <= curve.front().at) return "";
  const EquityCharts w = equity_charts(curve, report, wide_buckets);
  const EquityCharts n = equity_charts(curve, report, narrow_buckets);
  std::string body = svg_of(w.equity, {wide, 330, false, false});
  body += svg_of(n.equity, {narrow, 220, true, false});
  body += "<p class=\"sub\">below peak</p>";
  body += svg_of(w.fall, {wide, 150, false});
  body += svg_of(n.fall, {narrow, 120, true});
  const bool has_hold = w.equity.lines.size() > 1;
  const std::string note = legend("equity", "this run") + (has_hold ? legend("hold", "buy and hold") : "") +
                           "<em>" + html_escaped(report.text("currency")) + ", marked to market</em>";
  return figure("Equity", note, body, "full", equity_hover(curve));
}

std::string hold_figure(const ReportDocument& report) {
  ChartLine hold = hold_line(report);
  if (hold.points.size() < 3 || !is_dwarfed(report)) return "";
  Chart chart;
  chart.time_axis = true;
  chart.x_low = hold.points.front().x;
  chart.x_high = hold.points.back().x;
  ChartLine line{"equity", {}, false};
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ReportEquity& e : report.equity) {
    line.points.push_back({seconds_of(e.at), e.equity});
    low = std::min({low, e.equity, e.hold.value_or(low)});
    high = std::max({high, e.equity, e.hold.value_or(high)});
  }
  std::tie(chart.y_low, chart.y_high) = with_air(low, high);
  chart.y_text = [](double v) { return html_number(v, 0); };
  chart.rules = {report.equity.front().equity};
  chart.lines = {std::move(hold), std::move(line)};
  return figure("Beside buy and hold",
                legend("equity", "this run") + legend("hold", "buy and hold") + "<em>" +
                    html_escaped(report.text("currency")) + "</em>",
                both(chart, 240), "full");
}

std::string price_figure(const ReportDocument& report, const ReportPrices& prices) {
  const auto& bars = prices.bars;
  if (bars.size() < 3) return "";
  Chart chart;
  chart.time_axis = true;
  chart.x_low = seconds_of(bars.front().open_time);
  chart.x_high = seconds_of(bars.back().open_time);
  double low = std::numeric_limits<double>::infinity(), high = 0;
  ChartBand band{"price", {}};
  ChartLine line{"price", {}, false};
  Hover hover("[\"close\"]");
  in_buckets(bars.size(), wide_buckets, [&](std::size_t from, std::size_t to) {
    const double x = seconds_of(bars[to - 1].open_time);
    ChartRange range{x, bars[from].low, bars[from].high};
    for (std::size_t i = from; i < to; ++i) {
      range.low = std::min(range.low, bars[i].low);
      range.high = std::max(range.high, bars[i].high);
    }
    low = std::min(low, range.low);
    high = std::max(high, range.high);
    band.ranges.push_back(range);
    line.points.push_back({x, bars[to - 1].close});
  });
  const int places = price_places(high);
  in_buckets(bars.size(), hover_points_max, [&](std::size_t, std::size_t to) {
    const ReportBar& bar = bars[to - 1];
    hover.add((seconds_of(bar.open_time) - chart.x_low) / (chart.x_high - chart.x_low),
              {html_moment(bar.open_time, true), html_number(bar.close, places)});
  });
  std::tie(chart.y_low, chart.y_high) = with_air(low, high);
  const int axis_places = tick_places(chart.y_low, chart.y_high);
  chart.y_text = [=](double v) { return html_number(v, axis_places); };
  chart.bands.push_back(std::move(band));
  chart.lines.push_back(std::move(line));

  // All charts of the page share one budget of marks.
  const std::size_t most = marks_max / std::max<std::size_t>(report.prices.size(), 1);
  const std::size_t all = add_trades(report, prices.pair, most, chart);
  std::string note = legend("up", "won") + legend("down", "lost") + "<em>" + counted(all, "trade");
  if (all > most) note += ", the " + grouped_text(most) + " largest shown";
  note += "; ▲ long and ▼ short where opened</em>";
  return figure(html_escaped(prices.pair), note, both(chart, 300), "full", hover.take());
}

std::string month_figure(const ReportDocument& report) {
  if (report.equity.size() < 2) return "";
  std::map<int, std::array<Month, 13>> years;  // the thirteenth is the year
  for (std::size_t i = 1; i < report.equity.size(); ++i) {
    const double before = report.equity[i - 1].equity;
    if (!(before > 0)) break;
    const std::string day = day_text(report.equity[i].at - Duration{1});
    const int year = std::stoi(day.substr(0, 4)), month = std::stoi(day.substr(5, 2));
    for (const std::size_t place : {static_cast<std::size_t>(month - 1), std::size_t{12}}) {
      Month& m = years[year][place];
      m.growth *= report.equity[i].equity / before;
      m.has_days = true;
    }
  }
  double scale = 0;
  for (const auto& [year, months] : years) {
    for (std::size_t i = 0; i < 12; ++i) {
      if (months[i].has_days) scale = std::max(scale, std::abs(months[i].growth - 1));
    }
  }
  std::string body = "<div class=\"scroll\"><table class=\"months\"><thead><tr><th></th>";
  for (const char* name : {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                           "Nov", "Dec", "Year"}) {
    body += "<th>" + std::string(name) + "</th>";
  }
  body += "</tr></thead><tbody>";
  for (const auto& [year, months] : years) {
    body += "<tr><th>" + std::to_string(year) + "</th>";
    for (std::size_t i = 0; i < months.size(); ++i) body += month_cell(months[i], scale, i == 12);
    body += "</tr>";
  }
  body += "</tbody></table></div>";
  return figure("Return by month", "<em>per cent, equity at 00:00 UTC</em>", body, "full");
}

std::string outcome_figure(const ReportDocument& report) {
  std::vector<double> values;
  for (const ReportTrade& t : report.trades) {
    if (t.r && std::isfinite(*t.r)) values.push_back(*t.r);
  }
  if (values.size() < 5) return "";
  Chart chart = histogram_chart(histogram_of(values, 24),
                                [](double v) { return html_number(v, 1); }, "trade", true);
  chart.x_title = "net result in R, the initial risk of the trade";
  return figure("Trades", "<em>" + counted(values.size(), "trade") + "</em>",
                both(chart, 240, half_wide));
}

std::string day_figure(const ReportDocument& report) {
  std::vector<double> values;
  for (std::size_t i = 1; i < report.equity.size(); ++i) {
    const double before = report.equity[i - 1].equity;
    if (before > 0) values.push_back(report.equity[i].equity / before - 1);
  }
  if (values.size() < 10) return "";
  const Histogram h = histogram_of(values, 28);
  const int places = h.step < 0.001 ? 2 : 1;
  Chart chart = histogram_chart(h, [=](double v) { return html_number(v * 100, places); }, "day", true);
  chart.x_title = "daily return, per cent";
  return figure("Days", "<em>" + counted(values.size(), "day") + "</em>", both(chart, 240, half_wide));
}

std::string excursion_figure(const ReportDocument& report) {
  if (report.trades.size() < 5) return "";
  std::vector<double> worst, best;
  for (const ReportTrade& t : report.trades) {
    worst.push_back(std::abs(t.mae) * 100);
    best.push_back(t.mfe * 100);
  }
  const auto limit = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(0.995 * static_cast<double>(values.size() - 1));
    return std::max(values[at] * 1.08, 0.05);
  };
  Chart chart;
  chart.x_high = limit(worst);
  chart.y_high = limit(best);
  ChartMarks won{ChartMarks::Shape::dot, "up", {}}, lost{ChartMarks::Shape::dot, "down", {}};
  for (std::size_t i = 0; i < worst.size(); ++i) {
    auto& points = (report.trades[i].pnl > 0 ? won : lost).points;
    if (points.size() < marks_max && worst[i] <= chart.x_high && best[i] <= chart.y_high) {
      points.push_back({worst[i], best[i]});
    }
  }
  chart.marks = {std::move(lost), std::move(won)};
  const auto percent = [](double extent) {
    return [=](double v) { return html_number(v, extent < 6 ? 1 : 0) + " %"; };
  };
  chart.y_text = percent(chart.y_high);
  chart.x_text = percent(chart.x_high);
  chart.x_title = "MAE, the worst move; up: MFE, the best move";
  return figure("Excursions", legend("up", "won") + legend("down", "lost"), both(chart, 240, half_wide));
}

std::string holding_figure(const ReportDocument& report) {
  std::vector<double> values;
  for (const ReportTrade& t : report.trades) {
    const double minutes_held = static_cast<double>((t.closed_at - t.opened_at) / seconds(1)) / 60;
    values.push_back(std::log10(std::max(minutes_held, 0.5)));
  }
  if (values.size() < 5) return "";
  std::sort(values.begin(), values.end());
  Histogram h;
  h.step = std::max(0.05, (values.back() - values.front()) / 20);
  h.low = values.front();
  h.counts.assign(
      static_cast<std::size_t>(std::floor((values.back() - h.low) / h.step + 1e-9)) + 1, 0);
  for (const double v : values) ++h.counts[static_cast<std::size_t>((v - h.low) / h.step + 1e-9)];
  const auto text = [](double v) {
    return span_text(seconds(static_cast<std::int64_t>(std::lround(std::pow(10, v) * 60))));
  };
  Chart chart = histogram_chart(h, text, "trade", false);
  for (const double m : {1.0, 5.0, 15.0, 60.0, 240.0, 1440.0, 7200.0, 43'200.0}) {
    const double at = std::log10(m);
    if (at >= chart.x_low && at <= chart.x_high) chart.x_ticks.push_back(at);
  }
  chart.x_text = [](double v) {
    const double m = std::pow(10, v);
    if (m < 59) return html_number(m, 0) + "m";
    return m < 1439 ? html_number(m / 60, 0) + "h" : html_number(m / 1440, 0) + "d";
  };
  if (chart.x_ticks.empty()) chart.x_ticks = {values.front()};
  chart.x_title = "time held, logarithmic";
  return figure("Holding times", "<em>median " + text(values[values.size() / 2]) + "</em>",
                both(chart, 240, half_wide));
}

std::string hour_figure(const ReportDocument& report) {
  const auto found = report.slices.find("hour");
  if (found == report.slices.end() || found->second.empty()) return "";
  Chart chart;
  chart.x_high = 24;
  double low = 0, high = 0;
  for (const ReportSlice& s : found->second) {
    const double hour = std::atof(s.label.c_str());
    low = std::min(low, s.net_profit);
    high = std::max(high, s.net_profit);
    chart.bars.bars.push_back({hour + 0.1, hour + 0.9, s.net_profit, s.net_profit < 0 ? "down" : "up",
                               s.label + ":00: " + html_number(s.net_profit) + " from " +
                                   counted(static_cast<std::size_t>(s.trades), "trade")});
  }
  std::tie(chart.y_low, chart.y_high) = with_air(low, high);
  chart.rules = {0};
  const int places = high - low < 20 ? 1 : 0;
  chart.y_text = [=](double v) { return html_number(v, places); };
  chart.x_ticks = {0, 6, 12, 18, 24};
  chart.x_text = [](double v) { return html_number(v, 0) + ":00"; };
  return figure("Net profit by hour of opening",
                "<em>UTC, " + html_escaped(report.text("currency")) + "</em>",
                both(chart, 220, half_wide));
}

}  // namespace aitrade
