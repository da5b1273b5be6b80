// The candles of market.db: what is there, where it came from, and how it gets in.
//
// Closed candles per venue, pair and timeframe in packed blocks; insert or replace by time. Writing needs
// the file's own lock (decision 21), held while the store is open for writing and by nobody else. An import
// is one transaction: after a crash at any instant the store holds all of it or none. Beside the candles
// stands what was asked for, so that a hole inside a covered range is "no trades" and one outside is "not
// downloaded".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"

namespace aitrade {

struct SeriesKey {
  std::string venue;
  Symbol symbol;
  Duration interval{};

  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

/// Returns "BTC/USD 1m (kraken)".
std::string to_string(const SeriesKey& key);

/// From `from` up to, not including, `to`.
struct TimeRange {
  Time from{INT64_MIN};
  Time to{INT64_MAX};

  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

struct SeriesInfo {
  SeriesKey key;
  std::int64_t rows{0};
  std::int64_t bytes{0};  // packed
  Time first, last;       // open times; valid when rows > 0
};

/// One import or download.
struct SourceInfo {
  std::string name;
  TimeRange covered;             // what it spoke for
  std::int64_t rows{0};
  std::int64_t duplicates{0};    // rows it dropped as equal to one before
  std::int64_t rejected{0};      // rows it dropped otherwise
  std::string content_hash;      // CandleFingerprint of its candles
  std::string chain_hash;        // SHA-256 over the chain_hash before it and content_hash; the store sets it
  Time at;
};

class CandleStore {
 public:
  using Sink = std::function<Status(std::span<const Candle>)>;

  /// Opens read-only; errors: not_found when nothing was ever stored, corrupt, unsupported (newer schema).
  static Result<CandleStore> open_for_reading(const std::filesystem::path& path);

  /// Takes the lock `<path>.lock`, opens for writing, creates and migrates as needed; `now` is recorded.
  /// Errors: busy (names the holder), full, corrupt, unsupported, io.
  static Result<CandleStore> open_for_writing(const std::filesystem::path& path, Time now);

  CandleStore(CandleStore&&) noexcept;
  CandleStore& operator=(CandleStore&&) noexcept;
  ~CandleStore();

  /// Returns all series that hold candles or sources, by pair, timeframe and venue.
  Result<std::vector<SeriesInfo>> list();

  /// Returns one series; nothing when it is not there.
  Result<std::optional<SeriesInfo>> find(const SeriesKey& key);

  /// Returns what was imported or fetched into a series, oldest first.
  Result<std::vector<SourceInfo>> sources(const SeriesKey& key);

  /// Returns the ranges its sources spoke for, merged and in order.
  Result<std::vector<TimeRange>> covered(const SeriesKey& key);

  /// Streams the candles that open inside `range` in time order, a block at a time, from one snapshot.
  /// Errors: not_found (no such series), corrupt, io, the sink's own.
  Status read(const SeriesKey& key, const TimeRange& range, const Sink& sink);

  /// Removes the candles that open inside `range`; a series left empty is forgotten with its sources.
  /// Returns how many there were. Errors: not_found, full, io. Needs a store opened for writing.
  Result<std::int64_t> remove(const SeriesKey& key, const TimeRange& range);

 private:
  friend class CandleImport;
  struct State;

  explicit CandleStore(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

struct ImportCounts {
  std::int64_t inserted{0};
  std::int64_t replaced{0};   // another candle stood at that time
  std::int64_t unchanged{0};  // the same candle stood there
};

/// Candles on their way in: all of them are stored by commit(), or none.
class CandleImport {
 public:
  /// Begins the transaction; the store is borrowed and must outlive the import. Errors: as Database.
  static Result<CandleImport> begin(CandleStore& store, const SeriesKey& key);

  CandleImport(CandleImport&&) noexcept;
  CandleImport& operator=(CandleImport&&) = delete;
  ~CandleImport();

  /// Adds closed candles of the series in increasing time order, across calls too.
  /// Errors: invalid (order, interval, an unsound or open candle), full, io.
  Status add(std::span<const Candle> candles);

  /// Writes the rest and the source, and makes it all durable. Call once, last.
  Result<ImportCounts> commit(const SourceInfo& source);

 private:
  struct State;

  explicit CandleImport(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace aitrade
