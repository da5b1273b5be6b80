// `aitrade audit causality`: does any decision depend on what had not happened yet?

#include <algorithm>
#include <future>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "core/runtime/causality.h"

namespace aitrade::cli {
namespace {

struct CausalityCommand {
  CandleInputOptions input;
  std::string strategy;
  std::vector<std::string> timeframes;
  CausalityOptions audit;
  unsigned threads{0};
};

Result<std::vector<Candle>> read_one(const CausalityCommand& options, Context& context,
                                     const Paths& paths, RunShape& shape) {
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(options.input, paths));
  if (inputs.size() != 1) return fail(ErrorCode::invalid, "an audit takes one series of candles");
  std::vector<Candle> candles;
  AITRADE_TRY_STATUS(inputs.front().read([&](std::span<const Candle> more) -> Status {
    candles.insert(candles.end(), more.begin(), more.end());
    return ok();
  }));
  if (candles.empty()) return fail(ErrorCode::invalid, inputs.front().name + ": no candles in the period asked for");
  static_cast<void>(context);
  shape.base = inputs.front().interval;
  shape.instruments = {standard_instrument(inputs.front().symbol, candles.front().open)};
  return candles;
}

/// Audits in as many threads as asked; the findings are those of one thread.
std::vector<CausalityFinding> audit_in_parts(const TradingRules& rules, std::span<const Candle> candles,
                                             std::span<const std::size_t> cuts,
                                             const CausalityCommand& options) {
  const std::size_t parts = options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::future<std::vector<CausalityFinding>>> running;
  for (std::size_t i = 0; i < parts; ++i) {
    const CutRange part{cuts.size() * i / parts, cuts.size() * (i + 1) / parts};
    running.push_back(std::async(std::launch::async, [&rules, candles, cuts, part, &options] {
      StrategyDecisions source(rules);
      return audit_causality(source, candles, cuts, options.audit, part);
    }));
  }
  std::vector<CausalityFinding> findings = running.front().get();
  for (std::size_t i = 1; i < running.size(); ++i) merge_findings(findings, running[i].get());
  return findings;
}

void print(const std::vector<CausalityFinding>& findings, std::span<const Candle> candles,
           std::size_t cuts, std::size_t warm_up, Context& context) {
  const auto leaks = static_cast<std::uint64_t>(std::count_if(
      findings.begin(), findings.end(), [](const CausalityFinding& f) { return f.leaks(); }));
  const auto first_of = [&](const CausalityFinding& f) {
    return f.leaks() ? Cell::of(to_string(candles[f.first_cut].close_time())) : Cell::none();
  };
  const Format format = resolve_format(context, Format::json);
  if (format == Format::json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.audit_causality/1");
    json.field("bars", std::uint64_t{candles.size()}).field("cuts", std::uint64_t{cuts});
    json.field("warm_up_bars", std::uint64_t{warm_up}).field("leaks", leaks).key("decisions").begin_array();
    for (const CausalityFinding& f : findings) {
      json.begin_object().field("name", f.name).field("cuts", f.cuts).field("signals", f.signals);
      json.field("differs_when_absent", f.absent).field("differs_when_noise", f.noise).key("first");
      f.leaks() ? json.string(to_string(candles[f.first_cut].close_time())) : json.null();
      json.field("warm_up_checks", f.warm_checks).field("warm_up_differs", f.warm_differs).end_object();
    }
    context.out << json.end_array().end_object().take() << '\n';
    return;
  }
  Table table({{"name"}, {"cuts", true}, {"signals", true}, {"differs_when_absent", true},
               {"differs_when_noise", true}, {"first"}, {"warm_up_checks", true}, {"warm_up_differs", true}});
  for (const CausalityFinding& f : findings) {
    table.add({Cell::of(f.name), Cell::of(f.cuts), Cell::of(f.signals), Cell::of(f.absent), Cell::of(f.noise),
               first_of(f), Cell::of(f.warm_checks), Cell::of(f.warm_differs)});
  }
  table.print(context, format, "audit_causality");
  if (format != Format::table) return;
  context.out << '\n'
              << (leaks == 0 ? "no decision depends on the future"
                             : std::to_string(leaks) + " of " + std::to_string(findings.size()) +
                                   " decisions depend on the future")
              << ": " << cuts << " cuts in " << candles.size() << " bars, warm-up " << warm_up << " bars\n";
}

Result<ExitCode> run_causality(const CausalityCommand& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  RunShape shape;
  shape.strategy = options.strategy;
  shape.is_of_every_strategy = true;
  for (const std::string& text : options.timeframes) {
    AITRADE_TRY(const Duration timeframe, parse_duration(text));
    shape.timeframes.push_back(timeframe);
  }
  AITRADE_TRY(const std::vector<Candle> candles, read_one(options, context, settings->paths, shape));
  std::vector<std::string> notes;
  AITRADE_TRY(const EngineSetup setup, compose_engine(*settings->config, shape, notes));
  if (context.global.verbosity >= 0) {
    for (const std::string& note : notes) context.err << "aitrade: note: " << note << '\n';
  }
  const StrategyDecisions source(setup.rules);
  const std::vector<std::size_t> cuts = draw_cuts(source, candles.size(), options.audit);
  if (cuts.empty()) {
    return fail(ErrorCode::invalid, "an audit needs more than " + std::to_string(source.warm_up()) +
                                        " candles, which is the warm-up; there are " +
                                        std::to_string(candles.size()));
  }
  const auto findings = audit_in_parts(setup.rules, candles, cuts, options);
  print(findings, candles, cuts.size(), source.warm_up(), context);
  const bool leaks =
      std::any_of(findings.begin(), findings.end(), [](const CausalityFinding& f) { return f.leaks(); });
  return leaks ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_audit(CommandList& commands) {
  CLI::App& audit = commands.group({.name = "audit",
                                    .group = "research",
                                    .summary = "checks that results can be believed",
                                    .examples = {"aitrade audit causality BTC/USD"},
                                    .details = ""});
  auto [app, options] = commands.add_under<CausalityCommand>(
      audit,
      {.name = "causality",
       .group = "research",
       .summary = "looks for decisions that depend on what had not happened yet",
       .examples = {"aitrade audit causality BTC/USD", "aitrade audit causality btc.csv --cuts 1000 --json"},
       .details = "At seeded cut points every strategy, switched on or not, decides three times, from the same first "
                  "candle: with the true future at hand, with none, and with noise in its place. Any difference is a "
                  "leak, and the command exits 3. warm_up_differs counts decisions that another direction or reason "
                  "took with four times the history: few are normal, many mean that a warm-up is too short."},
      run_causality);
  add_candle_input(app, options.input);
  app.add_option("--strategy", options.strategy, "audit this strategy alone");
  app.add_option("--timeframes", options.timeframes, "timeframes instead of trading.timeframes")->delimiter(',');
  app.add_option("--cuts", options.audit.cuts, "cut points")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--seed", options.audit.seed, "seed of cut points and noise")->capture_default_str();
  app.add_option("--threads", options.threads, "threads; 0: one per core")->check(CLI::Range(0, 256));
}

}  // namespace aitrade::cli
