// How the API writes JSON: money as decimal text, undefined numbers as null, times as RFC 3339 in UTC.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fixed.h"
#include "core/base/time.h"

namespace aitrade {

/// A writer with the few shapes that views need.
class Json {
 public:
  Json() : writer_(buffer_) {}

  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void text(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void field(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }

  void field(std::string_view name, const std::string& value) {
    key(name);
    text(value);
  }

  void field(std::string_view name, const char* value) {
    key(name);
    text(value);
  }

  void field(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
  }

  void field(std::string_view name, int value) {
    key(name);
    writer_.Int(value);
  }

  void field(std::string_view name, std::uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }

  void field(std::string_view name, double value) {
    key(name);
    std::isfinite(value) ? writer_.Double(value) : writer_.Null();
  }

  template <class Tag, int Decimals>
  void field(std::string_view name, Fixed<Tag, Decimals> value) {
    field(name, to_string(value));
  }

  /// A level that may be absent: zero means there is none.
  void level(std::string_view name, Price value) {
    if (value.is_zero()) {
      key(name);
      writer_.Null();
    } else {
      field(name, to_string(value));
    }
  }

  /// A time that may not have come yet.
  void time(std::string_view name, Time value) {
    if (value.ns == 0) {
      key(name);
      writer_.Null();
    } else {
      field(name, to_string(value));
    }
  }

  /// Text, or null when it is empty.
  void maybe(std::string_view name, std::string_view value) {
    key(name);
    value.empty() ? null() : text(value);
  }

  /// A number that may not be known.
  void field(std::string_view name, const std::optional<double>& value) {
    key(name);
    value && std::isfinite(*value) ? writer_.Double(*value) : writer_.Null();
  }

  void field(std::string_view name, std::int64_t value) {
    key(name);
    writer_.Int64(value);
  }

  void number(double value) { std::isfinite(value) ? writer_.Double(value) : writer_.Null(); }

  void integer(std::int64_t value) { writer_.Int64(value); }

  /// Text that is JSON already; null when it is empty.
  void raw(std::string_view name, std::string_view json) {
    key(name);
    if (json.empty()) return null();
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  }

  void null() { writer_.Null(); }

  void begin() { writer_.StartObject(); }

  void end() { writer_.EndObject(); }

  void begin_list() { writer_.StartArray(); }

  void end_list() { writer_.EndArray(); }

  [[nodiscard]] std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace aitrade
