// The report as one HTML file: for whoever decides whether to believe the result.
//
// Self-contained: style, charts (inline SVG) and a small script are in the file, and nothing is
// fetched from anywhere, so it can be mailed and opened offline. The verdict comes first, then what it
// rests on, then the assumptions. Everything shown is in the document; nothing is computed anew but
// sums over days and trades. Input text is escaped.
#pragma once

#include "core/report/report_document.h"

#include <string>

namespace aitrade {

/// Most rows of the trade list in the page.
constexpr std::size_t html_trades_max = 1500;

/// Returns the page, under 2 MB whatever the run.
std::string html_report(const ReportDocument& report);

/// Returns a page around `body` with this title.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace aitrade
