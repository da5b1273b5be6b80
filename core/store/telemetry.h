// What people look at and may lose: thoughts and equity, written in batches, dropped when too many.
//
// Owned by the journal's writer thread. Its failure never reaches trading: rows are dropped and
// counted, and the next batch is tried again.
#pragma once

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/store/database.h"
#include "core/store/names.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aitrade {

constexpr std::size_t telemetry_queue_max = 10'000;  // rows waiting (operations.md 2.1)
constexpr std::size_t telemetry_batch = 500;         // rows in one transaction
constexpr seconds telemetry_interval{1};

class Telemetry {
 public:
  /// `database` empty: everything is dropped and counted. `names` is borrowed.
  Telemetry(std::optional<Database> database, const StoreNames& names)
      : database_(std::move(database)), names_(names) {}

  /// Takes decisions, incidents, notices and equity of an event; cheap, does not touch the disk.
  void take(const Event& event, const std::vector<Action>& actions);

  /// Writes a batch when it is due: 500 rows or a second since the last one.
  void write_if_due(std::chrono::steady_clock::time_point now);

  /// Writes all that waits and empties the log.
  void close();

  /// Deletes metrics and thoughts older than `cutoff` (strictly), warnings and worse older than
  /// `cutoff_severe`, in slices. Writer only. Errors: those of Database.
  static Status prune(Database& database, Time cutoff, Time cutoff_severe);

  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Thought {
    std::string tenant, account;
    Time at;
    const char* category;
    std::string message;
    const char* severity;
    std::string metadata;
  };

  struct Equity {
    std::string tenant, account, exchange;
    Time at;
    Money equity, cash, peak;
  };

  void add(Thought thought);
  void take_equity(const Event& event, const AccountChanged& changed);
  Status write_batch();
  Status write_thoughts(std::size_t count);
  Status write_equity();

  std::optional<Database> database_;
  const StoreNames& names_;
  std::deque<Thought> thoughts_;
  std::vector<Equity> equity_;
  std::map<DeskId, Time> last_equity_;
  std::chrono::steady_clock::time_point last_write_{};
  std::uint64_t dropped_{0};
};

}  // namespace aitrade
