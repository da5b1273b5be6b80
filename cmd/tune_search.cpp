#include "cmd/tune_search.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>

#include "cmd/compose.h"
#include "cmd/signals.h"
#include "core/data/candle_fingerprint.h"
#include "core/report/result_hash.h"
#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

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

/// Errors: invalid when a grid is larger than what was asked for.
Result<std::unique_ptr<ml::Search>> search_of(const SearchOptions& options, const std::vector<ml::Axis>& axes,
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

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorCode::full, folder.string() + ": " + error.message());
  return ok();
}

/// Asks the search for points until it has no more, or somebody stops it.
Status exhaust(ml::Search& search, Workshop& workshop, const SearchOptions& options) {
  std::vector<ml::Point> points;
  std::vector<ml::Score> scores;
  while (!workshop.is_stopped()) {
    const std::vector<ml::Point> more = search.next(points, scores);
    if (more.empty()) break;
    points.insert(points.end(), more.begin(), more.end());
    AITRADE_TRY_STATUS(workshop.run(more));
    for (std::size_t i = scores.size(); i < points.size(); ++i) {
      scores.push_back(score_of(workshop.trials()[i], options.objective_kind(), options.trades_min));
    }
  }
  return ok();
}

}  // namespace

Objective SearchOptions::objective_kind() const {
  const auto name = std::find(objective_names.begin(), objective_names.end(), objective);
  return static_cast<Objective>(name - objective_names.begin());
}

void add_search(CLI::App& app, SearchOptions& options) {
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
  app.add_option("--min-trades", options.trades_min, "trials with fewer trades have no score; default 30");
  app.add_flag("--allow-shorts", options.allow_shorts, "let short signals open positions");
}

Result<std::vector<Candle>> read_candles(const CandleInputOptions& wanted, const Paths& paths, Symbol& symbol) {
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(wanted, paths));
  CandleInput& input = inputs.front();
  symbol = input.symbol;
  std::vector<Candle> out;
  AITRADE_TRY_STATUS(input.read([&](std::span<const Candle> candles) -> Status {
    out.insert(out.end(), candles.begin(), candles.end());
    return ok();
  }));
  if (out.empty()) return fail(ErrorCode::invalid, input.name + ": no candles in the period asked for");
  return out;
}

Result<Material> material_of(std::span<const Candle> candles, const Symbol& symbol, const Config& config) {
  if (candles.empty()) return fail(ErrorCode::invalid, "no candles");
  Instrument instrument;
  instrument.symbol = symbol;
  Material material{History(compose_gaps(config), compose_outliers(config, {instrument}).front()), symbol, {}};
  CandleFingerprint fingerprint(symbol, candles.front().interval);
  fingerprint.add(candles);
  for (const Candle& candle : candles) AITRADE_TRY_STATUS(material.history.add(candle));
  if (material.history.candles().empty()) return fail(ErrorCode::invalid, "none of the candles can be used");
  material.fingerprint = fingerprint.hex();
  return material;
}

/// Errors: invalid: an unknown strategy, a word of --params that says nothing, no key to search for all
Result<std::vector<ml::Axis>> axes_of(const SearchOptions& options, const Config& config) {
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

Result<Config> config_at(const SearchOptions& options, const Config& config, const std::vector<ml::Axis>& axes,
                         const ml::Point& point) {
  AITRADE_TRY(Config tuned, RuleKeys().apply(config, axes, point));
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (!is_rule_key(axes[i].name)) tuned.strategies[options.strategy].parameters[axes[i].name] = point[i];
  }
  return tuned;
}

Study study_of(const SearchOptions& options, const Config& config, const Material& material,
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

std::filesystem::path ledgers_path(const Paths& paths) { return paths.state_dir / "tune"; }

Result<std::filesystem::path> ledgers_folder(const Paths& paths) {
  AITRADE_TRY_STATUS(make_folder(ledgers_path(paths)));
  return ledgers_path(paths);
}

Result<SearchOutcome> run_search(const SearchJob& job, Context& context) {
  const SearchOptions& options = job.options;
  AITRADE_TRY(auto sweep, Sweep::make(job.config, job.material.history,
                                      {job.material.symbol, options.alone(), job.study.axes, options.allow_shorts}));
  job.material.history.finish(sweep->regime_rules());
  std::uint64_t planned = 0;
  AITRADE_TRY(auto search, search_of(options, job.study.axes, *sweep, planned));
  if (job.ledger.has_parent_path()) AITRADE_TRY_STATUS(make_folder(job.ledger.parent_path()));
  AITRADE_TRY(TrialLedger ledger, TrialLedger::open(job.ledger, job.study));
  if (!ledger.known().empty() && context.global.verbosity >= 0) {
    context.err << "aitrade: note: " << ledger.known().size() << " trials are in " << job.ledger.string() << " already\n";
  }
  Progress progress(context, job.label, (planned + job.shard.count - 1 - job.shard.index) / job.shard.count);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  Workshop workshop(*sweep, ledger, options.threads == 0 ? cores : options.threads, job.shard, progress);
  SearchOutcome out;
  const auto started = std::chrono::steady_clock::now();
  {
    const StopWatch watch(workshop);
    AITRADE_TRY_STATUS(exhaust(*search, workshop, options));
    out.stopped = watch.exit_code();
  }
  out.took_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  progress.finish();
  out.trials = workshop.trials();
  out.resumed = workshop.resumed();
  out.done = workshop.done();
  if (out.stopped) {
    context.err << "aitrade: stopped; what was finished is in " << job.ledger.string()
                << ", the same command goes on there\n";
  } else if (out.trials.empty()) {
    return fail(ErrorCode::invalid, "no combination of the parameters is allowed");
  }
  return out;
}

}  // namespace aitrade::cli
