// `aitrade key`: keys for the API, kept as MACs; the text of one is shown once, when it is made.
//
// Works beside a running daemon, which notices within a second.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "core/auth/access_store.h"

namespace aitrade::cli {
namespace {

struct KeyOptions {
  std::string tenant{"default"}, scopes{"read"}, label, expires{"365d"}, id;
  bool dry_run{false};
};

std::string actor() { return "local:" + std::to_string(::getuid()); }

Result<AccessStore> open_store(Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  AITRADE_TRY_STATUS(make_directories(paths));
  AccessStore store(paths.access_db());
  AITRADE_TRY_STATUS(store.migrate(wall_now()));
  return store;
}

void show_new(Context& context, const NewKey& key, const KeyRequest& request, Time now) {
  const std::string until = request.lifetime ? to_string(now + *request.lifetime) : "";
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.key/1").field("id", key.parts.id).field("key", key.text.reveal());
    json.field("scope", to_string(request.scope)).field("tenant", request.tenant.name).field("label", request.label);
    json.key("expires");
    until.empty() ? json.null() : json.string(until);
    json.end_object();
    context.out << json.take() << '\n';
    return;
  }
  context.out << key.text.reveal() << '\n' << std::flush;
  if (context.global.verbosity < 0) return;
  context.err << "key " << key.parts.id << " may " << to_string(request.scope)
              << (until.empty() ? " and does not expire" : " until " + until)
              << "; it is shown this once. Use it as the header X-API-Key, or in AITRADE_API_KEY with --url\n";
}

Result<ExitCode> run_create(const KeyOptions& options, Context& context) {
  AITRADE_TRY(const Scope scope, parse_scope(options.scopes));
  KeyRequest request{TenantId{options.tenant}, scope, options.label, std::nullopt};
  if (options.tenant.empty() || options.tenant.size() > 32 ||
      options.tenant.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos) {
    return fail(ErrorCode::invalid, "--tenant: a name of lower-case letters, digits, _ and -");
  }
  if (options.label.size() > 100) return fail(ErrorCode::invalid, "--label: at most 100 bytes");
  if (options.expires != "never") {
    AITRADE_TRY(request.lifetime, parse_duration(options.expires));
    if (request.lifetime->count() <= 0) return fail(ErrorCode::invalid, "--expires: a time such as 90d, or never");
  }
  if (options.dry_run) {
    context.out << "would make a key that may " << to_string(scope) << "\n";
    return ExitCode::done;
  }
  AITRADE_TRY(const AccessStore store, open_store(context));
  const Time now = wall_now();
  AITRADE_TRY(const NewKey key, store.create(request, actor(), now));
  show_new(context, key, request, now);
  return ExitCode::done;
}

std::string maybe_text(const std::optional<Time>& time) { return time ? to_string_seconds(*time) : ""; }

Result<ExitCode> run_list(const KeyOptions&, Context& context) {
  AITRADE_TRY(const AccessStore store, open_store(context));
  AITRADE_TRY(const std::vector<ApiKeyRow> keys, store.keys());
  Table table({{"id"}, {"label"}, {"scope"}, {"tenant"}, {"state"}, {"created"}, {"expires"}, {"last_used"}});
  const Time now = wall_now();
  const auto maybe = [](const std::string& text) { return text.empty() ? Cell::none() : Cell::of(text); };
  for (const ApiKeyRow& key : keys) {
    table.add({Cell::of(key.id), maybe(key.label), Cell::of(to_string(key.scope)), Cell::of(key.tenant.name),
               Cell::of(key.revoked ? "revoked" : key.is_live(now) ? "live" : "expired"),
               Cell::of(to_string_seconds(key.created)), maybe(maybe_text(key.expires)),
                   maybe(maybe_text(key.last_used))});
  }
  table.print(context, resolve_format(context, Format::csv), "keys");
  return ExitCode::done;
}

void tell_revoked(Context& context, const std::string& id, bool is_news) {
  if (context.global.json) {
    context.out << R"({"schema":"aitrade.key_revoked/1","id":")" << id << R"(","state":"revoked"})" << '\n';
  } else {
    context.out << "key " << id << (is_news ? " is revoked\n" : " was revoked already\n");
  }
}

Result<ExitCode> run_revoke(const KeyOptions& options, Context& context) {
  AITRADE_TRY(const AccessStore store, open_store(context));
  AITRADE_TRY(const std::vector<ApiKeyRow> keys, store.keys());
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const ApiKeyRow& key) { return key.id == options.id; });
  if (found == keys.end()) return fail(ErrorCode::not_found,
      "there is no key '" + options.id + "'; `aitrade key list` shows them");
  if (options.dry_run) {
    context.out << "would revoke key " << options.id << '\n';
    return ExitCode::done;
  }
  if (!found->revoked) AITRADE_TRY_STATUS(store.revoke(options.id, actor(), wall_now()));
  tell_revoked(context, options.id, !found->revoked);
  return ExitCode::done;
}

