#include "cmd/train_candidates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "cmd/compose.h"
#include "core/data/candle_fingerprint.h"
#include "core/store/recording.h"
#include "core/store/recording_codec.h"

namespace aitrade::cli {
namespace {

/// What was decided about one candidate.
struct Decided {
  InstrumentId instrument{};
  Time when;
  Opinion opinion;
  ml::FeatureVector features{};
};

constexpr double stop_distance_max = 0.10;   // of price, as the desk's bracket has it

/// Levels that the desk would trade on if it had room.
bool is_tradable(const Opinion& opinion, const TradingRules& rules, bool allow_shorts) {
  const bool is_long = opinion.direction == Direction::long_;
  if (!is_long && !allow_shorts) return false;
  const bool ordered = is_long ? opinion.stop < opinion.entry && opinion.entry < opinion.target
                               : opinion.target < opinion.entry && opinion.entry < opinion.stop;
  if (!ordered || !(std::min(opinion.stop, opinion.target) > 0)) return false;
  const double risk = std::abs(opinion.entry - opinion.stop), reward = std::abs(opinion.target - opinion.entry);
  return risk <= stop_distance_max * opinion.entry && reward / risk >= rules.risk.reward_to_risk_min;
}

/// Everything of every input, in memory: labels look at the candles after a decision.
Result<std::vector<std::vector<Candle>>> read_all(std::vector<CandleInput>& inputs) {
  std::vector<std::vector<Candle>> series(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    AITRADE_TRY_STATUS(inputs[i].read([&](std::span<const Candle> candles) -> Status {
      series[i].insert(series[i].end(), candles.begin(), candles.end());
      return ok();
    }));
    if (series[i].empty()) return fail(ErrorCode::invalid, inputs[i].name + ": no candles in the period asked for");
  }
  return series;
}

/// Feeds all series in order of time, then of the command line.
Status walk(const std::vector<std::vector<Candle>>& series, BacktestRun& run) {
  std::vector<Candle> first;
  for (const auto& candles : series) first.push_back(candles.front());
  AITRADE_TRY_STATUS(run.begin(first));
  std::vector<std::size_t> at(series.size(), 0);
  for (;;) {
    std::optional<std::size_t> next;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (at[i] == series[i].size()) continue;
      if (!next || series[i][at[i]].open_time < series[*next][at[*next]].open_time) next = i;
    }
    if (!next) return ok();
    AITRADE_TRY_STATUS(run.candle(*next, series[*next][at[*next]++]));
  }
}

/// Labels what was decided; instrument i is that of series[i].
void label_all(const std::vector<Decided>& decided, const std::vector<std::vector<Candle>>& series,
               const TradingRules& rules, bool allow_shorts, CandidateSet& out) {
  const ml::GateSettings settings = gate_settings({}, rules);
  out.cost = settings.cost;
  out.first = series.front().front().open_time;
  for (std::size_t i = 0; i < series.size(); ++i) {
    out.first = std::min(out.first, series[i].front().open_time);
    out.last = std::max(out.last, series[i].back().close_time());
    std::vector<ml::Candidate> candidates;
    std::vector<const Decided*> of;
    std::vector<ml::Turn> turns;   // ascending: decisions come in order of time at each instrument
    for (const Decided& d : decided) {
      if (number(d.instrument) != i) continue;
      turns.push_back({d.when, d.opinion.direction, d.opinion.entry});
      if (!is_tradable(d.opinion, rules, allow_shorts)) continue;
      candidates.push_back(ml::candidate_of(d.opinion, d.when, d.features, settings));
      of.push_back(&d);
    }
    out.candidates += candidates.size();
    const auto outcomes = ml::label(candidates, series[i], settings.exits, turns);
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      if (!outcomes[k]) {
        ++out.unfinished;
        continue;
      }
      const Opinion& o = of[k]->opinion;
      const double risk = std::abs(o.entry - o.stop), reward = std::abs(o.target - o.entry);
      ml::Sample sample{{candidates[k].decided, outcomes[k]->ended}, of[k]->features, 1, outcomes[k]->r,
                        ml::break_even(reward / risk, risk / o.entry, settings.cost), i};
      out.samples.push_back(sample);
    }
  }
  ml::prepare(out.samples);
}

