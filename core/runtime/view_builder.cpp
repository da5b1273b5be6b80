#include "core/runtime/view_builder.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

constexpr std::size_t recent_max = 50;
constexpr std::size_t curve_max = 500;
constexpr std::size_t candles_per_block = 256;
constexpr std::size_t blocks_max = 24;         // with the tail about 6000 candles
constexpr std::size_t unanswered_max = 256;
constexpr std::size_t delays_max = 200;
constexpr std::size_t reasons_max = 16;

template <class T>
void keep_recent(std::deque<T>& list, T&& item) {
  list.push_front(std::forward<T>(item));
  if (list.size() > recent_max) list.pop_back();
}

}  // namespace

ViewBuilder::ViewBuilder(const Engine& engine, ViewLabels labels)
    : engine_(engine), labels_(std::move(labels)), histories_(engine.instruments().size()) {}

std::string ViewBuilder::strategy_name(StrategyId id) const {
  if (id == external_strategy) return std::string(external_strategy_name);
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
    note_candle(closed->instrument, closed->candle);
  } else if (const auto* history = std::get_if<HistoryLoaded>(&event.body)) {
    note_candle(history->instrument, history->candle);
  } else {
    note_order(event);
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
      execution_.fees += trade->fees;
      execution_.slippage += trade->slippage;
      keep_recent(trades_, TradeView{symbol_of(trade->instrument), *trade, strategy_name(trade->lead)});
    } else if (const auto* submit = std::get_if<SubmitOrder>(&action)) {
      ++execution_.placed;
      if (sent_.size() < unanswered_max) sent_[submit->order.client_id] = event.at;
    }
  }
}

void ViewBuilder::note_candle(InstrumentId instrument, const Candle& candle) {
  if (candle.interval != engine_.rules().base || number(instrument) >= histories_.size()) return;
  History& history = histories_[number(instrument)];
  if (!history.tail.empty() && history.tail.back().open_time >= candle.open_time) return;
  if (history.tail.size() == candles_per_block) {
    history.blocks.push_back(std::make_shared<const std::vector<Candle>>(std::move(history.tail)));
    history.tail = {};
    if (history.blocks.size() > blocks_max) history.blocks.pop_front();
  }
  if (history.tail.empty() && !history.blocks.empty()
      && history.blocks.back()->back().open_time >= candle.open_time) return;
  if (history.tail.empty()) history.tail.reserve(candles_per_block);
  history.tail.push_back(candle);
  history.shown.reset();
}

/// The venue's first word of an order.
void ViewBuilder::note_answer(const ClientOrderId& id, Time at) {
  const auto found = sent_.find(id);
  if (found == sent_.end()) return;
  auto& delays = execution_.acknowledge_ms;
  if (delays.size() == delays_max) delays.erase(delays.begin());
  delays.push_back(static_cast<double>((at - found->second).count()) / 1e6);
  sent_.erase(found);
}

void ViewBuilder::note_order(const Event& event) {
  if (const auto* accepted = std::get_if<OrderAccepted>(&event.body)) {
    note_answer(accepted->client_id, event.at);
  } else if (const auto* fill = std::get_if<OrderFilled>(&event.body)) {
    ++execution_.fills;
    if (fill->is_last) ++execution_.filled;
    sent_.erase(fill->fill.client_id);   // a fill says when the price came, not when the venue answered
  } else if (const auto* rejected = std::get_if<OrderRejected>(&event.body)) {
    ++execution_.rejected;
    note_answer(rejected->client_id, event.at);
    auto& reasons = execution_.reject_reasons;
    const auto found = std::find_if(reasons.begin(), reasons.end(),
        [&](const auto& r) { return r.first == rejected->why; });
    if (found != reasons.end()) {
      ++found->second;
    } else if (reasons.size() < reasons_max) {
      reasons.emplace_back(rejected->why, 1);
    }
  } else if (const auto* canceled = std::get_if<OrderCanceled>(&event.body)) {
    ++execution_.canceled;
    sent_.erase(canceled->client_id);
  } else if (const auto* expired = std::get_if<OrderExpired>(&event.body)) {
    ++execution_.expired;
    sent_.erase(expired->client_id);
  }
}

/// Counted again only after a trade closed.
const std::vector<StrategyView>& ViewBuilder::strategies() const {
  const TrackRecord& record = engine_.desk().track_record();
  const Time newest = record.size() > 0 ? record.back().closed_at : Time{};
  const int state = record.size();
  if (strategies_at_ == state && strategies_of_ == newest) return strategies_;
  strategies_at_ = state;
  strategies_of_ = newest;
  strategies_.clear();
  for (const StrategyChoice& choice : engine_.rules().strategies) {
    StrategyView strategy;
    strategy.name = choice.info != nullptr ? std::string(choice.info->name) : strategy_name(choice.id);
    strategy.weight = choice.weight;
    strategy.skill = engine_.rules().adaptive_weights ? record.skill(choice.id) : 1.0;
    double sum_r = 0;
    for (int k = 0; k < record.size(); ++k) {
      const TradeResult& result = record.back(static_cast<std::size_t>(k));
      if (result.lead != choice.id) continue;
      ++strategy.trades;
      strategy.wins += result.pnl.is_positive() ? 1 : 0;
      strategy.losses += result.pnl.is_negative() ? 1 : 0;
      strategy.pnl += result.pnl;
      (result.pnl.is_negative() ? strategy.lost : strategy.won) += result.pnl;
      if (result.r == result.r) sum_r += result.r;
    }
    if (strategy.trades > 0) strategy.mean_r = sum_r / strategy.trades;
    strategies_.push_back(std::move(strategy));
  }
  return strategies_;
}

/// What is measured against a limit, as the rules have it now (X12): a profit uses up no loss limit.
void ViewBuilder::add_gauges(EngineView& view) const {
  const Desk& desk = engine_.desk();
  const TradingRules& rules = engine_.rules();
  const double start = to_double(view.day_start_equity), equity = to_double(view.equity);
  const double lost = std::max(0.0, -to_double(view.day_pnl));
  const Ruin ruin = desk.ruin();
  view.ruin_state = to_string(ruin.state);
  view.gauges = {
      {"daily_loss", lost, start * to_double(rules.risk.daily_loss_max), "money"},
      {"exposure", to_double(view.exposure), equity * to_double(rules.risk.exposure_max), "money"},
      {"drawdown", view.drawdown, rules.breakers.on_drawdown ? rules.breakers.drawdown_max : 0, "fraction"},
      {"losses_in_a_row", static_cast<double>(desk.loss_streak()),
       rules.breakers.on_losses ? static_cast<double>(rules.breakers.losses_max) : 0, "count"},
      {"positions", static_cast<double>(desk.portfolio().open_count()), static_cast<double>(rules.risk.positions_max),
          "count"},
      {"risk_of_ruin", ruin.probability, rules.risk.ruin_probability_max, "fraction"},
  };
}

void ViewBuilder::add_candles(EngineView& view) const {
  for (const History& history : histories_) {
    if (!history.shown) {
      auto series = std::make_shared<CandleSeries>();
      series->blocks.assign(history.blocks.begin(), history.blocks.end());
      if (!history.tail.empty()) series->blocks.push_back(std::make_shared<const std::vector<Candle>>(history.tail));
      history.shown = std::move(series);
    }
    view.candles.push_back(history.shown);
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
  view->loop_latency = moment.loop_latency;
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
  view->strategies = strategies();
  view->execution = execution_;
  view->base = engine_.rules().base;
  add_gauges(*view);
  add_candles(*view);
  return view;
}

}  // namespace aitrade
