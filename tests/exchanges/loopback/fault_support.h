// A client of the exchange over real sockets that knows the control interface, for tests of faults.
#pragma once

#include "core/net/http_client.h"
#include "core/net/ws_client.h"
#include "exchanges/loopback/exchange.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace aitrade::loopback {

inline constexpr std::chrono::seconds limit{20};

struct Site {
  ApiKey key = random_key();
  std::unique_ptr<LoopbackExchange> exchange;
  HttpClient http;
  std::uint64_t nonce{0};

  explicit Site(const std::string& plan) : Site(*FaultPlan::read(plan)) {}

  explicit Site(std::optional<FaultPlan> plan = {}) {
    LoopbackOptions options;
    Synthetic made;
    made.seed = 5;
    made.symbols = {*Symbol::parse("BTC/USD")};
    made.start = Time::from_seconds(1'700'000'000);
    made.history = hours{2};
    options.synthetic = made;
    options.manual_clock = true;
    options.account.keys = {key};
    options.account.deposits = {{"USD", Amount::parse_or_die("100000")},
                                {"BTC", Amount::parse_or_die("2")}};
    options.faults = std::move(plan);
    auto started = LoopbackExchange::start(std::move(options));
    REQUIRE(started);
    exchange = std::move(*started);
  }

  HttpOutcome call(const std::string& method, const std::string& rest = "",
                   milliseconds timeout = seconds{5}) {
    const std::string n = std::to_string(++nonce);
    const std::string body = "nonce=" + n + (rest.empty() ? "" : "&" + rest);
    const std::string path = "/0/private/" + method;
    HttpRequest request;
    request.method = "POST";
    request.url = exchange->rest_url() + path;
    request.headers = {{"API-Key", key.id},
                       {"API-Sign", *venue_signature(key.secret.reveal(), path, n, body)},
                       {"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = body;
    request.idempotent = false;
    request.timeouts.total = timeout;
    return http.perform(request);
  }

  std::string control(const std::string& path, const std::string& body = "") {
    HttpRequest request;
    request.method = body.empty() ? "GET" : "POST";
    request.url = exchange->rest_url() + "/_sim/" + path;
    request.body = body;
    return http.perform(request).reply.body;
  }

  std::string token() {
    const std::string body = call("GetWebSocketsToken").reply.body;
    constexpr std::string_view name = "\"token\":\"";
    const std::size_t from = body.find(name) + name.size();
    return body.substr(from, body.find('"', from) - from);
  }

  // Does a venue action at once.
  void act(const std::string& action, const std::string& arguments = "") {
    INFO(action << " " << arguments);
    REQUIRE(control("do", R"({"action":")" + action + R"(","args":{)" + arguments + "}}") == "{}");
  }

  void add_rules(const std::string& rules) {
    REQUIRE(control("faults", R"({"rules":[)" + rules + "]}") == "{}");
  }

  PrivateBooks books() { return exchange->private_books(); }

  Price last() {
    Price out;
    exchange->with_venue([&](PrivateVenue& venue, Time) { out = venue.market().last_price(0); });
    return out;
  }

  std::size_t orders() {
    std::size_t count = 0;
    exchange->with_venue([&](PrivateVenue& venue, Time) { count = venue.matching().orders().size(); });
    return count;
  }

  void go(Duration span) { exchange->advance_by(span); }
};

inline constexpr const char* small = "ordertype=limit&type=buy&pair=XBTUSD&volume=0.01&price=1000";

// A WebSocket client that keeps what it hears.
class Listener {
 public:
  explicit Listener(const std::string& url) : client_(events(), {}) {
    WsConnect target;
    target.url = url;
    client_.connect(target);
  }

  // Waits until the exchange has greeted.
  Listener& ready() {
    REQUIRE(wait_for("\"status\""));
    return *this;
  }

  // Opens a private stream of a site.
  Listener(Site& site, const std::string& channel) : Listener(site.exchange->ws_url()) {
    ready();
    subscribe(channel, site.token());
  }

  void subscribe(const std::string& channel, const std::string& token) {
    token_ = token;
    send(R"({"method":"subscribe","params":{"channel":")" + channel + R"(","token":")" + token +
         R"("},"req_id":1})");
    REQUIRE(wait_for("\"req_id\":1,"));
  }

  // Sends a trading request.
  void ask(const std::string& method, const std::string& params, int number) {
    send(R"({"method":")" + method + R"(","params":{"token":")" + token_ + "\"" +
         (params.empty() ? "" : ",") + params + R"(},"req_id":)" + std::to_string(number) + "}");
  }

  void send(std::string text) { REQUIRE(client_.send(std::move(text))); }

  bool wait_for(std::string_view part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] {
      return std::any_of(frames_.begin(), frames_.end(), [&](const std::string& frame) {
        return frame.find(part) != std::string::npos;
      });
    });
  }

  // Until so many frames have it.
  bool wait_for(std::string_view part, std::ptrdiff_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] {
      return std::count_if(frames_.begin(), frames_.end(), [&](const std::string& frame) {
               return frame.find(part) != std::string::npos;
             }) >= count;
    });
  }

  bool wait_closed() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return is_closed_; });
  }

  std::vector<std::string> of(std::string_view part) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const std::string& frame : frames_) {
      if (frame.find(part) != std::string::npos) out.push_back(frame);
    }
    return out;
  }

 private:
  WsEvents events() {
    WsEvents out;
    out.on_text = [this](std::string_view text, Time) {
      const std::lock_guard lock(mutex_);
      frames_.emplace_back(text);
      changed_.notify_all();
    };
    out.on_closed = [this](const WsClosed&) {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
      changed_.notify_all();
    };
    return out;
  }

  std::string token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> frames_;
  bool is_closed_{false};
  WsClient client_;  // last: its callbacks use the rest
};

inline rapidjson::Document json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  INFO(text);
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

inline std::string plan(const std::string& endpoint, const std::string& action,
                 const std::string& arguments = "") {
  return R"({"rules":[{"match":{"transport":"rest","endpoint":")" + endpoint +
         R"("},"action":")" + action + R"(","args":{)" + arguments + "}}]}";
}

}  // namespace aitrade::loopback
