#include "core/trading/confluence.h"


#include <algorithm>
#include <array>
#include <cmath>

#include "core/trading/regime.h"

namespace aitrade {
namespace {

constexpr double confidence_floor = 0.05;
constexpr double confidence_cap = 0.90;
constexpr double regime_bonus = 0.12;        // log-odds; +0.03 of confidence near one half
constexpr double diversity_bonus = 0.20;     // three families or more
constexpr double one_family_malus = 0.20;    // several votes, one family
constexpr double agreement_bonus = 0.10;     // per other timeframe that agrees
constexpr double agreement_bonus_max = 0.30;
constexpr double gate_range_adx = 20;        // weak market: trend followers are not asked
constexpr double gate_trend_adx = 35;        // strong trend: fading strategies are not asked
constexpr double gated_leaning = 0.8;

double logit(double p) {
  const double bounded = std::clamp(p, 0.01, 0.99);
  return std::log(bounded / (1.0 - bounded));
}

double from_log_odds(double odds) {
  return std::clamp(1.0 / (1.0 + std::exp(-odds)), confidence_floor, confidence_cap);
}

bool aligned(Family family, Trend trend) {
  if (trend == Trend::trend) return family == Family::trend_following || family == Family::momentum;
  if (trend == Trend::range) return family == Family::mean_reversion;
  return false;
}

}  // namespace

Confluence::Confluence(const ConfluenceRules& rules, const std::vector<StrategyChoice>& strategies,
                       bool single_strategy)
    : rules_(rules), strategies_(strategies), single_strategy_(single_strategy) {
  double sum = 0;
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    sum += strategies[i].weight;
    if (strategies[i].info->name == "keltner") keltner_ = i;
  }
  if (sum > 0) mean_weight_ = sum / static_cast<double>(strategies.size());
  for (const StrategyChoice& choice : strategies) standing_.push_back({choice.weight / mean_weight_, Time{}});
}

void Confluence::set_skill(StrategyId strategy, double factor) {
  for (std::size_t i = 0; i < strategies_.size(); ++i) {
    if (strategies_[i].id == strategy) standing_[i].weight = strategies_[i].weight / mean_weight_ * factor;
  }
}

void Confluence::rest(StrategyId strategy, Time until) {
  for (std::size_t i = 0; i < strategies_.size(); ++i) {
    if (strategies_[i].id == strategy) standing_[i].rests_until = until;
  }
}

/// Regime gating: in a weak market trend followers, in a strong trend the strategies that fade it.
bool Confluence::is_gated(std::size_t index, Regime regime, double adx) const {
  const StrategyChoice& choice = strategies_[index];
  const Family family = choice.info->family;
  if (regime.trend == Trend::range && adx < gate_range_adx) {
    return family == Family::trend_following && choice.leaning.range <= gated_leaning;
  }
  if (regime.trend == Trend::trend && adx > gate_trend_adx) {
    return family == Family::mean_reversion && choice.leaning.trend <= gated_leaning;
  }
  return false;
}

void Confluence::combine(std::span<const Signal> signals, Regime regime, double adx, Time now,
                         Opinion& opinion) const {
  opinion.direction = Direction::neutral;
  opinion.reason = Reason::no_votes;
  opinion.confidence = opinion.strength = 0;
  opinion.agreeing = opinion.opposing = opinion.families = 0;
  opinion.regime = regime;
  opinion.lead = StrategyId{};
  opinion.entry = opinion.stop = opinion.target = 0;
  opinion.votes_count = 0;
  double sums[2] = {0, 0};  // long, short: weight times strength times confidence
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const Signal& signal = signals[i];
    if (!signal.is_actionable() || is_gated(i, regime, adx) || now < standing_[i].rests_until) continue;
    Vote& vote = opinion.votes[opinion.votes_count++];
    vote.strategy = signal.strategy;
    vote.direction = signal.direction;
    vote.strength = signal.strength;
    vote.confidence = signal.confidence;
    vote.weight = standing_[i].weight * leaning_factor(strategies_[i].leaning, regime);
    vote.log_odds = 0;
    sums[signal.direction == Direction::long_ ? 0 : 1] += vote.weight * signal.strength * signal.confidence;
  }
  if (opinion.votes_count == 0) return;

  const double more = std::max(sums[0], sums[1]);
  const double less = std::min(sums[0], sums[1]);
  if (more < rules_.dominance * less || sums[0] == sums[1]) {
    opinion.reason = Reason::tie;
    return;
  }
  opinion.direction = sums[0] > sums[1] ? Direction::long_ : Direction::short_;
  opinion.confidence = from_log_odds(log_odds(opinion, opinion.direction));

  double best = -1;
  double weights = 0;
  for (std::size_t i = 0, v = 0; i < signals.size() && v < opinion.votes_count; ++i) {
    if (signals[i].strategy != opinion.votes[v].strategy || !signals[i].is_actionable()) continue;
    const Vote& vote = opinion.votes[v++];
    if (vote.direction != opinion.direction) continue;
    opinion.strength += vote.weight * vote.strength;
    weights += vote.weight;
    if (vote.strength > best && signals[i].stop > 0 && signals[i].target > 0) {
      best = vote.strength;
      opinion.lead = vote.strategy;
      opinion.entry = signals[i].entry;
      opinion.stop = signals[i].stop;
      opinion.target = signals[i].target;
    }
  }
  if (weights > 0) opinion.strength /= weights;
  opinion.reason = Reason::none;
}

