// The committed example file and reference page are what the table of keys makes.
#include "core/config/document.h"

#include "strategies/registry.h"
#include "tests/core/config/catalog_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace aitrade {

namespace {

/// The strategies of the program; their combination checks do not matter to documents.
std::vector<StrategyKeys> shipped_catalog() {
  std::vector<StrategyKeys> catalog;
  for (const StrategyInfo& info : all_strategies()) {
    StrategyKeys keys{std::string(info.name), info.default_weight, info.enabled, {}, {}};
    for (const Parameter& p : info.parameters) {
      keys.parameters.push_back({std::string(p.name), p.fallback, p.minimum, p.maximum,
                                 p.is_integer, std::string(p.help)});
    }
    catalog.push_back(std::move(keys));
  }
  return catalog;
}

std::string committed(const std::string& name) {
  std::ifstream in(std::string(AITRADE_SOURCE_DIR) + "/share/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> values_of(const Config& config, const KeyTable& table) {
  Config copy = config;
  std::vector<std::string> values;
  for (const Key& key : table.all())
    values.push_back(key.name + " = " + render(key.in(copy)));
  return values;
}

}  // namespace

TEST_CASE("documents: the committed example file is fresh", "[config][documents]") {
  INFO("write it again: aitrade config example > share/aitrade.example.toml");
  CHECK(committed("aitrade.example.toml") == example_file(KeyTable(shipped_catalog()), false));
}

TEST_CASE("documents: the committed reference page is fresh", "[config][documents]") {
  INFO("write it again: aitrade config reference > share/doc/configuration.md");
  CHECK(committed("doc/configuration.md") == reference_page(KeyTable(shipped_catalog())));
}

TEST_CASE("documents: the example file says exactly the defaults", "[config][documents]") {
  const auto catalog = shipped_catalog();
  const KeyTable table(catalog);
  const bool commented = GENERATE(false, true);

  const LoadReport report =
      load_config_text(example_file(table, commented), "example.toml", catalog);
  const LoadReport defaults = load_config_text("", "empty.toml", catalog);

  for (const Problem& problem : report.problems) {
    if (problem.severity == Severity::error) UNSCOPED_INFO(to_string(problem));
  }
  REQUIRE(report.config);
  REQUIRE(defaults.config);
  CHECK(values_of(*report.config, table) == values_of(*defaults.config, table));
  CHECK(config_hash(*report.config) == config_hash(*defaults.config));
  CHECK(report.origins.empty() == commented);
}

TEST_CASE("documents: every key has help, and is documented once", "[config][documents]") {
  const KeyTable table(testing::small_catalog());
  std::set<std::string> names;
  const std::string page = reference_page(table);
  for (const Key& key : table.all()) {
    INFO(key.name);
    CHECK_FALSE(key.help.empty());
    CHECK(names.insert(key.name).second);
    CHECK(page.find("`" + key.leaf() + "`") != std::string::npos);
  }
  CHECK(names.size() > 200);
}

TEST_CASE("documents: every key has defaults within its own bounds", "[config][documents]") {
  const auto catalog = shipped_catalog();
  const KeyTable table(catalog);
  Config defaults = table.defaults();
  for (const Key& key : table.all()) {
    INFO(key.name);
    const ValueRef value = key.in(defaults);
    const std::string text = render(value);
    if (text.empty() || std::holds_alternative<std::vector<ExitTier>*>(value)) continue;
    CHECK_FALSE(assign(value, from_words(value, text, {}), key.bounds));
    CHECK(render(value) == text);
  }
}

TEST_CASE("documents: what is in force names its layer, and masks nothing but secrets",
          "[config][documents]") {
  const auto catalog = testing::small_catalog();
  const KeyTable table(catalog);
  LoadOptions options;
  options.environment = {{"MAX_DAILY_LOSS", "0.04"}};
  options.overrides = {"strategies.trend.weight=0.75"};
  const LoadReport report = load_config(options, catalog);
  REQUIRE(report.config);

  std::map<std::string, EffectiveValue> values;
  for (EffectiveValue& value : effective_values(report, table))
    values[value.key] = value;

  CHECK(values.at("risk.max_daily_loss").value == "0.04");
  CHECK(values.at("risk.max_daily_loss").origin == "environment MAX_DAILY_LOSS");
  CHECK(values.at("strategies.trend.weight").origin == "command line");
  CHECK(values.at("strategies.trend.weight").note == "counts as 0.75");
  CHECK(values.at("app.mode").origin == "default");
  CHECK(values.at("risk.max_kelly_size").note == "risk.max_risk_per_trade");
  CHECK_FALSE(values.contains("exchange.kraken.taker_fee"));
}

TEST_CASE("documents: the JSON Schema nests tables and carries bounds", "[config][documents]") {
  const std::string schema = config_schema(KeyTable(testing::small_catalog()));

  CHECK_THAT(schema,
             Catch::Contains(R"("max_daily_trades":{"type":"integer","minimum":0,"maximum":2000)"));
  CHECK_THAT(schema, Catch::Contains(R"("mode":{"enum":["paper","live"])"));
  CHECK_THAT(schema, Catch::Contains(R"("keltner":{"type":"object")"));
  CHECK(std::count(schema.begin(), schema.end(), '{') ==
        std::count(schema.begin(), schema.end(), '}'));
}

}  // namespace aitrade
