// One engine with all that is its alone: books, venue, rules, recording, picture. The daemon runs one, or one for each
// account of `[[accounts]]`.
//
// Starting is recovering: the ledger's projections become the first events of a new engine, the paper venue is rebuilt
// from them, and the candles missed meanwhile come as backfill. Every account has a ledger file of its own, because
// exactly one connection may write one (decision 5), and because order ids, watermarks, pause and halt, and the chain
// of the audit are each of one file: what one engine does, another cannot hold up or break.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cmd/compose.h"
#include "cmd/daemon.h"
#include "cmd/live_venue.h"
#include "cmd/market_fan.h"
#include "cmd/live_model.h"
#include "core/config/snapshot.h"
#include "core/log/log.h"
#include "core/runtime/live_runner.h"
#include "core/runtime/sim_execution.h"
#include "core/store/journal_store.h"
#include "core/trading/live_rules.h"

namespace aitrade::cli {

/// Messages for people go to the log until there are channels for them.
class LogNotifier final : public Notifier {
 public:
  explicit LogNotifier(Log log) : log_(std::move(log)) {}

  void notify(const Notify& notice) override;

 private:
  Log log_;
};

/// Returns the effective configuration as dotted TOML, one key a line: what a recording carries.
std::string config_text(const Settings& settings);

/// Whose engine it is and where its books lie.
struct UnitPlace {
  TenantId tenant;
  std::string account;
  std::vector<std::string> pairs;   // of the market that it trades; empty: all
  std::string run_id;
  std::filesystem::path ledger;
  std::filesystem::path folder;   // of telemetry, recordings and reserve
};

/// What all engines of a daemon share while they start. Borrowed.
struct UnitStart {
  const RunOptions& options;
  MarketLink& market;
  MarketFan& fan;
  Context& context;
  bool tells_notes{true};         // what is the same for every engine is told once
};

/// Members in the order in which they are made; they go in the reverse one.
struct EngineUnit {
  /// `account_settings` are those of this account alone; `unit_log` names it where there are several.
  EngineUnit(Settings account_settings, UnitPlace where, Log unit_log);

  /// A real venue speaks to the runner: it falls silent first.
  ~EngineUnit();
  EngineUnit(const EngineUnit&) = delete;
  EngineUnit& operator=(const EngineUnit&) = delete;

  /// Opens its ledger; a demo or tape begins it anew. Errors: those of the store.
  Status open_books(bool begins_anew);

  /// From the ledger to a running engine: rules, books, venue, journal, first events. After open_books().
  Status open(const UnitStart& start);

  /// Hands a command to the engine and waits until its effect is in the view.
  /// Errors: busy, timeout, rejected (a resume while halted), and what the journal says
  Status submit(const OperatorCommand& command);

  /// Hands an event to the engine; `done` is called when its turn is on disk and in the view. False: it takes none.
  bool hand_over(Event event, std::function<void(Status)> done);

  /// Makes the rules those of `next`, as far as the engine takes over what changed. Errors: any; then it goes by the
  /// old ones.
  Status take_over(const Config& next, const std::vector<Change>& changes, const MarketLink& market,
                   const std::string& actor);

  /// Lets the engine take the model that is active now, if that is another one; "" or its word. Errors: busy, timeout.
  Result<std::string> take_model(const std::string& actor);

  /// Books an unexplained balance. Errors: busy, rejected where no real money is traded, not_found.
  Result<std::string> adopt(const std::string& asset, const std::string& actor);

  /// It trades no more in this process, and takes nothing more. Any thread; the first reason stays.
  void fail_with(const std::string& why);

  /// Says so in its picture, once its thread has ended.
  void show_failure();

  /// Why it trades no more; empty while it does. Any thread.
  [[nodiscard]] std::string failure() const;

  [[nodiscard]] bool is_reachable() const { return reachable.load(std::memory_order_acquire) != nullptr; }

  [[nodiscard]] ExecutionVenue& venue() const {
    return live ? static_cast<ExecutionVenue&>(*live) : static_cast<ExecutionVenue&>(*paper);
  }

  Settings settings;
  UnitPlace place;
  Log log;
  std::optional<VenueCredentials> credentials;   // of a live run
  ViewBoard board;
  std::atomic<LiveRunner*> reachable{nullptr};   // for commands, once it runs
  std::atomic<std::int64_t> killed_at{0};        // wall time in ns of a halt that was asked for; 0: none
  RunShape shape;                                // that the engine was built with
  TradingRules running_rules;                    // that it goes by; after the start the settings desk's
  std::size_t reader{0};                         // its number at the market
  std::unique_ptr<LogNotifier> notifier;
  std::unique_ptr<Database> ledger;              // until the journal takes it
  LiveModel model;                               // the engine borrows its gate
  std::unique_ptr<Engine> engine;
  std::unique_ptr<JournalStore> journal;
  std::unique_ptr<SimExecution> paper;           // one of these two
  std::unique_ptr<kraken::KrakenVenue> live;
  std::unique_ptr<LiveRunner> runner;

 private:
  /// The pairs of the account at the market, and their numbers there.
  struct Pairs {
    std::vector<Instrument> instruments;         // as the engine numbers them
    std::vector<InstrumentId> market_ids;        // of each
  };

  Result<Pairs> find_pairs(MarketLink& market, const VenueModels& models) const;
  EntryGate* open_gate(const TradingRules& rules, const UnitStart& start);
  Status open_venue(const UnitStart& start, const StoreNames& names, LiveFindings&& findings, const Recall& recalled);
  void open_live(MarketLink& market, LiveFindings&& findings, const Recall& recalled, VenueBooks&& books,
                 ClientIdKey ids);
  Status open_journal(const RunOptions& options, const StoreNames& names, const TradingRules& rules);
  void open_runner(const UnitStart& start, const StoreNames& names);
  Result<std::vector<Event>> warm_up(const UnitStart& start, const Pairs& pairs, const Recall& recalled,
                                     const std::vector<Duration>& timeframes, MarketReader& own) const;
  Status submit(Event event);

  mutable std::mutex failure_mutex_;
  std::string failure_;   // guarded
};

}  // namespace aitrade::cli
