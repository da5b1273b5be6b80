// What load_config makes of files, environment and command line, and what it says about mistakes.
#include "core/config/load.h"

#include "tests/core/config/catalog_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace aitrade {

namespace {

using testing::small_catalog;

LoadReport load_text(const std::string& text) {
  return load_config_text(text, "config.toml", small_catalog());
}

std::vector<std::string> lines_of(const LoadReport& report) {
  std::vector<std::string> lines;
  for (const Problem& problem : report.problems)
    lines.push_back(to_string(problem));
  return lines;
}

LoadReport load_environment(const EnvironmentMap& environment) {
  LoadOptions options;
  options.environment = environment;
  return load_config(options, small_catalog());
}

/// A directory of its own that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "aitrade-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }

  ~Folder() { std::filesystem::remove_all(path); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }

  std::filesystem::path path;
};

}  // namespace

TEST_CASE("load: without any file the defaults hold and trade on paper", "[config][load]") {
  const LoadReport report = load_environment({});

  REQUIRE(report.config);
  const Config& config = *report.config;
  CHECK(report.problems.empty());
  CHECK(config.app.mode == Mode::paper);
  CHECK(config.risk.initial_bankroll == Money::parse_or_die("5000"));
  CHECK(config.risk.max_risk_per_trade == Rate::parse_or_die("0.005"));
  CHECK(config.risk.max_daily_loss == Rate::parse_or_die("0.03"));
  CHECK(config.risk.max_total_exposure_pct == Rate::parse_or_die("0.5"));
  CHECK(config.exchange.maker_fee == Rate::parse_or_die("0.0016"));
  CHECK(config.exchange.taker_fee == Rate::parse_or_die("0.0026"));
  CHECK(config.trading.timeframes == std::vector<int>{5, 15, 60});
  CHECK(config.venue("kraken").ws_url == "wss://ws.kraken.com/v2");
  CHECK(config.dashboard.host == "127.0.0.1");
  CHECK(config.trading.canary_max_risk_per_trade == Rate::parse_or_die("0.005"));
  CHECK(report.origin_of("risk.max_daily_loss").layer == Layer::defaults);
}

TEST_CASE("load: money comes from the text of the file, exactly", "[config][load]") {
  const LoadReport report = load_text(
      "[risk]\ninitial_bankroll = 12345678.12345678\nmax_position_usd = \"199.99999999\"\n"
      "[exchange]\ntaker_fee = 0.0000000001\n");

  REQUIRE(report.config);
  CHECK(to_string(report.config->risk.initial_bankroll) == "12345678.12345678");
  CHECK(to_string(report.config->risk.max_position_usd) == "199.99999999");
  CHECK(report.config->exchange.taker_fee.raw() == 1);
}

TEST_CASE("load: every mistake of a file is reported in one run, with its place",
          "[config][load]") {
  const LoadReport report = load_text(
      "[risk]\n"                             // 1
      "max_risk_per_trade = 0.5\n"           // 2: bound
      "max_daily_los = 0.02\n"               // 3: unknown
      "kelly_fraction = nan\n"               // 4: not finite
      "initial_bankroll = inf\n"             // 5: not finite
      "max_daily_trades = 2.5\n"             // 6: type
      "[trading]\n"                          // 7
      "pairs = [\"BTC/USD\", \"btcusd\"]\n"  // 8: item
      "quiet_hours_utc = [3, 24]\n"          // 9: item bound
      "scan_interval_seconds = \"15\"\n"     // 10: type
      "[app]\n"                              // 11
      "mode = \"Live \"\n"                   // 12: choice
      "[tradng]\n"                           // 13: section
      "x = 1\n"                              // 14
      "[x-notes]\n"                          // 15: the user's own
      "anything = 1\n"
      "[stocks]\n"  // 17: not in this version
      "grace = 1\n");

  CHECK_FALSE(report.config);
  std::vector<std::string> lines = lines_of(report);
  const std::vector<std::string> expected{
      "config.toml:2:22 risk.max_risk_per_trade = 0.5: must be in (0, 0.1]",
      "config.toml:3:1 risk.max_daily_los = 0.02: unknown key; did you mean 'risk.max_daily_loss'?",
      "config.toml:4:18 risk.kelly_fraction = nan: must be a finite number",
      "config.toml:5:20 risk.initial_bankroll = inf: must be a finite number",
      "config.toml:6:20 risk.max_daily_trades = 2.5: must be a whole number, not a number",
      "config.toml:8:9 trading.pairs = [\"BTC/USD\", \"btcusd\"]: \"btcusd\" must be written "
      "BASE/QUOTE in capitals, such as BTC/USD",
      "config.toml:9:19 trading.quiet_hours_utc = [3, 24]: item 2 (24) must be in [0, 23]",
      "config.toml:10:25 trading.scan_interval_seconds = \"15\": must be a whole number, not text",
      "config.toml:12:8 app.mode = \"Live \": must be paper or live",
      "config.toml:13:2 tradng: unknown key; did you mean 'trading'?",
      "config.toml:17:2 stocks: [stocks] is not available in this version"};
  CHECK(lines == expected);
  CHECK(report.errors() == expected.size());
  CHECK(to_error(report).what.ends_with("11 errors in the configuration"));
}

