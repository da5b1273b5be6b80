// `aitrade passwd`: sets the password of the page. Only an scrypt record of it is kept.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/secret_input.h"
#include "cmd/secret_prompt.h"
#include "core/auth/access_store.h"
#include "core/auth/password.h"

namespace aitrade::cli {
namespace {

struct PasswdOptions {
  std::string from_file;
};

constexpr std::string_view instead = "pass --from-file FILE (- is standard input)";

Result<SecretBytes> ask_twice(Context& context) {
  AITRADE_TRY(SecretBytes first, ask_secret(context, "new password of the page", instead, password_limit));
  AITRADE_TRY(const SecretBytes second, ask_secret(context, "the same once more", instead, password_limit));
  if (!equal_secrets(first.text(), second.text())) return fail(ErrorCode::invalid, "the two passwords differ");
  return first;
}

Result<SecretBytes> read_password(const PasswdOptions& options, Context& context) {
  if (options.from_file.empty()) return ask_twice(context);
  AITRADE_TRY(SecretBytes typed, read_secret(options.from_file, password_limit));
  std::size_t size = typed.size();
  while (size > 0 && (typed.text()[size - 1] == '\n' || typed.text()[size - 1] == '\r')) --size;
  typed.shorten(size);
  return typed;
}

Result<ExitCode> run_passwd(const PasswdOptions& options, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  AITRADE_TRY_STATUS(make_directories(settings->paths));
  AITRADE_TRY(const SecretBytes password, read_password(options, context));
  AITRADE_TRY(const std::string record, make_password_record(password.text()));
  const std::string& name = settings->config->dashboard.admin_username;
  const AccessStore store(settings->paths.access_db());   // a write brings an older file to the present schema
  AITRADE_TRY_STATUS(store.set_password(name, record, "local:" + std::to_string(::getuid()), wall_now()));
  if (context.global.json) {
    context.out << R"({"schema":"aitrade.passwd/1","username":")" << name << "\"}\n";
  } else {
    context.out << "the page opens for '" << name << "' with the new password; who was logged in is logged out\n";
  }
  return ExitCode::done;
}

}  // namespace

void add_passwd(CommandList& commands) {
  auto [app, options] = commands.add<PasswdOptions>(
      {.name = "passwd",
       .group = "operations",
       .summary = "set the password of the page",
       .examples = {"aitrade passwd", "aitrade passwd --from-file - < password.txt"},
       .details = "At least 12 characters. Asked for without echo; never an argument. A running daemon takes it at once."},
      run_passwd);
  app.add_option("--from-file", options.from_file, "read it from a file; - is standard input")->type_name("FILE");
}

}  // namespace aitrade::cli
