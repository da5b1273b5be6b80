// The heartbeat file: how `aitrade health` sees that the engine loop moves, without asking it.
//
// One line of JSON in the runtime directory, replaced by rename so that a reader never sees half of
// it (decision 4, operations.md 9.1). The progress counter rises with every turn of the engine: a
// process that lives while its engine hangs writes a young file with an old counter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace aitrade {

struct Heartbeat {
  std::int64_t pid{0};
  std::uint64_t seq{0};         // of this file, one more with each write
  std::uint64_t progress{0};    // EngineView::progress
  std::string state;            // EngineView::state
  Time now;                     // wall clock of the writer
  Time progressed_at;           // when `progress` last rose, wall clock

  /// One of several engines; of one alone the state above says all.
  struct Engine {
    std::string tenant, account, state;

    friend bool operator==(const Engine&, const Engine&) = default;
  };
  std::vector<Engine> engines;

  /// Returns how long the engine had not moved when this was written.
  [[nodiscard]] Duration stalled() const { return now - progressed_at; }
};

/// Replaces the file. Errors: full, io.
Status write_heartbeat(const std::filesystem::path& path, const Heartbeat& beat);

/// Reads the file. Errors: not_found, corrupt when it is not a heartbeat, io.
Result<Heartbeat> read_heartbeat(const std::filesystem::path& path);

/// Keeps the counters between writes; the daemon calls `beat` at every heartbeat interval.
class HeartbeatWriter {
 public:
  explicit HeartbeatWriter(std::filesystem::path path) : path_(std::move(path)) {}

  Status beat(std::uint64_t progress, const std::string& state, Time now, std::vector<Heartbeat::Engine> engines = {});

 private:
  std::filesystem::path path_;
  Heartbeat last_;
};

}  // namespace aitrade
