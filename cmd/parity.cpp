// `aitrade parity RUN`: what a recorded run made against a backtest of the candles it saw.

#include <ostream>

#include <CLI/CLI.hpp>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/demo_config.h"
#include "cmd/output.h"
#include "cmd/recorded_run.h"
#include "core/report/parity.h"
#include "core/runtime/session.h"
#include "core/runtime/sim_execution.h"
#include "core/store/recording_codec.h"

namespace aitrade::cli {
namespace {

struct ParityOptions {
  std::string run;
};

void note(ParitySide& side, const Action& action) {
  if (const auto* decision = std::get_if<Decision>(&action)) {
    side.decisions[{number(decision->instrument), decision->candle_close.ns}] = decision->reason;
  } else if (const auto* trade = std::get_if<TradeClosed>(&action)) {
    side.trades.push_back(*trade);
  }
}

/// The backtest: the recorded market, an account as the run found it, no feed that fails, no operator.
class Again final : public StepObserver {
 public:
  explicit Again(RecordedSetup setup)
      : instruments_(setup.engine.instruments),
        models_(setup.models),
        models_read_(std::move(setup.models_read)),
        gate_(std::move(setup.gate)),
        engine_(std::move(setup.engine)),
        venue_(SimVenue(instruments_, models_, Money{})),
        session_(engine_, venue_, journal_, true, this) {}

  Status take(const Event& recorded) {
    Event event = recorded;
    if (auto* candle = std::get_if<CandleClosed>(&event.body)) {
      if (!has_begun_) begin();
      candle->backfill = false;
      return session_.turn(event);
    }
    if (!has_begun_) opening_.push_back(event);
    if (!is_wanted(event)) return ok();
    if (auto* account = std::get_if<AccountRestored>(&event.body)) account->paused = account->halted = false;
    return session_.turn(event);
  }

  void on_step(const Event&, const ActionList& actions) override {
    for (const Action& action : actions) note(side, action);
  }

  ParitySide side;

 private:
  void begin() {
    has_begun_ = true;
    rebuild_paper_venue(opening_, venue_.venue());
  }

  /// What belongs to the market, or to what the run found at its start.
  [[nodiscard]] bool is_wanted(const Event& event) const {
    if (const auto* command = std::get_if<OperatorCommand>(&event.body)) {
      return command->action == OperatorAction::resume;   // its own breakers may have paused it
    }
    if (std::holds_alternative<HistoryLoaded>(event.body) || std::holds_alternative<FeedUp>(event.body) ||
        std::holds_alternative<BookSummary>(event.body) || std::holds_alternative<SeriesBroken>(event.body) ||
        std::holds_alternative<InstantClosed>(event.body) || std::holds_alternative<RulesChanged>(event.body) ||
        std::holds_alternative<ExternalSignal>(event.body) ||
        std::holds_alternative<ModelActivated>(event.body) || std::holds_alternative<EntriesHeld>(event.body)) {
      return true;
    }
    return !has_begun_ && !std::holds_alternative<FeedDown>(event.body) && !std::holds_alternative<Tick>(event.body);
  }

