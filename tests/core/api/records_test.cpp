// Lists of the books, downloads, the chart and what the table says of itself, against a ledger with rows.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "core/api/api.h"
#include "core/api/idempotency.h"
#include "core/store/schema.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

const Time noon = Time::from_seconds(1'643'112'000);

struct Rig {
  std::filesystem::path folder;
  ViewBoard views;
  std::vector<OperatorCommand> commands;
  ReplyMemory replies;
  ApiContext context{views, {}, [] { return noon; }, {}, "0.1.0", "abc"};

  explicit Rig(int trades = 25) {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-records-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    fill_ledger(trades);
    fill_telemetry();
    context.access.reads_open = true;
    context.replies = &replies;
    context.store = [this] { return StorePlace{folder / "trading.db", folder / "telemetry.db"}; };
    context.submit = [this](const OperatorCommand& command) {
      commands.push_back(command);
      return ok();
    };
    EngineView view = test::sample_view(noon);
    auto candles = std::make_shared<std::vector<Candle>>();
    for (int i = 0; i < 500; ++i) {
      const Price price = Price::parse_or_die(std::to_string(36'000 + i % 50));
      candles->push_back({noon - minutes{500 - i}, minutes{1}, price, price, price, price, 1.5});
    }
    auto series = std::make_shared<CandleSeries>();
    series->blocks.push_back(std::move(candles));
    view.candles.assign(view.pairs.size(), series);
    view.strategies.push_back({"keltner", 0.6, 1.1, 10, 6, 4, Money::parse_or_die("12.5"), Money::parse_or_die("20"),
                               Money::parse_or_die("-7.5"), 0.2});
    view.gauges.push_back({"daily_loss", 0, 300, "money"});
    views.publish(std::make_shared<const EngineView>(std::move(view)));
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() { std::filesystem::remove_all(folder); }

  void fill_ledger(int count) const {
    auto ledger = open_writer(folder / "trading.db", Profile::ledger, noon);
    REQUIRE(ledger);
    for (const char* tenant : {"default", "other"}) {
      auto add = ledger->prepare("INSERT OR IGNORE INTO tenants VALUES(?,?,'active','free',0,0)");
      REQUIRE(add);
      REQUIRE(add->bind_all(tenant, tenant).run());
    }
    auto begun = Transaction::begin(*ledger);
    REQUIRE(begun);
    auto add = ledger->prepare(
        "INSERT INTO trades(trade_id, tenant_id, account_id, exchange, mode, pair, direction, quantity, entry_price, "
        "exit_price, strategy, pnl, fees, slippage, bars, close_reason, entry_ns, exit_ns, run_id, event_seq) "
        "VALUES(?,?,'main','kraken','paper',?,'long','0.5','100','101',?,?,'0.1','0',3,'target',?,?,'run',1)");
    REQUIRE(add);
    for (int i = 0; i < count; ++i) {
      REQUIRE(add->bind_all("t" + std::to_string(i), i % 5 == 4 ? "other" : "default", i % 2 == 0 ? "BTC/USD"
          : "ETH/USD",
                            i == 0 ? "=HYPERLINK(1)" : "keltner", i % 3 == 0 ? "-12.50" : "3.25",
                            noon - minutes{2 * (count - i)}, noon - minutes{2 * (count - i) - 1})
                  .run());
    }
    REQUIRE(begun->commit());
  }

  void fill_telemetry() const {
    auto telemetry = open_writer(folder / "telemetry.db", Profile::telemetry, noon);
    REQUIRE(telemetry);
    auto add = telemetry->prepare("INSERT INTO thought_log(tenant_id, ts_ns, category, message, severity, metadata) "
                                  "VALUES('default',?,?,?,?,?)");
    REQUIRE(add);
    REQUIRE(add->bind_all(noon, "decision", "BTC/USD long: entered", "info",
        R"({"pair":"BTC/USD","votes":[{"strategy":"trend"}]})").run());
    REQUIRE(add->bind_all(noon, "decision", "ETH/USD neutral: no_votes", "debug",
        R"({"pair":"ETH/USD","votes":[]})").run());
    REQUIRE(add->bind_all(noon, "decision", "ETH/USD long: no_edge", "debug",
        R"({"pair":"ETH/USD","votes":[{"strategy":"trend"}]})").run());
    REQUIRE(add->bind_all(noon, "notice", "<img src=x onerror=alert(1)>", "warning", "{}").run());
    auto equity = telemetry->prepare("INSERT INTO equity_snapshots(account_id, exchange, ts_ns, equity, cash, peak, "
                                     "drawdown) VALUES('main','kraken',?,?,'1','1',0)");
    REQUIRE(equity);
    for (int i = 0; i < 1000; ++i) REQUIRE(equity->bind_all(noon - minutes{1000 - i},
        std::to_string(10'000 + i)).run());
  }

  Response ask(const std::string& method, const std::string& target, const std::string& body = "",
      const std::string& once = "") {
    Request r;
    r.method = method;
    const auto question = target.find('?');
    r.path = target.substr(0, question);
    if (question != std::string::npos) r.query = target.substr(question + 1);
    r.is_local = method != "GET";
    r.peer_uid = 1000;
    r.body = body;
    if (!body.empty()) r.headers.push_back({"Content-Type", "application/json"});
    if (!once.empty()) r.headers.push_back({"Idempotency-Key", once});
    return handle(r, context);
  }

  rapidjson::Document json(const std::string& target) {
    const Response reply = ask("GET", target);
    INFO(target << " " << reply.body.substr(0, 300));
    REQUIRE(reply.status == 200);
    rapidjson::Document document;
    document.Parse(reply.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }

  std::string text_of_stream(const std::string& target) {
    const Response reply = ask("GET", target);
    REQUIRE(reply.status == 200);
    REQUIRE(reply.stream);
    std::string all;
    bool more = true;
    while (more) more = reply.stream(all);
    return all;
  }
};

}  // namespace

TEST_CASE("records: trades come newest first by keyset pages, each once, of this tenant only", "[api][records]") {
  Rig rig;
  std::vector<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const Response reply = rig.ask("GET", "/api/v1/trades?limit=7" + (cursor.empty() ? "" : "&before_id=" + cursor));
    REQUIRE(reply.status == 200);
    rapidjson::Document json;
    json.Parse(reply.body.c_str());
    for (const auto& trade : json.GetArray()) seen.emplace_back(trade["trade_id"].GetString());
    cursor = header_value(reply.headers, "X-Next-Cursor");
    ++pages;
  } while (!cursor.empty() && pages < 10);
  CHECK(seen.size() == 20);   // every fifth is another tenant's
  CHECK(seen.front() == "t23");
  CHECK(seen.back() == "t0");
  CHECK(pages == 3);
}

TEST_CASE("records: a trade with the decision it began with, its orders and its fills, and nothing of others", "[api][records]") {
  Rig rig;
  auto ledger = open_writer(rig.folder / "trading.db", Profile::ledger, noon);
  REQUIRE(ledger);
  REQUIRE(ledger->execute("PRAGMA foreign_keys=OFF"));
  const Time entry = noon - minutes{44}, exit = noon - minutes{43};   // of t3, ETH/USD
  int number = 0;
  const auto order = [&](const char* role, const char* pair, Time created, const char* tenant = "default", const char* account = "main") {
    auto add = ledger->prepare("INSERT INTO orders(id, intent_id, client_order_id, tenant_id, account_id, exchange, epoch, "
                               "sequence, role, attempt, pair, side, type, tif, quantity, reduce_only, post_only, status, "
                               "is_open, run_id, created_ns, updated_ns) VALUES(?1,1,?2,?3,?4,'kraken',1,?1,?5,0,?6,'buy',"
                               "'market','gtc','0.5',0,0,'filled',0,'run',?7,?7)");
    REQUIRE(add);
    ++number;
    REQUIRE(add->bind_all(number, "order-" + std::to_string(number), tenant, account, role, pair, created).run());
    return number;
  };
  const auto fill = [&](int of, const char* pair, Time at, const char* tenant = "default", const char* account = "main") {
    auto add = ledger->prepare("INSERT INTO fills(tenant_id, order_id, account_id, exchange, exchange_fill_id, pair, side, "
                               "price, quantity, fee, fee_asset, liquidity, filled_ns) VALUES(?1,?2,?3,'kraken',?4,?5,'buy',"
                               "'100','0.5','0.05','USD','taker',?6)");
    REQUIRE(add);
    REQUIRE(add->bind_all(tenant, of, account, "fill-" + std::to_string(of), pair, at).run());
  };
  const auto decide = [&](const char* pair, Time at, double confidence) {
    auto add = ledger->prepare("INSERT INTO decisions(tenant_id, account_id, exchange, pair, candle_close_ns, direction, "
                               "confidence, probability, expected_r, strategy, entry, stop, target, quantity, votes, reason, "
                               "run_id, event_seq) VALUES('default','main','kraken',?,?,'long',?,0.5,0.2,'keltner','100','99',"
                               "'102','0.5','[{\"strategy\":\"keltner\"}]','entered','run',1)");
    REQUIRE(add);
    REQUIRE(add->bind_all(pair, at, confidence).run());
  };
  decide("ETH/USD", entry - minutes{30}, 0.11);   // of an earlier trade
  decide("ETH/USD", entry - seconds{2}, 0.77);
  decide("BTC/USD", entry - seconds{1}, 0.22);
  fill(order("exit", "ETH/USD", entry - minutes{5}), "ETH/USD", entry);          // the trade before ended as this one began
  fill(order("entry", "ETH/USD", entry - seconds{2}), "ETH/USD", entry);         // 2
  order("protect", "ETH/USD", entry);                                            // 3
  fill(order("take_profit", "ETH/USD", entry), "ETH/USD", exit);                 // 4
  fill(order("entry", "ETH/USD", exit), "ETH/USD", exit);                        // the next one begins
  fill(order("entry", "BTC/USD", entry), "BTC/USD", entry);
  fill(order("entry", "ETH/USD", entry, "other"), "ETH/USD", entry + seconds{9}, "other");
  fill(order("exit", "ETH/USD", entry, "default", "second"), "ETH/USD", entry + seconds{9}, "default", "second");

  const auto trade = rig.json("/api/v1/trades/t3");
  CHECK(std::string(trade["pair"].GetString()) == "ETH/USD");
  CHECK(trade["decision"]["confidence"].GetDouble() == 0.77);
  CHECK(std::string(trade["decision"]["votes"][0]["strategy"].GetString()) == "keltner");
  const auto ids = [](const rapidjson::Value& list) {
    std::string all;
    for (const auto& one : list.GetArray()) all += std::string(one["client_order_id"].GetString()) + " ";
    return all;
  };
  CHECK(ids(trade["orders"]) == "order-2 order-3 order-4 ");
  CHECK(ids(trade["fills"]) == "order-2 order-4 ");
  const auto bare = rig.json("/api/v1/trades/t0");   // of a ledger that lost the rest
  CHECK(bare["decision"].IsNull());
  CHECK(bare["orders"].Size() == 0);
}

TEST_CASE("records: filters of trades", "[api][records][N53][N54]") {
  Rig rig;
  CHECK(rig.json("/api/v1/trades?pair=BTC%2FUSD").Size() == 10);
  CHECK(rig.json("/api/v1/trades?pair=BTC-USD&strategy=keltner").Size() == 9);
  CHECK(rig.json("/api/v1/trades?pair=SOL/USD").Size() == 0);
  CHECK(rig.json("/api/v1/trades?from=2022-01-25T11:40:00Z").Size() == 8);
  CHECK(rig.json("/api/v1/trades?to=2022-01-25T11:40:00Z").Size() == 12);
  CHECK(std::string(rig.json("/api/v1/trades/t3")["pnl"].GetString()) == "-12.50");
  CHECK(rig.ask("GET", "/api/v1/trades/t4").status == 404);   // another tenant's
  CHECK(rig.ask("GET", "/api/v1/trades/nothing").status == 404);
  for (const char* query : {"pair=';DROP TABLE fills;--", "pair=btc", "from=yesterday", "from=1800-01-01", "sort=pnl",
                            "strategy=%25", "pair=BTC/USD&pair=BTC/USD", "before_id=0", "pair=%zz", "strategy=a%00"}) {
    INFO(query);
    CHECK(rig.ask("GET", std::string("/api/v1/trades?") + query).status == 400);
  }
}

TEST_CASE("records: a download holds the rows of the tenant, numbers bare, formulas harmless (HARD7, N59, N60)",
    "[api][records][HARD7][N59][N60]") {
  Rig rig(3000);
  const std::string csv = rig.text_of_stream("/api/v1/export/trades.csv?limit=100000");
  CHECK(csv.starts_with("id,pair,side,status,entry_time,exit_time,entry_price,exit_price,quantity,size_usd,pnl,pnl_pct,"
                        "stop_loss,take_profit,confidence,strategy,reason,exchange,metadata,trade_id,account_id,fees,"
                        "slippage,duration_s"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 2400);
  CHECK(csv.find(",-12.50,") != std::string::npos);
  CHECK(csv.find("\"'=HYPERLINK(1)\"") != std::string::npos);
  CHECK(std::count_if(csv.begin(), csv.end(), [](char c) { return c == '\n'; }) == 2401);
  CHECK(rig.text_of_stream("/api/v1/export/trades.csv?limit=10").find("t12") == std::string::npos);
  const std::string one = rig.text_of_stream("/api/v1/export/trades.csv?limit=100000&pair=ETH/USD");
  CHECK(one.find("BTC/USD") == std::string::npos);
  CHECK(rig.text_of_stream("/api/v1/export/equity.csv?limit=10").starts_with("id,time,equity"));
  const Response reply = rig.ask("GET", "/api/v1/export/trades.csv");
  CHECK(reply.content_type == "text/csv; charset=utf-8");
  CHECK(header_value(reply.headers, "Content-Disposition") == "attachment; filename=\"trades.csv\"");
}

TEST_CASE("records: a slice of a download is small however many rows there are", "[api][records]") {
  Rig rig(3000);
  const Response reply = rig.ask("GET", "/api/v1/export/trades.csv?limit=100000");
  std::size_t largest = 0;
  bool more = true;
  while (more) {
    std::string piece;
    more = reply.stream(piece);
    largest = std::max(largest, piece.size());
  }
  CHECK(largest < 200'000);
}

TEST_CASE("records: decisions that somebody voted for, with their why", "[api][records]") {
  Rig rig;
  const auto all = rig.json("/api/v1/decisions");
  REQUIRE(all.Size() == 2);
  CHECK(std::string(all[0]["why"]["pair"].GetString()) == "ETH/USD");
  CHECK(all[0]["entered"].IsFalse());
  CHECK(all[1]["entered"].IsTrue());
  CHECK(rig.json("/api/v1/decisions?pair=BTC/USD").Size() == 1);
  CHECK(rig.json("/api/v1/thoughts").Size() == 4);
  const auto notices = rig.json("/api/v1/thoughts?category=notice");
  REQUIRE(notices.Size() == 1);
  CHECK(std::string(notices[0]["message"].GetString()) == "<img src=x onerror=alert(1)>");
  CHECK(rig.ask("GET", "/api/v1/thoughts?category=secrets").status == 400);
}

TEST_CASE("records: the curve is thinned to what was asked for and keeps its end", "[api][records]") {
  Rig rig;
  const auto curve = rig.json("/api/v1/equity?limit=100");
  CHECK(curve.Size() >= 95);
  CHECK(curve.Size() <= 105);
  CHECK(std::string(curve[curve.Size() - 1]["equity"].GetString()) == "10999");
  CHECK(rig.json("/api/v1/equity?limit=1000&from=2022-01-25T11:30:00Z").Size() == 30);
}

TEST_CASE("records: orders and fills are lists too, empty ones as well", "[api][records]") {
  Rig rig;
  CHECK(rig.json("/api/v1/orders").Size() == 0);
  CHECK(rig.json("/api/v1/fills").Size() == 0);
  rig.context.store = [] { return std::optional<StorePlace>(); };
  CHECK(rig.ask("GET", "/api/v1/orders").status == 503);
  rig.context.store = [] { return StorePlace{"/nonexistent/trading.db", "/nonexistent/telemetry.db"}; };
  const Response reply = rig.ask("GET", "/api/v1/orders");
  CHECK(reply.status == 503);
  CHECK(reply.error_message.find("nonexistent") == std::string::npos);
}

TEST_CASE("chart: candles are gathered, indicators stand beside them, trades are marked", "[api][records]") {
  Rig rig;
  const auto chart = rig.json("/api/v1/chart?pair=BTC/USD&timeframe=5m&limit=60&indicators=ema:20,bollinger:20:2");
  REQUIRE(chart["candles"].Size() == 60);
  CHECK(chart["candles"][59]["time"].GetInt64() == noon.seconds_floor() - 300);
  CHECK(chart["candles"][0]["open"].IsString());
  CHECK(chart["candles"][0]["volume"].GetDouble() == 7.5);
  CHECK(chart["indicators"].MemberCount() >= 4);
  CHECK(chart["indicators"]["ema_20"].Size() == 60);
  CHECK(chart["indicators"]["ema_20"][0].IsNumber());
  CHECK(chart["markers"].Size() == 20);   // entry and exit of ten trades
  CHECK(chart["levels"].Size() == 1);
  CHECK(std::string(chart["levels"][0]["stop"].GetString()) == "36120.1");
  CHECK(rig.json("/api/v1/chart")["candles"].Size() == 320);
  CHECK(rig.ask("GET", "/api/v1/chart?pair=DOGE/USD").status == 404);
  CHECK(rig.ask("GET", "/api/v1/chart?timeframe=7m").status == 400);
  CHECK(rig.ask("GET", "/api/v1/chart?indicators=nonsense:1").status == 400);
  CHECK(rig.ask("GET", "/api/v1/chart?limit=59").status == 400);
}

TEST_CASE("view: risk, strategies, execution and performance as documents (X12)", "[api][records][X12]") {
  Rig rig;
  const auto risk = rig.json("/api/v1/risk");
  CHECK(risk["gauges"][0]["limit"].GetDouble() == 300);
  CHECK(risk["gauges"][0]["used"].GetDouble() == 0);
  const auto strategies = rig.json("/api/v1/strategies");
  CHECK(strategies[0]["win_rate"].GetDouble() == 0.6);
  const auto sums = rig.json("/api/v1/performance");
  CHECK(std::string(sums["total_pnl"].GetString()) == "-45.25");
  CHECK(sums["profit_factor"].GetDouble() == Approx(42.25 / 87.5));
  CHECK(rig.json("/api/v1/execution")["acknowledge_ms_p50"].IsNull());
}

TEST_CASE("documents: OpenAPI has every route with its scope, and metrics are text", "[api][records]") {
  Rig rig;
  const auto document = rig.json("/api/v1/openapi.json");
  for (const RouteInfo& route : routes()) {
    INFO(route.method << " " << route.path);
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const auto path = document["paths"].FindMember(std::string(route.path).c_str());
    REQUIRE(path != document["paths"].MemberEnd());
    REQUIRE(path->value.HasMember(method.c_str()));
    CHECK(path->value[method.c_str()]["x-scope"].GetString() == std::string(to_string(route.access)));
  }
  const Response metrics = rig.ask("GET", "/api/v1/metrics");
  CHECK(metrics.content_type.starts_with("text/plain"));
  CHECK(metrics.body.find("\naitrade_trades_total 131\n") != std::string::npos);
  CHECK(metrics.body.find("# TYPE aitrade_equity gauge") != std::string::npos);
}

TEST_CASE("control: one position is closed by its pair", "[api][records]") {
  Rig rig;
  CHECK(rig.ask("POST", "/api/v1/control/close/SOL-USD").status == 404);   // traded, nothing open
  CHECK(rig.ask("POST", "/api/v1/control/close/DOGE-USD").status == 404);
  CHECK(rig.ask("POST", "/api/v1/control/close/%3C").status == 400);
  CHECK(rig.commands.empty());
  CHECK(rig.ask("POST", "/api/v1/control/close/ETH-USD", R"({"reason":"enough"})").status == 200);
  REQUIRE(rig.commands.size() == 1);
  CHECK(rig.commands[0].action == OperatorAction::close_position);
  CHECK(number(rig.commands[0].instrument) == 1);
  CHECK(rig.commands[0].reason == "enough");
}

TEST_CASE("control: the same Idempotency-Key acts once, with another body it is a conflict (N98)",
    "[api][records][N98]") {
  Rig rig;
  const std::string body = R"({"confirm":"CLOSE ALL"})", once = "8b0c7d9e-0000-4000-8000-000000000001";
  const Response first = rig.ask("POST", "/api/v1/control/close_all", body, once);
  for (int i = 0; i < 50; ++i) CHECK(rig.ask("POST", "/api/v1/control/close_all", body, once).body == first.body);
  CHECK(rig.commands.size() == 1);
  CHECK(rig.ask("POST", "/api/v1/control/close_all", R"({"confirm":"CLOSE ALL","reason":"x"})", once).status == 409);
  CHECK(rig.ask("POST", "/api/v1/control/pause", "", once).status == 200);   // another route
  CHECK(rig.ask("POST", "/api/v1/control/pause", "", "short").status == 400);
  CHECK(rig.commands.size() == 2);
}
