#include "tests/core/store/failing_vfs.h"

#include "core/base/result.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <memory>

namespace aitrade {
namespace {

std::atomic<long> writes_left{-1};  // -1: all succeed; 0: none
std::atomic<bool> syncs_fail{false};
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs failing{};
sqlite3_io_methods methods{};

/// The system's file follows this header in the memory that SQLite hands out.
struct File {
  sqlite3_file base;
};

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}

/// Counts a write; true when it has to fail.
bool refuse() {
  long left = writes_left.load();
  if (left < 0) return false;
  if (left == 0) return true;
  writes_left.store(left - 1);
  return false;
}

int on_write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  if (refuse()) return SQLITE_FULL;
  return real(f)->pMethods->xWrite(real(f), data, size, at);
}

int on_sync(sqlite3_file* f, int flags) {
  if (syncs_fail.load()) return SQLITE_IOERR_FSYNC;
  return real(f)->pMethods->xSync(real(f), flags);
}

int on_close(sqlite3_file* f) {
  return real(f)->pMethods->xClose(real(f));
}

int on_read(sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), data, size, at);
}

int on_truncate(sqlite3_file* f, sqlite3_int64 size) {
  return real(f)->pMethods->xTruncate(real(f), size);
}

int on_size(sqlite3_file* f, sqlite3_int64* size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}

int on_lock(sqlite3_file* f, int level) {
  return real(f)->pMethods->xLock(real(f), level);
}

int on_unlock(sqlite3_file* f, int level) {
  return real(f)->pMethods->xUnlock(real(f), level);
}

int on_check(sqlite3_file* f, int* out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

int on_control(sqlite3_file* f, int op, void* arg) {
  return real(f)->pMethods->xFileControl(real(f), op, arg);
}

int on_sector(sqlite3_file* f) {
  return real(f)->pMethods->xSectorSize(real(f));
}

int on_device(sqlite3_file* f) {
  return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

int on_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

int on_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

void on_shm_barrier(sqlite3_file* f) {
  real(f)->pMethods->xShmBarrier(real(f));
}

int on_shm_unmap(sqlite3_file* f, int remove) {
  return real(f)->pMethods->xShmUnmap(real(f), remove);
}

int on_open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  std::memset(f, 0, sizeof(File));
  const int code = real_vfs->xOpen(real_vfs, name, real(f), flags, out_flags);
  if (code == SQLITE_OK) f->pMethods = &methods;
  return code;
}

}  // namespace

FailingVfs::FailingVfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  AITRADE_CHECK(real_vfs != nullptr);
  methods = {2,         on_close,   on_read,     on_write,       on_truncate,  on_sync,
             on_size,   on_lock,    on_unlock,   on_check,       on_control,   on_sector,
             on_device, on_shm_map, on_shm_lock, on_shm_barrier, on_shm_unmap, nullptr,
             nullptr};
  failing = *real_vfs;
  failing.zName = name;
  failing.pNext = nullptr;
  failing.szOsFile = real_vfs->szOsFile + static_cast<int>(sizeof(File));
  failing.xOpen = on_open;
  heal();
  AITRADE_CHECK(sqlite3_vfs_register(&failing, 0) == SQLITE_OK);
}

FailingVfs::~FailingVfs() {
  heal();
  sqlite3_vfs_unregister(&failing);
}

void FailingVfs::fail_writes_from(long n) {
  writes_left = n - 1;
}

void FailingVfs::fail_syncs() {
  syncs_fail = true;
}

void FailingVfs::heal() {
  writes_left = -1;
  syncs_fail = false;
}

}  // namespace aitrade
