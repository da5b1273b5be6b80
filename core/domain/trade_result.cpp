#include "core/domain/trade_result.h"

#include <algorithm>

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
    case ExitReason::partial_entry:
      return "partial_entry";
    case ExitReason::taken:
      return "taken";
  }
  return "none";
}

Voters voters_of(const Opinion& opinion) {
  std::array<Voters::Share, strategies_max> all{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < opinion.votes_count; ++i) {
    const Vote& vote = opinion.votes[i];
    if (vote.direction == opinion.direction && vote.weight > 0) all[count++] = {vote.strategy, vote.weight};
  }
  std::stable_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count),
                   [](const Voters::Share& a, const Voters::Share& b) { return a.share > b.share; });
  Voters voters;
  voters.count = static_cast<std::uint8_t>(std::min(count, Voters::most));
  double sum = 0;
  for (std::size_t i = 0; i < voters.count; ++i) sum += all[i].share;
  for (std::size_t i = 0; i < voters.count; ++i) voters.shares[i] = {all[i].strategy, all[i].share / sum};
  return voters;
}

}  // namespace aitrade
