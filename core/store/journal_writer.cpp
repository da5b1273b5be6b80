#include "core/store/journal_writer.h"

#include "core/store/ledger.h"
#include "core/store/schema.h"

#include <utility>

namespace aitrade {
namespace {

constexpr std::uint64_t mark_candles_max =
    60;                              // candles without a row before watermarks are stored
constexpr seconds lazy_interval{5};  // the same by time, and for the recording
constexpr std::uint64_t wal_passive_bytes = 4ULL * 1024 * 1024;
constexpr std::uint64_t wal_truncate_bytes = 64ULL * 1024 * 1024;

Status store_run(Database& ledger, const RecordingHeader& header) {
  AITRADE_TRY(Statement insert,
              ledger.prepare("INSERT INTO runs(run_id, started_ns, build, config_hash) "
                             "VALUES(?,?,?,?)"));
  return insert.bind_all(header.run_id, header.started, header.build, header.config_hash).run();
}

}  // namespace

JournalSink::JournalSink(Database ledger, const StoreNames& names, const JournalOptions& options)
    : ledger_(std::move(ledger)),
      names_(names),
      run_id_(options.header.run_id),
      reserve_(options.reserve_file),
      has_reserve_(!options.reserve_file.empty()),
      last_mark_(std::chrono::steady_clock::now()),
      last_flush_(last_mark_),
      last_at_(options.header.started) {}

Result<std::unique_ptr<JournalSink>> JournalSink::open(Database ledger, const StoreNames& names,
                                                       const JournalOptions& options) {
  if (names.desks.empty() || options.header.run_id.empty()) {
    return fail(ErrorCode::invalid, "a journal needs a desk and a run");
  }
  AITRADE_TRY(LedgerIdentity identity, ledger_identity(ledger));
  std::unique_ptr<JournalSink> sink(new JournalSink(std::move(ledger), names, options));
  // A disk without room for the reserve is too full to begin on.
  if (sink->has_reserve_) AITRADE_TRY_STATUS(sink->reserve_.allocate());
  AITRADE_TRY(sink->recording_,
              RecordingWriter::create(options.runs_directory / options.header.run_id,
                                      options.header, options.recording));
  AITRADE_TRY_STATUS(store_run(sink->ledger_, options.header));
  AITRADE_TRY(sink->projections_,
              Projections::create(sink->ledger_, names, std::move(identity.key), sink->run_id_));
  std::optional<Database> telemetry;
  if (!options.telemetry_db.empty()) {
    auto opened = open_writer(options.telemetry_db, Profile::telemetry, options.header.started);
    if (opened) telemetry = *std::move(opened);  // else dropped and counted: it may be lost
  }
  sink->telemetry_ = std::make_unique<Telemetry>(std::move(telemetry), names);
  return sink;
}

Status JournalSink::store(std::span<JournalTurn> turns, SteadyTime now) {
  Status stored = store_once(turns, now);
  if (!stored && stored.error().code == ErrorCode::full && has_reserve_ && reserve_.release()) {
    reserve_used_ = true;
    stored = store_once(turns, now);
  }
  if (!stored) return stored;
  for (const JournalTurn& turn : turns) {
    for (const JournalItem& item : turn.items)
      telemetry_->take(item.event, item.actions);
  }
  return stored;
}

Status JournalSink::store_once(std::span<JournalTurn> turns, SteadyTime now) {
  AITRADE_TRY_STATUS(record(turns));
  bool is_worthy = false;
  for (const JournalTurn& turn : turns)
    is_worthy = is_worthy || turn.is_worthy;
  const bool is_due = candles_since_mark_ >= mark_candles_max;
  if (!is_worthy && !is_due) return ok();
  AITRADE_TRY_STATUS(project(turns, is_worthy));
  candles_since_mark_ = 0;
  last_mark_ = now;
  return ok();
}

/// The recording is written before the ledger commits, and made durable first when the turn is.
Status JournalSink::record(std::span<JournalTurn> turns) {
  bool is_worthy = false;
  bool is_durable = false;
  for (JournalTurn& turn : turns) {
    is_worthy = is_worthy || turn.is_worthy;
    is_durable = is_durable || turn.is_durable;
    if (turn.is_recorded) continue;
    turn.is_recorded = true;
    for (const JournalItem& item : turn.items)
      recording_->append(item.event, item.actions);
    note_candles(turn);
  }
  if (is_durable || is_worthy) return recording_->flush(is_durable);
  return recording_->write_if_large();
}

void JournalSink::note_candles(const JournalTurn& turn) {
  for (const JournalItem& item : turn.items) {
    last_at_ = item.event.at;
    last_seq_ = number(item.event.seq);
    const auto* closed = std::get_if<CandleClosed>(&item.event.body);
    if (closed == nullptr) continue;
    ++candles_since_mark_;
    Mark& mark = marks_[closed->instrument];
    if (closed->candle.close_time() <= mark.close) continue;
    mark = {closed->candle.interval, closed->candle.close_time(), true};
  }
}

Status JournalSink::project(std::span<const JournalTurn> turns, bool is_worthy) {
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger_));
  if (is_worthy) {
    for (const JournalTurn& turn : turns) {
      if (!turn.is_worthy) continue;
      for (const JournalItem& item : turn.items) {
        AITRADE_TRY_STATUS(projections_->apply(item.event, item.actions));
      }
    }
  }
  AITRADE_TRY_STATUS(put_watermarks());
  AITRADE_TRY_STATUS(transaction.commit());
  for (auto& [instrument, mark] : marks_)
    mark.is_dirty = false;
  return ok();
}

Status JournalSink::put_watermarks() {
  for (const auto& [instrument, mark] : marks_) {
    if (!mark.is_dirty) continue;
    AITRADE_TRY_STATUS(projections_->put_watermark(instrument, mark.interval, mark.close));
  }
  return ok();
}

Status JournalSink::upkeep(SteadyTime now) {
  telemetry_->write_if_due(now);
  if (now - last_flush_ >= lazy_interval) {
    last_flush_ = now;
    AITRADE_TRY_STATUS(recording_->flush(false));
  }
  if (candles_since_mark_ > 0 && now - last_mark_ >= lazy_interval) {
    AITRADE_TRY_STATUS(project({}, false));
    candles_since_mark_ = 0;
    last_mark_ = now;
  }
  const std::uint64_t wal = ledger_.wal_bytes();
  if (wal > wal_truncate_bytes) return ledger_.checkpoint(true);
  if (wal > wal_passive_bytes) return ledger_.checkpoint(false);
  return ok();
}

Status JournalSink::close() {
  telemetry_->close();
  AITRADE_TRY_STATUS(recording_->flush(true));
  {
    AITRADE_TRY(Transaction transaction, Transaction::begin(ledger_));
    AITRADE_TRY_STATUS(put_watermarks());
    AITRADE_TRY(Statement update,
                ledger_.prepare("UPDATE runs SET ended_ns=?, last_seq=? WHERE run_id=?"));
    AITRADE_TRY_STATUS(update.bind_all(last_at_, last_seq_, run_id_).run());
    AITRADE_TRY_STATUS(transaction.commit());
  }
  return ledger_.checkpoint(true);
}

void JournalSink::fill(JournalHealth& health) const {
  health.reserve_used = reserve_used_;
  health.recording_bytes = recording_->bytes_written();
  health.telemetry_dropped = telemetry_->dropped();
  health.duplicate_fills = projections_->duplicate_fills();
}

}  // namespace aitrade
