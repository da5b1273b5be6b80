// Every JSON document that a command prints is what `aitrade schema` says, and the schemas are all used.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <csignal>
#include <set>
#include <string>
#include <vector>

#include "tests/support/daemon_rig.h"
#include "tests/support/live_rig.h"
#include "tests/support/home.h"

using namespace aitrade::test;

namespace {

using rapidjson::Document;

/// Checks documents against the schemas that the binary prints, and remembers which it has seen.
class Schemas {
 public:
  void check(const std::string& text) {
    Document json;
    INFO(text.substr(0, 2000));
    REQUIRE_FALSE(json.Parse(text.c_str()).HasParseError());
    REQUIRE(json.IsObject());
    const std::string id = json.HasMember("error") ? "aitrade.error/1" : json["schema"].GetString();
    CAPTURE(id);
    const Finished printed = run_aitrade({"schema", id});
    REQUIRE(printed.exit_code == 0);
    Document schema_json;
    REQUIRE_FALSE(schema_json.Parse(printed.out.c_str()).HasParseError());
    // The validator knows draft 4, where "$id" means nothing: what is used here is the same in both.
    const rapidjson::SchemaDocument schema(schema_json);
    rapidjson::SchemaValidator validator(schema);
    const bool fits = json.Accept(validator);
    if (!fits) {
      rapidjson::StringBuffer where;
      validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
      FAIL_CHECK("at " << where.GetString() << ": " << validator.GetInvalidSchemaKeyword());
    }
    seen.insert(id.substr(8, id.size() - 10));   // of aitrade.NAME/1
  }

  void check_ran(const Finished& finished, int exit_code = 0) {
    INFO(finished.err);
    REQUIRE(finished.exit_code == exit_code);
    check(finished.out);
  }

