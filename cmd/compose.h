// The composition root: from configuration to the parts of a backtest or a daemon.
//
// The only place that knows strategies, configuration and the core at once. It translates; it decides
// nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/cli.h"
#include "core/config/load.h"
#include "core/runtime/sim_runner.h"
#include "core/sim/models.h"
#include "core/trading/engine.h"

namespace aitrade::cli {

/// A configuration with the directories it belongs to.
struct Settings {
  std::shared_ptr<const Config> config;
  Paths paths;
  LoadReport report;
};

/// Loads the configuration as the global options say and prints its warnings to stderr. `below` are
/// --set texts that those of the command line override. The paths are those of this invocation, with
/// the ledger and the logs where the configuration puts them.
///
/// Errors: invalid, with every problem one per line; the command ends with ExitCode::unsafe
Result<Settings> load_settings(Context& context, const std::vector<std::string>& below = {});

/// Returns the settings of one account of [[accounts]]: its configuration, and where its books lie.
Settings account_settings(const Settings& settings, const AccountConfig& account);

/// One account's settings, and whose it is.
struct OwnSettings {
  Settings settings;
  TenantId tenant;
};

/// Returns the settings of the account named; without [[accounts]], or with one alone, a name is not needed. Makes the
/// folder of its books. Errors: invalid when there are several and none is named, not_found, io.
Result<OwnSettings> own_settings(const Settings& settings, const std::string& account);

/// Makes the books of a command those of an account. Errors: not_found, naming those that there are.
Status choose_account(Settings& settings, const std::string& account);

/// What a run trades on, apart from the configuration.
struct RunShape {
  std::vector<Instrument> instruments;   // indexed by id
  Duration base{minutes{1}};             // interval of the candles that come in
  std::string strategy;                  // one alone; empty: as configured
  bool is_of_every_strategy{false};      // those that are switched off too
  std::vector<Duration> timeframes;      // empty: as configured
  std::optional<Rate> taker_fee{};       // that the account pays, of its dearest pair; nothing: as configured
};

/// Builds the rules of an engine. Timeframes that cannot be made of the base interval are left out and
/// named in `notes`; the primary falls to the shortest when it is among them.
///
/// Errors: invalid for an unknown strategy, or when no timeframe is left
Result<EngineSetup> compose_engine(const Config& config, const RunShape& shape,
                                   std::vector<std::string>& notes);

/// Makes rules those of orders that go to an exchange: no entry without a book, targets watched, no bet against the
/// evidence. Done by compose_engine() when app.mode is live; a rehearsal asks for it whatever the mode is.
void require_live(TradingRules& rules);

/// Returns the costs and delays of the simulated venue.
VenueModels compose_models(const Config& config);

/// Gives the instruments that have a spread of their own that spread.
void set_spreads(const Config& config, const std::vector<Instrument>& instruments, VenueModels& models);

/// Returns the outlier settings of each instrument.
std::vector<OutlierSettings> compose_outliers(const Config& config, const std::vector<Instrument>& instruments);

/// Returns the rule for missing candles.
GapRule compose_gaps(const Config& config);

/// Names of the strategies that an engine runs, comma separated.
std::string strategy_names(const EngineSetup& setup);

}  // namespace aitrade::cli
