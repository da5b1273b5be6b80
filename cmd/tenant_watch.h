// Whether the tenants whose engines run may trade, as their rows in access.db say while the daemon runs.
//
// A tenant that is suspended, canceled or past due for too long gets no new entries; its positions are managed and its
// stops stay (operations.md 7). It ends by itself once the tenant may trade again, and touches no pause and no halt.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/auth/tenant_store.h"

namespace aitrade::cli {

class TenantWatch {
 public:
  /// `grace` is how long a tenant that is past due goes on.
  TenantWatch(std::filesystem::path access_db, Duration grace) : access_(std::move(access_db)), grace_(grace) {}

  /// Reads the rows again. What cannot be read leaves everything as it was known; errors: as Database.
  Status look();

  /// Why the tenant may not trade at `now`, as people read it; empty: it may. One that was never read may not.
  [[nodiscard]] std::string why_held(const TenantId& tenant, Time now) const;

 private:
  AccessStore access_;
  Duration grace_;
  std::map<std::string, TenantRow> known_;
};

}  // namespace aitrade::cli