TEST_CASE("load: a syntax error has line and column", "[config][load]") {
  const LoadReport report = load_text("[risk]\nmax_daily_loss = = 1\n");

  CHECK_FALSE(report.config);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].place.line == 2);
  CHECK(report.problems[0].place.column == 18);
}

TEST_CASE("load: rules between keys name the other side", "[config][rules]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"[risk]\nbreakeven_activation_pct = 0.02\n",
       "config.toml:2:28 risk.breakeven_activation_pct = 0.02: must not exceed "
       "risk.trailing_activation_pct = 0.012"},
      {"[risk]\ntrailing_step_pct = 0.012\n",
       "config.toml:2:21 risk.trailing_step_pct = 0.012: must be below "
       "risk.trailing_activation_pct = 0.012"},
      {"[risk]\nmax_position_usd = 2500.01\n",
       "config.toml:2:20 risk.max_position_usd = 2500.01: must not exceed risk.initial_bankroll x "
       "risk.max_total_exposure_pct = 2500"},
      {"[risk]\nmax_risk_per_trade = 0.04\n",
       "config.toml:2:22 risk.max_risk_per_trade = 0.04: must not exceed risk.max_daily_loss = "
       "0.03"},
      {"[risk]\natr_multiplier_tp = 2.0\n",
       "config.toml:2:21 risk.atr_multiplier_tp = 2: must be at least risk.atr_multiplier_sl x "
       "ai.min_risk_reward_ratio = 2.4"},
      {"[trading]\ntimeframes = [1]\n",
       "default ai.primary_timeframe = 15: must be one of trading.timeframes"},
      {"[trading]\ntimeframes = [15, 5]\n",
       "config.toml:2:14 trading.timeframes = [15, 5]: must ascend"},
      {"[trading]\npairs = [\"BTC/USD\", \"ETH/EUR\"]\n",
       "config.toml:2:9 trading.pairs = [\"BTC/USD\", \"ETH/EUR\"]: must share their quote currency: an "
       "account keeps one"},
      {"[trading]\nsingle_strategy_mode = \"keltnr\"\n",
       "config.toml:2:24 trading.single_strategy_mode = \"keltnr\": names an unknown strategy "
       "'keltnr'; did you mean 'keltner'?"},
      {"[dashboard]\nhost = \"0.0.0.0\"\n",
       "config.toml:2:8 dashboard.host = \"0.0.0.0\": is reachable by others and has no TLS: set "
       "dashboard.tls_cert and tls_key, or dashboard.insecure_bind = \"I understand\""},
      {"[dashboard]\ntls_cert = \"a.pem\"\n",
       "config.toml:2:12 dashboard.tls_cert = \"a.pem\": and dashboard.tls_key must both be set, "
       "or "
       "neither"},
      {"[app]\nmode = \"live\"\ndb_path = \":memory:\"\n",
       "config.toml:3:11 app.db_path = \":memory:\": must be a file when app.mode is live"},
      {"[strategies.keltner]\nmacd_fast = 30\n",
       "config.toml:2:13 strategies.keltner.macd_fast = 30: macd_fast must be below macd_slow"},
      {"[strategies.keltner]\nema_period = 20.5\n",
       "config.toml:2:14 strategies.keltner.ema_period = 20.5: must be a whole number"},
      {"[strategies.keltnr]\nenabled = false\n",
       "config.toml:1:13 strategies.keltnr: unknown key; did you mean 'strategies.keltner'?"},
      {"[exchange]\nrest_url = \"http://api.example.com\"\n",
       "config.toml:2:12 exchange.rest_url = \"http://api.example.com\": must begin with https://: "
       "plain http:// is allowed only toward 127.0.0.1, [::1] or localhost"},
      {"[exchange.kraken]\nws_url = \"ws://127.0.0.1.example.com/v2\"\n",
       "config.toml:2:10 exchange.kraken.ws_url = \"ws://127.0.0.1.example.com/v2\": must begin "
       "with "
       "wss://: plain ws:// is allowed only toward 127.0.0.1, [::1] or localhost"},
      {"[exchange]\nrest_url = \"op://vault/kraken/url\"\n",
       "config.toml:2:12 exchange.rest_url = \"op://vault/kraken/url\": is a reference to a secret "
       "manager that nobody resolved; start through the secret manager's own run command"},
      {"[risk.smart_exit]\ntiers = [{ pct = 0.5, tp_mult = 1.0 }]\n",
       "config.toml:2:9 risk.smart_exit.tiers = [{ pct = 0.5, tp_mult = 1 }]: must end with a tier "
       "of "
       "pct = 1.0, so that the position closes"},
  }));

  const LoadReport report = load_text(text);

  CHECK_FALSE(report.config);
  CHECK(lines_of(report) == std::vector<std::string>{expected});
}

