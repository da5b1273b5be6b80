// Amounts as people read them in tables: rounded, with separators. JSON and CSV keep the exact text.
#pragma once

#include <string>

#include "core/base/fixed.h"
#include "core/base/time.h"

namespace aitrade::cli {

/// "4,998.71", "-0.42": two places, ties to even; what rounds to nothing is "0.00" without a sign.
std::string readable_money(Money amount);

/// The same with a plus in front of what is above zero: changes and profits.
std::string readable_change(Money amount);

/// "63,708.40", "2.5000", "0.163880": two, four or six places as the size of the price asks for.
std::string readable_price(Price price);

/// "42s", "1m 42s", "3h 04m", "2d 03h": the two largest parts.
std::string readable_span(Duration span);

}  // namespace aitrade::cli
