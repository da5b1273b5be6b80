// Secrets that a daemon was given or shown, searched for in all that it leaves behind (N61 of security.md).

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/net/http_client.h"
#include "core/store/digest.h"
#include "tests/support/child.h"
#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

constexpr int limit_ms = 60'000;

/// Variables of the environment that a daemon inherits.
class Variables {
 public:
  explicit Variables(std::map<std::string, std::string> values) : values_(std::move(values)) {
    for (const auto& [name, value] : values_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Variables() {
    for (const auto& [name, value] : values_) ::unsetenv(name.c_str());
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;

 private:
  std::map<std::string, std::string> values_;
};

std::string hex_of(const std::string& text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string url_of(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += is_plain ? std::string(1, c) : "%" + hex_of(std::string(1, c));
  }
  return out;
}

/// Where one of the secrets is found, in any form; empty: nowhere.
std::string found_in(const std::string& place, const std::string& text, const std::map<std::string, std::string>& secrets) {
  for (const auto& [name, secret] : secrets) {
    for (const std::string& form : {secret, to_base64(secret), hex_of(secret), url_of(secret)}) {
      if (text.find(form) != std::string::npos) return place + " holds " + name;
    }
  }
  return "";
}

/// Looks for the secrets in every file below a folder.
void search_files(const std::string& folder, const std::map<std::string, std::string>& secrets) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string found = found_in(entry.path().string(), read_file(entry.path().string()), secrets);
    INFO(found);
    CHECK(found.empty());
  }
  CHECK(files > 5);
}

}  // namespace

TEST_CASE("canary: no secret that a daemon was given or shown is in its logs, files, arguments or environment (N61, N10)",
          "[cmd][room][N61][N10]") {
  const TempFolder folder;
  const std::string home = folder / "home";
  std::map<std::string, std::string> secrets{{"DASHBOARD_ADMIN_KEY", "canary+admin/key-of-more-than-thirty-two"},
                                             {"DASHBOARD_READ_KEY", "canary+read/key-of-more-than-thirty-two!"},
                                             {"SIGNAL_WEBHOOK_SECRET", "canary+signals/secret"},
                                             {"STRIPE_SECRET_KEY", "canary+payment/key"},
                                             {"STRIPE_WEBHOOK_SECRET", "canary+payment/webhooks"}};
  const Variables given(secrets);
  secrets["password"] = "canary green+bottles/on the wall";
  secrets["wrong key"] = "canary+nobody/made-this-key-0123456789";
  REQUIRE(run_aitrade({"passwd", "--from-file", folder.write("password", secrets["password"] + "\n"), "--home", home}).exit_code == 0);
  const Finished key = run_aitrade({"key", "create", "--scopes", "control", "-q", "--home", home});
  REQUIRE(key.exit_code == 0);
  secrets["a key"] = key.out.substr(0, key.out.find('\n'));
  fs::remove(folder / "password");   // ours

  Child daemon({"run", "-vv", "--demo", "--speed", "1200", "--home", home, "--set", "dashboard.port=0", "--set",
                "app.log_level=\"debug\"", "--set", "webhooks.enabled=true", "--set",
                "dashboard.allow_tenant_keys_for_control=true"}, folder / "run.log");
  const std::string log = wait_for_text(daemon.out_path(), "run.started", limit_ms);
  INFO(log);
  REQUIRE_FALSE(log.empty());
  const auto at = log.find("http://127.0.0.1:");
  REQUIRE(at != std::string::npos);
  const std::string url = log.substr(at, log.find('/', at + 7) - at);
  const auto ask = [&url](const std::string& method, const std::string& path, std::vector<HttpHeader> headers,
                          const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.url = url + path;
    request.headers = std::move(headers);
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = body;
    HttpClient client;
    const HttpOutcome outcome = client.perform(request);
    return outcome.is_reply() ? outcome.reply.status : 0;
  };
  for (const char* name : {"DASHBOARD_ADMIN_KEY", "DASHBOARD_READ_KEY", "a key"}) {
    CHECK(ask("GET", "/api/v1/status", {{"X-API-Key", secrets[name]}}) == 200);
    CHECK(ask("GET", "/api/v1/status?api_key=" + url_of(secrets[name]), {}) == 400);
    CHECK(ask("GET", "/api/v1/nothing/" + url_of(secrets[name]), {{"User-Agent", secrets[name]}}) == 404);
  }
  CHECK(ask("GET", "/api/v1/tenants", {{"Authorization", "Bearer " + secrets["wrong key"]}}) == 401);
  CHECK(ask("GET", "/api/v1/status", {{"Cookie", "aitrade_local=" + secrets["wrong key"]}}) == 401);
  CHECK(ask("POST", "/api/v1/control/pause", {{"X-API-Key", secrets["a key"]}}, R"({"reason":"to see"})") == 200);
  CHECK(ask("POST", "/api/v1/session", {{"Origin", url}},
            R"({"username":"admin","password":")" + secrets["password"] + "\"}") == 200);
  CHECK(ask("POST", "/api/v1/session", {{"Origin", url}},
            R"({"username":"admin","password":")" + secrets["wrong key"] + "\"}") == 401);
  const std::string second = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                                                std::chrono::system_clock::now().time_since_epoch()).count());
  CHECK(ask("POST", "/api/v1/signals/webhook",
            {{"X-Signal-Timestamp", second},
             {"X-Signal-Signature", to_hex(view(hmac_sha256(secrets["SIGNAL_WEBHOOK_SECRET"], second + ".{}")))}}, "{}") == 400);
  CHECK(run_aitrade({"status", "--url", url, "--json", "--home", home}).exit_code != 127);

  for (const std::string& form : {secrets["password"], url_of(secrets["password"]), hex_of(secrets["password"])}) {
    CHECK_FALSE(found_in("a line", "x=" + form + ";", secrets).empty());   // it would be found
  }
  const std::string process = "/proc/" + std::to_string(daemon.pid()) + "/";
  for (const char* what : {"cmdline", "environ"}) CHECK(found_in(what, read_file(process + what), secrets).empty());
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait(limit_ms) == 143);
  CHECK(found_in("run.log", read_file(daemon.out_path()), secrets).empty());
  search_files(home, secrets);
}
