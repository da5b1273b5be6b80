// One line of the table of routes, and what a handler gets; internal to core/api.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/api/api.h"
#include "core/api/query.h"
#include "core/api/view_json.h"

namespace aitrade {

/// What a handler gets besides the request.
struct Call {
  const Request& request;
  const ApiContext& context;
  Principal who;
  std::string csrf;       // of a session
  std::string client;     // address that limits go by
  std::string last;       // of the path, where the route ends in {...}
  Query query;
  Moment now;

  [[nodiscard]] std::shared_ptr<const EngineView> view() const { return context.views.read(); }

  [[nodiscard]] ServiceFacts facts() const { return {context.version, context.build, now.wall}; }
};

/// Which limit a route counts against, besides that of the address (security.md 4).
enum class RateClass : std::uint8_t { none, read, control, ticket, download };

struct Route {
  std::string_view method, path;   // a path may end in "/{name}"
  Access access;
  Response (*answer)(const Call&);
  std::string_view summary;
  std::span<const Parameter> parameters{};
  RateClass rate{RateClass::read};
  bool blocks{false};              // reads a file or waits for the engine: a worker's, not the io thread's
  std::string_view body{};         // JSON keys that the request takes, for the document
};

/// All routes there are; one that is not here does not exist.
std::span<const Route> route_table();

/// Returns the route of a method and a path, and what stood for its {name}; null when there is none.
const Route* find_route(std::string_view method, std::string_view path, std::string& last);

/// Whether any method is known at a path.
bool is_known_path(std::string_view path);

Response json_response(std::string body, int status = 200);

/// Turns the failure of a store into a response without internals.
Response store_failure(const Error& error);

// ---- handlers, by file ------------------------------------------------------------------------------

Response get_session(const Call& call);       // session_routes.cpp
Response post_session(const Call& call);
Response delete_session(const Call& call);
Response post_ws_ticket(const Call& call);
Response get_keys(const Call& call);
Response post_key(const Call& call);
Response delete_key(const Call& call);
Response get_audit(const Call& call);

Response get_trades(const Call& call);        // read_routes.cpp
Response get_trade(const Call& call);
Response get_fills(const Call& call);
Response get_orders(const Call& call);
Response get_decisions(const Call& call);
Response get_thoughts(const Call& call);
Response get_equity(const Call& call);
Response get_trades_csv(const Call& call);
Response get_fills_csv(const Call& call);
Response get_orders_csv(const Call& call);
Response get_equity_csv(const Call& call);

Response get_strategies(const Call& call);    // view_routes.cpp
Response get_risk(const Call& call);
Response get_execution(const Call& call);
Response get_performance(const Call& call);
Response get_chart(const Call& call);

Response get_settings(const Call& call);      // settings.cpp
Response patch_settings(const Call& call);

Response get_openapi(const Call& call);       // documents.cpp
Response get_metrics(const Call& call);

Response post_pause(const Call& call);        // control.cpp
Response post_resume(const Call& call);
Response post_close_all(const Call& call);
Response post_kill(const Call& call);
Response post_close(const Call& call);
Response post_adopt(const Call& call);

}  // namespace aitrade
