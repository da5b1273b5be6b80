#include "core/trading/desk.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

constexpr Duration day{hours{24}};

}  // namespace

Desk::Desk(DeskId id, const TradingRules& rules, std::vector<Instrument> instruments,
           EntryGate& gate, House& house, const Playback* playback)
    : id_(id),
      rules_(rules),
      instruments_(std::move(instruments)),
      gate_(gate),
      house_(house),
      confluence_(rules.confluence, rules.strategies, rules.single_strategy),
      risk_(rules.risk),
      pacing_(rules.risk, instruments_.size(), strategies_max),
      portfolio_(instruments_.size()),
      orders_(id),
      correlation_(instruments_.size()),
      breakers_(rules.breakers),
      risks_(instruments_.size()),
      oversold_(instruments_.size()),
      reversals_(instruments_.size()) {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    AITRADE_CHECK(number(instruments_[i].id) == i);
    Watch watch;
    for (const Duration timeframe : rules.timeframes) {
      if (timeframe == rules.primary) watch.primary = watch.frames.size();
      watch.frames.emplace_back(rules, timeframe, playback);
    }
    if (rules.anomalies.is_on) watch.anomalies.emplace(rules.anomalies);
    watches_.push_back(std::move(watch));
  }
  const bool is_alone = watches_.size() == 1 && watches_.front().frames.size() == 1;
  AITRADE_CHECK(playback == nullptr || (is_alone && rules.primary == rules.base));
}

void Desk::jump(std::size_t next, const Candle& newest) {
  AITRADE_CHECK(is_idle());
  Watch& watch = watches_.front();
  watch.frames.front().jump(next);
  watch.newest_close = newest.close_time();
  portfolio_.mark(instruments_.front().id, newest.close);
}

void Desk::on_candle(const CandleClosed& event, const RunState& state, ActionList& out) {
  Watch& watch = watches_[number(event.instrument)];
  const Candle& candle = event.candle;
  const Time close = candle.close_time();
  if (close <= watch.newest_close) return;  // already seen: a backfill that overlaps

  if (candle.open_time >= day_start_ + day) roll_day(floor_to(candle.open_time, day), out);
  watch.newest_close = close;
  portfolio_.mark(event.instrument, candle.close);
  if (gate_.on_candle(event.instrument, candle)) save_gate(out);
  if (watches_.size() > 1) correlation_.on_close(event.instrument, close, to_double(candle.close));
  if (portfolio_.open_count() > 0) {
    peak_equity_ = std::max(peak_equity_, portfolio_.equity());
    if (!trip_ && breakers_.rules().on_drawdown) trip_ = breakers_.on_drawdown(drawdown());
    if (portfolio_.at(event.instrument).is_open()) protect(event.instrument, candle, close, out);
    if (has_idea_over(event.instrument, close)) {
      leave(event.instrument, OrderRole::exit, ExitReason::time_limit, close, out);
    }
  }
  if (watch.anomalies) watch_market(watch, event, out);
  if (rules_.signals != nullptr) {
    obey(event, state, out);
    return;
  }
  for (Frame& frame : watch.frames) frame.on_base(candle);
  Frame& primary = watch.frames[watch.primary];
  for (Frame& frame : watch.frames) {
    const bool due = frame.timeframe() > primary.timeframe() || primary.closed_at(close);
    if (due && frame.closed_at(close) && frame.is_warm()) {
      frame.judge(confluence_, watch.book, fresh_analysis(watch, close));
    }
  }
  if (primary.closed_at(close)) consider(watch, event, state, out);
}

