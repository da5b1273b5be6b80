#include "cmd/tune_trial.h"

#include <chrono>
#include <utility>

#include "core/report/equity.h"
#include "core/report/performance.h"
#include "core/runtime/trial_runner.h"

namespace aitrade::cli {
namespace {

/// Columns kept for trials to come: of a year of 5-minute candles about a hundred.
constexpr std::size_t tape_bytes_max = std::size_t{84} << 20U;

/// Collects what a trial is judged by.
class TrialBook final : public StepObserver, public MarkObserver {
 public:
  TrialBook(Time start, Money cash, std::string pair, std::string strategy)
      : equity_(start, to_double(cash)), pair_(std::move(pair)), strategy_(std::move(strategy)) {
    result_.initial_equity = cash;
  }

  void on_step(const Event&, const ActionList& actions) override {
    for (const Action& action : actions) {
      const auto* trade = std::get_if<TradeClosed>(&action);
      if (trade != nullptr) result_.trades.push_back(TradeRecord{pair_, strategy_, *trade, trade->regime});
    }
  }

  void on_mark(const Mark& mark) override {
    equity_.mark(mark.at, mark.equity, mark.worst_equity, mark.in_position, mark.gross_exposure);
  }

  [[nodiscard]] TrialRecord finish(std::uint64_t number, const ml::Point& point, const TrialRun& run) {
    result_.final_equity = run.final_equity;
    result_.fees = run.totals.fees;
    result_.equity = equity_.finish();
    const Metrics m = compute_metrics(result_);
    TrialRecord out;
    out.number = number;
    out.point = point;
    out.trades = m.trades.count;
    out.pauses = run.pauses;
    out.net_profit = m.trades.net_profit;
    out.final_equity = run.final_equity;
    out.fees = run.totals.fees;
    out.total_return = m.total_return;
    out.max_drawdown = m.drawdown.depth;
    out.sharpe = m.sharpe;
    out.sortino = m.sortino;
    out.calmar = m.calmar;
    out.profit_factor = m.trades.profit_factor;
    out.expectancy_r = m.trades.expectancy_r;
    out.win_rate = m.trades.win_rate;
    out.daily = daily_returns(result_.equity.daily);
    return out;
  }

  [[nodiscard]] LaterPart later(Time from) const {
    LaterPart out;
    const EquitySummary equity = equity_.finish();
    const std::vector<double> all = daily_returns(equity.daily);
    for (std::size_t i = 0; i < all.size(); ++i) {
      (equity.daily[i + 1].at > from ? out.daily : out.before).push_back(all[i]);
    }
    for (const TradeRecord& record : result_.trades) {
      if (record.trade.opened_at >= from) ++out.trades;
    }
    out.shapes = trade_shapes(result_.trades, to_double(result_.initial_equity), from);
    return out;
  }

 private:
  EquityTracker equity_;
  std::string pair_, strategy_;
  RunResult result_;
};

}  // namespace

ml::Score score_of(const TrialRecord& trial, Objective objective, std::uint64_t trades_min) {
  if (trial.trades < trades_min) return std::nullopt;
  switch (objective) {
    case Objective::sharpe:
      return trial.sharpe;
    case Objective::sortino:
      return trial.sortino;
    case Objective::calmar:
      return trial.calmar;
    case Objective::net:
      return to_double(trial.net_profit);
    case Objective::expectancy_r:
      return trial.expectancy_r;
    case Objective::profit_factor:
      return trial.profit_factor;
  }
  return std::nullopt;
}

Sweep::Sweep(const Config& config, const History& history, SweepPlan plan)
    : config_(config), history_(history), plan_(std::move(plan)), tapes_(tape_bytes_max) {
  for (const ml::Axis& axis : plan_.axes) has_keys_ = has_keys_ || is_rule_key(axis.name);
}

Result<std::unique_ptr<Sweep>> Sweep::make(const Config& config, const History& history, SweepPlan plan) {
  auto sweep = std::unique_ptr<Sweep>(new Sweep(config, history, std::move(plan)));
  AITRADE_TRY(sweep->setup_, sweep->setup_of(config));
  return sweep;
}

Result<SimSetup> Sweep::setup_of(const Config& config) const {
  RunShape shape;
  shape.base = history_.candles().front().interval;
  shape.timeframes = {shape.base};
  shape.strategy = plan_.strategy;
  VenueModels models = compose_models(config);
  Instrument instrument = standard_instrument(plan_.symbol, history_.first().open);
  instrument.maker_fee = models.maker_fee;
  instrument.taker_fee = models.taker_fee;
  instrument.can_short = plan_.allow_shorts;
  shape.instruments = {std::move(instrument)};
  SimSetup setup;
  std::vector<std::string> notes;
  AITRADE_TRY(setup.engine, compose_engine(config, shape, notes));
  set_spreads(config, shape.instruments, models);
  for (Rate* rate : {&models.maker_fee, &models.taker_fee, &models.half_spread, &models.slippage}) {
    *rate = Rate::from_raw(rate->raw() * plan_.costs_percent / 100);
  }
  for (Rate& spread : models.half_spreads) spread = Rate::from_raw(spread.raw() * plan_.costs_percent / 100);
  setup.models = models;
  setup.cash = config.risk.initial_bankroll;
  setup.gaps = compose_gaps(config);
  setup.resume_after = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::ratio<3600>>(config.backtest.resume_after_hours));
  return setup;
}

