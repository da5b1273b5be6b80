#include "core/auth/access_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "core/store/instance_lock.h"
#include "core/store/ledger.h"
#include "core/store/schema.h"

namespace aitrade {
namespace {

constexpr std::size_t pepper_bytes = 32;
constexpr std::chrono::milliseconds lock_pause{20};
constexpr int lock_tries = 100;   // two seconds: whoever holds it writes a row

Result<InstanceLock> wait_for_lock(const std::filesystem::path& path, Time now) {
  for (int i = 1;; ++i) {
    auto lock = InstanceLock::take(path, now);
    if (lock || lock.error().code != ErrorCode::busy || i == lock_tries) return lock;
    std::this_thread::sleep_for(lock_pause);
  }
}

std::optional<Time> maybe_time(const Statement& s, int column) {
  if (s.is_null(column)) return std::nullopt;
  return s.time(column);
}

Result<ApiKeyRow> key_row(const Statement& s) {
  ApiKeyRow row;
  row.id = s.text(0);
  const std::string mac = from_hex(s.text(1));
  if (mac.size() != row.mac.size()) return fail(ErrorCode::corrupt, "key " + row.id + " has no MAC");
  std::memcpy(row.mac.data(), mac.data(), mac.size());
  row.tenant = TenantId{std::string(s.text(2))};
  AITRADE_TRY(row.scope, parse_scope(s.text(3)));
  row.label = s.text(4);
  row.created = s.time(5);
  row.expires = maybe_time(s, 6);
  row.last_used = maybe_time(s, 7);
  row.revoked = maybe_time(s, 8);
  return row;
}

Error system_error(const std::filesystem::path& path) {
  return fail(ErrorCode::io, path.string() + ": " + std::strerror(errno));
}

}  // namespace

Status AccessStore::migrate(Time now) const {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored) || open_reader(file_, Profile::access)) return ok();
  return change(now, [](Database&) { return ok(); });
}

Result<std::optional<Database>> AccessStore::reader() const {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return std::optional<Database>();
  AITRADE_TRY(Database database, open_reader(file_, Profile::access));
  return std::optional<Database>(std::move(database));
}

Status AccessStore::change(Time now, const std::function<Status(Database&)>& act) const {
  std::error_code error;
  std::filesystem::create_directories(file_.parent_path(), error);
  if (error) return fail(ErrorCode::io, file_.parent_path().string() + ": " + error.message());
  AITRADE_TRY(const InstanceLock lock, wait_for_lock(file_.string() + ".lock", now));
  static_cast<void>(lock);   // held until the connection is closed
  AITRADE_TRY(Database database, open_writer(file_, Profile::access, now));
  ::chmod(file_.c_str(), S_IRUSR | S_IWUSR);
  AITRADE_TRY(Transaction transaction, Transaction::begin(database));
  AITRADE_TRY_STATUS(act(database));
  AITRADE_TRY_STATUS(transaction.commit());
  return database.checkpoint(true);
}

Result<Secret> AccessStore::pepper() const {
  const int file = ::open(pepper_file().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) {
    if (errno == ENOENT) return Secret();
    return system_error(pepper_file());
  }
  struct stat facts{};
  std::string text(pepper_bytes + 1, '\0');
  const bool is_read = ::fstat(file, &facts) == 0;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  if (!is_read || size < 0) return system_error(pepper_file());
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::rejected, pepper_file().string() + ": others may read it; chmod 600");
  }
  if (size != static_cast<ssize_t>(pepper_bytes)) return fail(ErrorCode::corrupt,
      pepper_file().string() + ": not a pepper");
  text.resize(pepper_bytes);
  return Secret(std::move(text));
}

/// Under the lock: two processes must not make one each.
Result<Secret> AccessStore::pepper_or_new() const {
  AITRADE_TRY(Secret found, pepper());
  if (!found.empty()) return found;
  Secret fresh(random_bytes(pepper_bytes));
  const int file = ::open(pepper_file().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
      S_IRUSR | S_IWUSR);
  if (file < 0) return system_error(pepper_file());
  const bool is_stored = ::write(file, fresh.reveal().data(), pepper_bytes) == static_cast<ssize_t>(pepper_bytes) &&
                         ::fsync(file) == 0;
  ::close(file);
  if (is_stored) return fresh;
  const Error failure = system_error(pepper_file());
  ::unlink(pepper_file().c_str());
  return failure;
}

