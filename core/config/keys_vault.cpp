// The rows of [vault]: operations.md 3 and security.md 10.
#include "core/config/keys.h"

namespace aitrade {

namespace {

std::string check_vault_path(const std::string& text) {
  return text.empty() ? "must name a file" : std::string{};
}

}  // namespace

std::vector<Key> vault_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(vault.path, "file of the encrypted secrets; its directory must be 0700")
          .checked(check_vault_path)
          .on_reload(restart),
      AITRADE_KEY(vault.passphrase_file,
                  "file of mode 0600 with its passphrase; empty: file descriptor, systemd "
                  "credential vault_pass, or prompt")
          .on_reload(restart)
          .env({"VAULT_PASSWORD_FILE"}),
      AITRADE_KEY(vault.max_kdf_memory, "memory that opening may take; a vault that asks for more "
                                        "is refused")
          .range(16, 4096)
          .in_unit("MiB")
          .on_reload(restart),
  };
  for (Key& key : keys)
    key.outside_decisions();
  return keys;
}

}  // namespace aitrade
