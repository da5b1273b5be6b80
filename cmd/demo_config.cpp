#include "cmd/demo_config.h"

#include <charconv>
#include <sstream>

#include "core/base/embedded.h"

namespace aitrade {

extern const EmbeddedFile demo_files[];
extern const std::size_t demo_files_count;

}  // namespace aitrade

namespace aitrade::cli {
namespace {

constexpr const char* preamble_mark = "#run ";

}  // namespace

std::vector<std::string> demo_overrides() {
  AITRADE_CHECK(demo_files_count == 1);
  std::vector<std::string> overrides;
  std::istringstream lines{std::string(demo_files[0].text())};
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') overrides.push_back(line);
  }
  return overrides;
}

std::string replay_preamble(const TradingRules& rules, const std::string& strategy, const std::string& model) {
  std::string text = preamble_mark + std::to_string(rules.base.count()) + " " +
                     (strategy.empty() ? "-" : strategy) + " " + std::to_string(rules.stale_after.count()) +
                     (rules.risk.is_live ? " live " : " paper ") + model;
  for (const Duration timeframe : rules.timeframes) text += " " + std::to_string(timeframe.count());
  return text + "\n";
}

Result<ReplayShape> read_replay_preamble(const std::string& config_text) {
  std::istringstream line(config_text.substr(0, config_text.find('\n')));
  std::string mark;
  std::int64_t base = 0;
  ReplayShape shape;
  std::int64_t stale_after = 0;
  std::string money;
  line >> mark >> base >> shape.strategy >> stale_after >> money >> shape.model;
  shape.stale_after = Duration{stale_after};
  shape.is_live = money == "live";
  if (mark + " " != preamble_mark || base <= 0 || (money != "live" && money != "paper")) {
    return fail(ErrorCode::corrupt, "the recording does not say how its engine was built");
  }
  shape.base = Duration{base};
  if (shape.strategy == "-") shape.strategy.clear();
  for (std::int64_t timeframe = 0; line >> timeframe;) shape.timeframes.emplace_back(timeframe);
  return shape;
}

void rebuild_paper_venue(std::vector<Event>& events, SimVenue& venue) {
  std::vector<Event> lost;
  for (const Event& event : events) {
    if (const auto* account = std::get_if<AccountRestored>(&event.body)) {
      venue.restore_cash(account->cash);
    } else if (const auto* held = std::get_if<PositionAdopted>(&event.body)) {
      venue.restore_holding(held->instrument,
                            held->direction == Direction::long_ ? held->quantity : -held->quantity);
    } else if (const auto* adopted = std::get_if<OrderAdopted>(&event.body)) {
      const Order& order = adopted->order;
      if (order.client_id.role != OrderRole::entry) {
        venue.restore_order(order);
        continue;
      }
      Event gone;
      gone.at = event.at;
      gone.when = event.when;
      gone.body = OrderCanceled{order.client_id, "not filled when the process ended"};
      lost.push_back(std::move(gone));
    }
  }
  for (Event& event : lost) events.push_back(std::move(event));
}

}  // namespace aitrade::cli