Result<NewKey> AccessStore::create(const KeyRequest& request, std::string_view actor, Time now) const {
  if (request.scope == Scope::admin && request.tenant != TenantId{}) {
    return fail(ErrorCode::invalid, "a key of a tenant may read or control, not administer");
  }
  NewKey key = make_key();
  const auto store = [&](Database& database) -> Status {
    AITRADE_TRY(Statement known, database.prepare("SELECT 1 FROM tenants WHERE id = ?"));
    AITRADE_TRY(const bool is_known, known.bind_all(request.tenant.name).step());
    if (!is_known) return fail(ErrorCode::not_found, "there is no tenant '" + request.tenant.name + "'");
    known.reset();
    AITRADE_TRY(const Secret pepper, pepper_or_new());
    AITRADE_TRY(Statement insert, database.prepare("INSERT INTO api_keys(key_id, key_hash, tenant_id, scope, label, "
                                                   "created_ns, expires_ns) VALUES(?,?,?,?,?,?,?)"));
    std::optional<Time> expires;
    if (request.lifetime) expires = now + *request.lifetime;
    AITRADE_TRY_STATUS(insert
                           .bind_all(key.parts.id, to_hex(view(key_mac(pepper.reveal(), key.parts.secret.reveal()))),
                                     request.tenant.name, to_string(request.scope), request.label, now, expires)
                           .run());
    const std::string detail = std::string(to_string(request.scope)) + (request.label.empty() ? ""
        : ": " + request.label);
    return append_audit(database, request.tenant, {std::string(actor), "key_created", key.parts.id, detail, "ok"}, now);
  };
  AITRADE_TRY_STATUS(change(now, store));
  return key;
}

Status AccessStore::revoke(const std::string& id, std::string_view actor, Time now) const {
  return change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement select, database.prepare("SELECT revoked_ns, tenant_id FROM api_keys WHERE key_id=?"));
    AITRADE_TRY(const bool has_row, select.bind_all(id).step());
    if (!has_row) return fail(ErrorCode::not_found, "there is no key '" + id + "'");
    if (!select.is_null(0)) return fail(ErrorCode::rejected, "key '" + id + "' is revoked already");
    const TenantId tenant{std::string(select.text(1))};
    select.reset();
    AITRADE_TRY(Statement update, database.prepare("UPDATE api_keys SET revoked_ns=? WHERE key_id=? "
                                                   "AND tenant_id=?"));
    AITRADE_TRY_STATUS(update.bind_all(now, id, tenant.name).run());
    return append_audit(database, tenant, {std::string(actor), "key_revoked", id, "", "ok"}, now);
  });
}

Result<std::vector<ApiKeyRow>> AccessStore::keys() const {
  std::vector<ApiKeyRow> rows;
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return rows;
  AITRADE_TRY(Database database, open_reader(file_, Profile::access));
  AITRADE_TRY(Statement select,
              database.prepare("SELECT key_id, key_hash, tenant_id, scope, label, created_ns, expires_ns, "
                               "last_used_ns, revoked_ns FROM api_keys ORDER BY created_ns, key_id"));
  for (;;) {
    AITRADE_TRY(const bool has_row, select.step());
    if (!has_row) return rows;
    AITRADE_TRY(ApiKeyRow row, key_row(select));
    rows.push_back(std::move(row));
  }
}

Status AccessStore::note_used(const std::vector<std::string>& ids, Time now) const {
  const std::int64_t hour = Duration{hours{1}}.count();
  const Time rounded{now.ns - now.ns % hour};
  return change(now, [&](Database& database) -> Status {
    // every tenant: keys are found by their unique ids
    AITRADE_TRY(Statement update, database.prepare("UPDATE api_keys SET last_used_ns=? WHERE key_id=?"));
    for (const std::string& id : ids) AITRADE_TRY_STATUS(update.bind_all(rounded, id).run());
    return ok();
  });
}

Status AccessStore::set_password(const std::string& username, const std::string& record, std::string_view actor,
                                 Time now) const {
  return change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement upsert, database.prepare("INSERT OR REPLACE INTO passwords VALUES(?,?,?)"));
    AITRADE_TRY_STATUS(upsert.bind_all(username, record, now).run());
    return append_audit(database, TenantId{}, {std::string(actor), "password_set", username, "", "ok"}, now);
  });
}

Result<std::optional<std::string>> AccessStore::password(const std::string& username) const {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return std::optional<std::string>();
  AITRADE_TRY(Database database, open_reader(file_, Profile::access));
  AITRADE_TRY(Statement select, database.prepare("SELECT record FROM passwords WHERE username=?"));
  AITRADE_TRY(const bool has_row, select.bind_all(username).step());
  if (!has_row) return std::optional<std::string>();
  return std::optional<std::string>(select.text(0));
}

Status AccessStore::audit(const AccessEvent& event, Time now) const {
  return change(now, [&](Database& database) {
    return append_audit(database, event.tenant, {event.actor, event.action, event.target, event.detail, event.outcome},
        now);
  });
}

}  // namespace aitrade
