// What a strategy thinks, what all of them together think, and what was decided and why.
//
// All of it is of fixed capacity: nothing here allocates, because a decision is made on every closed
// candle of the primary timeframe.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/order.h"

namespace aitrade {

constexpr std::size_t strategies_max = 24;  // the catalog has fifteen; room for a user's own

/// Whose opinion a signal from outside is, in records and waiting times; no strategy of the catalog has it.
constexpr StrategyId external_strategy{static_cast<std::uint16_t>(strategies_max - 1)};
constexpr std::string_view external_strategy_name = "webhook";

/// Families share information; a second vote from one family counts less.
enum class Family : std::uint8_t {
  trend_following,
  mean_reversion,
  momentum,
  microstructure,
  structure,
  sentiment,
  vwap,
};
constexpr std::size_t families_count = 7;

enum class Trend : std::uint8_t { unknown, trend, range };
enum class Volatility : std::uint8_t { unknown, low, mid, high };

struct Regime {
  Trend trend{Trend::unknown};
  Volatility volatility{Volatility::unknown};

  friend bool operator==(Regime, Regime) = default;
};

/// Why a strategy or the desk did nothing, or what it did. One word each, in tables and JSON.
enum class Reason : std::uint8_t {
  none,
  // from a strategy
  warming_up,
  no_setup,
  not_finite,
  no_confirmation,
  reward_too_small,
  // from confluence
  no_votes,
  tie,
  too_few_families,
  low_confidence,
  primary_neutral,
  vetoed_by_timeframe,
  // from the desk, risk and house
  paused,
  halted,
  stale_feed,
  backfill,
  wide_spread,
  no_short,
  cooldown_pair,
  cooldown_strategy,
  cooldown_loss,
  has_position,
  max_positions,
  max_group,
  daily_loss,
  drawdown,
  loss_streak,
  risk_of_ruin,
  trades_per_hour,
  quiet_hour,
  bad_levels,
  reward_to_risk,
  no_edge,
  exposure,
  below_minimum,
  no_cash,
  // outcomes
  entered,
  closing_opposite,
  // later additions: recordings keep the numbers, so new ones come last
  portfolio_heat,
  thin_book,
  anomaly,
  held,   // by the house: the tenant may not trade
};
constexpr std::size_t reasons_count = static_cast<std::size_t>(Reason::held) + 1;

/// A number that explains a signal; `name` has static storage.
struct Note {
  const char* name;
  double value;
};

constexpr std::size_t notes_max = 8;

/// One strategy's view of one instrument on one timeframe.
struct Signal {
  StrategyId strategy{};
  Direction direction{Direction::neutral};
  Reason reason{Reason::no_setup};   // why neutral; none when there is a direction
  double strength{0};                // [0, 1]
  double confidence{0};              // [0, 1]
  double entry{0};                   // last close, quote per base
  double stop{0}, target{0};         // 0 when absent; long: stop < entry < target
  std::uint8_t notes_count{0};
  std::array<Note, notes_max> notes;  // the first notes_count; the rest is not set, as most signals have none

  Signal() {}  // NOLINT: a default one would set the notes, three times a bar

  [[nodiscard]] bool is_actionable() const {
    return direction != Direction::neutral && strength >= 0.3 && confidence >= 0.3;
  }

  void note(const char* name, double value) {
    if (notes_count < notes_max) notes[notes_count++] = Note{name, value};
  }
};

/// One strategy's part in an opinion.
struct Vote {
  StrategyId strategy{};
  Direction direction{Direction::neutral};
  double strength{0}, confidence{0};
  double weight{0};       // base * adaptive * regime * family discount
  double log_odds{0};     // what it added
};

/// What was added to the votes, each in log-odds and zero when it did not apply (trading-core.md 3.5).
struct OpinionTerms {
  double regime{0};       // a family at home in this regime voted
  double families{0};     // many families, or several votes of a single one
  double book{0};         // the order book agrees (positive) or disagrees
  double choppiness{0};   // the market goes nowhere, wildly
  double timeframes{0};   // others agree
  double sure_fire{0};    // enough families, the book agrees, confident: all at once

  [[nodiscard]] double sum() const { return regime + families + book + choppiness + timeframes + sure_fire; }

  friend bool operator==(const OpinionTerms&, const OpinionTerms&) = default;
};

/// Signals of one timeframe combined. Fixed capacity, no heap.
struct Opinion {
  Direction direction{Direction::neutral};
  Reason reason{Reason::no_votes};
  double confidence{0};              // [0.05, 0.90], log-odds combination
  double strength{0};                // weighted mean of the winners
  int agreeing{0}, opposing{0}, families{0};
  Regime regime;
  double entry{0}, stop{0}, target{0};   // from the strongest vote of the winning side
  StrategyId lead{};                     // whose levels these are
  std::array<Vote, strategies_max> votes{};
  std::uint8_t votes_count{0};
  OpinionTerms terms;
};

/// Stop and target of a planned entry, in exact prices.
struct Bracket {
  Price entry, stop, target;
  double reward_to_risk{0};  // before costs
};

/// What share of equity a trade may lose, and every factor that made it. Factors are in (0, 1].
struct RiskBudget {
  Rate risk;                          // fraction of equity
  Reason reason{Reason::none};        // why it is zero
  double kelly{0};                    // capped Kelly share; 0 before there are enough trades
  double drawdown{1}, streak{1}, spread{1}, volatility{1}, correlation{1};
  double product{1};                  // of the factors, floored
};

constexpr std::size_t features_max = 32;

/// What became of the model's answer about a candidate (core/trading/gate.h).
enum class GateStatus : std::uint8_t {
  absent,         // no model: the rules alone decide
  used,           // its probability decided
  shadow,         // it answered, and only the record has it
  switched_off,   // it answered, but it was found not to help
  unusable,       // a model is there, but made for other features
  missing,        // a number that it needs is not known
  strange,        // too far from what it was trained on
};

/// What the gate saw and answered, kept with the decision: what a model is trained on later is what was known
/// here, and nothing that is computed again.
struct GateRecord {
  GateStatus status{GateStatus::absent};
  bool rejected{false};                  // below what was needed, whether or not that decided
  std::uint64_t model{0};                // first eight bytes of its hash; 0 without one
  std::uint64_t schema{0};               // of the features; 0 when none were computed
  double probability{std::numeric_limits<double>::quiet_NaN()};   // what it goes by, [0, 1]; NaN without a model
  double online{std::numeric_limits<double>::quiet_NaN()};        // of the online learner alone; NaN without one
  double online_weight{0};               // its part in the probability, [0, 0.3]; 0 until it has shown skill
  double needed{std::numeric_limits<double>::quiet_NaN()};        // break-even and margin, [0, 1]
  std::uint8_t features_count{0};        // 0: no gate was asked
  std::array<double, features_max> features{};   // NaN: not known
};

/// Everything that went into one decision, kept whether or not it trades.
struct Decision {
  InstrumentId instrument{};
  DeskId desk{};
  Time candle_close;        // of the primary candle that caused it
  Opinion opinion;
  double probability{0};    // used for expected value; [0, 1]
  double expected_r{0};     // EV_R after costs
  double score{0};          // of the opportunity, when it was ranked among others; else 0
  Bracket bracket;
  Quantity size;
  double risk_fraction{0};
  RiskBudget budget;
  Reason reason{Reason::no_votes};
  bool entered{false};
  GateRecord gate;
};

std::string_view to_string(Reason reason);
std::string_view to_string(Family family);
std::string_view to_string(GateStatus status);
std::string_view to_string(Trend trend);
std::string_view to_string(Volatility volatility);

}  // namespace aitrade
