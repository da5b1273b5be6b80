#include "core/data/candle_layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "core/data/column_guess.h"

namespace aitrade {
namespace {

constexpr std::size_t preamble_lines_max = 10;  // an address, a licence, a title: nobody writes more
constexpr std::size_t columns_min = 5;          // time, open, high, low, close
constexpr std::size_t columns_max = 64;
constexpr std::string_view delimiters = ",;\t|";

struct Alias {
  std::string_view name;
  Column column;
};

// Names in use by exchanges, charting sites and libraries, lower case, without spaces and underscores.
constexpr std::array<Alias, 43> aliases{{{"time", Column::time},
                                         {"timestamp", Column::time},
                                         {"timestampms", Column::time},
                                         {"unix", Column::time},
                                         {"unixtime", Column::time},
                                         {"unixtimestamp", Column::time},
                                         {"epoch", Column::time},
                                         {"date", Column::time},
                                         {"datetime", Column::time},
                                         {"opentime", Column::time},
                                         {"start", Column::time},
                                         {"starttime", Column::time},
                                         {"intervalbegin", Column::time},
                                         {"ts", Column::time},
                                         {"t", Column::time},
                                         {"open", Column::open},
                                         {"openprice", Column::open},
                                         {"o", Column::open},
                                         {"high", Column::high},
                                         {"highprice", Column::high},
                                         {"h", Column::high},
                                         {"max", Column::high},
                                         {"low", Column::low},
                                         {"lowprice", Column::low},
                                         {"l", Column::low},
                                         {"min", Column::low},
                                         {"close", Column::close},
                                         {"closeprice", Column::close},
                                         {"last", Column::close},
                                         {"c", Column::close},
                                         {"volume", Column::volume},
                                         {"vol", Column::volume},
                                         {"v", Column::volume},
                                         {"basevolume", Column::volume},
                                         {"volumebase", Column::volume},
                                         {"trades", Column::trades},
                                         {"count", Column::trades},
                                         {"tradecount", Column::trades},
                                         {"tradescount", Column::trades},
                                         {"numberoftrades", Column::trades},
                                         {"numtrades", Column::trades},
                                         {"ntrades", Column::trades},
                                         {"n", Column::trades}}};

constexpr std::array<std::string_view, 3> symbol_names{"symbol", "pair", "ticker"};

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '-' || c == '.') continue;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
           return std::tolower(x) == std::tolower(y);
         });
}

Error at_line(std::size_t line, std::string what) {
  return fail(ErrorCode::invalid, std::to_string(line) + ": " + std::move(what));
}

/// Returns the delimiter that gives the most fields, and how many.
std::pair<char, std::size_t> best_delimiter(std::string_view line) {
  std::pair<char, std::size_t> best{',', 1};
  for (const char d : delimiters) {
    const auto n = static_cast<std::size_t>(std::count(line.begin(), line.end(), d)) + 1;
    if (n > best.second) best = {d, n};
  }
  return best;
}

struct FirstLine {
  std::size_t number{0};  // from 1
  std::string_view text;
  std::string_view rest;  // this line and all after it
};

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// Finds the first line of the table, past comments and a preamble.
Result<FirstLine> find_table(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);  // byte order mark
  for (std::size_t number = 1; number <= preamble_lines_max && !sample.empty(); ++number) {
    const std::size_t end = std::min(sample.find('\n'), sample.size());
    const std::string_view line = without_line_end(sample.substr(0, end));
    const bool comment = !line.empty() && line.front() == '#';
    if (!comment) {
      if (best_delimiter(line).second >= columns_min) return FirstLine{number, line, sample};
      if (!line.empty() && std::isdigit(static_cast<unsigned char>(line.front())) != 0) {
        return at_line(number, "found " + std::to_string(best_delimiter(line).second) +
                                   " columns, need time, open, high, low, close and volume");
      }
    }
    sample.remove_prefix(std::min(end + 1, sample.size()));
  }
  return at_line(1, "no table of candles found (five columns or more, split by comma, semicolon, tab or |)");
}

