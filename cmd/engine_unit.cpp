#include "cmd/engine_unit.h"

#include <algorithm>
#include <future>
#include <ostream>
#include <system_error>
#include <utility>

#include "cmd/client.h"
#include "cmd/demo_config.h"
#include "cmd/live_settings.h"
#include "cmd/strategy_keys.h"
#include "core/config/document.h"
#include "core/store/ledger.h"
#include "core/store/schema.h"
#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

constexpr VenueId kraken_venue{0};
constexpr DeskId main_desk{0};
constexpr milliseconds command_limit{4'000};   // under the server's five seconds for a handler

/// What the ledger and the recording call the numbers of the core.
StoreNames names_of(const Config& config, const UnitPlace& place, const std::vector<Instrument>& instruments) {
  StoreNames names;
  names.venues = {{kraken_venue, "kraken"}};
  names.instruments = instruments;
  for (std::size_t i = 0; i < all_strategies().size(); ++i) {
    names.strategies.emplace_back(StrategyId{static_cast<std::uint16_t>(i)}, std::string(all_strategies()[i].name));
  }
  DeskNames desk;
  desk.id = main_desk;
  desk.tenant = place.tenant;
  desk.account = place.account;
  desk.exchange = "kraken";
  desk.currency = instruments.front().symbol.quote;
  desk.bankroll = config.risk.initial_bankroll;
  names.desks = {desk};
  return names;
}

/// How old a candle may be at its coming and still lead to an entry, in the market's own time; zero: any.
Duration stale_after(const MarketLink& market, const Config& config) {
  if (market.speed() == 0) return Duration{0};   // a clock that jumps says nothing about age
  return Duration{static_cast<std::int64_t>(std::max(1.0, market.speed()) * 1e9) *
                  config.monitoring.stale_after_seconds};
}

/// The fees that the account pays in place of the configured ones. Returns the dearest taker fee, by which the
/// costs of a trade are judged.
Rate take_fees(const LiveFindings& findings, std::vector<Instrument>& instruments, const Log& log) {
  Rate dearest;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    Instrument& instrument = instruments[i];
    const kraken::FeeTier& paid = findings.fees.at(i);
    const std::string pair = to_string(instrument.symbol);
    log.info("fees", {{"pair", pair}, {"maker", to_string(paid.maker)}, {"taker", to_string(paid.taker)}});
    if (paid.taker != instrument.taker_fee || paid.maker != instrument.maker_fee) {
      log.warn("fees.differ", {{"pair", pair}, {"configured_maker", to_string(instrument.maker_fee)},
                               {"configured_taker", to_string(instrument.taker_fee)}});
    }
    instrument.maker_fee = paid.maker;
    instrument.taker_fee = paid.taker;
    dearest = std::max(dearest, paid.taker);
  }
  return dearest;
}

/// What a live account begins with: the balance of the venue, and no more than is configured.
void enter_live(const LiveFindings& findings, const Config& config, DeskNames& desk, Context& context) {
  for (const std::string& warning : findings.warnings) context.err << "aitrade: warning: the key: " << warning << '\n';
  desk.mode = "live";
  desk.bankroll = std::min(config.risk.initial_bankroll, findings.free_quote);
}

void remove_database(const std::filesystem::path& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix, ignored);
}

}  // namespace

void LogNotifier::notify(const Notify& notice) {
  switch (notice.level) {
    case Notify::Level::info:
      log_.info("notice", {{"text", notice.text}});
      return;
    case Notify::Level::warning:
      log_.warn("notice", {{"text", notice.text}});
      return;
    case Notify::Level::critical:
      log_.error("notice", {{"text", notice.text}});
      return;
  }
}

std::string config_text(const Settings& settings) {
  std::string text;
  for (const EffectiveValue& value : effective_values(settings.report, KeyTable(strategy_keys()))) {
    if (!value.value.empty() && value.value != "***") text += value.key + " = " + value.value + "\n";
  }
  return text;
}

EngineUnit::EngineUnit(Settings account_settings, UnitPlace where, Log unit_log)
    : settings(std::move(account_settings)),
      place(std::move(where)),
      log(std::move(unit_log)),
      notifier(std::make_unique<LogNotifier>(log)) {}

EngineUnit::~EngineUnit() {
  if (live) live->stop(Duration{0});
}

