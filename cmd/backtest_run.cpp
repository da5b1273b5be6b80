#include "cmd/backtest_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/report/number_text.h"
#include "core/report/result_hash.h"
#include "core/sim/impact.h"
#include "strategies/registry.h"

namespace aitrade::cli {

namespace {

constexpr std::uint64_t sample_every = 61;   // bars; a prime, so that no hour of the day is preferred

/// The name of what a foreign signal opened, where others have a strategy.
constexpr const char* signals_name = "signals";

/// What became of the candidates that a model judged.
std::string words_of(const ml::ShadowLedger& ledger) {
  const auto mean = [](const ml::ShadowSum& sum) {
    return std::to_string(sum.count) + (sum.count == 0 ? "" : " at " + fixed_text(*sum.mean_r(), 3) + " R");
  };
  return "of the candidates that the model judged it liked " + mean(ledger.accepted()) + " and disliked " +
         mean(ledger.rejected()) + "; " +
         (ledger.skill().is_off() ? "it did not help and switched itself off after " : "it is on after ") +
         std::to_string(ledger.skill().outcomes()) + " outcomes";
}

VenueModels stressed(VenueModels models, const Stress& stress) {
  models.maker_fee = models.maker_fee * stress.fee_factor;
  models.taker_fee = models.taker_fee * stress.fee_factor;
  models.borrow_daily = models.borrow_daily * stress.fee_factor;
  models.half_spread = models.half_spread * stress.slippage_factor;
  for (Rate& own : models.half_spreads) own = own * stress.slippage_factor;
  models.impact *= static_cast<double>(stress.slippage_factor);
  models.slippage = models.slippage * stress.slippage_factor;
  models.latency += stress.delay;
  return models;
}

}  // namespace

BacktestRun::BacktestRun(const Config& config, BacktestPlan plan, Journal& journal, bool keep_decisions)
    : config_(config), plan_(std::move(plan)), journal_(journal), keep_decisions_(keep_decisions) {}

Status BacktestRun::begin(const std::vector<Candle>& first) {
  RunShape shape;
  shape.base = plan_.pairs.front().interval;
  shape.strategy = plan_.strategy;
  shape.timeframes = plan_.timeframes;
  VenueModels models = compose_models(config_);
  Time start = first.front().open_time;
  for (std::size_t i = 0; i < plan_.pairs.size(); ++i) {
    if (plan_.pairs[i].symbol.quote != plan_.pairs.front().symbol.quote) {
      return fail(ErrorCode::invalid, "pairs of one run must share their quote currency");
    }
    Instrument instrument = standard_instrument(plan_.pairs[i].symbol, first[i].open);
    instrument.id = InstrumentId{static_cast<std::uint32_t>(i)};
    instrument.maker_fee = models.maker_fee;
    instrument.taker_fee = models.taker_fee;
    instrument.can_short = plan_.allow_shorts;
    shape.instruments.push_back(std::move(instrument));
    fingerprints_.emplace_back(plan_.pairs[i].symbol, plan_.pairs[i].interval);
    gaps_.emplace_back();
    samples_.emplace_back();
    regimes_.emplace_back();
    prices_.emplace_back(to_string(plan_.pairs[i].symbol), plan_.pairs[i].interval,
                         PriceTrackParts{.chart = plan_.keep_charts, .opens = plan_.keep_opens});
    start = std::min(start, first[i].open_time);
  }
  set_spreads(config_, shape.instruments, models);
  SimSetup setup;
  if (plan_.signals != nullptr) shape.timeframes = {shape.base};
  AITRADE_TRY(setup.engine, compose_engine(config_, shape, notes_));
  if (plan_.signals != nullptr) {
    follow_signals(setup.engine.rules, plan_.signals->signals);
    signal_check_.emplace(*plan_.signals);
  }
  setup.models = stressed(models, plan_.stress);
  impact_ = setup.models.impact;
  taking_ = TakingCosts{to_double(setup.models.taker_fee),
                        to_double(setup.models.half_spread_max() + setup.models.slippage)};
  for (std::size_t i = 0; i < plan_.details.size(); ++i) detail_.add(plan_.pairs[i].symbol, plan_.details[i]);
  if (detail_.is_there()) setup.detail = &detail_;
  setup.cash = config_.risk.initial_bankroll;
  setup.gaps = compose_gaps(config_);
  setup.outliers = compose_outliers(config_, shape.instruments);
  setup.keep_decisions = keep_decisions_ || plan_.why_not || plan_.records_candidates;
  const bool has_model = plan_.model.bundle != nullptr || plan_.model.is_unusable;
  if (has_model || keep_decisions_ || plan_.records_candidates) {   // a kept decision holds its features
    gate_ = make_gate(plan_.records_candidates ? ModelChoice{} : plan_.model, setup.engine.rules);
    setup.engine.gate = gate_.get();
  }
  if (plan_.why_not) {
    std::vector<std::string> pairs;
    for (const PairInput& pair : plan_.pairs) pairs.push_back(to_string(pair.symbol));
    why_not_.emplace(std::move(pairs));
  }
  setup.resume_after = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::ratio<3600>>(config_.backtest.resume_after_hours));
  runner_ = std::make_unique<SimRunner>(std::move(setup), journal_, this, this);
  equity_ = std::make_unique<EquityTracker>(start, to_double(config_.risk.initial_bankroll));
  return runner_->start(start);
}

