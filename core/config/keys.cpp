#include "core/config/keys.h"

#include <algorithm>
#include <array>

namespace aitrade {

namespace {

using Words = std::span<const std::string_view>;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

void append(std::vector<Key>& to, std::vector<Key> from) {
  for (Key& key : from)
    to.push_back(std::move(key));
}

std::vector<Key> keys_of_venue(std::string_view venue, const std::vector<Key>& shared) {
  std::vector<Key> keys;
  for (const Key& base : shared) {
    if (!base.in_venue) continue;
    Key key = base;
    const std::string id(venue);
    key.name = "exchange." + id + "." + base.leaf();
    key.aliases.clear();
    key.unset = "as exchange." + base.leaf();
    key.in_venue = nullptr;
    key.in = [id, in = base.in_venue](Config& config) { return in(config.venues[id]); };
    if (base.leaf() == "sandbox") key.aliases = {upper(venue) + "_SANDBOX"};
    if (base.leaf() == "market_data_url" && venue == "coinbase") {
      key.aliases = {"COINBASE_MARKET_DATA_URL"};
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<Key> keys_of_strategy(const StrategyKeys& strategy) {
  const std::string id = strategy.name;
  const std::string prefix = "strategies." + id + ".";
  std::vector<Key> keys;
  Key enabled;
  enabled.name = prefix + "enabled";
  enabled.help = "whether the strategy votes";
  enabled.in = [id](Config& config) { return ref(config.strategies[id].enabled); };
  keys.push_back(std::move(enabled));
  Key weight;
  weight.name = prefix + "weight";
  weight.help = "share of the vote; the weights of the enabled strategies are scaled to a sum of 1";
  weight.in = [id](Config& config) { return ref(config.strategies[id].raw_weight); };
  weight.range(0, 1);
  keys.push_back(std::move(weight));
  for (const ParameterKey& parameter : strategy.parameters) {
    Key key;
    key.name = prefix + parameter.name;
    key.help = parameter.help;
    key.in = [id, leaf = parameter.name](Config& config) {
      return ref(config.strategies[id].parameters[leaf]);
    };
    key.range(parameter.min, parameter.max).on_reload(Reload::warm_up);
    if (parameter.is_integer) key.unit = "whole number";
    keys.push_back(std::move(key));
  }
  return keys;
}

constexpr std::array<std::string_view, 2> mode_words{"paper", "live"};
constexpr std::array<std::string_view, 5> level_words{"trace", "debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 3> format_words{"auto", "text", "json"};
constexpr std::array<std::string_view, 2> environment_words{"dev", "production"};
constexpr std::array<std::string_view, 2> shutdown_words{"keep", "close"};
constexpr std::array<std::string_view, 3> exchange_words{"kraken", "coinbase", "sim"};
constexpr std::array<std::string_view, 3> entry_words{"limit_chase", "ioc_limit", "market"};
constexpr std::array<std::string_view, 2> stop_words{"market", "limit"};
constexpr std::array<std::string_view, 4> exit_words{"auto", "market", "limit_then_market",
                                                     "ioc_limit"};
constexpr std::array<std::string_view, 3> gap_words{"flat", "none", "refuse"};
constexpr std::array<std::string_view, 3> gate_words{"off", "shadow", "on"};

}  // namespace

Words words_of(Mode) {
  return mode_words;
}

Words words_of(LogLevel) {
  return level_words;
}

Words words_of(LogFormat) {
  return format_words;
}

Words words_of(Environment) {
  return environment_words;
}

Words words_of(ShutdownPositions) {
  return shutdown_words;
}

Words words_of(ExchangeName) {
  return exchange_words;
}

Words words_of(EntryOrderStyle) {
  return entry_words;
}

Words words_of(StopOrderStyle) {
  return stop_words;
}

Words words_of(ExitOrderStyle) {
  return exit_words;
}

Words words_of(GapPolicy) {
  return gap_words;
}

Words words_of(GateMode) {
  return gate_words;
}

Key make_key(std::string name, std::string help, std::function<ValueRef(Config&)> in) {
  Key key;
  key.name = std::move(name);
  key.help = std::move(help);
  key.in = std::move(in);
  return key;
}

Key make_venue_key(std::string field, std::string help,
                   std::function<ValueRef(ExchangeConfig&)> in) {
  Key key = make_key("exchange." + std::move(field), std::move(help),
                     [in](Config& config) { return in(config.exchange); });
  key.in_venue = std::move(in);
  return key;
}

std::string Key::variable() const {
  std::string out = "AITRADE__";
  for (const char c : upper(name)) {
    if (c == '.') {
      out += "__";
    } else {
      out += c;
    }
  }
  return out;
}

std::span<const std::string_view> venue_names() {
  return exchange_words;
}

ExchangeConfig venue_defaults(const ExchangeConfig& shared, std::string_view venue) {
  ExchangeConfig own = shared;
  for (std::size_t i = 0; i < exchange_words.size(); ++i) {
    if (exchange_words[i] == venue) own.name = static_cast<ExchangeName>(i);
  }
  if (venue == "kraken") {
    if (own.rest_url.empty()) own.rest_url = "https://api.kraken.com";
    if (own.ws_url.empty()) own.ws_url = "wss://ws.kraken.com/v2";
    if (own.ws_auth_url.empty()) own.ws_auth_url = "wss://ws-auth.kraken.com/v2";
  }
  return own;
}

bool is_reserved_section(std::string_view name) {
  constexpr std::array<std::string_view, 8> reserved{"control",   "ml",     "tuner",  "event_calendar",
                                                     "retention", "stress", "stocks", "elasticsearch"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

KeyTable::KeyTable(std::span<const StrategyKeys> catalog)
    : catalog_(catalog.begin(), catalog.end()) {
  append(keys_, app_keys());
  const std::vector<Key> shared = exchange_keys();
  append(keys_, shared);
  for (const std::string_view venue : venue_names())
    append(keys_, keys_of_venue(venue, shared));
  append(keys_, trading_keys());
  append(keys_, risk_keys());
  for (const StrategyKeys& strategy : catalog_)
    append(keys_, keys_of_strategy(strategy));
  append(keys_, ai_keys());
  append(keys_, dashboard_keys());
  append(keys_, vault_keys());
  append(keys_, webhook_keys());
  append(keys_, billing_keys());
  append(keys_, operation_keys());
  append(keys_, account_keys());
}

const Key* KeyTable::find(std::string_view name) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.name == name; });
  return found == keys_.end() ? nullptr : &*found;
}

bool KeyTable::is_section(std::string_view prefix) const {
  const std::string start = std::string(prefix) + ".";
  return prefix == "strategies" || std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) {
           return key.name.starts_with(start);
         });
}

std::string KeyTable::nearest(std::string_view name) const {
  std::string best;
  std::size_t best_distance = 1 + std::max<std::size_t>(3, name.size() / 4);
  const auto consider = [&](std::string_view candidate) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) best = candidate, best_distance = distance;
  };
  const auto depth = std::count(name.begin(), name.end(), '.');
  for (const Key& key : keys_) {
    consider(key.name);
    std::string section = key.section();  // a misspelt table is compared with the tables
    while (std::count(section.begin(), section.end(), '.') > depth) {
      section.resize(section.rfind('.'));
    }
    consider(section);
  }
  if (!best.empty()) return best;
  for (const Key& key : keys_) {  // the beginning of a name
    if (key.name.starts_with(name)) return key.name;
  }
  // The right key in the wrong section is the other common slip.
  const std::string_view leaf = name.substr(name.rfind('.') + 1);
  for (const Key& key : keys_) {
    if (key.leaf() == leaf && !key.name.starts_with("strategies.")) return key.name;
  }
  return {};
}