BacktestPlan plan_of(const std::vector<PairInput>& pairs, const CandidatePlan& wanted) {
  BacktestPlan plan;
  plan.pairs = pairs;
  plan.strategy = wanted.strategy;
  plan.timeframes = wanted.timeframes;
  plan.allow_shorts = wanted.allow_shorts;
  plan.records_candidates = true;
  plan.keep_prices = plan.keep_charts = plan.keep_opens = false;
  return plan;
}

/// What recordings hold, by pair over all of them.
struct Recorded {
  std::vector<Symbol> symbols;
  std::vector<std::map<Time, Candle>> candles;     // by open time: runs overlap where one was killed
  std::map<std::pair<std::size_t, Time>, Decided> decided;
  std::uint64_t runs{0}, unreadable{0}, other_schema{0};

  std::size_t index_of(const Symbol& symbol) {
    const auto known = std::find(symbols.begin(), symbols.end(), symbol);
    if (known != symbols.end()) return static_cast<std::size_t>(known - symbols.begin());
    symbols.push_back(symbol);
    candles.emplace_back();
    return symbols.size() - 1;
  }
};

void take_decision(const Decision& d, std::size_t pair, Recorded& out) {
  if (d.gate.features_count == 0) return;   // not a candidate
  if (d.gate.schema != ml::feature_schema() || d.gate.features_count != ml::features_count) {
    ++out.other_schema;
    return;
  }
  Decided one{InstrumentId{static_cast<std::uint32_t>(pair)}, d.candle_close, d.opinion, {}};
  std::copy_n(d.gate.features.begin(), ml::features_count, one.features.begin());
  out.decided.insert_or_assign({pair, d.candle_close}, std::move(one));
}

/// Reads one run up to its end or its first damage.
void take_run(const std::filesystem::path& folder, Recorded& out) {
  auto reader = RecordingReader::open(folder);
  if (!reader) {
    ++out.unreadable;
    return;
  }
  ++out.runs;
  std::map<InstrumentId, std::size_t> pairs;
  for (const Instrument& instrument : (*reader)->header().instruments) {
    pairs[instrument.id] = out.index_of(instrument.symbol);
  }
  for (;;) {
    const auto next = (*reader)->next();
    if (!next || !*next) return;
    if (const auto* closed = std::get_if<CandleClosed>(&(*next)->event.body)) {
      const auto pair = pairs.find(closed->instrument);
      if (pair != pairs.end()) out.candles[pair->second].insert_or_assign(closed->candle.open_time, closed->candle);
    }
    for (const std::string& bytes : (*next)->actions) {
      const auto action = decode_action(bytes);
      const auto* decision = action ? std::get_if<Decision>(&*action) : nullptr;
      if (decision == nullptr) continue;
      const auto pair = pairs.find(decision->instrument);
      if (pair != pairs.end()) take_decision(*decision, pair->second, out);
    }
  }
}

Recorded take_runs(const std::filesystem::path& runs) {
  std::vector<std::filesystem::path> folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(runs, ignored)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());   // a run is named by its start
  Recorded recorded;
  for (const std::filesystem::path& folder : folders) take_run(folder, recorded);
  return recorded;
}

}  // namespace

Result<std::vector<TradeClosed>> virtual_trades(const Config& config, const std::filesystem::path& runs,
                                                const std::string& strategy) {
  const Recorded recorded = take_runs(runs);
  BacktestPlan plan;
  plan.strategy = strategy;
  plan.keep_prices = plan.keep_charts = plan.keep_opens = false;
  std::vector<std::vector<Candle>> series;
  for (std::size_t i = 0; i < recorded.symbols.size(); ++i) {
    if (recorded.candles[i].empty()) continue;
    plan.pairs.push_back({recorded.symbols[i], recorded.candles[i].begin()->second.interval});
    std::vector<Candle>& candles = series.emplace_back();
    for (const auto& [time, candle] : recorded.candles[i]) candles.push_back(candle);
  }
  if (series.empty()) return std::vector<TradeClosed>();
  SilentJournal journal;
  BacktestRun run(config, std::move(plan), journal, false);
  AITRADE_TRY_STATUS(walk(series, run));
  AITRADE_TRY(const RunResult result, run.finish());
  std::vector<TradeClosed> out;
  for (const TradeRecord& record : result.trades) {
    if (record.trade.reason != ExitReason::end_of_data) out.push_back(record.trade);
  }
  return out;
}

