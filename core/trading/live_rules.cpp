#include "core/trading/live_rules.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>

namespace aitrade {
namespace {

using Hours = std::array<bool, 24>;

/// Text that reads back as the same value, to the bit.
template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, Duration>) {
    return std::to_string(value.count());
  } else if constexpr (std::is_same_v<T, Hours>) {
    std::string hours;
    for (const bool is_quiet : value) hours += is_quiet ? '1' : '0';
    return hours;
  } else if constexpr (std::is_arithmetic_v<T>) {
    std::array<char, 40> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
  } else {
    return to_string(value);
  }
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc{} && end == text.data() + text.size();
}

template <class T>
bool read(std::string_view text, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = text == "true";
    return value || text == "false";
  } else if constexpr (std::is_same_v<T, Duration>) {
    std::int64_t count = 0;
    if (!read_number(text, count)) return false;
    value = Duration{count};
    return true;
  } else if constexpr (std::is_same_v<T, Hours>) {
    if (text.size() != value.size()) return false;
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = text[i] == '1';
    return true;
  } else if constexpr (std::is_arithmetic_v<T>) {
    return read_number(text, value);
  } else {
    const auto parsed = T::parse(text);
    if (parsed) value = *parsed;
    return parsed.has_value();
  }
}

/// One number, and how it is told and taken.
struct LiveRule {
  std::string_view name;
  std::string (*tell)(const TradingRules&);
  bool (*take)(TradingRules&, std::string_view);
};

template <auto Section, auto Field>
constexpr LiveRule rule(std::string_view name) {
  return {name, [](const TradingRules& rules) { return text_of((rules.*Section).*Field); },
          [](TradingRules& rules, std::string_view text) { return read(text, (rules.*Section).*Field); }};
}

/// One that stands in no section.
template <auto Field>
constexpr LiveRule plain(std::string_view name) {
  return {name, [](const TradingRules& rules) { return text_of(rules.*Field); },
          [](TradingRules& rules, std::string_view text) { return read(text, rules.*Field); }};
}

template <auto Field>
constexpr LiveRule risk(std::string_view name) {
  return rule<&TradingRules::risk, Field>(name);
}

template <auto Field>
constexpr LiveRule confluence(std::string_view name) {
  return rule<&TradingRules::confluence, Field>(name);
}

template <auto Field>
constexpr LiveRule breakers(std::string_view name) {
  return rule<&TradingRules::breakers, Field>(name);
}

template <auto Field>
constexpr LiveRule guardrails(std::string_view name) {
  return rule<&TradingRules::guardrails, Field>(name);
}

using C = ConfluenceRules;
using R = RiskRules;
using B = BreakerRules;
using G = GuardrailRules;

