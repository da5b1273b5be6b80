// Values to packed bytes and back: the one description of a type serves both directions.
//
// Integers are LEB128 varints, signed ones zigzagged; exact decimals and times drop their trailing
// zeros first (count in the low four bits), because prices move in ticks; doubles are their eight
// bytes, so they are bit-exact. A reader that runs out of bytes or finds nonsense turns `failed`.
#pragma once

#include "core/base/fixed.h"
#include "core/base/time.h"

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace aitrade {

/// T is U or const U: lets one template read and write.
template <class T, class U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Appends packed values to a string.
class PackWriter {
 public:
  static constexpr bool is_writer = true;

  explicit PackWriter(std::string& out) : out_(out) {}

  template <class... Ts>
  void operator()(const Ts&... values) {
    (one(values), ...);
  }

  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }

  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }

  /// A number that is often a multiple of a power of ten. Numbers of more than 59 bits, for which
  /// the count would not fit beside them, carry the count 15 and follow whole.
  void scaled(std::int64_t value) {
    const std::int64_t whole = value;
    std::uint8_t zeros = 0;
    while (value != 0 && zeros < 14 && value % 10 == 0) {
      value /= 10;
      ++zeros;
    }
    const std::uint64_t bits = zigzag(value);
    if (bits >> 60 != 0) {
      byte(15);
      varint(zigzag(whole));
      return;
    }
    varint(bits << 4 | zeros);
  }

  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }

 private:
  template <class T>
  void one(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      one(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      byte(value ? 1 : 0);
    } else if constexpr (std::is_unsigned_v<T>) {
      varint(value);
    } else if constexpr (std::is_integral_v<T>) {
      varint(zigzag(value));
    } else if constexpr (std::is_same_v<T, double>) {
      const auto bits = std::bit_cast<std::uint64_t>(value);
      for (int shift = 0; shift < 64; shift += 8)
        byte(static_cast<std::uint8_t>(bits >> shift));
    } else if constexpr (std::is_same_v<T, Time>) {
      scaled(value.ns);
    } else if constexpr (std::is_same_v<T, Duration>) {
      scaled(value.count());
    } else if constexpr (std::is_same_v<T, std::string>) {
      text(value);
    } else {
      compound(value);
    }
  }

  template <class Tag, int Decimals>
  void compound(const Fixed<Tag, Decimals>& value) {
    scaled(value.raw());
  }

  template <class T>
  void compound(const std::vector<T>& list) {
    varint(list.size());
    for (const T& item : list)
      one(item);
  }

  template <class T>
  void compound(const T& value) {
    pack(*this, value);
  }

  std::string& out_;
};

/// Reads packed values; after a failure every value is zero and `failed` stays true.
class PackReader {
 public:
  static constexpr bool is_writer = false;

  explicit PackReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  void fail() {
    failed_ = true;
    rest_ = {};
  }

  template <class... Ts>
  void operator()(Ts&... values) {
    (one(values), ...);
  }

  std::uint8_t byte() {
    if (rest_.empty()) {
      failed_ = true;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) == 0) return value;
    }
    fail();
    return 0;
  }

  std::int64_t scaled() {
    const std::uint64_t packed = varint();
    const auto zeros = static_cast<int>(packed & 15);
    if (zeros == 15) return unzigzag(varint());
    std::int64_t value = unzigzag(packed >> 4);
    if (__builtin_mul_overflow(value, fixed_detail::power_of_ten(zeros), &value)) fail();
    return failed_ ? 0 : value;
  }

  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

 private:
  template <class T>
  void one(T& value) {
    if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      one(number);
      value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = byte() != 0;
    } else if constexpr (std::is_unsigned_v<T>) {
      value = static_cast<T>(varint());
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(unzigzag(varint()));
    } else if constexpr (std::is_same_v<T, double>) {
      std::uint64_t bits = 0;
      for (int shift = 0; shift < 64; shift += 8)
        bits |= static_cast<std::uint64_t>(byte()) << shift;
      value = std::bit_cast<double>(bits);
    } else if constexpr (std::is_same_v<T, Time>) {
      value.ns = scaled();
    } else if constexpr (std::is_same_v<T, Duration>) {
      value = Duration{scaled()};
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = text();
    } else {
      compound(value);
    }
  }

  template <class Tag, int Decimals>
  void compound(Fixed<Tag, Decimals>& value) {
    value = Fixed<Tag, Decimals>::from_raw(scaled());
  }

  template <class T>
  void compound(std::vector<T>& list) {
    const std::uint64_t count = varint();
    if (count > rest_.size()) return fail();  // each item takes at least a byte
    list.resize(count);
    for (T& item : list)
      one(item);
  }

  template <class T>
  void compound(T& value) {
    pack(*this, value);
  }

  std::string_view rest_;
  bool failed_{false};
};

}  // namespace aitrade
