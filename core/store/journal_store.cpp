#include "core/store/journal_store.h"

#include "core/store/journal_writer.h"
#include "core/store/nonces.h"
#include "core/threads/priority.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace aitrade {
namespace {

constexpr std::size_t queue_turns_max = 4096;  // turns waiting for the writer (reliability.md 6.3)
constexpr std::size_t batch_turns_max = 64;    // turns that share one COMMIT
constexpr std::size_t pending_items_max = 65'536;  // events of the turn being built
constexpr seconds idle_interval{1};                // longest sleep of the writer
constexpr seconds retry_interval{5};               // between attempts while nothing can be written

bool is_transient(ErrorCode code) {
  return code == ErrorCode::full || code == ErrorCode::busy || code == ErrorCode::io ||
         code == ErrorCode::timeout;
}

}  // namespace

/// The queue between the engine thread and the writer thread, and the writer's loop.
class JournalStore::Writer {
 public:
  Writer(StoreNames names, milliseconds wait_limit)
      : names_(std::move(names)), wait_limit_(wait_limit) {}

  ~Writer() { static_cast<void>(close().has_value()); }

  Status open(Database ledger, const JournalOptions& options) {
    AITRADE_TRY(sink_, JournalSink::open(std::move(ledger), names_, options));
    thread_ = std::thread([this] {
      wake_promptly();   // an order waits for it
      run();
    });
    return ok();
  }

  Status append(const Event& event, const ActionList& actions) {
    if (pending_.items.size() >= pending_items_max) {
      return fail(ErrorCode::full, "journal: too many events wait to be stored");
    }
    std::vector<Action> kept(actions.begin(), actions.end());
    pending_.is_worthy = pending_.is_worthy || is_ledger_worthy(event, kept);
    pending_.items.push_back({event, std::move(kept)});
    return ok();
  }

  Status commit(bool durable) {
    std::unique_lock lock(mutex_);
    if (fatal_) return *fatal_;
    if (stop_) return fail(ErrorCode::invalid, "journal: closed");
    if (pending_.items.empty()) return failure_ ? Status(*failure_) : ok();
    if (!room_.wait_for(lock, wait_limit_, [&] { return queue_.size() < queue_turns_max; })) {
      return failure_ ? *failure_ : fail(ErrorCode::busy, "journal: the queue stayed full");
    }
    const std::uint64_t mine = ++submitted_;
    pending_.number = mine;
    pending_.is_durable = durable;
    queue_.push_back(std::exchange(pending_, {}));
    work_.notify_one();
    if (!durable) return failure_ ? Status(*failure_) : ok();
    done_.wait(lock, [&] { return completed_ >= mine || failed_ >= mine || fatal_; });
    if (completed_ >= mine) return ok();
    return fatal_ ? *fatal_ : *failure_;
  }

