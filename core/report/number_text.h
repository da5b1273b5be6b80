// How numbers are written: for machines without loss, for people rounded and aligned.
//
// Never through a locale. Machine text is the shortest that reads back as the same double; text for
// people rounds money with integer arithmetic and marks what is undefined with a dash.
#pragma once

#include "core/base/fixed.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace aitrade {

/// Returns the shortest decimal that round-trips; "nan", "inf", "-inf" for the others; never "-0".
std::string shortest_text(double value);

/// Returns `value` with `places` decimals; "-" for NaN and infinity; never "-0.00".
std::string fixed_text(double value, int places);

/// Returns a fraction as per cent: "12.34 %".
std::string percent_text(double fraction, int places = 2);

/// Returns an amount rounded half to even at `places` decimals, 0 to 8.
std::string money_text(Money amount, int places);

/// Returns how many decimals the tick of a currency has: 0.01 gives 2; at least 2.
int places_of(Money tick);

/// Returns "45s", "12m 30s", "5h 03m", "12d 04h".
std::string span_text(Duration span);

/// Returns whole numbers with a thin grouping for people: "520,499".
std::string grouped_text(std::uint64_t value);

/// Returns `text` cut or filled with spaces on the left or right to `width` characters.
std::string align_right(std::string_view text, std::size_t width);
std::string align_left(std::string_view text, std::size_t width);

/// Returns `text` broken at spaces into lines of at most `width` characters, each after `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

}  // namespace aitrade