constexpr std::array live_rules{
    plain<&TradingRules::stale_after>("stale_after"),
    risk<&R::risk_per_trade>("risk.risk_per_trade"),
    risk<&R::daily_loss_max>("risk.daily_loss_max"),
    risk<&R::exposure_max>("risk.exposure_max"),
    risk<&R::position_max>("risk.position_max"),
    risk<&R::spread_max>("risk.spread_max"),
    risk<&R::positions_max>("risk.positions_max"),
    risk<&R::positions_per_group_max>("risk.positions_per_group_max"),
    risk<&R::trades_per_hour_max>("risk.trades_per_hour_max"),
    risk<&R::reward_to_risk_min>("risk.reward_to_risk_min"),
    risk<&R::daily_trades_max>("risk.daily_trades_max"),
    risk<&R::quiet_hours>("risk.quiet_hours"),
    risk<&R::pair_cooldown>("risk.pair_cooldown"),
    risk<&R::loss_cooldown>("risk.loss_cooldown"),
    risk<&R::kelly_fraction>("risk.kelly_fraction"),
    risk<&R::kelly_cap>("risk.kelly_cap"),
    risk<&R::portfolio_risk_max>("risk.portfolio_risk_max"),
    risk<&R::ruin_probability_max>("risk.ruin_probability_max"),
    risk<&R::ruin_drawdown>("risk.ruin_drawdown"),
    risk<&R::ruin_trades_min>("risk.ruin_trades_min"),
    confluence<&C::families_min>("confluence.families_min"),
    confluence<&C::families_min_wild>("confluence.families_min_wild"),
    confluence<&C::confidence_min>("confluence.confidence_min"),
    confluence<&C::any_solo>("confluence.any_solo"),
    confluence<&C::solo_confidence_min>("confluence.solo_confidence_min"),
    confluence<&C::keltner_solo>("confluence.keltner_solo"),
    confluence<&C::keltner_solo_confidence_min>("confluence.keltner_solo_confidence_min"),
    confluence<&C::timeframes_agreeing_min>("confluence.timeframes_agreeing_min"),
    confluence<&C::book_score_min>("confluence.book_score_min"),
    confluence<&C::book_weight>("confluence.book_weight"),
    breakers<&B::on_losses>("breakers.on_losses"),
    breakers<&B::losses_max>("breakers.losses_max"),
    breakers<&B::on_drawdown>("breakers.on_drawdown"),
    breakers<&B::drawdown_max>("breakers.drawdown_max"),
    breakers<&B::on_stale>("breakers.on_stale"),
    breakers<&B::stale_checks>("breakers.stale_checks"),
    breakers<&B::check_every>("breakers.check_every"),
    breakers<&B::stale_fraction>("breakers.stale_fraction"),
    breakers<&B::on_stream>("breakers.on_stream"),
    breakers<&B::stream_after>("breakers.stream_after"),
    breakers<&B::resume_grace>("breakers.resume_grace"),
    breakers<&B::flatten>("breakers.flatten"),
    guardrails<&G::is_on>("guardrails.is_on"),
    guardrails<&G::trades_min>("guardrails.trades_min"),
    guardrails<&G::window>("guardrails.window"),
    guardrails<&G::win_rate_min>("guardrails.win_rate_min"),
    guardrails<&G::profit_factor_min>("guardrails.profit_factor_min"),
    guardrails<&G::pause>("guardrails.pause"),
};

const LiveRule* find_rule(std::string_view name) {
  for (const LiveRule& one : live_rules) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

constexpr std::string_view weight_prefix = "weight.";   // of a strategy that runs; zero is off

const StrategyChoice* choice_of(const TradingRules& rules, StrategyId id) {
  for (const StrategyChoice& choice : rules.strategies) {
    if (choice.id == id) return &choice;
  }
  return nullptr;
}

/// The weight of a strategy that runs already: one that does not has no indicators that are warm.
bool take_weight(TradingRules& rules, std::string_view strategy, std::string_view text) {
  for (StrategyChoice& choice : rules.strategies) {
    if (choice.info == nullptr || choice.info->name != strategy) continue;
    double weight = 0;
    if (!read(text, weight) || !(weight >= 0 && weight <= 1)) return false;
    choice.weight = weight;
    return true;
  }
  return false;
}

}  // namespace

std::vector<RuleValue> rule_changes(const TradingRules& from, const TradingRules& to) {
  std::vector<RuleValue> changes;
  for (const LiveRule& one : live_rules) {
    std::string value = one.tell(to);
    if (value != one.tell(from)) changes.push_back({std::string(one.name), std::move(value)});
  }
  for (const StrategyChoice& running : from.strategies) {
    const StrategyChoice* wanted = choice_of(to, running.id);
    const double weight = wanted != nullptr ? wanted->weight : 0;
    if (weight != running.weight && running.info != nullptr) {
      changes.push_back({std::string(weight_prefix).append(running.info->name), text_of(weight)});
    }
  }
  return changes;
}

bool apply_rules(TradingRules& rules, const std::vector<RuleValue>& values) {
  TradingRules changed = rules;
  for (const RuleValue& value : values) {
    if (value.name.starts_with(weight_prefix)) {
      if (!take_weight(changed, std::string_view(value.name).substr(weight_prefix.size()), value.value)) return false;
      continue;
    }
    const LiveRule* one = find_rule(value.name);
    if (one == nullptr || !one->take(changed, value.value)) return false;
  }
  rules = std::move(changed);
  return true;
}

}  // namespace aitrade
