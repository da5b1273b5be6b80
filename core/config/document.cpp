#include "core/config/document.h"

#include <algorithm>
#include <map>

namespace aitrade {

namespace {

const char* reload_text(Reload reload) {
  switch (reload) {
    case Reload::hot:
      return "hot";
    case Reload::new_orders:
      return "new orders";
    case Reload::warm_up:
      return "hot, warms up";
    case Reload::restart:
      return "restart";
  }
  return "";
}

bool is_number(const std::string& kind) {
  return kind.find("number") != std::string::npos || kind.find("decimal") != std::string::npos;
}

/// Says what a value may be: "[0, 86400]", "one of paper, live".
std::string limits(const Key& key, const ValueRef& value) {
  if (const auto* choice = std::get_if<ChoiceRef>(&value)) {
    std::string out;
    for (const std::string_view word : choice->words) {
      out += (out.empty() ? "" : ", ") + std::string(word);
    }
    return out;
  }
  if (!key.bounds.min && !key.bounds.max) return {};
  std::string out = describe(key.bounds).substr(8);  // without "must be "
  if (out.starts_with("in ")) out = out.substr(3);
  return out;
}

bool is_venue_section(const std::string& section) {
  return section.starts_with("exchange.");
}

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines{""};
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width)
      lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines;
}

std::string describe_line(const Key& key, const ValueRef& value) {
  std::string line = key.help;
  std::string detail = limits(key, value);
  if (!key.unit.empty()) detail += (detail.empty() ? "" : " ") + key.unit;
  if (!detail.empty()) line += " (" + detail + ")";
  return line;
}

std::string example_entry(const Key& key, Config& defaults, bool commented) {
  const ValueRef value = key.in(defaults);
  std::string out;
  for (const std::string& line : wrap(describe_line(key, value), 96))
    out += "# " + line + "\n";
  const std::string text = render(value);
  if (text.empty()) return out + "# " + key.leaf() + " =    # unset: " + key.unset + "\n";
  return out + (commented ? "# " : "") + key.leaf() + " = " + text + "\n";
}

std::string venue_example() {
  return "\n# One venue's own values go into a section of its name, for example:\n"
         "# [exchange.kraken]\n"
         "# taker_fee = 0.0026\n";
}

std::string accounts_example() {
  return "\n# An engine for each account of a tenant; without any there is one, of app.account_id. The account\n"
         "# named as app.account_id keeps the books where they are, the others have theirs below accounts/.\n"
         "# [[accounts]]\n"
         "# id = \"first\"\n"
         "# tenant = \"default\"        # must exist: aitrade tenant add\n"
         "# exchange = \"kraken\"\n"
         "# bankroll = 2500           # unset: risk.initial_bankroll\n"
         "# pairs = [\"BTC/USD\"]      # of trading.pairs; unset: all\n"
         "# strategies = [\"keltner\"] # those that vote; unset: as [strategies] says\n"
         "# max_risk_per_trade = 0.004    # instead of [risk], as max_daily_loss and max_total_exposure_pct\n";
}

/// Groups the keys by table: a table's own keys must stand before those of its sub-tables.
std::vector<std::pair<std::string, std::vector<const Key*>>> by_section(const KeyTable& table) {
  std::vector<std::pair<std::string, std::vector<const Key*>>> groups;
  for (const Key& key : table.all()) {
    const std::string section = key.section();
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& group) { return group.first == section; });
    if (found == groups.end()) found = groups.insert(groups.end(), {section, {}});
    found->second.push_back(&key);
  }
  return groups;
}

std::string cell(std::string text) {
  for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2)
    text.insert(i, "\\");
  return text;
}

