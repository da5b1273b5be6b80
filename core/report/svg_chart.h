// Charts as inline SVG: axes with round numbers, lines, bands, bars and marks, nothing else.
//
// A chart is described once and drawn at two widths, one for a desk and one for a telephone, so that
// letters keep their size; the page shows the one that fits. Colours come from the page's style
// sheet by class. Coordinates are rounded to a tenth of a pixel.
#pragma once

#include "core/base/time.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// A place in the units of the axes; for times, x is seconds since 1970.
struct ChartPoint {
  double x{0}, y{0};
};

/// A shaded range at one place.
struct ChartRange {
  double x{0}, low{0}, high{0};
};

struct ChartLine {
  std::string style;  // CSS class
  std::vector<ChartPoint> points;
  bool filled{false};  // the area between the line and `Chart::base`
};

struct ChartBand {
  std::string style;
  std::vector<ChartRange> ranges;
};

struct ChartBars {
  struct Bar {
    double from{0}, to{0}, height{0};
    std::string style, tip;
  };
  std::vector<Bar> bars;
};

/// Marks of one kind, drawn as one path.
struct ChartMarks {
  enum class Shape { dot, up, down, line };  // line: from each point to the next, in pairs
  Shape shape{Shape::dot};
  std::string style;
  std::vector<ChartPoint> points;
};

struct Chart {
  double x_low{0}, x_high{1}, y_low{0}, y_high{1};
  bool time_axis{false};
  bool log_x{false};              // x is a logarithm to the base of 10 of what is meant
  double base{0};                 // of filled lines and bars
  std::vector<double> rules;      // horizontal lines to compare with
  std::function<std::string(double)> x_text, y_text;  // labels; x_text is not used for times
  std::vector<double> x_ticks;    // empty: chosen
  std::string x_title;            // unit below the axis
  std::vector<ChartBand> bands;
  std::vector<ChartLine> lines;
  ChartBars bars;
  std::vector<ChartMarks> marks;
};

struct ChartSize {
  double width{0}, height{0};
  bool is_narrow{false};
  bool has_x_labels{true};
  std::string_view css{};  // further class of the svg
};

/// Left and right margin of the plot, for whoever has to find a place by pointer.
struct ChartMargins {
  double left{0}, right{0};
};

ChartMargins chart_margins(const ChartSize& size);

/// Returns an <svg> element.
std::string svg_of(const Chart& chart, const ChartSize& size);

/// Returns about `count` round numbers from low to high: multiples of 1, 2, 2.5 or 5 times a power
/// of ten.
std::vector<double> round_ticks(double low, double high, int count);

/// Returns how many decimals the ticks of an axis of four or five of them need, 0 to 8.
int tick_places(double low, double high);

/// A moment of a time axis with its label.
struct TimeTick {
  double at{0};
  std::string label;
};

/// Returns about `count` moments at round hours, days, months or years.
std::vector<TimeTick> time_ticks(double low, double high, int count);

/// Returns the ends of an axis that holds both with a little air, never without extent.
std::pair<double, double> with_air(double low, double high);

}  // namespace aitrade
