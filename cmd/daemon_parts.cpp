#include "cmd/daemon_parts.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "cmd/client.h"
#include "cmd/demo_config.h"
#include "cmd/strategy_keys.h"
#include "core/config/document.h"
#include "core/store/ledger.h"
#include "core/store/schema.h"
#include "strategies/registry.h"

namespace aitrade::cli {
namespace {

constexpr VenueId kraken_venue{0};
constexpr DeskId main_desk{0};

/// "20220125-110300-123": sorts by time, and no two starts of one machine share it.
std::string make_run_id(Time now) {
  std::string text = to_string(now);   // 2022-01-25T11:03:00.123Z
  std::string id;
  for (const char c : text) {
    if (c >= '0' && c <= '9') id += c;
    if (c == 'T' || c == '.') id += '-';
  }
  return id;
}

Log::Level level_of(LogLevel level) { return static_cast<Log::Level>(static_cast<int>(level)); }

/// The market's pairs as the engine numbers them, with the fees we pay. Errors: invalid, quotes differ.
Result<std::vector<Instrument>> account_instruments(MarketLink& market, const VenueModels& models) {
  AITRADE_TRY(std::vector<Instrument> instruments, market.feed().instruments());
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments[i].id = InstrumentId{static_cast<std::uint32_t>(i)};
    instruments[i].venue = kraken_venue;
    instruments[i].maker_fee = models.maker_fee;
    instruments[i].taker_fee = models.taker_fee;
    if (instruments[i].symbol.quote != instruments.front().symbol.quote) {
      return fail(ErrorCode::invalid, "pairs of one account must share their quote currency");
    }
  }
  return instruments;
}

/// What the ledger and the recording call the numbers of the core.
StoreNames names_of(const Config& config, const std::vector<Instrument>& instruments) {
  StoreNames names;
  names.venues = {{kraken_venue, "kraken"}};
  names.instruments = instruments;
  for (std::size_t i = 0; i < all_strategies().size(); ++i) {
    names.strategies.emplace_back(StrategyId{static_cast<std::uint16_t>(i)}, std::string(all_strategies()[i].name));
  }
  DeskNames desk;
  desk.id = main_desk;
  desk.account = config.app.account_id;
  desk.exchange = "kraken";
  desk.currency = instruments.front().symbol.quote;
  desk.bankroll = config.risk.initial_bankroll;
  names.desks = {desk};
  return names;
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

/// What a start says that got no key: refused (77), or unsafe (78) whatever is missing, with what to do about it.
Error no_credentials(Error error) {
  const std::string hint = credentials_hint(error);
  const bool is_refused = credentials_exit_code(error) == ExitCode::refused;
  return fail(is_refused ? ErrorCode::rejected : ErrorCode::corrupt, error.what + (hint.empty() ? "" : ": " + hint));
}

void remove_database(const std::filesystem::path& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix, ignored);
}

}  // namespace

Duration stale_after(const MarketLink& market, const Config& config) {
  if (market.speed() == 0) return Duration{0};   // a clock that jumps says nothing about age
  return Duration{static_cast<std::int64_t>(std::max(1.0, market.speed()) * 1e9) *
                  config.monitoring.stale_after_seconds};
}

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

/// What a demo or a tape sets below the words of the command line.
std::vector<std::string> run_overrides(const RunOptions& options) {
  std::vector<std::string> below;
  if (options.demo) below = demo_overrides();
  if (!options.tapes.empty()) {
    // The clock of a tape runs as fast as asked: a second here may be an hour there.
    below = {"monitoring.auto_pause_on_stale_data = false", "monitoring.auto_pause_on_ws_disconnect = false"};
  }
  return below;
}

Result<Settings> load_run_settings(const RunOptions& options, Context& context) {
  return load_settings(context, run_overrides(options));
}

ExitCode start_exit_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::corrupt:
    case ErrorCode::unsupported:
      return ExitCode::unsafe;
    case ErrorCode::invalid:
    case ErrorCode::not_found:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::timeout:
    case ErrorCode::rejected:
    case ErrorCode::busy:
      return exit_code_for(error.code);
  }
  return ExitCode::failed;
}

std::string config_text(const Settings& settings) {
  std::string text;
  for (const EffectiveValue& value : effective_values(settings.report, KeyTable(strategy_keys()))) {
    if (!value.value.empty() && value.value != "***") text += value.key + " = " + value.value + "\n";
  }
  return text;
}