  std::set<std::string> seen;
};

/// The names that `aitrade schema` lists.
std::set<std::string> listed() {
  const Finished list = run_aitrade({"schema", "--json"});
  Document json;
  json.Parse(list.out.c_str());
  REQUIRE(json.IsObject());
  std::set<std::string> names;
  for (const auto& row : json["rows"].GetArray()) names.insert(row["name"].GetString());
  return names;
}

void check_research(Schemas& schemas) {
  const Home home;
  const std::string file = home.candles();
  schemas.check_ran(home.run({"version", "--json"}));
  schemas.check_ran(home.run({"schema", "--json"}));
  schemas.check_ran(home.run({"init", "--json"}));
  schemas.check_ran(home.run({"config", "show", "--json"}));
  schemas.check_ran(home.run({"config", "show", "--origin", "--json"}));
  schemas.check_ran(home.run({"config", "check", "--json"}));
  const Finished key = home.run({"key", "create", "--label", "test", "--json"});
  schemas.check_ran(key);
  Document made;
  made.Parse(key.out.c_str());
  schemas.check_ran(home.run({"key", "list", "--json"}));
  schemas.check_ran(home.run({"key", "revoke", made["id"].GetString(), "--json"}));
  schemas.check_ran(home.run({"passwd", "--from-file", home.folder.write("password", "seven green bottles\n"), "--json"}));
  schemas.check_ran(home.run({"config", "check", "--set", "trading.nonsense=1", "--json"}), 78);
  schemas.check_ran(home.run({"import", file, "--pair", "BTC/USD", "--explain", "--json"}));
  schemas.check_ran(home.run({"import", file, "--pair", "BTC/USD", "--json"}));
  schemas.check_ran(home.run({"data", "ls", "--json"}));
  schemas.check_ran(home.run({"data", "check", "--json"}));
  schemas.check_ran(home.run({"data", "cat", "BTC/USD", "--json"}));
  schemas.check_ran(home.run({"export", "candles", "BTC/USD", "--tf", "5m", "--json"}));
  schemas.check_ran(home.run({"indicators", file, "rsi:14", "ema:20", "--json"}));
  const Finished result = home.run({"backtest", "BTC/USD", "--timeframes", "1m", "--trades", "--equity",
                                    "--sensitivity", "--json"});
  schemas.check_ran(result);
  const Finished why_not = home.run({"backtest", "BTC/USD", "--timeframes", "1m,5m", "--why-not", "--json"});
  schemas.check_ran(why_not);
  CHECK(why_not.out.find("\"level\":\"strategy\"") != std::string::npos);
  const std::string kept = home.folder.write("result.json", result.out);
  schemas.check_ran(home.run({"report", kept, "--json"}));
  schemas.check_ran(home.run({"report", "--compare", kept, kept, "--json"}));
  schemas.check_ran(home.run({"tune", "keltner", "--data", "BTC/USD", "--method", "grid", "--params",
                              "ema_period=10:20:5", "--json"}), 3);
  const Finished shard = home.run({"tune", "keltner", "--data", "BTC/USD", "--method", "grid", "--params",
                                   "ema_period=10:20:5", "--shard", "1/2", "--json"});
  schemas.check_ran(shard);
  Document part;
  part.Parse(shard.out.c_str());
  schemas.check_ran(home.run({"tune", "merge", part["ledger"].GetString(), "--out", home.folder / "merged", "--json"}));
  const Finished held = home.run({"tune", "keltner", "--data", "BTC/USD", "--method", "grid", "--params",
                                  "ema_period=10:20:5", "--min-trades", "0", "--objective", "net", "--json"});
  schemas.check_ran(held, 3);
  Document ledger;
  ledger.Parse(held.out.c_str());
  schemas.check_ran(home.run({"tune", "promote", ledger["ledger"].GetString(), "--anyway", "--min-trades", "0",
                              "--objective", "net", "--json"}));
  schemas.check_ran(home.run({"tune", "promote", "--rollback", "--json"}));
  const std::string days = home.folder.write("days.csv", to_csv(made_candles(4, 9000, 40'000)));
  schemas.check_ran(home.run({"walkforward", "keltner", "--data", days, "--pair", "ETH/USD", "--train", "2d", "--test", "2d",
                              "--method", "grid", "--params", "ema_period=10:20:10", "--min-trades", "0", "--json"}), 3);
  const std::string long_file = home.folder.write("long.csv", to_csv(made_candles(2, 6000, 40'000)));
  const Finished trained = home.run({"train", long_file, "--pair", "BTC/USD", "--json", "--config",
                                     std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"});
  schemas.check_ran(trained, 3);
  schemas.check_ran(home.run({"train", long_file, "--pair", "BTC/USD", "--if-due", "--json", "--config",
                              std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"}));
  schemas.check_ran(home.run({"train", "--list", "--json"}));
  schemas.check_ran(home.run({"train", "--deactivate", "--json"}));
  schemas.check_ran(home.run({"data", "rm", "BTC/USD", "--yes", "--json"}));
  schemas.check_ran(home.run({"audit", "causality", file, "--pair", "BTC/USD", "--strategy", "trend", "--timeframes", "1m",
                              "--cuts", "5", "--json"}));
  const Finished refused = home.run({"backtest", "nothing.csv", "--json"});
  CHECK(refused.out == "");
  schemas.check(refused.err);
}

void check_vault(Schemas& schemas) {
  const Home home;
  const std::string phrase = home.folder / "phrase";
  const auto vault = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "vault");
    words.emplace_back("--json");
    return home.run(words, {{"VAULT_PASSWORD_FILE", phrase}});
  };
  schemas.check_ran(vault({"init", "--kdf", "small", "--generate", "--out", phrase}));
  schemas.check_ran(vault({"import-env", home.folder.write("env", "KRAKEN_API_KEY=k\nOTHER=o\n")}));
  schemas.check_ran(vault({"list"}));
  schemas.check_ran(vault({"get", "KRAKEN_API_KEY"}));
  schemas.check_ran(vault({"check"}));
  schemas.check_ran(vault({"export", "--names", "KRAKEN_API_KEY", "--out", home.folder / "out"}));
  schemas.check_ran(vault({"rm", "KRAKEN_API_KEY", "--yes"}));
}

void check_tape_run(Schemas& schemas) {
  const Home home;
  const Finished run = home.run({"run", "--tape", "BTC/USDT=" + home.candles(), "--speed", "0", "--json", "-q",
                                 "--set", "dashboard.enabled=false", "--config",
                                 std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"});
  schemas.check_ran(run);
  Document json;
  json.Parse(run.out.c_str());
  schemas.check_ran(home.run({"replay", json["run"].GetString(), "--json"}));
  schemas.check_ran(home.run({"parity", json["run"].GetString(), "--json"}));
  schemas.check_ran(home.run({"why", "1", "--demo", "--json"}));
}

std::uint64_t trades_of(const Finished& status) {
  Document json;
  json.Parse(status.out.c_str());
  return json.IsObject() && json.HasMember("trades_total") ? json["trades_total"].GetUint64() : 0;
}

void check_daemon(Schemas& schemas) {
  const DaemonRig rig("1200");
  schemas.check(read_file(rig.folder / "sim.log").substr(0, read_file(rig.folder / "sim.log").find('\n')));
  const auto daemon = rig.start();
  for (int i = 0; i < 300 && trades_of(rig.ask({"status", "--json"})) == 0; ++i) pass_time(200);
  schemas.check_ran(rig.ask({"status", "--json"}));
  schemas.check_ran(rig.ask({"health", "--json"}));
  schemas.check_ran(rig.ask({"pause", "--json"}));
  schemas.check_ran(rig.ask({"resume", "--json"}));
  schemas.check_ran(rig.ask({"reload", "--json"}));
  schemas.check_ran(rig.ask({"config", "diff", "--json"}), 3);   // it knows nothing of the words of `run`
  schemas.check_ran(rig.ask({"tenant", "add", "acme", "--json"}));
  schemas.check_ran(rig.ask({"tenant", "list", "--json"}));
  CHECK(rig.ask({"pause"}).exit_code == 0);   // or it has entered again before it ends
  schemas.check_ran(rig.ask({"close-all", "--yes", "--json"}));
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait(stop_limit_ms) == 143);

  for (const char* kind : {"trades", "fills", "orders", "equity", "thoughts", "signals"}) {
    const Finished rows = rig.ask({"export", kind, "--json"});
    schemas.check_ran(rows);
    CHECK(rows.out.find("\"rows\":[{") != std::string::npos);
  }
  schemas.check_ran(rig.ask({"tune", "strategies", "--json"}), 3);   // too few trades to say anything
  schemas.check_ran(rig.ask({"db", "check", "--json"}));
  schemas.check_ran(rig.ask({"db", "migrate", "--json"}));
  schemas.check_ran(rig.ask({"pause", "--json"}));    // without a daemon, in the same form
  schemas.check_ran(rig.ask({"resume", "--json"}));
  schemas.check_ran(rig.ask({"doctor", "--json"}));
  schemas.check_ran(rig.ask({"kill", "--yes", "--json"}));
  schemas.check_ran(rig.ask({"resume", "--clear-halt", "--json"}));
  schemas.check_ran(rig.ask({"health", "--json"}), 4);
  const std::string accounts =
      rig.folder.write("accounts.toml", "[[accounts]]\nid = \"one\"\ntenant = \"acme\"\n[[accounts]]\nid = \"two\"\n");
  const auto several = rig.start({"--config", accounts});
  schemas.check_ran(rig.ask({"status", "--json"}));
  schemas.check_ran(rig.ask({"pause", "--tenant", "acme", "--json"}));
  several->signal(SIGTERM);
  CHECK(several->wait(stop_limit_ms) == 143);
}

void check_reconcile(Schemas& schemas) {
  const LiveRig rig("60", {"--synthetic", "7"});
  schemas.check_ran(rig.ask("reconcile", {"--json"}));
}

}  // namespace

TEST_CASE("schema: every document is what its schema says, and none is left unchecked", "[cmd][schema]") {
  Schemas schemas;

  check_research(schemas);
  check_vault(schemas);
  check_tape_run(schemas);
  check_daemon(schemas);
  check_reconcile(schemas);

  CHECK(schemas.seen == listed());
}
