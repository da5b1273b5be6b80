// Backtests as jobs: with programs of a few words in place of our own.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "core/api/api.h"
#include "core/api/backtest_desk.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

const Time noon = Time::from_seconds(1'643'112'000);
const TenantId owner;

struct Rig {
  std::filesystem::path folder;
  ViewBoard views;
  std::unique_ptr<BacktestDesk> desk;
  ApiContext context{views, {}, [] { return noon; }, {}, "0.1.0", "abc"};

  /// `script` is what stands for aitrade.
  explicit Rig(const std::string& script) {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-jobs-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    std::ofstream(folder / "program") << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(folder / "program", std::filesystem::perms::owner_all);
    open();
    EngineView view = test::sample_view(noon);
    auto candles = std::make_shared<std::vector<Candle>>();
    for (int i = 0; i < 2000; ++i) {
      const Price price = Price::parse_or_die(std::to_string(36'000 + i % 50));
      candles->push_back({noon - minutes{2000 - i}, minutes{1}, price, price, price, price, 1.5});
    }
    auto series = std::make_shared<CandleSeries>();
    series->blocks.push_back(std::move(candles));
    view.candles.assign(view.pairs.size(), series);
    views.publish(std::make_shared<const EngineView>(std::move(view)));
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  ~Rig() {
    desk.reset();
    std::filesystem::remove_all(folder);
  }

  void open() {
    BacktestPlace place;
    place.folder = folder / "runs";
    place.program = folder / "program";
    place.arguments = {"--home", "here"};
    place.environment = {"PATH=/usr/bin:/bin", "MARK=only this"};
    place.wall = [] { return noon; };
    BacktestLimits limits;
    limits.waiting = 2;
    desk = std::make_unique<BacktestDesk>(std::move(place), limits);
    context.backtests = desk.get();
  }

  Response ask(const std::string& method, const std::string& path, const std::string& body = "") {
    Request r;
    r.method = method;
    r.path = path;
    r.is_local = true;
    r.body = body;
    if (!body.empty()) r.headers.push_back({"Content-Type", "application/json"});
    return handle(r, context);
  }

  std::string start(const std::string& body = R"({"pair":"BTC/USD","timeframe":"5m"})") {
    const Response reply = ask("POST", "/api/v1/backtest/run", body);
    INFO(reply.error_message);
    REQUIRE(reply.status == 202);
    rapidjson::Document json;
    json.Parse(reply.body.c_str());
    return json["run_id"].GetString();
  }

  /// The run once it is in that state.
  std::string wait_for(const std::string& id, const std::string& status) {
    CHECK(desk->await(id, status, milliseconds{30'000}));
    const std::string body = ask("GET", "/api/v1/backtest/runs/" + id).body;
    INFO(body);
    CHECK(body.find("\"status\":\"" + status + "\"") != std::string::npos);
    return body;
  }

  std::string file(const std::string& id, const char* name) const {
    std::ifstream in(folder / "runs" / "default" / id / name);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
};

std::string text_of(const Response& reply) {
  std::string all = reply.body;
  bool more = static_cast<bool>(reply.stream);
  while (more) more = reply.stream(all);
  return all;
}

constexpr const char* good = R"sh(if [ "$1" = backtest ]; then
  echo '{"command":"aitrade backtest /a/b \\"c\\" --home /d","result_hash":"abc","metrics":{"sharpe":1.5},"trades":[1,2],"words":"'"$(echo "$*" | tr -d '"')"'","mark":"'"$MARK"'","nice":"'"$(nice)"'"}'
else echo '<html><style>a{}</style><script>b()</script><td style="--t:8%"></td></html>'; fi)sh";

}  // namespace

TEST_CASE("backtests: a job runs beside us at the lowest priority and leaves result and report [X13]",
          "[api][backtests][X13]") {
  Rig rig(good);
  const std::string id = rig.start(R"({"pair":"btc-usd","timeframe":"5m","strategy":"trend","seed":7,"bars":200,)"
                                   R"("initial_balance":"2500"})");
  const std::string run = rig.wait_for(id, "completed");
  CHECK(run.find(R"("sharpe":1.5)") != std::string::npos);
  CHECK(run.find(R"("has_report":true)") != std::string::npos);
  CHECK(run.find(R"("bars":200)") != std::string::npos);
  CHECK(run.find(R"("trades":[1,2])") == std::string::npos);   // lists stay in the result
  const std::string result = text_of(rig.ask("GET", "/api/v1/backtest/results/" + id));
  for (const char* part : {"--pair BTC/USD", "--strategy trend", "--seed 7", "--set risk.initial_bankroll=2500",
                           "--home here", "app.mode=", "only this"}) {
    INFO(part);
    CHECK(result.find(part) != std::string::npos);
  }
  CHECK(result.find("\"nice\":\"19\"") != std::string::npos);
  CHECK(result.find(R"({"command":"aitrade backtest BTC/USD","result_hash")") != std::string::npos);   // no place of ours
  const Response report = rig.ask("GET", "/api/v1/backtest/reports/" + id);
  CHECK(report.content_type == "text/html; charset=utf-8");
  const std::string policy(header_value(report.headers, "Content-Security-Policy"));
  CHECK(policy.find("sandbox allow-scripts") != std::string::npos);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
  CHECK(std::count(policy.begin(), policy.end(), '\'') > 10);
  CHECK(rig.ask("GET", "/api/v1/backtest/runs").body.find(id) != std::string::npos);
  const std::string csv = rig.file(id, "candles.csv");
  CHECK(csv.starts_with("time,open,high,low,close,volume\n"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 201);
}

TEST_CASE("backtests: the candles are whole ones, from the first to the last", "[api][backtests]") {
  Rig rig(good);
  const auto candles_of = [&rig](int from, int to, const char* timeframe) {   // minutes around noon
    EngineView view = test::sample_view(noon);
    auto candles = std::make_shared<std::vector<Candle>>();
    for (int i = from; i < to; ++i) {
      const Price price = Price::parse_or_die(std::to_string(36'000 + i % 50));
      candles->push_back({noon + minutes{i}, minutes{1}, price, price, price, price, 1.0});
    }
    auto series = std::make_shared<CandleSeries>();
    series->blocks.push_back(std::move(candles));
    view.candles.assign(view.pairs.size(), series);
    rig.views.publish(std::make_shared<const EngineView>(std::move(view)));
    const std::string id = rig.start(R"({"pair":"BTC/USD","timeframe":")" + std::string(timeframe) + "\"}");
    rig.wait_for(id, "completed");
    const std::string csv = rig.file(id, "candles.csv");
    std::vector<std::string> lines;
    for (std::size_t at = csv.find('\n') + 1; at < csv.size(); at = csv.find('\n', at) + 1) {
      lines.push_back(csv.substr(at, csv.find('\n', at) - at));
    }
    return lines;
  };
  const auto at = [](int minute) { return std::to_string((noon + minutes{minute}).seconds_floor()); };
  SECTION("a series that begins and ends in the middle of a bar") {
    const auto lines = candles_of(-1003, -1, "5m");
    CHECK(lines.front().starts_with(at(-1000)));   // not the two minutes before it
    CHECK(lines.back().starts_with(at(-10)));      // the one that began at -5 has not ended
  }
  SECTION("one that fits") {
    const auto lines = candles_of(-1000, 0, "5m");
    CHECK(lines.front().starts_with(at(-1000)));
    CHECK(lines.back().starts_with(at(-5)));       // complete: it counts
    CHECK(lines.size() == 200);
  }
  SECTION("of the engine's own timeframe all are whole") {
    const auto lines = candles_of(-333, 0, "1m");
    CHECK(lines.size() == 333);
    CHECK(lines.back().starts_with(at(-1)));
  }
}

TEST_CASE("backtests: what is asked for is checked, and nothing starts when it is wrong", "[api][backtests]") {
  Rig rig(good);
  for (const char* body : {R"({})", R"({"pair":"BTC/USD","timeframe":"7"})", R"({"pair":"DOGE/USD"})",
                           R"({"pair":"BTC/USD","bars":119})", R"({"pair":"BTC/USD","timeframe":"1d"})",
                           R"({"pair":"BTC/USD","seed":-1})", R"({"pair":"BTC/USD","source":"moon"})",
                           R"({"pair":"BTC/USD","strategy":"--home"})", R"({"pair":"BTC/USD","strategy":"a b"})",
                           R"({"pair":"BTC/USD","initial_balance":"1;2"})", R"({"pair":"BTC/USD","fee_pct":"-1"})",
                           R"({"pair":"BTC/USD","source":"store","from":"--config=x"})",
                           R"x({"pair":"BTC/USD","source":"store","from":"$(id)"})x",
                           R"({"pair":"BTC/USD","from":"20200101"})", R"({"pair":"BTC/USD","nonsense":1})"}) {
    INFO(body);
    CHECK(rig.ask("POST", "/api/v1/backtest/run", body).status == 400);
  }
  CHECK_FALSE(std::filesystem::exists(rig.folder / "runs" / "default"));
  CHECK(rig.ask("GET", "/api/v1/backtest/runs").body.find("\"runs\":[]") != std::string::npos);
  for (const char* id : {"..", "nothing", "bt-1%2F..", "RUN"}) {
    CHECK(rig.ask("GET", std::string("/api/v1/backtest/runs/") + id).status == 404);
    CHECK(rig.ask("GET", std::string("/api/v1/backtest/reports/") + id).status == 404);
    CHECK(rig.ask("DELETE", std::string("/api/v1/backtest/runs/") + id).status == 404);
  }
}

TEST_CASE("backtests: one runs, few wait, the rest is refused; each can be ended", "[api][backtests]") {
  Rig rig("exec sleep 60");
  const std::string first = rig.start(), second = rig.start(), third = rig.start();
  CHECK(rig.ask("POST", "/api/v1/backtest/run", R"({"pair":"BTC/USD"})").status == 409);
  rig.wait_for(first, "running");
  CHECK(rig.ask("GET", "/api/v1/backtest/runs/" + second).body.find("queued") != std::string::npos);
  CHECK(rig.ask("DELETE", "/api/v1/backtest/runs/" + second).status == 202);
  CHECK(rig.ask("DELETE", "/api/v1/backtest/runs/" + first).status == 202);
  rig.wait_for(first, "cancelled");
  rig.wait_for(second, "cancelled");
  rig.wait_for(third, "running");
  CHECK(rig.ask("DELETE", "/api/v1/backtest/runs/" + first).status == 409);
  CHECK(rig.ask("GET", "/api/v1/backtest/reports/" + first).status == 404);
}

TEST_CASE("backtests: the end of the daemon ends them, and so does its crash", "[api][backtests]") {
  Rig rig("exec sleep 60");
  const std::string running = rig.start(), waiting = rig.start();
  rig.wait_for(running, "running");
  rig.desk.reset();
  CHECK(rig.file(running, "run.json").find(R"("status":"cancelled")") != std::string::npos);
  CHECK(rig.file(waiting, "run.json").find(R"("error":"the daemon ended")") != std::string::npos);
  // As a crash leaves it.
  const auto crashed = rig.folder / "runs" / "default" / "bt-1";
  std::filesystem::create_directories(crashed);
  std::ofstream(crashed / "run.json") << R"({"run_id":"bt-1","status":"running","error":null})";
  rig.open();
  CHECK(rig.ask("GET", "/api/v1/backtest/runs/bt-1").body.find("cancelled") != std::string::npos);
}

TEST_CASE("backtests: one that fails says why, in its own words and no more than that", "[api][backtests]") {
  Rig rig("echo 'aitrade: no candles' >&2; exit 2");
  const std::string run = rig.wait_for(rig.start(), "failed");
  CHECK(run.find("aitrade: no candles") != std::string::npos);
  CHECK(run.find(R"("has_report":false)") != std::string::npos);
}

TEST_CASE("backtests: another tenant's run is not there", "[api][backtests][N34]") {
  Rig rig(good);
  const auto id = rig.desk->start(TenantId{"other"}, BacktestWish{"BTC/USD", "5m", "", "", "", 0, false, {}, {}}, "key:x");
  REQUIRE(id);
  CHECK(rig.ask("GET", "/api/v1/backtest/runs/" + *id).status == 404);
  CHECK(rig.ask("DELETE", "/api/v1/backtest/runs/" + *id).status == 404);
  CHECK(rig.ask("GET", "/api/v1/backtest/runs").body.find(*id) == std::string::npos);
  CHECK(rig.desk->find(TenantId{"other"}, *id));
}