bool is_header(const std::vector<std::string_view>& fields) {
  return std::none_of(fields.begin(), fields.end(), [](std::string_view f) { return is_number(f); });
}

/// Picks one of several columns for a role; empty when there is no good reason for one.
std::optional<std::size_t> prefer(Column column, const std::vector<std::size_t>& found,
                                  const CandleLayout& layout, const std::optional<Symbol>& symbol) {
  if (column == Column::time) {  // "unix" beside "date": the number is exact
    for (const std::size_t i : found) {
      if (squeezed(layout.names[i]).starts_with("unix") || squeezed(layout.names[i]) == "timestamp") return i;
    }
    for (const std::size_t i : found) {
      if (squeezed(layout.names[i]) == "time" || squeezed(layout.names[i]) == "opentime") return i;
    }
  }
  if (column == Column::volume) {
    std::optional<Symbol> pair = symbol;
    if (!pair) {
      if (auto parsed = Symbol::parse(layout.first_symbol)) pair = *parsed;
    }
    for (const std::size_t i : found) {
      const std::string& name = layout.names[i];
      const std::size_t space = name.rfind(' ');
      if (!pair || space == std::string::npos) continue;
      const std::string currency = name.substr(space + 1);
      if (equal_ignoring_case(currency, pair->base) ||
          (pair->base == "BTC" && equal_ignoring_case(currency, "XBT"))) {
        return i;
      }
    }
    for (const std::size_t i : found) {  // "Volume" beside "Volume USD"
      if (squeezed(layout.names[i]) == "volume" || squeezed(layout.names[i]) == "vol") return i;
    }
  }
  return std::nullopt;
}

Status assign_by_name(CandleLayout& layout, const LayoutRequest& request, std::size_t line) {
  std::map<Column, std::vector<std::size_t>> found;
  for (std::size_t i = 0; i < layout.names.size(); ++i) {
    const Column column = column_named(layout.names[i]);
    if (column != Column::skip && !request.map.columns.contains(column)) found[column].push_back(i);
  }
  for (const auto& [column, indices] : found) {
    std::optional<std::size_t> choice;
    if (indices.size() == 1) {
      choice = indices.front();
    } else {
      choice = prefer(column, indices, layout, request.symbol);
      if (!choice && column == Column::trades) continue;  // a statistic nobody needs
    }
    if (!choice) {
      const std::string role(to_string(column));
      return at_line(line, "the columns \"" + layout.names[indices[0]] + "\" and \"" +
                               layout.names[indices[1]] + "\" can both be the " + role + "; say --map " + role +
                               "=" + std::to_string(indices[0]) + " or give the pair");
    }
    layout.columns[*choice] = column;
  }
  return ok();
}

Status apply_map(CandleLayout& layout, const ColumnMap& map, std::size_t line) {
  for (const auto& [column, where] : map.columns) {
    if (where == "none") continue;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(where.data(), where.data() + where.size(), index);
    if (error != std::errc{} || end != where.data() + where.size()) {
      const auto name = std::find_if(layout.names.begin(), layout.names.end(), [&where = where](const std::string& n) {
        return equal_ignoring_case(n, where);
      });
      if (name == layout.names.end()) return at_line(line, "--map names the column \"" + where + "\", which is not there");
      index = static_cast<std::size_t>(name - layout.names.begin());
    }
    if (index >= layout.columns.size()) {
      return at_line(line, "--map names column " + where + ", and there are " +
                               std::to_string(layout.columns.size()) + " (numbered from 0)");
    }
    layout.columns[index] = column;
  }
  return ok();
}

Status check_complete(const CandleLayout& layout, const ColumnMap& map, std::size_t line) {
  for (const Column column :
       {Column::time, Column::open, Column::high, Column::low, Column::close, Column::volume}) {
    const auto n = std::count(layout.columns.begin(), layout.columns.end(), column);
    if (n == 1) continue;
    const std::string role(to_string(column));
    if (n > 1) return at_line(line, "two columns are taken for the " + role);
    if (column == Column::volume && map.columns.contains(Column::volume)) continue;  // none, as told
    const std::string hint = column == Column::volume ? "; say --map volume=none if there is none" : "";
    return at_line(line, "no column for the " + role + " was found; say --map " + role + "=N" + hint);
  }
  return ok();
}

}  // namespace

