// Trouble that comes while the daemon holds a position: the stop stays at the exchange, no entry leaves, `status` and
// `health` say why, and it goes on by itself when the trouble is over. Three processes: daemon, exchange, commands.
#include "tests/live/exchange_control.h"
#include "tests/support/small_disk.h"

#include <csignal>
#include <set>

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr std::size_t mega = 1024 * 1024;

const std::vector<std::string> market{"--synthetic", "7", "--start", "2024-01-01", "--deposit", "USD=5000"};

bool status_says(const LiveRig& rig, const std::string& part) {
  const Finished status = run_aitrade({"status", "--json", "--home", rig.home});
  return status.out.find(part) != std::string::npos;
}

int health_of(const LiveRig& rig) { return run_aitrade({"health", "--home", rig.home}).exit_code; }

bool is_flat(const LiveRig& rig) { return status_says(rig, "\"positions\":[]"); }

/// Waits for a position whose stop rests at the exchange.
void hold_position(const LiveRig& rig) {
  REQUIRE(comes_true([&] { return open_stops(rig) > 0 && !is_flat(rig); }));
}

/// From the trouble to its end: what must hold meanwhile, and that it heals without a restart. Where a person is
/// needed (`pause`) entries wait for him as well.
void suffer(const LiveRig& rig, const char* action, const char* begin, const char* end, const char* word,
            const char* pause = "") {
  INFO(action);
  hold_position(rig);
  act(rig, action, begin);
  CHECK(comes_true([&] { return status_says(rig, word); }, 20'000));
  INFO(run_aitrade({"status", "--home", rig.home}).out);
  const int entries = entries_at(rig);
  // Its stop stands, or it was on its way out when the trouble came.
  CHECK((open_stops(rig) > 0 || is_flat(rig) || status_says(rig, "LEAVING")));
  const Finished health = run_aitrade({"health", "--json", "--home", rig.home});
  CHECK(health.exit_code == 3);
  CHECK_THAT(health.out, Catch::Contains("venue"));
  pass_time(700);
  CHECK(entries_at(rig) == entries);
  act(rig, action, end);
  CHECK(comes_true([&] { return status_says(rig, "\"entries_held\":\"\""); }, 20'000));
  CHECK(comes_true([&] { return health_of(rig) == 0; }, 20'000));
  CHECK(status_says(rig, std::string(R"("pause_reason":")") + pause + "\""));
  if (*pause != 0) CHECK(run_aitrade({"resume", "--home", rig.home}).exit_code == 0);
  CHECK(status_says(rig, "\"paused\":false"));
}

std::set<std::string> known_ids(const LiveRig& rig) {
  std::set<std::string> out;
  Database db = rig.ledger();
  auto rows = db.prepare("SELECT client_order_id FROM orders");
  REQUIRE(rows.has_value());
  while (rows->step().value_or(false)) out.emplace(rows->text(0));
  return out;
}

void require_reconciled(const LiveRig& rig) {
  const Finished reconciled = rig.ask("reconcile");
  INFO(reconciled.out << reconciled.err);
  CHECK(reconciled.exit_code == 0);
  const Finished check = run_aitrade({"db", "check", "--home", rig.home});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
}

}  // namespace

TEST_CASE("daemon: a revoked key and a maintenance and a wrong clock while a position is held", "[live][daemon][faults]") {
  std::vector<std::string> with_fees = market;   // which the configuration does not know
  with_fees.insert(with_fees.end(), {"--maker-fee", "0.00005", "--taker-fee", "0.0001"});
  const LiveRig rig("120", with_fees);
  auto daemon = rig.start();
  const std::string log = read_file(daemon->out_path());
  CHECK_THAT(log, Catch::Contains("fees.differ"));
  CHECK_THAT(log, Catch::Contains("0.00005"));
  CHECK(comes_true([&] { return status_says(rig, "\"mode\":\"live\""); }));
  suffer(rig, "revoke_key", "{}", R"({"undo":true})", "refuses the key", "exchange_auth");
  suffer(rig, "system", R"({"state":"maintenance"})", "{}", "the venue is maintenance");
  suffer(rig, "skew", R"({"ms":900000})", R"({"ms":0})", "our clock is off", "clock_skew");
  CHECK(daemon->is_running());
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  INFO(read_file(daemon->out_path()));
  require_reconciled(rig);
  const Finished reconciled = rig.ask("reconcile", {"--format", "csv"});
  INFO(reconciled.out);
  CHECK_THAT(reconciled.out, Catch::Contains("0.00005 maker, 0.0001 taker"));
  CHECK_THAT(reconciled.out, Catch::Contains("agrees: the newest fill paid as"));
}

TEST_CASE("daemon: the disk is full while a stop is open", "[live][daemon][faults][disk]") {
  const LiveRig rig("120", market);
  const SmallDisk disk(rig.home, 60 * mega);
  if (!disk.is_there()) {
    WARN("skipped: mounting a small disk is not allowed here; tests/cmd has more of it with a failing VFS");
    return;
  }
  rig.make_administrator();
  auto daemon = rig.start();
  hold_position(rig);

  disk.fill();
  CHECK(comes_true([&] { return status_says(rig, "disk_full"); }, 30'000));   // the reserve is for exits; entries stop
  const int entries = entries_at(rig);
  const bool was_flat = is_flat(rig);
  disk.fill();
  const std::string text = wait_for_text(daemon->out_path(), "ledger cannot be written", 30'000);
  INFO(read_file(daemon->out_path()));
  CHECK_FALSE(text.empty());
  CHECK(entries_at(rig) == entries);
  CHECK((was_flat || open_stops(rig) > 0 || orders_at(rig, "closed", true) > 0));   // it stands, or it has fired
  const int sent = orders_at(rig, "");
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(60'000) == 73);
  CHECK_THAT(read_file(daemon->out_path()), Catch::Contains("No space left on device"));
  CHECK(orders_at(rig, "") == sent);

  disk.free();
  const auto ids = known_ids(rig);
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) {
    INFO(order.value["cl_ord_id"].GetString());
    CHECK(ids.contains(order.value["cl_ord_id"].GetString()));   // nothing left that was not journaled
  }
  daemon = rig.start();
  CHECK(comes_true([&] { return status_says(rig, "\"paused\":true"); }));   // until somebody has looked
  CHECK_FALSE(wait_for_text(daemon->out_path(), "agrees with the books", LiveRig::limit_ms).empty());
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  require_reconciled(rig);
}
