// What the commands of `aitrade vault` share: the place of the vault, its passphrase, how it is opened.
//
// The passphrase comes from the first of the sources of core/vault/passphrase.h, else from the
// terminal with three attempts; never from an argument.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/cli.h"
#include "cmd/compose.h"
#include "core/vault/passphrase.h"
#include "core/vault/vault.h"

namespace aitrade::cli {

/// Options of every command that opens the vault.
struct VaultOptions {
  int pass_fd{-1};
  bool allow_rollback{false};
  std::vector<std::string> stray;  // words that nothing expects; never repeated in a message
};

/// Declares them.
void add_vault_options(CLI::App& app, VaultOptions& options);

/// Catches words that would be secrets on a command line, without repeating them in the error.
void refuse_stray_words(CLI::App& app, VaultOptions& options);

/// Keeps the memory of this process from core dumps and from other processes of the user.
void forbid_core_dumps();

/// Returns where the configuration puts the vault.
VaultPlace vault_place(const Settings& settings, bool allow_rollback = false);

/// One command's way to the vault.
class VaultAccess {
 public:
  VaultAccess(Settings settings, const VaultOptions& options, SecretBytes variable, Context& context);

  [[nodiscard]] const Settings& settings() const { return settings_; }

  [[nodiscard]] const VaultPlace& place() const { return place_; }

  [[nodiscard]] VaultFiles& files() { return files_; }

  /// Opens the vault for reading. Errors: as VaultReader::open; invalid without a passphrase.
  Result<VaultReader> read();

  /// Opens the vault to change it. Errors: as VaultWriter::open; invalid without a passphrase.
  Result<VaultWriter> write();

  /// Returns the passphrase of a vault that does not exist yet: from the sources, else asked twice.
  Result<Passphrase> choose();

  /// Where the passphrase came from, once the vault was opened.
  [[nodiscard]] PassphraseOrigin origin() const { return origin_; }

 private:
  template <class Opened>
  Result<Opened> open_with(const std::function<Result<Opened>(SecretBytes)>& open);

  PassphraseSources sources();

  Settings settings_;
  VaultPlace place_;
  VaultOptions options_;
  SecretBytes variable_;
  Context& context_;
  SystemFiles files_;
  PassphraseOrigin origin_{PassphraseOrigin::prompt};
};

/// Asks for a new passphrase twice. Errors: invalid, also when the two differ.
Result<SecretBytes> ask_new_passphrase(Context& context, std::string_view instead);

/// Runs `act` with the configuration loaded, core dumps off and the passphrase out of the environment;
/// gives its errors their exit codes.
Result<ExitCode> in_vault(const VaultOptions& options, Context& context,
                          const std::function<Result<ExitCode>(VaultAccess&)>& act);

/// Makes a vault where there is none, for `aitrade init --vault`; prints nothing. Errors: those of `vault init`.
Result<ExitCode> make_empty_vault(const VaultOptions& vault, Context& context);   // vault.cpp

/// Prints what a command changed: a line, or the document vault_change.
void print_change(Context& context, std::string_view action, const VaultPlace& place,
                  const VaultHeader& header, std::size_t entries, const std::string& line);

}  // namespace aitrade::cli
