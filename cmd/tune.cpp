// `aitrade tune`: many parameter sets of one strategy over one history, ranked and judged.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "cmd/backtest_run.h"
#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/signals.h"
#include "cmd/tune_ledger.h"
#include "cmd/tune_merge.h"
#include "cmd/tune_report.h"
#include "cmd/tune_trial.h"
#include "core/data/candle_fingerprint.h"
#include "core/report/result_hash.h"
#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

constexpr std::uint64_t trials_default = 200;
constexpr std::uint64_t trials_max = 100'000;   // a ledger line has 7 kB for each
constexpr std::uint64_t trades_min_default = 30;
constexpr unsigned threads_max = 64;
constexpr std::string_view all_together = "all";   // in place of a strategy
constexpr std::string_view merging = "merge";      // likewise
constexpr std::uint64_t shards_max = 10'000;

struct TuneOptions {
  std::string strategy;
  CandleInputOptions input;
  std::string data;
  std::string method{"tpe"};
  std::optional<std::uint64_t> trials;
  std::string parameters;
  std::string objective{"sharpe"};
  unsigned threads{0};
  std::uint64_t seed{0};
  std::string resume;
  std::uint64_t trades_min{trades_min_default};
  bool allow_shorts{false};
  std::string shard;                  // "I/N"
  std::vector<std::string> ledgers;   // to merge
  std::string out;
};

/// Trial numbers that this process runs: each `count`-th from `index` on.
struct Shard {
  std::uint64_t index{0}, count{1};

  [[nodiscard]] bool has(std::size_t number) const { return number % count == index; }
};

/// Runs what a search proposes on some threads, and writes down what comes out.
class Workshop {
 public:
  Workshop(Sweep& sweep, TrialLedger& ledger, unsigned threads, Shard shard, Progress& progress)
      : sweep_(sweep), ledger_(ledger), threads_(threads), shard_(shard), progress_(progress) {
    for (const TrialRecord& trial : ledger.known()) {
      if (trial.number >= known_.size()) known_.resize(trial.number + 1);
      known_[trial.number] = trial;
    }
  }

  /// Runs the points from number trials().size() on; those in the ledger are taken from there.
  /// Errors: the ledger's; invalid when it has another point under a number.
  Status run(const std::vector<ml::Point>& points) {
    const std::size_t first = trials_.size();
    trials_.resize(first + points.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::size_t number = first + i;
      if (number < known_.size() && known_[number]) {
        if (known_[number]->point != points[i]) {
          return fail(ErrorCode::corrupt, "trial ledger: trial " + std::to_string(number) + " has other parameters");
        }
        trials_[number] = *known_[number];
        ++resumed_;
        continue;
      }
      if (shard_.has(number)) open.push_back(number);
    }
    next_ = 0;
    const auto work = [&] {
      for (std::size_t i = next_++; i < open.size() && !is_stopped_; i = next_++) {
        take(sweep_.run(open[i], points[open[i] - first]));
      }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads_ && i < open.size(); ++i) others.emplace_back(work);
    work();
    others.clear();
    return failure_;
  }

  /// No further trial begins. Thread: any
  void stop() { is_stopped_ = true; }

  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

  [[nodiscard]] const std::vector<TrialRecord>& trials() const { return trials_; }

  [[nodiscard]] std::uint64_t resumed() const { return resumed_; }

  /// Trials that were run now.
  [[nodiscard]] std::uint64_t done() const { return done_; }

 private:
  void take(Result<TrialRecord> trial) {
    const std::lock_guard lock(mutex_);
    if (!failure_) return;
    failure_ = trial ? ledger_.append(*trial) : Status(trial.error());
    if (!failure_) {
      is_stopped_ = true;
      return;
    }
    const std::size_t number = trial->number;
    trials_[number] = std::move(*trial);
    progress_.update(++done_ + resumed_);
  }

  Sweep& sweep_;
  TrialLedger& ledger_;
  unsigned threads_;
  Shard shard_;
  Progress& progress_;
  std::vector<std::optional<TrialRecord>> known_;
  std::vector<TrialRecord> trials_;
  std::mutex mutex_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> is_stopped_{false};
  std::uint64_t resumed_{0}, done_{0};
  Status failure_;
};

/// Stops a workshop at the first signal; the second ends the process.
class StopWatch {
 public:
  explicit StopWatch(Workshop& workshop) : thread_([this, &workshop](const std::stop_token& token) {
      while (!token.stop_requested()) {
        if (const auto signal = signals_.wait(milliseconds{20})) {
          signal_ = *signal;
          workshop.stop();
          signals_.next_one_kills();
          return;
        }
      }
    }) {}