/// From the opinion of the primary timeframe to a decision with one reason.
void Desk::consider(Watch& watch, const CandleClosed& event, const RunState& state, ActionList& out) {
  Opinion& opinion = watch.frames[watch.primary].opinion;
  if (opinion.direction == Direction::neutral && !out.keeps_decisions() &&
      watch.frames[watch.primary].is_warm()) {
    ++reason_counts_[static_cast<std::size_t>(opinion.reason)];   // almost every bar of a backtest
    return;
  }
  Plan plan;
  const Reason reason = decide(watch, event, state, plan, out);
  if (reason == Reason::entered && watches_.size() > 1) {
    candidates_.push_back({event, plan, 0});   // others may want the same slot
    return;
  }
  settle({event, plan, 0}, reason, out);
}

Reason Desk::decide(Watch& watch, const CandleClosed& event, const RunState& state, Plan& plan,
                    ActionList& out) {
  Frame& primary = watch.frames[watch.primary];
  const Time now = event.candle.close_time();
  if (!primary.is_warm()) return Reason::warming_up;
  Opinion& opinion = primary.opinion;
  if (opinion.direction == Direction::neutral) return opinion.reason;

  others_.clear();
  for (Frame& frame : watch.frames) {
    if (&frame == &primary || !frame.has_opinion(now)) continue;
    others_.push_back({&frame.opinion, frame.timeframe() > primary.timeframe()});
  }
  confluence_.confirm(opinion, others_);
  confluence_.qualify(opinion);
  if (opinion.reason != Reason::none) return opinion.reason;
  ask_gate(watch, event.instrument, now, out);
  plan.gate = watch.gate.record;

  const Position& held = portfolio_.at(event.instrument);
  if (held.is_open()) {
    if (held.direction == opinion.direction) return Reason::has_position;
    leave(event.instrument, OrderRole::exit, ExitReason::opposite_signal, now, out);
    return Reason::closing_opposite;
  }
  return judge_entry(event, state, plan);
}

/// What the gate says of the newest opinion.
GateOpinion Desk::assess(const Watch& watch, Time now) {
  const Frame& primary = watch.frames[watch.primary];
  const Snapshot snapshot = rules_.snapshots ? primary.snapshot() : Snapshot{};
  const MarketView market = primary.view(watch.book).with(fresh_analysis(watch, now), nullptr);
  return gate_.assess(primary.opinion, market.with(rules_.snapshots ? &snapshot : nullptr));
}

/// Asks the gate about the newest opinion, whether or not there is room for it: all candidates are alike to it.
void Desk::ask_gate(Watch& watch, InstrumentId instrument, Time now, ActionList& out) {
  const Frame& primary = watch.frames[watch.primary];
  watch.gate = assess(watch, now);
  const bool can_hold = primary.opinion.direction == Direction::long_ || instruments_[number(instrument)].can_short;
  const bool is_changed = can_hold ? gate_.on_candidate(instrument, now, primary.opinion, watch.gate)
                                   : gate_.on_turn(instrument, now, primary.opinion);
  if (is_changed) save_gate(out);
  if (auto notice = gate_.take_notice()) out.add(Notify{Notify::Level::warning, std::move(*notice)});
}

/// Waiting times, levels, model, expected value, limits, size: the first that fails names the reason.
Reason Desk::plan_entry(const Watch& watch, InstrumentId instrument, Time now, Plan& plan) {
  const Frame& primary = watch.frames[watch.primary];
  const Opinion& opinion = primary.opinion;
  const Instrument& rules = instruments_[number(instrument)];
  if (const Reason wait = pacing_.judge(instrument, opinion.lead, opinion.direction, now,
                                        orders_.unfilled_entries());
      wait != Reason::none) {
    return wait;
  }
  const auto bracket = plan_bracket(opinion, rules);
  if (!bracket) return Reason::bad_levels;
  plan.bracket = *bracket;
  if (plan.bracket.reward_to_risk < rules_.risk.reward_to_risk_min) return Reason::reward_to_risk;

  plan.probability = watch.gate.probability;
  plan.expected_r = risk_.expected_r(plan.bracket, plan.probability);
  if (!watch.gate.allowed || plan.expected_r <= 0) return Reason::no_edge;

  return plan_size(watch, instrument, now, plan);
}

