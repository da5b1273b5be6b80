// The report of a training as one page: whether the model helps, and what that rests on.
#pragma once

#include <string>

#include "cmd/train_report.h"

namespace aitrade::cli {

/// Returns a page that holds all it needs (core/report/html_report.h). Input text is escaped.
std::string train_html(const TrainResult& result);

}  // namespace aitrade::cli
