// The parts of the report page that are text and tables; each returns HTML, or "" when it has nothing.
#pragma once

#include "core/report/report_document.h"

#include <string>

namespace aitrade {

std::string header_section(const ReportDocument& report);
std::string verdict_section(const ReportDocument& report);
std::string tiles_section(const ReportDocument& report);
std::string benchmark_section(const ReportDocument& report);
std::string robustness_section(const ReportDocument& report);
std::string numbers_section(const ReportDocument& report);
std::string attribution_section(const ReportDocument& report);
std::string cost_section(const ReportDocument& report);
std::string data_section(const ReportDocument& report);
std::string trades_section(const ReportDocument& report);
std::string footer_section(const ReportDocument& report);

/// Returns what the run was, for a heading: "3 strategies on BTC/USD".
std::string subject_of(const ReportDocument& report);

}  // namespace aitrade
