#include "core/config/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace aitrade {

namespace {

using Fault = std::optional<std::string>;
using Kind = RawValue::Kind;

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string without_separators(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '_') out += c;
  }
  if (!out.empty() && out.front() == '+') out.erase(0, 1);
  return out;
}

std::string found(const RawValue& raw) {
  switch (raw.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::text:
      return "text";
    case Kind::other:
      return "a date or time";
    case Kind::list:
      return "a list";
    case Kind::table:
      return "a table";
  }
  return "something else";
}

std::string expected(std::string_view what, const RawValue& raw) {
  std::string message = "must be " + std::string(what);
  if (!raw.loose) message += ", not " + found(raw);
  return message;
}

bool outside(double value, const Bounds& bounds) {
  if (bounds.zero_allowed && value == 0) return false;
  if (bounds.min && (bounds.min_open ? value <= *bounds.min : value < *bounds.min)) return true;
  return bounds.max && value > *bounds.max;
}

Fault read(bool& out, const RawValue& raw, const Bounds&) {
  const std::string word = lower(trim(raw.text));
  if (raw.kind == Kind::boolean || raw.loose) {
    for (const std::string_view yes : {"1", "true", "yes", "on", "y"}) {
      if (word == yes) return out = true, std::nullopt;
    }
    for (const std::string_view no : {"0", "false", "no", "off", "n"}) {
      if (word == no) return out = false, std::nullopt;
    }
  }
  return expected("true or false", raw);
}

Fault read(int& out, const RawValue& raw, const Bounds& bounds) {
  if (raw.kind != Kind::integer && !raw.loose) return expected("a whole number", raw);
  const std::string text = without_separators(trim(raw.text));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return expected("a whole number", raw);
  }
  if (error == std::errc::result_out_of_range || value > std::numeric_limits<int>::max() ||
      value < std::numeric_limits<int>::min() || outside(static_cast<double>(value), bounds)) {
    return bounds.min || bounds.max ? describe(bounds) : "is too large a number";
  }
  out = static_cast<int>(value);
  return std::nullopt;
}

Fault read(double& out, const RawValue& raw, const Bounds& bounds) {
  if (raw.kind != Kind::integer && raw.kind != Kind::number && !raw.loose) {
    return expected("a number", raw);
  }
  const std::string text = without_separators(trim(raw.text));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return expected("a number", raw);
  }
  if (error != std::errc{} || !std::isfinite(value)) return "must be a finite number";
  if (outside(value, bounds)) return describe(bounds);
  out = value;
  return std::nullopt;
}

template <class Tag, int Decimals>
Fault read(Fixed<Tag, Decimals>& out, const RawValue& raw, const Bounds& bounds) {
  const bool scalar =
      raw.kind == Kind::integer || raw.kind == Kind::number || raw.kind == Kind::text;
  if (!scalar) return expected("a decimal number", raw);
  const std::string text = without_separators(trim(raw.text));
  const std::string word = lower(text);
  if (word.ends_with("nan") || word.ends_with("inf")) return "must be a finite number";
  const auto value = Fixed<Tag, Decimals>::parse(text);
  if (!value) {
    return "must be a decimal number with at most " + std::to_string(Decimals) + " decimals";
  }
  if (outside(to_double(*value), bounds)) return describe(bounds);
  out = *value;
  return std::nullopt;
}

Fault read(std::string& out, const RawValue& raw, const Bounds& bounds) {
  if (raw.kind != Kind::text) return expected("text in quotes", raw);
  if (raw.text.starts_with("op://")) {
    return "is a reference to a secret manager that nobody resolved; start through the secret "
           "manager's own run command";
  }
  for (const char c : raw.text) {
    if (static_cast<unsigned char>(c) < 0x20) return "must not hold control characters";
  }
  if (outside(static_cast<double>(raw.text.size()), bounds)) {
    return "length " + describe(bounds);
  }
  out = raw.text;
  return std::nullopt;
}

Fault read(ExitTier& out, const RawValue& raw, const Bounds& bounds);
Fault read(AccountConfig& out, const RawValue& raw, const Bounds& bounds);

