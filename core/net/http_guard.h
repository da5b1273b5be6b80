// Whether the bytes of a request head may be believed.
//
// The first check of everything a client sends, before any library parses it: sizes, characters, line
// ends, field names, and the ambiguities that request smuggling lives on (reliability.md 8.3, security.md
// 2.6, 6; RFC 9112 2.2, 5, 6.3). Pure: bytes in, verdict out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/http_server.h"

namespace aitrade {

/// Why a request is refused: a status and the words for the error body.
struct Refusal {
  int status{400};
  const char* code{"bad_request"};
  const char* message{"malformed request"};
};

/// What the bytes received so far are.
struct HeadScan {
  bool is_complete{false};
  std::size_t size{0};              // of the head with its empty line, when complete
  std::optional<Refusal> refusal;   // set as soon as the bytes can no longer become a valid head
};

/// Judges a head that may still be growing.
HeadScan scan_head(std::string_view bytes, const ServerLimits& limits);

/// Judges how long the body is. Returns the Content-Length, 0 without one.
///
/// Any Transfer-Encoding is refused: 400 when it is malformed or stands beside a Content-Length, else
/// 411, because no client of ours needs chunked requests.
struct BodyLength {
  std::size_t bytes{0};
  std::optional<Refusal> refusal;
};

BodyLength body_length(const std::vector<HttpHeader>& headers, const ServerLimits& limits);

/// The target of a request, taken apart and decoded once.
struct Target {
  std::string path, query;
  std::string authority;  // of an absolute-form target, lower case; else empty
};

/// Returns the parts of a request target, or nothing for one that hides something: control characters,
/// backslash, "..", bad escapes, encoded NUL, overlong or broken UTF-8.
std::optional<Target> parse_target(std::string_view target);

/// Returns true when `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// The authorities a browser may name: the loopback names with our port, and configured ones.
class HostList {
 public:
  HostList(std::uint16_t port, std::vector<std::string> configured);

  [[nodiscard]] bool allows(std::string_view authority) const;

  /// True for "http(s)://AUTHORITY" with an allowed authority and nothing after it.
  [[nodiscard]] bool allows_origin(std::string_view origin) const;

  /// Returns "ws://A ws://B ..." for the Content-Security-Policy.
  [[nodiscard]] std::string websocket_sources() const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace aitrade
