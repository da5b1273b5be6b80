#include "cmd/vault_preflight.h"

#include "cmd/vault_access.h"
#include "core/vault/vault.h"

namespace aitrade::cli {

std::optional<Error> vault_finding(const Settings& settings, bool is_live) {
  auto looked = look_at_vault(vault_place(settings));
  if (looked) return std::nullopt;
  if (looked.error().code == ErrorCode::not_found && !is_live) return std::nullopt;
  return std::move(looked).error();
}

}  // namespace aitrade::cli
