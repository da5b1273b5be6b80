// What `aitrade run --live` says, and with which exit code, when the exchange cannot be traded at: a process against a
// process. Nothing of these may begin a run, and none may send an order.
#include "tests/core/net/tls_server.h"
#include "tests/live/exchange_control.h"
#include "tests/support/small_disk.h"

#include <algorithm>
#include <memory>

using namespace aitrade;
using namespace aitrade::test;

namespace {

const std::vector<std::string> market{"--synthetic", "7", "--start", "2024-01-01", "--deposit", "USD=5000"};

void require_refused(const LiveRig& rig, int exit_code, const std::string& word,
                     const std::vector<std::string>& more = {}) {
  std::vector<std::string> with{"--live"};
  with.insert(with.end(), more.begin(), more.end());
  const Finished run = rig.ask("run", with);
  INFO(run.err);
  CHECK(run.exit_code == exit_code);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, Catch::Contains(word));
  CHECK(orders_at(rig, "") == 0);
}

/// Settings of an exchange elsewhere; `rest` begins with https.
std::vector<std::string> at(const std::string& rest) {
  return {"--set", "exchange.kraken.rest_url=\"" + rest + "\"",
          "--set", "exchange.kraken.ws_url=\"wss" + rest.substr(5) + "\""};
}

/// `aitrade vault WORDS` on the vault of the rig.
void vault(const LiveRig& rig, const std::string& words) {
  const std::string where = " --home home --set 'vault.path=\"" + (rig.folder / "secrets/vault") +
                            "\"' --set 'vault.passphrase_file=\"" + (rig.folder / "pass") + "\"' ";
  const std::size_t end = std::min(words.find('<'), words.size());
  const std::string line = "aitrade vault " + words.substr(0, end) + where + words.substr(end);
  const Finished done = run_shell(line, rig.folder.path());
  INFO(words << ": " << done.err);
  REQUIRE(done.exit_code == 0);
}

}  // namespace

TEST_CASE("daemon: a key that may not trade, or too much, is refused with 77", "[live][daemon][faults]") {
  const LiveRig rig("60", market);
  act(rig, "permissions", R"({"list":["query-funds","query-open-trades","query-closed-trades","query-ledger",)"
                          R"("modify-trades","close-trades","create-ws-token","withdraw-funds"]})");
  require_refused(rig, 77, "withdraw");
  act(rig, "permissions", R"({"list":["query-funds"]})");
  require_refused(rig, 77, "modify-trades");
  act(rig, "revoke_key");
  require_refused(rig, 77, "Invalid key");
}

TEST_CASE("daemon: a wrong secret is refused with 77", "[live][daemon][faults]") {
  const LiveRig rig("60", market);
  rig.folder.write("secret", std::string(86, 'A') + "==");
  vault(rig, "set KRAKEN_API_SECRET < secret");
  require_refused(rig, 77, "Invalid signature");
}

TEST_CASE("daemon: a vault without the key is 78, and says what to do", "[live][daemon][faults]") {
  const LiveRig rig("60", market);
  vault(rig, "rm KRAKEN_API_KEY --yes");
  require_refused(rig, 78, "the vault has no KRAKEN_API_KEY");
  require_refused(rig, 78, "aitrade vault set");
}

TEST_CASE("daemon: two accounts with one key are refused with 78 [operations X16]", "[live][daemon][faults]") {
  const LiveRig rig("60", market);
  vault(rig, "set SWING_KRAKEN_API_KEY < key");
  vault(rig, "set SWING_KRAKEN_API_SECRET < secret");
  const std::vector<std::string> both{"--set", R"(app.trading_accounts=["default:kraken", "swing:kraken"])"};
  require_refused(rig, 78, "share one API key", both);
}

TEST_CASE("daemon: doctor asks the exchange for every account, and says of whose key it speaks", "[live][daemon][doctor]") {
  const LiveRig rig("60", market);
  rig.folder.write("other", "another-key-that-nobody-made");
  vault(rig, "set SWING_KRAKEN_API_KEY < other");
  vault(rig, "set SWING_KRAKEN_API_SECRET < secret");
  const std::string both = rig.folder.write(
      "accounts.toml", "[[accounts]]\nid = \"default\"\nbankroll = 1000\n[[accounts]]\nid = \"swing\"\nbankroll = 1000\n");
  const Finished done = rig.ask("doctor", {"--live", "--config", both});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 3);
  CHECK_THAT(done.out, Catch::Contains("key of 2 account(s)"));
  CHECK_THAT(done.out, Catch::Contains("account default: answers"));
  CHECK_THAT(done.out, Catch::Contains("account swing: ") && Catch::Contains("Invalid key"));
  const Finished alone = rig.ask("doctor", {"--live"});   // of one nobody is named
  INFO(alone.out << alone.err);
  CHECK(alone.exit_code == 0);
  CHECK_THAT(alone.out, !Catch::Contains("account default"));
}

TEST_CASE("daemon: an exchange in maintenance is 69, a clock off by minutes 78", "[live][daemon][faults]") {
  const LiveRig rig("10", market);
  act(rig, "system", R"({"state":"maintenance"})");
  require_refused(rig, 69, "in maintenance");
  act(rig, "system");
  act(rig, "skew", R"({"ms":180000})");
  require_refused(rig, 78, "our clock is 1");
  act(rig, "skew", R"({"ms":-180000})");
  require_refused(rig, 78, "ahead of the exchange's");
}

TEST_CASE("daemon: no name, nobody there and no TLS are 69", "[live][daemon][faults]") {
  const LiveRig rig("60", market);
  // A label of more than 63 characters fails inside the resolver: nobody is asked.
  std::vector<std::string> elsewhere = at("https://" + std::string(70, 'a') + ".invalid");
  require_refused(rig, 78, "drawdown does not pause", elsewhere);   // no exchange of this machine: real money wants its guards
  for (const char* guard : {"stale_data", "ws_disconnect", "consecutive_losses", "drawdown"}) {
    elsewhere.insert(elsewhere.end(), {"--set", std::string("monitoring.auto_pause_on_") + guard + "=true"});
  }
  require_refused(rig, 69, "resolve", elsewhere);
  require_refused(rig, 69, "connect", at("https://localhost:1"));
  require_refused(rig, 69, "SSL", at("https" + rig.rest.substr(4)));   // it speaks, but not TLS
}

TEST_CASE("daemon: a certificate that is not right is 69, and no request is made", "[live][daemon][faults][tls]") {
  const LiveRig rig("60", market);
  const std::string file = rig.folder.write("authorities.pem", "");
  { const CoveredFile first("/etc/ssl/certs/ca-certificates.crt", file); }   // mounts of one's own, before any thread

  struct Case {
    TlsIdentity identity;
    bool is_trusted;
    const char* word;
  };

  for (const Case& c : {Case{{}, false, "self-signed"}, Case{{"elsewhere.example", -3600, 3600}, true, "subject name"},
                        Case{{"localhost", -7200, -3600}, true, "expired"},
                        Case{{"localhost", 3600, 7200}, true, "not yet valid"}}) {
    INFO(c.word);
    const TlsServer server(c.identity, file);
    std::unique_ptr<CoveredFile> covered;
    if (c.is_trusted) covered = std::make_unique<CoveredFile>("/etc/ssl/certs/ca-certificates.crt", file);
    if (covered && !covered->is_there()) {
      WARN("skipped: mounting is not allowed here; core/net tests give the client its authorities");
      continue;
    }
    require_refused(rig, 69, c.word, at("https://localhost:" + std::to_string(server.port())));
    CHECK(server.requests() == 0);
  }
}