/// A demo or tape of one's own keeps its books apart and begins anew; a real run goes on where it was.
Status EngineUnit::open_books(bool begins_anew) {
  std::error_code error;
  std::filesystem::create_directories(place.folder, error);
  if (error) return fail(ErrorCode::io, place.folder.string() + ": " + error.message());
  if (begins_anew) {
    remove_database(place.ledger);
    remove_database(place.folder / "telemetry.db");
  }
  AITRADE_TRY(Database opened, open_writer(place.ledger, Profile::ledger, wall_now()));
  AITRADE_TRY_STATUS(quick_check(opened));
  ledger = std::make_unique<Database>(std::move(opened));
  return ok();
}

/// The pairs that the account trades, with the fees that it pays. Errors: invalid, quotes differ; not_found.
Result<EngineUnit::Pairs> EngineUnit::find_pairs(MarketLink& market, const VenueModels& models) const {
  AITRADE_TRY(const std::vector<Instrument> listed, market.feed().instruments());
  Pairs pairs;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    Instrument instrument = listed[i];
    const auto& wanted = place.pairs;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), to_string(instrument.symbol)) == wanted.end()) continue;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(pairs.instruments.size())};
    instrument.venue = kraken_venue;
    instrument.maker_fee = models.maker_fee;
    instrument.taker_fee = models.taker_fee;
    pairs.instruments.push_back(std::move(instrument));
    pairs.market_ids.push_back(InstrumentId{static_cast<std::uint32_t>(i)});
  }
  if (pairs.instruments.empty()) return fail(ErrorCode::not_found, "the market has none of the account's pairs");
  for (const Instrument& instrument : pairs.instruments) {
    if (instrument.symbol.quote != pairs.instruments.front().symbol.quote) {
      return fail(ErrorCode::invalid, "pairs of one account must share their quote currency");
    }
  }
  return pairs;
}

/// The gate of the active model, or one that records what candidates look like.
EntryGate* EngineUnit::open_gate(const TradingRules& rules, const UnitStart& start) {
  EntryGate* gate = model.open(*settings.config, settings.paths, rules);
  const ModelChoice& first = model.first();
  if (!first.note.empty()) {
    if (start.tells_notes) start.context.err << "aitrade: note: " << first.note << '\n';
    log.info("model", {{"id", model_word(first)}, {"shadow", first.is_shadow ? "yes" : "no"}});
  }
  return gate;
}

Status EngineUnit::open(const UnitStart& start) {
  const Config& config = *settings.config;
  VenueModels models = compose_models(config);
  AITRADE_TRY(Pairs pairs, find_pairs(start.market, models));
  set_spreads(config, pairs.instruments, models);
  LiveFindings findings;
  if (credentials) {
    std::vector<Symbol> symbols;
    for (const Instrument& instrument : pairs.instruments) symbols.push_back(instrument.symbol);
    AITRADE_TRY(findings, look_at_venue(config, start.market, symbols, *credentials, *ledger));
    shape.taker_fee = take_fees(findings, pairs.instruments, log);
  }
  StoreNames names = names_of(config, place, pairs.instruments);
  if (credentials) enter_live(findings, config, names.desks.front(), start.context);

  shape.instruments = pairs.instruments;
  shape.base = start.market.interval();
  shape.strategy = start.options.strategy;
  std::vector<std::string> notes;
  AITRADE_TRY(EngineSetup setup, compose_engine(config, shape, notes));
  if (start.tells_notes) {
    for (const std::string& note : notes) start.context.err << "aitrade: note: " << note << '\n';
  }
  setup.rules.stale_after = stale_after(start.market, config);
  if (credentials) require_live(setup.rules);   // a rehearsal too, whatever app.mode says
  setup.gate = open_gate(setup.rules, start);

  const Time now = start.market.clock().now();
  AITRADE_TRY(Recall recalled, recall(*ledger, names, now));
  if (!credentials) {
    paper = std::make_unique<SimExecution>(SimVenue(pairs.instruments, models, config.risk.initial_bankroll));
    rebuild_paper_venue(recalled.events, paper->venue());
  }
  MarketReader own;
  AITRADE_TRY(std::vector<Event> opening, warm_up(start, pairs, recalled, setup.rules.timeframes, own));
  opening.insert(opening.begin(), recalled.events.begin(), recalled.events.end());
  if (start.options.paused || config.app.starts_paused()) {
    Event pause;
    pause.at = pause.when = now;
    pause.body = OperatorCommand{OperatorAction::pause, "system", "start_paused"};
    opening.push_back(std::move(pause));
  }
  running_rules = setup.rules;
  AITRADE_TRY_STATUS(open_venue(start, names, std::move(findings), recalled));
  engine = std::make_unique<Engine>(std::move(setup));
  open_runner(start, names);
  AITRADE_TRY_STATUS(runner->open(std::move(opening)));
  own.mailbox = &runner->mailbox();
  own.too_slow = [this] { fail_with("it does not keep up with the market"); };
  reader = start.fan.join(std::move(own));
  reachable.store(runner.get(), std::memory_order_release);
  return ok();
}