template <class T>
Fault read(std::optional<T>& out, const RawValue& raw, const Bounds& bounds) {
  T value{};
  if (auto fault = read(value, raw, bounds)) return fault;
  out = value;
  return std::nullopt;
}

template <class T>
Fault read(std::vector<T>& out, const RawValue& raw, const Bounds& bounds) {
  if (raw.kind != Kind::list) return expected("a list", raw);
  std::vector<T> values;
  for (std::size_t i = 0; i < raw.items.size(); ++i) {
    T value{};
    if (auto fault = read(value, raw.items[i], bounds)) {
      return "item " + std::to_string(i + 1) + " (" + raw.items[i].shown() + ") " + *fault;
    }
    values.push_back(std::move(value));
  }
  out = std::move(values);
  return std::nullopt;
}

Fault read(ExitTier& out, const RawValue& raw, const Bounds&) {
  if (raw.kind != Kind::table) return expected("a table { pct, tp_mult }", raw);
  ExitTier tier{0, 0};
  bool has_pct = false;
  for (const auto& [name, value] : raw.entries) {
    Fault fault = "has an unknown key '" + name + "'; a tier has pct and tp_mult";
    if (name == "pct") {
      fault = read(tier.pct, value, Bounds{0.0, 1.0, true, false});
      has_pct = true;
    } else if (name == "tp_mult") {
      fault = read(tier.tp_mult, value, Bounds{0.0, 20.0, false, false});
    }
    if (fault) return name + " " + *fault;
  }
  if (!has_pct) return "needs pct";
  out = tier;
  return std::nullopt;
}

/// Reads one field of an account; "" of an unknown name.
Fault read_field(AccountConfig& account, const std::string& name, const RawValue& value) {
  const Bounds any, money{0.0, std::nullopt, true, false};
  if (name == "id") return read(account.id, value, any);
  if (name == "tenant") return read(account.tenant, value, any);
  if (name == "exchange") return read(account.exchange, value, any);
  if (name == "bankroll") return read(account.bankroll, value, money);
  if (name == "pairs") return read(account.pairs, value, any);
  if (name == "strategies") return read(account.strategies, value, any);
  if (name == "max_risk_per_trade") return read(account.max_risk_per_trade, value, Bounds{0.0, 0.10, true, false});
  if (name == "max_daily_loss") return read(account.max_daily_loss, value, Bounds{0.0, 0.20, true, false});
  if (name == "max_total_exposure_pct") return read(account.max_total_exposure_pct, value, Bounds{0.0, 1.0, true, false});
  return "is not known; an account has id, tenant, exchange, bankroll, pairs, strategies, max_risk_per_trade, "
         "max_daily_loss and max_total_exposure_pct";
}

Fault read(AccountConfig& out, const RawValue& raw, const Bounds&) {
  if (raw.kind != Kind::table) return expected("a table: [[accounts]]", raw);
  AccountConfig account;
  for (const auto& [name, value] : raw.entries) {
    if (name.starts_with("x-")) continue;
    if (const Fault fault = read_field(account, name, value)) return name + " " + *fault;
  }
  if (account.id.empty()) return "needs an id";
  out = std::move(account);
  return std::nullopt;
}

template <class T>
Fault read(std::map<std::string, T>& out, const RawValue& raw, const Bounds& bounds) {
  if (raw.kind != Kind::table) return expected("a table", raw);
  std::map<std::string, T> values;
  for (const auto& [name, item] : raw.entries) {
    T value{};
    if (auto fault = read(value, item, bounds)) return "'" + name + "' " + *fault;
    if (!values.emplace(name, std::move(value)).second) return "'" + name + "' is given twice";
  }
  out = std::move(values);
  return std::nullopt;
}

Fault read_choice(const ChoiceRef& out, const RawValue& raw) {
  std::string words;
  for (std::size_t i = 0; i < out.words.size(); ++i) {
    if (raw.kind == Kind::text && raw.text == out.words[i]) {
      out.set(out.object, static_cast<int>(i));
      return std::nullopt;
    }
    words += (i == 0 ? "" : i + 1 == out.words.size() ? " or " : ", ") + std::string(out.words[i]);
  }
  return "must be " + words;
}

std::string text_of(const std::string& value) {
  return toml_text(value);
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}

std::string text_of(int value) {
  return std::to_string(value);
}

