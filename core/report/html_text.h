// Text for pages: escaped, grouped, with real minus signs.
#pragma once

#include "core/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace aitrade {

/// Returns `text` safe inside elements and double-quoted attributes.
std::string html_escaped(std::string_view text);

/// Returns a number with `places` decimals, thousands grouped: "−12,345.60"; a dash when absent.
std::string html_number(std::optional<double> value, int places = 2);

/// Returns a fraction as per cent, "+12.34 %" with `signed_text`; a dash when absent.
std::string html_percent(std::optional<double> fraction, int places = 2, bool signed_text = false);

/// Returns how many decimals a price needs to show five significant digits, 0 to 8.
int price_places(double price);

/// Returns "2024-01-31" or, for spans of a few days, "2024-01-31 14:05".
std::string html_moment(Time t, bool with_clock);

/// Returns "up", "down" or "" by sign, for colour.
std::string_view sign_class(std::optional<double> value);

}  // namespace aitrade
