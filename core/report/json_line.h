// RapidJSON's writer with our rules for numbers, amounts, times and the undefined.
//
// Private to this folder: it carries a third-party header.
#pragma once

#include "core/report/metric_list.h"
#include "core/report/number_text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace aitrade {

class Json {
 public:
  void begin() { writer_.StartObject(); }

  void end() { writer_.EndObject(); }

  void begin_array() { writer_.StartArray(); }

  void end_array() { writer_.EndArray(); }

  void key(std::string_view name) { writer_.Key(name.data(), size_of(name)); }

  void value(std::monostate) { writer_.Null(); }

  void value(std::string_view text) { writer_.String(text.data(), size_of(text)); }

  void value(const char* text) { value(std::string_view(text)); }

  void value(bool flag) { writer_.Bool(flag); }

  void value(std::int64_t number) { writer_.Int64(number); }

  void value(std::uint64_t number) { writer_.Uint64(number); }

  void value(std::uint32_t number) { writer_.Uint64(number); }

  void value(double number) {
    if (!std::isfinite(number)) return value(std::monostate{});
    const std::string text = shortest_text(number);
    writer_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
  }

  /// Writes digits as a number: for formats of others whose amounts are numbers.
  void raw_number(std::string_view digits) {
    writer_.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
  }

  void value(Time t) { value(std::string_view(to_string(t))); }

  template <class Tag, int Decimals>
  void value(Fixed<Tag, Decimals> amount) {
    value(std::string_view(to_string(amount)));
  }

  void value(const MetricValue& metric) {
    std::visit([this](const auto& held) { value(held); }, metric);
  }

  template <class T>
  void value(const std::optional<T>& held) {
    if (held) {
      value(*held);
    } else {
      value(std::monostate{});
    }
  }

  template <class T>
  void pair(std::string_view name, const T& held) {
    key(name);
    value(held);
  }

  /// Returns what was written, ended by a newline, and starts anew.
  std::string line() {
    std::string text(buffer_.GetString(), buffer_.GetSize());
    buffer_.Clear();
    writer_.Reset(buffer_);
    return text + '\n';
  }

 private:
  static rapidjson::SizeType size_of(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// An equity that is a double made from an exact amount; the text is that amount again.
inline MetricValue money_or_null(double amount) {
  const auto money = Money::from_double(amount, Rounding::half_even);
  if (!money) return std::monostate{};
  return *money;
}

}  // namespace aitrade
