// `aitrade tenant`: others who may look at rows of their own. Works beside a running daemon, which notices within
// a second.

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/auth/tenant_store.h"

namespace aitrade::cli {
namespace {

struct TenantOptions {
  std::string id, name, plan{"free"}, status;
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

void show(Context& context, const TenantRow& tenant, const std::string& line) {
  if (!context.global.json) {
    context.out << line << '\n';
    return;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tenant/1").field("id", tenant.id.name).field("name", tenant.name);
  json.field("status", tenant.status).field("plan", tenant.plan).end_object();
  context.out << json.take() << '\n';
}

Result<ExitCode> run_add(const TenantOptions& options, Context& context) {
  if (!is_tenant_name(options.id)) {
    return fail(ErrorCode::invalid, "a tenant is named by lower-case letters, digits, _ and -, at most 32");
  }
  if (options.dry_run) {
    context.out << "would make the tenant " << options.id << '\n';
    return ExitCode::done;
  }
  AITRADE_TRY(const AccessStore access, open_store(context));
  const TenantStore store(access);
  const std::string name = options.name.empty() ? options.id : options.name;
  AITRADE_TRY_STATUS(store.add(TenantId{options.id}, name, options.plan, actor(), wall_now()));
  AITRADE_TRY(const TenantRow tenant, store.find(TenantId{options.id}));
  show(context, tenant, "tenant " + options.id + " is active; `aitrade key create --tenant " + options.id +
                            "` makes a key for it");
  return ExitCode::done;
}

Result<ExitCode> run_list(const TenantOptions&, Context& context) {
  AITRADE_TRY(const AccessStore access, open_store(context));
  AITRADE_TRY(const std::vector<TenantRow> tenants, TenantStore(access).list());
  Table table({{"id"}, {"name"}, {"status"}, {"plan"}, {"created"}});
  for (const TenantRow& tenant : tenants) {
    table.add({Cell::of(tenant.id.name), Cell::of(tenant.name), Cell::of(tenant.status), Cell::of(tenant.plan),
               tenant.created.ns == 0 ? Cell::none() : Cell::of(to_string_seconds(tenant.created))});
  }
  table.print(context, resolve_format(context, Format::csv), "tenants");
  return ExitCode::done;
}

Result<ExitCode> run_state(const TenantOptions& options, Context& context) {
  AITRADE_TRY(const AccessStore access, open_store(context));
  const TenantStore store(access);
  const TenantId id{options.id};
  AITRADE_TRY(TenantRow tenant, store.find(id));
  if (!options.status.empty() && !is_tenant_status(options.status)) {
    return fail(ErrorCode::invalid, "STATUS: active, trialing, past_due, canceled, incomplete or suspended");
  }
  if (options.dry_run) {
    context.out << "would make " << options.id << ' ' << (options.status.empty() ? tenant.status : options.status) << '\n';
    return ExitCode::done;
  }
  if (!options.status.empty()) {
    TenantStore::Change change;
    change.status = options.status;
    AITRADE_TRY_STATUS(store.change(id, change, actor(), wall_now()));
    AITRADE_TRY(tenant, store.find(id));
  }
  show(context, tenant, "tenant " + tenant.id.name + " is " + tenant.status);
  return ExitCode::done;
}

}  // namespace

void add_tenant(CommandList& commands) {
  CLI::App& group = commands.group(
      {.name = "tenant",
       .group = "operations",
       .summary = "others with rows and keys of their own: add, list, change their status",
       .examples = {"aitrade tenant add acme --name 'Acme Ltd'", "aitrade tenant list",
                    "aitrade tenant status acme suspended"},
       .details = "The tenant `default` owns the engine and always exists. A key of another tenant sees that tenant's "
                  "rows and nothing else; it works while the tenant is active, trialing, or past due for three days."
                  });
  auto [add, add_options] = commands.add_under<TenantOptions>(
      group,
      {.name = "add",
       .group = "operations",
       .summary = "make a tenant",
       .examples = {"aitrade tenant add acme", "aitrade tenant add acme --name 'Acme Ltd' --plan pro"},
       .details = "Keys for it come from `aitrade key create --tenant`."},
      run_add);
  add.add_option("ID", add_options.id, "lower-case letters, digits, _ and -")->required();
  add.add_option("--name", add_options.name, "as people call it; the ID without it");
  add.add_option("--plan", add_options.plan, "what it pays for")->capture_default_str();
  add.add_flag("--dry-run", add_options.dry_run, "say what would happen, change nothing");
  commands.add_under<TenantOptions>(group,
                                    {.name = "list",
                                     .group = "operations",
                                     .summary = "tenants with their status",
                                     .examples = {"aitrade tenant list", "aitrade tenant list --json"},
                                     .details = ""},
                                    run_list);
  auto [state, state_options] = commands.add_under<TenantOptions>(
      group,
      {.name = "status",
       .group = "operations",
       .summary = "show a tenant's status, or give it another",
       .examples = {"aitrade tenant status acme", "aitrade tenant status acme suspended"},
       .details = "A tenant that is suspended, canceled or incomplete: its keys are refused within a second and its "
                  "streams close."},
      run_state);
  state.add_option("ID", state_options.id, "of `aitrade tenant list`")->required();
  state.add_option("STATUS", state_options.status, "active, trialing, past_due, canceled, incomplete or suspended");
  state.add_flag("--dry-run", state_options.dry_run, "say what would happen, change nothing");
}

}  // namespace aitrade::cli
