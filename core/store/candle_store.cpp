#include "core/store/candle_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/store/candle_block.h"
#include "core/store/digest.h"
#include "core/store/instance_lock.h"
#include "core/store/schema.h"

namespace aitrade {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

/// The blocks of a series that may hold candles opening in [?2, ?3].
constexpr const char* blocks_in_range =
    "SELECT id, count, data FROM candle_blocks WHERE series=?1 AND last_ns>=?2 AND first_ns<=?3 AND first_ns>="
    "ifnull((SELECT max(first_ns) FROM candle_blocks WHERE series=?1 AND first_ns<=?2), ?2) ORDER BY first_ns";

std::string_view blob_text(const Statement& row, int column) {
  const std::span<const std::byte> bytes = row.blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Error no_series(const SeriesKey& key) {
  return fail(ErrorCode::not_found, "no candles of " + to_string(key) + " are stored");
}

Result<std::optional<std::int64_t>> series_id(Database& database, const SeriesKey& key) {
  AITRADE_TRY(Statement select, database.prepare("SELECT id FROM series WHERE venue=? AND pair=? AND tf_seconds=?"));
  select.bind_all(key.venue, to_string(key.symbol), key.interval.count() / ns_per_second);
  AITRADE_TRY(const bool found, select.step());
  if (!found) return std::optional<std::int64_t>{};
  return std::optional<std::int64_t>{select.integer(0)};
}

Status insert_blocks(Database& database, std::int64_t series, std::span<const Candle> candles) {
  AITRADE_TRY(Statement insert, database.prepare("INSERT INTO candle_blocks(series, first_ns, last_ns, count, data) "
                                                 "VALUES(?,?,?,?,?)"));
  for (std::size_t i = 0; i < candles.size(); i += candles_per_block) {
    const auto part = candles.subspan(i, std::min(candles_per_block, candles.size() - i));
    const std::string bytes = pack_candles(part);
    insert.bind_all(series, part.front().open_time, part.back().open_time, part.size());
    insert.bind_blob(5, std::as_bytes(std::span(bytes)));
    AITRADE_TRY_STATUS(insert.run());
  }
  return ok();
}

Status delete_block(Database& database, std::int64_t id) {
  AITRADE_TRY(Statement remove, database.prepare("DELETE FROM candle_blocks WHERE id=?"));
  return remove.bind_all(id).run();
}

}  // namespace

std::string to_string(const SeriesKey& key) {
  return to_string(key.symbol) + " " + timeframe_text(key.interval) + " (" + key.venue + ")";
}

struct CandleStore::State {
  State(std::optional<InstanceLock> held, Database opened) : lock(std::move(held)), database(std::move(opened)) {}

  std::optional<InstanceLock> lock;  // released after the connection is closed
  Database database;
};

CandleStore::CandleStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
CandleStore::CandleStore(CandleStore&&) noexcept = default;
CandleStore& CandleStore::operator=(CandleStore&&) noexcept = default;
CandleStore::~CandleStore() = default;

Result<CandleStore> CandleStore::open_for_reading(const std::filesystem::path& path) {
  OpenOptions options;
  options.read_limit = milliseconds(0);  // a reader may be as slow as the pipe it feeds
  AITRADE_TRY(Database database, open_reader(path, Profile::market, options));
  return CandleStore(std::make_unique<State>(std::nullopt, std::move(database)));
}

Result<CandleStore> CandleStore::open_for_writing(const std::filesystem::path& path, Time now) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(ErrorCode::full, path.parent_path().string() + ": " + error.message());
  AITRADE_TRY(InstanceLock lock, InstanceLock::take(path.string() + ".lock", now));
  AITRADE_TRY(Database database, open_writer(path, Profile::market, now));
  return CandleStore(std::make_unique<State>(std::move(lock), std::move(database)));
}

