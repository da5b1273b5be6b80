#include "cmd/output.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace aitrade::cli {

using rapidjson::SizeType;

struct JsonWriter::State {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter() : state_(std::make_unique<State>()) {}

JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::begin_object() {
  state_->writer.StartObject();
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  state_->writer.EndObject();
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  state_->writer.StartArray();
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  state_->writer.EndArray();
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  state_->writer.Key(name.data(), static_cast<SizeType>(name.size()));
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  // A default string_view has no data; RapidJSON wants a pointer even for nothing.
  state_->writer.String(value.empty() ? "" : value.data(), static_cast<SizeType>(value.size()));
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  state_->writer.Int64(value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  const std::string text = shortest(value);
  return text.empty() ? null() : raw(text);
}

JsonWriter& JsonWriter::boolean(bool value) {
  state_->writer.Bool(value);
  return *this;
}

JsonWriter& JsonWriter::null() {
  state_->writer.Null();
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  state_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

std::string JsonWriter::take() {
  AITRADE_CHECK(state_->writer.IsComplete());
  return {state_->buffer.GetString(), state_->buffer.GetSize()};
}

std::string shortest(double value) {
  if (!std::isfinite(value)) return {};
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string quoted = "\"";
  for (const char letter : value) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

Cell Cell::of(double value) {
  std::string text = shortest(value);
  return text.empty() ? none() : Cell{Kind::number, std::move(text)};
}

void Table::add(std::vector<Cell> row) {
  AITRADE_CHECK(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

void Table::print_table(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].name.size();
    for (const auto& row : rows_)
      width = std::max(width, row[i].text.size());
    widths.push_back(width);
  }
  const auto print_line = [&](const auto& text_at) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& text = text_at(i);
      const std::string space(widths[i] - text.size(), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].align_right ? space + text : text + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print_line([&](std::size_t i) -> const std::string& { return columns_[i].name; });
  for (const auto& row : rows_) {
    print_line([&](std::size_t i) -> const std::string& { return row[i].text; });
  }
}

void Table::print_csv(std::ostream& out) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out << (i > 0 ? "," : "") << csv_field(columns_[i].name);
  }
  out << '\n';
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out << (i > 0 ? "," : "") << csv_field(row[i].text);
    out << '\n';
  }
}

void Table::write_row(JsonWriter& json, const std::vector<Cell>& row) const {
  for (std::size_t i = 0; i < row.size(); ++i) {
    json.key(columns_[i].name);
    switch (row[i].kind) {
      case Cell::Kind::text:
        json.string(row[i].text);
        break;
      case Cell::Kind::number:
      case Cell::Kind::boolean:
        json.raw(row[i].text);
        break;
      case Cell::Kind::null:
        json.null();
        break;
    }
  }
}

void Table::print(Context& context, Format format, std::string_view name) const {
  if (format == Format::table) {
    print_table(context.out);
  } else if (format == Format::csv) {
    print_csv(context.out);
  } else if (format == Format::ndjson) {
    for (const auto& row : rows_) {
      JsonWriter json;
      json.begin_object().field("t", name);
      write_row(json, row);
      json.end_object();
      context.out << json.take() << '\n';
    }
  } else {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade." + std::string(name) + "/1");
    json.key("rows").begin_array();
    for (const auto& row : rows_) {
      json.begin_object();
      write_row(json, row);
      json.end_object();
    }
    json.end_array().end_object();
    context.out << json.take() << '\n';
  }
}

namespace {

constexpr double quiet_seconds = 2;     // shorter work shows nothing (cli.md 2)
constexpr double redraw_seconds = 0.1;  // ten times a second

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::min(seconds, 359999.0));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                whole % 60);
  return text.data();
}

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Progress::Progress(Context& context, std::string label, std::uint64_t total, Now now)
    : context_(context),
      label_(std::move(label)),
      total_(total),
      now_(std::move(now)),
      started_(now_()),
      last_shown_(started_) {}

Progress::~Progress() {
  finish();
}

std::string Progress::line(std::uint64_t done, double elapsed_seconds) const {
  if (total_ == 0) return label_ + ' ' + std::to_string(done);
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  std::string text = label_ + ' ' + std::to_string(static_cast<int>(share * 100)) + " %";
  if (share > 0 && share < 1)
    text += ", " + duration_text(elapsed_seconds / share - elapsed_seconds) + " left";
  return text;
}

void Progress::update(std::uint64_t done) {
  if (context_.global.verbosity < 0) return;
  const auto now = now_();
  const double elapsed = seconds_between(started_, now);
  if (elapsed < quiet_seconds) return;
  if (context_.err_is_terminal) {
    if (is_line_open_ && seconds_between(last_shown_, now) < redraw_seconds) return;
    context_.err << '\r' << line(done, elapsed) << "\x1b[K" << std::flush;
    is_line_open_ = true;
    last_shown_ = now;
    return;
  }
  const std::uint64_t tenth = total_ == 0 ? 0 : std::min<std::uint64_t>(10, done * 10 / total_);
  if (tenth <= last_tenth_) return;
  last_tenth_ = tenth;
  context_.err << line(done, elapsed) << std::endl;
}

void Progress::finish() {
  if (is_line_open_) context_.err << "\r\x1b[K" << std::flush;
  is_line_open_ = false;
}

Result<bool> confirm(Context& context, std::string_view question, std::string_view word) {
  if (context.global.yes) return true;
  if (!context.in_is_terminal) {
    return fail(ErrorCode::invalid,
                std::string(question) + " needs an answer, and stdin is no terminal; pass --yes");
  }
  context.err << question
              << (word.empty() ? " [y/N] " : " Type '" + std::string(word) + "' to go on: ")
              << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  return word.empty() ? answer == "y" || answer == "yes" : answer == word;
}

}  // namespace aitrade::cli
