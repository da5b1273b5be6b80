// From the headers of a request to who asks, and whether they may (security.md 2); internal to core/api.
#pragma once

#include <optional>
#include <string>

#include "core/api/api.h"

namespace aitrade {

/// How the cookie of a session is called and kept: by the origin under which people reach the page.
struct CookieRule {
  std::string_view name;
  bool is_secure{false};
};

/// Returns the rule for a request, or nothing where no cookie may be given out: plain HTTP beyond loopback.
std::optional<CookieRule> cookie_rule(const Request& request, const ApiContext& context);

/// Returns the session cookie of a request, or "".
std::string_view session_cookie(const Request& request);

/// Returns the key that a header shows, or "".
std::string_view shown_key(const Request& request);

/// Returns the address that limits go by.
std::string client_of(const Request& request, const ApiContext& context);

/// Returns both clocks.
Moment moment_of(const ApiContext& context);

/// Settles who asks. A response: they are refused whatever they ask for.
struct Asked {
  Identity identity;
  std::optional<Response> refused;
};

Asked identify(const Request& request, const ApiContext& context, const Moment& now, bool may_write = true);

/// Says whether they may have what wants `access`; a response when not.
std::optional<Response> check_access(const Request& request, const ApiContext& context, const Identity& identity,
                                     Access access);

/// Returns the 401 that everybody gets alike.
Response unauthorized();

/// Returns a 429 that says when to come back.
Response too_often(Duration wait);

}  // namespace aitrade
