#include "core/base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace aitrade {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

struct CivilTime {
  int year{}, month{}, day{}, hour{}, minute{}, second{};
  int millisecond{};
};

CivilTime civil(Time t) {
  const std::int64_t total = t.seconds_floor();
  std::int64_t rest = total % seconds_per_day;
  if (rest < 0) rest += seconds_per_day;
  const std::chrono::sys_days date{std::chrono::days{(total - rest) / seconds_per_day}};
  const std::chrono::year_month_day ymd{date};
  CivilTime out;
  out.year = static_cast<int>(ymd.year());
  out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  out.millisecond = static_cast<int>((t.ns - total * ns_per_second) / ns_per_ms);
  return out;
}

Error bad_time(std::string_view text) {
  return fail(ErrorCode::invalid, "\"" + std::string(text.substr(0, 40)) +
                                      "\" is not a time (ISO 8601, YYYYMMDD or epoch expected)");
}

/// Reads exactly `width` digits at `position` and moves past them.
bool read_number(std::string_view text, std::size_t& position, std::size_t width, int& value) {
  if (position + width > text.size()) return false;
  const char* first = text.data() + position;
  for (std::size_t i = 0; i < width; ++i) {
    if (first[i] < '0' || first[i] > '9') return false;
  }
  std::from_chars(first, first + width, value);
  position += width;
  return true;
}

Result<Time> from_civil(const CivilTime& c, std::string_view text) {
  const std::chrono::year_month_day ymd{std::chrono::year{c.year},
                                        std::chrono::month{static_cast<unsigned>(c.month)},
                                        std::chrono::day{static_cast<unsigned>(c.day)}};
  if (!ymd.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) return bad_time(text);
  if (c.year < 1970 || c.year > 2200) return bad_time(text);
  const std::int64_t days = std::chrono::sys_days{ymd}.time_since_epoch().count();
  return Time::from_seconds(days * seconds_per_day + c.hour * 3600 + c.minute * 60 + c.second);
}

/// Reads ".123456789" as nanoseconds; more than nine digits are cut.
std::int64_t read_fraction(std::string_view text, std::size_t& position) {
  std::int64_t value = 0;
  int digits = 0;
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
    if (digits < 9) {
      value = value * 10 + (text[position] - '0');
      ++digits;
    }
    ++position;
  }
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

/// Reads "Z", "+02:00", "-0530" or nothing; returns false when anything else follows.
bool read_offset(std::string_view text, std::size_t position, int& offset_seconds) {
  offset_seconds = 0;
  if (position == text.size()) return true;
  if (text.substr(position) == "Z" || text.substr(position) == "z" ||
      text.substr(position) == " UTC") {
    return true;
  }
  if (text[position] != '+' && text[position] != '-') return false;
  const int sign = text[position] == '-' ? -1 : 1;
  ++position;
  int hour = 0;
  int minute = 0;
  if (!read_number(text, position, 2, hour)) return false;
  if (position < text.size() && text[position] == ':') ++position;
  if (position < text.size() && !read_number(text, position, 2, minute)) return false;
  if (position != text.size() || hour > 14 || minute > 59) return false;
  offset_seconds = sign * (hour * 3600 + minute * 60);
  return true;
}

Result<Time> parse_iso(std::string_view text) {
  CivilTime c;
  std::size_t position = 0;
  if (!read_number(text, position, 4, c.year)) return bad_time(text);
  const bool dashed = position < text.size() && text[position] == '-';
  if (dashed) ++position;
  if (!read_number(text, position, 2, c.month)) return bad_time(text);
  if (dashed && (position >= text.size() || text[position++] != '-')) return bad_time(text);
  if (!read_number(text, position, 2, c.day)) return bad_time(text);
  std::int64_t fraction = 0;
  int offset = 0;
  if (position < text.size()) {
    if (text[position] != 'T' && text[position] != ' ' && text[position] != 't') return bad_time(text);
    ++position;
    if (!read_number(text, position, 2, c.hour)) return bad_time(text);
    if (position >= text.size() || text[position++] != ':') return bad_time(text);
    if (!read_number(text, position, 2, c.minute)) return bad_time(text);
    if (position < text.size() && text[position] == ':') {
      ++position;
      if (!read_number(text, position, 2, c.second)) return bad_time(text);
    }
    if (position < text.size() && text[position] == '.') {
      ++position;
      fraction = read_fraction(text, position);
    }
    if (!read_offset(text, position, offset)) return bad_time(text);
  }
  AITRADE_TRY(const Time t, from_civil(c, text));
  return Time{t.ns + fraction - offset * ns_per_second};
}

/// Epoch numbers are told apart by magnitude: 1e9 s, 1e12 ms, 1e15 us, 1e18 ns.
Result<Time> parse_epoch(std::string_view text) {
  std::size_t position = text.find('.');
  std::int64_t whole = 0;
  const std::string_view head = text.substr(0, position);
  const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), whole);
  if (error != std::errc{} || end != head.data() + head.size() || whole < 0) return bad_time(text);
  std::int64_t fraction = 0;
  if (position != std::string_view::npos) {
    ++position;
    fraction = read_fraction(text, position);
    if (position != text.size()) return bad_time(text);
  }
  if (whole < 100'000'000'000) return Time{whole * ns_per_second + fraction};
  if (whole < 100'000'000'000'000) return Time{whole * ns_per_ms + fraction / 1000};
  if (whole < 100'000'000'000'000'000) return Time{whole * 1000 + fraction / 1'000'000};
  return Time{whole};
}

}  // namespace

std::string to_string(Time t) {
  const CivilTime c = civil(t);
  std::array<char, 80> text{};
  const int n = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year,
                              c.month, c.day, c.hour, c.minute, c.second, c.millisecond);
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string to_string_seconds(Time t) {
  std::string text = to_string(t);
  return text.substr(0, text.size() - 5) + "Z";
}

std::string day_text(Time t) { return to_string(t).substr(0, 10); }

Result<Time> parse_time(std::string_view text) {
  if (text.empty()) return bad_time(text);
  const bool digits = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (digits && text.size() != 8) return parse_epoch(text);
  return parse_iso(text);
}

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::int64_t count_limit = 1'000'000;  // more is a typing error, and would overflow
  if (error == std::errc{} && count >= 0 && count <= count_limit) {
    if (unit == "ms") return Duration{milliseconds{count}};
    if (unit == "s") return Duration{seconds{count}};
    if (unit == "m" || unit == "min" || unit.empty()) return Duration{minutes{count}};
    if (unit == "h") return Duration{hours{count}};
    if (unit == "d" && count <= 36'500) return Duration{hours{24 * count}};
    if (unit == "w" && count <= 5'200) return Duration{hours{24 * 7 * count}};
  }
  return fail(ErrorCode::invalid, "\"" + std::string(text.substr(0, 40)) +
                                      "\" is not a span (write 90s, 15m, 4h or 30d)");
}

std::string timeframe_text(Duration interval) {
  const std::int64_t s = interval.count() / ns_per_second;
  if (s % seconds_per_day == 0 && s > 0) return std::to_string(s / seconds_per_day) + "d";
  if (s % 3600 == 0 && s > 0) return std::to_string(s / 3600) + "h";
  if (s % 60 == 0 && s > 0) return std::to_string(s / 60) + "m";
  return std::to_string(s) + "s";
}

}  // namespace aitrade