Result<std::unique_ptr<DaemonParts>> DaemonParts::start(const RunOptions& options, Settings&& settings,
                                                        BootstrapKeys&& keys, Context& context) {
  AITRADE_TRY_STATUS(make_directories(settings.paths));
  AITRADE_TRY(InstanceLock lock, InstanceLock::take(settings.paths.lock_file(), wall_now()));
  auto parts = std::make_unique<DaemonParts>(std::move(settings), std::move(lock));
  parts->run_id = make_run_id(wall_now());
  parts->open_log(context);
  const bool own_account = options.demo || !options.tapes.empty();
  if (options.live && !own_account) {
    const auto take_keys = [&keys](const VaultReader& vault) { return take_bootstrap_keys(vault, keys); };
    auto accounts = load_venue_credentials(parts->settings, options.vault, parts->log, context, take_keys);
    if (!accounts) return no_credentials(std::move(accounts).error());
    parts->credentials = std::move(accounts->front());
    AITRADE_TRY_STATUS(require_owner(parts->settings, keys));
  }
  AITRADE_TRY_STATUS(parts->open_server(options, std::move(keys), context));
  const bool own_market = options.demo || !options.tapes.empty();
  // What a supervisor cannot mend is found before the exchange is asked; a demo begins its books anew,
  // so there a tape that cannot be read must not cost the last ones.
  if (own_market) AITRADE_TRY_STATUS(parts->open_market(options));
  AITRADE_TRY(Database ledger, parts->open_ledger(own_market));
  if (!own_market) AITRADE_TRY_STATUS(parts->open_market(options));
  AITRADE_TRY_STATUS(parts->recover(options, std::move(ledger), context));
  return parts;
}

void DaemonParts::open_log(Context& context) {
  const Config& config = *settings.config;
  LogOptions options;
  options.level = level_of(config.app.log_level);
  options.console = context.global.verbosity >= 0;
  options.console_json = config.app.log_format == LogFormat::json ||
                         (config.app.log_format == LogFormat::automatic && !context.err_is_terminal);
  options.directory = settings.paths.log_dir;
  constexpr std::size_t mega = 1024 * 1024;
  options.main_max_bytes = static_cast<std::size_t>(config.logging.main_max_mb) * mega;
  options.main_backups = static_cast<std::size_t>(config.logging.main_backups);
  options.error_max_bytes = static_cast<std::size_t>(config.logging.error_max_mb) * mega;
  options.error_backups = static_cast<std::size_t>(config.logging.error_backups);
  options.async = true;
  log = Log(options);
  notifier = std::make_unique<LogNotifier>(log);
}

Status DaemonParts::open_market(const RunOptions& options) {
  const MarketLinkOptions market{options.tapes, options.demo, options.speed, options.seed, options.live};
  AITRADE_TRY(MarketLink link, MarketLink::open(*settings.config, market));
  market_link = std::make_unique<MarketLink>(std::move(link));
  if (const auto& key = market_link->own_key()) {
    credentials = VenueCredentials{settings.config->app.account_id, *key, Secret()};
  }
  return ok();
}

/// A demo or tape of one's own keeps its books apart and begins anew; a real run goes on where it was.
Result<Database> DaemonParts::open_ledger(bool begins_anew) {
  store_dir = settings.paths.state_dir;
  std::filesystem::path file = settings.paths.trading_db();
  if (begins_anew) {
    store_dir /= "demo";
    file = store_dir / "trading.db";
    std::error_code error;
    std::filesystem::create_directories(store_dir, error);
    if (error) return fail(ErrorCode::io, store_dir.string() + ": " + error.message());
    remove_database(file);
    remove_database(store_dir / "telemetry.db");
  }
  AITRADE_TRY(Database ledger, open_writer(file, Profile::ledger, wall_now()));
  AITRADE_TRY_STATUS(quick_check(ledger));
  return ledger;
}

/// The gate of the active model, or one that records what candidates look like.
EntryGate* DaemonParts::open_gate(const TradingRules& rules, Context& context) {
  EntryGate* gate = model.open(*settings.config, settings.paths, rules);
  const ModelChoice& first = model.first();
  if (!first.note.empty()) {
    context.err << "aitrade: note: " << first.note << '\n';
    log.info("model", {{"id", model_word(first)}, {"shadow", first.is_shadow ? "yes" : "no"}});
  }
  return gate;
}

