// Rows of operations.md 10.2 and trading-core.md Appendix A that only a whole live daemon can show: what the earlier
// system lost at a restart, booked as ghosts, or sold twice. Three processes: daemon, exchange, commands.
#include "tests/live/exchange_control.h"

#include <csignal>
#include <map>

#include "core/store/schema.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// At a time of its own: begun at the time of day, the wait for the first stop would hang on that.
const std::vector<std::string> market{"--synthetic", "7", "--start", "2024-01-01", "--deposit", "USD=5000"};

rapidjson::Document status_of(const LiveRig& rig) {
  const Finished result = run_aitrade({"status", "--json", "--home", rig.home});
  rapidjson::Document json;
  json.Parse(result.out.c_str());
  return json;
}

bool holds(const LiveRig& rig, const char* text) {
  return run_aitrade({"status", "--json", "--home", rig.home}).out.find(text) != std::string::npos;
}

/// Waits until the ledger has this many closed trades.
bool has_traded(const LiveRig& rig, std::uint64_t trades) {
  return comes_true([&] {
    const auto json = status_of(rig);
    return json.IsObject() && json.HasMember("trades_total") && json["trades_total"].GetUint64() >= trades;
  });
}

/// Replaces the rules of faults: POST /_sim/faults.
void plan(const LiveRig& rig, const std::string& rules) {
  HttpClient http;
  HttpRequest request;
  request.method = "POST";
  request.url = rig.rest + "/_sim/faults";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = rules;
  const HttpOutcome outcome = http.perform(request);
  INFO(outcome.reply.body);
  REQUIRE(outcome.is_reply());
  REQUIRE(outcome.reply.status == 200);
}

/// Average price of what the exchange executed of an order, as text of six decimals; empty when nothing was.
std::string executed_price(const LiveRig& rig, const std::string& client_id) {
  double cost = 0;
  double quantity = 0;
  const auto fills = rig.truth("fills");
  const auto orders = rig.truth("orders");
  for (const auto& fill : fills.GetObject()) {
    const auto order = orders.FindMember(fill.value["ordertxid"].GetString());
    if (order == orders.MemberEnd() || client_id != order->value["cl_ord_id"].GetString()) continue;
    cost += std::atof(fill.value["cost"].GetString());
    quantity += std::atof(fill.value["vol"].GetString());
  }
  return quantity > 0 ? std::to_string(cost / quantity) : "";
}

}  // namespace

