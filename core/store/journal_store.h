// The journal of the daemon: every event and action to the recording, what counts to the ledger.
//
// The engine thread appends and commits; one writer thread owns every writing connection. A turn is
// the unit: it goes to the recording first, then its rows, watermarks included, to the ledger in
// one transaction, so after a crash a turn is there whole or not at all. Up to 64 waiting turns
// share a COMMIT. `commit(true)` returns when recording and ledger are on disk.
//
// When the disk is full the reserve is given up and the turn tried again; if that fails too, the
// turn is kept in memory in its place and tried again with the next, and commits answer `full`
// until one succeeds. A failed fsync ends the process.
#pragma once

#include "core/base/latency.h"
#include "core/ports/journal.h"
#include "core/ports/nonce_store.h"
#include "core/store/database.h"
#include "core/store/names.h"
#include "core/store/recording.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace aitrade {

struct JournalOptions {
  StoreNames names;
  RecordingHeader header;                // run_id names the run and its folder
  std::filesystem::path runs_directory;  // <state>/runs
  std::filesystem::path telemetry_db;    // empty: no telemetry
  std::filesystem::path reserve_file;    // empty: no reserve
  milliseconds wait_limit{5000};         // longest wait for room in the queue
  RecordingLimits recording{};
};

struct JournalHealth {
  bool is_ok{true};          // the newest attempt to write succeeded
  bool reserve_used{false};  // the disk was full once: no new entries
  std::string problem;       // of the newest failed attempt
  std::uint64_t turns{0};    // committed to disk
  std::uint64_t waiting{0};  // queued
  std::uint64_t recording_bytes{0};
  std::uint64_t telemetry_dropped{0};
  std::uint64_t duplicate_fills{0};
  LatencySummary flush;      // how long durable commits kept the engine waiting
};

class JournalStore final : public Journal {
 public:
  /// Starts a run: its row in the ledger, its recording, the writer thread. `ledger` is the writing
  /// connection, after recall(). Errors: those of Database and RecordingWriter.
  static Result<std::unique_ptr<JournalStore>> start(Database ledger, JournalOptions options);

  /// Closes as close() does, without telling how it went.
  ~JournalStore() override;

  /// Errors: full when more than 65,536 events wait because nothing can be written.
  Status append(const Event& event, const ActionList& actions) override;

  /// Errors: full (disk full or read-only), busy (a foreign lock, or the queue stayed full), io,
  /// invalid or corrupt (the ledger refused a row: a bug; nothing more will be stored).
  Status commit(bool durable) override;

  /// Writes all that waits, ends the run and empties the logs. Afterwards nothing may be appended.
  Status close();

  [[nodiscard]] JournalHealth health() const;

  /// The marks of signed requests, kept by the writing connection on its thread. Any thread; lives as long as the
  /// journal. Errors of its calls: those of LedgerNonces, and busy once the journal is closed.
  NonceStore& nonces() { return *nonces_; }

 private:
  class Writer;
  class Nonces;
  explicit JournalStore(std::unique_ptr<Writer> writer);

  std::unique_ptr<Writer> writer_;
  LatencyHistogram flushes_;
  std::unique_ptr<NonceStore> nonces_;
};

}  // namespace aitrade
