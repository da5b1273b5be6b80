// How commands print: tables, CSV, JSON, progress and questions, in one way for all of them.
//
// Data goes to `context.out`, everything else to `context.err` (cli.md 2). Money, prices and
// quantities are text cells, so they stay decimal strings in JSON; undefined numbers are null.
#pragma once

#include "cmd/cli.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::cli {

/// Writes JSON into a string. Doubles are shortest round-trip; infinities and NaN become null.
class JsonWriter {
 public:
  JsonWriter();
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// Adds text that is JSON already.
  JsonWriter& raw(std::string_view json);

  JsonWriter& field(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }

  JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }

  JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).integer(value); }

  JsonWriter& field(std::string_view name, int value) { return key(name).integer(value); }

  JsonWriter& field(std::string_view name, std::uint64_t value) {
    return key(name).integer(static_cast<std::int64_t>(value));
  }

  JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }

  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  /// Returns what was written; the document must be complete.
  [[nodiscard]] std::string take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns a double as the shortest text that reads back equal; "" when it is not finite.
std::string shortest(double value);

/// Returns a CSV field, quoted when it holds a comma, a quote or a line end.
std::string csv_field(std::string_view value);

/// One value of a row, with the kind that JSON needs.
struct Cell {
  enum class Kind { text, number, boolean, null };

  Kind kind{Kind::null};
  std::string text;

  static Cell of(std::string_view value) { return {Kind::text, std::string(value)}; }

  static Cell of(const char* value) { return {Kind::text, value}; }

  static Cell of(std::int64_t value) { return {Kind::number, std::to_string(value)}; }

  static Cell of(int value) { return {Kind::number, std::to_string(value)}; }

  static Cell of(std::uint64_t value) { return {Kind::number, std::to_string(value)}; }

  static Cell of(double value);

  static Cell of(bool value) { return {Kind::boolean, value ? "true" : "false"}; }

  static Cell none() { return {}; }
};

/// Rows under named columns, printed in any format.
///
/// table: aligned, numbers to the right. csv: header and rows. ndjson: one object a row, first key
/// "t". json: {"schema":"aitrade.NAME/1","rows":[...]}.
class Table {
 public:
  struct Column {
    std::string name;         // "pair": the JSON key and CSV header
    bool align_right{false};  // numbers and money
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row with as many cells as columns.
  void add(std::vector<Cell> row);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  /// Prints all rows; `name` is the record name for "t" and the schema.
  void print(Context& context, Format format, std::string_view name) const;

 private:
  void print_table(std::ostream& out) const;
  void print_csv(std::ostream& out) const;
  void write_row(JsonWriter& json, const std::vector<Cell>& row) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Shows on stderr how far work of more than two seconds is, with the time left.
///
/// On a terminal one line is rewritten at most ten times a second; elsewhere there is a line per 10
/// %. Silent with -q.
class Progress {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `total` is in the caller's unit (rows, bars); 0 when unknown.
  Progress(
      Context& context, std::string label, std::uint64_t total,
      Now now = [] { return std::chrono::steady_clock::now(); });
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Reports that `done` of the total are done. Cheap enough for each thousand rows.
  void update(std::uint64_t done);

  /// Clears the line of a terminal; the destructor calls it.
  void finish();

 private:
  std::string line(std::uint64_t done, double elapsed_seconds) const;

  Context& context_;
  std::string label_;
  std::uint64_t total_;
  Now now_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_shown_;
  std::uint64_t last_tenth_{0};
  bool is_line_open_{false};
};

/// Asks on stderr and reads stdin. True when confirmed, false when declined.
///
/// --yes confirms without asking. When stdin is no terminal it fails with `invalid` and names
/// --yes. With `word`, that word has to be typed in full; without, y or yes.
Result<bool> confirm(Context& context, std::string_view question, std::string_view word = {});

}  // namespace aitrade::cli
