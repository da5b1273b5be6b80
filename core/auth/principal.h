// Who asks, settled once: what the scope and the tenant of every later decision come from.
#pragma once

#include <cstdint>
#include <string>

#include "core/auth/api_key.h"
#include "core/base/ids.h"

namespace aitrade {

struct Principal {
  enum class Kind : std::uint8_t {
    nobody,      // no credential, and reads are not open
    anonymous,   // no credential, reads are open
    local,       // the Unix socket
    bootstrap,   // a key of the environment
    key,         // a key of the store
    session,     // logged in at the page
  };

  Kind kind{Kind::nobody};
  std::string id;        // of the key, the session's tag, the user's number, "admin" or "read"
  TenantId tenant;
  Scope scope{Scope::none};

  /// Returns how the audit trail names them: "local:1000", "key:abc", "session:abc", "bootstrap:admin".
  [[nodiscard]] std::string actor() const;

  /// A key of a tenant: controls only where that is configured, and never more (security.md 2.1).
  [[nodiscard]] bool is_tenant_key() const { return kind == Kind::key && scope != Scope::admin; }

  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace aitrade
