// Compressed replies: the same bytes, only for who asks, and never where a secret is beside (security.md, BREACH).

#include <catch2/catch.hpp>

#include <zlib.h>

#include <string>
#include <vector>

#include "core/api/compression.h"
#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + 15) == Z_OK);
  std::string in = packed, out(4 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

Request asking(const std::string& path, const std::string& accept, const std::string& key = "") {
  Request request;
  request.method = "GET";
  request.path = path;
  request.peer_address = "127.0.0.1";
  if (!accept.empty()) request.headers.push_back({"Accept-Encoding", accept});
  if (!key.empty()) request.headers.push_back({"X-API-Key", key});
  return request;
}

std::string encoding(const Response& reply) { return std::string(header_value(reply.headers, "Content-Encoding")); }

constexpr const char* admin_key = "adminadminADMIN-0123456789-ZYXWVU";

}  // namespace

TEST_CASE("compression: files and figures, the same bytes, for who asks", "[api][compression]") {
  TwoTenants rig;
  ApiHandler handler(rig.context, RateLimit{1000, 1000});
  for (const char* path : {"/", "/static/app.js", "/static/style.css", "/api/v1/view", "/api/v1/openapi.json"}) {
    INFO(path);
    const Response plain = handler.handle(asking(path, "", admin_key));
    REQUIRE(plain.status == 200);
    CHECK(encoding(plain).empty());
    CHECK(header_value(plain.headers, "Vary") == "Accept-Encoding");
    for (int i = 0; i < 2; ++i) {   // computed, and kept
      const Response packed = handler.handle(asking(path, "br, gzip;q=0.8", admin_key));
      CHECK(encoding(packed) == "gzip");
      CHECK(packed.body.size() * 2 < plain.body.size());
      CHECK(gunzip(packed.body) == plain.body);
      CHECK(packed.content_type == plain.content_type);
    }
    CHECK(encoding(handler.handle(asking(path, "gzip;q=0", admin_key))).empty());
    CHECK(encoding(handler.handle(asking(path, "br", admin_key))).empty());
  }
}

TEST_CASE("compression: a browser that has it already is told so, in either form", "[api][compression]") {
  TwoTenants rig;
  ApiHandler handler(rig.context, RateLimit{1000, 1000});
  const Response plain = handler.handle(asking("/static/app.js", ""));
  const Response packed = handler.handle(asking("/static/app.js", "gzip"));
  const std::string one(header_value(plain.headers, "ETag")), other(header_value(packed.headers, "ETag"));
  CHECK_FALSE(one.empty());
  CHECK(one != other);
  for (const std::string& tag : {one, other}) {
    Request again = asking("/static/app.js", "gzip");
    again.headers.push_back({"If-None-Match", tag});
    const Response known = handler.handle(again);
    CHECK(known.status == 304);
    CHECK(known.body.empty());
    CHECK(header_value(known.headers, "ETag") == tag);
  }
}

TEST_CASE("compression: nothing that holds a secret, nothing small, no failure", "[api][compression]") {
  TwoTenants rig;
  for (int i = 0; i < 12; ++i) static_cast<void>(rig.key("alpha"));   // a body that would be worth it
  ApiHandler handler(rig.context, RateLimit{1000, 1000});
  const Response keys = handler.handle(asking("/api/v1/keys", "gzip", admin_key));
  CHECK(keys.status == 200);
  CHECK(keys.body.size() > 1024);
  for (const char* path : {"/api/v1/keys", "/api/v1/session", "/api/v1/settings", "/api/v1/tenants", "/api/v1/audit",
                           "/api/v1/status", "/api/v1/health", "/api/v1/nothing", "/api/v1/export/trades.csv"}) {
    INFO(path);
    CHECK(encoding(handler.handle(asking(path, "gzip", admin_key))).empty());
  }
  Request post = asking("/api/v1/ws-ticket", "gzip", admin_key);
  post.method = "POST";
  CHECK(encoding(handler.handle(post)).empty());
}

TEST_CASE("compression: what a browser says it takes", "[api][compression]") {
  for (const char* yes : {"gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5", " gzip ;q=0.001"}) CHECK(accepts_gzip(yes));
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "identity"}) {
    INFO(no);
    CHECK_FALSE(accepts_gzip(no));
  }
}
