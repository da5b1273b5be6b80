// `aitrade tune`: many parameter sets of one strategy over one history, ranked and judged.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cmd/backtest_run.h"
#include "cmd/cli.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/tune_merge.h"
#include "cmd/tune_promote.h"
#include "cmd/tune_report.h"
#include "cmd/tune_search.h"
#include "cmd/tune_strategies.h"
#include "cmd/walkforward_gate.h"

namespace aitrade::cli {
namespace {

constexpr std::string_view merging = "merge", promoting = "promote", judging = "strategies";   // in place of a strategy
constexpr std::uint64_t shards_max = 10'000;
constexpr double holdout_max = 0.5;

struct TuneOptions {
  SearchOptions search;
  CandleInputOptions input;
  std::string data;
  std::string resume;
  std::string shard;                  // "I/N"
  double holdout{0};
  bool opens_holdout{false};
  std::vector<std::string> ledgers;   // to merge, or the one to promote
  std::string out;
  bool gate{false};                   // refused, with the reason
  std::string model;                  // likewise
  PromoteOptions promote;
};

/// Reads "I/N". Errors: invalid; also for a search whose points depend on all trials before them.
Result<Shard> shard_of(const TuneOptions& options) {
  Shard shard;
  if (options.shard.empty()) return shard;
  if (options.search.method == "tpe") {
    return fail(ErrorCode::invalid, "--shard: tpe learns from every trial before the next; take --method random or grid");
  }
  char rest = 0;
  unsigned long long index = 0, count = 0;
  if (std::sscanf(options.shard.c_str(), "%llu/%llu%c", &index, &count, &rest) != 2 || index < 1 || index > count ||
      count > shards_max) {
    return fail(ErrorCode::invalid, "--shard takes I/N with I from 1 to N, such as 3/16; got \"" + options.shard + "\"");
  }
  return Shard{index - 1, count};
}

Result<std::filesystem::path> ledger_path(const TuneOptions& options, const Study& study, const Paths& paths) {
  if (!options.resume.empty()) {
    std::error_code ignored;
    if (!std::filesystem::exists(options.resume, ignored)) {
      return fail(ErrorCode::not_found, "--resume " + options.resume + ": no such trial ledger");
    }
    return std::filesystem::path(options.resume);
  }
  std::string part = options.shard.empty() ? "" : "." + options.shard;
  std::replace(part.begin(), part.end(), '/', '-');
  return ledgers_path(paths) / (study.strategy + "-" + study.id() + part + ".ndjson");
}

/// Runs the best trial again as `backtest` would: every candle through the whole pipeline. What comes out must
/// be what the search found.
Status run_best_again(const SearchOptions& options, const Config& config, const Material& material,
                      TuneResult& result) {
  const TrialRecord& best = result.trials[*result.best];
  AITRADE_TRY(const Config tuned, config_at(options, config, result.study.axes, best.point));
  const std::vector<Candle>& candles = material.history.candles();
  BacktestPlan plan;
  plan.pairs = {{material.symbol, candles.front().interval}};
  plan.strategy = options.alone();
  plan.timeframes = {candles.front().interval};
  plan.allow_shorts = options.allow_shorts;
  plan.seed = options.seed;
  plan.keep_charts = plan.keep_opens = false;
  SilentJournal journal;
  BacktestRun run(tuned, std::move(plan), journal, false);
  AITRADE_TRY_STATUS(run.begin({material.history.first()}));
  for (std::size_t i = 0; i < candles.size(); ++i) {
    if (!candles[i].synthetic) AITRADE_TRY_STATUS(run.candle(0, candles[i]));
  }
  AITRADE_TRY(result.run, run.finish());
  result.metrics = compute_metrics(result.run);
  if (result.run.final_equity != best.final_equity || result.metrics.trades.count != best.trades) {
    return fail(ErrorCode::corrupt, "trial " + std::to_string(best.number) + " gives " +
                                        to_string(result.run.final_equity) + " in a full backtest and " +
                                        to_string(best.final_equity) + " in the search: report this as a defect");
  }
  return ok();
}

void print(const TuneResult& result, Context& context) {
  switch (resolve_format(context, Format::json)) {
    case Format::table:
      context.out << tune_text(result);
      break;
    case Format::json:
      context.out << tune_json(result);
      break;
    case Format::csv:
      print_trials(result, Format::csv, context);
      break;
    case Format::ndjson:
      print_trials(result, Format::ndjson, context);
      break;
  }
}

/// A shard ranks nothing: it says where its trials are.
ExitCode print_shard(const Shard& shard, const SearchOutcome& search, const std::string& ledger, Context& context) {
  if (resolve_format(context, Format::json) == Format::table) {
    context.out << "shard " << shard.index + 1 << " of " << shard.count << ": " << search.done + search.resumed
                << " trials in " << ledger << '\n';
    return ExitCode::done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tune_shard/1").field("shard", shard.index + 1);
  json.field("of", shard.count).field("trials", search.done + search.resumed);
  json.field("resumed", search.resumed).field("ledger", ledger).end_object();
  context.out << json.take() << '\n';
  return ExitCode::done;
}

Result<ExitCode> run_merge(const TuneOptions& options, Context& context) {
  if (options.ledgers.empty() || options.out.empty()) {
    return fail(ErrorCode::invalid, "tune merge takes ledgers and --out FILE");
  }
  AITRADE_TRY(const MergedTrials merged,
              merge_trials({options.ledgers.begin(), options.ledgers.end()}, options.out));
  if (merged.missing > 0 && context.global.verbosity >= 0) {
    context.err << "aitrade: note: " << merged.missing << " trials are in none of them; --resume runs them\n";
  }
  if (resolve_format(context, Format::json) == Format::table) {
    context.out << merged.trials << " trials in " << options.out << "; judge them with the same tune command and --resume "
                << options.out << '\n';
    return ExitCode::done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tune_merge/1").field("trials", merged.trials);
  json.field("missing", merged.missing).field("ledger", options.out).end_object();
  context.out << json.take() << '\n';
  return ExitCode::done;
}

/// Looks at the holdout, once: only of a search that has something to confirm.
Status open_holdout(const Config& config, std::span<const Candle> candles, const Symbol& symbol,
                    const SearchOptions& options, const Paths& paths, TuneResult& result) {
  AITRADE_TRY(const std::filesystem::path folder, ledgers_folder(paths));
  AITRADE_TRY_STATUS(log_opening(folder, *result.holdout, result.study, wall_now()));
  AITRADE_TRY(Material whole, material_of(candles, symbol, config));
  AITRADE_TRY(auto sweep, Sweep::make(config, whole.history,
                                      {symbol, options.alone(), result.study.axes, options.allow_shorts}));
  whole.history.finish(sweep->regime_rules());
  AITRADE_TRY(const LaterPart later,
              sweep->run_later(result.trials[*result.best].point, result.holdout->first));
  result.holdout->result = judge_later(later);
  judge_holdout(result);
  return ok();
}

/// What is said when there is nothing that a holdout could confirm.
void stay_sealed(Context& context) {
  context.err << "aitrade: the holdout stays sealed: what was found does not survive the deflation, so there is nothing "
                 "to confirm\n";
}

Result<ExitCode> search(const TuneOptions& options, const Settings& settings, Context& context) {
  AITRADE_TRY(const Shard shard, shard_of(options));
  const Config& config = *settings.config;
  auto axes = axes_of(options.search, config);
  if (!axes) return axes.error();
  const auto started = std::chrono::steady_clock::now();
  CandleInputOptions wanted = options.input;
  wanted.inputs = {options.data};
  Symbol symbol;
  AITRADE_TRY(const std::vector<Candle> candles, read_candles(wanted, settings.paths, symbol));
  TuneResult result;
  std::size_t seen = candles.size();
  if (options.holdout > 0) {
    AITRADE_TRY(seen, search_part(candles, options.holdout));
    result.holdout = Holdout{to_string(symbol), candles[seen].open_time, candles.back().close_time(), std::nullopt};
  }
  AITRADE_TRY(Material material, material_of(std::span(candles).first(seen), symbol, config));
  result.study = study_of(options.search, config, material, *axes);
  result.objective = options.search.objective_kind();
  result.trades_min = options.search.trades_min;
  result.command_line = context.command_line;
  AITRADE_TRY(const std::filesystem::path path, ledger_path(options, result.study, settings.paths));
  result.ledger = path.string();
  const SearchJob job{config, material, options.search, result.study, shard, path, "tune"};
  AITRADE_TRY(SearchOutcome found, run_search(job, context));
  if (found.stopped) return *found.stopped;
  if (!options.shard.empty()) return print_shard(shard, found, path.string(), context);
  result.trials = std::move(found.trials);
  result.resumed = found.resumed;
  const auto ran = static_cast<double>(result.trials.size() - result.resumed);
  result.combo_bars_per_second = ran * static_cast<double>(result.study.bars) / found.took_ms * 1000;
  rank(result);
  result.earlier = earlier_trials(ledgers_path(settings.paths), result.study);
  result.verdict = judge(result);
  if (result.best) AITRADE_TRY_STATUS(run_best_again(options.search, config, material, result));
  if (options.opens_holdout && result.verdict.has_edge) {
    const Status opened = open_holdout(config, candles, symbol, options.search, settings.paths, result);
    if (!opened && opened.error().code == ErrorCode::rejected) {
      return report_failure(context, opened.error(), ExitCode::negative);
    }
    AITRADE_TRY_STATUS(opened);
  } else if (options.opens_holdout) {
    stay_sealed(context);
  }
  result.elapsed_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  print(result, context);
  return result.verdict.has_edge ? ExitCode::done : ExitCode::negative;
}

Result<ExitCode> run_tune(const TuneOptions& options, Context& context) {
  const std::string& first = options.search.strategy;
  if (first == merging) return run_merge(options, context);
  if (first == promoting) return run_promote(options.promote, options.ledgers, options.search, context);
  if (first == judging) return run_strategies(options.promote, context);
  if (!options.ledgers.empty()) {
    return fail(ErrorCode::invalid, "one strategy; ledgers go with `tune merge` and `tune promote`");
  }
  if (options.data.empty()) return fail(ErrorCode::invalid, "--data is required: a candle file, -, or a stored pair");
  if (options.gate || !options.model.empty()) {
    return fail(ErrorCode::invalid, "tune measures the rules alone: its trials are judged on the candles that chose them, "
                                    "so a model could only gate what it was trained on; `walkforward --gate` trains one "
                                    "for each test window");
  }
  if (options.opens_holdout && !(options.holdout > 0)) {
    return fail(ErrorCode::invalid, "--open-holdout goes with --holdout SHARE");
  }
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  note_rules_alone(*settings->config, settings->paths, "tune measures the rules alone; see walkforward --gate", context);
  return search(options, *settings, context);
}

void add_promotion(CLI::App& app, PromoteOptions& options) {
  app.add_flag("--dry-run", options.is_dry, "with promote and strategies: show what would change, and change nothing");
  app.add_flag("--anyway", options.anyway, "with promote: take what was not found to be an edge; with --rollback: although the overlay was changed since");
  app.add_flag("--rollback", options.rolls_back, "with promote and strategies: put back what stood before the last change");
}

}  // namespace

void add_tune(CommandList& commands) {
  auto [app, options] = commands.add<TuneOptions>(
      {.name = "tune",
       .group = "research",
       .summary = "search the parameters of a strategy over candles, and judge what was found",
       .examples = {"aitrade tune keltner --data BTC/USD --tf 5m --from 20180101 --to 20190101",
                    "aitrade tune trend --data btc.csv --pair BTC/USD --method grid --params "
                    "ema_fast=5:40:5,adx_threshold=20:40:4",
                    "aitrade tune trend --data BTC/USD --tf 1h --holdout 0.2 --open-holdout",
                    "aitrade tune all --data btc.csv --params ai.confluence_threshold=1:3,risk.trailing_step_atr=0.5:2",
                    "aitrade tune keltner --data btc.csv --trials 2000 --json | aitrade report - --compare "
                    "baseline.json",
                    "aitrade tune keltner --data btc.csv --method random --trials 2000 --shard 3/16",
                    "aitrade tune merge keltner-*.ndjson --out all.ndjson",
                    "aitrade tune promote keltner-1f0c.ndjson --dry-run", "aitrade tune promote --rollback",
                    "aitrade tune strategies --dry-run", "aitrade tune strategies --rollback"},
       .details = "Every trial is a whole backtest of the strategy alone on the timeframe of the candles, as "
                  "`backtest --strategy X --timeframes T` runs it, or of all that are enabled. Finished trials go to an append-only ledger in "
                  "the state directory; the same command goes on where it was stopped, and another seed, period or "
                  "range is another ledger. Trials are ranked by the mean score of each and its neighbours. Results "
                  "are the same with any number of threads. Exit code 3: no edge after deflating by the number of "
                  "trials, those of earlier searches over the same candles included; it changes nothing. All figures "
                  "are in-sample, and of the rules alone: a model that is active gates in no trial, as it could only gate "
                  "candles that it was trained on (`walkforward --gate`). --holdout keeps the newest part away from the search; --open-holdout runs the best "
                  "over it, once for each period: every opening is logged. --shard divides a search over machines or "
                  "array jobs; `tune merge` puts their ledgers together, and the same command with --resume ranks them "
                  "as one process would have. `tune promote` writes the best of a ledger to the overlay of the "
                  "configuration, says what changes, and keeps what stood there for --rollback; it refuses what is no "
                  "edge. `tune strategies` judges the strategies of the last 500 live trades by their R: what differs "
                  "from the others by more than luck, over all that was asked, gains or loses at most a tenth of its "
                  "share; what loses rests, and comes back on the virtual trades that it would have made since."},
      run_tune);
  app.add_option("STRATEGY", options.search.strategy,
                 "strategy whose parameters are searched; all: those that are enabled, together; merge: none, put "
                 "ledgers together; promote: none, write the best of a ledger to the configuration; strategies: none, weigh them by live trades")
      ->required();
  app.add_option("LEDGER", options.ledgers, "with merge: trial ledgers of shards; with promote: the one")->expected(0, -1);
  app.add_option("--data", options.data, "candle file, - for stdin, or a pair of the candle store");
  app.add_option("--pair", options.input.pairs, "pair of the file, when its name does not say")->expected(1);
  app.add_option("--tf", options.input.tf, "interval of the candles, such as 5m; made from shorter stored ones");
  app.add_option("--venue", options.input.venue, "venue of the candle store");
  app.add_option("--from", options.input.from, "first open time; of stored candles also a span before the end");
  app.add_option("--to", options.input.to, "end, not included");
  add_search(app, options.search);
  app.add_option("--holdout", options.holdout, "share of the time, at the end, that the search does not see; up to 0.5")
      ->check(CLI::Range(0.0, holdout_max));
  app.add_flag("--open-holdout", options.opens_holdout, "run the best over the holdout, if there is an edge to confirm");
  app.add_option("--resume", options.resume, "go on with this trial ledger instead of the one in the state directory");
  app.add_option("--shard", options.shard, "I/N: run each N-th trial from the I-th on, into a ledger of its own");
  app.add_option("--out", options.out, "with merge: file to make");
  // Refused with the reason; an empty group: in no help.
  app.add_flag("--gate", options.gate)->group("");
  app.add_option("--model", options.model)->group("");
  add_promotion(app, options.promote);
}

}  // namespace aitrade::cli