  std::vector<Instrument> instruments_;
  VenueModels models_;
  std::unique_ptr<ModelShelf> models_read_;
  std::unique_ptr<ml::ModelSwitch> gate_;   // the engine borrows it
  Engine engine_;
  SimExecution venue_;
  SilentJournal journal_;
  Session session_;
  std::vector<Event> opening_;
  bool has_begun_{false};
};

Result<ParityReport> compare(RecordingReader& reader, const Paths& paths) {
  AITRADE_TRY(RecordedSetup setup, recorded_setup(reader.header(), paths));
  const Duration base = setup.base;
  Again again(std::move(setup));
  ParitySide run;
  for (;;) {
    AITRADE_TRY(std::optional<RecordedEvent> next, reader.next());
    if (!next) break;
    if (run.started.ns == 0 && std::holds_alternative<CandleClosed>(next->event.body)) {
      run.started = again.side.started = next->event.when;
    }
    for (const std::string& packed : next->actions) {
      AITRADE_TRY(const Action action, decode_action(packed));
      note(run, action);
    }
    AITRADE_TRY_STATUS(again.take(next->event));
  }
  return compare_runs(run, again.side, base);
}

void print_json(const ParityReport& report, const RecordingHeader& header, Context& context) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.parity/1").field("run", header.run_id);
  json.field("explained", report.is_explained()).field("matched", report.matched);
  json.field("identical", report.identical).field("only_run", report.only_run);
  json.field("only_backtest", report.only_backtest).field("net_run", to_string(report.run));
  json.field("net_backtest", to_string(report.backtest)).key("causes").begin_object();
  for (std::size_t i = 0; i < parity_causes; ++i) {
    json.field(to_string(static_cast<ParityCause>(i)), to_string(report.by_cause[i]));
  }
  json.end_object().key("lines").begin_array();
  for (const ParityLine& line : report.lines) {
    json.begin_object().field("pair", to_string(header.instruments[number(line.instrument)].symbol));
    json.field("opened_at", to_string(line.opened_at)).field("run", to_string(line.run));
    json.field("backtest", to_string(line.backtest)).field("cause", to_string(line.cause));
    json.field("why", line.why).end_object();
  }
  context.out << json.end_array().end_object().take() << '\n';
}

void print_table(const ParityReport& report, const RecordingHeader& header, Context& context) {
  const std::string& quote = header.instruments.front().symbol.quote;
  context.out << "run " << header.run_id << ": " << report.matched << " trades on both sides, " << report.identical
              << " identical; " << report.only_run << " only in the run, " << report.only_backtest
              << " only in the backtest\n"
              << "net  run " << to_string(report.run) << "  backtest " << to_string(report.backtest) << "  difference "
              << to_string(report.run - report.backtest) << ' ' << quote << '\n';
  for (std::size_t i = 0; i < parity_causes; ++i) {
    if (report.by_cause[i].is_zero()) continue;
    context.out << "  " << to_string(static_cast<ParityCause>(i)) << "  " << to_string(report.by_cause[i]) << '\n';
  }
  if (!report.lines.empty()) {
    Table table({{"opened_at"}, {"pair"}, {"run", true}, {"backtest", true}, {"cause"}, {"why"}});
    for (const ParityLine& line : report.lines) {
      table.add({Cell::of(to_string_seconds(line.opened_at)),
                 Cell::of(to_string(header.instruments[number(line.instrument)].symbol)),
                 Cell::of(to_string(line.run)), Cell::of(to_string(line.backtest)), Cell::of(to_string(line.cause)),
                 Cell::of(line.why)});
    }
    context.out << '\n';
    table.print(context, Format::table, "parity");
  }
  context.out << (report.is_explained() ? "every difference has its cause\n" : "a difference has no cause\n");
}

Result<ExitCode> run_parity(const ParityOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  AITRADE_TRY(const std::filesystem::path folder, find_run(options.run, paths));
  AITRADE_TRY(const std::unique_ptr<RecordingReader> reader, RecordingReader::open(folder));
  AITRADE_TRY(const ParityReport report, compare(*reader, paths));
  if (resolve_format(context, Format::json) == Format::table) {
    print_table(report, reader->header(), context);
  } else {
    print_json(report, reader->header(), context);
  }
  return report.is_explained() ? ExitCode::done : ExitCode::negative;
}

}  // namespace

void add_parity(CommandList& commands) {
  auto [app, options] = commands.add<ParityOptions>(
      {.name = "parity",
       .group = "research",
       .summary = "compare a recorded run with a backtest of the candles it saw",
       .examples = {"aitrade parity 20220125-110300-000", "aitrade parity RUN --json"},
       .details = "The backtest begins with the account as the run found it and sees every candle in time. What "
                  "the run made more or less is split in money into fees, slippage, latency, size, missed data, "
                  "operator, consequences of earlier differences, and what was carried in or is still open. Exit "
                  "code 3 when something is left unexplained."},
      run_parity);
  app.add_option("RUN", options.run, "run id, or the folder of a recording")->required();
}

}  // namespace aitrade::cli
