#include "core/data/signal_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include <rapidjson/document.h>

#include "core/data/row_parser.h"

namespace aitrade {
namespace {

constexpr std::array<std::string_view, 7> names{"time", "pair", "direction", "size", "quantity", "stop", "target"};
namespace at {   // where in `names` and in a row's fields
constexpr std::size_t time = 0, pair = 1, direction = 2, size = 3, quantity = 4, stop = 5, target = 6;
}

using Fields = std::array<std::string_view, names.size()>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\"";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<std::size_t> field_of(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), lower(name));
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

/// Cuts plain digits after the last decimal that the type holds; anything else stays for parse() to judge.
template <class Exact>
Result<Exact> cut_to(std::string_view text) {
  const std::size_t point = text.find('.');
  const bool is_plain = text.find_first_not_of("0123456789.+-") == std::string_view::npos;
  const std::size_t keep = point + 1 + static_cast<std::size_t>(Exact::decimals);
  if (is_plain && point != std::string_view::npos && text.size() > keep) text = text.substr(0, keep);
  return Exact::parse(text);
}

Error wrong(std::string_view what, std::string_view value, std::string_view rule) {
  return fail(ErrorCode::invalid, std::string(what) + " \"" + std::string(value) + "\" " + std::string(rule));
}

Result<Price> level_of(std::string_view what, std::string_view text) {
  if (text.empty()) return Price{};
  auto price = cut_to<Price>(text);
  if (!price || price->is_negative()) return wrong(what, text, "is not a price");
  return *price;
}

Result<Direction> direction_of(std::string_view text) {
  const std::string word = lower(text);
  if (word == "long") return Direction::long_;
  if (word == "short") return Direction::short_;
  if (word == "flat") return Direction::neutral;
  return wrong("direction", text, "is none of long, short, flat");
}

Status read_amount(const Fields& fields, SignalRow& row) {
  const std::string_view size = fields[at::size];
  const std::string_view quantity = fields[at::quantity];
  if (row.direction == Direction::neutral) return ok();   // everything goes
  if (!size.empty() && !quantity.empty()) {
    return fail(ErrorCode::invalid, "size (share of equity) and quantity (units) are both given: name one");
  }
  if (!size.empty()) {
    const auto share = cut_to<Rate>(size);
    const bool fits = share && share->is_positive() && *share <= Rate::from_raw(Rate::scale);
    if (!fits) return wrong("size", size, "is not a share of equity above 0, up to 1; units go into a column quantity");
    row.size = *share;
  }
  if (!quantity.empty()) {
    const auto units = cut_to<Quantity>(quantity);
    if (!units || !units->is_positive()) return wrong("quantity", quantity, "is not an amount above 0");
    row.quantity = *units;
  }
  return ok();
}

Result<SignalRow> row_of(const Fields& fields) {
  SignalRow row;
  auto time = read_time_field(fields[at::time]);
  if (!time) return wrong("time", fields[at::time], "is not a time");
  row.time = *time;
  if (!fields[at::pair].empty()) {
    AITRADE_TRY(row.pair, Symbol::parse(fields[at::pair]));
  }
  AITRADE_TRY(row.direction, direction_of(fields[at::direction]));
  AITRADE_TRY_STATUS(read_amount(fields, row));
  AITRADE_TRY(row.stop, level_of("stop", fields[at::stop]));
  AITRADE_TRY(row.target, level_of("target", fields[at::target]));
  return row;
}

/// The columns of a table, from its header.
struct Layout {
  std::vector<std::size_t> fields;   // by column
  char delimiter{','};
};

Result<Layout> layout_of(std::string_view header) {
  Layout layout;
  for (const char candidate : {',', ';', '\t'}) {
    if (header.find(candidate) != std::string_view::npos) {
      layout.delimiter = candidate;
      break;
    }
  }
  std::array<bool, names.size()> seen{};
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = std::min(header.find(layout.delimiter, begin), header.size());
    const std::string_view name = trimmed(header.substr(begin, end - begin));
    const auto field = field_of(name);
    if (!field) return wrong("column", name, "is unknown; the header names time,pair,direction,size,quantity,stop,target");
    if (seen[*field]) return wrong("column", name, "stands there twice");
    seen[*field] = true;
    layout.fields.push_back(*field);
    if (end == header.size()) break;
    begin = end + 1;
  }
  if (!seen[at::time] || !seen[at::direction]) return fail(ErrorCode::invalid, "the header names no time or no direction");
  return layout;
}

Result<Fields> split(std::string_view line, const Layout& layout) {
  Fields fields{};
  std::size_t begin = 0;
  for (std::size_t column = 0;; ++column) {
    const std::size_t end = std::min(line.find(layout.delimiter, begin), line.size());
    if (column == layout.fields.size()) {
      if (trimmed(line.substr(begin)).empty()) break;
      return fail(ErrorCode::invalid, "has more fields than the header");
    }
    fields[layout.fields[column]] = trimmed(line.substr(begin, end - begin));
    if (end == line.size()) break;
    begin = end + 1;
  }
  return fields;
}

/// Reads a record; `document` keeps the text that the fields point to. False: a record of another kind.
Result<bool> read_record(std::string_view line, rapidjson::Document& document, Fields& fields) {
  document.Parse<rapidjson::kParseNumbersAsStringsFlag>(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()) return fail(ErrorCode::invalid, "is not a JSON object");
  fields = Fields{};
  for (const auto& member : document.GetObject()) {
    if (!member.value.IsString()) continue;
    const std::string_view key(member.name.GetString(), member.name.GetStringLength());
    const std::string_view value(member.value.GetString(), member.value.GetStringLength());
    if (key == "t" && value != "signal") return false;
    if (const auto field = field_of(key)) fields[*field] = value;
  }
  return true;
}

Result<std::string> all_of(ByteSource& source) {
  constexpr std::size_t piece = 64 * 1024;
  std::string text;
  for (;;) {
    const std::size_t size = text.size();
    text.resize(size + piece);
    AITRADE_TRY(const std::size_t n, source.read({text.data() + size, piece}));
    text.resize(size + n);
    if (n == 0) return text;
  }
}

/// Reads one line after the other; the first that holds anything says which form this is.
class Rows {
 public:
  Status take(std::string_view line, std::int64_t number) {
    if (trimmed(line).empty()) return ok();
    if (!is_known_) {
      is_known_ = true;
      is_json_ = line.front() == '{';
      if (!is_json_) {
        AITRADE_TRY(layout_, layout_of(line));
        return ok();
      }
    }
    Fields fields{};
    if (is_json_) {
      AITRADE_TRY(const bool is_signal, read_record(line, document_, fields));
      if (!is_signal) return ok();
    } else {
      AITRADE_TRY(fields, split(line, layout_));
    }
    AITRADE_TRY(SignalRow row, row_of(fields));
    row.line = number;
    rows.push_back(std::move(row));
    return ok();
  }

  std::vector<SignalRow> rows;

 private:
  bool is_known_{false};
  bool is_json_{false};
  Layout layout_;
  rapidjson::Document document_;
};

}  // namespace

Result<std::vector<SignalRow>> read_signals(ByteSource source) {
  AITRADE_TRY(const std::string text, all_of(source));
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);   // a byte order mark
  Rows rows;
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (Status status = rows.take(rest.substr(0, end), number); !status) {
      return std::move(status).error().within(source.name() + ":" + std::to_string(number));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::move(rows.rows);
}

}  // namespace aitrade