/// The parameters of a strategy alone; nothing where all play together or the strategy refuses them.
std::optional<Parameters> Sweep::parameters_of(const ml::Point& point) const {
  const StrategyChoice& choice = setup_.engine.rules.strategies.front();
  Parameters parameters = choice.parameters;
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (is_rule_key(plan_.axes[i].name)) continue;
    AITRADE_CHECK(parameters.set(plan_.axes[i].name, point[i]));   // axes lie within the bounds
  }
  if (choice.info->fault_of(parameters) != nullptr) return std::nullopt;
  return parameters;
}

bool Sweep::is_allowed(const ml::Point& point) const {
  if (has_keys_ && !keys_.apply(config_, plan_.axes, point)) return false;
  return plan_.strategy.empty() || parameters_of(point).has_value();
}

Result<SimSetup> Sweep::setup_at(const ml::Point& point) const {
  SimSetup setup = setup_;
  if (has_keys_) {
    AITRADE_TRY(const Config config, keys_.apply(config_, plan_.axes, point));
    AITRADE_TRY(setup, setup_of(config));
  }
  if (!plan_.strategy.empty()) setup.engine.rules.strategies.front().parameters = *parameters_of(point);
  return setup;
}

Result<TradingRules> Sweep::rules_at(const ml::Point& point) const {
  AITRADE_TRY(SimSetup setup, setup_at(point));
  return std::move(setup.engine.rules);
}

Result<LaterPart> Sweep::run_later(const ml::Point& point, Time from, EntryGate* gate) {
  AITRADE_TRY(SimSetup setup, setup_at(point));
  setup.engine.gate = gate;
  TrialBook book(history_.first().open_time, setup.cash, to_string(plan_.symbol), plan_.strategy);
  AITRADE_TRY(const TrialRun run, run_trial(history_, tapes_, std::move(setup), &book, &book));
  static_cast<void>(run);
  return book.later(from);
}

Result<TrialRecord> Sweep::run(std::uint64_t number, const ml::Point& point) {
  AITRADE_TRY(SimSetup setup, setup_at(point));
  TrialBook book(history_.first().open_time, setup.cash, to_string(plan_.symbol), plan_.strategy);
  AITRADE_TRY(const TrialRun run, run_trial(history_, tapes_, std::move(setup), &book, &book));
  return book.finish(number, point, run);
}

std::vector<ml::ParameterBounds> bounds_of(const Config& config, const StrategyInfo& info) {
  const auto configured = config.strategies.find(std::string(info.name));
  std::vector<ml::ParameterBounds> out;
  for (const Parameter& p : info.parameters) {
    double value = p.fallback;
    if (configured != config.strategies.end()) {
      const auto set = configured->second.parameters.find(std::string(p.name));
      if (set != configured->second.parameters.end()) value = set->second;
    }
    out.push_back({std::string(p.name), value, p.minimum, p.maximum, p.is_integer});
  }
  return out;
}

}  // namespace aitrade::cli
