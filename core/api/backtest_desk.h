// Backtests that people start from the page: jobs of a process of their own, never of the trading thread.
//
// One runs at a time, the others wait in a short queue. Each is `aitrade backtest` and `aitrade report` at the
// lowest priority with its files in `folder`/TENANT/RUN: candles.csv, result.json, report.html and run.json, which
// is what is told of it. The daemon's end ends them; what did not come to its end is cancelled then, or by the next
// start after a crash. May be used from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/candle.h"

namespace aitrade {

struct BacktestPlace {
  std::filesystem::path folder;           // of all runs
  std::filesystem::path program;          // aitrade itself
  std::vector<std::string> arguments;     // --home and --config of the daemon
  std::vector<std::string> settings;      // its --set texts, which a wish may override
  std::vector<std::string> environment;   // what children get of it
  std::function<Time()> wall;
};

struct BacktestLimits {
  std::size_t waiting{8};
  std::size_t kept{500};                  // runs of a tenant; the oldest go
  Duration longest{minutes{15}};
};

struct BacktestWish {
  std::string pair, timeframe, strategy;  // strategy empty: as configured
  std::string from, to;                   // of stored candles; words of the command line
  std::uint64_t seed{0};
  bool is_of_engine{true};                // on the engine's own candles below, else on stored ones
  std::vector<Candle> candles;
  std::vector<std::pair<std::string, std::string>> settings;   // key and TOML value, in place of the configured ones
};

class BacktestDesk {
 public:
  /// Marks what an earlier daemon left running as cancelled.
  explicit BacktestDesk(BacktestPlace place, BacktestLimits limits = {});

  /// Kills what runs and marks it, and what waits, as cancelled.
  ~BacktestDesk();
  BacktestDesk(const BacktestDesk&) = delete;
  BacktestDesk& operator=(const BacktestDesk&) = delete;

  /// Queues a run and returns its id. Errors: busy when too many wait, io, full.
  Result<std::string> start(const TenantId& tenant, BacktestWish wish, const std::string& actor);

  /// Returns run.json of the newest runs, newest first.
  [[nodiscard]] std::vector<std::string> list(const TenantId& tenant, std::size_t limit) const;

  /// Returns run.json with the present progress. Errors: not_found, also for another tenant's.
  [[nodiscard]] Result<std::string> find(const TenantId& tenant, const std::string& id) const;

  /// Ends a run. Errors: not_found, rejected when it has ended already.
  Status cancel(const TenantId& tenant, const std::string& id);

  /// Returns a file of a finished run. Errors: not_found.
  [[nodiscard]] Result<std::filesystem::path> file(const TenantId& tenant, const std::string& id,
                                                   std::string_view name) const;

  /// Waits until a run is in that state, or has ended. False when `limit` passed.
  bool await(const std::string& id, std::string_view status, milliseconds limit) const;

  /// How many wait or run, of how many that may.
  [[nodiscard]] std::pair<std::size_t, std::size_t> fill() const;

 private:
  struct Job;

  void run();
  void serve(Job& job);
  int run_step(Job& job, std::vector<std::string> words, const std::string& out);
  void end(Job& job, std::string_view status, std::string_view error);
  [[nodiscard]] std::string_view why_cancelled() const;
  void mark_left_over();
  void prune(const TenantId& tenant) const;
  [[nodiscard]] std::filesystem::path folder_of(const TenantId& tenant, const std::string& id) const;

  BacktestPlace place_;
  BacktestLimits limits_;
  mutable std::mutex mutex_;   // guards all that follows
  std::condition_variable wake_;
  mutable std::condition_variable changed_;            // of a status
  std::map<std::string, std::shared_ptr<Job>> jobs_;   // by id, while they wait or run
  std::deque<std::string> queue_;
  bool is_stopping_{false};
  std::thread thread_;
};

}  // namespace aitrade