/// The journal, and the venue of real orders, which it must have first.
Status EngineUnit::open_venue(const UnitStart& start, const StoreNames& names, LiveFindings&& findings,
                              const Recall& recalled) {
  if (!credentials) return open_journal(start.options, names, running_rules);
  AITRADE_TRY(VenueBooks books, venue_books(*ledger, names.desks.front()));
  AITRADE_TRY(LedgerIdentity identity, ledger_identity(*ledger));
  AITRADE_TRY_STATUS(open_journal(start.options, names, running_rules));
  open_live(start.market, std::move(findings), recalled, std::move(books), std::move(identity.key));
  return ok();
}

void EngineUnit::open_live(MarketLink& market, LiveFindings&& findings, const Recall& recalled, VenueBooks&& books,
                           ClientIdKey ids) {
  LiveWith with{*settings.config, market, std::move(findings.pairs), recalled, std::move(books), std::move(ids),
                kraken_venue};
  live = make_live_venue(std::move(with), *credentials, journal->nonces(), *notifier, [this](Event&& event) {
    static_cast<void>(runner->mailbox().push(std::move(event)));   // closed: it is read again at the next start
  });
}

/// The ledger with the recording of this run, which begins with all that a replay needs.
Status EngineUnit::open_journal(const RunOptions& options, const StoreNames& names, const TradingRules& rules) {
  JournalOptions with;
  with.names = names;
  with.runs_directory = place.folder / "runs";
  with.telemetry_db = place.folder / "telemetry.db";
  with.reserve_file = place.folder / "reserve";
  with.header = RecordingHeader{place.run_id,
                                build_info().build,
                                config_hash(*settings.config),
                                replay_preamble(rules, options.strategy, model_word(model.first())) + config_text(settings),
                                options.seed,
                                wall_now(),
                                names.instruments,
                                names.venues,
                                names.strategies};
  AITRADE_TRY(journal, JournalStore::start(std::move(*ledger), std::move(with)));
  ledger.reset();
  return ok();
}

void EngineUnit::open_runner(const UnitStart& start, const StoreNames& names) {
  ViewLabels labels;
  for (const auto& [id, name] : names.strategies) labels.strategies.push_back(name);
  labels.run = place.run_id;
  labels.mode = names.desks.front().mode;
  labels.currency = names.instruments.front().symbol.quote;
  labels.started_at = wall_now();
  LiveOptions with;
  with.gaps = compose_gaps(*settings.config);
  with.outliers = compose_outliers(*settings.config, names.instruments);
  with.acknowledge = [this, &fan = start.fan](Time close) { fan.decided(reader, close); };
  with.labels = std::move(labels);
  runner = std::make_unique<LiveRunner>(
      LiveParts{*engine, venue(), *journal, start.market.clock(), board, *notifier}, std::move(with));
  runner->show_state("warming");
}

/// History for the indicators, and for each pair the candle after which the stream goes on: what the
/// ledger has not seen comes as backfill.
Result<std::vector<Event>> EngineUnit::warm_up(const UnitStart& start, const Pairs& pairs, const Recall& recalled,
                                               const std::vector<Duration>& timeframes, MarketReader& own) const {
  std::vector<Event> events;
  const Duration base = start.market.interval();
  const auto add = [&](InstrumentId id, const Candle& candle) {
    Event event;
    event.at = event.when = candle.close_time();
    event.body = HistoryLoaded{id, candle};
    events.push_back(std::move(event));
  };
  own.ids.resize(start.market.symbols().size());
  for (std::size_t i = 0; i < pairs.instruments.size(); ++i) {
    const InstrumentId id = pairs.instruments[i].id;
    const InstrumentId market_id = pairs.market_ids[i];
    const Symbol& symbol = start.market.symbols()[number(market_id)];
    own.ids[number(market_id)] = id;
    for (const Duration timeframe : timeframes) {
      if (timeframe == base) continue;
      AITRADE_TRY(const std::vector<Candle> bars, start.fan.history(symbol, timeframe));
      for (const Candle& bar : bars) add(id, bar);
    }
    AITRADE_TRY(const std::vector<Candle> candles, start.fan.history(symbol, base));
    const auto known = recalled.watermarks.find(id);
    const Candle* last = nullptr;
    for (const Candle& candle : candles) {
      if (known != recalled.watermarks.end() && candle.close_time() > known->second) break;
      add(id, candle);
      last = &candle;
    }
    // Missed for longer than the venue remembers: go on with the oldest it has.
    if (last == nullptr && !candles.empty()) last = &candles.front();
    if (last != nullptr) own.known.emplace(market_id, *last);
  }
  return events;
}

