#include "core/data/column_guess.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "core/base/time.h"

namespace aitrade {
namespace {

constexpr std::size_t rows_judged_max = 5'000;
constexpr std::size_t window_width = 4;        // open, high, low, close in some order
constexpr double earliest_epoch = 1e8;         // 1973, in seconds; prices and volumes are rarely whole and larger
constexpr double same_scale = 20;              // four prices of one bar do not differ by more than this
constexpr double clearly_better = 0.5;         // a reading this much smoother contradicts the usual order
constexpr std::size_t rows_for_average = 3;    // fewer rows prove nothing about a volume-weighted price

using Row = std::vector<double>;  // NaN where a field is no number

struct Sample {
  std::vector<Row> rows;
  std::vector<bool> is_iso_time;  // per column
};

double number_of(std::string_view field) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc{} && end == field.data() + field.size() ? value : std::nan("");
}

Sample read_sample(std::string_view text, char delimiter, std::size_t count) {
  Sample sample;
  sample.is_iso_time.assign(count, true);
  std::vector<std::string_view> fields;
  while (!text.empty() && sample.rows.size() < rows_judged_max) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    split_fields(text.substr(0, end), delimiter, fields);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (fields.size() != count) continue;  // the reader itself reports such a line, with its number
    Row row(count);
    for (std::size_t i = 0; i < count; ++i) {
      row[i] = number_of(fields[i]);
      if (!sample.is_iso_time[i]) continue;
      const auto time = is_number(fields[i]) ? Result<Time>(fail(ErrorCode::invalid, "")) : parse_time(fields[i]);
      sample.is_iso_time[i] = time.has_value();
      if (time) row[i] = static_cast<double>(time->seconds_floor());
    }
    sample.rows.push_back(std::move(row));
  }
  return sample;
}

/// Whether a column moves in one direction and holds whole numbers large enough for an epoch.
bool is_epoch_column(const Sample& sample, std::size_t column) {
  int direction = 0;
  for (std::size_t r = 0; r < sample.rows.size(); ++r) {
    const double value = sample.rows[r][column];
    if (!(value >= earliest_epoch) || value > 1e19) return false;
    if (r == 0) continue;
    const double before = sample.rows[r - 1][column];
    const int step = value > before ? 1 : value < before ? -1 : 0;
    if (direction == 0) direction = step;
    if (step != 0 && step != direction) return false;
  }
  return true;
}

std::optional<std::size_t> find_time(const Sample& sample, std::size_t count) {
  for (std::size_t c = 0; c < count; ++c) {
    if (sample.is_iso_time[c] || is_epoch_column(sample, c)) return c;
  }
  return std::nullopt;
}

bool is_numeric(const Sample& sample, std::size_t column) {
  return std::all_of(sample.rows.begin(), sample.rows.end(),
                     [column](const Row& row) { return std::isfinite(row[column]); });
}

bool is_whole(const Sample& sample, std::size_t column) {
  return std::all_of(sample.rows.begin(), sample.rows.end(), [column](const Row& row) {
    return row[column] >= 0 && row[column] == std::floor(row[column]);
  });
}

/// Whether four neighbouring columns can be the prices of a bar, and which of them are extremes.
struct Window {
  std::size_t begin{0};
  std::vector<std::size_t> highs, lows;
};

std::optional<Window> judge_window(const Sample& sample, std::size_t begin) {
  std::array<bool, window_width> can_be_high{};
  std::array<bool, window_width> can_be_low{};
  can_be_high.fill(true);
  can_be_low.fill(true);
  for (const Row& row : sample.rows) {
    const auto first = row.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto [low, high] = std::minmax_element(first, first + window_width);
    if (!(*low > 0) || *high > *low * same_scale) return std::nullopt;
    for (std::size_t i = 0; i < window_width; ++i) {
      can_be_high[i] = can_be_high[i] && row[begin + i] == *high;
      can_be_low[i] = can_be_low[i] && row[begin + i] == *low;
    }
  }
  Window window{begin, {}, {}};
  for (std::size_t i = 0; i < window_width; ++i) {
    if (can_be_high[i]) window.highs.push_back(begin + i);
    if (can_be_low[i]) window.lows.push_back(begin + i);
  }
  if (window.highs.empty() || window.lows.empty()) return std::nullopt;
  return window;
}