TEST_CASE("daemon: positions and filled entries outlive ten reconciliations, and no trade is made up [X1] [X15]",
          "[live][daemon]") {
  const LiveRig rig("120", market);
  const auto daemon = rig.start();
  REQUIRE(has_traded(rig, 2));
  pass_time(3'000);   // six minutes of the exchange: twelve readings of the open orders, one of the balances
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait(30'000) == 143);

  // Whatever the ledger calls closed was sold at the exchange: quantity for quantity, never for nothing.
  CHECK(rig.count("SELECT count(*) FROM trades WHERE exit_price = '0' OR pnl = '0'") == 0);
  CHECK(rig.count("SELECT count(*) FROM orders WHERE role = 'entry' AND status = 'filled' AND filled = '0'") == 0);
  CHECK(rig.count("SELECT count(*) FROM incidents WHERE what LIKE '%exceeds%'") == 0);
  const Finished check = run_aitrade({"db", "check", "--home", rig.home});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("daemon: a stop that fires at the exchange ends its trade once, at the price of its fills [X14]", "[live][daemon]") {
  const LiveRig rig("120", market);
  const auto daemon = rig.start();
  const auto stopped = [&] { return orders_at(rig, "closed", true) > 0; };
  REQUIRE(comes_true(stopped));
  CHECK(comes_true([&] { return rig.count("SELECT count(*) FROM trades WHERE close_reason LIKE '%stop%'") > 0; }, 20'000));
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait(30'000) == 143);

  std::map<std::string, int> ids;
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) ++ids[order.value["cl_ord_id"].GetString()];
  for (const auto& [id, copies] : ids) {
    INFO(id);
    CHECK(copies == 1);   // an id is never used again
  }
  Database db = rig.ledger();
  auto rows = db.prepare("SELECT client_order_id, pair FROM orders WHERE role = 'protect' AND status = 'filled'");
  REQUIRE(rows.has_value());
  int seen = 0;
  while (rows->step().value_or(false)) {
    const std::string at = executed_price(rig, std::string(rows->text(0)));
    INFO(rows->text(0) << " " << rows->text(1));
    REQUIRE_FALSE(at.empty());
    ++seen;
    auto trade = db.prepare("SELECT count(*) FROM trades WHERE pair = ? AND abs(exit_price - ?) < 0.0001 * ?");
    REQUIRE(trade.has_value());
    REQUIRE(trade->bind_all(std::string(rows->text(1)), at, at).step().value_or(false));
    CHECK(trade->integer(0) == 1);
  }
  CHECK(seen > 0);
}

TEST_CASE("daemon: a restart keeps the pause, the day, the peak and the streak [X4]", "[live][daemon]") {
  const LiveRig rig("120", market);
  auto daemon = rig.start();
  REQUIRE(has_traded(rig, 1));
  REQUIRE(run_aitrade({"pause", "--home", rig.home}).exit_code == 0);
  CHECK(comes_true([&] { return holds(rig, "\"positions\":[]"); }));
  const auto before = status_of(rig);
  const std::int64_t streak = rig.count("SELECT loss_streak FROM risk_state");
  daemon->signal(SIGKILL);
  static_cast<void>(daemon->wait(30'000));

  daemon = rig.start();
  CHECK(comes_true([&] { return holds(rig, "\"paused\":true"); }));
  const auto after = status_of(rig);
  for (const char* key : {"pause_reason", "day_start_equity", "peak_equity"}) {
    INFO(key);
    CHECK(std::string(after[key].GetString()) == before[key].GetString());
  }
  CHECK(rig.count("SELECT loss_streak FROM risk_state") == streak);
  const int entries = entries_at(rig);
  pass_time(1'500);   // three minutes of the exchange
  CHECK(entries_at(rig) == entries);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
}

TEST_CASE("daemon: close-all leaves every pair, also one whose prices have stopped [X6]", "[live][daemon]") {
  const LiveRig rig("120", market);
  const auto daemon = rig.start();
  REQUIRE(comes_true([&] { return open_stops(rig) > 0 && !holds(rig, "\"positions\":[]"); }));
  plan(rig, R"({"rules":[{"match":{"transport":"frame","endpoint":"book"},"action":"drop","repeat":-1},)"
            R"({"match":{"transport":"frame","endpoint":"ohlc"},"action":"drop","repeat":-1},)"
            R"({"match":{"transport":"frame","endpoint":"trade"},"action":"drop","repeat":-1}]})");
  pass_time(500);   // a minute of the exchange without a price
  const Finished closed = run_aitrade({"close-all", "--yes", "--json", "--home", rig.home});
  INFO(closed.out << closed.err);
  CHECK(closed.exit_code == 0);
  CHECK(holds(rig, "\"positions\":[]"));
  CHECK(open_stops(rig) == 0);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  const Finished check = run_aitrade({"db", "check", "--home", rig.home});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("daemon: a balance that nothing explains stops entries until it is adopted, while it runs", "[live][daemon]") {
  const LiveRig rig("120", market);
  auto daemon = rig.start();
  const char* has_begun = "SELECT count(*) FROM balance_moves WHERE kind = 'baseline' AND asset = 'USD'";
  REQUIRE(comes_true([&] { return rig.count(has_begun) == 1; }));
  CHECK(rig.ask("reconcile", {"--adopt", "USD"}).exit_code == 4);   // there is nothing to adopt
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait(30'000) == 143);
  {   // ten dollars that the books know nothing of
    auto ledger = open_writer(std::filesystem::path(rig.home) / "data" / "trading.db", Profile::ledger, Time{});
    REQUIRE(ledger.has_value());
    REQUIRE(ledger->execute("UPDATE balance_moves SET amount = amount - 10 WHERE kind = 'baseline' AND asset = 'USD'"));
  }
  daemon = rig.start();
  Finished adopted;
  CHECK(comes_true([&] {
    adopted = rig.ask("reconcile", {"--adopt", "USD", "--json"});
    return adopted.exit_code == 0;
  }));
  INFO(adopted.out << adopted.err << read_file(daemon->out_path()));
  const char* is_booked = "SELECT count(*) FROM balance_moves WHERE kind = 'adopted' AND asset = 'USD' AND "
                          "abs(amount - 10) < 0.000001 AND reference LIKE '%local:%'";
  CHECK(comes_true([&] { return rig.count(is_booked) == 1; }));
  CHECK(rig.ask("reconcile", {"--adopt", "USD"}).exit_code == 4);   // once
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  const Finished after = rig.ask("reconcile");
  INFO(after.out << after.err);
  CHECK(after.exit_code == 0);
}
