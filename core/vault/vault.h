// The vault: opened for reading by the daemon, changed by `aitrade vault` and by nothing else.
//
// A random data key encrypts the entries, a key from the passphrase wraps the data key; every save
// has a fresh salt, data key and nonces. A save leaves the old file or the new one, complete,
// wherever it is cut. What each failure is called:
//
//   not_found    there is no vault                 busy         somebody else changes it
//   rejected     wrong passphrase, changed or damaged file, file or directory open to others
//   corrupt      an older copy than was seen       unsupported  written by a later version
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/vault/body.h"
#include "core/vault/files.h"
#include "core/vault/format.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// Where a vault is and what is accepted there.
struct VaultPlace {
  std::filesystem::path file;
  std::filesystem::path mark;                            // highest generation seen; see generation_mark.h
  std::uint64_t kdf_memory_limit{std::uint64_t{512} << 20U};  // bytes
  bool allow_rollback{false};                            // accept an older copy
};

/// Looks at a vault without its passphrase: is it there, whole, and out of reach of others?
///
/// Errors: not_found, rejected, unsupported, io; each names the file
Result<VaultHeader> look_at_vault(const VaultPlace& place);

/// An opened vault that cannot be changed: all that the daemon needs.
class VaultReader {
 public:
  /// Opens the vault, which takes as long as deriving the key, and notes its generation.
  ///
  /// Errors: as look_at_vault; rejected also for a wrong passphrase; corrupt for an older copy
  static Result<VaultReader> open(const VaultPlace& place, const SecretBytes& passphrase);

  /// Returns a copy of one value. Errors: not_found.
  [[nodiscard]] Result<Secret> secret(std::string_view name) const;

  /// Returns whether there is an entry of that name.
  [[nodiscard]] bool holds(std::string_view name) const { return body_.find(name) != nullptr; }

  /// Returns the entries, values included: borrowed, for the tool.
  [[nodiscard]] const VaultBody& body() const { return body_; }

  [[nodiscard]] const VaultHeader& header() const { return header_; }

 private:
  VaultReader(VaultHeader header, VaultBody body) : header_(header), body_(std::move(body)) {}

  VaultHeader header_;
  VaultBody body_;
};

/// A vault that is being changed. Holds the lock, the passphrase and all entries, so a save needs
/// nothing of the old file and makes it again when it has gone.
class VaultWriter {
 public:
  /// Begins a new vault; the file appears with save(). Errors: io when one exists ("stays as it is");
  /// busy; full; rejected for a directory that is open to others.
  static Result<VaultWriter> create(const VaultPlace& place, SecretBytes passphrase,
                                    const KdfCost& cost, VaultFiles& files);

  /// Opens the vault to change it. `files` is borrowed and must outlive. Errors: as VaultReader; busy.
  static Result<VaultWriter> open(const VaultPlace& place, SecretBytes passphrase,
                                  VaultFiles& files);

  [[nodiscard]] const VaultBody& body() const { return body_; }

  [[nodiscard]] const VaultHeader& header() const { return header_; }

  /// Adds an entry or puts it in place of the one of its name. Errors: invalid.
  Status set(const VaultEntry& entry);

  /// Removes an entry. Errors: not_found.
  Status remove(std::string_view name);

  /// Uses another passphrase and cost from the next save on.
  void change_passphrase(SecretBytes passphrase, const KdfCost& cost);

  /// Writes everything: encrypted afresh, read back and compared, the old file kept as .bak, then put
  /// in its place. Errors: full, io (the old file is still there unless the text says otherwise).
  Status save();

  /// Removes the old file that save() kept: after a change of passphrase it opens with the old one.
  Status forget_backup();

 private:
  VaultWriter(VaultPlace place, VaultLock lock, SecretBytes passphrase, VaultHeader header,
              VaultBody body, VaultFiles& files);

  Status check_written(std::string_view file, const SecretBytes& key,
                       std::string_view body) const;

  VaultPlace place_;
  VaultLock lock_;
  SecretBytes passphrase_;
  VaultHeader header_;
  VaultBody body_;
  VaultFiles* files_;
};

/// Returns the file that holds the generation before: "vault.bak".
std::filesystem::path vault_backup(const std::filesystem::path& vault);

}  // namespace aitrade
