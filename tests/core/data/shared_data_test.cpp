// Every bar file of the shared data folder reads with the rows, gaps and ends that its README states.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/core/data/support.h"

namespace aitrade {
namespace {

struct Stated {
  std::string file;
  std::string first, last;
  std::int64_t rows{0}, gaps{0}, missing{0}, longest{0};
};

std::string without_commas(std::string text) {
  std::erase(text, ',');
  return text;
}

/// Reads the table of bars from the README: file | venue | first | last | rows | gaps (missing, longest) | size.
std::vector<Stated> stated_files(const std::filesystem::path& readme) {
  std::vector<Stated> files;
  std::ifstream in(readme);
  for (std::string line; std::getline(in, line);) {
    if (line.find(".csv.gz |") == std::string::npos || line.find('(') == std::string::npos) continue;
    std::vector<std::string> cells;
    std::stringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) {
      cell.erase(0, cell.find_first_not_of(' '));
      cell.erase(cell.find_last_not_of(' ') + 1);
      cells.push_back(cell);
    }
    if (cells.size() < 6 || cells[5] == "-") continue;
    Stated stated{cells[0], cells[2], cells[3]};
    stated.rows = std::stoll(without_commas(cells[4]));
    if (std::sscanf(cells[5].c_str(), "%ld (%ld, %ld)", &stated.gaps, &stated.missing, &stated.longest) == 3) {
      files.push_back(stated);
    }
  }
  return files;
}

}  // namespace

TEST_CASE("shared data: every bar file reads as its README says", "[data][reader][shared]") {
  const std::filesystem::path folder = std::filesystem::path(AITRADE_SOURCE_DIR) / ".." / "shared" / "data";
  if (!std::filesystem::exists(folder / "README.md")) {
    WARN("skipped: no shared data folder beside the source tree");
    return;
  }
  const auto files = stated_files(folder / "README.md");
  CHECK(files.size() == 49);
  for (const Stated& stated : files) {
    INFO(stated.file);
    const bool dirty = stated.file.find("_dirty") != std::string::npos;
    const std::string path = (folder / stated.file).string();
    const auto discard = [](std::span<const Candle>) { return ok(); };
    if (dirty) {
      auto strict = CandleReader::open(*ByteSource::open(path));
      REQUIRE(strict);
      const auto refused = strict->read(discard);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().what.find("is there twice with different values") != std::string::npos);
    }
    CandleReadOptions options;
    if (dirty) options.duplicates = DuplicateRule::keep_larger_volume;
    auto reader = CandleReader::open(*ByteSource::open(path), options);
    if (!reader) FAIL(reader.error().what);
    const auto read = reader->read(discard);
    if (!read) FAIL(read.error().what);
    CHECK(read->rows + read->duplicates + read->rejected == stated.rows);
    CHECK(read->gaps == stated.gaps);
    CHECK(read->missing == stated.missing);
    CHECK(read->longest_gap == stated.longest);
    CHECK(to_string_seconds(read->first) == stated.first);
    CHECK(to_string_seconds(read->last) == stated.last);
    if (!dirty) CHECK(read->rows == stated.rows);
    if (dirty) CHECK(read->rows == 48'717);  // its clean twin
  }
}

}  // namespace aitrade
