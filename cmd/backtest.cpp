// `aitrade backtest`: the trading core over candles from files, a pipe or the store.

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cmd/backtest_detail.h"
#include "cmd/backtest_run.h"
#include "cmd/backtest_set.h"
#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/signals_input.h"
#include "core/report/freqtrade_json.h"
#include "core/report/report_json.h"
#include "core/report/tables.h"

namespace aitrade::cli {
namespace {

struct BacktestOptions {
  CandleInputOptions input;
  std::string strategy;
  std::vector<std::string> timeframes;
  std::uint64_t seed{0};
  bool trades{false};
  bool equity{false};
  bool allow_shorts{false};
  bool sensitivity{false};
  bool no_sensitivity{false};
  std::size_t monte_carlo{1000};
  std::optional<std::size_t> random_entry;
  std::string style{"aitrade"};
  std::string signals;
  std::string signal_time{"close"};
  std::vector<std::string> details;
  bool no_detail{false};
  bool why_not{false};
};

/// Up to this many trades a thousand random-entry runs take a few hundredths of a second and need no
/// asking.
constexpr std::size_t random_entry_default = 1000;
constexpr std::size_t random_entry_trades_cheap = 500;

Result<BacktestPlan> plan_of(const BacktestOptions& options, const std::vector<CandleInput>& inputs) {
  BacktestPlan plan;
  for (const CandleInput& input : inputs) {
    if (input.interval != inputs.front().interval) {
      return fail(ErrorCode::invalid, input.name + " has " + timeframe_text(input.interval) +
                                          " candles, the first input " +
                                          timeframe_text(inputs.front().interval) +
                                          ": the pairs of one run need the same interval");
    }
    plan.pairs.push_back(PairInput{input.symbol, input.interval});
  }
  for (const std::string& text : options.timeframes) {
    AITRADE_TRY(const Duration timeframe, parse_duration(text));
    plan.timeframes.push_back(timeframe);
  }
  plan.strategy = options.strategy;
  plan.seed = options.seed;
  plan.allow_shorts = options.allow_shorts;
  plan.why_not = options.why_not;
  return plan;
}

/// One input needs no memory: its candles go through as they come.
Status stream_one(CandleInput& input, BacktestSet& run) {
  bool begun = false;
  const auto feed = [&](std::span<const Candle> candles) -> Status {
    for (const Candle& candle : candles) {
      if (!begun) AITRADE_TRY_STATUS(run.begin({candle}));
      begun = true;
      AITRADE_TRY_STATUS(run.candle(0, candle));
    }
    return ok();
  };
  AITRADE_TRY_STATUS(input.read(feed));
  if (!begun) return fail(ErrorCode::invalid, input.name + ": no candles in the period asked for");
  return ok();
}

/// Several inputs are read whole and walked in order of time, then of the command line.
Status merge_all(std::vector<CandleInput>& inputs, BacktestSet& run) {
  std::vector<std::vector<Candle>> series(inputs.size());
  std::vector<Candle> first;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    AITRADE_TRY_STATUS(inputs[i].read([&](std::span<const Candle> candles) -> Status {
      series[i].insert(series[i].end(), candles.begin(), candles.end());
      return ok();
    }));
    if (series[i].empty()) {
      return fail(ErrorCode::invalid, inputs[i].name + ": no candles in the period asked for");
    }
    first.push_back(series[i].front());
  }
  AITRADE_TRY_STATUS(run.begin(first));
  std::vector<std::size_t> at(inputs.size(), 0);
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

/// What comes beside the candles: foreign signals and finer candles.
Status add_companions(const BacktestOptions& options, const std::vector<CandleInput>& inputs, const Paths& paths,
                      BacktestPlan& plan) {
  if (!options.no_detail) {
    AITRADE_TRY(plan.details, open_details(options.details, inputs, paths));
  }
  if (options.signals.empty()) return ok();
  const auto& texts = options.input.inputs;
  if (options.signals == "-" && std::find(texts.begin(), texts.end(), "-") != texts.end()) {
    return fail(ErrorCode::invalid, "candles and signals cannot both come from stdin");
  }
  std::vector<Symbol> pairs;
  for (const CandleInput& input : inputs) pairs.push_back(input.symbol);
  const Duration shift = options.signal_time == "open" ? inputs.front().interval : Duration{};
  AITRADE_TRY(plan.signals, open_signals(options.signals, pairs, shift));
  return ok();
}

void print(const BacktestOptions& options, const RunResult& result, const RunTiming& timing,
           Context& context) {
  MetricOptions extra;
  extra.monte_carlo_runs = options.monte_carlo;
  const bool is_cheap = result.trades.size() <= random_entry_trades_cheap;
  extra.random_entry_runs = options.random_entry.value_or(is_cheap ? random_entry_default : 0);
  const Metrics metrics = compute_metrics(result, extra);
  if (options.style == "freqtrade") {
    context.out << freqtrade_json(result, metrics);
    return;
  }
  ReportOptions report;
  report.trades = options.trades;
  report.equity = options.equity;
  switch (resolve_format(context, Format::json)) {
    case Format::table:
      context.out << backtest_table(result, metrics, report);
      break;
    case Format::ndjson:
      context.out << backtest_ndjson(result, metrics, report);
      break;
    case Format::json:
    case Format::csv:
      report.timing = timing;
      context.out << backtest_json(result, metrics, report);
      break;
  }
}

/// How many bars the sensitivity runs follow. People see the lines unless the run is long; programs
/// get them when they ask. The rule reads no clock, so the same input prints the same bytes.
std::uint64_t sensitivity_bars(const BacktestOptions& options, const Context& context) {
  if (options.why_not) return 0;
  if (options.sensitivity) return std::numeric_limits<std::uint64_t>::max();
  const bool for_people =
      options.style == "aitrade" && resolve_format(context, Format::json) == Format::table;
  return for_people && !options.no_sensitivity ? sensitivity_bars_default : 0;
}

Result<ExitCode> run_backtest(const BacktestOptions& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Config& config = *settings->config;
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(options.input, settings->paths));
  AITRADE_TRY(BacktestPlan plan, plan_of(options, inputs));
  plan.model = active_model(config, settings->paths);
  if (!plan.model.note.empty() && context.global.verbosity >= 0) {
    context.err << "aitrade: note: " << plan.model.note << '\n';
  }
  AITRADE_TRY_STATUS(add_companions(options, inputs, settings->paths, plan));
  plan.keep_charts = options.equity || resolve_format(context, Format::json) == Format::ndjson;
  plan.keep_opens = options.random_entry.value_or(random_entry_default) > 0;