std::string reference_row(const Key& key, Config& defaults) {
  const ValueRef value = key.in(defaults);
  const std::string text = render(value);
  std::string row = "| `" + key.leaf() + "` | " + kind_name(value) + " | ";
  row += text.empty() ? "unset: " + cell(key.unset) : "`" + cell(text) + "`";
  row +=
      " | " + cell(limits(key, value)) + " | " + key.unit + " | " + reload_text(key.reload) + " | ";
  for (std::size_t i = 0; i < key.aliases.size(); ++i) {
    row += (i > 0 ? ", " : "") + ("`" + key.aliases[i] + "`");
  }
  return row + " | " + cell(key.help) + " |\n";
}

std::string json_text(std::string_view text) {
  return toml_text(text);
}  // same escapes

/// Returns the JSON Schema of one value.
std::string json_type(const Key& key, const ValueRef& value) {
  std::string bounds;
  if (key.bounds.min && !key.bounds.zero_allowed) {
    bounds += std::string(key.bounds.min_open ? ",\"exclusiveMinimum\":" : ",\"minimum\":") +
              shortest(*key.bounds.min);
  }
  if (key.bounds.max) bounds += ",\"maximum\":" + shortest(*key.bounds.max);
  if (const auto* choice = std::get_if<ChoiceRef>(&value)) {
    std::string words;
    for (const std::string_view word : choice->words) {
      words += (words.empty() ? "" : ",") + json_text(word);
    }
    return "\"enum\":[" + words + "]";
  }
  const std::string kind = kind_name(value);
  const bool whole = kind.find("whole") != std::string::npos;
  const std::string scalar = kind.find("text") != std::string::npos ? "\"type\":\"string\""
                             : kind == "exact decimal" ? "\"type\":[\"number\",\"string\"]" + bounds
                             : whole                   ? "\"type\":\"integer\"" + bounds
                             : is_number(kind)         ? "\"type\":\"number\"" + bounds
                                                       : "\"type\":\"boolean\"";
  if (kind.starts_with("table")) {
    return "\"type\":\"object\",\"additionalProperties\":{" + scalar + "}";
  }
  if (kind == "list of tables") {
    return R"("type":"array","items":{"type":"object","required":["id"],"additionalProperties":false,)"
           R"("patternProperties":{"^x-":{}},"properties":{"id":{"type":"string"},"tenant":{"type":"string"},)"
           R"("exchange":{"type":"string"},"bankroll":{"type":["number","string"]},)"
           R"("pairs":{"type":"array","items":{"type":"string"}},)"
           R"("strategies":{"type":"array","items":{"type":"string"}},)"
           R"("max_risk_per_trade":{"type":["number","string"]},"max_daily_loss":{"type":["number","string"]},)"
           R"("max_total_exposure_pct":{"type":["number","string"]}}})";
  }
  if (kind.starts_with("list of {")) {
    return "\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"pct\":{\"type\":"
           "\"number\"},\"tp_mult\":{\"type\":\"number\"}},\"required\":[\"pct\"],"
           "\"additionalProperties\":false}";
  }
  if (kind.starts_with("list")) return "\"type\":\"array\",\"items\":{" + scalar + "}";
  return scalar;
}

/// A table of the schema under construction.
struct SchemaNode {
  std::map<std::string, SchemaNode> children;
  std::string leaf;  // set for a key

  [[nodiscard]] std::string text() const {
    if (!leaf.empty()) return leaf;
    std::string out;
    for (const auto& [name, child] : children) {
      out += (out.empty() ? "" : ",") + json_text(name) + ":" + child.text();
    }
    return "{\"type\":\"object\",\"additionalProperties\":false,\"patternProperties\":{\"^x-\":{}},"
           "\"properties\":{" +
           out + "}}";
  }
};

}  // namespace

std::string example_file(const KeyTable& table, bool commented) {
  Config defaults = table.defaults();
  std::string out =
      "# Configuration of aitrade. Every key is optional; the values here are the defaults.\n"
      "#\n"
      "# Later wins: these defaults, /etc/aitrade/config.toml, config.toml of the configuration\n"
      "# directory, --config files in order, config.local.toml, environment, --set "
      "section.key=value.\n"
      "# Every key has an environment variable, AITRADE__SECTION__KEY. Secrets do not belong "
      "here.\n"
      "# Sections that begin with x- are yours and are ignored. `aitrade config check` finds "
      "mistakes.\n";
  for (const auto& [section, keys] : by_section(table)) {
    if (is_venue_section(section)) continue;
    if (section == "accounts") {
      out += accounts_example();
      continue;
    }
    out += "\n[" + section + "]\n";
    for (const Key* key : keys)
      out += example_entry(*key, defaults, commented);
    if (section == "exchange") out += venue_example();
  }
  return out;
}