Result<ExitCode> run_rotate(const KeyOptions& options, Context& context) {
  AITRADE_TRY(const AccessStore store, open_store(context));
  AITRADE_TRY(const std::vector<ApiKeyRow> keys, store.keys());
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const ApiKeyRow& key) { return key.id == options.id; });
  if (found == keys.end()) return fail(ErrorCode::not_found,
      "there is no key '" + options.id + "'; `aitrade key list` shows them");
  KeyRequest request{found->tenant, found->scope, found->label, std::nullopt};
  if (found->expires) request.lifetime = *found->expires - found->created;
  const Time now = wall_now();
  AITRADE_TRY(const NewKey key, store.create(request, actor(), now));
  show_new(context, key, request, now);
  if (!context.global.json && context.global.verbosity >= 0) {
    context.err << "the old key works on until `aitrade key revoke " << options.id << "`\n";
  }
  return ExitCode::done;
}

}  // namespace

void add_key(CommandList& commands) {
  CLI::App& group = commands.group(
      {.name = "key",
       .group = "operations",
       .summary = "keys for the API: make, list, revoke, rotate",
       .examples = {"aitrade key create --scopes read --label grafana", "aitrade key list",
                    "aitrade key revoke abcdefghij"},
       .details = "A key may read, control (read, pause, resume, close) or administer. Only its MAC is stored. On the "
                  "machine of the daemon the same user needs no key. Keys that are no admin's control only with "
                  "dashboard.allow_tenant_keys_for_control."});
  auto [create, create_options] = commands.add_under<KeyOptions>(
      group,
      {.name = "create",
       .group = "operations",
       .summary = "make a key and show it once",
       .examples = {"aitrade key create --label grafana", "aitrade key create --scopes read,control --expires 90d",
                    "KEY=$(aitrade key create -q --scopes admin)"},
       .details = "The key alone goes to standard output."},
      run_create);
  create.add_option("--scopes", create_options.scopes,
      "read, control or admin; the widest of a list counts")->capture_default_str();
  create.add_option("--label", create_options.label, "what it is for");
  create.add_option("--expires", create_options.expires, "after this time, or never")->capture_default_str();
  create.add_option("--tenant", create_options.tenant, "whose rows it sees")->capture_default_str();
  create.add_flag("--dry-run", create_options.dry_run, "say what would happen, change nothing");
  commands.add_under<KeyOptions>(group,
                                 {.name = "list",
                                  .group = "operations",
                                  .summary = "keys with their scope and state; never the keys themselves",
                                  .examples = {"aitrade key list", "aitrade key list --json"},
                                  .details = ""},
                                 run_list);
  auto [revoke, revoke_options] = commands.add_under<KeyOptions>(
      group,
      {.name = "revoke",
       .group = "operations",
       .summary = "end a key at once",
       .examples = {"aitrade key revoke abcdefghij"},
       .details = "A running daemon refuses it within a second and closes its streams."},
      run_revoke);
  revoke.add_option("ID", revoke_options.id, "of `aitrade key list`")->required();
  revoke.add_flag("--dry-run", revoke_options.dry_run, "say what would happen, change nothing");
  auto [rotate, rotate_options] = commands.add_under<KeyOptions>(
      group,
      {.name = "rotate",
       .group = "operations",
       .summary = "make a second key like one that there is",
       .examples = {"aitrade key rotate abcdefghij"},
       .details = "Both work until the old one is revoked."},
      run_rotate);
  rotate.add_option("ID", rotate_options.id, "of `aitrade key list`")->required();
}

}  // namespace aitrade::cli
