#include "core/data/candle_writer.h"

#include <array>
#include <charconv>

#include "core/base/time.h"

namespace aitrade {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

void append(std::string& out, std::int64_t value) {
  std::array<char, 24> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);
}

void append(std::string& out, double value) {
  std::array<char, 400> text{};  // fixed notation of a large double has over 300 digits
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);
}

/// Appends a price without allocating: whole part, then the decimals that are not trailing zeros.
void append(std::string& out, Price price) {
  const std::int64_t raw = price.raw();
  if (raw < 0) {
    out += to_string(price);
    return;
  }
  append(out, raw / Price::scale);
  std::int64_t fraction = raw % Price::scale;
  if (fraction == 0) return;
  std::array<char, Price::decimals + 1> text{};
  text[0] = '.';
  for (std::size_t i = Price::decimals; i > 0; --i) {
    text[i] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  std::size_t size = text.size();
  while (text[size - 1] == '0') --size;
  out.append(text.data(), size);
}

/// Appends seconds since 1970, with decimals where the time has them.
void append_seconds(std::string& out, Time time) {
  append(out, time.seconds_floor());
  std::int64_t rest = time.ns - time.seconds_floor() * ns_per_second;
  if (rest == 0) return;
  std::string digits = std::to_string(ns_per_second + rest).substr(1);
  while (digits.back() == '0') digits.pop_back();
  out += '.';
  out += digits;
}

}  // namespace

CandleWriter::CandleWriter(CandleTextForm form, const Symbol& symbol, Duration interval, bool with_trades)
    : form_(form),
      with_trades_(with_trades),
      record_head_(R"({"t":"candle","pair":")" + to_string(symbol) + R"(","tf":")" + timeframe_text(interval) +
                   R"(","time":)") {}

void CandleWriter::begin(std::string& out) const {
  if (form_ == CandleTextForm::csv) {
    out += with_trades_ ? "time,open,high,low,close,volume,trades\n" : "time,open,high,low,close,volume\n";
  }
}

void CandleWriter::write(std::span<const Candle> candles, std::string& out) const {
  for (const Candle& candle : candles) {
    if (form_ == CandleTextForm::csv) {
      write_csv(candle, out);
    } else {
      write_record(candle, out);
    }
  }
}

void CandleWriter::write_csv(const Candle& candle, std::string& out) const {
  append_seconds(out, candle.open_time);
  for (const Price price : {candle.open, candle.high, candle.low, candle.close}) {
    out += ',';
    append(out, price);
  }
  out += ',';
  append(out, candle.volume);
  if (with_trades_) {
    out += ',';
    append(out, std::int64_t{candle.trades});
  }
  out += '\n';
}

void CandleWriter::write_record(const Candle& candle, std::string& out) const {
  out += record_head_;
  append_seconds(out, candle.open_time);
  const std::array<std::pair<const char*, Price>, 4> prices{{{R"(,"open":")", candle.open},
                                                             {R"(","high":")", candle.high},
                                                             {R"(","low":")", candle.low},
                                                             {R"(","close":")", candle.close}}};
  for (const auto& [name, price] : prices) {
    out += name;
    append(out, price);
  }
  out += R"(","volume":")";
  append(out, candle.volume);
  out += '"';
  if (with_trades_) {
    out += R"(,"trades":)";
    append(out, std::int64_t{candle.trades});
  }
  out += "}\n";
}

}  // namespace aitrade
