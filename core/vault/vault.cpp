#include "core/vault/vault.h"

#include "core/vault/generation_mark.h"

#include <algorithm>
#include <utility>

namespace aitrade {
namespace {

namespace fs = std::filesystem;

fs::path fresh_file(const fs::path& vault) { return vault.string() + ".new"; }

std::string_view salt_of(const VaultHeader& header) {
  return {reinterpret_cast<const char*>(header.salt.data()), header.salt.size()};
}

/// The file and its header, checked as far as that goes without the passphrase.
struct Looked {
  std::string file;
  VaultHeader header;
};

Result<Looked> look(const VaultPlace& place, VaultFiles& files) {
  const auto missing = [&place] {
    return fail(ErrorCode::not_found, "there is no vault at '" + place.file.string() +
                                         "'; `aitrade vault init` makes one");
  };
  if (auto checked = check_directory(place.file.parent_path()); !checked) {
    return checked.error().code == ErrorCode::not_found ? missing() : std::move(checked).error();
  }
  Looked looked;
  auto bytes = files.read(place.file);
  if (!bytes) {
    return bytes.error().code == ErrorCode::not_found ? missing() : std::move(bytes).error();
  }
  looked.file = *std::move(bytes);
  auto header = read_header(looked.file, place.kdf_memory_limit);
  if (!header) return std::move(header).error().within("vault '" + place.file.string() + "'");
  looked.header = *header;
  return looked;
}

struct Opened {
  VaultHeader header;
  VaultBody body;
};

Result<Opened> open_vault(const VaultPlace& place, const SecretBytes& passphrase,
                          VaultFiles& files) {
  AITRADE_TRY(const Looked looked, look(place, files));
  const auto open = [&]() -> Result<Opened> {
    AITRADE_TRY(const SecretBytes key,
                derive_key(passphrase.text(), salt_of(looked.header), looked.header.cost));
    AITRADE_TRY(SecretBytes text, unseal_vault(key, looked.file, looked.header));
    AITRADE_TRY(VaultBody body, VaultBody::parse(std::move(text)));
    return Opened{looked.header, std::move(body)};
  };
  auto opened = open();
  if (!opened) return std::move(opened).error().within("vault '" + place.file.string() + "'");
  if (place.allow_rollback) return opened;
  AITRADE_TRY(const GenerationMark mark, read_mark(place.mark));
  if (mark.is_ahead_of(opened->header.id, opened->header.generation)) {
    return fail(ErrorCode::corrupt,
                "vault '" + place.file.string() + "' is an older copy: generation " +
                    std::to_string(opened->header.generation) + ", and " +
                    std::to_string(mark.generation) + " was seen; --allow-rollback accepts it");
  }
  return opened;
}

}  // namespace

fs::path vault_backup(const fs::path& vault) { return vault.string() + ".bak"; }

Result<VaultHeader> look_at_vault(const VaultPlace& place) {
  SystemFiles files;
  AITRADE_TRY(const Looked looked, look(place, files));
  return looked.header;
}

Result<VaultReader> VaultReader::open(const VaultPlace& place, const SecretBytes& passphrase) {
  SystemFiles files;
  AITRADE_TRY(Opened opened, open_vault(place, passphrase, files));
  const auto mark = read_mark(place.mark);
  if (!mark || mark->id != opened.header.id || mark->generation != opened.header.generation) {
    // A full disk must not keep the keys from the daemon: the mark is written when it can be.
    static_cast<void>(write_mark(place.mark, {opened.header.id, opened.header.generation}));
  }
  return VaultReader(opened.header, std::move(opened.body));
}

Result<Secret> VaultReader::secret(std::string_view name) const {
  const VaultEntry* entry = body_.find(name);
  if (entry == nullptr) {
    return fail(ErrorCode::not_found, "the vault has no entry '" + std::string(name) + "'");
  }
  return Secret(std::string(entry->value));
}

VaultWriter::VaultWriter(VaultPlace place, VaultLock lock, SecretBytes passphrase,
                         VaultHeader header, VaultBody body, VaultFiles& files)
    : place_(std::move(place)),
      lock_(std::move(lock)),
      passphrase_(std::move(passphrase)),
      header_(header),
      body_(std::move(body)),
      files_(&files) {}

Result<VaultWriter> VaultWriter::create(const VaultPlace& place, SecretBytes passphrase,
                                        const KdfCost& cost, VaultFiles& files) {
  AITRADE_TRY_STATUS(check_cost(cost, place.kdf_memory_limit));
  AITRADE_TRY_STATUS(make_directory(place.file.parent_path()));
  AITRADE_TRY_STATUS(check_directory(place.file.parent_path()));
  AITRADE_TRY(VaultLock lock, VaultLock::take(place.file));
  std::error_code error;
  const fs::file_status there = fs::symlink_status(place.file, error);
  if (there.type() != fs::file_type::not_found) {
    return fail(ErrorCode::io, "'" + place.file.string() + "' exists and stays as it is");
  }
  VaultHeader header;
  header.cost = cost;
  AITRADE_TRY_STATUS(fill_random(header.id));
  return VaultWriter(place, std::move(lock), std::move(passphrase), header, VaultBody{}, files);
}

Result<VaultWriter> VaultWriter::open(const VaultPlace& place, SecretBytes passphrase,
                                      VaultFiles& files) {
  AITRADE_TRY_STATUS(check_directory(place.file.parent_path()));
  AITRADE_TRY(VaultLock lock, VaultLock::take(place.file));
  AITRADE_TRY(Opened opened, open_vault(place, passphrase, files));
  return VaultWriter(place, std::move(lock), std::move(passphrase), opened.header,
                     std::move(opened.body), files);
}

Status VaultWriter::set(const VaultEntry& entry) {
  AITRADE_TRY(body_, body_.with(entry));
  return ok();
}

Status VaultWriter::remove(std::string_view name) {
  AITRADE_TRY(body_, body_.without(name));
  return ok();
}

void VaultWriter::change_passphrase(SecretBytes passphrase, const KdfCost& cost) {
  passphrase_ = std::move(passphrase);
  header_.cost = cost;
}

Status VaultWriter::check_written(std::string_view file, const SecretBytes& key,
                                  std::string_view body) const {
  AITRADE_TRY(const std::string read, files_->read(fresh_file(place_.file)));
  const auto differs = [this] {
    return fail(ErrorCode::io, "'" + fresh_file(place_.file).string() +
                                   "' reads back otherwise than it was written; the disk is not sound");
  };
  if (read != file) return differs();
  AITRADE_TRY(const VaultHeader header, read_header(read, place_.kdf_memory_limit));
  AITRADE_TRY(const SecretBytes text, unseal_vault(key, read, header));
  return text.text().substr(0, body.size()) == body ? ok() : Status(differs());
}

Status VaultWriter::save() {
  // An older copy that was accepted, and a mark that cannot be read: count on from what is known.
  const auto mark = read_mark(place_.mark);
  const std::uint64_t seen = mark && mark->id == header_.id ? mark->generation : 0;
  const std::uint64_t generation = std::max(header_.generation, seen) + 1;
  AITRADE_TRY(const VaultEntropy entropy, VaultEntropy::fresh());
  VaultHeader header = header_;
  header.salt = entropy.salt;
  header.generation = generation;
  AITRADE_TRY(const SecretBytes key, derive_key(passphrase_.text(), salt_of(header), header.cost));
  AITRADE_TRY(const SecretBytes body, body_.text());
  AITRADE_TRY(const std::string file,
              seal_vault(key, header.cost, header.id, generation, entropy, body.text()));
  const fs::path fresh = fresh_file(place_.file);
  const auto write = [&]() -> Status {
    AITRADE_TRY_STATUS(files_->remove(fresh));  // of a save that was cut
    AITRADE_TRY_STATUS(files_->write_new(fresh, file));
    AITRADE_TRY_STATUS(files_->sync(fresh));
    AITRADE_TRY_STATUS(check_written(file, key, body.text()));
    AITRADE_TRY_STATUS(files_->remove(vault_backup(place_.file)));
    AITRADE_TRY_STATUS(files_->keep_as(place_.file, vault_backup(place_.file)));
    return files_->replace(place_.file, fresh);
  };
  if (auto written = write(); !written) {
    static_cast<void>(files_->remove(fresh));
    return written;
  }
  header_ = header;
  if (auto synced = files_->sync_directory(place_.file.parent_path()); !synced) {
    return std::move(synced).error().within("the vault was saved, but may not last");
  }
  if (auto marked = write_mark(place_.mark, {header.id, generation}); !marked) {
    return std::move(marked).error().within("the vault was saved, but not its generation");
  }
  return ok();
}

Status VaultWriter::forget_backup() {
  AITRADE_TRY_STATUS(files_->remove(vault_backup(place_.file)));
  return files_->sync_directory(place_.file.parent_path());
}

}  // namespace aitrade