Result<std::vector<SeriesInfo>> CandleStore::list() {
  AITRADE_TRY(Statement select, state_->database.prepare(
                                    "SELECT venue, pair, tf_seconds, ifnull(sum(count),0), ifnull(sum(length(data)),0), "
                                    "ifnull(min(first_ns),0), ifnull(max(last_ns),0) FROM series s "
                                    "LEFT JOIN candle_blocks b ON b.series=s.id GROUP BY s.id ORDER BY pair, tf_seconds, venue"));
  std::vector<SeriesInfo> infos;
  for (;;) {
    AITRADE_TRY(const bool more, select.step());
    if (!more) return infos;
    AITRADE_TRY(Symbol symbol, Symbol::parse(select.text(1)));
    SeriesInfo info;
    info.key = {std::string(select.text(0)), std::move(symbol), seconds(select.integer(2))};
    info.rows = select.integer(3);
    info.bytes = select.integer(4);
    info.first = select.time(5);
    info.last = select.time(6);
    infos.push_back(std::move(info));
  }
}

Result<std::optional<SeriesInfo>> CandleStore::find(const SeriesKey& key) {
  AITRADE_TRY(const std::vector<SeriesInfo> infos, list());
  for (const SeriesInfo& info : infos) {
    if (info.key == key) return std::optional<SeriesInfo>{info};
  }
  return std::optional<SeriesInfo>{};
}

Result<std::vector<SourceInfo>> CandleStore::sources(const SeriesKey& key) {
  AITRADE_TRY(const auto id, series_id(state_->database, key));
  std::vector<SourceInfo> list;
  if (!id) return list;
  AITRADE_TRY(Statement select, state_->database.prepare("SELECT name, from_ns, to_ns, rows, duplicates, rejected, "
                                                         "content_hash, chain_hash, at_ns FROM sources WHERE series=? ORDER BY id"));
  select.bind_all(*id);
  for (;;) {
    AITRADE_TRY(const bool more, select.step());
    if (!more) return list;
    SourceInfo source;
    source.name = select.text(0);
    source.covered = {select.time(1), select.time(2)};
    source.rows = select.integer(3);
    source.duplicates = select.integer(4);
    source.rejected = select.integer(5);
    source.content_hash = select.text(6);
    source.chain_hash = select.text(7);
    source.at = select.time(8);
    list.push_back(std::move(source));
  }
}

Result<std::vector<TimeRange>> CandleStore::covered(const SeriesKey& key) {
  AITRADE_TRY(std::vector<SourceInfo> list, sources(key));
  std::sort(list.begin(), list.end(), [](const SourceInfo& a, const SourceInfo& b) { return a.covered.from < b.covered.from; });
  std::vector<TimeRange> merged;
  for (const SourceInfo& source : list) {
    if (!merged.empty() && source.covered.from <= merged.back().to) {
      merged.back().to = std::max(merged.back().to, source.covered.to);
    } else {
      merged.push_back(source.covered);
    }
  }
  return merged;
}

Status CandleStore::read(const SeriesKey& key, const TimeRange& range, const Sink& sink) {
  AITRADE_TRY(const auto id, series_id(state_->database, key));
  if (!id) return no_series(key);
  AITRADE_TRY(Statement select, state_->database.prepare(blocks_in_range));
  select.bind_all(*id, range.from, Time{range.to.ns == INT64_MIN ? INT64_MIN : range.to.ns - 1});
  std::vector<Candle> candles;
  for (;;) {
    AITRADE_TRY(const bool more, select.step());
    if (!more) return ok();
    if (auto status = unpack_candles(blob_text(select, 2), key.interval, candles); !status) {
      return std::move(status).error().within(to_string(key));
    }
    const auto before = [](const Candle& c, Time t) { return c.open_time < t; };
    const auto first = std::lower_bound(candles.begin(), candles.end(), range.from, before);
    const auto last = std::lower_bound(first, candles.end(), range.to, before);
    if (first != last) AITRADE_TRY_STATUS(sink(std::span<const Candle>(first, last)));
  }
}