Status BacktestRun::candle(std::size_t index, const Candle& candle) {
  fingerprints_[index].add(candle);
  gaps_[index].add(candle);
  if (plan_.keep_prices) prices_[index].add(candle);
  if (bars_++ % sample_every == 0) sample(index, candle);
  if (signal_check_) AITRADE_TRY_STATUS(signal_check_->bar(index, candle.close_time()));
  return runner_->candle(InstrumentId{static_cast<std::uint32_t>(index)}, candle);
}

void BacktestRun::sample(std::size_t index, const Candle& candle) {
  Sample& sum = samples_[index];
  const double sigma = sigma_of(candle);
  sum.variance += sigma * sigma;
  sum.turnover += candle.volume * to_double(candle.close);
  sum.count += 1;
}

/// What buying with the whole equity would move the price by: the law over a day of each pair, on average.
double BacktestRun::impact_of_all(double k) const {
  constexpr Duration day{hours{24}};
  const auto pairs = static_cast<double>(samples_.size());
  const double size = to_double(config_.risk.initial_bankroll) / pairs;
  double sum = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const Sample& seen = samples_[i];
    if (!(seen.count > 0)) continue;
    const double bars = static_cast<double>(day.count()) / static_cast<double>(plan_.pairs[i].interval.count());
    sum += impact_of(k, std::sqrt(seen.variance / seen.count * bars), size, seen.turnover / seen.count * bars);
  }
  return sum / pairs;
}

void BacktestRun::on_step(const Event& event, const ActionList& actions) {
  if (const auto* closed = std::get_if<CandleClosed>(&event.body); why_not_ && closed != nullptr) {
    why_not_->on_candle(runner_->engine().desk(), closed->instrument, closed->candle.close_time());
  }
  if (actions.empty()) return;
  for (const Action& action : actions) {
    if (const auto* decision = std::get_if<Decision>(&action); decision != nullptr) {
      if (why_not_) why_not_->on_decision(*decision);
      if (plan_.on_decision) plan_.on_decision(*decision);
      if (decision->entered) regimes_[number(decision->instrument)] = decision->opinion.regime;
      continue;
    }
    const auto* trade = std::get_if<TradeClosed>(&action);
    if (trade == nullptr) continue;
    slippage_ += trade->slippage;
    const std::string name = plan_.signals != nullptr ? std::string(signals_name)
                                                      : std::string(all_strategies()[number(trade->lead)].name);
    trades_.push_back(TradeRecord{to_string(plan_.pairs[number(trade->instrument)].symbol), name, *trade,
                                  regimes_[number(trade->instrument)]});
  }
}

void BacktestRun::on_mark(const Mark& mark) {
  equity_->mark(mark.at, mark.equity, mark.worst_equity, mark.in_position, mark.gross_exposure);
  if (plan_.keep_charts) curve_.mark(mark.at, mark.equity, mark.worst_equity);
}

