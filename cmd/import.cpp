// `aitrade import`: candles from a file or a pipe into the candle store, all of them or none.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/stored_candles.h"
#include "core/config/paths.h"
#include "core/data/candle_fingerprint.h"
#include "core/data/candle_reader.h"

namespace aitrade::cli {
namespace {

struct ImportOptions {
  std::string file;
  std::string pair;
  std::string timeframe;
  std::string venue{"file"};
  std::string map;
  std::string duplicates{"refuse"};
  bool explain{false};
  bool dry_run{false};
};

Result<CandleReader> open_input(const ImportOptions& options) {
  CandleReadOptions read;
  if (!options.pair.empty()) {
    AITRADE_TRY(read.symbol, Symbol::parse(options.pair));
  }
  if (!options.timeframe.empty()) {
    AITRADE_TRY(read.interval, parse_duration(options.timeframe));
  }
  AITRADE_TRY(read.map, ColumnMap::parse(options.map));
  if (options.duplicates == "keep-larger-volume") read.duplicates = DuplicateRule::keep_larger_volume;
  AITRADE_TRY(ByteSource source, ByteSource::open(options.file));
  return CandleReader::open(std::move(source), std::move(read));
}

struct Imported {
  SeriesKey key;
  CandleReadSummary read;
  ImportCounts stored;
  std::string fingerprint;
};

SourceInfo source_of(const ImportOptions& options, const Imported& imported) {
  SourceInfo source;
  source.name = options.file == "-" ? "stdin" : std::filesystem::path(options.file).filename().string();
  source.covered = {imported.read.first, imported.read.last + imported.key.interval};
  source.rows = imported.read.rows;
  source.duplicates = imported.read.duplicates;
  source.rejected = imported.read.rejected;
  source.content_hash = imported.fingerprint;
  source.at = wall_clock_now();
  return source;
}

/// Reads the input, into the store unless it is a dry run.
Status run_through(const ImportOptions& options, CandleReader& reader, Context& context, Imported& imported) {
  std::optional<CandleStore> store;
  std::optional<CandleImport> import;
  if (!options.dry_run) {
    AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
    AITRADE_TRY_STATUS(make_directories(paths));
    AITRADE_TRY(CandleStore opened, CandleStore::open_for_writing(paths.market_db(), wall_clock_now()));
    store.emplace(std::move(opened));
    AITRADE_TRY(CandleImport begun, CandleImport::begin(*store, imported.key));
    import.emplace(std::move(begun));
  }
  CandleFingerprint fingerprint(imported.key.symbol, imported.key.interval);
  Progress progress(context, "import", 0);
  std::uint64_t done = 0;
  AITRADE_TRY(imported.read, reader.read([&](std::span<const Candle> candles) -> Status {
    fingerprint.add(candles);
    progress.update(done += candles.size());
    return import ? import->add(candles) : ok();
  }));
  progress.finish();
  imported.fingerprint = fingerprint.hex();
  if (import) {
    AITRADE_TRY(imported.stored, import->commit(source_of(options, imported)));
  }
  return ok();
}

void print_json(const ImportOptions& options, const Imported& imported, std::ostream& out) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.import/1");
  json.field("pair", to_string(imported.key.symbol)).field("tf", timeframe_text(imported.key.interval));
  json.field("venue", imported.key.venue).field("rows", imported.read.rows);
  json.field("first", to_string_seconds(imported.read.first)).field("last", to_string_seconds(imported.read.last));
  json.field("duplicates", imported.read.duplicates).field("gaps", imported.read.gaps);
  json.field("missing", imported.read.missing).field("longest_gap", imported.read.longest_gap);
  json.field("rejected", imported.read.rejected).field("rounded", imported.read.rounded);
  json.field("inserted", imported.stored.inserted).field("replaced", imported.stored.replaced);
  json.field("unchanged", imported.stored.unchanged).field("data_fingerprint", imported.fingerprint);
  json.field("dry_run", options.dry_run).end_object();
  out << json.take() << '\n';
}

void print_text(const ImportOptions& options, const Imported& imported, std::ostream& out) {
  const CandleReadSummary& read = imported.read;
  out << (options.dry_run ? "would store " : "stored ") << read.rows << " candles of " << to_string(imported.key)
      << ", " << to_string_seconds(read.first) << " to " << to_string_seconds(read.last) << '\n'
      << (read.gaps == 0 ? "no gaps\n" : "gaps " + std::to_string(read.gaps) + " (" + std::to_string(read.missing) +
                                            " candles missing, the longest " + std::to_string(read.longest_gap) + ")\n");
  if (read.duplicates > 0) out << "dropped " << read.duplicates << " rows equal to one before\n";
  if (read.rejected > 0) out << "dropped " << read.rejected << " rows that had a copy with more volume\n";
  if (read.rounded > 0) out << "rounded " << read.rounded << " prices that carried the noise of a binary float\n";
  if (!options.dry_run && imported.stored.inserted != read.rows) {
    out << "new " << imported.stored.inserted << ", replaced " << imported.stored.replaced << ", already there "
        << imported.stored.unchanged << '\n';
  }
  out << "fingerprint " << imported.fingerprint << '\n';
}

Result<ExitCode> run_import(const ImportOptions& options, Context& context) {
  AITRADE_TRY(CandleReader reader, open_input(options));
  const CandleFormat& format = reader.format();
  if (options.explain) {
    if (context.global.json) {
      JsonWriter json;
      json.begin_object().field("schema", "aitrade.import_explain/1").field("explanation", format.explanation).end_object();
      context.out << json.take() << '\n';
    } else {
      context.out << format.explanation << '\n';
    }
    return ExitCode::done;
  }
  if (!format.symbol) {
    return fail(ErrorCode::invalid, options.file + ": nothing says which pair this is; give --pair, such as --pair BTC/USD");
  }
  Imported imported;
  imported.key = {options.venue, *format.symbol, format.interval};
  AITRADE_TRY_STATUS(run_through(options, reader, context, imported));
  if (context.global.json) {
    print_json(options, imported, context.out);
  } else {
    print_text(options, imported, context.out);
  }
  return ExitCode::done;
}

}  // namespace

