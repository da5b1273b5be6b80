// `aitrade export`: trades, fills, orders, equity, thoughts, signals and candles as CSV, NDJSON or JSON, for other tools.
//
// Rows of the ledger are streamed by key in slices from a read-only connection, so memory stays constant and a
// running daemon is not held up.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "cmd/stored_candles.h"
#include "core/config/accounts.h"
#include "core/config/paths.h"
#include "core/store/exports.h"
#include "core/store/schema.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace aitrade::cli {
namespace {

struct ExportOptions {
  std::string tenant;
  std::string account;
  bool demo{false};
};

struct KindText {
  const char* record;  // "trade": the "t" of NDJSON
  const char* plural;  // the command's name
};

KindText text_of(ExportKind kind) {
  switch (kind) {
    case ExportKind::trades:
      return {"trade", "trades"};
    case ExportKind::fills:
      return {"fill", "fills"};
    case ExportKind::orders:
      return {"order", "orders"};
    case ExportKind::equity:
      return {"equity", "equity"};
    case ExportKind::thoughts:
      return {"thought", "thoughts"};
    case ExportKind::signals:
      return {"signal", "signals"};
    case ExportKind::audit:
      return {"audit", "audit"};
  }
  return {"", ""};
}

Result<Database> open_source(const Paths& paths, ExportKind kind, bool demo) {
  const Time now{
      std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
  const Profile profile = profile_of(kind);
  const bool is_telemetry = profile == Profile::telemetry;
  std::filesystem::path file = is_telemetry ? paths.telemetry_db() : paths.trading_db();
  if (demo) file = paths.demo_dir() / (is_telemetry ? "telemetry.db" : "trading.db");
  auto database = open_settled_reader(paths.lock_file(), file, profile, now);
  if (!database && database.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, std::string(demo ? "no demo or tape" : "nothing") + " has run here yet (no '" +
                                          file.string() + "')" +
                                          (demo ? "" : "; --demo reads the books of a demo or tape"));
  }
  return database;
}

/// Prints rows as they come, or gathers them for a table.
class RowPrinter {
 public:
  RowPrinter(ExportKind kind, Format format, Context& context)
      : kind_(kind), format_(format), context_(context), table_(columns_of(kind)) {}

  void begin() {
    if (format_ == Format::csv) append_csv_header(kind_, buffer_);
    if (format_ == Format::json) {
      buffer_ =
          std::string(R"({"schema":"aitrade.)") + text_of(kind_).plural + R"(/1","rows":[)";
    }
    flush();
  }

  void row(const std::vector<ExportCell>& cells) {
    if (format_ == Format::table) {
      add_to_table(cells);
    } else if (format_ == Format::csv) {
      append_csv_row(kind_, cells, buffer_);
    } else if (format_ == Format::ndjson) {
      const std::string first = std::string(R"("t":")") + text_of(kind_).record + R"(",)";
      append_json_row(kind_, cells, first, buffer_);
      buffer_ += '\n';
    } else {
      if (has_rows_) buffer_ += ',';
      append_json_row(kind_, cells, "", buffer_);
    }
    has_rows_ = true;
  }

  /// Hands what was printed to the stream; called after each slice.
  void flush() {
    context_.out << buffer_;
    buffer_.clear();
  }

  void end() {
    if (format_ == Format::json) buffer_ += "]}\n";
    flush();
    if (format_ == Format::table) table_.print(context_, format_, text_of(kind_).plural);
  }

 private:
  static std::vector<Table::Column> columns_of(ExportKind kind) {
    std::vector<Table::Column> columns;
    for (const ExportColumn& column : export_columns(kind)) {
      columns.push_back({column.name, column.is_number});
    }
    return columns;
  }

  void add_to_table(const std::vector<ExportCell>& cells) {
    std::vector<Cell> row;
    for (const ExportCell& cell : cells)
      row.push_back(cell ? Cell::of(*cell) : Cell::none());
    table_.add(std::move(row));
  }

  ExportKind kind_;
  Format format_;
  Context& context_;
  Table table_;
  std::string buffer_;
  bool has_rows_{false};
};

Result<ExitCode> export_rows(ExportKind kind, const ExportOptions& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  AITRADE_TRY_STATUS(choose_account(*settings, options.account));
  AITRADE_TRY(Database database, open_source(settings->paths, kind, options.demo));
  const AccountConfig* account = find_account(*settings->config, options.account);
  TenantId tenant;
  if (account != nullptr) tenant.name = account->tenant;
  if (!options.tenant.empty()) tenant.name = options.tenant;
  RowPrinter printer(kind, resolve_format(context, Format::csv), context);
  printer.begin();
  for (std::int64_t after = 0;;) {
    AITRADE_TRY(const ExportSlice slice, export_slice(database, kind, tenant, after));
    if (slice.rows.empty()) break;
    for (const auto& row : slice.rows)
      printer.row(row);
    printer.flush();
    after = slice.last_id;
  }
  printer.end();
  return ExitCode::done;
}

template <ExportKind kind>
Result<ExitCode> run_export(const ExportOptions& options, Context& context) {
  return export_rows(kind, options, context);
}

template <ExportKind kind>
void add_kind(CommandList& commands, CLI::App& group, const char* summary) {
  const std::string name = text_of(kind).plural;
  auto [app, options] = commands.add_under<ExportOptions>(
      group,
      {.name = name,
       .group = "data",
       .summary = summary,
       .examples = {"aitrade export " + name + " --format csv > " + name + ".csv"},
       .details = ""},
      run_export<kind>);
  app.add_option("--tenant", options.tenant, "whose rows; unset: of the account's, or default");
  app.add_option("--account", options.account, "one of [[accounts]], whose books are meant");
  app.add_flag("--demo", options.demo, "of the last demo or tape, which keeps its books apart");
}

}  // namespace

void add_export(CommandList& commands) {
  CLI::App& group = commands.group(
      {.name = "export",
       .group = "data",
       .summary = "prints trades, fills, orders, equity, thoughts, signals or candles for other tools",
       .examples = {"aitrade export trades > trades.csv", "aitrade export fills --format ndjson",
                    "aitrade export candles BTC/USD --tf 1h > btc_1h.csv"},
       .details =
           "CSV keeps numbers bare and quotes text; amounts are exact decimals in every format. "
           "Works beside a running daemon and without one."});
  add_kind<ExportKind::trades>(commands, group, "closed trades, oldest first");
  add_kind<ExportKind::fills>(commands, group, "executions as the venue reported them");
  add_kind<ExportKind::orders>(commands, group, "every order with its state");
  add_kind<ExportKind::equity>(commands, group, "equity over time, a row a minute");
  add_kind<ExportKind::thoughts>(commands, group, "decisions, incidents and notices as long as telemetry keeps them");
  add_kind<ExportKind::signals>(commands, group, "decisions that led to an order, as `backtest --signals` reads them");
  auto [candles, options] = commands.add_under<StoredCandlesOptions>(
      group,
      {.name = "candles",
       .group = "data",
       .summary = "stored candles, as `import` reads them",
       .examples = {"aitrade export candles BTC/USD > btc.csv",
                    "aitrade export candles BTC/USD --tf 1h --from 20240101 --to 20240201 --format ndjson"},
       .details = "A timeframe that is not stored is made from the longest stored one that divides it."},
      print_stored_candles);
  add_stored_candles_options(candles, options, true);
}

}  // namespace aitrade::cli
