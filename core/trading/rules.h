// What a desk may do: the numbers of the configuration, as values the pure core can hold.
//
// cmd/compose fills it from Config; tests fill it by hand. The names are those of the keys.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/time.h"
#include "core/trading/breakers.h"
#include "core/trading/order_style.h"
#include "core/trading/pair_breaker.h"
#include "core/trading/strategy.h"

namespace aitrade {

class ForeignSignals;

/// One enabled strategy: what it is, its parameters and its normalised weight.
struct StrategyChoice {
  StrategyId id{};
  const StrategyInfo* info{nullptr};   // static storage
  Parameters parameters;
  double weight{0};                    // the enabled ones sum to 1
  Leaning leaning;                     // per regime, configured or the strategy's own
  Duration cooldown{minutes{10}};      // after a close of its trade: (pair, strategy, side)
};

struct ConfluenceRules {
  int families_min{2};                 // ai.confluence_threshold
  int families_min_wild{3};            // in high volatility; one more in a choppy market
  double confidence_min{0.60};
  bool any_solo{false};
  double solo_confidence_min{0.68};
  bool keltner_solo{false};
  double keltner_solo_confidence_min{0.62};
  int timeframes_agreeing_min{1};
  double dominance{1.25};              // the winner's weighted sum over the loser's
  double book_score_min{0.2};          // from which the order book agrees, or disagrees
  double book_weight{0.15};            // of that beside a usual vote
  double choppiness_max{61.8};         // index above which a market is choppy
};

struct RegimeRules {
  double adx_enter{25};
  double adx_leave{20};
  double atr_pct_high{0.02};           // of a day's candle; scaled by sqrt(timeframe / 1 day)
  double atr_pct_low{0.008};
};

struct ExitRules {
  double trailing_activation_atr{1.5}, trailing_activation_pct{0.012};
  double trailing_step_atr{1.0}, trailing_step_pct{0.005};
  double breakeven_atr{1.0}, breakeven_pct{0.008};
  Duration hold_max{0};                // closed at the market afterwards; 0 = never
  bool stagnation{false};              // a trade that goes nowhere gets nearer targets, then leaves
  /// Parts to close on the way: `share` of what remains, `multiple` target distances away; 0 trails only.
  struct Tier {
    double share{1};
    double multiple{1};
  };
  std::vector<Tier> tiers;             // empty: everything at the target
};

/// When a strategy with bad results is not asked for a while (trading-core.md 3.3).
struct GuardrailRules {
  bool is_on{false};
  int trades_min{20};
  int window{50};                      // at most TrackRecord::capacity
  double win_rate_min{0.35};
  double profit_factor_min{1.0};
  Duration pause{minutes{120}};
};

struct RiskRules {
  Rate risk_per_trade{Rate::parse_or_die("0.005")};      // of equity
  Rate daily_loss_max{Rate::parse_or_die("0.03")};       // of equity at the UTC day's start
  Rate exposure_max{Rate::parse_or_die("0.5")};          // of equity, all positions and pending entries
  Money position_max{Money::parse_or_die("200")};        // notional of one position
  Rate gap{Rate::parse_or_die("0.001")};                 // what a stop may slip through, of price
  Rate cost{Rate::parse_or_die("0.0056")};               // round trip: fees, spread and slippage, of price
  double reward_to_risk_min{1.2};                        // before costs
  double spread_max{0.0015};                             // of mid; 0 = off
  bool book_required{false};                             // a missing book refuses entries (live)
  int positions_max{5};
  int positions_per_group_max{2};
  int trades_per_hour_max{6};                            // 0 = off
  int daily_trades_max{0};                               // 0 = off
  std::array<bool, 24> quiet_hours{};                    // UTC
  Duration pair_cooldown{minutes{10}};
  Duration loss_cooldown{minutes{15}};
  double kelly_fraction{0.25};                           // 0 = off
  double kelly_cap{0.005};                               // of equity, what Kelly may ask for
  bool is_live{false};                                   // no edge: nothing live, a tenth on paper
  double portfolio_risk_max{0.03};                       // heat of all positions, of equity
  double ruin_probability_max{0.05};                     // 0 = never looked at
  double ruin_drawdown{0.30};                            // of equity
  int ruin_trades_min{50};
  bool liquidity_sizing{false};
  double depth_ratio_min{3};                             // depth to size below which the cap holds
  double depth_share_max{0.10};
};

struct TradingRules {
  Duration base{minutes{1}};                 // of the candles that come in
  std::vector<Duration> timeframes{minutes{1}};   // ascending multiples of base
  Duration primary{minutes{1}};              // one of timeframes: decisions are made on its closes
  std::vector<StrategyChoice> strategies;
  bool single_strategy{false};               // one strategy alone: its own vote is enough
  BracketRules bracket;
  ConfluenceRules confluence;
  RegimeRules regime;
  ExitRules exits;
  ExecutionRules execution;
  RiskRules risk;
  BreakerRules breakers;
  AnomalyRules anomalies;
  GuardrailRules guardrails;
  bool adaptive_weights{true};               // weights follow the skill of closed trades
  std::vector<std::string> groups;           // correlation group by instrument; "" = none
  Duration stale_after{minutes{2}};          // without a candle; 0 = never
  Duration book_age_max{seconds{3}};         // of an analysed book that strategies may see
  bool snapshots{false};                     // the gate wants the canonical indicators
  const ForeignSignals* signals{nullptr};    // borrowed: opinions come from outside (foreign_signals.h)
};

}  // namespace aitrade
