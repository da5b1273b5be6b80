// Parts that the pages of commands have in common: tiles, tables, figures. The style is that of core/report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/report/svg_chart.h"

namespace aitrade::cli {

std::string small(const std::string& text);

std::string tile(std::string_view name, const std::string& value, const std::string& note);

/// Returns a row of a table; the first cell is its heading. Cells are HTML.
std::string row(const std::vector<std::string>& cells);

std::string table(const std::vector<std::string>& head, const std::string& rows);

/// Returns a number with a plus where it is above nothing.
std::string signed_number(double value, int places);

/// Returns `text` in the colour of the sign of `value`.
std::string coloured(double value, const std::string& text);

/// How large a figure is drawn, for a desk and for a telephone.
struct FigureSize {
  double width{500}, height{300};
  double narrow_width{358}, narrow_height{240};
};

/// Returns a figure whose chart is drawn at both sizes; title and note are HTML.
std::string figure(const std::string& title, const std::string& note, const Chart& chart, const FigureSize& size = {});

/// Returns a line of a list of names and values; "" without a value, which is escaped.
std::string fact_line(const char* name, const std::string& value);

}  // namespace aitrade::cli
