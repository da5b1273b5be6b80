// What a person at the terminal wants to see go by: positions opened and trades closed, a line each.
//
// Reads the published view about once a second, so it costs the engine nothing. When a tape runs faster
// than lines can be read, the newest are shown and the others counted.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "core/log/log.h"
#include "core/runtime/view.h"

namespace aitrade::cli {

class TradeLog {
 public:
  explicit TradeLog(Log log) : log_(std::move(log)) {}

  /// Logs what is new since the last look.
  void look(const EngineView& view);

 private:
  void look_at_positions(const EngineView& view);
  void look_at_trades(const EngineView& view);

  Log log_;
  std::set<std::string> open_;        // pair and moment of the positions known
  std::uint64_t trades_seen_{0};
  bool has_looked_{false};            // what was there at the start is not news
};

}  // namespace aitrade::cli
