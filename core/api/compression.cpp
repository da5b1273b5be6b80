#include "core/api/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/api/assets.h"

namespace aitrade {
namespace {

constexpr std::size_t least = 1024;
constexpr int level = 5;               // a hundred kilobytes take a millisecond or two
constexpr int gzip_format = 16 + 15;   // zlib: a gzip header, the whole window

/// Reads that hold figures and their words, and nothing that opens a door.
constexpr std::array<std::string_view, 15> plain_paths{
    "/api/v1/view",   "/api/v1/trades",  "/api/v1/fills",     "/api/v1/orders",      "/api/v1/decisions",
    "/api/v1/equity", "/api/v1/chart",   "/api/v1/thoughts",  "/api/v1/scanner",     "/api/v1/openapi.json",
    "/api/v1/alerts", "/api/v1/metrics", "/api/v1/positions", "/api/v1/attribution", "/api/v1/strategies"};
constexpr std::array<std::string_view, 2> plain_folders{"/api/v1/trades/", "/api/v1/backtest/"};

bool may_be_compressed(const ServerRequest& request, const ServerResponse& response) {
  if (request.method != "GET" || response.status != 200 || response.stream || response.shared_body) return false;
  if (!header_value(response.headers, "Set-Cookie").empty()) return false;
  if (is_asset(request.path)) return true;
  if (std::find(plain_paths.begin(), plain_paths.end(), request.path) != plain_paths.end()) return true;
  return std::any_of(plain_folders.begin(), plain_folders.end(),
                     [&](std::string_view folder) { return request.path.starts_with(folder); });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  std::string in(bytes);   // zlib wants bytes that it might write
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return is_whole ? out : std::string();
}

bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    std::string_view item = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = trimmed(item.substr(0, semicolon));
    const std::string_view quality = item.substr(semicolon);
    if (name != "gzip") continue;
    // "q=0", "q=0.0": not at all.
    return quality.find("q=0") == std::string_view::npos || quality.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

void compress(const ServerRequest& request, ServerResponse& response) {
  if (!may_be_compressed(request, response)) return;
  response.headers.push_back({"Vary", "Accept-Encoding"});
  if (response.body.size() <= least || !accepts_gzip(request.header("Accept-Encoding"))) return;
  std::string packed = gzip(response.body);
  if (packed.empty() || packed.size() >= response.body.size()) return;
  response.body = std::move(packed);
  response.headers.push_back({"Content-Encoding", "gzip"});
  for (HttpHeader& header : response.headers) {
    // Two forms of one thing are two entities.
    if (header.name == "ETag" && header.value.ends_with('"')) header.value.insert(header.value.size() - 1, "-gzip");
  }
}

}  // namespace aitrade