/// The desk's limits and the share of equity at risk, then the caps.
Reason Desk::plan_size(const Watch& watch, InstrumentId instrument, Time now, Plan& plan) {
  const Opinion& opinion = watch.frames[watch.primary].opinion;
  const Instrument& rules = instruments_[number(instrument)];
  RiskInputs inputs;
  inputs.equity = portfolio_.equity();
  inputs.day_start_equity = day_start_equity_;
  inputs.positions = portfolio_.open_count() + orders_.pending_entries();
  inputs.positions_in_group = group_count(instrument);
  inputs.has_book = watch.book.has_value() && watch.book->is_valid();
  if (inputs.has_book) {
    inputs.spread = to_double(watch.book->ask - watch.book->bid) / to_double(watch.book->mid());
  }
  if (const Reason refused = risk_.judge(inputs); refused != Reason::none) return refused;

  const Probation probation = judge_ruin(now);
  if (probation == Probation::over) return Reason::risk_of_ruin;
  BudgetInputs budget = budget_inputs(watch, instrument, opinion.direction, inputs.spread);
  budget.on_probation = probation == Probation::small;
  plan.budget = budget_risk(budget, rules_.risk);
  if (plan.budget.reason != Reason::none) return plan.budget.reason;

  const Money pending = orders_.pending_exposure();
  const Money room = apply(rules_.risk.exposure_max, inputs.equity, Rounding::down) -
                     portfolio_.gross_exposure() - pending;
  SizingLimits limits{inputs.equity, portfolio_.cash() - pending, std::min(room, house_.remaining()),
                      plan.budget.risk, {}};
  plan.sized = size_entry(plan.bracket, limits, rules_.risk, rules);
  limits.depth_cap = depth_cap(fresh_analysis(watch, now), opinion.direction, plan);
  if (limits.depth_cap) plan.sized = size_entry(plan.bracket, limits, rules_.risk, rules);
  return plan.sized.quantity.is_positive() ? Reason::entered : plan.sized.reason;
}

/// The most that the book bears, where the planned size is large against it (X31: never more than planned).
std::optional<Money> Desk::depth_cap(const BookAnalysis* book, Direction direction, const Plan& plan) const {
  if (!rules_.risk.liquidity_sizing || book == nullptr) return std::nullopt;
  const double depth = direction == Direction::long_ ? book->depth_ask : book->depth_bid;
  const double size = to_double(notional(plan.bracket.entry, plan.sized.quantity, Rounding::up));
  if (depth >= rules_.risk.depth_ratio_min * size) return std::nullopt;
  const auto cap = Money::from_double(depth * rules_.risk.depth_share_max, Rounding::down);
  return cap ? *cap : Money{};
}

void Desk::enter(const Watch& watch, InstrumentId instrument, Time now, const Plan& plan,
                 ActionList& out) {
  const Opinion& opinion = watch.frames[watch.primary].opinion;
  const Side side = entry_side(opinion.direction);
  TrackedOrder& t = orders_.create(instrument, OrderRole::entry, side, OrderType::market, plan.sized.quantity, now);
  const auto step = entry_step(rules_.execution, plan.bracket, side, touch(instrument), 0,
                               instruments_[number(instrument)]);
  if (step) shape(t.order, *step, now);
  t.bracket = plan.bracket;
  t.lead = opinion.lead;
  t.confidence = opinion.confidence;
  t.atr = watch.frames[watch.primary].atr();
  t.regime = opinion.regime;
  t.voters = voters_of(opinion);
  t.reference = plan.bracket.entry;
  out.add(SubmitOrder{t.order});
  report_to_house();
  save_account(portfolio_.equity(), out);
}