/// Adds up the votes for `side`, discounting within a family; opposing votes count against.
double Confluence::log_odds(Opinion& opinion, Direction side) const {
  std::array<int, families_count> seen{};
  bool regime_aligned = false;
  double odds = 0;
  for (std::size_t i = 0; i < opinion.votes_count; ++i) {
    Vote& vote = opinion.votes[i];
    Family family = Family::trend_following;
    for (const StrategyChoice& choice : strategies_) {
      if (choice.id == vote.strategy) family = choice.info->family;
    }
    if (vote.direction != side) {
      ++opinion.opposing;
      vote.log_odds = -vote.weight * std::max(0.0, logit(vote.confidence));
    } else {
      ++opinion.agreeing;
      int& count = seen[static_cast<std::size_t>(family)];
      vote.weight *= std::pow(0.5, count);
      ++count;
      vote.log_odds = vote.weight * logit(vote.confidence);
      regime_aligned = regime_aligned || aligned(family, opinion.regime.trend);
    }
    odds += vote.log_odds;
  }
  for (const int count : seen) opinion.families += count > 0 ? 1 : 0;
  if (regime_aligned) odds += regime_bonus;
  if (opinion.families >= 3) odds += diversity_bonus;
  if (opinion.families == 1 && opinion.agreeing > 1) odds -= one_family_malus;
  return odds;
}

void Confluence::confirm(Opinion& primary, std::span<const OtherTimeframe> others) const {
  if (primary.direction == Direction::neutral) return;
  int agreeing = 1;
  double bonus = 0;
  for (const OtherTimeframe& other : others) {
    if (other.opinion->direction == Direction::neutral) continue;
    if (other.opinion->direction == primary.direction) {
      ++agreeing;
      bonus += agreement_bonus;
    } else if (other.is_higher) {
      primary.reason = Reason::vetoed_by_timeframe;
      return;
    }
  }
  if (agreeing < rules_.timeframes_agreeing_min) {
    primary.reason = Reason::vetoed_by_timeframe;
    return;
  }
  if (bonus > 0) {
    primary.confidence =
        from_log_odds(logit(primary.confidence) + std::min(bonus, agreement_bonus_max));
  }
}

void Confluence::qualify(Opinion& opinion) const {
  if (opinion.direction == Direction::neutral || opinion.reason != Reason::none) return;
  if (opinion.families >= rules_.families_min || single_strategy_) {
    if (opinion.confidence < rules_.confidence_min) opinion.reason = Reason::low_confidence;
    return;
  }
  if (rules_.any_solo && opinion.confidence >= rules_.solo_confidence_min) return;
  const bool keltner_leads =
      keltner_ < strategies_.size() && opinion.lead == strategies_[keltner_].id;
  if (rules_.keltner_solo && keltner_leads &&
      opinion.confidence >= rules_.keltner_solo_confidence_min) {
    return;
  }
  opinion.reason = rules_.any_solo ? Reason::low_confidence : Reason::too_few_families;
}

}  // namespace aitrade