TEST_CASE("load: a rule about a refused value stays silent", "[config][rules]") {
  const LoadReport report = load_text("[risk]\nmax_daily_loss = 7\nmax_risk_per_trade = 0.05\n");

  CHECK(lines_of(report) ==
        std::vector<std::string>{"config.toml:2:18 risk.max_daily_loss = 7: must be in (0, 0.2]"});
}

TEST_CASE("weights: are scaled to 1, and a sum far from 1 is said", "[config][weights][CF2]") {
  SECTION("1.44 is scaled with a warning, the written weights stay readable") {
    const LoadReport report =
        load_text("[strategies.keltner]\nweight = 0.96\n[strategies.trend]\nweight = 0.48\n");

    REQUIRE(report.config);
    CHECK(report.config->strategies.at("keltner").weight == Approx(2.0 / 3));
    CHECK(report.config->strategies.at("trend").weight == Approx(1.0 / 3));
    CHECK(report.config->strategies.at("keltner").raw_weight == 0.96);
    CHECK(report.config->strategies.at("breakout").weight == 0);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0].severity == Severity::warning);
    CHECK_THAT(report.problems[0].what, Catch::Contains("sum to 1.44"));
  }
  SECTION("all zero is an error") {
    CHECK_FALSE(
        load_text("[strategies.keltner]\nweight = 0\n[strategies.trend]\nweight = 0\n").config);
  }
  SECTION("all disabled is an error") {
    CHECK_FALSE(load_text("[strategies.keltner]\nenabled = false\n"
                          "[strategies.trend]\nenabled = false\n")
                    .config);
  }
  SECTION("negative is an error at its place") {
    const LoadReport report = load_text("[strategies.keltner]\nweight = -0.1\n");

    CHECK(lines_of(report) ==
          std::vector<std::string>{
              "config.toml:2:10 strategies.keltner.weight = -0.1: must be in [0, 1]"});
  }
  SECTION("the shipped weights are scaled without a word") {
    const LoadReport report = load_text("");

    REQUIRE(report.config);
    CHECK(report.problems.empty());
    CHECK(report.config->strategies.at("keltner").weight == Approx(0.25 / 0.33));
  }
}