void add_import(CommandList& commands) {
  auto [app, options] = commands.add<ImportOptions>(
      {.name = "import",
       .group = "data",
       .summary = "stores candles from a file or a pipe",
       .examples = {"aitrade import XBTUSD_60.csv", "aitrade import btc.csv.gz --pair BTC/USD --tf 1m",
                    "zcat candles.csv.gz | aitrade import - --pair ETH/USD --json",
                    "aitrade import odd.csv --explain --map time=0,open=3,high=2,low=1,close=4,volume=5"},
       .details = "Reads CSV with or without a header, gzip, and NDJSON; times in s, ms, us, ns or ISO 8601; either "
                  "direction. What is ambiguous, unsound or unsorted is refused with its line (exit 2), and an import "
                  "that fails leaves nothing behind."},
      run_import);
  app.add_option("FILE", options.file, "file to read, or - for stdin")->required();
  app.add_option("--pair", options.pair, "pair of the candles; else from the records or the file name");
  app.add_option("--tf", options.timeframe, "timeframe; else from the file name or the most common step");
  app.add_option("--venue", options.venue, "where the candles are from")->capture_default_str();
  app.add_option("--map", options.map, "columns by number from 0 or by name: time=0,open=3,volume=none");
  app.add_option("--duplicates", options.duplicates, "two different rows of one time: refuse, or keep the larger volume")
      ->check(CLI::IsMember({"refuse", "keep-larger-volume"}))
      ->capture_default_str();
  app.add_flag("--explain", options.explain, "say in one line what was understood, and store nothing");
  app.add_flag("--dry-run", options.dry_run, "read everything, store nothing");
}

}  // namespace aitrade::cli
