// One line of the table of routes, and what a handler gets; internal to core/api.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/api/api.h"
#include "core/api/body.h"
#include "core/api/query.h"
#include "core/api/view_json.h"
#include "core/store/database.h"

namespace aitrade {

/// What a handler gets besides the request.
struct Call {
  const Request& request;
  const ApiContext& context;
  Principal who;
  std::string csrf;       // of a session
  std::string client;     // address that limits go by
  std::string last;       // of the path: what stands for {...}
  Query query;
  Moment now;
  std::size_t seat{TenantViews::no_seat};   // the engine that they look at: of the account named, or their first
  std::string account{};                    // that was named; empty: none

  [[nodiscard]] std::shared_ptr<const EngineView> view() const { return context.views.read(seat); }

  /// Whether the tenant has an engine here.
  [[nodiscard]] bool has_engine() const { return seat != TenantViews::no_seat; }

  /// Whether they speak for the daemon itself: what is configured for all is nobody else's to see.
  [[nodiscard]] bool is_house() const {
    return context.doors.empty() ? context.views.is_owner(who.tenant) : who.tenant == TenantId{};
  }

  /// The engines that they mean: of the account named, or all of the tenant.
  [[nodiscard]] std::vector<std::size_t> seats() const;

  /// Where the books of the engine that they look at lie; nothing while it starts.
  [[nodiscard]] std::optional<StorePlace> store() const { return context.store_of(seat); }

  /// Those of every engine that they mean.
  [[nodiscard]] std::vector<StorePlace> stores() const;

  [[nodiscard]] ServiceFacts facts() const { return {context.version, context.build, now.wall}; }
};

/// Which limit a route counts against, besides that of the address (security.md 4).
enum class RateClass : std::uint8_t { none, read, control, ticket, download, webhook };

struct Route {
  std::string_view method, path;   // a path may hold one {name}
  Access access;
  Response (*answer)(const Call&);
  std::string_view summary;
  std::span<const Parameter> parameters{};
  RateClass rate{RateClass::read};
  bool blocks{false};              // reads a file or waits for the engine: a worker's, not the io thread's
  std::string_view body{};         // JSON keys that the request takes, for the document
  bool of_engine{false};           // acts on engines: not there for a tenant without one
  bool of_house{false};            // of the daemon and its configuration: not there for a tenant
};

/// All routes there are; one that is not here does not exist.
std::span<const Route> route_table();

/// Returns the route of a method and a path, and what stood for its {name}; null when there is none.
const Route* find_route(std::string_view method, std::string_view path, std::string& last);

/// Whether any method is known at a path.
bool is_known_path(std::string_view path);

Response json_response(std::string body, int status = 200);

/// The 404 of what is not there, or not theirs to see.
Response not_found();

/// The 503 of a daemon that has no ledger yet.
Response starting();

/// Reads a JSON body of known fields. A response: what is wrong with it.
std::variant<Body, Response> body_of(const Call& call, std::span<const BodyField> fields);

/// Runs `serve` with a reading connection of one of the books, for this request alone.
Response with_store(const Call& call, Profile profile, const std::function<Response(Database&)>& serve);

/// Remembers what somebody changed.
void audit(const Call& call, std::string_view action, std::string_view target, std::string_view detail);

/// The same of what belongs to a tenant that is not the one they ask for: theirs is the row, ours the actor (E1).
void audit_of(const Call& call, const TenantId& tenant, std::string_view action, std::string_view target,
              std::string_view detail);

/// Turns the failure of a store into a response without internals.
Response store_failure(const Error& error);

/// Under which a tenant keeps since when its record counts, in nanoseconds (a paper reset).
inline constexpr std::string_view record_start_key = "record_start_ns";

// ---- handlers, by file ------------------------------------------------------------------------------

Response get_session(const Call& call);       // session_routes.cpp
Response post_session(const Call& call);
Response delete_session(const Call& call);
Response post_ws_ticket(const Call& call);

Response get_keys(const Call& call);          // admin_routes.cpp
Response post_key(const Call& call);
Response delete_key(const Call& call);
Response get_audit(const Call& call);
Response get_tenants(const Call& call);
Response get_tenant(const Call& call);
Response post_tenant(const Call& call);
Response patch_tenant(const Call& call);

Response get_engines(const Call& call);       // engine_routes.cpp

Response get_heartbeat(const Call& call);     // ops_routes.cpp
Response get_scanner(const Call& call);
Response get_exchanges(const Call& call);
Response get_limits(const Call& call);
Response get_storage(const Call& call);

Response get_alerts(const Call& call);        // alert_routes.cpp
Response post_alert_ack(const Call& call);
Response post_alert_test(const Call& call);
Response get_favorites(const Call& call);
Response post_favorite(const Call& call);
Response delete_favorite(const Call& call);
Response post_paper_reset(const Call& call);

Response get_backtests(const Call& call);     // backtest_routes.cpp
Response get_backtest(const Call& call);
Response get_backtest_result(const Call& call);
Response get_backtest_report(const Call& call);
Response post_backtest(const Call& call);
Response delete_backtest(const Call& call);

Response get_performance(const Call& call);   // record_routes.cpp
Response get_strategy_performance(const Call& call);
Response get_attribution(const Call& call);

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
Response get_audit_csv(const Call& call);

Response get_strategies(const Call& call);    // view_routes.cpp
Response get_risk(const Call& call);
Response get_execution(const Call& call);
Response get_chart(const Call& call);

Response post_signal(const Call& call);       // signal_desk.cpp

Response get_plans(const Call& call);         // billing_routes.cpp
Response post_checkout(const Call& call);
Response post_portal(const Call& call);
Response post_billing_event(const Call& call);

Response get_settings(const Call& call);      // settings.cpp
Response patch_settings(const Call& call);
Response post_reload(const Call& call);

Response get_openapi(const Call& call);       // documents.cpp
Response get_metrics(const Call& call);

Response post_pause(const Call& call);        // control.cpp
Response post_resume(const Call& call);
Response post_close_all(const Call& call);
Response post_kill(const Call& call);
Response post_close(const Call& call);
Response post_adopt(const Call& call);
Response post_model(const Call& call);

}  // namespace aitrade
