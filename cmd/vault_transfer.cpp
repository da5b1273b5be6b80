// `aitrade vault import-env|export`: secrets from the environment or a KEY=VALUE file, and back.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fcntl.h>
#include <fnmatch.h>
#include <ostream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cmd/cli.h"
#include "cmd/output.h"
#include "cmd/secret_input.h"
#include "cmd/stored_candles.h"
#include "cmd/vault_access.h"
#include "cmd/vault_commands.h"
#include "cmd/vault_names.h"
#include "core/vault/env_file.h"

extern char** environ;

namespace aitrade::cli {
namespace {

struct ImportOptions {
  VaultOptions vault;
  std::string file;  // empty: the environment
  std::string only;
  bool shred{false};
  bool dry_run{false};
};

struct ExportOptions {
  VaultOptions vault;
  std::vector<std::string> names;
  std::string out;
};

// ---- import-env ---------------------------------------------------------------------------------

/// Returns the environment as the text of a file, in secret memory.
SecretBytes environment_text() {
  std::vector<VaultEntry> entries;
  for (char** line = environ; line != nullptr && *line != nullptr; ++line) {
    const std::string_view text(*line);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || purpose_of(text.substr(0, equals)).empty()) continue;
    entries.push_back({text.substr(0, equals), text.substr(equals + 1), 0, {}});
  }
  return to_env_text(entries);
}

/// What is done with one line and why.
struct Taken {
  std::string name;
  std::string_view action;  // "new", "replaced", "unchanged", "skipped"
  std::string reason;
};

Taken judge(const EnvLine& line, const ImportOptions& options, const VaultBody& body) {
  Taken taken{std::string(line.name), "skipped", ""};
  if (purpose_of(line.name).empty()) {
    taken.reason = "no secret that is known by name";
  } else if (!options.only.empty() && ::fnmatch(options.only.c_str(), taken.name.c_str(), 0) != 0) {
    taken.reason = "not asked for";
  } else if (line.value.empty()) {
    taken.reason = "empty, which means unset";
  } else if (line.value.starts_with("op://")) {
    taken.reason = "a reference to another store, not a value";
  } else if (const VaultEntry* old = body.find(line.name); old == nullptr) {
    taken.action = "new";
  } else {
    taken.action = equal_secrets(old->value, line.value) ? "unchanged" : "replaced";
  }
  return taken;
}

/// Writes zeros over a file and removes it. What a disk copied elsewhere before stays there.
Status shred(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat found {};

  bool is_done = descriptor >= 0 && ::fstat(descriptor, &found) == 0;
  const std::string zeros(4096, '\0');
  for (off_t left = is_done ? found.st_size : 0; is_done && left > 0;) {
    const ssize_t count = ::write(descriptor, zeros.data(), std::min<std::size_t>(zeros.size(), static_cast<std::size_t>(left)));
    is_done = count > 0;
    left -= count > 0 ? count : 0;
  }
  is_done = is_done && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (is_done && ::unlink(file.c_str()) == 0) return ok();
  return fail(ErrorCode::io, "the secrets are in the vault, but '" + file + "' could not be removed");
}

/// Asks when the file that will go holds more than what was taken. False: the answer is no.
Result<bool> may_shred(const ImportOptions& options, const std::vector<Taken>& all, Context& context) {
  std::string left;
  for (const Taken& taken : all) {
    if (taken.action == "skipped") left += (left.empty() ? "" : ", ") + taken.name;
  }
  if (!options.shred || left.empty()) return true;
  return confirm(context, "'" + options.file + "' also holds " + left + ", which go with it; delete it all the same?");
}

Result<ExitCode> import_env(const ImportOptions& options, VaultAccess& access, Context& context) {
  if (options.shred && (options.file.empty() || options.file == "-")) {
    return fail(ErrorCode::invalid, "--shred needs a FILE");
  }
  SecretBytes text;
  if (options.file.empty()) {
    text = environment_text();
  } else {
    AITRADE_TRY(text, read_secret(options.file, env_file_limit));
  }
  auto source = EnvFile::parse(std::move(text));
  if (!source) return std::move(source).error().within(options.file.empty() ? "environment" : "'" + options.file + "'");
  AITRADE_TRY(VaultWriter vault, access.write());
  std::vector<Taken> all;
  bool changes = false;
  bool found = false;
  for (const EnvLine& line : source->lines()) {
    all.push_back(judge(line, options, vault.body()));
    found = found || all.back().action != "skipped";
    if (all.back().action != "new" && all.back().action != "replaced") continue;
    AITRADE_TRY_STATUS(vault.set({line.name, line.value, wall_clock_now().ns / 1'000'000'000, {}}));
    changes = true;
  }
  if (!found) return fail(ErrorCode::not_found, "no secret to take; `aitrade vault import-env --help` says what is taken");
  if (!options.dry_run) {
    AITRADE_TRY(const bool may, may_shred(options, all, context));
    if (!may) return ExitCode::failed;
    if (changes) AITRADE_TRY_STATUS(vault.save());
    if (options.shred) AITRADE_TRY_STATUS(shred(options.file));
  }
  Table table({{"name"}, {"action"}, {"reason"}});
  for (const Taken& taken : all) {
    table.add({Cell::of(taken.name), Cell::of(taken.action), taken.reason.empty() ? Cell::none() : Cell::of(taken.reason)});
  }
  table.print(context, resolve_format(context, Format::csv), "vault_import_env");
  return ExitCode::done;
}

Result<ExitCode> run_import(const ImportOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return import_env(options, access, context); });
}

// ---- export -------------------------------------------------------------------------------------

Result<ExitCode> export_entries(const ExportOptions& options, VaultAccess& access, Context& context) {
  AITRADE_TRY(const VaultReader vault, access.read());
  std::vector<VaultEntry> entries;
  for (const std::string& name : options.names) {
    const VaultEntry* entry = vault.body().find(name);
    if (entry == nullptr) return fail(ErrorCode::not_found, "the vault has no entry '" + name + "'; nothing was written");
    entries.push_back(*entry);
  }
  const SecretBytes text = to_env_text(entries);
  if (options.out == "-") {
    context.out << text.text();
  } else {
    AITRADE_TRY_STATUS(access.files().write_new(options.out, text.text()));
    AITRADE_TRY_STATUS(access.files().sync(options.out));
  }
  if (context.global.verbosity >= 0) {
    context.err << "warning: " << entries.size() << " secrets left the vault in the clear"
                << (options.out == "-" ? "" : "; delete '" + options.out + "' when it has served") << '\n';
  }
  if (options.out != "-") {
    print_change(context, "export", access.place(), vault.header(), entries.size(),
                 "wrote " + std::to_string(entries.size()) + " entries to '" + options.out + "'");
  }
  return ExitCode::done;
}

Result<ExitCode> run_export(const ExportOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return export_entries(options, access, context); });
}

}  // namespace