  /// The exit code of the signal that came, if any.
  [[nodiscard]] std::optional<ExitCode> exit_code() const {
    if (signal_ == 0) return std::nullopt;
    return signal_ == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
  }

 private:
  StopSignals signals_;   // before the thread, which inherits the mask
  std::atomic<int> signal_{0};
  std::jthread thread_;
};

struct Material {
  History history;
  Symbol symbol;
  std::string fingerprint;
};

Result<Material> read_candles(const TuneOptions& options, const Config& config, const Paths& paths) {
  CandleInputOptions wanted = options.input;
  wanted.inputs = {options.data};
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(wanted, paths));
  CandleInput& input = inputs.front();
  Instrument instrument;
  instrument.symbol = input.symbol;
  Material material{History(compose_gaps(config), compose_outliers(config, {instrument}).front()), input.symbol, {}};
  CandleFingerprint fingerprint(input.symbol, input.interval);
  const Status read = input.read([&](std::span<const Candle> candles) -> Status {
    fingerprint.add(candles);
    for (const Candle& candle : candles) AITRADE_TRY_STATUS(material.history.add(candle));
    return ok();
  });
  if (!read) return read.error();
  if (material.history.candles().empty()) {
    return fail(ErrorCode::invalid, input.name + ": no candles in the period asked for");
  }
  material.fingerprint = fingerprint.hex();
  return material;
}

/// The strategy that plays alone; "" when all do.
std::string alone(const TuneOptions& options) { return options.strategy == all_together ? "" : options.strategy; }

/// Errors: invalid: an unknown strategy, a word of --params that says nothing, no key to search for all
Result<std::vector<ml::Axis>> axes_of(const TuneOptions& options, const Config& config) {
  std::vector<ml::ParameterBounds> known;
  if (options.strategy != all_together) {
    const StrategyInfo* info = find_strategy(options.strategy);
    if (info == nullptr) return fail(ErrorCode::invalid, "unknown strategy \"" + options.strategy + "\"");
    known = bounds_of(config, *info);
  } else if (options.parameters.empty()) {
    return fail(ErrorCode::invalid, "all strategies together have no parameters of their own: name keys with "
                                    "--params, such as ai.min_confidence=0.55:0.7:0.05");
  }
  if (!options.parameters.empty()) {   // unasked the parameters alone are searched
    const auto keys = RuleKeys().bounds(config);
    known.insert(known.end(), keys.begin(), keys.end());
  }
  auto axes = ml::parse_axes(options.parameters, known);
  if (!axes) return std::move(axes).error().within("--params");
  return axes;
}

Study study_of(const TuneOptions& options, const Config& config, const Material& material,
               std::vector<ml::Axis> axes) {
  const std::vector<Candle>& candles = material.history.candles();
  Study study;
  study.strategy = options.strategy;
  study.pair = to_string(material.symbol);
  study.timeframe = timeframe_text(candles.front().interval);
  study.data_fingerprint = material.fingerprint;
  study.config_hash = config_hash(config);
  study.bars = material.history.rows();
  study.first = candles.front().open_time;
  study.last = candles.back().close_time();
  study.method = options.method;
  study.seed = options.method == "grid" ? 0 : options.seed;
  if (options.method == "tpe") {
    study.objective = options.objective;
    study.trades_min = options.trades_min;
  }
  study.allow_shorts = options.allow_shorts;
  study.axes = std::move(axes);
  return study;
}

/// Errors: invalid when a grid is larger than what was asked for.
Result<std::unique_ptr<ml::Search>> search_of(const TuneOptions& options, const std::vector<ml::Axis>& axes,
                                              const Sweep& sweep, std::uint64_t& planned) {
  const auto is_allowed = [&sweep](const ml::Point& point) { return sweep.is_allowed(point); };
  planned = options.trials.value_or(trials_default);
  if (options.method == "random") return ml::make_random(axes, is_allowed, planned, options.seed);
  if (options.method == "tpe") return ml::make_tpe(axes, is_allowed, planned, options.seed);
  const std::size_t size = ml::grid_size(axes);
  if (size > options.trials.value_or(trials_max)) {
    return fail(ErrorCode::invalid, "the grid has " + std::to_string(size) + " points, more than the " +
                                        std::to_string(options.trials.value_or(trials_max)) +
                                        " trials allowed: name fewer parameters or wider steps with --params, "
                                        "or use --method random");
  }
  planned = size;
  return ml::make_grid(axes, is_allowed);
}

