// Keys and the password of the page in access.db, with an audit trail of its own.
//
// Beside the ledger because that has exactly one writing connection, the daemon's (decision 5): a key is made
// or revoked from the command line while it runs. Whoever writes opens the file under its lock for that moment.
// Every read opens a connection of its own, so one object may be used from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/api_key.h"
#include "core/base/ids.h"
#include "core/store/database.h"

namespace aitrade {

/// A stored key; the secret part is in nobody's hands but its owner's.
struct ApiKeyRow {
  std::string id, label;
  TenantId tenant;
  Scope scope{Scope::none};
  Digest mac{};
  Time created;
  std::optional<Time> expires, last_used, revoked;

  [[nodiscard]] bool is_live(Time now) const { return !revoked && (!expires || now < *expires); }
};

struct KeyRequest {
  TenantId tenant;
  Scope scope{Scope::read};
  std::string label;
  std::optional<Duration> lifetime;   // nothing: never expires
};

/// Something to remember of an access.
struct AccessEvent {
  TenantId tenant;
  std::string actor, action, target, detail;
  std::string outcome{"ok"};
};

class AccessStore {
 public:
  /// `file` is access.db; the pepper lies beside it in a file of mode 0600.
  explicit AccessStore(std::filesystem::path file) : file_(std::move(file)) {}

  /// Brings a file that an older binary wrote to the present schema; nothing when there is none.
  Status migrate(Time now) const;

  /// Runs `act` in one transaction of the writing connection, under the lock. Errors: as Database, busy.
  Status change(Time now, const std::function<Status(Database&)>& act) const;

  /// Opens a reading connection; nothing when nothing was ever stored.
  [[nodiscard]] Result<std::optional<Database>> reader() const;

  /// Makes a key and stores its MAC. The text is in the result and nowhere else. Errors: as Database, busy,
  /// not_found for a tenant that there is not, invalid for one that may not have such a key.
  Result<NewKey> create(const KeyRequest& request, std::string_view actor, Time now) const;

  /// Ends a key at once. Errors: not_found, rejected when it was revoked before.
  Status revoke(const std::string& id, std::string_view actor, Time now) const;

  /// Returns all keys, oldest first; none when nothing was ever stored. Errors: as Database.
  [[nodiscard]] Result<std::vector<ApiKeyRow>> keys() const;

  /// Remembers, to the hour, when keys were used.
  Status note_used(const std::vector<std::string>& ids, Time now) const;

  /// Stores the password record of a user in place of an older one.
  Status set_password(const std::string& username, const std::string& record, std::string_view actor, Time now) const;

  /// Returns the record of a user, or nothing.
  [[nodiscard]] Result<std::optional<std::string>> password(const std::string& username) const;

  Status audit(const AccessEvent& event, Time now) const;

  /// Returns the pepper, empty when there is none yet. Errors: io, rejected for a file that others may read.
  [[nodiscard]] Result<Secret> pepper() const;

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  [[nodiscard]] std::filesystem::path pepper_file() const { return file_.parent_path() / "access.pepper"; }
  [[nodiscard]] Result<Secret> pepper_or_new() const;

  std::filesystem::path file_;
};

}  // namespace aitrade
