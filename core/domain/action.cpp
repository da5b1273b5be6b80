#include "core/domain/action.h"

namespace aitrade {

std::string_view to_string(ExitReason reason) {
  switch (reason) {
    case ExitReason::none:
      return "none";
    case ExitReason::stop:
      return "stop";
    case ExitReason::target:
      return "target";
    case ExitReason::trailing:
      return "trailing";
    case ExitReason::breakeven:
      return "breakeven";
    case ExitReason::opposite_signal:
      return "opposite_signal";
    case ExitReason::close_all:
      return "close_all";
    case ExitReason::end_of_data:
      return "end_of_data";
    case ExitReason::stagnation:
      return "stagnation";
    case ExitReason::time_limit:
      return "time_limit";
  }
  return "none";
}

}  // namespace aitrade