/// Hands an event to the engine and waits until its turn is on disk and in the view.
Status EngineUnit::submit(Event event) {
  LiveRunner* engine_side = reachable.load(std::memory_order_acquire);
  if (!failure().empty()) return fail(ErrorCode::busy, "the engine has failed");
  if (engine_side == nullptr) return fail(ErrorCode::busy, "the daemon is still starting");
  auto done = std::make_shared<std::promise<Status>>();
  auto result = done->get_future();
  const bool taken = engine_side->mailbox().push(std::move(event), [done](Status s) { done->set_value(std::move(s)); });
  if (!taken) return fail(ErrorCode::busy, "the daemon is stopping");
  if (result.wait_for(command_limit) != std::future_status::ready) {
    return fail(ErrorCode::timeout, "the engine did not answer in time; the command is queued");
  }
  return result.get();
}

Status EngineUnit::submit(const OperatorCommand& command) {
  Event event;
  event.body = command;
  AITRADE_TRY_STATUS(submit(std::move(event)));
  if (command.action == OperatorAction::halt) {
    std::int64_t never = 0;
    killed_at.compare_exchange_strong(never, wall_now().ns);
  }
  if (command.action == OperatorAction::clear_halt) killed_at = 0;
  if (command.action == OperatorAction::resume && board.read()->halted) {
    return fail(ErrorCode::rejected, "halted: resume needs the halt to be cleared (aitrade resume --clear-halt)");
  }
  return ok();
}

bool EngineUnit::hand_over(Event event, std::function<void(Status)> done) {
  LiveRunner* engine_side = reachable.load(std::memory_order_acquire);
  return engine_side != nullptr && engine_side->mailbox().push(std::move(event), std::move(done));
}

Result<std::string> EngineUnit::take_model(const std::string& actor) {
  if (!is_reachable()) return fail(ErrorCode::busy, "the daemon is still starting");
  AITRADE_TRY(const auto taken, model.refresh(*settings.config, settings.paths, actor,
                                              [this](Event event) { return submit(std::move(event)); }));
  if (!taken) return std::string();
  if (taken->is_unusable) log.warn("model.unusable", {{"why", taken->note}});
  log.info("model", {{"id", model_word(*taken)}, {"shadow", taken->is_shadow ? "yes" : "no"}, {"by", actor}});
  return model_word(*taken);
}

Status EngineUnit::take_over(const Config& next, const std::vector<Change>& changes, const MarketLink& market,
                             const std::string& actor) {
  const std::string words = engine_words(changes, running_rules);
  if (words.empty()) return ok();
  std::vector<std::string> notes;
  AITRADE_TRY(EngineSetup setup, compose_engine(without_newcomers(next, running_rules), shape, notes));
  setup.rules.stale_after = stale_after(market, next);
  const std::vector<RuleValue> values = rule_changes(running_rules, setup.rules);
  if (values.empty()) return ok();
  Event event;
  event.body = RulesChanged{values, actor, words};
  AITRADE_TRY_STATUS(submit(std::move(event)));
  if (!apply_rules(running_rules, values)) return fail(ErrorCode::invalid, "rules that cannot be applied");
  return ok();
}

Result<std::string> EngineUnit::adopt(const std::string& asset, const std::string& actor) {
  if (!is_reachable()) return fail(ErrorCode::busy, "the daemon is still starting");
  if (!live) return fail(ErrorCode::rejected, "no real money is traded here");
  return live->adopt(asset, actor);
}

void EngineUnit::fail_with(const std::string& why) {
  {
    const std::lock_guard lock(failure_mutex_);
    if (!failure_.empty()) return;
    failure_ = why;
  }
  if (runner) runner->mailbox().close();
  log.error("engine.failed", {{"problem", why}});
}

void EngineUnit::show_failure() {
  EngineView view = *board.read();
  view.run = place.run_id;
  view.state = "failed";
  view.ready = false;
  view.failure = failure();
  view.entries_held = "the engine has failed; the log of the daemon says why";
  board.publish(std::make_shared<const EngineView>(std::move(view)));
}

std::string EngineUnit::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

}  // namespace aitrade::cli
