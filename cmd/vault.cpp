// `aitrade vault`: keeps secrets encrypted on disk. Here: making a vault and changing its passphrase.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/vault_access.h"
#include "cmd/vault_commands.h"

namespace aitrade::cli {
namespace {

struct InitOptions {
  VaultOptions vault;
  std::string kdf{"default"};
  std::string out;  // where --generate puts the phrase
  bool generate{false};
  bool force{false};
  bool dry_run{false};
};

struct RotateOptions {
  VaultOptions vault;
  std::string kdf;  // empty: as it is
  int new_fd{-1};
  std::string new_file;
  bool force{false};
  bool keep_old{false};
  bool dry_run{false};
};

KdfCost cost_of(const std::string& profile) { return profile == "small" ? small_cost : default_cost; }

Status check_strength(const SecretBytes& passphrase, bool force) {
  const std::string weakness = weakness_of(passphrase.text());
  if (weakness.empty() || force) return ok();
  return fail(ErrorCode::invalid, "the new passphrase " + weakness + "; --force accepts it, --generate makes one");
}

/// Makes a phrase and gives it away: into a file of its own, or on the terminal.
Result<SecretBytes> make_phrase(const InitOptions& options, VaultFiles& files, Context& context) {
  if (options.out.empty() && !context.err_is_terminal) {
    return fail(ErrorCode::invalid,
                "--generate shows the passphrase on a terminal, and stderr is none; pass --out FILE");
  }
  AITRADE_TRY(SecretBytes phrase, generate_passphrase());
  if (options.out.empty()) {
    context.err << "passphrase, shown this once: " << phrase.text() << '\n' << std::flush;
    return phrase;
  }
  AITRADE_TRY_STATUS(files.write_new(options.out, phrase.text()));
  AITRADE_TRY_STATUS(files.sync(options.out));
  return phrase;
}

/// Makes the vault, and returns what stands in its header.
Result<VaultHeader> create_vault(const InitOptions& options, VaultAccess& access, Context& context) {
  SecretBytes passphrase;
  if (options.generate) {
    AITRADE_TRY(passphrase, make_phrase(options, access.files(), context));
  } else {
    AITRADE_TRY(Passphrase chosen, access.choose());
    AITRADE_TRY_STATUS(check_strength(chosen.text, options.force));
    passphrase = std::move(chosen.text);
  }
  AITRADE_TRY(VaultWriter vault, VaultWriter::create(access.place(), std::move(passphrase), cost_of(options.kdf),
                                                     access.files()));
  AITRADE_TRY_STATUS(vault.save());
  return vault.header();
}

Result<ExitCode> init_vault(const InitOptions& options, VaultAccess& access, Context& context) {
  const VaultPlace& place = access.place();
  const std::string name = "'" + place.file.string() + "'";
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(place.file, ignored))) {
    return fail(ErrorCode::io, name + " exists and stays as it is");
  }
  if (options.dry_run) {
    context.out << "would make the vault " << name << '\n';
    return ExitCode::done;
  }
  AITRADE_TRY(const VaultHeader header, create_vault(options, access, context));
  print_change(context, "init", place, header, 0,
               "made the vault " + name + "; without its passphrase nothing opens it");
  return ExitCode::done;
}

Result<ExitCode> run_init(const InitOptions& options, Context& context) {
  return in_vault(options.vault, context,
                  [&](VaultAccess& access) { return init_vault(options, access, context); });
}

Result<SecretBytes> new_passphrase(const RotateOptions& options, Context& context) {
  PassphraseSources sources;
  sources.descriptor = options.new_fd;
  sources.file = options.new_file;
  AITRADE_TRY(std::optional<Passphrase> found, find_passphrase(std::move(sources)));
  if (found) return std::move(found->text);
  return ask_new_passphrase(context, "pass --new-pass-fd N or --new-pass-file FILE");
}

Result<ExitCode> rotate_vault(const RotateOptions& options, VaultAccess& access, Context& context) {
  AITRADE_TRY(VaultWriter vault, access.write());
  AITRADE_TRY(SecretBytes passphrase, new_passphrase(options, context));
  AITRADE_TRY_STATUS(check_strength(passphrase, options.force));
  if (options.dry_run) {
    context.out << "would encrypt " << vault.body().entries().size() << " entries with the new passphrase\n";
    return ExitCode::done;
  }
  vault.change_passphrase(std::move(passphrase),
                          options.kdf.empty() ? vault.header().cost : cost_of(options.kdf));
  AITRADE_TRY_STATUS(vault.save());
  if (!options.keep_old) AITRADE_TRY_STATUS(vault.forget_backup());
  print_change(context, "rotate", access.place(), vault.header(), vault.body().entries().size(),
               "the vault has a new passphrase; generation " + std::to_string(vault.header().generation));
  return ExitCode::done;
}

