// Candles from a plain CSV of half a million rows: read alone, and read into a store on disk.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/data/candle_reader.h"
#include "core/store/candle_store.h"
#include "tests/bench/bench.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

namespace aitrade::bench {
namespace {

constexpr std::size_t rows_max = 500'000;

/// The CSV, in a folder that lives as long as the rows.
struct CsvFile {
  explicit CsvFile(const std::vector<Candle>& candles) : path(folder.write("candles.csv", test::to_csv(candles))) {}

  test::TempFolder folder;
  std::string path;
};

CandleReader open_csv(const std::string& path) {
  CandleReadOptions options;
  options.symbol = Symbol{"BTC", "USD"};
  auto source = ByteSource::open(path);
  AITRADE_CHECK(source.has_value());
  auto reader = CandleReader::open(std::move(*source), options);
  AITRADE_CHECK(reader.has_value());
  return std::move(*reader);
}

double read_only(const std::string& path) {
  double sum = 0;
  auto read = open_csv(path).read([&](std::span<const Candle> candles) {
    for (const Candle& c : candles) sum += c.volume;
    return ok();
  });
  AITRADE_CHECK(read.has_value());
  return sum;
}

double read_and_store(const CsvFile& csv) {
  const std::string database = csv.folder / "market.db";
  for (const char* rest : {"", "-wal", "-shm"}) std::filesystem::remove(database + rest);
  auto store = CandleStore::open_for_writing(database, Time{});
  AITRADE_CHECK(store.has_value());
  auto import = CandleImport::begin(*store, SeriesKey{"file", Symbol{"BTC", "USD"}, minutes{1}});
  AITRADE_CHECK(import.has_value());
  auto read = open_csv(csv.path).read([&](std::span<const Candle> candles) { return import->add(candles); });
  AITRADE_CHECK(read.has_value());
  SourceInfo source;
  source.name = "candles.csv";
  source.covered = {read->first, read->last + minutes{1}};
  source.rows = read->rows;
  const auto counts = import->commit(source);
  AITRADE_CHECK(counts.has_value());
  return static_cast<double>(counts->inserted);
}

}  // namespace

void add_import_rows(const BenchInput& input, std::vector<BenchRow>& rows) {
  const std::size_t count = std::min(rows_max, input.candles.size());
  const auto csv = std::make_shared<CsvFile>(input.first(count).candles);
  rows.push_back({"read plain CSV", "rows", count, [csv] { return read_only(csv->path); }});
  rows.push_back({"read plain CSV into a store", "rows", count, [csv] { return read_and_store(*csv); },
                  TimedBy::wall});
}

}  // namespace aitrade::bench
