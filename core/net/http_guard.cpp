#include "core/net/http_guard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/net/url.h"

namespace aitrade {
namespace {

constexpr Refusal malformed{400, "bad_request", "malformed request"};
constexpr Refusal long_line{414, "uri_too_long", "request line is too long"};
constexpr Refusal large_head{431, "headers_too_large", "request headers are too large"};

bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// NUL, a lone CR or LF, or another control character than tab.
bool has_illegal_byte(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    if (c == '\t') continue;
    const bool is_cr = c == '\r' && (i + 1 == bytes.size() || bytes[i + 1] == '\n');
    const bool is_lf = c == '\n' && i > 0 && bytes[i - 1] == '\r';
    if (!is_cr && !is_lf) return true;
  }
  return false;
}

std::optional<Refusal> check_request_line(std::string_view line, const ServerLimits& limits) {
  if (line.size() > limits.request_line) return long_line;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 16) return malformed;
  if (target.size() > limits.target) return long_line;
  if (target.empty() || target.find_first_of(" \t") != std::string_view::npos) return malformed;
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
  if (version.starts_with("HTTP/")) {
    return Refusal{505, "version_not_supported", "only HTTP/1.1 is spoken here"};
  }
  return malformed;
}

std::optional<Refusal> check_field(std::string_view line, const ServerLimits& limits) {
  if (line.size() > limits.one_header) return large_head;
  const auto colon = line.find(':');  // a folded line begins with a space, which is no token
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return malformed;
  return std::nullopt;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_clean_path(std::string_view path) {
  if (!path.starts_with('/') || !is_utf8(path)) return false;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') return false;
  }
  for (std::size_t at = 0; at < path.size();) {
    const auto next = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, next - at - 1);
    if (segment == ".." || segment == ".") return false;
    at = next;
  }
  return true;
}

}  // namespace

HeadScan scan_head(std::string_view bytes, const ServerLimits& limits) {
  HeadScan scan;
  const auto end = bytes.find("\r\n\r\n");
  scan.is_complete = end != std::string_view::npos;
  scan.size = scan.is_complete ? end + 4 : 0;
  const std::string_view head = scan.is_complete ? bytes.substr(0, end + 2) : bytes;

  const auto line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  if (line.size() > limits.request_line) {
    scan.refusal = long_line;
    return scan;
  }
  if (has_illegal_byte(head)) {
    scan.refusal = malformed;
    return scan;
  }
  if (line_end == std::string_view::npos) return scan;
  if ((scan.refusal = check_request_line(line, limits))) return scan;

  const std::string_view fields = head.substr(line_end + 2);
  std::size_t count = 0;
  for (std::size_t at = 0; at < fields.size();) {
    const auto next = fields.find("\r\n", at);
    const bool is_whole = next != std::string_view::npos;
    const std::string_view field = fields.substr(at, is_whole ? next - at : next);
    if (++count > limits.header_count || field.size() > limits.one_header) scan.refusal = large_head;
    if (is_whole && !scan.refusal) scan.refusal = check_field(field, limits);
    if (scan.refusal || !is_whole) break;
    at = next + 2;
  }
  if (fields.size() > limits.headers_total) scan.refusal = large_head;
  return scan;
}

BodyLength body_length(const std::vector<HttpHeader>& headers, const ServerLimits& limits) {
  BodyLength result;
  int lengths = 0;
  int encodings = 0;
  std::string_view length;
  std::string encoding;
  for (const HttpHeader& header : headers) {
    const std::string name = lower(header.name);
    if (name == "content-length") {
      ++lengths;
      length = header.value;
    } else if (name == "transfer-encoding") {
      ++encodings;
      encoding = lower(header.value);
    }
  }
  if (encodings > 0) {
    const bool is_plain = encodings == 1 && lengths == 0 && encoding == "chunked";
    result.refusal = is_plain ? Refusal{411, "length_required", "a body needs a Content-Length"}
                              : malformed;
    return result;
  }
  if (lengths == 0) return result;
  const bool all_digits = !length.empty() && std::all_of(length.begin(), length.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (lengths > 1 || !all_digits) {
    result.refusal = malformed;
    return result;
  }
  for (const char c : length) {
    result.bytes = result.bytes * 10 + static_cast<std::size_t>(c - '0');
    if (result.bytes > limits.body) {
      result.refusal = Refusal{413, "body_too_large", "request body is too large"};
      return result;
    }
  }
  return result;
}

std::optional<Target> parse_target(std::string_view target) {
  Target out;
  std::string rest(target);
  if (!target.starts_with('/')) {
    const auto url = parse_url(target);
    if (!url || (url->scheme != "http" && url->scheme != "https")) return std::nullopt;
    out.authority = authority(*url);
    rest = url->target;
  }
  if (rest.find('#') != std::string::npos) return std::nullopt;
  const auto question = rest.find('?');
  const auto path = percent_decode(std::string_view(rest).substr(0, question));
  if (!path || !is_clean_path(*path)) return std::nullopt;
  out.path = *path;
  if (question != std::string::npos) out.query = rest.substr(question + 1);
  return out;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : (lead >> 5) == 6 ? 1 : (lead >> 4) == 14 ? 2
                     : (lead >> 3) == 30 ? 3 : -1;
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    std::uint32_t point = more == 0 ? lead : lead & (0x3fU >> more);
    for (int k = 1; k <= more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((byte >> 6) != 2) return false;
      point = point << 6 | (byte & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    if (point < least[static_cast<std::size_t>(more)] || point > 0x10ffff) return false;
    if (point >= 0xd800 && point <= 0xdfff) return false;
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

HostList::HostList(std::uint16_t port, std::vector<std::string> configured) {
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) {
    allowed_.push_back(name + (":" + std::to_string(port)));
    if (port == 80) allowed_.emplace_back(name);
  }
  for (const std::string& host : configured) allowed_.push_back(lower(host));
}

bool HostList::allows(std::string_view text) const {
  return std::find(allowed_.begin(), allowed_.end(), lower(text)) != allowed_.end();
}

bool HostList::allows_origin(std::string_view origin) const {
  const std::string text = lower(origin);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) return allows(std::string_view(text).substr(scheme.size()));
  }
  return false;
}

std::string HostList::websocket_sources() const {
  std::string text;
  for (const std::string& host : allowed_) {
    if (host.starts_with('[')) continue;  // CSP has no syntax for IPv6 literals
    text += (text.empty() ? "ws://" : " ws://") + host;
  }
  return text;
}

}  // namespace aitrade
