// The one table of keys: what may be configured, within which bounds, and what each key means.
//
// Parser, environment, `config check|show|schema`, the example file and the reference page all read
// this table; adding a setting is one field in config.h and one row in the keys_*.cpp of its
// section.
#pragma once

#include "core/config/value.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// When a changed key takes effect on reload (operations.md 0.1).
enum class Reload : char {
  hot = 'H',         // on the next evaluation
  new_orders = 'N',  // for orders and positions opened afterwards
  warm_up = 'W',     // re-subscribes or warms up
  restart = 'R',     // only at the next start
};

/// One key. Built with the chain of setters, read as plain data.
struct Key {
  using Check = std::string (*)(const std::string&);  // what is wrong with a text, or ""

  std::string name;  // "risk.max_daily_loss"
  std::string help;
  std::function<ValueRef(Config&)> in;
  Bounds bounds;
  std::string unit;   // "seconds", "fraction"
  std::string unset;  // what holds while the key is not set
  Reload reload{Reload::hot};
  std::vector<std::string> aliases;  // environment names besides AITRADE__SECTION__KEY
  bool first_alias_wins{false};      // else two aliases that differ are an error
  bool per_account{false};           // ACCOUNT_ALIAS goes before ALIAS
  Check check{nullptr};              // for a text and for each text of a list
  bool secret{false};
  bool decides{true};                                 // can change a decision: part of config_hash
  std::function<ValueRef(ExchangeConfig&)> in_venue;  // set: also accepted in [exchange.NAME]

  Key& range(double min, double max) { return bounds.min = min, bounds.max = max, *this; }

  Key& above(double min) { return bounds.min = min, bounds.min_open = true, *this; }

  Key& above(double min, double max) { return above(min).bounds.max = max, *this; }

  Key& at_least(double min) { return bounds.min = min, *this; }

  Key& or_zero() { return bounds.zero_allowed = true, *this; }

  Key& in_unit(std::string text) { return unit = std::move(text), *this; }

  Key& when_unset(std::string text) { return unset = std::move(text), *this; }

  Key& on_reload(Reload when) { return reload = when, *this; }

  Key& env(std::vector<std::string> names) { return aliases = std::move(names), *this; }

  Key& checked(Check function) { return check = function, *this; }

  Key& first_wins() { return first_alias_wins = true, *this; }

  Key& by_account() { return per_account = true, *this; }

  Key& outside_decisions() { return decides = false, *this; }

  /// Returns "risk" of "risk.max_daily_loss": the table that the key stands in; of a list of tables its own name.
  [[nodiscard]] std::string section() const { return name.substr(0, name.rfind('.')); }

  /// Returns "max_daily_loss".
  [[nodiscard]] std::string leaf() const { return name.substr(name.rfind('.') + 1); }

  /// Returns "AITRADE__RISK__MAX_DAILY_LOSS".
  [[nodiscard]] std::string variable() const;
};

/// The rows of a section, in the order of the example file.
std::vector<Key> app_keys();
std::vector<Key> exchange_keys();
std::vector<Key> trading_keys();
std::vector<Key> risk_keys();
std::vector<Key> ai_keys();
std::vector<Key> dashboard_keys();
std::vector<Key> vault_keys();
std::vector<Key> webhook_keys();
std::vector<Key> billing_keys();
std::vector<Key> operation_keys();  // monitoring, logging, paper, backtest, recording
std::vector<Key> account_keys();    // [[accounts]]: one key, whose value is the whole list

/// The whole table: the sections above, the venues' overrides and the strategies of a catalog.
class KeyTable {
 public:
  explicit KeyTable(std::span<const StrategyKeys> catalog);

  [[nodiscard]] const std::vector<Key>& all() const { return keys_; }

  /// Returns the key of that name, or null.
  [[nodiscard]] const Key* find(std::string_view name) const;
  /// Returns whether `prefix` is a table that holds keys ("ai.regime").
  [[nodiscard]] bool is_section(std::string_view prefix) const;
  /// Returns the nearest known key or section for a misspelt name, or "" when none is near.
  [[nodiscard]] std::string nearest(std::string_view name) const;

  [[nodiscard]] std::span<const StrategyKeys> catalog() const { return catalog_; }

  /// Returns a Config with every default in place, the strategies' and venues' included.
  [[nodiscard]] Config defaults() const;

 private:
  std::vector<StrategyKeys> catalog_;
  std::vector<Key> keys_;
};

/// Venues that may have a section of their own below [exchange].
std::span<const std::string_view> venue_names();

/// Gives a venue the shared settings, and its own addresses where those leave them open.
ExchangeConfig venue_defaults(const ExchangeConfig& shared, std::string_view venue);

/// Sections that other versions know: a better answer than "unknown" for a file that has them.
bool is_reserved_section(std::string_view name);

/// Checks of texts, shared by sections: what is wrong, or "".
std::string check_pair(const std::string& text);
std::string check_slug(const std::string& text);
std::string check_https(const std::string& text);  // plain only toward loopback; "" is allowed
std::string check_wss(const std::string& text);    // likewise
bool names_loopback(std::string_view host);

// ---- how a row names its field ---------------------------------------------------------------

inline ValueRef ref(std::string& v) {
  return &v;
}

inline ValueRef ref(bool& v) {
  return &v;
}

inline ValueRef ref(int& v) {
  return &v;
}

inline ValueRef ref(double& v) {
  return &v;
}

inline ValueRef ref(Money& v) {
  return &v;
}

inline ValueRef ref(Rate& v) {
  return &v;
}

template <class T>
ValueRef ref(std::optional<T>& v) {
  return &v;
}

template <class T>
ValueRef ref(std::vector<T>& v) {
  return &v;
}

template <class T>
ValueRef ref(std::map<std::string, T>& v) {
  return &v;
}

std::span<const std::string_view> words_of(Mode);
std::span<const std::string_view> words_of(LogLevel);
std::span<const std::string_view> words_of(LogFormat);
std::span<const std::string_view> words_of(Environment);
std::span<const std::string_view> words_of(ShutdownPositions);
std::span<const std::string_view> words_of(ExchangeName);
std::span<const std::string_view> words_of(EntryOrderStyle);
std::span<const std::string_view> words_of(ExitOrderStyle);
std::span<const std::string_view> words_of(StopOrderStyle);
std::span<const std::string_view> words_of(GapPolicy);
std::span<const std::string_view> words_of(GateMode);

/// Returns the word of an enumeration value, as the configuration spells it.
template <class E>
std::string_view word_of(E value) {
  return words_of(value)[static_cast<std::size_t>(value)];
}

template <class E>

requires std::is_enum_v<E> ValueRef ref(E& v) {
  return ChoiceRef{&v, [](const void* p) { return static_cast<int>(*static_cast<const E*>(p)); },
                   [](void* p, int i) { *static_cast<E*>(p) = static_cast<E>(i); }, words_of(v)};
}

Key make_key(std::string name, std::string help, std::function<ValueRef(Config&)> in);
Key make_venue_key(std::string field, std::string help,
                   std::function<ValueRef(ExchangeConfig&)> in);

}  // namespace aitrade

/// Starts a row: the field's path is the key's name.
#define AITRADE_KEY(path, help_text) \
  ::aitrade::make_key(#path, help_text, [](::aitrade::Config& c) { return ::aitrade::ref(c.path); })

/// Starts a row of [exchange] that [exchange.NAME] may override.
#define AITRADE_VENUE_KEY(field, help_text)    \
  ::aitrade::make_venue_key(#field, help_text, \
                            [](::aitrade::ExchangeConfig& c) { return ::aitrade::ref(c.field); })
