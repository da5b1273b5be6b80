// Which host a URL names, and whether it may be spoken to without TLS.
//
// Only the four schemes the program uses are known. User information in a URL is refused: a
// credential never travels in one (security.md 2.3). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

struct Url {
  std::string scheme;    // http, https, ws, wss
  std::string host;      // lower case, without the brackets of an IPv6 literal
  std::uint16_t port{0};
  std::string target;    // path and query, at least "/"

  [[nodiscard]] bool is_encrypted() const { return scheme == "https" || scheme == "wss"; }
};

/// Returns the parts of an absolute URL; errors: invalid, naming what is wrong.
Result<Url> parse_url(std::string_view text);

/// Returns true for "localhost", 127.0.0.0/8 and ::1 written as such. No name is resolved.
bool is_loopback_host(std::string_view host);

/// Refuses an unencrypted URL that leaves this machine; errors: invalid.
Status check_transport_security(const Url& url);

/// Returns host and port as in a Host header: the port is left out where the scheme implies it.
std::string authority(const Url& url);

}  // namespace aitrade
