// The third of Desk that learns from what happened: closed trades, skill, risk of ruin, breakers, and the
// inputs of the risk budget that follow from them.
#include <algorithm>
#include <cmath>

#include "core/trading/desk.h"
#include "core/trading/volatility_state.h"

namespace aitrade {
namespace {

constexpr std::uint32_t probation_trades_max = 20;   // trading-core.md 7.5
constexpr Duration probation_max = hours{72};

}  // namespace

void Desk::remember(const TradeClosed& trade) {
  record_.add(TradeResult{trade.closed_at, trade.pnl, trade.r_multiple, trade.lead, trade.voters});
  credit(trade.voters, trade.closed_at);
  if (!trip_) trip_ = breakers_.on_trade(loss_streak_);
}

/// Every strategy that voted is judged anew: its weight, and whether it must rest.
void Desk::credit(const Voters& voters, Time now) {
  for (std::size_t i = 0; i < voters.count; ++i) {
    const StrategyId strategy = voters.shares[i].strategy;
    if (rules_.adaptive_weights) confluence_.set_skill(strategy, record_.skill(strategy));
    if (rules_.guardrails.is_on && should_rest(strategy)) {
      confluence_.rest(strategy, now + rules_.guardrails.pause);
    }
  }
}

/// Whether the newest trades a strategy voted for are too bad to go on.
bool Desk::should_rest(StrategyId strategy) const {
  const GuardrailRules& rules = rules_.guardrails;
  int trades = 0;
  int wins = 0;
  double won = 0;
  double lost = 0;
  for (int k = 0; k < record_.size() && trades < rules.window; ++k) {
    const TradeResult& result = record_.back(static_cast<std::size_t>(k));
    const auto end = result.voters.shares.begin() + result.voters.count;
    const bool voted = std::any_of(result.voters.shares.begin(), end,
                                   [&](const Voters::Share& share) { return share.strategy == strategy; });
    if (!voted || !std::isfinite(result.r)) continue;
    ++trades;
    if (result.pnl.is_positive()) ++wins;
    (result.r > 0 ? won : lost) += std::abs(result.r);
  }
  if (trades < rules.trades_min) return false;
  return wins < rules.win_rate_min * trades || won < rules.profit_factor_min * lost;
}

void Desk::on_restored(const TradesRestored& event) {
  for (const TradeResult& result : event.results) {
    record_.add(result);
    credit(result.voters, result.closed_at);   // a rest that is over by now has no effect
  }
}

void Desk::on_restored(const GateRestored& event, ActionList& out) {
  gate_.restore(event.state);
  if (auto notice = gate_.take_notice()) out.add(Notify{Notify::Level::warning, std::move(*notice)});
}

void Desk::on_model(const ModelActivated& event, ActionList& out) {
  gate_.use_model(event.model, event.is_shadow);
  const std::string what = event.model == "-"          ? "no model gates any more"
                           : event.model == "unusable" ? "the active model cannot be used"
                           : event.is_shadow           ? "model " + event.model + " answers and decides nothing"
                                                       : "model " + event.model + " gates entries";
  out.add(Notify{Notify::Level::info, what + " from here on, by " + event.actor});
  if (auto notice = gate_.take_notice()) out.add(Notify{Notify::Level::warning, std::move(*notice)});
}

/// A backtest that keeps no decisions is never started again either.
void Desk::save_gate(ActionList& out) {
  if (out.keeps_decisions()) out.add(GateChanged{id_, gate_.state()});
}

void Desk::on_resumed(Time now, ActionList& out) {
  breakers_.resumed(now, loss_streak_, drawdown());
  probation_since_ = Time{};
  probation_trades_ = 0;
  save_account(portfolio_.equity(), out);
}

void Desk::on_tick(Time now, ActionList& out) {
  Staleness seen;
  if (breakers_.is_check_due(now)) {
    for (std::size_t i = 0; i < watches_.size(); ++i) {
      ++seen.instruments;
      const Duration limit = rules_.stale_after + rules_.base;
      const bool is_stale = rules_.stale_after.count() > 0 && now - watches_[i].newest_close > limit;
      if (!is_stale) continue;
      ++seen.stale;
      seen.held_is_stale = seen.held_is_stale || portfolio_.at(instruments_[i].id).is_open();
    }
  }
  if (const auto trip = breakers_.on_tick(now, seen); trip && !trip_) trip_ = trip;
  if (portfolio_.open_count() == 0) return;
  for (const Instrument& i : instruments_) {
    if (!portfolio_.at(i.id).is_open()) continue;
    ensure_protected(i.id, now, out);   // reliability.md 3.6, 5
    if (rules_.execution.stop_locks) align_size(i.id, out);
  }
}

/// A sample of the pair's market per closed candle, with the book at its close. Filled-in candles have no
/// volume of their own and say nothing.
void Desk::watch_market(Watch& watch, const CandleClosed& event, ActionList& out) {
  const Candle& candle = event.candle;
  if (candle.synthetic) return;
  MarketSample sample;
  if (watch.book && watch.book->is_valid()) sample.spread = spread_of(*watch.book);
  if (const BookAnalysis* book = fresh_analysis(watch, candle.close_time())) {
    sample.depth = book->depth_bid + book->depth_ask;
  }
  sample.volume = candle.volume;
  sample.move = to_double(candle.close) / to_double(candle.open) - 1;
  if (!watch.anomalies->judge(sample, candle.close_time())) return;
  out.add(Notify{Notify::Level::warning, to_string(instruments_[number(event.instrument)].symbol) +
                                             ": entries wait, unusual " + watch.anomalies->cause()});
}

double Desk::drawdown() const {
  if (!peak_equity_.is_positive()) return 0;
  return std::max(0.0, 1.0 - to_double(portfolio_.equity()) / to_double(peak_equity_));
}

Ruin Desk::ruin() const {
  const double fall = rules_.risk.ruin_drawdown * to_double(portfolio_.equity());
  const auto money = Money::from_double(fall, Rounding::down);
  return record_.ruin(money ? *money : Money{}, rules_.risk.ruin_trades_min);
}

/// A record without edge leaves a tenth of the bet for twenty trades or three days, then nothing until an
/// operator has looked (trading-core.md 7.5, X33): only new trades could show that matters are better.
Desk::Probation Desk::judge_ruin(Time now) {
  if (rules_.risk.ruin_probability_max <= 0) return Probation::none;
  const Ruin seen = ruin();
  if (seen.state == RuinState::insufficient_data || seen.probability <= rules_.risk.ruin_probability_max) {
    probation_since_ = Time{};
    probation_trades_ = 0;
    return Probation::none;
  }
  if (probation_since_.ns == 0) probation_since_ = now;
  if (probation_trades_ < probation_trades_max && now - probation_since_ <= probation_max) {
    return Probation::small;
  }
  if (!trip_) trip_ = Breaker::risk_of_ruin;
  return Probation::over;
}

/// What the stops of an instrument would cost, in quote currency, negative for a short. An entry on its way
/// counts as if it had filled: it may at any moment.
double Desk::signed_risk(InstrumentId instrument) const {
  double risk = 0;
  const Position& p = portfolio_.at(instrument);
  if (p.is_open()) {
    const double at_risk = to_double(portfolio_.mark(instrument) - p.stop) * sign(p.direction) * to_double(p.quantity);
    risk += sign(p.direction) * std::max(0.0, at_risk);
  }
  if (const TrackedOrder* t = orders_.find(instrument, OrderRole::entry); t != nullptr && t->bracket.stop.is_positive()) {
    const int side = t->order.side == Side::buy ? 1 : -1;
    const double distance = to_double(t->bracket.entry - t->bracket.stop) * side;
    risk += side * std::max(0.0, distance) * to_double(t->order.leaves());
  }
  return risk;
}

/// Whether the idea behind a position has had its time (StrategyInfo::time_stop).
bool Desk::has_idea_over(InstrumentId instrument, Time now) const {
  if (rules_.signals != nullptr) return false;
  const Position& p = portfolio_.at(instrument);
  for (const StrategyChoice& choice : rules_.strategies) {
    if (choice.id == p.lead) return is_idea_over(p, choice.info->time_stop, now);
  }
  return false;
}

BudgetInputs Desk::budget_inputs(const Watch& watch, InstrumentId instrument, Direction direction,
                                 double spread) {
  const Frame& primary = watch.frames[watch.primary];
  BudgetInputs in;
  in.edge = record_.edge();
  in.drawdown = drawdown();
  in.loss_run = loss_streak_;
  in.spread = spread;
  in.regime = primary.opinion.regime.volatility;
  in.volatility = assess_volatility(primary.series());
  if (portfolio_.open_count() == 0 && orders_.pending_entries() == 0) return in;

  const double equity = to_double(portfolio_.equity());
  for (std::size_t i = 0; i < risks_.size(); ++i) {
    const InstrumentId other = instruments_[i].id;
    const double at_risk = signed_risk(other);
    risks_[i] = at_risk / equity;
    const Position& p = portfolio_.at(other);
    const TrackedOrder* pending = orders_.find(other, OrderRole::entry);
    if (other == instrument || (!p.is_open() && pending == nullptr)) continue;
    const int side = p.is_open() ? sign(p.direction) : pending->order.side == Side::buy ? 1 : -1;
    in.correlation = std::max(in.correlation, correlation_.between(instrument, other) * side * sign(direction));
  }
  in.heat_room = correlation_.room(risks_, instrument, sign(direction), rules_.risk.portfolio_risk_max);
  return in;
}

}  // namespace aitrade