std::string_view to_string(Column column) {
  constexpr std::array<std::string_view, 8> names{"-", "time", "open", "high", "low", "close", "volume", "trades"};
  return names[static_cast<std::size_t>(column)];
}

Result<ColumnMap> ColumnMap::parse(std::string_view text) {
  ColumnMap map;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = word.find('=');
    const Column column = equals == std::string_view::npos ? Column::skip : column_named(word.substr(0, equals));
    if (column == Column::skip || equals + 1 == word.size()) {
      return fail(ErrorCode::invalid, "--map: \"" + std::string(word) +
                                          "\" is not NAME=COLUMN with time, open, high, low, close, volume or trades");
    }
    if (!map.columns.emplace(column, std::string(word.substr(equals + 1))).second) {
      return fail(ErrorCode::invalid, "--map gives " + std::string(to_string(column)) + " twice");
    }
  }
  return map;
}

std::optional<std::size_t> CandleLayout::index_of(Column column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  line = without_line_end(line);
  for (;;) {
    const std::size_t end = std::min(line.find(delimiter), line.size());
    std::string_view field = line.substr(0, end);
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = field.substr(1, field.size() - 2);
    }
    fields.push_back(field);
    if (end == line.size()) return;
    line.remove_prefix(end + 1);
  }
}

Column column_named(std::string_view name) {
  const std::string key = squeezed(name);
  for (const Alias& alias : aliases) {
    if (key == alias.name) return alias.column;
  }
  // "Volume BTC", "Volume USDT": named after a currency. "Volume MA" of a chart is an average.
  if (key.starts_with("volume") && key != "volumema" && key.size() <= 11) return Column::volume;
  return Column::skip;
}

Result<CandleLayout> detect_layout(const LayoutRequest& request) {
  AITRADE_TRY(const FirstLine first, find_table(request.sample));
  CandleLayout layout;
  layout.delimiter = best_delimiter(first.text).first;
  std::vector<std::string_view> fields;
  split_fields(first.text, layout.delimiter, fields);
  if (fields.size() > columns_max) return at_line(first.number, "more than 64 columns");
  layout.columns.assign(fields.size(), Column::skip);
  layout.has_header = is_header(fields);
  layout.skipped_lines = first.number - (layout.has_header ? 0 : 1);

  if (layout.has_header) {
    layout.names.assign(fields.begin(), fields.end());
    const std::size_t row = std::min(first.rest.find('\n'), first.rest.size() - 1) + 1;
    split_fields(first.rest.substr(row, first.rest.find('\n', row) - row), layout.delimiter, fields);
    for (std::size_t i = 0; i < std::min(fields.size(), layout.names.size()); ++i) {
      if (std::count(symbol_names.begin(), symbol_names.end(), squeezed(layout.names[i])) > 0) {
        layout.first_symbol = fields[i];
      }
    }
    AITRADE_TRY_STATUS(assign_by_name(layout, request, first.number));
  } else if (!std::all_of(std::begin(columns_of_a_candle), std::end(columns_of_a_candle),
                          [&request](Column c) { return request.map.columns.contains(c); })) {
    if (auto guess = guess_columns(first.rest, layout.delimiter, fields.size()); guess) {
      layout.columns = *guess;
    } else {
      return at_line(first.number, std::move(guess).error().what);
    }
    for (Column& column : layout.columns) {
      if (request.map.columns.contains(column)) column = Column::skip;
    }
  }
  AITRADE_TRY_STATUS(apply_map(layout, request.map, first.number));
  AITRADE_TRY_STATUS(check_complete(layout, request.map, first.number));
  return layout;
}

}  // namespace aitrade
