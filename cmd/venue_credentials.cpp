#include "cmd/venue_credentials.h"

#include <algorithm>
#include <utility>

#include "cmd/vault_names.h"

namespace aitrade::cli {
namespace {

/// X16: orders and nonces of two accounts must never meet in one key.
Status refuse_shared_key(const std::vector<VenueCredentials>& all, const VenueCredentials& next) {
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&next](const VenueCredentials& other) { return other.key.name == next.key.name; });
  if (same == all.end()) return ok();
  return fail(ErrorCode::invalid, "the accounts '" + same->account + "' and '" + next.account +
                                      "' share one API key; each needs its own");
}

}  // namespace

std::vector<std::string> kraken_accounts(const Config& config) {
  std::vector<std::string> accounts;
  for (const auto& [account, exchange] : desks_of(config)) {
    if (exchange == "kraken") accounts.push_back(account);
  }
  return accounts;
}

Result<VenueCredentials> credentials_in(const VaultReader& vault, const std::string& account, const Log& log) {
  const std::string prefix = account_prefix(account);
  const auto take = [&vault, &log](const std::string& name) -> Result<Secret> {
    auto found = vault.secret(name);
    if (!found) return fail(found.error().code, "the vault has no " + name);
    log.hide(*found);
    return found;
  };
  VenueCredentials credentials;
  credentials.account = account;
  AITRADE_TRY(const Secret name, take(prefix + "KRAKEN_API_KEY"));
  credentials.key.name = std::string(name.reveal());
  AITRADE_TRY(credentials.key.secret, take(prefix + "KRAKEN_API_SECRET"));
  const std::string otp = prefix + "KRAKEN_API_OTP";
  if (vault.holds(otp)) {
    AITRADE_TRY(credentials.otp, take(otp));
  }
  // The decoded secret must be readable before anything is begun with it.
  if (const auto signer = kraken::Signer::make(credentials.key); !signer) {
    return fail(ErrorCode::invalid, prefix + "KRAKEN_API_KEY and " + prefix +
                                        "KRAKEN_API_SECRET are not a key as the exchange hands it out: " +
                                        signer.error().what);
  }
  return credentials;
}

Result<std::vector<VenueCredentials>> load_venue_credentials(const Settings& settings, const VaultOptions& options,
                                                             const Log& log, Context& context,
                                                             const std::function<Status(const VaultReader&)>& also) {
  forbid_core_dumps();
  SecretBytes variable = take_variable(passphrase_variable);
  const std::vector<std::string> accounts = kraken_accounts(*settings.config);
  if (accounts.empty()) return fail(ErrorCode::invalid, "no account of the configuration trades at Kraken");
  VaultAccess access(settings, options, std::move(variable), context);
  AITRADE_TRY(const VaultReader vault, access.read());
  if (also) AITRADE_TRY_STATUS(also(vault));
  std::vector<VenueCredentials> all;
  for (const std::string& account : accounts) {
    AITRADE_TRY(VenueCredentials credentials, credentials_in(vault, account, log));
    AITRADE_TRY_STATUS(refuse_shared_key(all, credentials));
    all.push_back(std::move(credentials));
  }
  return all;
}

ExitCode credentials_exit_code(const Error& error) {
  return error.code == ErrorCode::rejected ? ExitCode::refused : ExitCode::unsafe;
}

std::string credentials_hint(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return "make a vault with `aitrade vault init`, then `aitrade vault set KRAKEN_API_KEY` and KRAKEN_API_SECRET";
    case ErrorCode::rejected:
      return "`aitrade vault check` opens it and says what is wrong";
    case ErrorCode::corrupt:
      return "an older copy of the vault is accepted with --allow-rollback only";
    case ErrorCode::invalid:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::timeout:
    case ErrorCode::busy:
    case ErrorCode::unsupported: break;
  }
  return {};
}

}  // namespace aitrade::cli