void add_vault_transfer(CommandList& commands, CLI::App& vault) {
  auto [import, import_options] = commands.add_under<ImportOptions>(
      vault,
      {.name = "import-env",
       .group = "secrets",
       .summary = "takes known secrets from a KEY=VALUE file or the environment",
       .examples = {"aitrade vault import-env .env --dry-run", "aitrade vault import-env .env --shred",
                    "aitrade vault import-env --only '*KRAKEN*'"},
       .details = "Takes the names that the program knows, such as KRAKEN_API_KEY, also with an account before them "
                  "(SWING_KRAKEN_API_KEY), and lists what it did with each line. --shred overwrites and deletes the "
                  "file afterwards; copies that the disk or a backup made stay. Exit 4 when there is nothing to take."},
      run_import);
  import.add_option("FILE", import_options.file, "file of KEY=VALUE lines; without one the environment");
  import.add_option("--only", import_options.only, "take names that match this pattern, such as 'KRAKEN_*'")
      ->type_name("PATTERN");
  import.add_flag("--shred", import_options.shred, "overwrite and delete FILE when its secrets are stored");
  import.add_flag("--dry-run", import_options.dry_run, "print the plan, change nothing");
  add_vault_options(import, import_options.vault);
  auto [exported, export_options] = commands.add_under<ExportOptions>(
      vault,
      {.name = "export",
       .group = "secrets",
       .summary = "writes values to a file in the clear",
       .examples = {"aitrade vault export --names KRAKEN_API_KEY,KRAKEN_API_SECRET --out kraken.env"},
       .details = "KEY=\"VALUE\" lines that import-env reads back, in a new file of mode 0600; - is standard output."},
      run_export);
  exported.add_option("--names", export_options.names, "entries, separated by commas")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
  exported.add_option("--out", export_options.out, "new file")->required()->type_name("FILE");
  add_vault_options(exported, export_options.vault);
}

}  // namespace aitrade::cli
