// The key that trades, out of the vault and nowhere else: for `run --live` and `doctor --live`.
//
// The vault is opened for reading, once, with the passphrase from the first source there is: the file
// descriptor of --vault-pass-fd, systemd's credential, the file of vault.passphrase_file, the environment,
// the terminal. Call it before the first thread: it takes the passphrase out of the environment and
// forbids core dumps. Every secret it returns is hidden from the log it is given.
#pragma once

#include <string>
#include <vector>

#include <functional>

#include "cmd/cli.h"
#include "cmd/compose.h"
#include "cmd/vault_access.h"
#include "core/log/log.h"
#include "exchanges/kraken/signer.h"

namespace aitrade::cli {

/// What one account needs to trade at Kraken.
struct VenueCredentials {
  std::string account;  // as app.account_id, app.trading_accounts or [[accounts]] name it
  kraken::ApiKey key;
  Secret otp;  // the fixed second factor of the key; empty when it has none
};

/// Returns the accounts of the configuration that trade at Kraken, in its order.
std::vector<std::string> kraken_accounts(const Config& config);

/// Returns the entries of an account in an opened vault: KRAKEN_API_KEY, KRAKEN_API_SECRET and, where
/// there is one, KRAKEN_API_OTP, each behind the account's name unless it is "default".
///
/// Errors: not_found, naming the entry; invalid for a secret that is not what the venue hands out
Result<VenueCredentials> credentials_in(const VaultReader& vault, const std::string& account, const Log& log);

/// Opens the vault and returns the credentials of every Kraken account, at least one. `also` sees the opened vault.
///
/// Errors: as VaultReader::open and credentials_in; invalid without a passphrase, and when two accounts
/// share one key (operations.md X16)
Result<std::vector<VenueCredentials>> load_venue_credentials(const Settings& settings, const VaultOptions& options,
                                                             const Log& log, Context& context,
                                                             const std::function<Status(const VaultReader&)>& also = {});

/// Returns the exit code of a start that failed at them: 77 for what is refused (wrong passphrase, changed
/// file, open permissions), 78 for what is missing or unsafe.
ExitCode credentials_exit_code(const Error& error);

/// Returns the word that goes with an error of load_venue_credentials: what to do about it; "" for some.
std::string credentials_hint(const Error& error);

}  // namespace aitrade::cli
