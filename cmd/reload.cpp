// `aitrade reload`: the running daemon reads its configuration again and takes over what it can.

#include <rapidjson/document.h>

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"

namespace aitrade::cli {
namespace {

struct ReloadOptions {
  bool dry_run{false};
};

std::string names_in(const rapidjson::Document& json, const char* list) {
  std::string names;
  if (!json.HasMember(list) || !json[list].IsArray()) return names;
  for (const auto& item : json[list].GetArray()) {
    if (item.IsString()) names += (names.empty() ? "" : ", ") + std::string(item.GetString());
  }
  return names;
}

Result<ExitCode> run_reload(const ReloadOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  if (options.dry_run) {
    context.out << "would ask the daemon to read its files again; `aitrade config diff` shows what differs\n";
    return ExitCode::done;
  }
  AITRADE_TRY(const HttpReply reply,
              call(Daemon{paths.socket().string(), ""}, "POST", "/api/v1/reload", {}, control_limit));
  const Status answered = check_reply(reply);
  if (!answered && reply.status == 400) return report_failure(context, answered.error(), ExitCode::unsafe);
  AITRADE_TRY_STATUS(answered);
  if (resolve_format(context, Format::json) != Format::table) {
    context.out << reply.body << '\n';
    return ExitCode::done;
  }
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  if (json.HasParseError() || !json.IsObject()) return fail(ErrorCode::network, "the daemon's answer cannot be read");
  const std::string applied = names_in(json, "applied"), waiting = names_in(json, "pending_restart");
  const std::string model = json.HasMember("model") && json["model"].IsString() ? json["model"].GetString() : "";
  if (!model.empty()) context.out << (model == "-" ? "no model gates any more" : "model now: " + model) << '\n';
  if (applied.empty() && waiting.empty() && model.empty()) context.out << "nothing has changed\n";
  if (!applied.empty()) context.out << "in force now: " << applied << '\n';
  if (!waiting.empty()) context.out << "from the next start on: " << waiting << '\n';
  return ExitCode::done;
}

}  // namespace

void add_reload(CommandList& commands) {
  auto [app, options] = commands.add<ReloadOptions>(
      {.name = "reload",
       .group = "live",
       .summary = "let the running daemon read its configuration again",
       .examples = {"aitrade reload", "aitrade reload --json"},
       .details = "All or nothing: a file with a mistake changes nothing, and the mistake is told. Limits, risk and\n"
                  "breakers are in force at once; what shapes indicators or connections waits for the next start. A model\n"
                  "that was activated meanwhile gates from here on.\n"
                  "SIGHUP does the same. Exit code 4 when no daemon runs, 78 when the files have mistakes."},
      run_reload);
  app.add_flag("--dry-run", options.dry_run, "say what would happen, change nothing");
}

}  // namespace aitrade::cli
