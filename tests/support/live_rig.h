// The daemon trading live against a loopback exchange with an account, each a process of its own.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/decimal.h"
#include "core/net/http_client.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include "core/store/database.h"
#include "core/store/schema.h"

namespace aitrade::test {

class LiveRig {
 public:
  static constexpr int limit_ms = 60'000;

  /// `more` goes to `aitrade sim`: faults, another market.
  explicit LiveRig(const std::string& speed, const std::vector<std::string>& more = {})
      : exchange_(exchange_arguments(speed, more), folder / "sim.log") {
    const std::string text = wait_for_text(exchange_.out_path(), "\"api_secret\"", limit_ms);
    REQUIRE_FALSE(text.empty());
    rest = value_of(text, "rest_url");
    ws = value_of(text, "ws_url");
    make_vault(value_of(text, "api_key"), value_of(text, "api_secret"));
  }

  [[nodiscard]] std::vector<std::string> settings() const {
    return {"--home",   home,
            "--config", std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml",
            "--set",    "app.mode=\"live\"",
            "--set",    "app.account_id=\"default\"",
            "--set",    "vault.path=\"" + (folder / "secrets/vault") + "\"",
            "--set",    "vault.passphrase_file=\"" + (folder / "pass") + "\"",
            "--set",    "exchange.kraken.rest_url=\"" + rest + "\"",
            "--set",    "exchange.kraken.ws_url=\"" + ws + "\"",
            "--set",    "exchange.kraken.read_lag_max_seconds=5",
            "--set",    "dashboard.require_api_key_for_reads=true",
            "--set",    "app.start_paused=false",
            "--set",    "dashboard.port=0"};
  }

  [[nodiscard]] std::vector<std::string> words(const std::string& command, const std::vector<std::string>& more) const {
    std::vector<std::string> out{command};
    const auto set = settings();
    out.insert(out.end(), set.begin(), set.end());
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  /// Starts the daemon and waits until it runs.
  [[nodiscard]] std::unique_ptr<Child> start(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> with{"--live"};
    with.insert(with.end(), more.begin(), more.end());
    auto child = std::make_unique<Child>(words("run", with), folder / "run.log");
    const std::string text = wait_for_text(child->out_path(), "run.started", limit_ms);
    INFO(read_file(child->out_path()));
    REQUIRE_FALSE(text.empty());
    return child;
  }

  [[nodiscard]] Finished ask(const std::string& command, const std::vector<std::string>& more = {}) const {
    return run_aitrade(words(command, more));
  }

  /// What the exchange itself knows: GET /_sim/...
  [[nodiscard]] rapidjson::Document truth(const std::string& what) const {
    HttpClient http;
    HttpRequest request;
    request.url = rest + "/_sim/" + what;
    const HttpOutcome outcome = http.perform(request);
    REQUIRE(outcome.is_reply());
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(outcome.reply.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }

  [[nodiscard]] Database ledger() const {
    const std::filesystem::path file = std::filesystem::path(home) / "data" / "trading.db";
    auto opened = open_settled_reader(file.parent_path() / "lock", file, Profile::ledger, Time{});
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  [[nodiscard]] std::int64_t count(const char* sql) const {
    Database db = ledger();
    const auto value = db.integer(sql);
    REQUIRE(value.has_value());
    return *value;
  }

  /// Sets a password: real money wants somebody who may administer. Again after the home became another place.
  void make_administrator() const {
    const Finished done = run_aitrade(words("passwd", {"--from-file", folder.write("password", "seven green bottles\n")}));
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
  }

  TempFolder folder;
  std::string home = folder / "home";
  std::string rest, ws;

 private:
  [[nodiscard]] std::vector<std::string> exchange_arguments(const std::string& speed,
                                                            const std::vector<std::string>& more) const {
    std::vector<std::string> out{"sim", "--dialect", "kraken", "--speed", speed, "--port", "0"};
    // What the demo's configuration reckons with: at the venue's own fees its trades would not be worth their costs.
    const bool has_fees = std::find(more.begin(), more.end(), "--taker-fee") != more.end();
    if (!has_fees) out.insert(out.end(), {"--maker-fee", "0.0002", "--taker-fee", "0.0002"});
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  void make_vault(const std::string& key, const std::string& secret) {
    const auto run = [&](const std::string& line) {
      const Finished done = run_shell(line, folder.path());
      INFO(line << "\n" << done.out << done.err);
      REQUIRE(done.exit_code == 0);
    };
    folder.write("pass", "a long passphrase of many words for a test");
    folder.write("key", key);
    folder.write("secret", secret);
    run("chmod 600 pass key secret; mkdir -m 700 secrets");
    const std::string with = " --home home --set 'vault.path=\"" + (folder / "secrets/vault") +
                             "\"' --set 'vault.passphrase_file=\"" + (folder / "pass") + "\"'";
    run("aitrade vault init" + with);
    run("aitrade vault set KRAKEN_API_KEY" + with + " < key");
    run("aitrade vault set KRAKEN_API_SECRET" + with + " < secret");
    make_administrator();
  }

  static std::string value_of(const std::string& json, const std::string& key) {
    const auto begin = json.find("\"" + key + "\":\"") + key.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
  }

  Child exchange_;
};

}  // namespace aitrade::test