/// From the ledger to a running engine: rules, books, venue, journal, first events.
Status DaemonParts::recover(const RunOptions& options, Database ledger, Context& context) {
  const Config& config = *settings.config;
  VenueModels models = compose_models(config);
  AITRADE_TRY(std::vector<Instrument> instruments, account_instruments(market(), models));
  set_spreads(config, instruments, models);
  LiveFindings findings;
  if (credentials) {
    AITRADE_TRY(findings, look_at_venue(config, market(), *credentials, ledger));
    shape.taker_fee = take_fees(findings, instruments, log);
  }
  StoreNames names = names_of(config, instruments);
  if (credentials) enter_live(findings, config, names.desks.front(), context);

  shape.instruments = instruments;
  shape.base = market().interval();
  shape.strategy = options.strategy;
  std::vector<std::string> notes;
  AITRADE_TRY(EngineSetup setup, compose_engine(config, shape, notes));
  for (const std::string& note : notes) context.err << "aitrade: note: " << note << '\n';
  setup.rules.stale_after = stale_after(market(), config);
  if (credentials) require_live(setup.rules);   // a rehearsal too, whatever app.mode says
  const std::vector<Duration> timeframes = setup.rules.timeframes;
  setup.gate = open_gate(setup.rules, context);

  const Time now = market().clock().now();
  AITRADE_TRY(Recall recalled, recall(ledger, names, now));

  VenueBooks books;
  LedgerIdentity identity;
  if (credentials) {
    AITRADE_TRY(books, venue_books(ledger, names.desks.front()));
    AITRADE_TRY(identity, ledger_identity(ledger));
  } else {
    paper = std::make_unique<SimExecution>(SimVenue(instruments, models, config.risk.initial_bankroll));
    rebuild_paper_venue(recalled.events, paper->venue());
  }
  AITRADE_TRY(std::vector<Event> opening, warm_up(recalled, timeframes));
  opening.insert(opening.begin(), std::make_move_iterator(recalled.events.begin()),
                 std::make_move_iterator(recalled.events.end()));
  if (options.paused || config.app.starts_paused()) {
    Event pause;
    pause.at = pause.when = now;
    pause.body = OperatorCommand{OperatorAction::pause, "system", "start_paused"};
    opening.push_back(std::move(pause));
  }

  AITRADE_TRY_STATUS(open_journal(options, std::move(ledger), names, setup.rules));
  running_rules = setup.rules;
  engine = std::make_unique<Engine>(std::move(setup));
  if (credentials) open_live(std::move(findings), recalled, std::move(books), std::move(identity.key));
  ViewLabels labels;
  for (const auto& [id, name] : names.strategies) labels.strategies.push_back(name);
  labels.run = run_id;
  labels.mode = names.desks.front().mode;
  labels.currency = instruments.front().symbol.quote;
  labels.started_at = wall_now();
  LiveOptions with;
  with.gaps = compose_gaps(config);
  with.outliers = compose_outliers(config, instruments);
  with.acknowledge = [this](Time close) { market().acknowledge(close); };
  with.labels = std::move(labels);
  runner = std::make_unique<LiveRunner>(
      LiveParts{*engine, venue(), *journal, market().clock(), board, *notifier}, std::move(with));
  runner->show_state("warming");
  AITRADE_TRY_STATUS(runner->open(std::move(opening)));
  reachable.store(runner.get(), std::memory_order_release);
  return ok();
}

DaemonParts::~DaemonParts() {
  if (live) live->stop(Duration{0});
}

void DaemonParts::open_live(LiveFindings&& findings, const Recall& recalled, VenueBooks&& books, ClientIdKey ids) {
  LiveWith with{*settings.config, market(), std::move(findings.pairs), recalled, std::move(books), std::move(ids),
                kraken_venue};
  live = make_live_venue(std::move(with), *credentials, journal->nonces(), *notifier, [this](Event&& event) {
    static_cast<void>(runner->mailbox().push(std::move(event)));   // closed: it is read again at the next start
  });
}

/// The ledger with the recording of this run, which begins with all that a replay needs.
Status DaemonParts::open_journal(const RunOptions& options, Database ledger, const StoreNames& names,
                                 const TradingRules& rules) {
  JournalOptions with;
  with.names = names;
  with.runs_directory = store_dir / "runs";
  with.telemetry_db = store_dir / "telemetry.db";
  with.reserve_file = store_dir / "reserve";
  with.header = RecordingHeader{run_id,
                                build_info().build,
                                config_hash(*settings.config),
                                replay_preamble(rules, options.strategy, model_word(model.first())) + config_text(settings),
                                options.seed,
                                wall_now(),
                                names.instruments,
                                names.venues,
                                names.strategies};
  AITRADE_TRY(journal, JournalStore::start(std::move(ledger), std::move(with)));
  return ok();
}

/// History for the indicators, and for each pair the candle after which the stream goes on: what the
/// ledger has not seen comes as backfill.
Result<std::vector<Event>> DaemonParts::warm_up(const Recall& recalled,
                                                const std::vector<Duration>& timeframes) {
  std::vector<Event> events;
  const Duration base = market().interval();
  const auto add = [&](InstrumentId id, const Candle& candle) {
    Event event;
    event.at = event.when = candle.close_time();
    event.body = HistoryLoaded{id, candle};
    events.push_back(std::move(event));
  };
  for (std::size_t i = 0; i < market().symbols().size(); ++i) {
    const InstrumentId id{static_cast<std::uint32_t>(i)};
    const Symbol& symbol = market().symbols()[i];
    for (const Duration timeframe : timeframes) {
      if (timeframe == base) continue;
      AITRADE_TRY(const std::vector<Candle> bars, market().feed().history(symbol, timeframe));
      for (const Candle& bar : bars) add(id, bar);
    }
    AITRADE_TRY(const std::vector<Candle> candles, market().feed().history(symbol, base));
    const auto known = recalled.watermarks.find(id);
    const Candle* last = nullptr;
    for (const Candle& candle : candles) {
      if (known != recalled.watermarks.end() && candle.close_time() > known->second) break;
      add(id, candle);
      last = &candle;
    }
    // Missed for longer than the venue remembers: go on with the oldest it has.
    if (last == nullptr && !candles.empty()) last = &candles.front();
    if (last != nullptr) market().feed().resume_after(id, *last);
  }
  return events;
}

}  // namespace aitrade::cli
