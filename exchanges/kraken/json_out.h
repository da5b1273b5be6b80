// Writing the venue's JSON: decimals leave as the digits they have, never through a double.
//
// Internal to this folder; included by .cpp files only.
#pragma once

#include "core/base/fixed.h"
#include "core/base/secret.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade::kraken {

class JsonOut {
 public:
  JsonOut& begin() {
    writer_.StartObject();
    return *this;
  }

  JsonOut& end() {
    writer_.EndObject();
    return *this;
  }

  JsonOut& begin(const char* name) {
    writer_.Key(name);
    return begin();
  }

  JsonOut& begin_list(const char* name) {
    writer_.Key(name);
    writer_.StartArray();
    return *this;
  }

  JsonOut& end_list() {
    writer_.EndArray();
    return *this;
  }

  JsonOut& text(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    return *this;
  }

  JsonOut& text(const char* name, std::string_view value) {
    writer_.Key(name);
    return text(value);
  }

  JsonOut& number(const char* name, std::string_view digits) {
    writer_.Key(name);
    writer_.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
    return *this;
  }

  template <class Tag, int Decimals>
  JsonOut& number(const char* name, Fixed<Tag, Decimals> value) {
    return number(name, std::string_view(to_string(value)));
  }

  JsonOut& integer(const char* name, std::int64_t value) {
    writer_.Key(name);
    writer_.Int64(value);
    return *this;
  }

  JsonOut& count(const char* name, std::uint64_t value) {
    writer_.Key(name);
    writer_.Uint64(value);
    return *this;
  }

  JsonOut& flag(const char* name, bool value) {
    writer_.Key(name);
    writer_.Bool(value);
    return *this;
  }

  [[nodiscard]] std::string_view view() const { return {buffer_.GetString(), buffer_.GetSize()}; }

  /// Returns the members of the one object that was written, without its braces.
  [[nodiscard]] std::string members() const {
    return std::string(view().substr(1, view().size() - 2));
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace aitrade::kraken
