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
constexpr double choppy_malus = 0.30;        // a tenth of a confidence of 0.7
constexpr double sure_fire_odds = 0.40;      // +0.10 of confidence near one half
constexpr double sure_fire_strength = 0.15;
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

/// The confidence that votes and terms add up to.
double confidence_of(const Opinion& opinion) {
  double odds = opinion.terms.sum();
  for (std::size_t i = 0; i < opinion.votes_count; ++i) odds += opinion.votes[i].log_odds;
  return from_log_odds(odds);
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
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    if (strategies[i].info->name == "keltner") keltner_ = i;
  }
  standing_.resize(strategies.size());
  set_weights();
}

void Confluence::set_weights() {
  double sum = 0;
  std::size_t count = 0;
  for (const StrategyChoice& choice : strategies_) {
    sum += choice.weight;
    if (choice.weight > 0) ++count;
  }
  mean_weight_ = sum > 0 ? sum / static_cast<double>(count) : 1;
  for (std::size_t i = 0; i < strategies_.size(); ++i) {
    standing_[i].weight = strategies_[i].weight / mean_weight_ * standing_[i].skill;
  }
}

void Confluence::set_skill(StrategyId strategy, double factor) {
  for (std::size_t i = 0; i < strategies_.size(); ++i) {
    if (strategies_[i].id != strategy) continue;
    standing_[i].skill = factor;
    standing_[i].weight = strategies_[i].weight / mean_weight_ * factor;
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
  opinion.terms = {};
  double sums[2] = {0, 0};  // long, short: weight times strength times confidence
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const Signal& signal = signals[i];
    if (!signal.is_actionable() || is_gated(i, regime, adx) || now < standing_[i].rests_until) continue;
    if (strategies_[i].weight <= 0) continue;   // switched off while it runs
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
  count_votes(opinion, opinion.direction);
  opinion.confidence = confidence_of(opinion);

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

const StrategyInfo* Confluence::info_of(StrategyId strategy) const {
  for (const StrategyChoice& choice : strategies_) {
    if (choice.id == strategy) return choice.info;
  }
  return nullptr;
}

/// Says what each vote adds for `side`, discounting within a family; opposing votes count against. Fills in
/// the counts and the terms that follow from the votes.
void Confluence::count_votes(Opinion& opinion, Direction side) const {
  std::array<int, families_count> seen{};
  bool regime_aligned = false;
  for (std::size_t i = 0; i < opinion.votes_count; ++i) {
    Vote& vote = opinion.votes[i];
    if (vote.direction != side) {
      ++opinion.opposing;
      vote.log_odds = -vote.weight * std::max(0.0, logit(vote.confidence));
      continue;
    }
    const StrategyInfo* info = info_of(vote.strategy);
    const Family family = info != nullptr ? info->family : Family::trend_following;
    ++opinion.agreeing;
    int& count = seen[static_cast<std::size_t>(family)];
    vote.weight *= std::pow(0.5, count);
    ++count;
    vote.log_odds = vote.weight * logit(vote.confidence);
    regime_aligned = regime_aligned || aligned(family, opinion.regime.trend);
  }
  for (const int count : seen) opinion.families += count > 0 ? 1 : 0;
  if (regime_aligned) opinion.terms.regime = regime_bonus;
  if (opinion.families >= 3) opinion.terms.families = diversity_bonus;
  if (opinion.families == 1 && opinion.agreeing > 1) opinion.terms.families = -one_family_malus;
}

void Confluence::weigh(Opinion& opinion, const BookAnalysis* book, double choppiness) const {
  if (opinion.direction == Direction::neutral) return;
  if (choppiness > rules_.choppiness_max) opinion.terms.choppiness = -choppy_malus;
  bool reads_the_book = false;   // then it would count twice
  for (std::size_t i = 0; i < opinion.votes_count; ++i) {
    const StrategyInfo* info = info_of(opinion.votes[i].strategy);
    reads_the_book = reads_the_book || (info != nullptr && info->family == Family::microstructure);
  }
  if (book != nullptr && !reads_the_book && std::fabs(book->score) > rules_.book_score_min) {
    const double sure = std::min(0.4 + 0.6 * std::fabs(book->score), 1.0);
    const double side = book->score * sign(opinion.direction) > 0 ? 1 : -1;
    opinion.terms.book = side * rules_.book_weight * std::max(0.0, logit(sure));
  }
  opinion.confidence = confidence_of(opinion);
}

int Confluence::families_needed(const Opinion& opinion) const {
  const bool is_wild = opinion.regime.volatility == Volatility::high;
  const int needed = is_wild ? rules_.families_min_wild : rules_.families_min;
  return needed + (opinion.terms.choppiness < 0 ? 1 : 0);
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
  primary.terms.timeframes = std::min(bonus, agreement_bonus_max);
  primary.confidence = confidence_of(primary);
}

void Confluence::qualify(Opinion& opinion) const {
  if (opinion.direction == Direction::neutral || opinion.reason != Reason::none) return;
  if (opinion.families >= families_needed(opinion) || single_strategy_) {
    if (opinion.confidence < rules_.confidence_min) {
      opinion.reason = Reason::low_confidence;
    } else if (opinion.terms.book > 0) {
      opinion.terms.sure_fire = sure_fire_odds;
      opinion.confidence = confidence_of(opinion);
      opinion.strength = std::min(opinion.strength + sure_fire_strength, 1.0);
    }
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