std::string text_of(double value) {
  return shortest(value);
}

std::string text_of(Money value) {
  return to_string(value);
}

std::string text_of(Rate value) {
  return to_string(value);
}

std::string text_of(const ExitTier& tier) {
  return "{ pct = " + shortest(tier.pct) + ", tp_mult = " + shortest(tier.tp_mult) + " }";
}

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : std::string{};
}

template <class T>
std::string text_of(const std::vector<T>& values);

std::string text_of(const AccountConfig& account) {
  std::string out = "{ id = " + toml_text(account.id) + ", tenant = " + toml_text(account.tenant) + ", exchange = " +
                    toml_text(account.exchange);
  if (account.bankroll) out += ", bankroll = " + to_string(*account.bankroll);
  if (!account.pairs.empty()) out += ", pairs = " + text_of(account.pairs);
  if (!account.strategies.empty()) out += ", strategies = " + text_of(account.strategies);
  if (account.max_risk_per_trade) out += ", max_risk_per_trade = " + to_string(*account.max_risk_per_trade);
  if (account.max_daily_loss) out += ", max_daily_loss = " + to_string(*account.max_daily_loss);
  if (account.max_total_exposure_pct) out += ", max_total_exposure_pct = " + to_string(*account.max_total_exposure_pct);
  return out + " }";
}

/// No accounts is no value: the daemon runs one engine, and nothing says a word of it.
std::string text_of(const std::vector<AccountConfig>& accounts) {
  std::string out;
  for (const AccountConfig& account : accounts) out += (out.empty() ? "[" : ", ") + text_of(account);
  return out.empty() ? out : out + "]";
}

template <class T>
std::string text_of(const std::vector<T>& values) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i)
    out += (i > 0 ? ", " : "") + text_of(values[i]);
  return out + "]";
}

template <class T>
std::string text_of(const std::map<std::string, T>& values) {
  if (values.empty()) return "{}";
  std::string out = "{ ";
  for (const auto& [name, value] : values) {
    out += (out.size() > 2 ? ", " : "") + toml_text(name) + " = " + text_of(value);
  }
  return out + " }";
}

struct Namer {
  std::string operator()(std::string*) const { return "text"; }

  std::string operator()(bool*) const { return "true or false"; }

  std::string operator()(int*) const { return "whole number"; }

  std::string operator()(double*) const { return "number"; }

  std::string operator()(Money*) const { return "exact decimal"; }

  std::string operator()(Rate*) const { return "exact decimal"; }

  std::string operator()(std::optional<bool>*) const { return "true or false"; }

  std::string operator()(std::optional<int>*) const { return "whole number"; }

  std::string operator()(std::optional<double>*) const { return "number"; }

  std::string operator()(std::vector<std::string>*) const { return "list of text"; }

  std::string operator()(std::vector<int>*) const { return "list of whole numbers"; }

  std::string operator()(std::map<std::string, std::string>*) const { return "table of text"; }

  std::string operator()(std::map<std::string, int>*) const { return "table of whole numbers"; }

  std::string operator()(std::map<std::string, double>*) const { return "table of numbers"; }

  std::string operator()(std::vector<ExitTier>*) const { return "list of { pct, tp_mult }"; }

  std::string operator()(std::vector<AccountConfig>*) const { return "list of tables"; }

  std::string operator()(const ChoiceRef&) const { return "choice"; }
};

}  // namespace

std::string to_string(const Place& place) {
  if (place.line == 0) return place.source;
  return place.source + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string RawValue::shown() const {
  std::string out;
  if (kind == Kind::list) {
    for (const RawValue& item : items)
      out += (out.empty() ? "" : ", ") + item.shown();
    out = "[" + out + "]";
  } else if (kind == Kind::table) {
    for (const auto& [name, value] : entries) {
      out += (out.empty() ? "" : ", ") + name + " = " + value.shown();
    }
    out = "{" + out + "}";
  } else {
    out = kind == Kind::text ? toml_text(text) : text;
  }
  constexpr std::size_t limit = 80;
  if (out.size() > limit) {
    std::size_t cut = limit;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U)
      --cut;
    out = out.substr(0, cut) + "...";
  }
  return out;
}