  const auto started = std::chrono::steady_clock::now();
  BacktestSet set(config, plan, sensitivity_bars(options, context));
  AITRADE_TRY_STATUS(inputs.size() == 1 ? stream_one(inputs.front(), set) : merge_all(inputs, set));
  AITRADE_TRY(RunResult result, set.finish());
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - started - set.time_beside();

  if (context.global.verbosity >= 0) {
    for (const std::string& note : set.run().notes()) context.err << "aitrade: note: " << note << '\n';
  }
  result.identity.version = build_info().version;
  result.identity.command_line = context.command_line;
  if (const WhyNot* why = set.run().why_not()) {
    why->print(context, set.run().engine().rules());
    return ExitCode::done;
  }
  const double seconds = elapsed.count() / 1000.0;
  print(options, result,
        RunTiming{elapsed.count(), seconds > 0 ? static_cast<double>(set.run().bars()) / seconds : 0},
        context);
  return ExitCode::done;
}

}  // namespace

void add_backtest(CommandList& commands) {
  auto [app, options] = commands.add<BacktestOptions>(
      {.name = "backtest",
       .group = "research",
       .summary = "run the trading core over candles and report what it would have done",
       .examples = {"aitrade backtest BTC/USD --from 20180101 --to 20180201",
                    "aitrade backtest btc.csv --pair BTC/USD --strategy keltner --json",
                    "zcat XBTUSD_5.csv.gz | aitrade backtest - --pair BTC/USD --tf 5m --json",
                    "aitrade backtest btc.csv.gz eth.csv.gz sol.csv.gz --timeframes 1m",
                    "my_model | aitrade backtest btc.csv --signals - --json",
                    "aitrade backtest btc_15m.csv --detail btc_1m.csv",
                    "aitrade backtest btc.csv --why-not",
                    "aitrade backtest btc.csv --json --trades --equity | aitrade report - --html > r.html"},
       .details = "Inputs are candle files, - for stdin, or pairs of the candle store; several are "
                  "several pairs on one account. Decisions are made on closed candles and filled from "
                  "the next open on, with latency, spread, slippage, fees and volume limits of [paper] "
                  "and [exchange]. The same input through a file, a pipe or the store gives the same "
                  "result hash. Stops, targets and fills walk the finer candles inside each bar: stored ones "
                  "down to a minute by themselves, files by --detail. Signals are rows time,pair,direction"
                  "(long, short, flat)[,size or quantity,stop,target], with a header, or records t=signal; "
                  "known at the close of a bar and acted on from the next open. size is a share of equity "
                  "(default 1), quantity is in base units; a repeated direction moves stop and target; nothing "
                  "but them ends a position, and the limits of [risk] do not apply."},
      run_backtest);
  add_candle_input(app, options.input);
  app.add_option("--strategy", options.strategy, "run this strategy alone; its own vote is enough");
  app.add_option("--signals", options.signals, "act on the signals of a file or, with -, of stdin instead")
      ->excludes("--strategy");
  app.add_option("--signal-time", options.signal_time,
                 "close: a signal's time is when it is known; open: the open of the bar it was computed on")
      ->check(CLI::IsMember({"close", "open"}));
  app.add_option("--detail", options.details, "finer candles of the inputs, in their order, for stops and fills");
  app.add_flag("--no-detail", options.no_detail, "guess the path inside a bar even where finer candles are stored");
  app.add_option("--timeframes", options.timeframes, "timeframes instead of trading.timeframes")
      ->delimiter(',');
  app.add_option("--seed", options.seed, "seed, kept with the result");
  app.add_flag("--why-not", options.why_not,
               "instead of the report count which rule refused how many decisions, most frequent first; by pair, "
               "timeframe and strategy too")
      ->excludes("--signals");
  app.add_flag("--trades", options.trades, "list every trade");
  app.add_flag("--equity", options.equity, "list the daily equity");
  app.add_flag("--allow-shorts", options.allow_shorts, "let short signals open positions");
  app.add_flag("--sensitivity", options.sensitivity,
               "run again with fees x2, a bar late and slippage x3; the table does so by itself up to "
               "600,000 bars");
  app.add_flag("--no-sensitivity", options.no_sensitivity, "leave those runs out of the table");
  app.add_option("--monte-carlo", options.monte_carlo,
                 "bootstrap paths drawn from the daily returns; default 1000, 0 for none");
  app.add_option("--random-entry", options.random_entry,
                 "runs that enter at random moments; default 1000 up to 500 trades, else 0");
  app.add_option("--style", options.style, "aitrade, or freqtrade for the result file of its notebooks")
      ->check(CLI::IsMember({"aitrade", "freqtrade"}));
}

}  // namespace aitrade::cli
