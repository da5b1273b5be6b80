// Smaller replies for who asks for them (operations.md 4.1): gzip of large bodies that hold no secret.
//
// The length of a compressed body tells of its content (BREACH), so what may be compressed is a list: files of the
// page, and reads whose bodies hold neither tokens nor keys nor anything that somebody else could put words into
// beside them. Everything else goes as it is. Streams and WebSockets are never compressed.
#pragma once

#include <string>
#include <string_view>

#include "core/net/http_server.h"

namespace aitrade {

/// Returns `bytes` as a gzip file; empty when zlib fails.
std::string gzip(std::string_view bytes);

/// Whether an Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view header);

/// Compresses the body of a reply where that is allowed, asked for and worth it (over 1 KiB, and smaller afterwards).
void compress(const ServerRequest& request, ServerResponse& response);

}  // namespace aitrade