std::string describe(const Bounds& b) {
  const std::string off = b.zero_allowed ? "0 or " : "";
  if (b.min && b.max) {
    return "must be " + off + "in " + (b.min_open ? "(" : "[") + shortest(*b.min) + ", " +
           shortest(*b.max) + "]";
  }
  if (b.min) return "must be " + off + (b.min_open ? "above " : "at least ") + shortest(*b.min);
  if (b.max) return "must be " + off + "at most " + shortest(*b.max);
  return "may be any number";
}

std::string kind_name(const ValueRef& value) {
  return std::visit(Namer{}, value);
}

std::string render(const ValueRef& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, ChoiceRef>) {
          return toml_text(held.words[static_cast<std::size_t>(held.get(held.object))]);
        } else {
          return text_of(*held);
        }
      },
      value);
}

void copy_value(const ValueRef& from, const ValueRef& to) {
  AITRADE_CHECK(from.index() == to.index());
  std::visit(
      [&to](const auto& source) {
        using Held = std::decay_t<decltype(source)>;
        const auto& target = std::get<Held>(to);
        if constexpr (std::is_same_v<Held, ChoiceRef>) {
          target.set(target.object, source.get(source.object));
        } else {
          *target = *source;
        }
      },
      from);
}

std::optional<std::string> assign(const ValueRef& value, const RawValue& raw,
                                  const Bounds& bounds) {
  return std::visit(
      [&](const auto& held) -> Fault {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, ChoiceRef>) {
          return read_choice(held, raw);
        } else {
          return read(*held, raw, bounds);
        }
      },
      value);
}

namespace {

RawValue word(std::string_view text, const Place& place) {
  RawValue raw;
  raw.text = std::string(trim(text));
  raw.loose = true;
  raw.place = raw.key_place = place;
  return raw;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    const std::string_view part = trim(text.substr(0, at));
    if (!part.empty()) parts.push_back(part);
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Takes the brackets off "[a, b]" and the quotes off its items, so that TOML spelling works too.
std::string_view bare(std::string_view text, char open, char close) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == open && text.back() == close) {
    text = trim(text.substr(1, text.size() - 2));
  }
  return text;
}

RawValue pairs_from(std::string_view words, const Place& place) {
  RawValue raw = word("", place);
  raw.kind = Kind::table;
  for (const std::string_view part : split(bare(words, '{', '}'), ',')) {
    const auto equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    raw.entries.emplace_back(std::string(bare(name, '"', '"')), word(bare(value, '"', '"'), place));
  }
  return raw;
}

}  // namespace

RawValue from_words(const ValueRef& value, std::string_view words, Place place) {
  const bool list = std::holds_alternative<std::vector<std::string>*>(value) ||
                    std::holds_alternative<std::vector<int>*>(value);
  const bool table = std::holds_alternative<std::map<std::string, std::string>*>(value) ||
                     std::holds_alternative<std::map<std::string, int>*>(value) ||
                     std::holds_alternative<std::map<std::string, double>*>(value);
  if (table) return pairs_from(words, place);
  if (std::holds_alternative<std::vector<ExitTier>*>(value)) {
    // 0.5@1.0,1.0@0: share at multiple of the target distance
    RawValue raw = word("", place);
    raw.kind = Kind::list;
    for (const std::string_view part : split(bare(words, '[', ']'), ',')) {
      const auto at = part.find('@');
      RawValue tier = word("", place);
      tier.kind = Kind::table;
      tier.entries.emplace_back("pct", word(part.substr(0, at), place));
      if (at != std::string_view::npos) {
        tier.entries.emplace_back("tp_mult", word(part.substr(at + 1), place));
      }
      raw.items.push_back(std::move(tier));
    }
    return raw;
  }
  if (list) {
    RawValue raw = word("", place);
    raw.kind = Kind::list;
    for (const std::string_view part : split(bare(words, '[', ']'), ',')) {
      raw.items.push_back(word(bare(part, '"', '"'), place));
    }
    return raw;
  }
  return word(bare(words, '"', '"'), place);
}

std::string shortest(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  AITRADE_CHECK(error == std::errc{});
  return std::string(buffer.data(), end);
}

std::string toml_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace aitrade
