#include "cmd/train_candidates.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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

BacktestPlan plan_of(const std::vector<CandleInput>& inputs, const CandidatePlan& wanted) {
  BacktestPlan plan;
  for (const CandleInput& input : inputs) plan.pairs.push_back({input.symbol, input.interval});
  plan.strategy = wanted.strategy;
  plan.timeframes = wanted.timeframes;
  plan.allow_shorts = wanted.allow_shorts;
  plan.records_candidates = true;
  plan.keep_prices = plan.keep_charts = plan.keep_opens = false;
  return plan;
}

}  // namespace

Result<CandidateSet> collect_candidates(const Config& config, std::vector<CandleInput>& inputs,
                                        const CandidatePlan& wanted) {
  AITRADE_TRY(const auto series, read_all(inputs));
  BacktestPlan plan = plan_of(inputs, wanted);
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
  const ml::GateSettings settings = gate_settings({}, rules);
  out.cost = settings.cost;
  out.bars = run.bars();
  out.notes = run.notes();
  out.config_hash = result.identity.config_hash;
  out.data_fingerprint = result.identity.data_fingerprint;
  for (const CandleInput& input : inputs) out.pairs.push_back(to_string(input.symbol));
  out.first = series.front().front().open_time;
  for (std::size_t i = 0; i < series.size(); ++i) {
    out.first = std::min(out.first, series[i].front().open_time);
    out.last = std::max(out.last, series[i].back().close_time());
    std::vector<ml::Candidate> candidates;
    std::vector<const Decided*> of;
    for (const Decided& d : decided) {
      if (number(d.instrument) != i || !is_tradable(d.opinion, rules, wanted.allow_shorts)) continue;
      candidates.push_back(ml::candidate_of(d.opinion, d.when, settings));
      of.push_back(&d);
    }
    out.candidates += candidates.size();
    const auto outcomes = ml::label(candidates, series[i]);
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
  return out;
}

}  // namespace aitrade::cli
