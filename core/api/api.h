// The HTTP API: one table of routes, answered from the published view.
//
// `handle` is a pure mapping of request to response over what the context offers; it never sees the
// engine. Who asks is settled by the gatekeeper before a handler runs, and the route's line in the table says
// what they need: nothing, to read, to control, to administer. Without a gatekeeper there are no keys and no
// log-in: the Unix socket may do all, anybody else may read once reads are opened (decision 23). ApiHandler
// puts the table behind a server and adds the limits of security.md 4.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/tenant_views.h"
#include "core/auth/gatekeeper.h"
#include "core/base/result.h"
#include "core/domain/event.h"
#include "core/net/http_server.h"
#include "core/net/rate_limit.h"

namespace aitrade {

using Request = ServerRequest;
using Response = ServerResponse;

/// Hands a command to the engine and waits, with a limit, until its effect is in the view.
/// Errors: timeout when the limit passed, busy when the engine takes none, rejected with a reason
/// that may be shown (such as resuming a halted engine). Called on a worker thread.
using CommandSink = std::function<Status(const OperatorCommand&)>;

/// Books the unexplained balance of a currency as the owner's doing, in the name of an actor; the amount. Called on a
/// worker thread. Errors: not_found when nothing is unexplained, busy, rejected where no real money is traded.
using AdoptSink = std::function<Result<std::string>(const std::string& asset, const std::string& actor)>;

/// Lets the engine take the model that is active now, in the name of an actor. Returns its id, "-" when none gates any
/// more, "unusable", or "" when it is the one that gates already. Called on a worker thread. Errors: busy, timeout
using ModelSink = std::function<Result<std::string>(const std::string& actor)>;

struct AccessPolicy {
  bool reads_open{false};  // over TCP without a key: only for --demo, or paper mode on loopback
  bool is_loopback{true};  // where the TCP port is bound: there a cookie may go over plain HTTP
  std::string public_origin;                  // under which a proxy with TLS serves the page; empty: none
  std::vector<std::string> trusted_proxies;   // networks
  std::vector<std::string> cors_origins;      // other origins whose pages may read replies, exact
  std::string username{"admin"};              // at the log-in
};

/// Where the books of the run lie; nothing while the daemon starts.
struct StorePlace {
  std::filesystem::path ledger, telemetry;
};

/// Of the live stream.
struct StreamRules {
  std::size_t per_principal{8};    // streams of one user; anonymous ones count by address
  Duration refresh{seconds{1}};    // least time between updates, unless something happened: then at once
};

class ReplyMemory;
class SettingsDesk;
class BacktestDesk;
class SignalDesk;
class BillingPort;

/// How full something is that has a cap.
struct Occupancy {
  std::string name;
  std::uint64_t used{0}, most{0};   // most 0: no cap
  std::string unit{"count"};        // or "bytes"
};

/// How one of several engines is spoken to, and where its books lie.
struct EngineDoor {
  CommandSink submit;
  AdoptSink adopt{};                                   // empty: no real money is traded
  std::function<std::optional<StorePlace>()> store{};  // empty: lists come from the view
};

struct ApiContext {
  TenantViews views;       // of boards that are borrowed and must outlive
  CommandSink submit;      // as `adopt` and `store` below: of the only engine
  std::function<Time()> wall;
  AccessPolicy access;
  std::string version, build;
  std::function<Time()> steady{};                      // empty: the system's monotonic clock
  Gatekeeper* gate{nullptr};                           // borrowed
  std::function<std::optional<StorePlace>()> store{};  // empty: lists come from the view
  ReplyMemory* replies{nullptr};                       // borrowed; ApiHandler brings its own
  StreamRules stream{};
  SettingsDesk* settings{nullptr};                     // borrowed; null: there are none to see
  AdoptSink adopt{};                                   // empty: no real money is traded
  ModelSink take_model{};                              // empty: there are no models
  BacktestDesk* backtests{nullptr};                    // borrowed; null: none can be run
  SignalDesk* signals{nullptr};                        // borrowed; null: none are taken
  BillingPort* billing{nullptr};                       // borrowed; null: nothing is sold
  std::string exchange{"kraken"}, account{"default"};  // of the engine
  std::function<std::vector<Occupancy>()> fills{};     // queues and caps of the process
  std::function<Status(const std::string&)> alert{};   // says something to people; empty: there is nobody
  std::vector<EngineDoor> doors{};                     // one for each seat of `views`; empty: there is one engine

  /// Hands a command to the engine of a seat. Errors: those of a CommandSink.
  [[nodiscard]] Status command(std::size_t seat, const OperatorCommand& command) const;

  /// Where the books of a seat lie; of no seat those of the first, which hold no row of somebody without an engine.
  [[nodiscard]] std::optional<StorePlace> store_of(std::size_t seat) const;

  [[nodiscard]] bool has_store() const { return !doors.empty() || static_cast<bool>(store); }

  [[nodiscard]] const AdoptSink& adopt_of(std::size_t seat) const {
    return seat < doors.size() ? doors[seat].adopt : adopt;
  }

  /// Names of a seat; of no seat those of the first.
  [[nodiscard]] const std::string& account_of(std::size_t seat) const {
    return doors.empty() ? account : views.seats()[seat < doors.size() ? seat : 0].account;
  }

  [[nodiscard]] const std::string& exchange_of(std::size_t seat) const {
    return doors.empty() ? exchange : views.seats()[seat < doors.size() ? seat : 0].exchange;
  }
};

/// `signature`: whoever signs what he sends; the handler looks at that, and at no key.
enum class Access : std::uint8_t { open, read, control, admin, signature };

/// Returns "open", "read", "control", "admin" or "signature".
std::string_view to_string(Access access);

/// One line of the route table, for tests and documents.
struct RouteInfo {
  std::string_view method, path;
  Access access;
};

/// Returns the table. HEAD is answered on every GET. A path may end in "/{name}".
std::vector<RouteInfo> routes();

/// Answers one request. Errors are responses: 400 401 403 404 405 409 413 415 429 503 504.
Response handle(const Request& request, const ApiContext& context);

/// How much one client may ask for. Each limit is a token bucket (security.md 4).
struct ApiLimits {
  RateLimit address{4.0, 60.0};        // all that is not exempt, by address
  RateLimit control{0.5, 10.0};        // by principal
  RateLimit ticket{0.5, 10.0};
  RateLimit download{0.1, 2.0};
  RateLimit webhook{2.0, 60.0};        // by address
  bool is_on{true};
};

class ApiHandler final : public HttpHandler {
 public:
  /// Limits are for TCP clients; health, ready and assets are exempt (operations.md 4.3).
  explicit ApiHandler(ApiContext context, RateLimit limit = {4.0, 60.0});
  ApiHandler(ApiContext context, const ApiLimits& limits);
  ~ApiHandler() override;

  ServerResponse handle(const ServerRequest& request) override;
  [[nodiscard]] bool may_block(const ServerRequest& request) const override;
  std::unique_ptr<WsPeer> upgrade(const ServerRequest& request) override;

  /// Webhooks may be larger (reliability.md 8.3).
  [[nodiscard]] std::size_t body_limit(const ServerRequest& request, std::size_t usual) const override;

  /// Other limits from here on; everybody begins with a full bucket.
  void reconfigure(const ApiLimits& limits);

 private:
  struct State;
  std::optional<ServerResponse> limit(const ServerRequest& request);

  ApiContext context_;
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
