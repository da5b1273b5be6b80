// Settles who a request comes from, and what they may do. Knows no HTTP; may be used from any thread.
//
// Fails closed: a credential that is not known is refused even where none is needed, and a store that cannot
// be read refuses keys instead of ignoring them.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/access_store.h"
#include "core/auth/login_guard.h"
#include "core/auth/principal.h"
#include "core/auth/session_table.h"
#include "core/auth/tenant_store.h"

namespace aitrade {

/// Two clocks: expiry goes by the wall, limits and sessions by one that never runs backwards.
struct Moment {
  Time wall, steady;
};

struct GateSettings {
  std::optional<std::filesystem::path> access_db;   // nothing: no stored keys, no password
  Secret admin_key, read_key;                       // bootstrap keys; empty: there is none
  bool reads_open{false};
  bool tenant_keys_control{false};                  // dashboard.allow_tenant_keys_for_control
  std::string username{"admin"};
  std::string password_record;                      // of a demo, in place of the stored one
  Duration past_due_grace{hours{72}};               // how long keys of a tenant work that is past due
  SessionLimits sessions;
  GuardLimits guard;
};

/// What a request shows of itself.
struct Claim {
  std::string_view key;       // of a header; empty: none
  std::string_view cookie;
  bool is_local{false};
  std::uint32_t uid{0};
  std::string_view address;   // of the client
  std::string_view tenant{};  // that is asked for; empty: one's own
};

struct Identity {
  enum class Answer : std::uint8_t {
    known,
    unknown,
    too_often,
    unavailable,
    inactive,    // the tenant of the key may not look at the moment
    elsewhere,   // a tenant that is not theirs to choose, or that there is not
  };
  Answer answer{Answer::known};
  Principal principal;
  std::string csrf;           // of a session
  Duration wait{0};           // too_often: until the next try; unknown: how long to hold the answer back
};

class Gatekeeper {
 public:
  explicit Gatekeeper(GateSettings settings);

  /// Settles who asks, and of which tenant: a key is pinned to its own, whoever administers may choose one.
  /// `may_write` lets the use of a key be remembered, which touches the disk.
  Identity identify(const Claim& claim, const Moment& now, bool may_write = true);

  struct Login {
    enum class Answer : std::uint8_t { opened, wrong, too_often, busy, unavailable };
    Answer answer{Answer::wrong};
    Secret cookie;
    std::string csrf;
    Principal principal;
    Duration wait{0};
  };

  /// Remembers that a key which is good was shown in a URL, where proxies and browsers keep it: once for each key while
  /// the process runs. `address` pays for a wrong one as for any guess.
  void flag_shown(std::string_view key, std::string_view address, const Moment& now);

  /// Checks a password and opens a session. Takes a tenth of a second and 32 MiB; one at a time.
  Login log_in(std::string_view username, std::string_view password, std::string_view address, const Moment& now);

  void log_out(std::string_view cookie, const Moment& now);

  std::string issue_ticket(const Principal& who, std::string_view origin, const Moment& now);

  /// Takes a ticket; nothing when it is unknown, used, too old, of another origin or of somebody who left.
  std::optional<Principal> take_ticket(std::string_view ticket, std::string_view origin, const Moment& now);

  /// Whether a credential that was good is good still.
  bool is_live(const Principal& who, const Moment& now);

  /// Whether a tenant is active, or not long past due: its keys work and its engine may enter.
  [[nodiscard]] bool may_trade(const TenantId& tenant, const Moment& now);

  /// Whether a principal with the scope may control: keys of tenants only where it is configured.
  [[nodiscard]] bool may_control(const Principal& who) const {
    return who.scope >= Scope::control && (!who.is_tenant_key() || tenant_keys_control_.load());
  }

  /// Takes over what may change while it runs (operations.md 1.9): whether keys of tenants control, and how long
  /// sessions last.
  void reconfigure(bool tenant_keys_control, const SessionLimits& sessions);

  /// Whether anybody can log in here.
  [[nodiscard]] bool has_password(const Moment& now);

  /// Stored keys; errors: not_found without a store.
  [[nodiscard]] Result<AccessStore*> store();

  void audit(const AccessEvent& event, const Moment& now);

 private:
  Identity identify_any(const Claim& claim, const Moment& now, bool may_write);
  Identity identify_key(const Claim& claim, const Moment& now, bool may_write);
  void choose_tenant(Identity& identity, std::string_view wanted, const Moment& now);
  [[nodiscard]] bool is_active(const TenantId& tenant, Time now) const;
  Status refresh(const Moment& now);
  [[nodiscard]] bool is_bootstrap(std::string_view key, const Secret& expected) const;

  GateSettings settings_;
  std::atomic<bool> tenant_keys_control_;
  std::optional<AccessStore> store_;
  std::string process_key_;                   // under which bootstrap keys are compared
  std::string absent_record_;                 // checked where there is none, so that both take as long
  std::mutex mutex_;                          // guards all that follows
  SessionTable sessions_;
  LoginGuard guard_;
  std::map<std::string, ApiKeyRow> keys_;
  std::map<std::string, TenantRow> tenants_;
  std::set<std::string> shown_;               // keys that were seen in a URL, by their actors
  Secret pepper_;
  std::string record_;                        // of the password; empty: none
  std::optional<Time> loaded_at_;
  bool is_checking_{false};
};

}  // namespace aitrade