TEST_CASE("venues: take the shared settings, and their own on top", "[config][venues]") {
  const LoadReport report = load_text(
      "[exchange]\ntaker_fee = 0.003\nmax_retries = 7\n"
      "[exchange.kraken]\ntaker_fee = 0.002\nrest_url = \"http://127.0.0.1:9001\"\n");

  REQUIRE(report.config);
  const Config& config = *report.config;
  CHECK(config.venue("kraken").taker_fee == Rate::parse_or_die("0.002"));
  CHECK(config.venue("kraken").max_retries == 7);
  CHECK(config.venue("kraken").rest_url == "http://127.0.0.1:9001");
  CHECK(config.venue("sim").taker_fee == Rate::parse_or_die("0.003"));
  CHECK(config.venue("sim").name == ExchangeName::sim);
  CHECK(config.exchange.taker_fee == Rate::parse_or_die("0.003"));
}

TEST_CASE("precedence: each layer overrides the one below", "[config][load][X7]") {
  const Folder folder;
  LoadOptions options;
  options.paths.config_dir = folder.path / "user";
  const auto effective = [&] { return load_config(options, small_catalog()); };
  const auto expect = [&](int value, Layer layer) {
    const LoadReport report = effective();
    for (const std::string& line : lines_of(report))
      UNSCOPED_INFO(line);
    REQUIRE(report.config);
    CHECK(report.config->trading.cooldown_seconds == value);
    CHECK(report.origin_of("trading.cooldown_seconds").layer == layer);
  };
  expect(600, Layer::defaults);

  folder.write("etc/config.toml", "[trading]\ncooldown_seconds = 1\n");
  options.paths.system_config = folder.path / "etc/config.toml";
  expect(1, Layer::system_file);

  folder.write("user/config.toml", "[trading]\ncooldown_seconds = 2\n");
  expect(2, Layer::user_file);

  folder.write("a.toml", "[trading]\ncooldown_seconds = 3\n");
  folder.write("b.toml", "[trading]\ncooldown_seconds = 4\n");
  options.files = {folder.path / "a.toml", folder.path / "b.toml"};
  expect(4, Layer::named_file);

  folder.write("user/config.local.toml", "[trading]\ncooldown_seconds = 5\n");
  expect(5, Layer::overlay);

  options.environment["AITRADE__TRADING__COOLDOWN_SECONDS"] = "";  // empty is unset
  expect(5, Layer::overlay);

  options.environment["AITRADE__TRADING__COOLDOWN_SECONDS"] = "6";
  expect(6, Layer::environment);

  options.overrides = {"trading.cooldown_seconds=6", " trading.cooldown_seconds = 7 "};
  expect(7, Layer::command_line);
}

TEST_CASE("load: a missing file named on the command line is an error", "[config][load]") {
  LoadOptions options;
  options.files = {"/nonexistent/other.toml"};

  const LoadReport report = load_config(options, small_catalog());

  CHECK(lines_of(report) == std::vector<std::string>{"/nonexistent/other.toml: no such file"});
}

TEST_CASE("overrides: take lists, tables and words, and say what is wrong", "[config][load]") {
  LoadOptions options;
  options.overrides = {
      "trading.timeframes=[1]",         "ai.primary_timeframe=1",
      "ai.allow_any_solo=true",         "exchange.taker_fee=0.0002",
      "trading.pairs=BTC/USD, ETH/USD", "risk.correlation_groups={\"BTC/USD\" = \"a\"}"};
  SECTION("good ones") {
    const LoadReport report = load_config(options, small_catalog());

    REQUIRE(report.config);
    CHECK(report.config->trading.timeframes == std::vector<int>{1});
    CHECK(report.config->ai.allow_any_solo);
    CHECK(report.config->exchange.taker_fee == Rate::parse_or_die("0.0002"));
    CHECK(report.config->trading.pairs == std::vector<std::string>{"BTC/USD", "ETH/USD"});
    CHECK(report.config->risk.correlation_groups ==
          std::map<std::string, std::string>{{"BTC/USD", "a"}});
  }
  SECTION("bad ones") {
    options.overrides = {"trading.pair=BTC/USD", "nonsense", "risk.kelly_fraction=lots"};

    CHECK(lines_of(load_config(options, small_catalog())) ==
          std::vector<std::string>{
              "command line trading.pair = BTC/USD: unknown key; did you mean 'trading.pairs'?",
              "command line --set nonsense: must be written section.key=value",
              "command line risk.kelly_fraction = \"lots\": must be a number"});
  }
}

