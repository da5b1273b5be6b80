// The figures of the report: equity, drawdown, prices with trades, months, distributions.
//
// Each function returns one <figure>, or "" when the result holds nothing to draw. Long series are
// cut into as many buckets as there are pixels to show them, keeping the highest and the lowest.
#pragma once

#include "core/report/report_document.h"

#include <string>

namespace aitrade {

/// Equity, beside buy and hold where one scale serves both, and below how far it is under its peak.
std::string equity_figure(const ReportDocument& report);

/// The run beside buy and hold on one scale; "" when equity_figure shows that already.
std::string hold_figure(const ReportDocument& report);

/// One pair's price with every trade on it, coloured by outcome.
std::string price_figure(const ReportDocument& report, const ReportPrices& prices);

/// Returns by month and year as a table whose cells are tinted.
std::string month_figure(const ReportDocument& report);

/// How trades ended in units of their risk.
std::string outcome_figure(const ReportDocument& report);

/// How days ended.
std::string day_figure(const ReportDocument& report);

/// Worst against best unrealised move of each trade.
std::string excursion_figure(const ReportDocument& report);

/// How long trades were held.
std::string holding_figure(const ReportDocument& report);

/// Net profit by UTC hour of opening.
std::string hour_figure(const ReportDocument& report);

}  // namespace aitrade
