// What a durable turn of the ledger costs while fifty readers are at it: 200 writes and 1,000 reads a
// second for five seconds. The bound of operations.md 11, D3, is 20 ms for 99 of 100 writes.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/store/schema.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int readers_count = 50;
constexpr int writes = 1'000;
constexpr milliseconds write_every{5};
constexpr milliseconds read_every{50};

/// Reads the newest rows again and again, as a page that polls does.
void read_until(const std::atomic<bool>& stop, const std::filesystem::path& path, int offset,
                std::atomic<int>& reads, std::atomic<int>& refused) {
  auto database = open_reader(path, Profile::ledger);
  Clock::time_point next = Clock::now() + milliseconds{offset};
  while (database && !stop) {
    std::this_thread::sleep_until(next);
    next += read_every;
    const auto sum = database->integer("SELECT sum(length(value)) FROM (SELECT value FROM meta ORDER BY key DESC LIMIT 200)");
    ++(sum ? reads : refused);
  }
  if (!database) ++refused;
}

Status write_one(Database& database, int number) {
  AITRADE_TRY(Transaction transaction, Transaction::begin(database));
  AITRADE_TRY(Statement insert, database.prepare("INSERT INTO meta VALUES(?,?)"));
  AITRADE_TRY_STATUS(insert.bind_all("bench" + std::to_string(number), std::string(200, 'x')).run());
  return transaction.commit();
}

/// Milliseconds of each write, sorted. Errors: the first write that failed.
Result<std::vector<double>> time_writes(Database& database) {
  std::vector<double> waits;
  Clock::time_point next = Clock::now();
  for (int i = 0; i < writes; ++i) {
    std::this_thread::sleep_until(next);
    next += write_every;
    const auto start = Clock::now();
    AITRADE_TRY_STATUS(write_one(database, i));
    waits.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    if (database.wal_bytes() > 4'000'000) AITRADE_TRY_STATUS(database.checkpoint(false));
  }
  std::sort(waits.begin(), waits.end());
  return waits;
}

}  // namespace

bool print_ledger_figures() {
  std::string folder = (std::filesystem::temp_directory_path() / "aitrade-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return false;
  const std::filesystem::path path = std::filesystem::path(folder) / "trading.db";
  bool is_done = false;
  {
    auto database = open_writer(path, Profile::ledger, Time{});
    std::atomic<bool> stop{false};
    std::atomic<int> reads{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> readers;
    for (int i = 0; database && i < readers_count; ++i) {
      readers.emplace_back([&, i] { read_until(stop, path, i, reads, refused); });
    }
    const auto waits = database ? time_writes(*database) : Result<std::vector<double>>(database.error());
    stop = true;
    for (std::thread& reader : readers) reader.join();
    if (waits) {
      const auto at = [&](double share) { return (*waits)[static_cast<std::size_t>(share * (writes - 1))]; };
      std::printf("ledger beside %d readers: %d writes, p50 %.2f ms, p99 %.2f ms, max %.2f ms; %d reads, %d refused\n",
                  readers_count, writes, at(0.5), at(0.99), waits->back(), reads.load(), refused.load());
      is_done = refused == 0;
    } else {
      std::printf("ledger beside readers: %s\n", waits.error().what.c_str());
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return is_done;
}

}  // namespace aitrade::bench