/// Reads "I/N". Errors: invalid; also for a search whose points depend on all trials before them.
Result<Shard> shard_of(const TuneOptions& options) {
  Shard shard;
  if (options.shard.empty()) return shard;
  if (options.method == "tpe") {
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
  const std::filesystem::path folder = paths.state_dir / "tune";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorCode::full, folder.string() + ": " + error.message());
  std::string part = options.shard.empty() ? "" : "." + options.shard;
  std::replace(part.begin(), part.end(), '/', '-');
  return folder / (study.strategy + "-" + study.id() + part + ".ndjson");
}

/// Runs the best trial again as `backtest` would: every candle through the whole pipeline. What comes out must
/// be what the search found.
Status run_best_again(const TuneOptions& options, const Config& config, const Material& material,
                      TuneResult& result) {
  const TrialRecord& best = result.trials[*result.best];
  AITRADE_TRY(Config tuned, RuleKeys().apply(config, result.study.axes, best.point));
  for (std::size_t i = 0; i < best.point.size(); ++i) {
    const std::string& name = result.study.axes[i].name;
    if (!is_rule_key(name)) tuned.strategies[options.strategy].parameters[name] = best.point[i];
  }
  const std::vector<Candle>& candles = material.history.candles();
  BacktestPlan plan;
  plan.pairs = {{material.symbol, candles.front().interval}};
  plan.strategy = alone(options);
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

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Asks the search for points until it has no more, or somebody stops it.
Status run_search(ml::Search& search, Workshop& workshop, TuneResult& result) {
  std::vector<ml::Point> points;
  std::vector<ml::Score> scores;
  while (!workshop.is_stopped()) {
    const std::vector<ml::Point> more = search.next(points, scores);
    if (more.empty()) break;
    points.insert(points.end(), more.begin(), more.end());
    AITRADE_TRY_STATUS(workshop.run(more));
    for (std::size_t i = scores.size(); i < points.size(); ++i) {
      scores.push_back(score_of(workshop.trials()[i], result.objective, result.trades_min));
    }
  }
  result.trials = workshop.trials();
  result.resumed = workshop.resumed();
  return ok();
}

/// A shard ranks nothing: it says where its trials are.
ExitCode print_shard(const Shard& shard, const Workshop& workshop, const std::string& ledger, Context& context) {
  if (resolve_format(context, Format::json) == Format::table) {
    context.out << "shard " << shard.index + 1 << " of " << shard.count << ": " << workshop.done() + workshop.resumed()
                << " trials in " << ledger << '\n';
    return ExitCode::done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tune_shard/1").field("shard", shard.index + 1);
  json.field("of", shard.count).field("trials", workshop.done() + workshop.resumed());
  json.field("resumed", workshop.resumed()).field("ledger", ledger).end_object();
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

Result<ExitCode> run_tune(const TuneOptions& options, Context& context) {
  if (options.strategy == merging) return run_merge(options, context);
  if (!options.ledgers.empty()) return fail(ErrorCode::invalid, "one strategy; ledgers go with `tune merge`");
  if (options.data.empty()) return fail(ErrorCode::invalid, "--data is required: a candle file, -, or a stored pair");
  AITRADE_TRY(const Shard shard, shard_of(options));
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Config& config = *settings->config;
  auto axes = axes_of(options, config);
  if (!axes) return axes.error();
  const auto started = std::chrono::steady_clock::now();
  AITRADE_TRY(Material material, read_candles(options, config, settings->paths));
  TuneResult result;
  result.study = study_of(options, config, material, *axes);
  const auto name = std::find(objective_names.begin(), objective_names.end(), options.objective);
  result.objective = static_cast<Objective>(name - objective_names.begin());
  result.trades_min = options.trades_min;
  result.command_line = context.command_line;
  AITRADE_TRY(auto sweep, Sweep::make(config, material.history,
                                      {material.symbol, alone(options), *axes, options.allow_shorts}));
  material.history.finish(sweep->regime_rules());
  std::uint64_t planned = 0;
  AITRADE_TRY(auto search, search_of(options, *axes, *sweep, planned));
  AITRADE_TRY(const std::filesystem::path path, ledger_path(options, result.study, settings->paths));
  result.ledger = path.string();
  AITRADE_TRY(TrialLedger ledger, TrialLedger::open(path, result.study));
  if (!ledger.known().empty() && context.global.verbosity >= 0) {
    context.err << "aitrade: note: " << ledger.known().size() << " trials are in " << path.string() << " already\n";
  }

  Progress progress(context, "tune", (planned + shard.count - 1 - shard.index) / shard.count);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  Workshop workshop(*sweep, ledger, options.threads == 0 ? cores : options.threads, shard, progress);
  std::optional<ExitCode> stopped;
  const auto searching = std::chrono::steady_clock::now();
  {
    const StopWatch watch(workshop);
    AITRADE_TRY_STATUS(run_search(*search, workshop, result));
    stopped = watch.exit_code();
  }
  const double took = milliseconds_since(searching);
  progress.finish();
  if (stopped) {
    context.err << "aitrade: stopped; what was finished is in " << path.string() << ", the same command goes on there\n";
    return *stopped;
  }
  if (result.trials.empty()) return fail(ErrorCode::invalid, "no combination of the parameters is allowed");
  if (!options.shard.empty()) return print_shard(shard, workshop, path.string(), context);
  const auto ran = static_cast<double>(result.trials.size() - result.resumed);
  result.combo_bars_per_second = ran * static_cast<double>(result.study.bars) / took * 1000;
  rank(result);
  result.verdict = judge(result);
  if (result.best) AITRADE_TRY_STATUS(run_best_again(options, config, material, result));
  result.elapsed_ms = milliseconds_since(started);
  print(result, context);
  return result.verdict.has_edge ? ExitCode::done : ExitCode::negative;
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
                    "aitrade tune all --data btc.csv --params ai.confluence_threshold=1:3,risk.trailing_step_atr=0.5:2",
                    "aitrade tune keltner --data btc.csv --trials 2000 --json | aitrade report - --compare "
                    "baseline.json",
                    "aitrade tune keltner --data btc.csv --method random --trials 2000 --shard 3/16",
                    "aitrade tune merge keltner-*.ndjson --out all.ndjson"},
       .details = "Every trial is a whole backtest of the strategy alone on the timeframe of the candles, as "
                  "`backtest --strategy X --timeframes T` runs it, or of all that are enabled. Finished trials go to an append-only ledger in "
                  "the state directory; the same command goes on where it was stopped, and another seed, period or "
                  "range is another ledger. Trials are ranked by the mean score of each and its neighbours. Results "
                  "are the same with any number of threads. Exit code 3: no edge after deflating by the number of "
                  "trials. All figures are in-sample. --shard divides a search over machines or array jobs; `tune merge` "
                  "puts their ledgers together, and the same command with --resume ranks them as one process would "
                  "have."},
      run_tune);
  app.add_option("STRATEGY", options.strategy, "strategy whose parameters are searched; all: those that are enabled, "
                                               "together; merge: none, put ledgers together")
      ->required();
  app.add_option("LEDGER", options.ledgers, "with merge: trial ledgers of shards")->expected(0, -1);
  app.add_option("--data", options.data, "candle file, - for stdin, or a pair of the candle store");
  app.add_option("--pair", options.input.pairs, "pair of the file, when its name does not say")->expected(1);
  app.add_option("--tf", options.input.tf, "interval of the candles, such as 5m; made from shorter stored ones");
  app.add_option("--venue", options.input.venue, "venue of the candle store");
  app.add_option("--from", options.input.from, "first open time; of stored candles also a span before the end");
  app.add_option("--to", options.input.to, "end, not included");
  app.add_option("--method", options.method, "grid, random or tpe (which learns from earlier trials); default tpe")
      ->check(CLI::IsMember({"grid", "random", "tpe"}));
  app.add_option("--trials", options.trials, "trials of random and tpe, default 200; of a grid the most it may have")
      ->check(CLI::Range(std::uint64_t{1}, trials_max));
  app.add_option("--params", options.parameters,
                 "name=low:high:step, comma separated; a grid without step takes five values; names are parameters "
                 "of the strategy or numbers of [ai], [risk] and [trading]; default: all parameters from half to "
                 "twice their value");
  app.add_option("--objective", options.objective, "sharpe, sortino, calmar, net, expectancy_r or profit_factor")
      ->check(CLI::IsMember(std::vector<std::string>(objective_names.begin(), objective_names.end())));
  app.add_option("--threads", options.threads, "default: all cores")->check(CLI::Range(1U, threads_max));
  app.add_option("--seed", options.seed, "seed of random and tpe");
  app.add_option("--resume", options.resume, "go on with this trial ledger instead of the one in the state directory");
  app.add_option("--shard", options.shard, "I/N: run each N-th trial from the I-th on, into a ledger of its own");
  app.add_option("--out", options.out, "with merge: file to make");
  app.add_option("--min-trades", options.trades_min, "trials with fewer trades have no score; default 30");
  app.add_flag("--allow-shorts", options.allow_shorts, "let short signals open positions");
}

}  // namespace aitrade::cli
