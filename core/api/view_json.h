// How an engine view is written as JSON: one place for the names that scripts and the page rely on.
//
// Money, prices and quantities are decimal strings, statistics are finite numbers or null, times are
// RFC 3339 in UTC. Pure: a view in, text out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/runtime/view.h"

namespace aitrade {

/// What the API knows besides the view.
struct ServiceFacts {
  std::string version;  // of the program
  std::string build;
  Time now;             // wall clock
};

/// Returns the body of GET /api/v1/status (keys of cli.md 8 and operations.md 4.4).
std::string status_json(const EngineView& view, const ServiceFacts& facts);

/// Returns everything the page shows. Holds no wall clock, so an idle engine gives equal bytes.
std::string page_json(const EngineView& view, const ServiceFacts& facts);

/// The same in parts, each by its name: what a stream compares, and sends when it changed.
using ViewParts = std::vector<std::pair<std::string_view, std::string>>;
ViewParts view_parts(const EngineView& view, const ServiceFacts& facts);

/// Returns an array of open positions.
std::string positions_json(const EngineView& view);

/// Returns strategies with weight and record; risk against its limits; what became of orders.
std::string strategies_json(const EngineView& view);   // view_routes.cpp
std::string risk_json(const EngineView& view);
std::string execution_json(const EngineView& view);

/// Returns an array of closed trades, newest first, at most `limit`.
std::string trades_json(const EngineView& view, std::size_t limit);

/// Returns an array of decisions, newest first, at most `limit`.
std::string decisions_json(const EngineView& view, std::size_t limit);

/// Returns an array of {t, equity}, oldest first, the newest `limit` points.
std::string equity_json(const EngineView& view, std::size_t limit);

}  // namespace aitrade
