// Everything the daemon is made of, brought up in the order of operations.md 8.2: what it has once, and its engines.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cmd/access_setup.h"
#include "cmd/daemon.h"
#include "cmd/engine_unit.h"
#include "cmd/market_fan.h"
#include "core/api/api.h"
#include "core/api/backtest_desk.h"
#include "core/api/settings.h"
#include "core/log/log.h"
#include "core/net/http_server.h"
#include "core/store/instance_lock.h"

namespace aitrade::cli {

/// Returns what a demo or a tape sets below the words of the command line.
std::vector<std::string> run_overrides(const RunOptions& options);

/// Loads the configuration; a demo brings its own values below the user's.
Result<Settings> load_run_settings(const RunOptions& options, Context& context);

/// Returns the exit code of a failed start: 78 for stored state, 75 for a lock or port, 73 for space.
ExitCode start_exit_code(const Error& error);

/// Members in the order in which they are made; they go in the reverse one.
struct DaemonParts {
  /// Brings everything up to the point where the feed may start. Errors: see start_exit_code.
  static Result<std::unique_ptr<DaemonParts>> start(const RunOptions& options, Settings&& settings, BootstrapKeys&& keys,
                                                    Context& context);

  DaemonParts(Settings&& s, InstanceLock&& l) : settings(std::move(s)), lock(std::move(l)) {}

  /// Nobody asks any more when the engines go.
  ~DaemonParts();
  DaemonParts(const DaemonParts&) = delete;
  DaemonParts& operator=(const DaemonParts&) = delete;

  Settings settings;
  InstanceLock lock;
  std::filesystem::path store_dir;   // of the state, or of what a demo or a tape leaves
  Log log;
  std::string run_id;
  std::atomic<int> shutdown_seconds{20};
  ServerLimits server_limits;
  std::unique_ptr<LogNotifier> notifier;
  std::unique_ptr<MarketLink> market_link;
  std::unique_ptr<MarketFan> fan;
  std::vector<std::unique_ptr<EngineUnit>> units;   // at least one; all there before the server answers
  std::unique_ptr<Gatekeeper> gatekeeper;
  std::unique_ptr<SettingsDesk> settings_desk;
  std::unique_ptr<BacktestDesk> backtests;
  std::unique_ptr<SignalDesk> signal_desk;       // null: off
  std::unique_ptr<BillingParts> billing;         // null: off
  std::unique_ptr<ApiHandler> api;
  std::unique_ptr<HttpServer> server;

  [[nodiscard]] MarketLink& market() const { return *market_link; }

  /// Lets every engine take the model that is active now, if that is another one; "" or its word. Any thread.
  Result<std::string> take_model(const std::string& actor);

  /// Whether the books began with this run: a demo's or a tape's.
  [[nodiscard]] bool begins_anew() const { return store_dir != settings.paths.state_dir; }

 private:
  void open_log(Context& context);
  void add_units();
  Status give_credentials(std::vector<VenueCredentials>&& all);
  Status each_unit(const std::function<Status(EngineUnit&)>& use);
  Status open_server(const RunOptions& options, BootstrapKeys&& keys, Context& context);
  Status open_market(const RunOptions& options);
  Status open_units(const RunOptions& options, Context& context);
  std::vector<std::string> take_over(const Config& next, const std::vector<Change>& changes, const std::string& actor);
  [[nodiscard]] std::vector<Occupancy> fills() const;
};

}  // namespace aitrade::cli
