// Commands that speak to the daemon: its HTTP API over the Unix socket, or a URL.
//
// The socket needs no key: its mode and the peer check of the daemon are the credential. `--url` names
// another daemon, with the key in the environment (AITRADE_API_KEY), never in an argument.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cmd/cli.h"
#include "core/base/time.h"
#include "core/config/paths.h"
#include "core/net/transport.h"

namespace aitrade::cli {

/// Where the daemon is spoken to.
struct Daemon {
  std::string socket;  // path; empty when `url` is set
  std::string url;     // scheme and authority, without a path
  std::string tenant{};    // that is spoken for; empty: one's own
  std::string account{};   // of the tenant; empty: all of its engines, of reads the first
};

/// Returns the directories of this invocation (--home, systemd, XDG).
Result<Paths> paths_of(const Context& context);

/// Returns the wall clock.
Time wall_now();

/// Sends one request and returns the reply, whatever its status.
///
/// Errors: not_found when no daemon answers on the socket, network when none answers at the URL,
///         timeout, invalid for a URL that is refused.
Result<HttpReply> call(const Daemon& daemon, std::string_view method, std::string_view path,
                       std::string body = {}, milliseconds limit = milliseconds{5'000});

/// Turns a reply that is not 2xx into an error with the server's own words.
Status check_reply(const HttpReply& reply);

inline constexpr milliseconds control_limit{10'000};

/// Sends a control command over the socket and returns the reply's body. `is_to_all` means every engine of
/// every tenant.
/// Errors: as `call` and `check_reply`.
Result<std::string> control(const Daemon& daemon, std::string_view command, std::string_view reason,
                            std::string_view confirm = {}, milliseconds limit = control_limit,
                            bool clear_halt = false, bool is_to_all = false);

/// Returns whether a control reply names engines that did not do it.
bool is_partial(const std::string& reply);

}  // namespace aitrade::cli
