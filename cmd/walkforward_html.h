// The report of a walk-forward test as one page: what came of what was chosen, window by window, against doing less and
// against chance.
#pragma once

#include <string>

#include "cmd/walkforward_report.h"

namespace aitrade::cli {

/// Returns a page that holds all it needs (core/report/html_report.h). Input text is escaped.
std::string walkforward_html(const WalkResult& result);

}  // namespace aitrade::cli