void Desk::record(const Opinion& opinion, const CandleClosed& event, Reason reason, const Plan& plan, double score,
                  ActionList& out) const {
  Decision decision;
  decision.instrument = event.instrument;
  decision.desk = id_;
  decision.candle_close = event.candle.close_time();
  if (reason != Reason::warming_up) decision.opinion = opinion;
  decision.probability = plan.probability;
  decision.expected_r = plan.expected_r;
  decision.score = score;
  decision.bracket = plan.bracket;
  decision.size = plan.sized.quantity;
  decision.risk_fraction = plan.sized.risk_fraction;
  decision.budget = plan.budget;
  decision.gate = plan.gate;
  decision.reason = reason;
  decision.entered = reason == Reason::entered;
  out.add(std::move(decision));
}

void Desk::on_history(const HistoryLoaded& event) {
  Watch& watch = watches_[number(event.instrument)];
  for (Frame& frame : watch.frames) {
    if (event.candle.interval == rules_.base) {
      frame.on_base(event.candle);
    } else {
      frame.on_history(event.candle);
    }
  }
  if (event.candle.interval != rules_.base) return;
  gate_.on_candle(event.instrument, event.candle);   // candidates under way: what they missed, or know
  watch.newest_close = std::max(watch.newest_close, event.candle.close_time());
  portfolio_.mark(event.instrument, event.candle.close);
  correlation_.on_close(event.instrument, event.candle.close_time(), to_double(event.candle.close));
}

void Desk::on_book(const BookSummary& event, Time when, ActionList& out) {
  Watch& watch = watches_[number(event.instrument)];
  watch.book = event.top;
  watch.analysis = event.analysis;
  watch.analyzed_at = when;
  if (!rules_.execution.stop_locks || !event.top.is_valid()) return;
  watch_levels(event.instrument, {event.top.bid, event.top.ask}, when, out);
}

void Desk::on_feed(bool is_up, Time now, ActionList& out) {
  breakers_.on_feed(is_up, now);
  if (is_up) return;
  give_up_entries(out);
  for (Watch& watch : watches_) {
    watch.book.reset();
    watch.analysis.reset();
  }
}

void Desk::on_series_broken(InstrumentId instrument) {
  Watch& watch = watches_[number(instrument)];
  for (Frame& frame : watch.frames) frame.reset();
  if (watch.anomalies) watch.anomalies->reset();
}

bool Desk::is_warm(InstrumentId instrument) const {
  const Watch& watch = watches_[number(instrument)];
  return watch.frames[watch.primary].is_warm();
}

int Desk::group_count(InstrumentId instrument) const {
  const auto group_of = [&](std::size_t i) {
    return i < rules_.groups.size() ? rules_.groups[i] : std::string();
  };
  const std::string group = group_of(number(instrument));
  if (group.empty()) return 0;
  int count = 0;
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (group_of(i) != group) continue;
    const bool pending = orders_.find(instruments_[i].id, OrderRole::entry) != nullptr;
    if (pending || portfolio_.at(instruments_[i].id).is_open()) ++count;
  }
  return count;
}

void Desk::roll_day(Time today, ActionList& out) {
  day_start_ = today;
  day_start_equity_ = portfolio_.equity();
  pacing_.new_day();
  save_account(day_start_equity_, out);
}

void Desk::report_to_house() {
  house_.report(id_, portfolio_.equity(), portfolio_.gross_exposure() + orders_.pending_exposure());
}

void Desk::save_account(Money equity, ActionList& out) const {
  AccountChanged changed;
  changed.desk = id_;
  changed.cash = portfolio_.cash();
  changed.equity = equity;
  changed.day_start_equity = day_start_equity_;
  changed.peak_equity = peak_equity_;
  changed.day_start = day_start_;
  changed.loss_streak = loss_streak_;
  changed.next_sequence = orders_.next_sequence();
  changed.loss_cooldown_until = pacing_.loss_until();
  changed.probation_since = probation_since_;
  changed.probation_trades = probation_trades_;
  out.add(changed);
}

}  // namespace aitrade
