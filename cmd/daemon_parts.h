// Everything the daemon is made of, brought up in the order of operations.md 8.2.
//
// Starting is recovering: the ledger's projections become the first events of a new engine, the paper
// venue is rebuilt from them, and the candles missed meanwhile come as backfill.
#pragma once

#include <memory>
#include <string>

#include "cmd/access_setup.h"
#include "cmd/daemon.h"
#include "cmd/live_venue.h"
#include "cmd/live_model.h"
#include "core/api/api.h"
#include "core/api/backtest_desk.h"
#include "core/api/settings.h"
#include "core/log/log.h"
#include "core/net/http_server.h"
#include "core/runtime/live_runner.h"
#include "core/runtime/sim_execution.h"
#include "core/store/instance_lock.h"
#include "core/store/journal_store.h"
#include "core/store/recovery.h"
#include "core/trading/live_rules.h"

namespace aitrade::cli {

/// Returns what a demo or a tape sets below the words of the command line.
std::vector<std::string> run_overrides(const RunOptions& options);

/// Loads the configuration; a demo brings its own values below the user's.
Result<Settings> load_run_settings(const RunOptions& options, Context& context);

/// Returns the exit code of a failed start: 78 for stored state, 75 for a lock or port, 73 for space.
ExitCode start_exit_code(const Error& error);

/// Returns the effective configuration as dotted TOML, one key a line: what a recording carries.
std::string config_text(const Settings& settings);

/// Returns how old a candle may be at its coming and still lead to an entry, in the market's own time; zero: any.
Duration stale_after(const MarketLink& market, const Config& config);

/// Messages for people go to the log until there are channels for them.
class LogNotifier final : public Notifier {
 public:
  explicit LogNotifier(Log log) : log_(std::move(log)) {}

  void notify(const Notify& notice) override;

 private:
  Log log_;
};

/// Members in the order in which they are made; they go in the reverse one.
struct DaemonParts {
  /// Brings everything up to the point where the feed may start. Errors: see start_exit_code.
  static Result<std::unique_ptr<DaemonParts>> start(const RunOptions& options, Settings&& settings, BootstrapKeys&& keys,
                                                    Context& context);

  DaemonParts(Settings&& s, InstanceLock&& l) : settings(std::move(s)), lock(std::move(l)) {}

  /// A real venue speaks to the runner: it falls silent first.
  ~DaemonParts();
  DaemonParts(const DaemonParts&) = delete;
  DaemonParts& operator=(const DaemonParts&) = delete;

  Settings settings;
  InstanceLock lock;
  std::filesystem::path store_dir;   // of telemetry and recordings: state, or state/demo
  Log log;
  std::string run_id;
  std::optional<VenueCredentials> credentials;   // of a live run
  ViewBoard board;
  std::atomic<LiveRunner*> reachable{nullptr};   // for commands, once it runs
  std::atomic<std::int64_t> killed_at{0};        // wall time in ns of a halt that was asked for; 0: none
  std::atomic<int> shutdown_seconds{20};
  RunShape shape;                                // that the engine was built with
  TradingRules running_rules;                    // that it goes by; after the start the settings desk's
  ServerLimits server_limits;
  std::unique_ptr<Gatekeeper> gatekeeper;
  std::unique_ptr<SettingsDesk> settings_desk;
  std::unique_ptr<BacktestDesk> backtests;
  std::unique_ptr<SignalDesk> signal_desk;       // null: off
  std::unique_ptr<BillingParts> billing;         // null: off
  std::unique_ptr<ApiHandler> api;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<MarketLink> market_link;
  LiveModel model;                               // the engine borrows its gate
  std::unique_ptr<Engine> engine;
  std::unique_ptr<JournalStore> journal;
  std::unique_ptr<SimExecution> paper;       // one of these two
  std::unique_ptr<kraken::KrakenVenue> live;
  std::unique_ptr<LogNotifier> notifier;
  std::unique_ptr<LiveRunner> runner;

  [[nodiscard]] MarketLink& market() const { return *market_link; }

  [[nodiscard]] ExecutionVenue& venue() const {
    return live ? static_cast<ExecutionVenue&>(*live) : static_cast<ExecutionVenue&>(*paper);
  }

  /// Lets the engine take the model that is active now, if that is another one; "" or its word. Any thread.
  Result<std::string> take_model(const std::string& actor);

  /// Whether the books began with this run: a demo's or a tape's.
  [[nodiscard]] bool begins_anew() const { return store_dir != settings.paths.state_dir; }

 private:
  Result<Database> open_ledger(bool begins_anew);
  void open_log(Context& context);
  Status open_server(const RunOptions& options, BootstrapKeys&& keys, Context& context);
  Status open_market(const RunOptions& options);
  Status recover(const RunOptions& options, Database ledger, Context& context);
  EntryGate* open_gate(const TradingRules& rules, Context& context);
  void open_live(LiveFindings&& findings, const Recall& recalled, VenueBooks&& books, ClientIdKey ids);
  Status open_journal(const RunOptions& options, Database ledger, const StoreNames& names, const TradingRules& rules);
  Result<std::vector<Event>> warm_up(const Recall& recalled, const std::vector<Duration>& timeframes);
  bool hand_over(Event event, std::function<void(Status)> done);
  Status submit(Event event);
  Status submit(const OperatorCommand& command);
  std::vector<std::string> take_over(const Config& next, const std::vector<Change>& changes, const std::string& actor);
  [[nodiscard]] std::vector<Occupancy> fills() const;
};

}  // namespace aitrade::cli
