#include "core/store/candle_block.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/store/packing.h"

namespace aitrade {
namespace {

constexpr std::uint8_t block_version = 1;
constexpr int compression_level = 1;  // a third smaller at next to no time
constexpr double volume_unit = 1e8;
constexpr double exact_integers = 9007199254740992.0;  // 2^53
constexpr std::uint64_t has_trades = 1;
constexpr std::uint64_t has_synthetic = 2;
constexpr std::size_t columns_bytes_max = candles_per_block * 80;  // ten bytes for each of eight varints

std::uint8_t shared_zeros(std::span<const Candle> candles) {
  int zeros = Price::decimals;
  for (const Candle& c : candles) {
    for (const Price price : {c.open, c.high, c.low, c.close}) {
      while (zeros > 0 && price.raw() % fixed_detail::power_of_ten(zeros) != 0) --zeros;
    }
    if (zeros == 0) break;
  }
  return static_cast<std::uint8_t>(zeros);
}

void pack_times(std::span<const Candle> candles, PackWriter& out) {
  const std::int64_t interval = candles[0].interval.count();
  out.varint(zigzag(candles[0].open_time.ns));
  for (std::size_t i = 1; i < candles.size(); ++i) {
    const std::int64_t step = candles[i].open_time.ns - candles[i - 1].open_time.ns;
    if (step % interval == 0) {
      out.varint(static_cast<std::uint64_t>(step / interval - 1) << 1U);
    } else {
      out.varint(static_cast<std::uint64_t>(step) << 1U | 1U);
    }
  }
}

void pack_prices(std::span<const Candle> candles, PackWriter& out) {
  const std::uint8_t zeros = shared_zeros(candles);
  const std::int64_t unit = fixed_detail::power_of_ten(zeros);
  out.byte(zeros);
  std::int64_t before = 0;
  for (const Candle& c : candles) {
    out.varint(zigzag((c.open.raw() - before) / unit));
    before = c.close.raw();
  }
  for (const Candle& c : candles) out.varint(zigzag((c.close.raw() - c.open.raw()) / unit));
  for (const Candle& c : candles) {
    out.varint(static_cast<std::uint64_t>((c.high.raw() - std::max(c.open, c.close).raw()) / unit));
  }
  for (const Candle& c : candles) {
    out.varint(static_cast<std::uint64_t>((std::min(c.open, c.close).raw() - c.low.raw()) / unit));
  }
}

void pack_volume(double volume, PackWriter& out) {
  const double units = std::round(volume * volume_unit);
  if (units < exact_integers && units / volume_unit == volume && !std::signbit(volume)) {
    out.varint(static_cast<std::uint64_t>(units) << 1U);
    return;
  }
  out.varint(1);
  out(volume);
}

void unpack_times(PackReader& in, Duration interval, std::vector<Candle>& candles) {
  std::int64_t time = unzigzag(in.varint());
  for (std::size_t i = 0; i < candles.size(); ++i) {
    if (i > 0) {
      const std::uint64_t step = in.varint();
      std::int64_t ns = static_cast<std::int64_t>(step >> 1U);
      if ((step & 1U) == 0 && __builtin_mul_overflow(ns + 1, interval.count(), &ns)) return in.fail();
      if (__builtin_add_overflow(time, ns, &time)) return in.fail();
    }
    candles[i].open_time = Time{time};
    candles[i].interval = interval;
  }
}

/// Adds `units * unit` to `base`; false on overflow, which only damaged bytes cause.
bool offset(std::int64_t base, std::int64_t units, std::int64_t unit, Price& out) {
  std::int64_t raw = 0;
  if (__builtin_mul_overflow(units, unit, &raw) || __builtin_add_overflow(base, raw, &raw)) return false;
  out = Price::from_raw(raw);
  return true;
}

void unpack_prices(PackReader& in, std::vector<Candle>& candles) {
  const std::uint8_t zeros = in.byte();
  if (zeros > Price::decimals) return in.fail();
  const std::int64_t unit = fixed_detail::power_of_ten(zeros);
  std::vector<std::int64_t> opens(candles.size());
  for (std::int64_t& open : opens) open = unzigzag(in.varint());
  std::int64_t before = 0;
  for (std::size_t i = 0; i < candles.size(); ++i) {
    Candle& c = candles[i];
    if (!offset(before, opens[i], unit, c.open) ||
        !offset(c.open.raw(), unzigzag(in.varint()), unit, c.close)) {
      return in.fail();
    }
    before = c.close.raw();
  }
  for (Candle& c : candles) {
    if (!offset(std::max(c.open, c.close).raw(), static_cast<std::int64_t>(in.varint()), unit, c.high)) return in.fail();
  }
  for (Candle& c : candles) {
    if (!offset(std::min(c.open, c.close).raw(), -static_cast<std::int64_t>(in.varint()), unit, c.low)) return in.fail();
  }
}

void unpack_volumes(PackReader& in, std::vector<Candle>& candles) {
  for (Candle& c : candles) {
    const std::uint64_t units = in.varint();
    if ((units & 1U) == 0) {
      c.volume = static_cast<double>(units >> 1U) / volume_unit;
    } else {
      in(c.volume);
    }
  }
}

Error corrupt(const char* what) {
  return fail(ErrorCode::corrupt, std::string("a block of candles is damaged: ") + what);
}

}  // namespace

std::string pack_candles(std::span<const Candle> candles) {
  AITRADE_CHECK(!candles.empty() && candles.size() <= candles_per_block);
  std::uint64_t flags = 0;
  for (const Candle& c : candles) {
    if (c.trades != 0) flags |= has_trades;
    if (c.synthetic) flags |= has_synthetic;
  }
  std::string columns;
  columns.reserve(candles.size() * 20);
  PackWriter out(columns);
  out.varint(candles.size());
  out.varint(flags);
  pack_times(candles, out);
  pack_prices(candles, out);
  for (const Candle& c : candles) pack_volume(c.volume, out);
  if ((flags & has_trades) != 0) {
    for (const Candle& c : candles) out.varint(c.trades);
  }
  if ((flags & has_synthetic) != 0) {
    for (const Candle& c : candles) out.byte(c.synthetic ? 1 : 0);
  }

  std::string bytes;
  PackWriter head(bytes);
  head.byte(block_version);
  head.varint(columns.size());
  const std::size_t begin = bytes.size();
  uLongf size = compressBound(static_cast<uLong>(columns.size()));
  bytes.resize(begin + size);
  AITRADE_CHECK(compress2(reinterpret_cast<Bytef*>(bytes.data() + begin), &size,
                          reinterpret_cast<const Bytef*>(columns.data()), static_cast<uLong>(columns.size()),
                          compression_level) == Z_OK);
  bytes.resize(begin + size);
  return bytes;
}

Status unpack_candles(std::string_view bytes, Duration interval, std::vector<Candle>& out) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes.front()) != block_version) return corrupt("unknown version");
  std::size_t at = 1;
  std::uint64_t columns_size = 0;
  for (int shift = 0; at < bytes.size() && shift < 35; shift += 7) {
    const auto next = static_cast<std::uint8_t>(bytes[at++]);
    columns_size |= static_cast<std::uint64_t>(next & 0x7fU) << shift;
    if ((next & 0x80U) == 0) break;
  }
  if (columns_size == 0 || columns_size > columns_bytes_max) return corrupt("impossible size");
  std::string columns(columns_size, '\0');
  uLongf size = static_cast<uLongf>(columns.size());
  if (uncompress(reinterpret_cast<Bytef*>(columns.data()), &size, reinterpret_cast<const Bytef*>(bytes.data() + at),
                 static_cast<uLong>(bytes.size() - at)) != Z_OK ||
      size != columns.size()) {
    return corrupt("its checksum does not match");
  }
  PackReader in(columns);
  const std::uint64_t count = in.varint();
  const std::uint64_t flags = in.varint();
  if (count == 0 || count > candles_per_block || flags > (has_trades | has_synthetic)) return corrupt("impossible count");
  out.assign(count, Candle{});
  unpack_times(in, interval, out);
  unpack_prices(in, out);
  unpack_volumes(in, out);
  if ((flags & has_trades) != 0) {
    for (Candle& c : out) c.trades = static_cast<std::uint32_t>(in.varint());
  }
  if ((flags & has_synthetic) != 0) {
    for (Candle& c : out) c.synthetic = in.byte() != 0;
  }
  if (in.failed() || !in.at_end()) return corrupt("its columns do not fit");
  return ok();
}

}  // namespace aitrade
