// `aitrade data`: what is in the candle store, whether it is whole, printing it, removing it.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/stored_candles.h"
#include "core/config/paths.h"
#include "core/market/gap_policy.h"
#include "core/market/outlier.h"

namespace aitrade::cli {
namespace {

struct ListOptions {};

struct CheckOptions {
  StoredCandlesOptions candles;
  double outlier_threshold{OutlierSettings{}.threshold};
};

struct RemoveOptions {
  StoredCandlesOptions candles;
  bool dry_run{false};
};

Result<ExitCode> run_list(const ListOptions&, Context& context) {
  AITRADE_TRY(CandleStore store, open_candle_store(context));
  AITRADE_TRY(const std::vector<SeriesInfo> list, store.list());
  Table table({{"pair"}, {"tf"}, {"venue"}, {"rows", true}, {"first"}, {"last"}, {"sources", true}, {"bytes", true}});
  for (const SeriesInfo& info : list) {
    AITRADE_TRY(const std::vector<SourceInfo> sources, store.sources(info.key));
    table.add({Cell::of(to_string(info.key.symbol)), Cell::of(timeframe_text(info.key.interval)), Cell::of(info.key.venue),
               Cell::of(info.rows), Cell::of(to_string_seconds(info.first)), Cell::of(to_string_seconds(info.last)),
               Cell::of(static_cast<std::int64_t>(sources.size())), Cell::of(info.bytes)});
  }
  table.print(context, resolve_format(context, Format::csv), "series");
  return ExitCode::done;
}

// ---- check --------------------------------------------------------------------------------------

struct Checked {
  SeriesKey key;
  GapCounter gaps;
  std::int64_t not_downloaded{0};  // of the missing: outside of what was imported or fetched
  std::int64_t duplicates{0};      // dropped at import
  std::uint64_t outliers{0};       // bars that the quarantine would hold back
};

/// How many candles fit into the part of [from, to) that no source spoke for.
std::int64_t outside(const std::vector<TimeRange>& covered, Time from, Time to, Duration interval) {
  Duration inside{};
  for (const TimeRange& range : covered) {
    const Duration shared = std::min(range.to, to) - std::max(range.from, from);
    if (shared.count() > 0) inside += shared;
  }
  return (to - from - inside) / interval;
}

Result<Checked> check_series(CandleStore& store, const StoredCandles& wanted, double outlier_threshold) {
  Checked checked;
  checked.key = wanted.series.key;
  AITRADE_TRY(const std::vector<TimeRange> covered, store.covered(checked.key));
  AITRADE_TRY(const std::vector<SourceInfo> sources, store.sources(checked.key));
  for (const SourceInfo& source : sources) checked.duplicates += source.duplicates;
  OutlierFilter filter(OutlierSettings{.threshold = outlier_threshold});
  AITRADE_TRY_STATUS(store.read(checked.key, wanted.range, [&](std::span<const Candle> candles) {
    for (const Candle& candle : candles) {
      const std::int64_t before = checked.gaps.missing;
      const Time closed = checked.gaps.last + candle.interval;
      checked.gaps.add(candle);
      if (checked.gaps.missing != before) {
        checked.not_downloaded += outside(covered, closed, candle.open_time, candle.interval);
      }
      filter.push(candle);
    }
    return ok();
  }));
  checked.outliers = filter.counts().quarantined;
  return checked;
}

void write_counts(JsonWriter& json, const Checked& checked) {
  json.field("rows", checked.gaps.rows).field("gaps", checked.gaps.gaps).field("missing", checked.gaps.missing);
  json.field("longest_gap", checked.gaps.longest).field("not_downloaded", checked.not_downloaded);
  json.field("duplicates", checked.duplicates).field("outliers", checked.outliers);
}

std::string check_json(const std::vector<Checked>& all) {
  Checked sum;
  for (const Checked& checked : all) {
    sum.gaps.rows += checked.gaps.rows;
    sum.gaps.gaps += checked.gaps.gaps;
    sum.gaps.missing += checked.gaps.missing;
    sum.gaps.longest = std::max(sum.gaps.longest, checked.gaps.longest);
    sum.not_downloaded += checked.not_downloaded;
    sum.duplicates += checked.duplicates;
    sum.outliers += checked.outliers;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.data_check/1");
  write_counts(json, sum);
  json.key("series").begin_array();
  for (const Checked& checked : all) {
    json.begin_object().field("pair", to_string(checked.key.symbol)).field("tf", timeframe_text(checked.key.interval));
    json.field("venue", checked.key.venue);
    write_counts(json, checked);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

Result<ExitCode> run_check(const CheckOptions& options, Context& context) {
  AITRADE_TRY(CandleStore store, open_candle_store(context));
  std::vector<Checked> all;
  if (options.candles.pair.empty()) {
    AITRADE_TRY(const std::vector<SeriesInfo> list, store.list());
    if (list.empty()) return fail(ErrorCode::not_found, "no candles are stored yet; `aitrade import FILE` stores some");
    for (const SeriesInfo& info : list) {
      AITRADE_TRY(Checked checked, check_series(store, {info, info.key.interval, {}}, options.outlier_threshold));
      all.push_back(std::move(checked));
    }
  } else {
    AITRADE_TRY(const StoredCandles wanted, find_stored_candles(store, options.candles, true));
    AITRADE_TRY(Checked checked, check_series(store, wanted, options.outlier_threshold));
    all.push_back(std::move(checked));
  }
  const bool has_gaps = std::any_of(all.begin(), all.end(), [](const Checked& c) { return c.gaps.gaps > 0; });
  if (context.global.json) {
    context.out << check_json(all) << '\n';
    return has_gaps ? ExitCode::negative : ExitCode::done;
  }
  Table table({{"pair"}, {"tf"}, {"venue"}, {"rows", true}, {"gaps", true}, {"missing", true}, {"longest_gap", true},
               {"not_downloaded", true}, {"duplicates", true}, {"outliers", true}});
  for (const Checked& c : all) {
    table.add({Cell::of(to_string(c.key.symbol)), Cell::of(timeframe_text(c.key.interval)), Cell::of(c.key.venue),
               Cell::of(c.gaps.rows), Cell::of(c.gaps.gaps), Cell::of(c.gaps.missing), Cell::of(c.gaps.longest),
               Cell::of(c.not_downloaded), Cell::of(c.duplicates), Cell::of(c.outliers)});
  }
  table.print(context, resolve_format(context, Format::csv), "data_check");
  return has_gaps ? ExitCode::negative : ExitCode::done;
}

// ---- remove -------------------------------------------------------------------------------------

Result<ExitCode> run_remove(const RemoveOptions& options, Context& context) {
  std::optional<StoredCandles> wanted;
  std::int64_t rows = 0;
  {
    AITRADE_TRY(CandleStore store, open_candle_store(context));
    AITRADE_TRY(wanted, find_stored_candles(store, options.candles, true));
    AITRADE_TRY_STATUS(store.read(wanted->series.key, wanted->range, [&rows](std::span<const Candle> candles) {
      rows += static_cast<std::int64_t>(candles.size());
      return ok();
    }));
  }
  const std::string what = std::to_string(rows) + " candles of " + to_string(wanted->series.key);
  if (options.dry_run) {
    context.out << "would remove " << what << '\n';
    return ExitCode::done;
  }
  AITRADE_TRY(const bool confirmed, confirm(context, "remove " + what + "?"));
  if (!confirmed) return ExitCode::failed;
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  AITRADE_TRY(CandleStore store, CandleStore::open_for_writing(paths.market_db(), wall_clock_now()));
  AITRADE_TRY(const std::int64_t removed, store.remove(wanted->series.key, wanted->range));
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.data_rm/1").field("removed", removed).end_object();
    context.out << json.take() << '\n';
  } else {
    context.out << "removed " << removed << " candles of " << to_string(wanted->series.key) << '\n';
  }
  return ExitCode::done;
}

}  // namespace

void add_data(CommandList& commands) {
  CLI::App& data = commands.group({.name = "data",
                                   .group = "data",
                                   .summary = "lists, checks, prints and removes stored candles",
                                   .examples = {"aitrade data ls", "aitrade data check BTC/USD",
                                                "aitrade data cat BTC/USD --tf 5m --from 30d"},
                                   .details = ""});
  commands.add_under<ListOptions>(data,
                                  {.name = "ls",
                                   .group = "data",
                                   .summary = "lists the stored series",
                                   .examples = {"aitrade data ls --json"},
                                   .details = ""},
                                  run_list);
  auto [check, check_options] = commands.add_under<CheckOptions>(
      data,
      {.name = "check",
       .group = "data",
       .summary = "counts gaps and outliers of one series or of all",
       .examples = {"aitrade data check", "aitrade data check BTC/USD --tf 1m --json"},
       .details = "Exits 3 when candles are missing. A missing candle inside what was imported or fetched had no "
                  "trades or was lost by the source; not_downloaded counts the others."},
      run_check);
  add_stored_candles_options(check, check_options.candles, false);
  check.add_option("--outlier-threshold", check_options.outlier_threshold, "jump of the close that is suspect; 0: none")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str();
  auto [cat, cat_options] = commands.add_under<StoredCandlesOptions>(
      data,
      {.name = "cat",
       .group = "data",
       .summary = "prints candles, of a longer timeframe where asked",
       .examples = {"aitrade data cat BTC/USD --tf 5m | aitrade backtest - --strategy keltner",
                    "aitrade data cat BTC/USD --from 20240101 --to 20240201 --format ndjson"},
       .details = "CSV unless --format says otherwise; what it prints imports back without loss."},
      print_stored_candles);
  add_stored_candles_options(cat, cat_options, true);
  auto [remove, remove_options] = commands.add_under<RemoveOptions>(
      data,
      {.name = "rm",
       .group = "data",
       .summary = "removes candles from the store",
       .examples = {"aitrade data rm BTC/USD --tf 1m --dry-run", "aitrade data rm BTC/USD --to 20200101 --yes"},
       .details = "Asks first; --yes answers. Without a terminal and without --yes it exits 2."},
      run_remove);
  add_stored_candles_options(remove, remove_options.candles, true);
  remove.add_flag("--dry-run", remove_options.dry_run, "say what would be removed, remove nothing");
}

}  // namespace aitrade::cli