Result<CandidateSet> recorded_candidates(const Config& config, const std::filesystem::path& runs, bool allow_shorts) {
  Recorded recorded = take_runs(runs);
  RunShape shape;
  std::vector<std::vector<Candle>> series;
  std::vector<Decided> decided;
  CandidateSet out;
  std::vector<std::size_t> place(recorded.symbols.size(), recorded.symbols.size());
  for (std::size_t i = 0; i < recorded.symbols.size(); ++i) {
    if (recorded.candles[i].empty()) continue;
    place[i] = series.size();
    std::vector<Candle> candles;
    CandleFingerprint fingerprint(recorded.symbols[i], recorded.candles[i].begin()->second.interval);
    for (const auto& [time, candle] : recorded.candles[i]) candles.push_back(candle);
    fingerprint.add(candles);
    out.data_fingerprint += (out.data_fingerprint.empty() ? "" : "-") + fingerprint.hex();
    out.bars += candles.size();
    out.pairs.push_back(to_string(recorded.symbols[i]));
    Instrument instrument = standard_instrument(recorded.symbols[i], candles.front().open);
    instrument.id = InstrumentId{static_cast<std::uint32_t>(series.size())};
    shape.instruments.push_back(std::move(instrument));
    series.push_back(std::move(candles));
  }
  if (series.empty()) return fail(ErrorCode::not_found, "no recorded run in " + runs.string() + " holds candles");
  for (auto& [key, one] : recorded.decided) {
    if (place[key.first] == recorded.symbols.size()) continue;
    one.instrument = InstrumentId{static_cast<std::uint32_t>(place[key.first])};
    decided.push_back(std::move(one));
  }
  AITRADE_TRY(const EngineSetup engine, compose_engine(config, shape, out.notes));
  out.config_hash = config_hash(config);
  if (recorded.unreadable > 0) out.notes.push_back(std::to_string(recorded.unreadable) + " runs cannot be read");
  if (recorded.other_schema > 0) {
    out.notes.push_back(std::to_string(recorded.other_schema) + " candidates were recorded with other features");
  }
  label_all(decided, series, engine.rules, allow_shorts, out);
  return out;
}

Duration embargo_of(const CandidateSet& candidates) {
  constexpr double share = 0.01;
  return Duration(static_cast<Duration::rep>(static_cast<double>((candidates.last - candidates.first).count()) * share));
}

Result<CandidateSet> collect_candidates(const Config& config, std::vector<CandleInput>& inputs,
                                        const CandidatePlan& wanted) {
  AITRADE_TRY(const auto series, read_all(inputs));
  std::vector<PairInput> pairs;
  for (const CandleInput& input : inputs) pairs.push_back({input.symbol, input.interval});
  return collect_candidates(config, pairs, series, wanted);
}

Result<CandidateSet> collect_candidates(const Config& config, const std::vector<PairInput>& pairs,
                                        const std::vector<std::vector<Candle>>& series, const CandidatePlan& wanted) {
  BacktestPlan plan = plan_of(pairs, wanted);
  std::vector<Decided> decided;
  plan.on_decision = [&](const Decision& d) {
    if (d.gate.features_count != ml::features_count) return;   // not a candidate
    Decided one{d.instrument, d.candle_close, d.opinion, {}};
    std::copy_n(d.gate.features.begin(), ml::features_count, one.features.begin());
    decided.push_back(std::move(one));
  };
  SilentJournal journal;
  BacktestRun run(config, std::move(plan), journal, false);
  AITRADE_TRY_STATUS(walk(series, run));
  AITRADE_TRY(const RunResult result, run.finish());

  CandidateSet out;
  const TradingRules& rules = run.engine().rules();
  out.bars = run.bars();
  out.notes = run.notes();
  out.config_hash = result.identity.config_hash;
  out.data_fingerprint = result.identity.data_fingerprint;
  for (const PairInput& pair : pairs) out.pairs.push_back(to_string(pair.symbol));
  label_all(decided, series, rules, wanted.allow_shorts, out);
  return out;
}

}  // namespace aitrade::cli
