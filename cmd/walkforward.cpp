// `aitrade walkforward`: does what a search chooses go on earning on the candles after it?

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <ostream>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <rapidjson/document.h>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/tune_report.h"
#include "cmd/tune_search.h"
#include "cmd/page_file.h"
#include "cmd/walkforward_gate.h"
#include "cmd/walkforward_html.h"
#include "cmd/walkforward_report.h"
#include "core/report/returns.h"

namespace aitrade::cli {
namespace {

constexpr std::size_t folds_max = 200;
constexpr int costs = 100, dearer = 150;   // percent
constexpr std::size_t random_runs_max = 1'000'000;

struct WalkOptions {
  SearchOptions search;
  CandleInputOptions input;
  std::string data;
  std::size_t folds{6};
  std::string train, test;   // durations
  bool is_anchored{false};
  std::size_t random_entry{1000};
  std::string html;
  bool retrains{false};   // --gate
  std::string model;

  [[nodiscard]] bool has_gate() const { return retrains || !model.empty(); }
};

/// Where the windows are.
struct Windows {
  Duration train{}, test{};
  std::size_t folds{0};
};

/// Whole days: test windows of equal length fill what the first train window leaves.
/// Errors: invalid for windows that do not fit
Result<Windows> windows_of(const WalkOptions& options, std::span<const Candle> candles) {
  const Duration whole = candles.back().close_time() - candles.front().open_time;
  const auto days = [](Duration d) { return d - d % day_span; };
  Windows out{days(whole / 2), {}, options.folds};
  if (!options.train.empty()) {
    AITRADE_TRY(out.train, parse_duration(options.train));
  }
  const Duration left = whole - out.train;
  out.test = days(left / static_cast<Duration::rep>(out.folds));
  if (!options.test.empty()) {
    AITRADE_TRY(out.test, parse_duration(options.test));
    if (out.test >= day_span) out.folds = static_cast<std::size_t>(left / out.test);
  }
  if (out.train < day_span || out.test < day_span || out.folds < 2 || out.folds > folds_max) {
    return fail(ErrorCode::invalid, "the candles span " + std::to_string(whole / day_span) +
                                        " days, which does not make at least two folds of these windows, of a day at "
                                        "least each; name others with --train, --test or --folds");
  }
  return out;
}

std::span<const Candle> between(std::span<const Candle> candles, Time from, Time to) {
  const auto before = [](const Candle& c, Time t) { return c.open_time < t; };
  const auto first = std::lower_bound(candles.begin(), candles.end(), from, before);
  const auto last = std::lower_bound(first, candles.end(), to, before);
  return candles.subspan(static_cast<std::size_t>(first - candles.begin()), static_cast<std::size_t>(last - first));
}

double yearly(const std::vector<double>& daily) { return moments_of(daily).mean * days_per_year; }

/// What all folds share.
struct Ground {
  const WalkOptions& options;
  const Config& config;
  const Paths& paths;
  std::span<const Candle> candles;
  Symbol symbol;
  const std::vector<ml::Axis>& axes;
  const ModelChoice& model;   // that was given, if any
};

/// Runs the chosen point over train and test window and keeps the days of the test, gated by a model where there is one.
Result<LaterPart> run_on(const Ground& ground, const WalkFold& fold, int costs_percent, const FoldModel* model = nullptr,
                         FoldGate* counts = nullptr) {
  const SearchOptions& options = ground.options.search;
  AITRADE_TRY(Material material, material_of(between(ground.candles, fold.train_first, fold.test_last), ground.symbol,
                                             ground.config));
  AITRADE_TRY(auto sweep, Sweep::make(ground.config, material.history,
                                      {ground.symbol, options.alone(), ground.axes, options.allow_shorts, costs_percent}));
  material.history.finish(sweep->regime_rules());
  if (model == nullptr || !model->figures.gates) return sweep->run_later(*fold.point, fold.cut);
  AITRADE_TRY(const TradingRules rules, sweep->rules_at(*fold.point));
  LaterGate gate(make_gate(model->choice, rules), fold.cut);
  AITRADE_TRY(LaterPart later, sweep->run_later(*fold.point, fold.cut, &gate));
  if (counts != nullptr) {
    counts->passed = gate.passed();
    counts->rejected = gate.rejected();
    counts->left = gate.left();
    counts->switched_off = gate.is_off();
  }
  return later;
}

/// The model that may gate the test window: the one that was given, or one trained on the train window with the chosen
/// parameters.
Result<FoldModel> model_of(const Ground& ground, const WalkFold& fold) {
  if (ground.model.bundle != nullptr) return given_fold(ground.model);
  const SearchOptions& options = ground.options.search;
  AITRADE_TRY(const Config config, config_at(options, ground.config, ground.axes, *fold.point));
  const auto seen = between(ground.candles, fold.train_first, fold.cut);
  const Duration interval = ground.candles.front().interval;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const FoldTraining training{{ground.symbol, interval},
                              {{interval}, options.alone(), options.allow_shorts},
                              options.seed,
                              options.threads == 0 ? cores : options.threads};
  return train_fold(config, {seen.begin(), seen.end()}, fold.cut, training);
}

/// Runs the chosen point over the test window, with a model and without where one was asked for.
Status test_fold(const Ground& ground, WalkFold& fold) {
  if (!ground.options.has_gate()) {
    AITRADE_TRY(fold.later, run_on(ground, fold, costs));
    AITRADE_TRY(fold.dear, run_on(ground, fold, dearer));
    return ok();
  }
  AITRADE_TRY(const FoldModel model, model_of(ground, fold));
  fold.gate = model.figures;
  AITRADE_TRY(fold.rules_alone, run_on(ground, fold, costs));
  AITRADE_TRY(fold.later, run_on(ground, fold, costs, &model, &*fold.gate));
  AITRADE_TRY(fold.dear, run_on(ground, fold, dearer, &model));
  return ok();
}

/// The days of a fold in which nothing could be chosen.
LaterPart idle_days(const WalkFold& fold) {
  LaterPart out;
  out.shapes.emplace();
  out.daily.assign(static_cast<std::size_t>((fold.test_last - fold.cut) / day_span), 0.0);
  return out;
}

/// Searches the train window and runs the best over the test window; stopped by a signal: an exit code.
Result<std::optional<ExitCode>> walk(const Ground& ground, WalkFold& fold, const std::string& label, Context& context) {
  const SearchOptions& options = ground.options.search;
  AITRADE_TRY(Material material,
              material_of(between(ground.candles, fold.train_first, fold.cut), ground.symbol, ground.config));
  TuneResult chosen;
  chosen.study = study_of(options, ground.config, material, ground.axes);
  fold.ledger = (ledgers_path(ground.paths) / (chosen.study.strategy + "-" + chosen.study.id() + ".ndjson")).string();
  const SearchJob job{ground.config, material, options, chosen.study, Shard{}, fold.ledger, label};
  AITRADE_TRY(SearchOutcome found, run_search(job, context));
  if (found.stopped) return std::optional(*found.stopped);
  chosen.objective = options.objective_kind();
  chosen.trades_min = options.trades_min;
  chosen.trials = std::move(found.trials);
  fold.trials = chosen.trials.size();
  rank(chosen);
  if (chosen.best) {
    fold.point = chosen.trials[*chosen.best].point;
    AITRADE_TRY_STATUS(test_fold(ground, fold));
    fold.returns = {yearly(chosen.trials[*chosen.best].daily), yearly(fold.later.daily)};
  } else {
    fold.later = fold.dear = fold.rules_alone = idle_days(fold);
    if (ground.options.has_gate()) fold.gate.emplace().why = "nothing was traded";
  }
  const auto test = between(ground.candles, fold.cut, fold.test_last);
  if (!test.empty()) fold.held = to_double(test.back().close) / to_double(test.front().open) - 1;
  return std::optional<ExitCode>();
}

/// The opens of all test windows, which follow each other.
PairPrices opens_of(const Ground& ground, const std::vector<WalkFold>& folds) {
  const auto candles = between(ground.candles, folds.front().cut, folds.back().test_last);
  PriceTrack track(to_string(ground.symbol), ground.candles.front().interval, PriceTrackParts{.chart = false});
  for (const Candle& candle : candles) track.add(candle);
  return track.finish();
}

// ---- the log of tests ----

std::filesystem::path log_path(const Paths& paths) { return ledgers_path(paths) / "walkforwards.log"; }

/// A test is named by what it searches; the same one again is the same test.
std::string name_of(const WalkResult& r) {
  return r.study.id() + "-" + std::to_string(r.folds.size()) + (r.is_anchored ? "a" : "r") +
         to_string(r.folds.front().cut) +
         (!r.gate ? "" : r.gate->is_fixed ? "-model-" + r.folds.front().gate->model : "-gate");
}

std::vector<WalkRecord> earlier_tests(const Paths& paths, const WalkResult& now) {
  std::vector<WalkRecord> out;
  std::ifstream in(log_path(paths), std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    rapidjson::Document json;
    if (json.Parse(line.c_str()).HasParseError() || !json.IsObject() || !json.HasMember("sharpe")) continue;
    const auto first = parse_time(json["first"].GetString()), last = parse_time(json["last"].GetString());
    const bool is_same = json["pair"].GetString() == now.study.pair && first && last && *first < now.study.last &&
                         now.study.first < *last;
    if (!is_same || json["test"].GetString() == name_of(now) || !json["sharpe"].IsNumber()) continue;
    out.push_back({now.study.pair, *first, *last, json["sharpe"].GetDouble()});
  }
  return out;
}

Status log_test(const Paths& paths, const WalkResult& r) {
  const auto own = daily_sharpe(moments_of(r.daily));
  if (!own) return ok();   // it never traded
  JsonWriter json;
  json.begin_object().field("t", "walkforward").field("test", name_of(r)).field("strategy", r.study.strategy);
  json.field("pair", r.study.pair).field("first", to_string(r.study.first)).field("last", to_string(r.study.last));
  json.field("sharpe", *own).end_object();
  const std::string line = json.take() + '\n';
  std::ifstream in(log_path(paths), std::ios::binary);
  for (std::string known; std::getline(in, known);) {
    if (known + '\n' == line) return ok();
  }
  const int file = ::open(log_path(paths).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool is_written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (file >= 0) ::close(file);
  if (!is_written) return fail(ErrorCode::full, log_path(paths).string() + ": cannot be written");
  return ok();
}

Result<ExitCode> run_walkforward(const WalkOptions& options, Context& context) {
  if (options.data.empty()) return fail(ErrorCode::invalid, "--data is required: a candle file, -, or a stored pair");
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Config& config = *settings->config;
  auto axes = axes_of(options.search, config);
  if (!axes) return axes.error();
  const auto started = std::chrono::steady_clock::now();
  CandleInputOptions wanted = options.input;
  wanted.inputs = {options.data};
  Symbol symbol;
  AITRADE_TRY(const std::vector<Candle> candles, read_candles(wanted, settings->paths, symbol));
  AITRADE_TRY(const Windows windows, windows_of(options, candles));
  WalkResult result;
  result.command_line = context.command_line;
  result.is_anchored = options.is_anchored;
  AITRADE_TRY(const Material whole, material_of(candles, symbol, config));
  result.study = study_of(options.search, config, whole, *axes);
  const Time first = floor_to(candles.front().open_time + day_span - Duration{1}, day_span);
  ModelChoice given;
  if (!options.model.empty()) {
    auto read = given_model(options.model, settings->paths);
    if (!read) {
      const bool is_missing = read.error().code == ErrorCode::not_found;
      return report_failure(context, read.error(), is_missing ? ExitCode::not_found : ExitCode::unsafe);
    }
    AITRADE_TRY_STATUS(check_unseen(*read, first + windows.train));
    given = std::move(*read);
  }
  if (!options.has_gate()) note_rules_alone(config, settings->paths, "the rules alone are tested; see --gate", context);
  if (options.has_gate()) result.gate.emplace().is_fixed = given.bundle != nullptr;
  const Ground ground{options, config, settings->paths, candles, symbol, *axes, given};
  for (std::size_t k = 0; k < windows.folds; ++k) {
    const Duration moved = windows.test * static_cast<Duration::rep>(k);
    WalkFold fold;
    fold.train_first = options.is_anchored ? first : first + moved;
    fold.cut = first + windows.train + moved;
    fold.test_last = std::min(fold.cut + windows.test, candles.back().close_time());
    const std::string label = "fold " + std::to_string(k + 1) + " of " + std::to_string(windows.folds);
    AITRADE_TRY(const std::optional<ExitCode> stopped, walk(ground, fold, label, context));
    if (stopped) return *stopped;
    result.folds.push_back(std::move(fold));
  }
  result.prices = opens_of(ground, result.folds);
  result.random_runs = options.random_entry;
  result.seed = options.search.seed;
  result.earlier = earlier_tests(settings->paths, result);
  conclude(result);
  AITRADE_TRY_STATUS(log_test(settings->paths, result));
  result.elapsed_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  if (!options.html.empty()) AITRADE_TRY_STATUS(write_page(options.html, walkforward_html(result)));
  const bool for_people = resolve_format(context, Format::json) == Format::table;
  context.out << (for_people ? walkforward_text(result) : walkforward_json(result));
  return result.verdict.has_edge ? ExitCode::done : ExitCode::negative;
}

}  // namespace

void add_walkforward(CommandList& commands) {
  auto [app, options] = commands.add<WalkOptions>(
      {.name = "walkforward",
       .group = "research",
       .summary = "search again and again on the past, trade what was chosen on the candles after it, and judge that",
       .examples = {"aitrade walkforward trend --data BTC/USD --tf 1h --from 20180101 --to 20210101",
                    "aitrade walkforward keltner --data btc.csv --pair BTC/USD --folds 8 --trials 100 --json",
                    "aitrade walkforward trend --data btc.csv --train 365d --test 90d --anchored"},
       .details = "Each fold searches its train window as `tune` does, takes the best, and runs it over the test window "
                  "after it; the indicators are warm from the train window, and a position that is open at the cut goes "
                  "on. Nothing of a test window is seen before its parameters are chosen. The windows roll on by the "
                  "length of the test window; with --anchored every train window begins at the first candle. The test "
                  "windows together are one out-of-sample record: walk-forward efficiency, deflated Sharpe ratio by the "
                  "number of such tests over the same candles, the same with costs half as high again, and the same trades at "
                  "random moments of the test windows (as many, as long, as large, with the same costs): no edge when "
                  "more than one in twenty of those runs does as well. With --gate a model is trained for "
                  "each test window as `train` does it, on candidates of the train window alone (with the chosen "
                  "parameters, purged, and 1 % of the window away from its end), and gates only where it passes "
                  "the test of `train` on the last fifth of them; elsewhere the rules decide alone, and the result "
                  "says in how many windows. A model of --model that knows anything of a test window is refused "
                  "(exit code 2). Without either the rules alone are tested, whatever model is active. Trials go to "
                  "the ledgers of `tune`, where they count, and are not run twice. Exit code 3: no edge."},
      run_walkforward);
  app.add_option("STRATEGY", options.search.strategy, "strategy whose parameters are searched; all: those that are "
                                                      "enabled, together")
      ->required();
  app.add_option("--data", options.data, "candle file, - for stdin, or a pair of the candle store");
  app.add_option("--pair", options.input.pairs, "pair of the file, when its name does not say")->expected(1);
  app.add_option("--tf", options.input.tf, "interval of the candles, such as 5m; made from shorter stored ones");
  app.add_option("--venue", options.input.venue, "venue of the candle store");
  app.add_option("--from", options.input.from, "first open time; of stored candles also a span before the end");
  app.add_option("--to", options.input.to, "end, not included");
  add_search(app, options.search);
  app.add_option("--folds", options.folds, "train and test windows; default 6")->check(CLI::Range(std::size_t{2}, folds_max));
  app.add_option("--train", options.train, "length of a train window, such as 365d; default: half of the candles");
  app.add_option("--test", options.test, "length of a test window, such as 60d; default: what is left over the folds");
  app.add_option("--random-entry", options.random_entry,
                 "runs that make its trades at random moments; default 1000, 0 for none")
      ->check(CLI::Range(std::size_t{0}, random_runs_max));
  app.add_flag("--gate", options.retrains,
               "train a model on each train window, and let it gate the window after it where it passes its test");
  app.add_option("--model", options.model, "let this model gate: an id of train --list, or a file; refused when it has "
                                           "seen a test window")
      ->excludes("--gate");
  app.add_option("--html", options.html, "write the report as one self-contained page to this file");
  app.add_flag("--anchored", options.is_anchored, "let every train window begin at the first candle");
}

}  // namespace aitrade::cli
