// How report pages look and the one script they hold; constants, no logic.
#pragma once

#include <string_view>

namespace aitrade {

/// The style sheet: light and dark by the reader's preference, wide and narrow by the window.
std::string_view html_style();

/// Shows the values under the pointer. The page is complete without it.
std::string_view html_script();

}  // namespace aitrade
