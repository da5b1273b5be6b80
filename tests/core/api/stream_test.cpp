// The live stream over real sockets: who gets in, what comes, and how it ends.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/api/api.h"
#include "core/auth/password.h"
#include "core/net/http_client.h"
#include "core/net/ws_client.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

constexpr const char* password = "seven green bottles";

Time steady_now() {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

struct Rig {
  std::filesystem::path folder;
  ViewBoard views;
  std::unique_ptr<Gatekeeper> gate;
  std::unique_ptr<ApiHandler> handler;
  std::unique_ptr<HttpServer> server;
  HttpClient client;

  explicit Rig(bool reads_open, StreamRules rules = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-stream-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    static const std::string record = *make_password_record(password);
    GateSettings settings;
    settings.access_db = folder / "access.db";
    settings.reads_open = reads_open;
    settings.password_record = record;
    gate = std::make_unique<Gatekeeper>(std::move(settings));
    ApiContext context{views, {}, steady_now, {}, "0.1.0", "abc"};
    context.access.reads_open = reads_open;
    context.gate = gate.get();
    context.stream = rules;
    handler = std::make_unique<ApiHandler>(std::move(context));
    publish("1");
    auto started = HttpServer::start({}, *handler);
    REQUIRE(started);
    server = *std::move(started);
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  ~Rig() {
    server.reset();
    std::filesystem::remove_all(folder);
  }

  void publish(const std::string& cash, bool paused = false) {
    EngineView view = test::sample_view(Time::from_seconds(1'643'112'000));
    view.cash = Money::parse_or_die(cash);
    view.paused = paused;
    views.publish(std::make_shared<const EngineView>(std::move(view)));
  }

  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(server->port()); }

  HttpReply ask(const std::string& method, const std::string& path, std::vector<HttpHeader> headers,
      const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.url = origin() + path;
    request.headers = std::move(headers);
    request.body = body;
    HttpOutcome outcome = client.perform(request);
    REQUIRE(outcome.is_reply());
    return outcome.reply;
  }

  /// Asks for an upgrade and returns the status line's number.
  int upgrade(std::vector<HttpHeader> headers, const std::string& path = "/ws/live") {
    headers.push_back({"Connection", "Upgrade"});
    headers.push_back({"Upgrade", "websocket"});
    headers.push_back({"Sec-WebSocket-Version", "13"});
    headers.push_back({"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="});
    return ask("GET", path, std::move(headers)).status;
  }

  std::string ticket() {
    const HttpReply login = ask("POST", "/api/v1/session", {{"Origin", origin()}, {"Content-Type", "application/json"}},
                                R"({"password":"seven green bottles"})");
    REQUIRE(login.status == 200);
    const std::string cookie(header_value(login.headers, "Set-Cookie"));
    rapidjson::Document json;
    json.Parse(login.body.c_str());
    session = cookie.substr(0, cookie.find(';'));
    csrf = json["csrf"].GetString();
    return fresh_ticket();
  }

  std::string fresh_ticket() {
    const HttpReply reply = ask("POST", "/api/v1/ws-ticket", {{"Origin", origin()}, {"Cookie", session},
        {"X-CSRF-Token", csrf}});
    REQUIRE(reply.status == 200);
    rapidjson::Document json;
    json.Parse(reply.body.c_str());
    return json["ticket"].GetString();
  }

  std::string session, csrf;
};

}  // namespace

TEST_CASE("stream: who is not let in (N11, N20, N21, N22, N26)", "[api][stream][N20][N21][N22][N26]") {
  Rig rig(false);
  const std::string first = rig.ticket();
  const auto with = [](const std::string& ticket) { return HttpHeader{"Sec-WebSocket-Protocol",
      "aitrade.v1, ticket." + ticket}; };

  CHECK(rig.upgrade({{"Origin", rig.origin()}}) == 401);
  CHECK(rig.upgrade({{"Origin", rig.origin()}, {"Cookie", rig.session}}) == 401);
  CHECK(rig.upgrade({{"Origin", "https://evil.example"}, with(first)}) == 403);
  CHECK(rig.upgrade({{"Origin", "null"}, with(first)}) == 403);
  CHECK(rig.upgrade({{"Origin", rig.origin()}, with("wrong")}) == 401);
  CHECK(rig.upgrade({{"Origin", rig.origin()}}, "/ws/live?ticket=" + first) == 400);
  CHECK(rig.upgrade({with(first)}) == 401);   // without an origin
  CHECK(rig.upgrade({{"X-API-Key", "wrong"}}) == 401);
}

namespace {

/// A viewer that remembers what it was told.
struct Viewer {
  std::mutex mutex;
  std::condition_variable news;
  std::vector<std::string> texts;
  int closed_with{-1};
  WsClient client;

  WsEvents events() {
    WsEvents all;
    all.on_open = [] {};
    all.on_text = [this](std::string_view text, Time) {
      const std::lock_guard lock(mutex);
      texts.emplace_back(text);
      news.notify_all();
    };
    all.on_closed = [this](const WsClosed& closed) {
      const std::lock_guard lock(mutex);
      closed_with = closed.code;
      news.notify_all();
    };
    all.on_wake = [] {};
    return all;
  }

  Viewer(const std::string& url, std::vector<HttpHeader> headers) : client(events()) {
    WsConnect connect;
    connect.url = url;
    connect.headers = std::move(headers);
    client.connect(connect);
  }

  bool wait(const std::function<bool()>& is_met, milliseconds limit = milliseconds{3000}) {
    std::unique_lock lock(mutex);
    return news.wait_for(lock, std::chrono::milliseconds{limit.count()}, is_met);
  }
};

}  // namespace

TEST_CASE("stream: the whole view first, then what changed, numbered, soon after it happened", "[api][stream]") {
  Rig rig(false);
  const auto key = (*rig.gate->store())->create({{}, Scope::read, "", hours{1}}, "test", steady_now());
  REQUIRE(key);
  Viewer viewer("ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live",
                {{"Authorization", "Bearer " + std::string(key->text.reveal())}});
  REQUIRE(viewer.wait([&] { return !viewer.texts.empty(); }));
  rapidjson::Document first;
  first.Parse(viewer.texts[0].c_str());
  CHECK(std::string(first["type"].GetString()) == "snapshot");
  for (const char* part : {"head", "positions", "pairs", "trades", "decisions", "equity_curve", "strategies", "risk",
      "execution"}) {
    CHECK(first["data"].HasMember(part));
  }

  const auto before = std::chrono::steady_clock::now();
  rig.publish("2", true);
  REQUIRE(viewer.wait([&] { return viewer.texts.size() > 1; }));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds{250});
  rapidjson::Document second;
  second.Parse(viewer.texts[1].c_str());
  CHECK(second["seq"].GetInt64() == first["seq"].GetInt64() + 1);
  CHECK(std::string(second["data"]["head"]["cash"].GetString()) == "2");
  CHECK_FALSE(second["data"].HasMember("trades"));   // as they were
}

TEST_CASE("stream: a key that is revoked ends its streams within a second (N27)", "[api][stream][N27]") {
  Rig rig(false);
  const auto key = (*rig.gate->store())->create({{}, Scope::read, "", hours{1}}, "test", steady_now());
  REQUIRE(key);
  Viewer viewer("ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live",
                {{"X-API-Key", std::string(key->text.reveal())}});
  REQUIRE(viewer.wait([&] { return !viewer.texts.empty(); }));
  REQUIRE((*rig.gate->store())->revoke(key->parts.id, "test", steady_now()));
  CHECK(viewer.wait([&] { return viewer.closed_with == 4401; }, milliseconds{1500}));
}

TEST_CASE("stream: a ticket opens one stream, once, and its protocol is answered without it (N22)",
    "[api][stream][N22]") {
  Rig rig(false);
  const std::string ticket = rig.ticket();
  const std::string url = "ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live";
  const std::vector<HttpHeader> headers{{"Origin", rig.origin()}, {"Sec-WebSocket-Protocol",
      "aitrade.v1, ticket." + ticket}};
  Viewer viewer(url, headers);
  REQUIRE(viewer.wait([&] { return !viewer.texts.empty(); }));
  CHECK(rig.upgrade({headers[0], headers[1]}) == 401);
}

TEST_CASE("stream: open reads need no ticket, a foreign origin is refused all the same", "[api][stream]") {
  Rig rig(true);
  Viewer viewer("ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live", {{"Origin", rig.origin()}});
  CHECK(viewer.wait([&] { return !viewer.texts.empty(); }));
  CHECK(rig.upgrade({{"Origin", "http://127.0.0.1:1"}}) == 403);
}

TEST_CASE("stream: a tenant without an engine hears nothing of the one that runs (N36)", "[api][stream][N36]") {
  Rig rig(false);
  AccessStore& store = **rig.gate->store();
  REQUIRE(TenantStore(store).add(TenantId{"other"}, "Other", "free", "test", steady_now()));
  const auto mine = store.create({{}, Scope::read, "", hours{1}}, "test", steady_now());
  const auto theirs = store.create({TenantId{"other"}, Scope::read, "", hours{1}}, "test", steady_now());
  REQUIRE(mine);
  REQUIRE(theirs);
  const std::string url = "ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live";
  Viewer owner(url, {{"X-API-Key", std::string(mine->text.reveal())}});
  Viewer other(url, {{"X-API-Key", std::string(theirs->text.reveal())}});
  REQUIRE(owner.wait([&] { return !owner.texts.empty(); }));
  REQUIRE(other.wait([&] { return !other.texts.empty(); }));
  for (const char* cash : {"2", "3", "4"}) {
    const std::size_t before = owner.texts.size();
    rig.publish(cash);
    REQUIRE(owner.wait([&] { return owner.texts.size() > before; }));
  }
  CHECK(other.texts.size() == 1);
  CHECK(other.texts[0].find("BTC/USD") == std::string::npos);
  CHECK(other.texts[0].find("no_engine") != std::string::npos);
  REQUIRE(TenantStore(store).change(TenantId{"other"}, {std::nullopt, "suspended", std::nullopt}, "test", steady_now()));
  CHECK(other.wait([&] { return other.closed_with == 4401; }, milliseconds{1500}));
}

TEST_CASE("stream: of several engines each tenant hears its own (N36) [P28]", "[api][stream][N36]") {
  Rig rig(false);
  ViewBoard others;
  const auto publish = [](ViewBoard& board, const std::string& run) {
    EngineView view = test::sample_view(Time::from_seconds(1'643'112'000));
    view.run = run;
    board.publish(std::make_shared<const EngineView>(std::move(view)));
  };
  publish(rig.views, "of-alpha");
  publish(others, "of-beta");
  const AccessStore& access = **rig.gate->store();
  const auto key_of = [&access](const char* tenant) {
    REQUIRE(TenantStore(access).add(TenantId{tenant}, tenant, "free", "test", steady_now()));
    const auto made = access.create({TenantId{tenant}, Scope::read, "look", Duration{hours{1}}}, "test", steady_now());
    REQUIRE(made);
    return std::string(made->text.reveal());
  };
  ApiContext context{TenantViews({{TenantId{"alpha"}, "one", "kraken", &rig.views}, {TenantId{"beta"}, "two", "kraken", &others}}),
                     {}, steady_now, {}, "0.1.0", "abc"};
  context.gate = rig.gate.get();
  ApiHandler handler(std::move(context));
  auto server = HttpServer::start({}, handler);
  REQUIRE(server);
  const std::string url = "ws://127.0.0.1:" + std::to_string((*server)->port()) + "/ws/live";
  const std::string alpha_key = key_of("alpha"), beta_key = key_of("beta");   // before anybody asks
  Viewer alpha(url, {{"X-API-Key", alpha_key}});
  Viewer beta(url, {{"X-API-Key", beta_key}});
  REQUIRE(alpha.wait([&] { return !alpha.texts.empty(); }));
  REQUIRE(beta.wait([&] { return !beta.texts.empty(); }));
  CHECK(alpha.texts[0].find("of-alpha") != std::string::npos);
  CHECK(beta.texts[0].find("of-beta") != std::string::npos);
  publish(others, "of-beta-again");
  REQUIRE(beta.wait([&] { return beta.texts.size() > 1; }));
  CHECK(beta.texts[1].find("of-beta-again") != std::string::npos);
  publish(rig.views, "of-alpha-again");
  REQUIRE(alpha.wait([&] { return alpha.texts.size() > 1; }));
  CHECK(alpha.texts[1].find("of-alpha-again") != std::string::npos);   // the first it hears since: its own
  for (const std::string& text : alpha.texts) CHECK(text.find("beta") == std::string::npos);
}

TEST_CASE("stream: of a tenant's engines the one named in the query is heard, as a browser cannot send a header (N36)",
          "[api][stream][N36]") {
  Rig rig(false);
  ViewBoard boards[3];
  const std::pair<const char*, const char*> whose[] = {{"default", "one"}, {"default", "two"}, {"beta", "three"}};
  std::vector<EngineSeat> seats;
  for (std::size_t i = 0; i < 3; ++i) {
    EngineView view = test::sample_view(Time::from_seconds(1'643'112'000));
    view.run = std::string("run-of-") + whose[i].second;
    boards[i].publish(std::make_shared<const EngineView>(std::move(view)));
    seats.push_back({TenantId{whose[i].first}, whose[i].second, "kraken", &boards[i]});
  }
  const AccessStore& access = **rig.gate->store();
  REQUIRE(TenantStore(access).add(TenantId{"beta"}, "beta", "free", "test", steady_now()));
  const auto made = access.create({TenantId{}, Scope::read, "look", Duration{hours{1}}}, "test", steady_now());
  REQUIRE(made);
  ApiContext context{TenantViews(std::move(seats)), {}, steady_now, {}, "0.1.0", "abc"};
  context.gate = rig.gate.get();
  ApiHandler handler(std::move(context));
  auto server = HttpServer::start({}, handler);
  REQUIRE(server);
  const std::string key(made->text.reveal());
  const std::pair<const char*, const char*> asked[] = {
      {"", "run-of-one"}, {"?account=two", "run-of-two"}, {"?account=three", "no_engine"}, {"?account=", "run-of-one"}};
  for (const auto& [query, heard] : asked) {
    Viewer viewer("ws://127.0.0.1:" + std::to_string((*server)->port()) + "/ws/live" + query, {{"X-API-Key", key}});
    REQUIRE(viewer.wait([&] { return !viewer.texts.empty(); }));
    INFO(query);
    CHECK(viewer.texts[0].find(heard) != std::string::npos);
    CHECK((viewer.texts[0].find("run-of-three") == std::string::npos));   // another tenant's
  }
}

TEST_CASE("stream: prices wait for their turn, what happened does not", "[api][stream]") {
  Rig rig(true, {8, hours{1}});
  Viewer viewer("ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live", {{"Origin", rig.origin()}});
  REQUIRE(viewer.wait([&] { return viewer.texts.size() == 1; }));
  rig.publish("2");
  CHECK_FALSE(viewer.wait([&] { return viewer.texts.size() > 1; }, milliseconds{200}));
  rig.publish("3", true);
  REQUIRE(viewer.wait([&] { return viewer.texts.size() > 1; }));
  rapidjson::Document told;
  told.Parse(viewer.texts[1].c_str());
  CHECK(std::string(told["data"]["head"]["cash"].GetString()) == "3");
  CHECK(told["data"]["head"]["paused"].GetBool());
}

TEST_CASE("stream: one user has a few streams, and one too many is closed", "[api][stream]") {
  Rig rig(true, {1, seconds{1}});
  const std::string url = "ws://127.0.0.1:" + std::to_string(rig.server->port()) + "/ws/live";
  Viewer first(url, {{"Origin", rig.origin()}});
  REQUIRE(first.wait([&] { return !first.texts.empty(); }));
  Viewer second(url, {{"Origin", rig.origin()}});
  CHECK(second.wait([&] { return second.closed_with == 1013; }));
  CHECK(second.texts.empty());
  CHECK(first.closed_with == -1);
}
