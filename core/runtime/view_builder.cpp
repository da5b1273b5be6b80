#include "core/runtime/view_builder.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

constexpr std::size_t recent_max = 50;
constexpr std::size_t curve_max = 500;

template <class T>
void keep_recent(std::deque<T>& list, T&& item) {
  list.push_front(std::forward<T>(item));
  if (list.size() > recent_max) list.pop_back();
}

}  // namespace

ViewBuilder::ViewBuilder(const Engine& engine, ViewLabels labels)
    : engine_(engine), labels_(std::move(labels)) {}

std::string ViewBuilder::strategy_name(StrategyId id) const {
  return number(id) < labels_.strategies.size() ? labels_.strategies[number(id)] : "";
}

std::string ViewBuilder::symbol_of(InstrumentId id) const {
  return to_string(engine_.instruments()[number(id)].symbol);
}

void ViewBuilder::on_step(const Event& event, const ActionList& actions) {
  ++events_;
  newest_at_ = event.at;
  if (const auto* closed = std::get_if<CandleClosed>(&event.body)) {
    if (engine_.instruments().size() == 1) newest_decided_ = std::max(newest_decided_, closed->candle.close_time());
    note_equity(closed->candle.close_time());
  }
  if (std::holds_alternative<InstantClosed>(event.body)) newest_decided_ = std::max(newest_decided_, event.when);
  for (const Action& action : actions) {
    if (const auto* decision = std::get_if<Decision>(&action)) {
      ++decisions_count_;
      if (decision->entered) ++entries_;
      // A decision without any vote says nothing to a person; it is in the recording all the same.
      if (decision->opinion.votes_count == 0) continue;
      keep_recent(decisions_, DecisionView{symbol_of(decision->instrument),
                                           strategy_name(decision->opinion.lead), decision->candle_close,
                                           decision->opinion.direction, decision->opinion.confidence,
                                           decision->opinion.agreeing, decision->opinion.families,
                                           std::string(to_string(decision->reason)), decision->entered});
    } else if (const auto* trade = std::get_if<TradeClosed>(&action)) {
      ++trades_count_;
      keep_recent(trades_, TradeView{symbol_of(trade->instrument), *trade, strategy_name(trade->lead)});
    }
  }
}

/// A point a step; when the curve is full every second point goes and the step doubles.
void ViewBuilder::note_equity(Time at) {
  if (!curve_.empty() && at < curve_.back().at + curve_step_) return;
  curve_.push_back(EquityPoint{at, engine_.desk().portfolio().equity()});
  if (curve_.size() <= curve_max) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < curve_.size(); i += 2) curve_[kept++] = curve_[i];
  curve_.resize(kept);
  curve_step_ *= 2;
}

void ViewBuilder::add_pairs(EngineView& view, Time now) const {
  const Desk& desk = engine_.desk();
  const Duration limit = engine_.rules().stale_after;
  for (const Instrument& instrument : engine_.instruments()) {
    PairView pair;
    pair.symbol = to_string(instrument.symbol);
    pair.last = desk.portfolio().mark(instrument.id);
    if (desk.book(instrument.id)) pair.top = *desk.book(instrument.id);
    if (const BookAnalysis* said = desk.analysis(instrument.id, now)) pair.analysis = *said;
    pair.candle_close = desk.candle_close(instrument.id);
    pair.warm = desk.is_warm(instrument.id);
    const bool old = limit.count() > 0 && now - pair.candle_close > limit + engine_.rules().base;
    pair.stale = !engine_.state().feed_up || old;
    view.pairs.push_back(std::move(pair));
  }
}

void ViewBuilder::add_positions(EngineView& view) const {
  const Desk& desk = engine_.desk();
  for (const Instrument& instrument : engine_.instruments()) {
    const Position& p = desk.portfolio().at(instrument.id);
    if (!p.is_open()) continue;
    PositionView position;
    position.symbol = to_string(instrument.symbol);
    position.direction = p.direction;
    position.quantity = p.quantity;
    position.entry = p.entry;
    position.stop = p.stop;
    position.target = p.target;
    position.last = desk.portfolio().mark(instrument.id);
    position.unrealized = desk.portfolio().unrealized(instrument.id);
    position.opened_at = p.opened_at;
    position.lead = strategy_name(p.lead);
    position.bare = std::max(Quantity{}, p.quantity - desk.resting_protection(instrument.id));
    position.protection = p.closing != ExitReason::none    ? Protection::leaving
                          : position.bare.is_positive() ? Protection::exposed
                                                        : Protection::protected_;
    view.positions.push_back(std::move(position));
  }
}

std::shared_ptr<const EngineView> ViewBuilder::build(const ViewMoment& moment) const {
  const Desk& desk = engine_.desk();
  auto view = std::make_shared<EngineView>();
  view->run = labels_.run;
  view->mode = labels_.mode;
  view->currency = labels_.currency;
  view->started_at = labels_.started_at;
  view->state = moment.state;
  view->paused = engine_.state().paused;
  view->halted = engine_.state().halted;
  view->pause_reason = engine_.pause_reason();
  view->cash = desk.portfolio().cash();
  view->equity = desk.portfolio().equity();
  view->exposure = desk.portfolio().gross_exposure();
  view->day_start_equity = desk.day_start_equity();
  view->day_pnl = view->equity - view->day_start_equity;
  view->peak_equity = std::max(desk.peak_equity(), view->equity);
  const double peak = to_double(view->peak_equity);
  view->drawdown = peak > 0 ? 1.0 - to_double(view->equity) / peak : 0.0;
  view->feed_up = engine_.state().feed_up;
  view->ready = moment.ready;
  view->order_latency = moment.order_latency;
  view->flush_latency = moment.flush_latency;
  view->entries_held = moment.entries_held;
  view->ledger_ok = moment.ledger_ok;
  view->now = moment.now;
  view->events = events_;
  view->decisions = decisions_count_;
  view->entries = entries_;
  view->trades = trades_count_;
  view->progress = moment.progress;
  add_pairs(*view, moment.now);
  add_positions(*view);
  view->recent_trades.assign(trades_.begin(), trades_.end());
  view->recent_decisions.assign(decisions_.begin(), decisions_.end());
  view->equity_curve = curve_;
  return view;
}

}  // namespace aitrade
