// The HTTP API: one table of routes, answered from the published view.
//
// `handle` is a pure mapping of request to response over what the context offers; it never sees the
// engine. Who asks is settled before a handler runs: public routes for anybody, reads for the same
// user over the Unix socket or for anybody once they are opened (decision 23), control for the Unix
// socket only. ApiHandler puts the table behind a server and adds the rate limit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/event.h"
#include "core/net/http_server.h"
#include "core/net/rate_limit.h"
#include "core/runtime/view.h"

namespace aitrade {

using Request = ServerRequest;
using Response = ServerResponse;

/// Hands a command to the engine and waits, with a limit, until its effect is in the view.
/// Errors: timeout when the limit passed, busy when the engine takes none, rejected with a reason
/// that may be shown (such as resuming a halted engine). Called on a worker thread.
using CommandSink = std::function<Status(const OperatorCommand&)>;

struct AccessPolicy {
  bool reads_open{false};  // over TCP without a key: only for --demo, or paper mode on loopback
};

struct ApiContext {
  const ViewBoard& views;  // borrowed; must outlive
  CommandSink submit;
  std::function<Time()> wall;
  AccessPolicy access;
  std::string version, build;
};

enum class Access : std::uint8_t { open, read, control };

/// One line of the route table, for tests and documents.
struct RouteInfo {
  std::string_view method, path;
  Access access;
};

/// Returns the table. HEAD is answered on every GET.
std::vector<RouteInfo> routes();

/// Answers one request. Errors are responses: 400 401 403 404 405 409 413 415 503 504.
Response handle(const Request& request, const ApiContext& context);

class ApiHandler final : public HttpHandler {
 public:
  /// `limit` is per TCP address; health, ready and assets are exempt (operations.md 4.3).
  explicit ApiHandler(ApiContext context, RateLimit limit = {4.0, 60.0});
  ~ApiHandler() override;

  ServerResponse handle(const ServerRequest& request) override;
  [[nodiscard]] bool may_block(const ServerRequest& request) const override;

 private:
  struct Limiter;
  ApiContext context_;
  std::unique_ptr<Limiter> limiter_;
};

}  // namespace aitrade