Config KeyTable::defaults() const {
  Config config;
  for (const std::string_view venue : venue_names()) {
    config.venues[std::string(venue)] = venue_defaults(config.exchange, venue);
  }
  for (const StrategyKeys& strategy : catalog_) {
    StrategyConfig& own = config.strategies[strategy.name];
    own.enabled = strategy.enabled;
    own.weight = own.raw_weight = strategy.default_weight;
    for (const ParameterKey& p : strategy.parameters)
      own.parameters[p.name] = p.fallback;
  }
  return config;
}

bool names_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  return host.starts_with("127.") && all_of(host, "0123456789.") &&
         std::count(host.begin(), host.end(), '.') == 3;
}

namespace {

/// Returns the host of "scheme://host[:port][/path]" without user or port.
std::string_view host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

std::string check_url(const std::string& text, std::string_view secure, std::string_view plain) {
  if (text.empty()) return {};
  const std::string safe = std::string(secure) + "://";
  const std::string open = std::string(plain) + "://";
  if (!text.starts_with(safe) && !text.starts_with(open)) {
    return "must begin with " + safe + " (" + open + " only toward this machine)";
  }
  if (text.find('@') != std::string::npos) return "must not hold a user name or password";
  if (text.find_first_of(" \t") != std::string::npos) return "must not hold blanks";
  const std::string_view host = host_of(text);
  if (host.empty()) return "names no host";
  if (text.starts_with(open) && !names_loopback(host)) {
    return "must begin with " + safe + ": plain " + open + " is allowed only toward 127.0.0.1, " +
           "[::1] or localhost";
  }
  return {};
}

}  // namespace

std::string check_https(const std::string& text) {
  return check_url(text, "https", "http");
}

std::string check_wss(const std::string& text) {
  return check_url(text, "wss", "ws");
}

std::string check_pair(const std::string& text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
  constexpr std::array<std::string_view, 15> stable{"USDT",  "USDC", "DAI",  "BUSD", "TUSD",
                                                    "USDP",  "FRAX", "GUSD", "LUSD", "PYUSD",
                                                    "FDUSD", "EURC", "XAUT", "PAXG", "USD1"};
  const auto slash = text.find('/');
  const std::string_view all = text;
  const std::string_view base = all.substr(0, slash);
  const std::string_view quote = slash == std::string::npos ? "" : all.substr(slash + 1);
  if (base.empty() || quote.empty() || !all_of(base, letters) || !all_of(quote, letters)) {
    return "must be written BASE/QUOTE in capitals, such as BTC/USD";
  }
  if (base == quote) return "must name two different currencies";
  const auto is_stable = [&](std::string_view c) {
    return std::find(stable.begin(), stable.end(), c) != stable.end();
  };
  if (is_stable(base) && (is_stable(quote) || quote == "USD" || quote == "EUR")) {
    return "is a pair of two stable currencies, which has nothing to trade";
  }
  return {};
}

std::string check_slug(const std::string& text) {
  if (text.empty() || text.size() > 32 || !all_of(text, "abcdefghijklmnopqrstuvwxyz0123456789_")) {
    return "must be 1 to 32 of a-z, 0-9 and _";
  }
  return {};
}

}  // namespace aitrade
