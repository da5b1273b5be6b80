// The recording of a run: every event with the actions it caused, in append-only segment files.
//
// A segment NNNNNN.rec below <state>/runs/RUN/ begins with a magic and is a row of blocks. A block
// is a fixed header (kind, first sequence, counts, sizes, CRC32 of header and of payload, chain)
// and a zlib payload. The chain is SHA-256 over the chain before it and this block, so damage and
// edits show and two runs compare by their last chains. The first block holds the RecordingHeader,
// which is all that replay needs to build the engine again. A tail that a crash tore off is
// ignored.
#pragma once

#include "core/base/result.h"
#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/instrument.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aitrade {

/// What a run was: enough to build its engine again.
struct RecordingHeader {
  std::string run_id;
  std::string build;
  std::string config_hash;
  std::string config_text;  // canonical configuration
  std::uint64_t seed{0};
  Time started;
  std::vector<Instrument> instruments;
  std::vector<std::pair<VenueId, std::string>> venues;
  std::vector<std::pair<StrategyId, std::string>> strategies;
};

struct RecordingLimits {
  std::size_t block_bytes{64 * 1024};                // packed bytes before a block is closed
  std::uint64_t segment_bytes{64ULL * 1024 * 1024};  // file size before the next segment begins
};

/// Appends to a new recording. One thread.
class RecordingWriter {
 public:
  /// Creates the directory and its first segment; errors: invalid when it holds a recording
  /// already, full, io.
  static Result<std::unique_ptr<RecordingWriter>> create(const std::filesystem::path& directory,
                                                         const RecordingHeader& header,
                                                         const RecordingLimits& limits = {});
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  /// Adds an event and its actions to the open block. Nothing is written yet.
  void append(const Event& event, const std::vector<Action>& actions);

  /// Writes the open block if it has grown to its size. Errors: full, io; then nothing was written.
  Status write_if_large();

  /// Writes the open block; with `durable` it is on disk when this returns. A failed fsync ends the
  /// process. Errors: full, io; the block is kept for the next call.
  Status flush(bool durable);

  [[nodiscard]] std::uint64_t bytes_written() const;

  /// Returns the chain of the newest block in hexadecimal.
  [[nodiscard]] std::string chain() const;

 private:
  struct State;
  explicit RecordingWriter(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

struct RecordedEvent {
  Event event;
  std::vector<std::string> actions;  // packed; decode_action reads one
};

/// Where a recording stops being what was written.
struct RecordingDamage {
  std::uint64_t block{0};  // from 0, over all segments; block 0 is the header
  EventSeq first_event{};  // first event that cannot be trusted
};

/// Reads a recording in order. One thread; constant memory.
class RecordingReader {
 public:
  /// Errors: not_found, corrupt (no header can be read), io.
  static Result<std::unique_ptr<RecordingReader>> open(const std::filesystem::path& directory);
  ~RecordingReader();
  RecordingReader(const RecordingReader&) = delete;
  RecordingReader& operator=(const RecordingReader&) = delete;

  [[nodiscard]] const RecordingHeader& header() const;

  /// Returns the next event, or nothing at the end. Errors: corrupt, with block and first event in
  /// the text and in damage().
  Result<std::optional<RecordedEvent>> next();

  [[nodiscard]] const std::optional<RecordingDamage>& damage() const;

  /// Bytes of an incomplete block at the very end, left by a crash.
  [[nodiscard]] std::uint64_t torn_bytes() const;

  /// Returns the chain of the newest block read.
  [[nodiscard]] std::string chain() const;

 private:
  struct State;
  explicit RecordingReader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace aitrade