Result<ExitCode> run_rotate(const RotateOptions& options, Context& context) {
  return in_vault(options.vault, context,
                  [&](VaultAccess& access) { return rotate_vault(options, access, context); });
}

void add_init_and_rotate(CommandList& commands, CLI::App& vault) {
  auto [init, init_options] = commands.add_under<InitOptions>(
      vault,
      {.name = "init",
       .group = "secrets",
       .summary = "makes an empty vault",
       .examples = {"aitrade vault init", "aitrade vault init --generate --out pass.txt",
                    "aitrade vault init --vault-pass-fd 3 3< pass.txt"},
       .details = "Asks for a passphrase twice: at least 12 characters. --generate makes one of six words, shown "
                  "once on the terminal or written to a new file of mode 0600. A vault that exists is never "
                  "replaced: exit 73. --kdf small opens with 32 MiB instead of 128, for small boards."},
      run_init);
  init.add_option("--kdf", init_options.kdf, "cost of the passphrase: default or small")
      ->check(CLI::IsMember({"default", "small"}));
  init.add_flag("--generate", init_options.generate, "make a passphrase");
  init.add_option("--out", init_options.out, "new file for the passphrase that --generate makes")->type_name("FILE");
  init.add_flag("--force", init_options.force, "accept a weak passphrase");
  init.add_flag("--dry-run", init_options.dry_run, "print the plan, change nothing");
  add_vault_options(init, init_options.vault);
  auto [rotate, rotate_options] = commands.add_under<RotateOptions>(
      vault,
      {.name = "rotate",
       .group = "secrets",
       .summary = "changes the passphrase and every key of the file",
       .examples = {"aitrade vault rotate", "aitrade vault rotate --kdf small",
                    "aitrade vault rotate --vault-pass-fd 3 --new-pass-fd 4 3< old.txt 4< new.txt"},
       .details = "Encrypts everything afresh. The file before is deleted, because the old passphrase would still "
                  "open it; --keep-old leaves it as .bak. Copies elsewhere keep the old passphrase: renew the keys "
                  "at the exchange when it is known to others."},
      run_rotate);
  rotate.add_option("--kdf", rotate_options.kdf, "cost of the passphrase: default or small; else as it is")
      ->check(CLI::IsMember({"default", "small"}));
  rotate.add_option("--new-pass-fd", rotate_options.new_fd, "read the new passphrase from this open file descriptor")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  rotate.add_option("--new-pass-file", rotate_options.new_file, "file of mode 0600 with the new passphrase")
      ->type_name("FILE");
  rotate.add_flag("--force", rotate_options.force, "accept a weak passphrase");
  rotate.add_flag("--keep-old", rotate_options.keep_old, "keep the file before as .bak");
  rotate.add_flag("--dry-run", rotate_options.dry_run, "print the plan, change nothing");
  add_vault_options(rotate, rotate_options.vault);
}

}  // namespace

Result<ExitCode> make_empty_vault(const VaultOptions& vault, Context& context) {
  InitOptions options;
  options.vault = vault;
  return in_vault(vault, context, [&](VaultAccess& access) -> Result<ExitCode> {
    AITRADE_TRY_STATUS(create_vault(options, access, context));
    return ExitCode::done;
  });
}

void add_vault(CommandList& commands) {
  CLI::App& vault = commands.group(
      {.name = "vault",
       .group = "secrets",
       .summary = "keeps secrets encrypted on disk",
       .examples = {"aitrade vault init", "aitrade vault set KRAKEN_API_KEY", "aitrade vault list",
                    "aitrade vault check"},
       .details = "One file, AES-256-GCM, its key derived from a passphrase with scrypt. The passphrase comes from "
                  "--vault-pass-fd, systemd's credential vault_pass, the file vault.passphrase_file or "
                  "VAULT_PASSWORD_FILE (mode 0600), the variable VAULT_PASSWORD (warned about), or the terminal; "
                  "never from an argument. Exit 4: no vault or no such entry. Exit 77: wrong passphrase, changed or "
                  "damaged file, file or directory open to others. Exit 78: an older copy, or a later version."});
  add_init_and_rotate(commands, vault);
  add_vault_entries(commands, vault);
  add_vault_transfer(commands, vault);
  add_vault_check(commands, vault);
}

}  // namespace aitrade::cli
