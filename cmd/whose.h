// Whose engines a command means: `--tenant`, `--account`, or all there are.
#pragma once

#include <string>
#include <vector>

#include "cmd/client.h"
#include "cmd/compose.h"
#include "core/store/ledger.h"

namespace CLI {
class App;
}

namespace aitrade::cli {

struct Whose {
  std::string tenant, account;   // empty: any

  [[nodiscard]] bool is_anybody() const { return tenant.empty() && account.empty(); }
};

/// Adds --tenant and --account to a command.
void add_whose(CLI::App& app, Whose& whose);

/// One engine as the daemon lists it.
struct RunningEngine {
  std::string tenant, account, state, mode;
  bool is_halted{false};
  std::size_t positions{0};
};

/// Asks the daemon for the engines that are meant. Errors: as `call` and `check_reply`, not_found when there is none.
Result<std::vector<RunningEngine>> running_engines(const Daemon& daemon, const Whose& whose);

/// Returns the daemon with the headers that name an engine.
Daemon daemon_of(const Daemon& daemon, const RunningEngine& engine);

/// The same of whoever is meant; without a tenant the local user speaks for "default".
Daemon daemon_of(const Daemon& daemon, const Whose& whose);

/// As control(), to those who are meant: an account alone is looked up first. Errors: as control(), not_found too.
Result<std::string> control_whose(const Daemon& daemon, const Whose& whose, std::string_view command,
                                  std::string_view reason, std::string_view confirm = {},
                                  milliseconds limit = control_limit, bool clear_halt = false);

/// The books of one account of the configuration, where no daemon runs.
struct AccountBooks {
  TenantId tenant;
  std::string account;
  Paths paths;
};

/// Returns the books that are meant. Errors: not_found when the configuration has none such.
Result<std::vector<AccountBooks>> books_of(const Settings& settings, const Whose& whose);

/// Stores a pause, a resume or a halt in all of them. Errors: those of store_pause, at the first that fails.
Status store_in(const std::vector<AccountBooks>& books, PauseRequest request);

}  // namespace aitrade::cli