/// Sum of |open of the later bar - close of the earlier one| over neighbouring rows.
double roughness(const Sample& sample, std::size_t time, std::size_t open, std::size_t close) {
  double sum = 0;
  for (std::size_t r = 1; r < sample.rows.size(); ++r) {
    const bool ascending = !(sample.rows[r][time] < sample.rows[r - 1][time]);
    const Row& earlier = sample.rows[ascending ? r - 1 : r];
    const Row& later = sample.rows[ascending ? r : r - 1];
    sum += std::abs(later[open] - earlier[close]);
  }
  return sum;
}

Error ambiguous(const std::string& what) {
  return fail(ErrorCode::invalid, what + "; add a header or say --map time=0,open=1,high=2,low=3,close=4,volume=5");
}

std::optional<Window> find_window(const Sample& sample, std::size_t time, std::size_t count) {
  for (std::size_t begin = time + 1; begin + window_width <= count; ++begin) {
    bool numeric = true;
    for (std::size_t i = 0; i < window_width; ++i) numeric = numeric && is_numeric(sample, begin + i);
    if (!numeric) continue;
    if (auto window = judge_window(sample, begin)) return window;
  }
  return std::nullopt;
}

Status assign_prices(const Sample& sample, const Window& window, std::size_t time, std::vector<Column>& columns) {
  if (window.highs.size() > 1 || window.lows.size() > 1) {
    return ambiguous("without a header the high and low columns cannot be told from the others (of columns " +
                     std::to_string(window.begin) + " to " + std::to_string(window.begin + 3) + ")");
  }
  std::vector<std::size_t> rest;
  for (std::size_t c = window.begin; c < window.begin + window_width; ++c) {
    if (c != window.highs[0] && c != window.lows[0]) rest.push_back(c);
  }
  const double usual = roughness(sample, time, rest[0], rest[1]);
  const double swapped = roughness(sample, time, rest[1], rest[0]);
  if (swapped < usual * clearly_better) {
    return ambiguous("without a header, column " + std::to_string(rest[1]) +
                     " looks like the open and column " + std::to_string(rest[0]) + " like the close");
  }
  columns[window.highs[0]] = Column::high;
  columns[window.lows[0]] = Column::low;
  columns[rest[0]] = Column::open;
  columns[rest[1]] = Column::close;
  return ok();
}

/// Whether a column is a volume-weighted price: inside every bar's range, or 0 where nothing traded.
bool is_average_price(const Sample& sample, std::size_t column, const Window& window) {
  if (sample.rows.size() < rows_for_average) return false;
  bool any = false;
  for (const Row& row : sample.rows) {
    const double value = row[column];
    if (value == 0) continue;
    constexpr double rounding = 1e-4;  // venues round the average to a tick
    if (value < row[window.lows[0]] * (1 - rounding) || value > row[window.highs[0]] * (1 + rounding)) return false;
    any = true;
  }
  return any;
}

void assign_volume(const Sample& sample, const Window& window, std::vector<Column>& columns) {
  const std::size_t count = columns.size();
  std::size_t volume = window.begin + window_width;
  while (volume < count && !is_numeric(sample, volume)) ++volume;
  if (volume >= count) return;
  if (volume + 1 < count && is_average_price(sample, volume, window)) ++volume;
  if (!is_numeric(sample, volume)) return;
  columns[volume] = Column::volume;
  const std::size_t next = volume + 1;
  if (next >= count || !is_numeric(sample, next)) return;
  if (is_epoch_column(sample, next)) {  // Binance: close time, quote volume, number of trades
    if (next + 2 < count && is_whole(sample, next + 2)) columns[next + 2] = Column::trades;
  } else if (is_whole(sample, next)) {
    columns[next] = Column::trades;
  }
}

}  // namespace

bool is_number(std::string_view field) {
  if (!field.empty() && field.front() == '+') field.remove_prefix(1);
  return !field.empty() && std::isfinite(number_of(field));
}

Result<std::vector<Column>> guess_columns(std::string_view sample_text, char delimiter, std::size_t count) {
  const Sample sample = read_sample(sample_text, delimiter, count);
  const auto time = sample.rows.empty() ? std::nullopt : find_time(sample, count);
  if (!time) return ambiguous("without a header no column could be recognised as the time");
  const auto window = find_window(sample, *time, count);
  if (!window) return ambiguous("without a header no four columns could be recognised as open, high, low and close");
  std::vector<Column> columns(count, Column::skip);
  columns[*time] = Column::time;
  AITRADE_TRY_STATUS(assign_prices(sample, *window, *time, columns));
  assign_volume(sample, *window, columns);
  return columns;
}

}  // namespace aitrade
