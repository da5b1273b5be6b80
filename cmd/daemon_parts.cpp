#include "cmd/daemon_parts.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <utility>

#include "cmd/client.h"
#include "core/config/accounts.h"
#include "cmd/demo_config.h"

namespace aitrade::cli {
namespace {

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

/// What a start says that got no key: refused (77), or unsafe (78) whatever is missing, with what to do about it.
Error no_credentials(Error error) {
  const std::string hint = credentials_hint(error);
  const bool is_refused = credentials_exit_code(error) == ExitCode::refused;
  return fail(is_refused ? ErrorCode::rejected : ErrorCode::corrupt, error.what + (hint.empty() ? "" : ": " + hint));
}

/// Whether a rehearsal is asked for that the built-in exchange cannot give: it has one account.
Status check_accounts(const RunOptions& options, const Settings& settings) {
  const auto problems = unknown_tenants(settings.report, settings.paths);
  if (!problems.empty()) return fail(ErrorCode::unsupported, to_string(problems.front()));
  const bool is_rehearsal = options.live && (options.demo || !options.tapes.empty());
  if (!is_rehearsal || settings.config->accounts.size() <= 1) return ok();
  return fail(ErrorCode::unsupported, "a rehearsal with the built-in exchange has one account; [[accounts]] holds " +
                                          std::to_string(settings.config->accounts.size()));
}

}  // namespace

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

Result<std::unique_ptr<DaemonParts>> DaemonParts::start(const RunOptions& options, Settings&& settings,
                                                        BootstrapKeys&& keys, Context& context) {
  AITRADE_TRY_STATUS(make_directories(settings.paths));
  AITRADE_TRY(InstanceLock lock, InstanceLock::take(settings.paths.lock_file(), wall_now()));
  AITRADE_TRY_STATUS(check_accounts(options, settings));
  auto parts = std::make_unique<DaemonParts>(std::move(settings), std::move(lock));
  parts->run_id = make_run_id(wall_now());
  const bool own_market = options.demo || !options.tapes.empty();
  parts->store_dir = own_market ? parts->settings.paths.state_dir / "demo" : parts->settings.paths.state_dir;
  parts->open_log(context);
  parts->add_units();
  if (options.live && !own_market) {
    const auto take_keys = [&keys](const VaultReader& vault) { return take_bootstrap_keys(vault, keys); };
    auto accounts = load_venue_credentials(parts->settings, options.vault, parts->log, context, take_keys);
    if (!accounts) return no_credentials(std::move(accounts).error());
    AITRADE_TRY_STATUS(parts->give_credentials(std::move(*accounts)));
    AITRADE_TRY_STATUS(require_owner(parts->settings, keys));
  }
  AITRADE_TRY_STATUS(parts->open_server(options, std::move(keys), context));
  // What a supervisor cannot mend is found before the exchange is asked; a demo begins its books anew,
  // so there a tape that cannot be read must not cost the last ones.
  if (own_market) AITRADE_TRY_STATUS(parts->open_market(options));
  AITRADE_TRY_STATUS(parts->each_unit([own_market](EngineUnit& unit) { return unit.open_books(own_market); }));
  if (!own_market) AITRADE_TRY_STATUS(parts->open_market(options));
  AITRADE_TRY_STATUS(parts->open_units(options, context));
  return parts;
}

DaemonParts::~DaemonParts() { server.reset(); }

/// One engine for each account. They are there before anybody asks, and tell then that they are starting.
void DaemonParts::add_units() {
  const auto add = [this](const Settings& own, const TenantId& tenant, std::vector<std::string> pairs, bool is_alone) {
    UnitPlace place;
    place.tenant = tenant;
    place.account = own.config->app.account_id;
    place.pairs = std::move(pairs);
    place.run_id = is_alone ? run_id : run_id + "." + place.account;
    place.folder = begins_anew() ? own.paths.demo_dir() : own.paths.books_dir();
    place.ledger = begins_anew() ? place.folder / "trading.db" : own.paths.trading_db();
    const Log named = is_alone ? log : log.with({{"tenant", tenant.name}, {"account", place.account}});
    units.push_back(std::make_unique<EngineUnit>(own, std::move(place), named));
  };
  const auto& accounts = settings.config->accounts;
  if (accounts.empty()) return add(settings, TenantId{}, {}, true);
  for (const AccountConfig& account : accounts) {
    add(account_settings(settings, account), TenantId{account.tenant}, account.pairs, false);
  }
}

/// Gives every engine the key of its account. Errors: invalid, one has none.
Status DaemonParts::give_credentials(std::vector<VenueCredentials>&& all) {
  for (const auto& unit : units) {
    const auto own = std::find_if(all.begin(), all.end(), [&unit](const VenueCredentials& one) {
      return one.account == unit->place.account;
    });
    if (own == all.end()) return fail(ErrorCode::corrupt, "account '" + unit->place.account + "' has no key in the vault");
    unit->credentials = std::move(*own);
  }
  return ok();
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
  fan = std::make_unique<MarketFan>(*market_link);
  if (const auto& key = market_link->own_key()) {
    units.front()->credentials = VenueCredentials{units.front()->place.account, *key, Secret()};
  }
  return ok();
}

/// Does it for every engine that has not failed. One that fails now does not keep the others from starting.
/// Errors: that of the first, when none is left.
Status DaemonParts::each_unit(const std::function<Status(EngineUnit&)>& use) {
  std::optional<Error> first;
  std::size_t fine = 0;
  for (const auto& unit : units) {
    if (!unit->failure().empty()) continue;
    Status done = use(*unit);
    if (done) {
      ++fine;
      continue;
    }
    if (units.size() == 1) return done;
    unit->fail_with(done.error().what);
    unit->show_failure();
    if (!first) first = done.error();
  }
  if (fine > 0 || !first) return ok();
  return *first;
}

Status DaemonParts::open_units(const RunOptions& options, Context& context) {
  bool is_first = true;
  return each_unit([&](EngineUnit& unit) {
    return unit.open({options, market(), *fan, context, std::exchange(is_first, false)});
  });
}

}  // namespace aitrade::cli
