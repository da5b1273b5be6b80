// `aitrade train`: a model that judges candidates, whether it helps, and which one gates.

#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/page_file.h"
#include "cmd/client.h"
#include "cmd/model_news.h"
#include "cmd/train_due.h"
#include "cmd/train_html.h"
#include "cmd/train_model.h"
#include "cmd/train_report.h"
#include "ml/model_store.h"

namespace aitrade::cli {
namespace {

constexpr unsigned threads_max = 64;

struct TrainOptions {
  CandleInputOptions input;
  std::vector<std::string> timeframes;
  std::string strategy;
  bool allow_shorts{false};
  double margin{0.02};
  std::size_t folds{5};
  std::uint64_t seed{1};
  unsigned threads{0};
  bool dry_run{false};
  bool list{false};
  std::string activate;
  bool anyway{false};
  bool rollback{false};
  bool deactivate{false};
  DueOptions due;
  bool promotes{false};
  bool from_runs{false};
  std::string html;
};

/// Prints every stored model, oldest first.
ExitCode list_models(const ml::ModelStore& store, Context& context) {
  Table table({{"id", false},
               {"active", false},
               {"kind", false},
               {"pairs", false},
               {"first", false},
               {"last", false},
               {"test_rows", true},
               {"auc", true},
               {"log_loss", true},
               {"base_log_loss", true},
               {"accepted", true},
               {"accepted_r", true},
               {"helps", false},
               {"fault", false}});
  for (const auto& entry : store.list()) {
    std::vector<Cell> row{Cell::of(entry.id), Cell::of(entry.is_active)};
    if (entry.bundle) {
      const ml::Bundle& b = *entry.bundle;
      std::string pairs;
      for (const std::string& pair : b.pairs) pairs += (pairs.empty() ? "" : " ") + pair;
      const auto& f = b.figures;
      row.insert(row.end(), {Cell::of(to_string(b.model.kind)), Cell::of(pairs), Cell::of(to_string(b.first)),
                             Cell::of(to_string(b.last)), Cell::of(f.rows), Cell::of(f.auc), Cell::of(f.log_loss),
                             Cell::of(f.base_log_loss), Cell::of(f.accepted), Cell::of(f.accepted_r), Cell::of(b.helps),
                             Cell::none()});
    } else {
      row.insert(row.end(), 11, Cell::none());
      row.push_back(Cell::of(entry.fault));
    }
    table.add(std::move(row));
  }
  table.print(context, resolve_format(context, Format::json), "models");
  return ExitCode::done;
}

/// Says which model gates now, to a daemon that runs too.
ExitCode say_active(const TrainOptions& options, const ml::ModelStore& store, const Paths& paths, Context& context) {
  const auto active = store.active(), previous = store.previous();
  const bool in_force = !options.dry_run && tell_daemon(paths, context);
  if (resolve_format(context, Format::json) == Format::table) {
    context.out << (active ? "model " + *active + " gates" : std::string("no model gates; the rules decide alone"))
                << (in_force ? " from now on" : active ? " from the next start on" : "") << '\n';
    return ExitCode::done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.model_change/1").key("active");
  active ? json.string(*active) : json.null();
  json.key("previous");
  previous ? json.string(*previous) : json.null();
  json.field("in_force", in_force).end_object();
  context.out << json.take() << '\n';
  return ExitCode::done;
}

Result<ExitCode> activate(const TrainOptions& options, const ml::ModelStore& store, const Paths& paths,
                          Context& context) {
  auto bundle = store.load(options.activate);
  if (!bundle) {
    const bool is_missing = bundle.error().code == ErrorCode::not_found;
    return report_failure(context, bundle.error(), is_missing ? ExitCode::not_found : ExitCode::unsafe);
  }
  if (!bundle->helps && !options.anyway) {
    context.err << "aitrade: model " << options.activate << " was not found to help: " << bundle->verdict
                << "\nit stays inactive; --anyway activates it all the same, and ai.gate = \"shadow\" lets it answer "
                   "without deciding\n";
    return ExitCode::negative;
  }
  if (!options.dry_run) AITRADE_TRY_STATUS(store.activate(options.activate));
  return say_active(options, store, paths, context);
}

ml::TrainRules rules_of(const TrainOptions& options, const CandidateSet& candidates) {
  ml::TrainRules rules;
  rules.margin = options.margin;
  rules.folds = options.folds;
  rules.seed = options.seed;
  rules.model.boost.seed = options.seed;
  rules.threads = options.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.threads;
  rules.embargo = embargo_of(candidates);
  return rules;
}

/// Opens the test part: logged first, so that an opening that fails half-way counts as one.
Status open_test(const ml::ModelStore& store, TrainResult& r) {
  AITRADE_TRY(r.openings, store.log_opening(r.data_hash));
  std::optional<ml::Bundle> incumbent;
  if (const auto id = store.active()) {
    if (auto loaded = store.load(*id)) {
      incumbent = std::move(*loaded);
      r.incumbent = *id;
    }
  }
  r.test = ml::judge(r.candidates.samples, r.development, incumbent ? &incumbent->model : nullptr, r.rules);
  r.verdict = ml::verdict_of(*r.test, r.rules);
  AITRADE_TRY(r.id, store.add(bundle_of(r)));
  return ok();
}

/// The watermark of what was trained on, and the model itself where it helps and may gate.
Status settle(const TrainOptions& options, const Paths& paths, const ml::ModelStore& store, TrainResult& r,
              Context& context) {
  AITRADE_TRY_STATUS(ml::write_watermark(paths.models_dir, {wall_now(), r.candidates.samples.back().life.from}));
  if (!options.promotes || !r.verdict->helps) return ok();
  AITRADE_TRY_STATUS(store.activate(r.id));
  r.is_active = true;
  if (tell_daemon(paths, context) && context.global.verbosity >= 0) {
    context.err << "aitrade: note: the daemon that runs goes by model " << r.id << " from now on\n";
  }
  return ok();
}

/// Candidates of a backtest over the inputs, or of the runs that were recorded.
Result<CandidateSet> candidates_of(const TrainOptions& options, const Config& config, const Paths& paths) {
  if (options.from_runs) return recorded_candidates(config, paths.runs_dir(), options.allow_shorts);
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(options.input, paths));
  CandidatePlan plan{{}, options.strategy, options.allow_shorts};
  for (const std::string& text : options.timeframes) {
    AITRADE_TRY(const Duration timeframe, parse_duration(text));
    plan.timeframes.push_back(timeframe);
  }
  return collect_candidates(config, inputs, plan);
}

Result<ExitCode> train(const TrainOptions& options, const Config& config, const Paths& paths,
                       const ml::ModelStore& store, Context& context) {
  const auto started = std::chrono::steady_clock::now();
  TrainResult result;
  result.command_line = context.command_line;
  AITRADE_TRY(result.candidates, candidates_of(options, config, paths));
  if (context.global.verbosity >= 0) {
    for (const std::string& note : result.candidates.notes) context.err << "aitrade: note: " << note << '\n';
  }
  if (options.due.if_due) {
    AITRADE_TRY(const ml::Due due, decide_due(options.due, result.candidates, store, paths.models_dir));
    if (!due.is_due) return say_not_due(due, context);
    if (context.global.verbosity >= 0) context.err << "aitrade: note: training is due: " << due.why << '\n';
  }
  result.rules = rules_of(options, result.candidates);
  result.data_hash = ml::data_hash(result.candidates.samples);
  auto development = ml::develop(result.candidates.samples, result.rules);
  if (!development) return report_failure(context, development.error(), ExitCode::negative);
  result.development = std::move(*development);
  if (!options.dry_run) {
    AITRADE_TRY_STATUS(open_test(store, result));
    AITRADE_TRY_STATUS(settle(options, paths, store, result, context));
  }
  result.elapsed_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  if (!options.html.empty()) AITRADE_TRY_STATUS(write_page(options.html, train_html(result)));
  const bool for_people = resolve_format(context, Format::json) == Format::table;
  context.out << (for_people ? train_text(result) : train_json(result));
  return !result.verdict || result.verdict->helps ? ExitCode::done : ExitCode::negative;
}

Result<ExitCode> run_train(const TrainOptions& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const ml::ModelStore store(settings->paths.models_dir);
  if (options.list) return list_models(store, context);
  if (!options.activate.empty()) return activate(options, store, settings->paths, context);
  if (options.rollback) {
    const auto back = store.roll_back();
    if (!back) {
      const bool is_missing = back.error().code == ErrorCode::not_found;
      return report_failure(context, back.error(), is_missing ? ExitCode::not_found : exit_code_for(back.error().code));
    }
    return say_active(options, store, settings->paths, context);
  }
  if (options.deactivate) {
    AITRADE_TRY_STATUS(store.deactivate());
    return say_active(options, store, settings->paths, context);
  }
  if (options.from_runs && !options.input.inputs.empty()) {
    return fail(ErrorCode::invalid, "--runs takes its candles from the recordings: name no input");
  }
  if (!options.from_runs && options.input.inputs.empty()) {
    return fail(ErrorCode::invalid, "name candles to train on: a file, - for stdin, or a pair of the candle store");
  }
  AITRADE_TRY_STATUS(step_back(options.due));
  return train(options, *settings->config, settings->paths, store, context);
}

}  // namespace

void add_train(CommandList& commands) {
  auto [app, options] = commands.add<TrainOptions>(
      {.name = "train",
       .group = "research",
       .summary = "train a model that judges candidates, and say whether it helps out of sample after costs",
       .examples = {"aitrade train BTC/USD --from 20180101 --to 20200101", "aitrade train btc.csv eth.csv --json",
                    "aitrade train --runs --if-due --promote --memory-limit 2000", "aitrade train --list", "aitrade train --activate 3f9a0c51d2e8", "aitrade train --rollback"},
       .details = "Candidates are all opinions that qualify in a backtest with the gate open, traded or not. Their "
                  "features are recorded while they are decided (--runs takes those of live and paper runs); their outcome is whether target, stop or time limit "
                  "comes first, after costs. A logistic baseline and boosted trees are compared by walk-forward "
                  "validation, purged and embargoed; the last fifth of the time is opened once, at the end, and "
                  "every opening is logged. Exit code 3: no edge, which changes nothing. A model gates only after "
                  "--activate, in a daemon that runs from then on; five are kept. --if-due is for a timer beside a daemon: at the lowest priority, it trains when the last "
                  "training is a week old and 500 candidates came since, or when a feature drifted or the active model got "
                  "worse, and says so when nothing is due; --promote activates what helps. The same candles and seed give the same model, with any number of "
                  "threads."},
      run_train);
  app.add_option("INPUT", options.input.inputs, "candle files, - for stdin, or pairs of the candle store");
  app.add_option("--pair", options.input.pairs, "pair of each file, when its name does not say");
  app.add_option("--tf", options.input.tf, "interval of the candles, such as 1m; made from shorter stored ones");
  app.add_option("--venue", options.input.venue, "venue of the candle store");
  app.add_option("--from", options.input.from, "first open time; of stored candles also a span before the end");
  app.add_option("--to", options.input.to, "end, not included");
  app.add_option("--timeframes", options.timeframes, "timeframes instead of trading.timeframes")->delimiter(',');
  app.add_option("--strategy", options.strategy, "candidates of this strategy alone; its own vote is enough");
  app.add_flag("--allow-shorts", options.allow_shorts, "short candidates too");
  app.add_option("--margin", options.margin, "probability above break-even that an entry needs; default 0.02")
      ->check(CLI::Range(0.0, 0.5));
  app.add_option("--folds", options.folds, "folds of the walk-forward validation; default 5")
      ->check(CLI::Range(std::size_t{2}, std::size_t{50}));
  app.add_option("--seed", options.seed, "seed of bootstraps and permutations");
  app.add_option("--threads", options.threads, "default: all cores")->check(CLI::Range(1U, threads_max));
  app.add_flag("--dry-run", options.dry_run, "leave the test part closed and write nothing");
  app.add_flag("--runs", options.from_runs, "candidates of recorded live and paper runs, with the features recorded then");
  app.add_flag("--if-due", options.due.if_due, "train only when it is due, at the lowest priority");
  app.add_option("--every", options.due.every, "with --if-due: age of the last training; default 168h");
  app.add_option("--new-candidates", options.due.samples_new, "with --if-due: candidates since then; default 500");
  app.add_option("--memory-limit", options.due.memory_mb, "megabytes of address space; training fails beyond them")
      ->check(CLI::Range(10U, 1'000'000U));
  app.add_flag("--promote", options.promotes, "activate the model if it helps; otherwise nothing changes");
  app.add_option("--html", options.html, "write the report as one self-contained page to this file");
  auto* list = app.add_flag("--list", options.list, "show the stored models");
  auto* activate_option = app.add_option("--activate", options.activate, "let this model gate entries");
  app.add_flag("--anyway", options.anyway, "activate a model that was not found to help")->needs(activate_option);
  auto* rollback = app.add_flag("--rollback", options.rollback, "make the model active that was before");
  auto* deactivate = app.add_flag("--deactivate", options.deactivate, "let no model gate");
  for (CLI::Option* one : {list, activate_option, rollback, deactivate}) {
    for (CLI::Option* other : {list, activate_option, rollback, deactivate}) {
      if (one != other) one->excludes(other);
    }
  }
}

}  // namespace aitrade::cli
