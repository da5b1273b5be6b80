#include "core/store/telemetry.h"

#include "core/store/json_text.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

constexpr seconds equity_interval{60};  // one snapshot a minute of event time
constexpr int prune_slice = 1000;       // rows a transaction

const char* severity_of(Notify::Level level) {
  switch (level) {
    case Notify::Level::info:
      return "info";
    case Notify::Level::warning:
      return "warning";
    case Notify::Level::critical:
      return "critical";
  }
  return "info";
}

std::string message_of(const Decision& decision, const StoreNames& names) {
  std::string text =
      names.pair(decision.instrument) + " " + std::string(to_string(decision.opinion.direction));
  text += decision.entered ? ": entered" : ": " + std::string(to_string(decision.reason));
  return text;
}

}  // namespace

void Telemetry::add(Thought thought) {
  if (thoughts_.size() >= telemetry_queue_max) {
    thoughts_.pop_front();
    ++dropped_;
  }
  thoughts_.push_back(std::move(thought));
}

void Telemetry::take(const Event& event, const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (const auto* decision = std::get_if<Decision>(&action)) {
      const DeskNames& desk = names_.desk(decision->desk);
      add({desk.tenant.name, desk.account, event.at, "decision", message_of(*decision, names_),
           decision->entered ? "info" : "debug", decision_json(*decision, names_)});
    } else if (const auto* incident = std::get_if<Incident>(&action)) {
      const DeskNames& desk = names_.desks.front();
      add({desk.tenant.name, desk.account, event.at, "incident", incident->what, "warning", "{}"});
    } else if (const auto* notice = std::get_if<Notify>(&action)) {
      const DeskNames& desk = names_.desks.front();
      add({desk.tenant.name, desk.account, event.at, "notice", notice->text,
           severity_of(notice->level), "{}"});
    } else if (const auto* changed = std::get_if<AccountChanged>(&action)) {
      take_equity(event, *changed);
    }
  }
}

void Telemetry::take_equity(const Event& event, const AccountChanged& changed) {
  const auto [last, is_first] = last_equity_.try_emplace(changed.desk, event.when);
  if (!is_first) {
    if (event.when - last->second < equity_interval) return;
    last->second = event.when;
  }
  if (equity_.size() >= telemetry_queue_max) {
    ++dropped_;
    return;
  }
  const DeskNames& desk = names_.desk(changed.desk);
  equity_.push_back({desk.tenant.name, desk.account, desk.exchange, event.when, changed.equity,
                     changed.cash, changed.peak_equity});
}

void Telemetry::write_if_due(std::chrono::steady_clock::time_point now) {
  const std::size_t waiting = thoughts_.size() + equity_.size();
  if (waiting == 0 || (waiting < telemetry_batch && now - last_write_ < telemetry_interval)) return;
  last_write_ = now;
  static_cast<void>(write_batch().has_value());  // counted inside
}

void Telemetry::close() {
  while (!thoughts_.empty() || !equity_.empty()) {
    if (!write_batch()) break;
  }
  if (database_) static_cast<void>(database_->checkpoint(true).has_value());
}

Status Telemetry::write_batch() {
  const std::size_t count = std::min(thoughts_.size(), telemetry_batch);
  Status written = fail(ErrorCode::io, "there is no telemetry database");
  if (database_) {
    auto transaction = Transaction::begin(*database_);
    written = transaction ? write_thoughts(count) : Status(transaction.error());
    if (written) written = write_equity();
    if (written) written = transaction->commit();
  }
  if (!written) dropped_ += count + equity_.size();
  thoughts_.erase(thoughts_.begin(), thoughts_.begin() + static_cast<std::ptrdiff_t>(count));
  equity_.clear();
  constexpr std::uint64_t wal_bytes_max = 4ULL * 1024 * 1024;
  if (written && database_->wal_bytes() > wal_bytes_max) return database_->checkpoint(false);
  return written;
}

Status Telemetry::write_thoughts(std::size_t count) {
  AITRADE_TRY(Statement insert,
              database_->prepare("INSERT INTO thought_log(tenant_id, account_id, ts_ns, category, "
                                 "message, severity, metadata) VALUES(?,?,?,?,?,?,?)"));
  for (std::size_t i = 0; i < count; ++i) {
    const Thought& t = thoughts_[i];
    AITRADE_TRY_STATUS(
        insert.bind_all(t.tenant, t.account, t.at, t.category, t.message, t.severity, t.metadata)
            .run());
  }
  return ok();
}

Status Telemetry::write_equity() {
  AITRADE_TRY(Statement insert,
              database_->prepare("INSERT OR IGNORE INTO equity_snapshots(tenant_id, account_id, "
                                 "exchange, ts_ns, equity, cash, peak, drawdown) "
                                 "VALUES(?,?,?,?,?,?,?,?)"));
  for (const Equity& e : equity_) {
    const double drawdown =
        e.peak.is_positive() ? to_double(e.peak - e.equity) / to_double(e.peak) : 0;
    AITRADE_TRY_STATUS(
        insert.bind_all(e.tenant, e.account, e.exchange, e.at, e.equity, e.cash, e.peak, drawdown)
            .run());
  }
  return ok();
}

Status Telemetry::prune(Database& database, Time cutoff, Time cutoff_severe) {
  const std::string slice = " LIMIT " + std::to_string(prune_slice) + ")";  // tidy: number
  const std::string thoughts =
      // every tenant: retention is of the file
      "DELETE FROM thought_log WHERE id IN (SELECT id FROM thought_log WHERE ts_ns < ?1 AND "
      "(severity IN ('debug','info') OR ts_ns < ?2)" +
      slice;
  const std::string metrics =
      // every tenant: retention is of the file
      "DELETE FROM metrics WHERE id IN (SELECT id FROM metrics WHERE ts_ns < ?1 AND ?2 = ?2" +  // tidy: LIMIT
      slice;
  for (const std::string& sql : {thoughts, metrics}) {
    AITRADE_TRY(Statement statement, database.prepare(sql));
    do {
      AITRADE_TRY_STATUS(statement.bind_all(cutoff, cutoff_severe).run());
    } while (database.changes() == prune_slice);
  }
  return ok();
}

}  // namespace aitrade
