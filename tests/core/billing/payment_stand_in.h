// The payment service of a test, on loopback: prices, subscriptions, sessions, and every way to fail.
#pragma once

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/net/http_server.h"

namespace aitrade::test {

class PaymentStandIn final : public HttpHandler {
 public:
  PaymentStandIn() {
    ServerOptions options;
    options.browser_policy = false;
    auto started = HttpServer::start(options, *this);
    REQUIRE(started);
    server_ = *std::move(started);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  struct Asked {
    std::string method, path, body, key, version, idempotency;
  };

  ServerResponse handle(const ServerRequest& request) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back({request.method, request.path, request.body, std::string(request.header("Authorization")),
                      std::string(request.header("Stripe-Version")), std::string(request.header("Idempotency-Key"))});
    ServerResponse response;
    if (failures_ > 0) {
      --failures_;
      response.status = 500;
      return response;
    }
    const auto found = replies_.find(request.path);
    response.status = found == replies_.end() ? 404 : 200;
    response.body = found == replies_.end() ? R"({"error":{"type":"invalid_request_error"}})" : found->second;
    return response;
  }

  void reply(const std::string& path, std::string body) {
    const std::lock_guard lock(mutex_);
    replies_[path] = std::move(body);
  }

  void price(const std::string& id, const char* currency = "usd", bool is_active = true, bool is_recurring = true,
             bool is_live = false) {
    reply("/v1/prices/" + id, R"({"id":")" + id + R"(","currency":")" + currency + R"(","active":)" +
                                  (is_active ? "true" : "false") + R"(,"recurring":)" +
                                  (is_recurring ? R"({"interval":"month"})" : "null") + R"(,"livemode":)" +
                                  (is_live ? "true" : "false") + "}");
  }

  void subscription(const std::string& id, const std::string& customer, const std::string& status,
                    const std::string& tenant = "", const std::string& price = "price_pro1") {
    reply("/v1/subscriptions/" + id,
          R"({"id":")" + id + R"(","customer":")" + customer + R"(","status":")" + status + R"(","metadata":{)" +
              (tenant.empty() ? "" : R"("tenant_id":")" + tenant + "\"") + R"(},"items":{"data":[{"price":{"id":")" + price +
              R"("}}]}})");
  }

  void forget(const std::string& path) {
    const std::lock_guard lock(mutex_);
    replies_.erase(path);
  }

  /// The next calls fail as a service in trouble does.
  void fail_next(int count) {
    const std::lock_guard lock(mutex_);
    failures_ = count;
  }

  [[nodiscard]] std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> replies_;
  std::vector<Asked> asked_;
  int failures_{0};
  std::unique_ptr<HttpServer> server_;   // last: it uses the rest
};

}  // namespace aitrade::test
