// The page's files, compiled into the binary and found by exact match only.
#pragma once

#include <string>
#include <string_view>

#include "core/net/http_server.h"

namespace aitrade {

/// True when `path` names an embedded file ("/", "/static/...", "/favicon.ico").
bool is_asset(std::string_view path);

/// Answers a GET of an asset; `path` must be one.
ServerResponse serve_asset(const ServerRequest& request);

/// Returns a quoted entity tag made of the bytes (FNV-1a, 64 bits).
std::string entity_tag(std::string_view bytes);

/// Answers 304 when the client has these bytes already, else 200 with them.
ServerResponse tagged(const ServerRequest& request, std::string body, std::string content_type,
                      std::string_view cache_control);

}  // namespace aitrade
