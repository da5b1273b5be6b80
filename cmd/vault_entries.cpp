// `aitrade vault set|get|list|rm`: single entries.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cmd/cli.h"
#include "cmd/output.h"
#include "cmd/secret_input.h"
#include "cmd/secret_prompt.h"
#include "cmd/stored_candles.h"
#include "cmd/vault_access.h"
#include "cmd/vault_commands.h"
#include "cmd/vault_names.h"

namespace aitrade::cli {
namespace {

struct SetOptions {
  VaultOptions vault;
  std::string name;
  std::string from_file;  // "-": stdin
  std::string note;
  bool dry_run{false};
};

struct GetOptions {
  VaultOptions vault;
  std::string name;
  std::string out;
  bool reveal{false};
};

struct ListOptions {
  VaultOptions vault;
};

struct RemoveOptions {
  VaultOptions vault;
  std::string name;
  bool dry_run{false};
};

// ---- set ----------------------------------------------------------------------------------------

/// The value: from a file as it is, else from a pipe or the terminal without its line end.
Result<SecretBytes> read_value(const SetOptions& options, Context& context) {
  if (!options.from_file.empty()) return read_secret(options.from_file, vault_value_limit);
  if (context.in_is_terminal) {
    return ask_secret(context, "value of " + options.name, "pipe it in, or pass --from-file FILE",
                      vault_value_limit);
  }
  AITRADE_TRY(SecretBytes value, read_secret("-", vault_value_limit));
  std::string_view text = value.text();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  value.shorten(text.size());
  return value;
}

Result<ExitCode> set_entry(const SetOptions& options, VaultAccess& access, Context& context) {
  if (const std::string fault = fault_of_name(options.name); !fault.empty()) {
    return fail(ErrorCode::invalid, "the name of an entry " + fault);
  }
  AITRADE_TRY(VaultWriter vault, access.write());
  AITRADE_TRY(const SecretBytes value, read_value(options, context));
  const bool is_new = vault.body().find(options.name) == nullptr;
  const std::string what = std::string(is_new ? "a new entry " : "the value of ") + options.name;
  AITRADE_TRY_STATUS(vault.set({options.name, value.text(), wall_clock_now().ns / 1'000'000'000, options.note}));
  if (options.dry_run) {
    context.out << "would store " << what << '\n';
    return ExitCode::done;
  }
  AITRADE_TRY_STATUS(vault.save());
  print_change(context, "set", access.place(), vault.header(), vault.body().entries().size(), "stored " + what);
  return ExitCode::done;
}

Result<ExitCode> run_set(const SetOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return set_entry(options, access, context); });
}

// ---- get ----------------------------------------------------------------------------------------

/// Enough to recognise a value and too little to use it.
std::string masked(std::string_view value) {
  constexpr std::size_t least = 12;  // of a shorter one, four characters would be too much
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
  const bool shows_ends = value.size() >= least && is_plain(value[0]) && is_plain(value[1]) &&
                          is_plain(value[value.size() - 1]) && is_plain(value[value.size() - 2]);
  const std::string ends = shows_ends ? std::string(value.substr(0, 2)) + "..." + std::string(value.substr(value.size() - 2))
                                      : "...";
  return ends + " (" + std::to_string(value.size()) + " bytes)";
}

Result<ExitCode> get_entry(const GetOptions& options, VaultAccess& access, Context& context) {
  AITRADE_TRY(const VaultReader vault, access.read());
  const VaultEntry* entry = vault.body().find(options.name);
  if (entry == nullptr) return fail(ErrorCode::not_found, "the vault has no entry '" + options.name + "'");
  if (!options.out.empty() && options.out != "-") {
    AITRADE_TRY_STATUS(access.files().write_new(options.out, entry->value));
    AITRADE_TRY_STATUS(access.files().sync(options.out));
    return ExitCode::done;
  }
  const bool is_masked = context.out_is_terminal && !options.reveal;
  const std::string shown = is_masked ? masked(entry->value) : std::string(entry->value);
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.vault_get/1").field("name", options.name);
    json.field("value", shown).field("masked", is_masked).end_object();
    context.out << json.take() << '\n';
    return ExitCode::done;
  }
  context.out << shown;
  if (context.out_is_terminal) context.out << '\n';
  return ExitCode::done;
}

Result<ExitCode> run_get(const GetOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return get_entry(options, access, context); });
}

// ---- list ---------------------------------------------------------------------------------------

