// What the writer thread does with a batch of turns: recording, ledger, watermarks, telemetry.
//
// Not thread-safe; JournalStore's thread owns it. Kept apart from the queue so that each can be
// read alone.
#pragma once

#include "core/store/journal_store.h"
#include "core/store/projections.h"
#include "core/store/reserve.h"
#include "core/store/telemetry.h"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace aitrade {

/// An event with the actions it caused.
struct JournalItem {
  Event event;
  std::vector<Action> actions;
};

struct JournalTurn {
  std::uint64_t number{0};
  std::vector<JournalItem> items;
  bool is_durable{false};
  bool is_worthy{false};    // it changes a row of the ledger
  bool is_recorded{false};  // its items are in the recording's buffer or file
};

class JournalSink {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// Opens recording and telemetry and stores the run's row. `names` is borrowed.
  static Result<std::unique_ptr<JournalSink>> open(Database ledger, const StoreNames& names,
                                                   const JournalOptions& options);

  /// Stores a batch; all of it or none of it. After an error the same turns are given again.
  Status store(std::span<JournalTurn> turns, SteadyTime now);

  /// What is due by time: watermarks and recording after 5 s, telemetry, checkpoints.
  Status upkeep(SteadyTime now);

  /// Ends the run.
  Status close();

  void fill(JournalHealth& health) const;

  /// The writing connection, between two batches.
  Database& ledger() { return ledger_; }

 private:
  JournalSink(Database ledger, const StoreNames& names, const JournalOptions& options);

  Status store_once(std::span<JournalTurn> turns, SteadyTime now);
  Status record(std::span<JournalTurn> turns);
  Status project(std::span<const JournalTurn> turns, bool is_worthy);
  Status put_watermarks();
  void note_candles(const JournalTurn& turn);

  struct Mark {
    Duration interval{};
    Time close;
    bool is_dirty{false};
  };

  Database ledger_;
  const StoreNames& names_;
  std::string run_id_;
  ReserveFile reserve_;
  bool has_reserve_;
  bool reserve_used_{false};
  std::unique_ptr<Projections> projections_;
  std::unique_ptr<RecordingWriter> recording_;
  std::unique_ptr<Telemetry> telemetry_;
  std::map<InstrumentId, Mark> marks_;
  std::uint64_t candles_since_mark_{0};
  SteadyTime last_mark_{};
  SteadyTime last_flush_{};
  Time last_at_;
  std::uint64_t last_seq_{0};
};

}  // namespace aitrade