std::string reference_page(const KeyTable& table) {
  Config defaults = table.defaults();
  std::string out =
      "# Configuration reference\n\n"
      "Generated from the table of keys by `aitrade config reference`; do not edit.\n\n"
      "Later layers win: defaults, `/etc/aitrade/config.toml`, `config.toml` of the configuration\n"
      "directory, `--config` files in order, `config.local.toml`, environment, `--set`.\n"
      "Every key has a variable `AITRADE__SECTION__KEY`; the older names in the column *variable* "
      "work\n"
      "too. Lists are comma separated there, tables are `name=value` pairs, an empty variable "
      "counts as\n"
      "unset, and two that differ are an error.\n\n"
      "*Reload*: `hot` acts at the next decision, `new orders` for orders opened afterwards, `hot, "
      "warms\n"
      "up` subscribes or warms up again, `restart` waits for the next start.\n"
      "Round brackets exclude the limit.\n";
  for (const auto& [section, keys] : by_section(table)) {
    if (is_venue_section(section)) continue;
    out += section == "accounts" ? "\n## [[accounts]]\n\n" : "\n## [" + section + "]\n\n";
    if (section == "exchange") {
      out +=
          "`[exchange.kraken]`, `[exchange.coinbase]` and `[exchange.sim]` take the same keys but\n"
          "`name` and hold what differs at that venue; there `KRAKEN_SANDBOX`, `COINBASE_SANDBOX`\n"
          "and `COINBASE_MARKET_DATA_URL` are accepted variables.\n\n";
    }
    out +=
        "| key | type | default | limits | unit | reload | variable | meaning |\n"
        "|---|---|---|---|---|---|---|---|\n";
    for (const Key* key : keys)
      out += reference_row(*key, defaults);
  }
  return out;
}

std::string config_schema(const KeyTable& table) {
  Config defaults = table.defaults();
  SchemaNode root;
  for (const Key& key : table.all()) {
    SchemaNode* node = &root;
    std::string_view rest = key.name;
    while (true) {
      const auto dot = rest.find('.');
      node = &node->children[std::string(rest.substr(0, dot))];
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    const ValueRef value = key.in(defaults);
    node->leaf = "{" + json_type(key, value) +
                 ",\"description\":" + json_text(describe_line(key, value)) + "}";
  }
  const std::string body = root.text();
  return "{\"$schema\":\"https://json-schema.org/draft/2020-12/"
         "schema\",\"$id\":\"aitrade.config_file/1\","
         "\"title\":\"aitrade configuration file\"," +
         body.substr(1);
}

std::vector<EffectiveValue> effective_values(const LoadReport& report, const KeyTable& table) {
  AITRADE_CHECK(report.config != nullptr);
  Config copy = *report.config;
  std::vector<EffectiveValue> values;
  for (const Key& key : table.all()) {
    EffectiveValue value;
    value.key = key.name;
    value.value = render(key.in(copy));
    if (key.secret && !value.value.empty()) value.value = "***";
    value.origin = to_string(report.origin_of(key.name));
    const bool own = report.origins.contains(key.name);
    if (is_venue_section(key.section()) && !own) continue;  // as [exchange]
    if (value.value.empty() || value.value == "\"\"") value.note = key.unset;
    if (key.name.starts_with("strategies.") && key.leaf() == "weight") {
      const std::string name = key.section().substr(key.section().find('.') + 1);
      value.note = "counts as " + shortest(report.config->strategies.at(name).weight);
    }
    value.reload = key.reload;
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace aitrade