Result<std::int64_t> CandleStore::remove(const SeriesKey& key, const TimeRange& range) {
  Database& database = state_->database;
  AITRADE_TRY(Transaction transaction, Transaction::begin(database));
  AITRADE_TRY(const auto id, series_id(database, key));
  if (!id) return no_series(key);
  std::vector<std::int64_t> touched;
  std::vector<Candle> kept;
  std::int64_t removed = 0;
  {
    AITRADE_TRY(Statement select, database.prepare(blocks_in_range));
    select.bind_all(*id, range.from, range.to);
    std::vector<Candle> candles;
    for (;;) {
      AITRADE_TRY(const bool more, select.step());
      if (!more) break;
      AITRADE_TRY_STATUS(unpack_candles(blob_text(select, 2), key.interval, candles));
      touched.push_back(select.integer(0));
      for (const Candle& c : candles) {
        const bool inside = c.open_time >= range.from && c.open_time < range.to;
        if (!inside) kept.push_back(c);  // at most the ends of the first and the last block
        removed += inside ? 1 : 0;
      }
    }
  }
  for (const std::int64_t block : touched) AITRADE_TRY_STATUS(delete_block(database, block));
  AITRADE_TRY_STATUS(insert_blocks(database, *id, kept));
  AITRADE_TRY(Statement forget, database.prepare("DELETE FROM series WHERE id=?1 AND NOT EXISTS "
                                                 "(SELECT 1 FROM candle_blocks WHERE series=?1)"));
  AITRADE_TRY_STATUS(forget.bind_all(*id).run());
  AITRADE_TRY_STATUS(transaction.commit());
  return removed;
}

// ---- import -------------------------------------------------------------------------------------

struct CandleImport::State {
  State(Database& opened, Transaction begun, SeriesKey series_key, std::int64_t id)
      : database(opened), transaction(std::move(begun)), key(std::move(series_key)), series(id) {}

  Status check(const Candle& candle) const;
  Status put(std::span<const Candle> chunk);
  Result<std::vector<std::int64_t>> load_overlap(std::span<const Candle> chunk);
  void merge(std::span<const Candle> chunk);

  Database& database;
  Transaction transaction;
  SeriesKey key;
  std::int64_t series;
  std::vector<Candle> buffer;   // not yet written, fewer than a block after each add
  std::vector<Candle> present;  // stored candles around a chunk
  std::vector<Candle> merged;
  std::optional<Time> newest;
  ImportCounts counts;
};

CandleImport::CandleImport(std::unique_ptr<State> state) : state_(std::move(state)) {}
CandleImport::CandleImport(CandleImport&&) noexcept = default;
CandleImport::~CandleImport() = default;

Result<CandleImport> CandleImport::begin(CandleStore& store, const SeriesKey& key) {
  if (key.interval.count() <= 0 || key.interval.count() % ns_per_second != 0) {
    return fail(ErrorCode::invalid, "a stored timeframe is whole seconds");
  }
  Database& database = store.state_->database;
  AITRADE_TRY(Transaction transaction, Transaction::begin(database));
  AITRADE_TRY(auto id, series_id(database, key));
  if (!id) {
    AITRADE_TRY(Statement insert, database.prepare("INSERT INTO series(venue, pair, tf_seconds) VALUES(?,?,?)"));
    AITRADE_TRY_STATUS(insert.bind_all(key.venue, to_string(key.symbol), key.interval.count() / ns_per_second).run());
    id = database.last_insert_id();
  }
  return CandleImport(std::make_unique<State>(database, std::move(transaction), key, *id));
}

Status CandleImport::State::check(const Candle& candle) const {
  const char* fault = candle.interval != key.interval              ? "has another timeframe"
                      : !candle.closed                             ? "is not closed"
                      : newest && candle.open_time <= *newest      ? "is out of order"
                                                                   : fault_of(candle);
  if (fault == nullptr) return ok();
  return fail(ErrorCode::invalid, to_string(key) + ": the candle of " + to_string_seconds(candle.open_time) + ": " + fault);
}

Status CandleImport::add(std::span<const Candle> candles) {
  State& state = *state_;
  for (const Candle& candle : candles) {
    AITRADE_TRY_STATUS(state.check(candle));
    state.newest = candle.open_time;
    state.buffer.push_back(candle);
    if (state.buffer.size() == candles_per_block) {
      AITRADE_TRY_STATUS(state.put(state.buffer));
      state.buffer.clear();
    }
  }
  return ok();
}

