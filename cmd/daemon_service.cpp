// What of the daemon serves people: pages and keys, settings while it runs, backtests beside it, how full it is.

#include <algorithm>
#include <filesystem>
#include <future>
#include <ostream>
#include <utility>

#include "cmd/client.h"
#include "cmd/daemon_parts.h"
#include "cmd/live_settings.h"
#include "cmd/strategy_keys.h"
#include "core/config/accounts.h"
#include "core/threads/priority.h"

namespace aitrade::cli {
namespace {

Log::Level level_of(LogLevel level) { return static_cast<Log::Level>(static_cast<int>(level)); }

/// The configuration over HTTP: loaded again as this run did it.
std::unique_ptr<SettingsDesk> make_settings_desk(const RunOptions& options, const Context& context,
                                                 const Paths& paths) {
  LoadOptions load;
  load.environment = process_environment();
  load.paths = paths;
  load.files.assign(context.global.config_files.begin(), context.global.config_files.end());
  load.overrides = run_overrides(options);
  load.overrides.insert(load.overrides.end(), context.global.overrides.begin(), context.global.overrides.end());
  const auto loader = [load](const std::vector<std::string>& more) {
    LoadOptions with = load;
    with.overrides.insert(with.overrides.end(), more.begin(), more.end());
    return load_config(with, strategy_keys());
  };
  return std::make_unique<SettingsDesk>(loader, KeyTable(strategy_keys()), paths.overlay_file());
}

/// What a backtest of its own process sees of our environment: where things are and how it is configured, no secret.
std::vector<std::string> child_environment() {
  std::vector<std::string> list;
  for (const auto& [name, value] : process_environment()) {
    const bool is_place = name == "PATH" || name == "HOME" || name == "TMPDIR" || name == "LANG" || name == "TZ" ||
                          name == "STATE_DIRECTORY" || name == "CONFIGURATION_DIRECTORY" || name == "CACHE_DIRECTORY" ||
                          name == "RUNTIME_DIRECTORY" || name == "LOGS_DIRECTORY" || name.starts_with("XDG_");
    if (is_place || name.starts_with("AITRADE__")) list.push_back(name + "=" + value);
  }
  return list;
}

std::unique_ptr<BacktestDesk> make_backtest_desk(const RunOptions& options, const Context& context,
                                                 const Paths& paths) {
  BacktestPlace place;
  place.folder = paths.state_dir / "backtests";
  std::error_code failure;
  place.program = std::filesystem::read_symlink("/proc/self/exe", failure);
  const auto add = [&place](const char* flag, const std::string& value) {
    place.arguments.insert(place.arguments.end(), {flag, value});
  };
  if (!context.global.home.empty()) add("--home", std::filesystem::absolute(context.global.home).string());
  for (const auto& file : context.global.config_files) add("--config", std::filesystem::absolute(file).string());
  // Below what the wish sets, which comes first on the command line: the last one of a key would win.
  std::vector<std::string> sets = run_overrides(options);
  sets.insert(sets.end(), context.global.overrides.begin(), context.global.overrides.end());
  for (const std::string& one : sets) place.settings.push_back(one);
  place.environment = child_environment();
  place.wall = wall_now;
  return std::make_unique<BacktestDesk>(std::move(place));
}

/// How the API reaches an engine, which may be starting still.
EngineDoor door_of(EngineUnit& unit) {
  EngineDoor door;
  door.submit = [&unit](const OperatorCommand& command) { return unit.submit(command); };
  door.adopt = [&unit](const std::string& asset, const std::string& actor) { return unit.adopt(asset, actor); };
  door.store = [&unit]() -> std::optional<StorePlace> {
    if (!unit.is_reachable()) return std::nullopt;   // the ledger is being opened
    return StorePlace{unit.place.ledger, unit.place.folder / "telemetry.db"};
  };
  return door;
}

}  // namespace

Status DaemonParts::open_server(const RunOptions& options, BootstrapKeys&& keys, Context& context) {
  const Config& config = *settings.config;
  OutsideSecrets outside = std::move(keys.outside);
  gatekeeper = make_gate(settings, std::move(keys), options.demo, context);
  std::vector<EngineSeat> seats;
  for (const auto& unit : units) {
    seats.push_back({unit->place.tenant, unit->place.account, "kraken", &unit->board});
  }
  ApiContext api_context{TenantViews(std::move(seats)), {}, wall_now,
                         access_policy(config, options.demo), build_info().version, build_info().build};
  for (const auto& unit : units) api_context.doors.push_back(door_of(*unit));
  api_context.gate = gatekeeper.get();
  api_context.stream = {static_cast<std::size_t>(config.dashboard.ws_max_per_principal),
                        milliseconds{config.dashboard.refresh_interval_ms}};
  settings_desk = make_settings_desk(options, context, settings.paths);
  settings_desk->run_with(config, live_keys(),
                          [this](const Config& next, const std::vector<Change>& changes, const std::string& actor) {
                            return take_over(next, changes, actor);
                          });
  shutdown_seconds = config.app.shutdown_timeout_seconds;
  api_context.settings = settings_desk.get();
  backtests = make_backtest_desk(options, context, settings.paths);
  api_context.backtests = backtests.get();
  api_context.take_model = [this](const std::string& actor) { return take_model(actor); };
  AITRADE_TRY(signal_desk, make_signal_desk(
      config, options.live, std::move(outside),
      [this](std::size_t seat, const ExternalSignal& signal, std::function<void(Status)> done) {
        Event event;
        event.body = signal;
        return units.at(seat)->hand_over(std::move(event), std::move(done));
      }));
  api_context.signals = signal_desk.get();
  AITRADE_TRY(billing, make_billing(settings, std::move(outside.payment_key), std::move(outside.payments),
                                    [this](const std::string& text) { log.warn("billing", {{"text", text}}); }));
  if (billing) api_context.billing = &billing->service();
  api_context.fills = [this] { return fills(); };
  api_context.alert = [this](const std::string& text) {
    notifier->notify(Notify{Notify::Level::warning, text});
    return ok();
  };
  api = std::make_unique<ApiHandler>(std::move(api_context), api_limits(config));
  ServerOptions server_options;
  server_options.tcp = config.dashboard.enabled;
  server_options.address = config.dashboard.host;
  server_options.port = static_cast<std::uint16_t>(config.dashboard.port);
  server_options.unix_path = settings.paths.socket().string();
  server_options.allowed_hosts = config.dashboard.allowed_hosts;
  if (const auto authority = config.dashboard.public_origin.find("://"); authority != std::string::npos) {
    server_options.allowed_hosts.push_back(config.dashboard.public_origin.substr(authority + 3));
  }
  server_options.nice = serving_nice;
  server_options.limits.connections = static_cast<std::size_t>(config.dashboard.max_connections);
  server_options.limits.connections_per_address = static_cast<std::size_t>(config.dashboard.max_connections_per_address);
  server_options.limits.ws_connections = static_cast<std::size_t>(config.dashboard.ws_max_connections);
  server_options.limits.body = static_cast<std::size_t>(config.dashboard.max_body_bytes);
  server_limits = server_options.limits;
  AITRADE_TRY(server, HttpServer::start(server_options, *api));
  if (server->port() != 0 && context.global.verbosity >= 0) {
    context.err << "page http://" << config.dashboard.host << ':' << server->port() << "/\n";
    context.err.flush();
  }
  return ok();
}

std::vector<Occupancy> DaemonParts::fills() const {
  std::vector<Occupancy> list;
  if (server != nullptr) {
    const HttpServer::Counts counts = server->counts();
    list.push_back({"http.connections", counts.open, server_limits.connections});
    list.push_back({"http.websockets", counts.websockets, server_limits.ws_connections});
  }
  // Of all engines together: whose they are is nobody else's business.
  std::uint64_t letters = 0, turns = 0, bytes = 0, dropped = 0;
  bool is_any = false;
  for (const auto& unit : units) {
    LiveRunner* engine_side = unit->reachable.load(std::memory_order_acquire);
    if (engine_side == nullptr) continue;
    is_any = true;
    letters = std::max<std::uint64_t>(letters, engine_side->mailbox().size());
    const JournalHealth health = unit->journal->health();
    turns += health.waiting;
    bytes += health.recording_bytes;
    dropped += health.telemetry_dropped;
  }
  if (is_any) {
    list.push_back({"engine.mailbox", letters, Mailbox::capacity});
    list.push_back({"journal.turns_waiting", turns, 0});
    list.push_back({"journal.recording", bytes, 0, "bytes"});
    list.push_back({"telemetry.dropped", dropped, 0});
  }
  if (backtests != nullptr) {
    const auto [used, most] = backtests->fill();
    list.push_back({"backtests", used, most});
  }
  return list;
}

Result<std::string> DaemonParts::take_model(const std::string& actor) {
  std::string word;
  for (const auto& unit : units) {
    if (!unit->failure().empty()) continue;
    AITRADE_TRY(const std::string one, unit->take_model(actor));
    if (word.empty()) word = one;
  }
  return word;
}

/// The settings desk asks one at a time. What the engine goes by changes by an event, so a recording has it too.
std::vector<std::string> DaemonParts::take_over(const Config& next, const std::vector<Change>& changes,
                                                const std::string& actor) {
  std::vector<std::string> applied;
  SessionLimits sessions;
  sessions.idle = seconds{next.dashboard.session_idle_seconds};
  sessions.absolute = seconds{next.dashboard.session_ttl_seconds};
  gatekeeper->reconfigure(next.dashboard.allow_tenant_keys_for_control, sessions);
  api->reconfigure(api_limits(next));
  log.set_level(level_of(next.app.log_level));
  shutdown_seconds = next.app.shutdown_timeout_seconds;
  for (const Change& one : changes) {
    if (service_keys().contains(one.key)) applied.push_back(one.key);
  }
  std::vector<const EngineUnit*> taken;
  bool is_all = true;
  std::string words;
  for (const auto& unit : units) {
    if (!unit->is_reachable() || !unit->failure().empty()) continue;
    const AccountConfig* account = find_account(*settings.config, unit->place.account);   // they wait for a restart
    if (words.empty()) words = engine_words(changes, unit->running_rules);
    const Config own = account == nullptr ? next : account_config(next, *account);
    is_all = bool(unit->take_over(own, changes, market(), actor)) && is_all;
    taken.push_back(unit.get());
  }
  if (words.empty() || !is_all) return applied;
  for (const Change& one : changes) {
    const bool is_everywhere = std::all_of(taken.begin(), taken.end(), [&one](const EngineUnit* unit) {
      return is_applicable(one.key, unit->running_rules);
    });
    if (is_everywhere) applied.push_back(one.key);
  }
  log.info("settings.changed", {{"by", actor}, {"what", words}});
  return applied;
}

}  // namespace aitrade::cli