namespace {

/// A word that a key accepts and that differs from its default; "" when there is none to build.
std::string other_value(const Key& key) {
  Config config = KeyTable(small_catalog()).defaults();
  const ValueRef value = key.in(config);
  const std::string kind = kind_name(value);
  if (const auto* choice = std::get_if<ChoiceRef>(&value)) {
    return std::string(choice->words[choice->get(choice->object) == 0 ? 1 : 0]);
  }
  if (kind == "true or false") return render(value) == "true" ? "no" : "Yes";
  if (kind == "text") {
    if (key.check == &check_https) return "https://other.example.com";
    if (key.check == &check_wss) return "wss://other.example.com";
    if (key.name.ends_with("host")) return "127.0.0.2";
    if (key.name == "trading.warmup_timeframe") return "5m";
    if (key.name.ends_with("origin")) return "https://other.example.com";
    return "other";
  }
  if (kind == "list of text") {
    if (key.name.ends_with("pairs")) return "BTC/EUR, ETH/EUR,";
    if (key.name == "app.trading_accounts") return "swing:kraken";
    if (key.name == "app.trading_exchanges") return "sim";
    if (key.name == "monitoring.emergency_close_on_auto_pause") return "drawdown";
    if (key.name.ends_with("origins")) return "https://other.example.com";
    return "other";
  }
  const std::string now = render(value);  // numbers: a little less, else a little more
  for (const char* word : {"0.004", "0.3", "1", "2", "30", "60", "300", "3000"}) {
    RawValue raw = from_words(value, word, {});
    if (!assign(value, raw, key.bounds) && render(value) != now) return word;
  }
  return {};
}

}  // namespace

TEST_CASE("environment: every variable sets its key, empty is unset, garbage is refused",
          "[config][environment][CF1][X7]") {
  const auto catalog = small_catalog();
  const KeyTable table(catalog);
  int checked = 0;
  for (const Key& key : table.all()) {
    std::vector<std::string> names = key.aliases;
    names.push_back(key.variable());
    for (const std::string& name : names) {
      INFO(name << " for " << key.name);
      const std::string word = other_value(key);
      Config shape = table.defaults();
      const std::string default_text = render(key.in(shape));

      const LoadReport empty = load_environment({{name, "  "}});
      REQUIRE(empty.config);
      Config unset = *empty.config;
      CHECK(render(key.in(unset)) == default_text);
      CHECK(empty.origin_of(key.name).layer == Layer::defaults);

      if (!word.empty()) {
        // Rules between keys may refuse the value; the origin shows that it arrived.
        const LoadReport set = load_environment({{name, word}});
        CHECK(set.origin_of(key.name).layer == Layer::environment);
        CHECK(set.origin_of(key.name).place.source == "environment " + name);
        if (set.config) {
          Config values = *set.config;
          CHECK(render(key.in(values)) != default_text);
        }
        ++checked;
      }

      const std::string kind = kind_name(key.in(shape));
      const std::string garbage = kind == "table of text"                  ? "BTC/USD=\x01"
                                  : kind.find("text") != std::string::npos ? "\x01"
                                                                           : "@garbage@";
      const LoadReport refused = load_environment({{name, garbage}});
      CHECK_FALSE(refused.config);
      REQUIRE_FALSE(refused.problems.empty());
      CHECK_THAT(to_string(refused.problems[0]),
                 Catch::StartsWith("environment " + name + " " + key.name));
    }
  }
  CHECK(checked > 200);
}

