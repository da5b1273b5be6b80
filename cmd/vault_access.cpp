#include "cmd/vault_access.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <utility>

#include "cmd/output.h"
#include "cmd/secret_prompt.h"

namespace aitrade::cli {
namespace {

constexpr int attempts = 3;
constexpr std::string_view other_sources =
    "pass --vault-pass-fd N, or name a file with vault.passphrase_file";

}  // namespace

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void refuse_stray_words(CLI::App& app, VaultOptions& options) {
  app.add_option("STRAY", options.stray)->group("");  // an empty group: in no help
}

void add_vault_options(CLI::App& app, VaultOptions& options) {
  app.add_option("--vault-pass-fd", options.pass_fd, "read the passphrase from this open file descriptor")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  app.add_flag("--allow-rollback", options.allow_rollback, "accept an older copy of the vault");
  refuse_stray_words(app, options);
}

VaultPlace vault_place(const Settings& settings, bool allow_rollback) {
  VaultPlace place;
  place.file = settings.paths.resolve(settings.config->vault.path);
  place.mark = settings.paths.vault_mark();
  place.kdf_memory_limit = static_cast<std::uint64_t>(settings.config->vault.max_kdf_memory) << 20U;
  place.allow_rollback = allow_rollback;
  return place;
}

VaultAccess::VaultAccess(Settings settings, const VaultOptions& options, SecretBytes variable,
                         Context& context)
    : settings_(std::move(settings)),
      place_(vault_place(settings_, options.allow_rollback)),
      options_(options),
      variable_(std::move(variable)),
      context_(context) {}

PassphraseSources VaultAccess::sources() {
  PassphraseSources sources;
  sources.descriptor = options_.pass_fd;
  const EnvironmentMap environment = process_environment();
  if (const auto found = environment.find("CREDENTIALS_DIRECTORY"); found != environment.end()) {
    sources.credential = std::filesystem::path(found->second) / "vault_pass";
  }
  const std::string& file = settings_.config->vault.passphrase_file;
  if (!file.empty()) sources.file = settings_.paths.resolve(file);
  sources.variable = std::move(variable_);
  return sources;
}

template <class Opened>
Result<Opened> VaultAccess::open_with(const std::function<Result<Opened>(SecretBytes)>& open) {
  if (const auto looked = look_at_vault(place_); !looked) return Error(looked.error());
  AITRADE_TRY(std::optional<Passphrase> found, find_passphrase(sources()));
  if (found) {
    origin_ = found->origin;
    if (origin_ == PassphraseOrigin::variable && context_.global.verbosity >= 0) {
      context_.err << "warning: the passphrase comes from the environment, where other programs find it\n";
    }
    return open(std::move(found->text));
  }
  for (int attempt = 1;; ++attempt) {
    AITRADE_TRY(SecretBytes typed,
                ask_secret(context_, "passphrase of the vault", other_sources, passphrase_limit));
    auto opened = open(std::move(typed));
    if (opened || opened.error().code != ErrorCode::rejected || attempt == attempts) return opened;
    context_.err << opened.error().what << "; try again\n";
    std::this_thread::sleep_for(std::chrono::seconds{attempt});
  }
}

Result<VaultReader> VaultAccess::read() {
  return open_with<VaultReader>(
      [this](SecretBytes passphrase) { return VaultReader::open(place_, passphrase); });
}

Result<VaultWriter> VaultAccess::write() {
  return open_with<VaultWriter>([this](SecretBytes passphrase) {
    return VaultWriter::open(place_, std::move(passphrase), files_);
  });
}

Result<Passphrase> VaultAccess::choose() {
  AITRADE_TRY(std::optional<Passphrase> found, find_passphrase(sources()));
  if (found) return *std::move(found);
  AITRADE_TRY(SecretBytes typed, ask_new_passphrase(context_, other_sources));
  return Passphrase{std::move(typed), PassphraseOrigin::prompt};
}

Result<SecretBytes> ask_new_passphrase(Context& context, std::string_view instead) {
  AITRADE_TRY(SecretBytes first,
              ask_secret(context, "new passphrase of the vault", instead, passphrase_limit));
  if (const std::string fault = fault_of_passphrase(first.text()); !fault.empty()) {
    return fail(ErrorCode::invalid, "the passphrase " + fault);
  }
  AITRADE_TRY(const SecretBytes second,
              ask_secret(context, "the same once more", instead, passphrase_limit));
  if (equal_secrets(first.text(), second.text())) return first;
  return fail(ErrorCode::invalid, "the two passphrases differ");
}

Result<ExitCode> in_vault(const VaultOptions& options, Context& context,
                          const std::function<Result<ExitCode>(VaultAccess&)>& act) {
  if (!options.stray.empty()) {
    return fail(ErrorCode::invalid,
                "a word too many; a secret never goes on the command line, where every process sees "
                "it: pipe it in, or be asked for it");
  }
  forbid_core_dumps();
  SecretBytes variable = take_variable(passphrase_variable);
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  VaultAccess access(*std::move(settings), options, std::move(variable), context);
  auto result = act(access);
  if (!result && result.error().code == ErrorCode::unsupported) {
    return report_failure(context, result.error(), ExitCode::unsafe);
  }
  return result;
}

void print_change(Context& context, std::string_view action, const VaultPlace& place,
                  const VaultHeader& header, std::size_t entries, const std::string& line) {
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.vault_change/1").field("action", action);
    json.field("path", place.file.string()).field("generation", header.generation);
    json.field("entries", static_cast<std::uint64_t>(entries)).end_object();
    context.out << json.take() << '\n';
    return;
  }
  context.out << line << '\n';
}

}  // namespace aitrade::cli
