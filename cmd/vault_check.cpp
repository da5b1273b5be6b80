// `aitrade vault check`: opens the vault and says what is weak about it and what it lacks.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cmd/cli.h"
#include "cmd/output.h"
#include "cmd/vault_access.h"
#include "cmd/vault_commands.h"
#include "cmd/vault_names.h"

namespace aitrade::cli {
namespace {

constexpr std::uint64_t least_kdf_memory = std::uint64_t{32} << 20U;  // what the small profile takes

struct CheckOptions {
  VaultOptions vault;
};

struct Finding {
  std::string_view severity;  // "error", "warning", "notice"
  std::string what;
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " or ") + name;
  return text;
}

/// Secrets that live trading needs and the vault does not have.
std::vector<WantedSecret> missing_secrets(const VaultReader& vault, const Config& config) {
  std::vector<WantedSecret> missing = wanted_secrets(config);
  std::erase_if(missing, [&vault](const WantedSecret& wanted) {
    return std::any_of(wanted.names.begin(), wanted.names.end(),
                       [&vault](const std::string& name) { return vault.holds(name); });
  });
  return missing;
}

std::vector<Finding> findings_of(const VaultReader& vault, const VaultAccess& access) {
  std::vector<Finding> findings;
  const Config& config = *access.settings().config;
  for (const WantedSecret& wanted : missing_secrets(vault, config)) {
    const bool is_live = config.app.mode == Mode::live;
    findings.push_back({is_live ? "error" : "notice", joined(wanted.names) + " is missing: " + wanted.purpose +
                                                          (is_live ? "" : " needs it when live")});
  }
  if (access.origin() == PassphraseOrigin::variable) {
    findings.push_back({"warning", "the passphrase comes from an environment variable; use a file or a credential"});
  }
  if (vault.header().cost.memory() < least_kdf_memory) {
    findings.push_back({"warning", "guessing the passphrase is cheap; `aitrade vault rotate --kdf default`"});
  }
  if (!SecretBytes(1).is_locked()) {
    findings.push_back({"warning", "memory cannot be kept out of swap; raise the limit of locked memory"});
  }
  for (const VaultEntry& entry : vault.body().entries()) {
    const std::string name(entry.name);
    if (purpose_of(name).empty()) findings.push_back({"notice", name + " is read by nothing here"});
    if (std::getenv(name.c_str()) != nullptr) {
      findings.push_back({"warning", name + " also stands in the environment, in the clear"});
    }
  }
  return findings;
}

void print_json(const VaultReader& vault, const VaultAccess& access, const std::vector<Finding>& findings, bool is_fine,
                Context& context) {
  const KdfCost& cost = vault.header().cost;
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.vault_check/1").field("ok", is_fine);
  json.field("path", access.place().file.string()).field("cipher", "aes-256-gcm").field("kdf", "scrypt");
  json.field("kdf_memory_mib", cost.memory() >> 20U).field("generation", vault.header().generation);
  json.field("entries", static_cast<std::uint64_t>(vault.body().entries().size()));
  json.field("passphrase_from", to_string(access.origin())).key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().field("severity", finding.severity).field("what", finding.what).end_object();
  }
  json.end_array().key("missing").begin_array();
  for (const WantedSecret& wanted : missing_secrets(vault, *access.settings().config)) json.string(joined(wanted.names));
  json.end_array().end_object();
  context.out << json.take() << '\n';
}

Result<ExitCode> check_vault(VaultAccess& access, Context& context) {
  AITRADE_TRY(const VaultReader vault, access.read());
  const std::vector<Finding> findings = findings_of(vault, access);
  const bool is_fine = std::none_of(findings.begin(), findings.end(),
                                    [](const Finding& finding) { return finding.severity == "error"; });
  const ExitCode exit = is_fine ? ExitCode::done : ExitCode::negative;
  if (context.global.json) {
    print_json(vault, access, findings, is_fine, context);
    return exit;
  }
  context.out << "vault '" << access.place().file.string() << "' is whole: " << vault.body().entries().size()
              << " entries, generation " << vault.header().generation << ", aes-256-gcm, scrypt with "
              << (vault.header().cost.memory() >> 20U) << " MiB\n";
  for (const Finding& finding : findings) context.out << "  " << finding.severity << ": " << finding.what << '\n';
  return exit;
}

Result<ExitCode> run_check(const CheckOptions& options, Context& context) {
  return in_vault(options.vault, context, [&](VaultAccess& access) { return check_vault(access, context); });
}

}  // namespace

void add_vault_check(CommandList& commands, CLI::App& vault) {
  auto [check, options] = commands.add_under<CheckOptions>(
      vault,
      {.name = "check",
       .group = "secrets",
       .summary = "opens the vault and says what is weak or missing",
       .examples = {"aitrade vault check", "aitrade vault check --json"},
       .details = "Opening verifies every byte of the file. Exit 3 when app.mode is live and a secret that this "
                  "configuration needs is missing."},
      run_check);
  add_vault_options(check, options.vault);
}

}  // namespace aitrade::cli