Result<ExitCode> list_entries(VaultAccess& access, Context& context) {
  AITRADE_TRY(const VaultReader vault, access.read());
  std::set<std::string, std::less<>> used;
  for (const WantedSecret& wanted : wanted_secrets(*access.settings().config)) {
    used.insert(wanted.names.begin(), wanted.names.end());
  }
  std::vector<VaultEntry> entries = vault.body().entries();
  std::sort(entries.begin(), entries.end(),
            [](const VaultEntry& a, const VaultEntry& b) { return a.name < b.name; });
  Table table({{"name"}, {"updated"}, {"used"}, {"for"}, {"note"}});
  for (const VaultEntry& entry : entries) {
    const std::string_view purpose = purpose_of(entry.name);
    table.add({Cell::of(entry.name), Cell::of(to_string_seconds(Time{entry.created * 1'000'000'000})),
               Cell::of(used.contains(entry.name)), purpose.empty() ? Cell::none() : Cell::of(purpose),
               Cell::of(entry.note)});
  }
  table.print(context, resolve_format(context, Format::csv), "vault_list");
  return ExitCode::done;
}

Result<ExitCode> run_list(const ListOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return list_entries(access, context); });
}

// ---- rm -----------------------------------------------------------------------------------------

Result<ExitCode> remove_entry(const RemoveOptions& options, VaultAccess& access, Context& context) {
  AITRADE_TRY(VaultWriter vault, access.write());
  AITRADE_TRY_STATUS(vault.remove(options.name));
  if (options.dry_run) {
    context.out << "would remove " << options.name << '\n';
    return ExitCode::done;
  }
  AITRADE_TRY(const bool confirmed, confirm(context, "remove " + options.name + " from the vault?"));
  if (!confirmed) return ExitCode::failed;
  AITRADE_TRY_STATUS(vault.save());
  print_change(context, "rm", access.place(), vault.header(), vault.body().entries().size(),
               "removed " + options.name + "; the file before is kept as .bak until the next change");
  return ExitCode::done;
}

Result<ExitCode> run_remove(const RemoveOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return remove_entry(options, access, context); });
}

void add_set(CommandList& commands, CLI::App& vault) {
  auto [set, options] = commands.add_under<SetOptions>(
      vault,
      {.name = "set",
       .group = "secrets",
       .summary = "stores a value under a name",
       .examples = {"aitrade vault set KRAKEN_API_KEY", "aitrade vault set COINBASE_PRIVATE_KEY --from-file key.pem",
                    "pass show kraken | aitrade vault set KRAKEN_API_SECRET --vault-pass-fd 3 3< pass.txt"},
       .details = "The value is asked for without echo, or read from a pipe (one line end is cut off) or a file "
                  "(as it is). It is never an argument."},
      run_set);
  set.add_option("NAME", options.name, "letters, digits, '_', '.' and '-'")->required();
  set.add_option("--from-file", options.from_file, "read the value from a file; - is standard input")->type_name("FILE");
  set.add_option("--note", options.note, "a line for people, such as what the key may do")->type_name("TEXT");
  set.add_flag("--dry-run", options.dry_run, "print the plan, change nothing");
  add_vault_options(set, options.vault);
}

}  // namespace

void add_vault_entries(CommandList& commands, CLI::App& vault) {
  add_set(commands, vault);
  auto [get, get_options] = commands.add_under<GetOptions>(
      vault,
      {.name = "get",
       .group = "secrets",
       .summary = "prints one value",
       .examples = {"aitrade vault get KRAKEN_API_KEY", "aitrade vault get COINBASE_PRIVATE_KEY --out key.pem"},
       .details = "On a terminal the value is masked unless --reveal; a pipe gets it as it is. --out writes a new "
                  "file of mode 0600."},
      run_get);
  get.add_option("NAME", get_options.name, "name of the entry")->required();
  get.add_flag("--reveal", get_options.reveal, "show the value on a terminal too");
  get.add_option("--out", get_options.out, "write the value to this new file")->type_name("FILE");
  add_vault_options(get, get_options.vault);
  auto [list, list_options] = commands.add_under<ListOptions>(
      vault,
      {.name = "list",
       .group = "secrets",
       .summary = "lists names, never values",
       .examples = {"aitrade vault list", "aitrade vault list --json"},
       .details = "\"used\" says whether live trading with this configuration reads the entry."},
      run_list);
  add_vault_options(list, list_options.vault);
  auto [remove, remove_options] = commands.add_under<RemoveOptions>(
      vault,
      {.name = "rm",
       .group = "secrets",
       .summary = "removes an entry",
       .examples = {"aitrade vault rm KRAKEN_API_KEY", "aitrade vault rm KRAKEN_API_KEY --yes"},
       .details = "Asks first; --yes answers. Exit 4 when there is no such entry."},
      run_remove);
  remove.add_option("NAME", remove_options.name, "name of the entry")->required();
  remove.add_flag("--dry-run", remove_options.dry_run, "print the plan, change nothing");
  add_vault_options(remove, remove_options.vault);
}

}  // namespace aitrade::cli
