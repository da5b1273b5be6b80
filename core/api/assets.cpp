#include "core/api/assets.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "core/base/embedded.h"

namespace aitrade {

extern const EmbeddedFile dashboard_files[];
extern const std::size_t dashboard_files_count;

namespace {

const EmbeddedFile* find_asset(std::string_view path) {
  const bool is_page = path == "/" || path == "/login";
  const std::string_view name = is_page                        ? "index.html"
                                : path.starts_with("/static/") ? path.substr(8)
                                                               : std::string_view{};
  for (std::size_t i = 0; i < dashboard_files_count && !name.empty(); ++i) {
    if (name == dashboard_files[i].name) return &dashboard_files[i];
  }
  return nullptr;
}

std::string content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace

bool is_asset(std::string_view path) {
  return path == "/favicon.ico" || find_asset(path) != nullptr;
}

std::string entity_tag(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "\"%016llx\"", static_cast<unsigned long long>(hash));
  return text.data();
}

ServerResponse tagged(const ServerRequest& request, std::string body, std::string type,
                      std::string_view cache_control) {
  ServerResponse response;
  const std::string tag = entity_tag(body);
  const std::string packed_tag = tag.substr(0, tag.size() - 1) + "-gzip\"";   // see compression.cpp
  const std::string_view known = request.header("If-None-Match");
  response.headers.push_back({"ETag", known == packed_tag ? packed_tag : tag});
  response.headers.push_back({"Cache-Control", std::string(cache_control)});
  response.content_type = std::move(type);
  if (known == tag || known == packed_tag) {
    response.status = 304;
  } else {
    response.body = std::move(body);
  }
  return response;
}

ServerResponse serve_asset(const ServerRequest& request) {
  const EmbeddedFile* file = find_asset(request.path);
  if (file == nullptr) {  // the icon is a data URL in the page
    ServerResponse none;
    none.status = 204;
    return none;
  }
  return tagged(request, std::string(file->text()), content_type(file->name), "no-cache");
}

}  // namespace aitrade
