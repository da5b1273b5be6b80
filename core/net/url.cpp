#include "core/net/url.h"

#include <algorithm>
#include <array>

namespace aitrade {
namespace {

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};

constexpr std::array<Scheme, 4> schemes{{{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}}};

const Scheme* find_scheme(std::string_view name) {
  const auto* found = std::find_if(schemes.begin(), schemes.end(),
                                   [&](const Scheme& s) { return s.name == name; });
  return found == schemes.end() ? nullptr : found;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint32_t value = 0;
  if (text.empty() || text.size() > 5) return fail(ErrorCode::invalid, "bad port in URL");
  for (const char c : text) {
    if (!is_digit(c)) return fail(ErrorCode::invalid, "bad port in URL");
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (value == 0 || value > 65535) return fail(ErrorCode::invalid, "bad port in URL");
  return static_cast<std::uint16_t>(value);
}

/// Splits "host", "host:port" or "[v6]:port" into `url`.
Status parse_authority(std::string_view text, Url& url) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return fail(ErrorCode::invalid, "bad host in URL");
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (host.empty()) return fail(ErrorCode::invalid, "URL without a host");
  url.host = lower(host);
  if (rest.empty()) return ok();
  if (rest.front() != ':') return fail(ErrorCode::invalid, "bad host in URL");
  AITRADE_TRY(url.port, parse_port(rest.substr(1)));
  return ok();
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return fail(ErrorCode::invalid, "URL with a space or control character");
    }
  }
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return fail(ErrorCode::invalid, "URL without a scheme");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  const Scheme* scheme = find_scheme(url.scheme);
  if (scheme == nullptr) {
    return fail(ErrorCode::invalid, "unknown scheme '" + url.scheme + "' in URL");
  }
  url.port = scheme->port;
  text.remove_prefix(colon + 3);
  const auto end = text.find_first_of("/?#");
  const std::string_view host = text.substr(0, end);
  if (host.find('@') != std::string_view::npos) {
    return fail(ErrorCode::invalid, "URL with user information");
  }
  AITRADE_TRY_STATUS(parse_authority(host, url));
  std::string_view target = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  target = target.substr(0, target.find('#'));
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  // A name such as 127.evil.example must not pass: three more groups of digits, nothing else.
  int groups = 1;
  std::size_t digits = 0;
  for (const char c : host.substr(4)) {
    if (is_digit(c)) {
      if (++digits > 3) return false;
    } else if (c == '.' && digits > 0) {
      ++groups;
      digits = 0;
    } else {
      return false;
    }
  }
  return groups == 3 && digits > 0;
}

Status check_transport_security(const Url& url) {
  if (url.is_encrypted() || is_loopback_host(url.host)) return ok();
  return fail(ErrorCode::invalid,
              "refusing to speak " + url.scheme + " without TLS to '" + url.host + "'");
}

std::string authority(const Url& url) {
  std::string text = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const Scheme* scheme = find_scheme(url.scheme);
  if (scheme == nullptr || scheme->port != url.port) text += ":" + std::to_string(url.port);
  return text;
}

}  // namespace aitrade