/// Loads the stored blocks that share the chunk's range, or the small block before it, into `present`.
Result<std::vector<std::int64_t>> CandleImport::State::load_overlap(std::span<const Candle> chunk) {
  present.clear();
  std::vector<std::int64_t> blocks;
  std::vector<Candle> candles;
  const auto take = [&](const Statement& row) -> Status {
    if (auto status = unpack_candles(blob_text(row, 2), key.interval, candles); !status) {
      return std::move(status).error().within(to_string(key));
    }
    blocks.push_back(row.integer(0));
    present.insert(present.end(), candles.begin(), candles.end());
    return ok();
  };
  AITRADE_TRY(Statement select, database.prepare(blocks_in_range));
  select.bind_all(series, chunk.front().open_time, chunk.back().open_time);
  for (;;) {
    AITRADE_TRY(const bool more, select.step());
    if (!more) break;
    AITRADE_TRY_STATUS(take(select));
  }
  if (!blocks.empty() || chunk.size() == candles_per_block) return blocks;
  AITRADE_TRY(Statement before, database.prepare("SELECT id, count, data FROM candle_blocks WHERE series=? AND first_ns<? "
                                                 "ORDER BY first_ns DESC LIMIT 1"));
  before.bind_all(series, chunk.front().open_time);
  AITRADE_TRY(const bool found, before.step());
  if (found && static_cast<std::size_t>(before.integer(1)) + chunk.size() <= candles_per_block) {
    AITRADE_TRY_STATUS(take(before));
  }
  return blocks;
}

/// Merges `present` and the chunk by time into `merged`; the chunk wins.
void CandleImport::State::merge(std::span<const Candle> chunk) {
  merged.clear();
  auto old = present.begin();
  for (const Candle& candle : chunk) {
    while (old != present.end() && old->open_time < candle.open_time) merged.push_back(*old++);
    if (old != present.end() && old->open_time == candle.open_time) {
      ++(*old == candle ? counts.unchanged : counts.replaced);
      ++old;
    } else {
      ++counts.inserted;
    }
    merged.push_back(candle);
  }
  merged.insert(merged.end(), old, present.end());
}

Status CandleImport::State::put(std::span<const Candle> chunk) {
  AITRADE_TRY(const std::vector<std::int64_t> blocks, load_overlap(chunk));
  if (blocks.empty()) {
    counts.inserted += static_cast<std::int64_t>(chunk.size());
    return insert_blocks(database, series, chunk);
  }
  merge(chunk);
  if (merged == present) return ok();  // nothing new: nothing is written
  for (const std::int64_t block : blocks) AITRADE_TRY_STATUS(delete_block(database, block));
  return insert_blocks(database, series, merged);
}

Result<ImportCounts> CandleImport::commit(const SourceInfo& source) {
  State& state = *state_;
  if (!state.buffer.empty()) {
    AITRADE_TRY_STATUS(state.put(state.buffer));
    state.buffer.clear();
  }
  std::string chain;
  {
    AITRADE_TRY(Statement last, state.database.prepare("SELECT chain_hash FROM sources WHERE series=? ORDER BY id DESC LIMIT 1"));
    last.bind_all(state.series);
    AITRADE_TRY(const bool found, last.step());
    if (found) chain = last.text(0);
  }
  chain = to_hex(view(sha256(chain + source.content_hash)));
  AITRADE_TRY(Statement insert,
              state.database.prepare("INSERT INTO sources(series, name, from_ns, to_ns, rows, duplicates, rejected, "
                                     "content_hash, chain_hash, at_ns) VALUES(?,?,?,?,?,?,?,?,?,?)"));
  insert.bind_all(state.series, source.name, source.covered.from, source.covered.to, source.rows, source.duplicates,
                  source.rejected, source.content_hash, chain, source.at);
  AITRADE_TRY_STATUS(insert.run());
  AITRADE_TRY_STATUS(state.transaction.commit());
  return state.counts;
}

}  // namespace aitrade