Result<RunResult> BacktestRun::finish() {
  AITRADE_TRY_STATUS(runner_->finish());
  if (signal_check_) AITRADE_TRY_STATUS(signal_check_->finish());
  if (detail_.is_there()) {
    AITRADE_TRY(std::string remark, detail_.summary());
    notes_.push_back(std::move(remark));
  }
  if (gate_ && gate_->ledger() != nullptr) {
    notes_.push_back(words_of(*gate_->ledger()));
    if (plan_.model.bundle->seen > gaps_.front().first) {
      notes_.push_back("the model was made from candles up to " + to_string(plan_.model.bundle->seen) +
                       ", which this run covers: so far what it gates is in-sample (`walkforward --gate` is not)");
    }
  }
  taking_.impact = impact_of_all(impact_);
  RunResult result;
  describe(result);
  result.initial_equity = config_.risk.initial_bankroll;
  result.final_equity = runner_->engine().desk().portfolio().equity();
  result.trades = std::move(trades_);
  result.equity = equity_->finish();
  if (plan_.keep_prices) {
    for (const PriceTrack& track : prices_) result.prices.push_back(track.finish());
  }
  result.curve = curve_.finish();
  result.taking = taking_;
  const VenueTotals& totals = runner_->totals();
  result.turnover = to_double(totals.turnover);
  result.fees = totals.fees;
  result.slippage = slippage_;
  result.bars = bars_;
  result.ambiguous_bars = totals.ambiguous_candles;
  const auto& counts = runner_->engine().desk().reason_counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (counts[i] == 0) continue;
    result.decisions += counts[i];
    if (reason == Reason::entered) {
      result.entries = counts[i];
    } else {
      result.refused[reason] = counts[i];
    }
  }
  const Ruin ruin = runner_->engine().desk().ruin();
  result.ruin.state = to_string(ruin.state);
  result.ruin.trades = static_cast<std::uint64_t>(ruin.trades);
  result.ruin.trades_min = static_cast<std::uint64_t>(runner_->engine().rules().risk.ruin_trades_min);
  if (ruin.state != RuinState::insufficient_data) result.ruin.probability = ruin.probability;
  result.too_small = counts[static_cast<std::size_t>(Reason::below_minimum)];
  for (std::size_t i = 0; i < plan_.pairs.size(); ++i) {
    PairCoverage coverage;
    coverage.symbol = to_string(plan_.pairs[i].symbol);
    coverage.timeframe = plan_.pairs[i].interval;
    coverage.first = gaps_[i].first;
    coverage.last = gaps_[i].last + plan_.pairs[i].interval;
    coverage.bars = static_cast<std::uint64_t>(gaps_[i].rows);
    coverage.gaps = static_cast<std::uint64_t>(gaps_[i].gaps);
    coverage.missing = static_cast<std::uint64_t>(gaps_[i].missing);
    coverage.filled =
        static_cast<std::uint64_t>(runner_->filled(InstrumentId{static_cast<std::uint32_t>(i)}));
    result.coverage.push_back(std::move(coverage));
  }
  return result;
}

/// Names the run by everything that can change it: configuration, what the command line changed, data.
void BacktestRun::describe(RunResult& result) {
  const TradingRules& rules = runner_->engine().rules();
  std::string shape = config_hash(config_) + "\nstrategies";
  for (const StrategyChoice& choice : rules.strategies) shape += " " + std::string(choice.info->name);
  if (plan_.signals != nullptr) shape += "\nsignals " + plan_.signals->hash;
  if (plan_.model.bundle != nullptr) shape += "\nmodel " + plan_.model.id;
  shape += detail_.identity();
  shape += "\ntimeframes";
  for (const Duration timeframe : rules.timeframes) shape += " " + timeframe_text(timeframe);
  shape += "\nprimary " + timeframe_text(rules.primary) + "\nshorts " + (plan_.allow_shorts ? "1" : "0");
  std::string data;
  for (const CandleFingerprint& fingerprint : fingerprints_) data += fingerprint.hex() + "\n";
  RunIdentity& identity = result.identity;
  identity.config_hash = sha256_hex(shape);
  identity.data_fingerprint = fingerprints_.size() == 1 ? fingerprints_[0].hex() : sha256_hex(data);
  identity.seed = plan_.seed;
  identity.currency = plan_.pairs.front().symbol.quote;
  identity.strategies = strategy_names();
}

std::string BacktestRun::strategy_names() const {
  if (plan_.signals != nullptr) return signals_name;
  std::string names;
  for (const StrategyChoice& choice : runner_->engine().rules().strategies) {
    names += (names.empty() ? "" : ", ") + std::string(choice.info->name);
  }
  return names;
}

}  // namespace aitrade::cli