  Status close() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock(mutex_);
    if (fatal_) return *fatal_;
    return failure_ ? Status(*failure_) : ok();
  }

  /// Runs `use` on the writing connection, between two batches, and waits for it.
  Status with_ledger(const std::function<Status(Database&)>& use) {
    std::promise<Status> done;
    auto result = done.get_future();
    {
      const std::lock_guard lock(mutex_);
      if (fatal_) return *fatal_;
      if (stop_) return fail(ErrorCode::busy, "journal: closed");
      errands_.push_back([&](Database& ledger) { done.set_value(use(ledger)); });
    }
    work_.notify_one();
    return result.get();
  }

  JournalHealth health() {
    const std::lock_guard lock(mutex_);
    JournalHealth result = health_;
    result.waiting = submitted_ - completed_;
    result.turns = completed_;
    result.is_ok = !failure_ && !fatal_;
    if (failure_) result.problem = failure_->what;
    if (fatal_) result.problem = fatal_->what;
    return result;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_.wait_for(lock, idle_interval, [&] { return stop_ || !queue_.empty() || !errands_.empty(); });
      const bool is_last = stop_;
      auto errands = std::exchange(errands_, {});
      lock.unlock();
      for (const auto& errand : errands) errand(sink_->ledger());
      const bool is_going = step(is_last);
      lock.lock();
      if (!is_going || (is_last && (queue_.empty() || failure_))) break;
    }
    const auto refused = std::exchange(errands_, {});
    lock.unlock();
    for (const auto& errand : refused) errand(sink_->ledger());
    finish();
  }

  /// Stores what waits; false when nothing more will ever be stored.
  bool step(bool is_last) {
    const auto now = std::chrono::steady_clock::now();
    if (!take_batch(now, is_last)) return keep_up(now);
    const Status stored = sink_->store(in_hand_, now);
    return settle(stored, now);
  }

  /// Moves waiting turns into the batch. A batch that failed stays in hand and grows by new turns.
  bool take_batch(std::chrono::steady_clock::time_point now, bool is_last) {
    const std::lock_guard lock(mutex_);
    const bool is_retry_due = is_last || now - last_attempt_ >= retry_interval;
    if (queue_.empty() && (in_hand_.empty() || !is_retry_due)) return false;
    const std::size_t limit = failure_ ? queue_turns_max : batch_turns_max;
    while (!queue_.empty() && in_hand_.size() < limit) {
      in_hand_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    room_.notify_all();
    last_attempt_ = now;
    return !in_hand_.empty();
  }

  bool settle(const Status& stored, std::chrono::steady_clock::time_point now) {
    if (stored) {
      {
        const std::lock_guard lock(mutex_);
        completed_ = in_hand_.back().number;
        failure_.reset();
        in_hand_.clear();
        sink_->fill(health_);
      }
      done_.notify_all();
      room_.notify_all();
      return keep_up(now);
    }
    bool is_going = true;
    {
      const std::lock_guard lock(mutex_);
      failed_ = in_hand_.back().number;
      if (is_transient(stored.error().code)) {
        failure_ = stored.error();
      } else {
        fatal_ = stored.error();
        is_going = false;
      }
      sink_->fill(health_);
    }
    done_.notify_all();
    return is_going;
  }

  bool keep_up(std::chrono::steady_clock::time_point now) {
    const Status kept = sink_->upkeep(now);
    if (kept) return true;
    const std::lock_guard lock(mutex_);
    if (is_transient(kept.error().code)) {
      failure_ = kept.error();
      return true;
    }
    fatal_ = kept.error();
    return false;
  }

  void finish() {
    const bool can_close = [&] {
      const std::lock_guard lock(mutex_);
      return !fatal_ && in_hand_.empty() && queue_.empty();
    }();
    Status closed = can_close ? sink_->close() : ok();
    {
      const std::lock_guard lock(mutex_);
      if (!closed) failure_ = closed.error();
      if (!fatal_ && !can_close && !failure_) {
        failure_ = fail(ErrorCode::full, "journal: turns were left unstored");
      }
      sink_->fill(health_);
      failed_ = submitted_;
    }
    done_.notify_all();
    sink_.reset();
  }

  StoreNames names_;
  milliseconds wait_limit_;
  std::unique_ptr<JournalSink> sink_;  // writer thread
  std::vector<JournalTurn> in_hand_;   // writer thread: the batch, kept while it fails
  std::chrono::steady_clock::time_point last_attempt_{};

  JournalTurn pending_;  // engine thread: the turn being built

  std::mutex mutex_;  // guards everything below
  std::condition_variable work_, done_, room_;
  std::deque<JournalTurn> queue_;
  std::uint64_t submitted_{0}, completed_{0}, failed_{0};
  std::optional<Error> failure_;  // of the newest attempt; cleared by a success
  std::optional<Error> fatal_;    // nothing more is stored
  JournalHealth health_;
  bool stop_{false};
  std::vector<std::function<void(Database&)>> errands_;
  std::thread thread_;
};

class JournalStore::Nonces final : public NonceStore {
 public:
  explicit Nonces(Writer& writer) : writer_(writer) {}

  Result<std::uint64_t> high_water(std::string_view key_id) override {
    std::uint64_t mark = 0;
    AITRADE_TRY_STATUS(writer_.with_ledger([&](Database& ledger) -> Status {
      AITRADE_TRY(mark, LedgerNonces(ledger).high_water(key_id));
      return ok();
    }));
    return mark;
  }

  Status raise(std::string_view key_id, std::uint64_t mark, Time now) override {
    return writer_.with_ledger(
        [&](Database& ledger) { return LedgerNonces(ledger).raise(key_id, mark, now); });
  }

 private:
  Writer& writer_;
};

JournalStore::JournalStore(std::unique_ptr<Writer> writer)
    : writer_(std::move(writer)), nonces_(std::make_unique<Nonces>(*writer_)) {}

JournalStore::~JournalStore() = default;

Result<std::unique_ptr<JournalStore>> JournalStore::start(Database ledger, JournalOptions options) {
  auto writer = std::make_unique<Writer>(options.names, options.wait_limit);
  AITRADE_TRY_STATUS(writer->open(std::move(ledger), options));
  return std::unique_ptr<JournalStore>(new JournalStore(std::move(writer)));
}

Status JournalStore::append(const Event& event, const ActionList& actions) {
  return writer_->append(event, actions);
}

Status JournalStore::commit(bool durable) {
  if (!durable) return writer_->commit(false);
  const auto begin = std::chrono::steady_clock::now();
  Status status = writer_->commit(true);
  flushes_.record(std::chrono::steady_clock::now() - begin);
  return status;
}

Status JournalStore::close() {
  return writer_->close();
}

JournalHealth JournalStore::health() const {
  JournalHealth health = writer_->health();
  health.flush = flushes_.summary();
  return health;
}

}  // namespace aitrade
