#include "cmd/tenant_watch.h"

#include <utility>

namespace aitrade::cli {

Status TenantWatch::look() {
  AITRADE_TRY(auto rows, TenantStore(access_).list());
  known_.clear();
  for (TenantRow& row : rows) known_.insert_or_assign(row.id.name, std::move(row));
  return ok();
}

std::string TenantWatch::why_held(const TenantId& tenant, Time now) const {
  if (tenant == TenantId{}) return {};   // owns the daemon
  const auto found = known_.find(tenant.name);
  if (found == known_.end()) return "nothing is known of the tenant";
  if (found->second.is_active(now, grace_)) return {};
  return found->second.status == "past_due" ? "the tenant is past due, and the days of grace are over"
                                            : "the tenant is " + found->second.status;
}

}  // namespace aitrade::cli