TEST_CASE("environment: the legacy names reach their keys", "[config][environment][CF1]") {
  const LoadReport report = load_environment({{"INITIAL_BANKROLL", "7000.50"},
                                              {"DB_PATH", "/srv/x.db"},
                                              {"TRADING_PAIRS", "BTC/USD,ETH/USD"},
                                              {"KRAKEN_SANDBOX", "on"},
                                              {"EXCHANGE_REST_URL", ""}});

  REQUIRE(report.config);
  CHECK(report.config->risk.initial_bankroll == Money::parse_or_die("7000.5"));
  CHECK(report.config->app.db_path == "/srv/x.db");
  CHECK(report.config->trading.pairs.size() == 2);
  CHECK(report.config->venue("kraken").sandbox);
  CHECK_FALSE(report.config->venue("coinbase").sandbox);
  CHECK(report.config->venue("kraken").rest_url == "https://api.kraken.com");
}

TEST_CASE("environment: two names for one key must agree", "[config][environment]") {
  SECTION("different") {
    const LoadReport report =
        load_environment({{"AITRADE__APP__DB_PATH", "a.db"}, {"DB_PATH", "b.db"}});

    CHECK(lines_of(report) ==
          std::vector<std::string>{"environment DB_PATH app.db_path = \"b.db\": differs from "
                                   "AITRADE__APP__DB_PATH = \"a.db\"; "
                                   "unset one of them"});
  }
  SECTION("the same meaning in other words") {
    const LoadReport report =
        load_environment({{"AITRADE__APP__START_PAUSED", "true"}, {"START_PAUSED", "1"}});

    REQUIRE(report.config);
    CHECK(report.config->app.starts_paused());
  }
  SECTION("the active exchange wins over the older name") {
    const LoadReport report =
        load_environment({{"ACTIVE_EXCHANGE", "sim"}, {"EXCHANGE_NAME", "kraken"}});

    REQUIRE(report.config);
    CHECK(report.config->exchange.name == ExchangeName::sim);
  }
  SECTION("an account's own bankroll goes first") {
    const LoadReport report = load_environment({{"ACCOUNT_ID", "swing"},
                                                {"SWING_INITIAL_BANKROLL", "900"},
                                                {"AITRADE__RISK__MAX_POSITION_USD", "100"}});

    REQUIRE(report.config);
    CHECK(report.config->risk.initial_bankroll == Money::parse_or_die("900"));
  }
}

TEST_CASE("environment: an unknown AITRADE__ variable is an error", "[config][environment]") {
  const LoadReport report = load_environment({{"AITRADE__RISK__MAX_DAILY_LOS", "0.01"}});

  CHECK(
      lines_of(report) ==
      std::vector<std::string>{
          "environment AITRADE__RISK__MAX_DAILY_LOS risk.max_daily_los: unknown key; did you mean "
          "'risk.max_daily_loss'?"});
}

TEST_CASE("hash: follows what decides and nothing else", "[config][hash]") {
  const auto hash = [](const std::string& text) {
    const LoadReport report = load_text(text);
    for (const std::string& line : lines_of(report))
      UNSCOPED_INFO(line);
    REQUIRE(report.config);
    return config_hash(*report.config);
  };
  const std::string base = hash("");

  CHECK(base.size() == 64);
  CHECK(hash("[risk]\nmax_daily_loss = 0.030\n") == base);
  CHECK(hash("[app]\nlog_level = \"debug\"\n[dashboard]\nport = 9000\n") == base);
  CHECK(hash("[exchange.kraken]\nrest_url = \"http://localhost:1\"\n") == base);
  CHECK(hash("[risk]\nmax_daily_loss = 0.0300000001\n") != base);
  CHECK(hash("[strategies.keltner]\nkc_multiplier = 1.6\n") != base);
  CHECK(hash("[exchange.kraken]\ntaker_fee = 0.0002\n") != base);
  CHECK(hash("[paper]\nspread_bps = 2.5\n") != base);
}

}  // namespace aitrade
