#include "core/store/recording_format.h"

#include "core/store/packing.h"
#include "core/store/recording_codec.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <zlib.h>

namespace aitrade {

template <class A, Like<Instrument> T>
void pack(A& a, T& x) {
  a(x.id, x.venue, x.symbol.base, x.symbol.quote, x.tick, x.lot, x.minimum, x.minimum_notional,
    x.maker_fee, x.taker_fee, x.can_short);
}

template <class A, class T>
requires Like<T, std::pair<VenueId, std::string>> || Like<T, std::pair<StrategyId, std::string>>

void pack(A& a, T& x) {
  a(x.first, x.second);
}

template <class A, Like<RecordingHeader> T>
void pack(A& a, T& x) {
  a(x.run_id, x.build, x.config_hash, x.config_text, x.seed, x.started, x.instruments);
  // Pairs live in namespace std, where a call does not find the descriptions above by itself.
  std::uint64_t venues = x.venues.size();
  std::uint64_t strategies = x.strategies.size();
  constexpr std::uint64_t names_max = 4096;
  a(venues);
  if constexpr (!A::is_writer) {
    if (venues > names_max) return a.fail();
    x.venues.resize(venues);
  }
  for (auto& name : x.venues)
    pack(a, name);
  a(strategies);
  if constexpr (!A::is_writer) {
    if (strategies > names_max) return a.fail();
    x.strategies.resize(strategies);
  }
  for (auto& name : x.strategies)
    pack(a, name);
}

namespace recording_format {
namespace {

void put32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t take32(std::string_view& in) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  }
  in.remove_prefix(4);
  return value;
}

/// The part of a header that the chain covers.
std::string numbers_of(const BlockHeader& header) {
  std::string out;
  put32(out, block_magic);
  put32(out, static_cast<std::uint32_t>(header.kind));
  put32(out, static_cast<std::uint32_t>(header.first_seq));
  put32(out, static_cast<std::uint32_t>(header.first_seq >> 32));
  put32(out, header.count);
  put32(out, header.raw_size);
  put32(out, header.stored_size);
  put32(out, header.payload_crc);
  return out;
}

}  // namespace

std::string to_bytes(const BlockHeader& header) {
  std::string out = numbers_of(header);
  out.append(view(header.chain));
  put32(out, crc32_of(out));
  return out;
}

std::optional<BlockHeader> from_bytes(std::string_view bytes) {
  if (bytes.size() != header_bytes) return std::nullopt;
  std::string_view tail = bytes.substr(header_bytes - 4);
  if (take32(tail) != crc32_of(bytes.substr(0, header_bytes - 4))) return std::nullopt;
  if (take32(bytes) != block_magic) return std::nullopt;
  BlockHeader header;
  header.kind = static_cast<BlockKind>(take32(bytes));
  header.first_seq = take32(bytes);
  header.first_seq |= static_cast<std::uint64_t>(take32(bytes)) << 32;
  header.count = take32(bytes);
  header.raw_size = take32(bytes);
  header.stored_size = take32(bytes);
  header.payload_crc = take32(bytes);
  std::copy_n(bytes.begin(), header.chain.size(), header.chain.begin());
  if (header.raw_size > raw_bytes_max) return std::nullopt;
  return header;
}

Digest chain_of(const Digest& before, const BlockHeader& header, std::string_view payload) {
  std::string text(view(before));
  text += numbers_of(header);
  text += payload;
  return sha256(text);
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string compress(std::string_view raw) {
  uLongf size = compressBound(raw.size());
  std::string out(size, '\0');
  AITRADE_CHECK(compress2(reinterpret_cast<unsigned char*>(out.data()), &size,
                          reinterpret_cast<const unsigned char*>(raw.data()), raw.size(),
                          6) == Z_OK);
  out.resize(size);
  return out;
}

std::optional<std::string> decompress(std::string_view stored, std::uint32_t raw_size) {
  std::string out(raw_size, '\0');
  uLongf size = raw_size;
  const int code = uncompress(reinterpret_cast<unsigned char*>(out.data()), &size,
                              reinterpret_cast<const unsigned char*>(stored.data()), stored.size());
  if (code != Z_OK || size != raw_size) return std::nullopt;
  return out;
}

std::filesystem::path segment_path(const std::filesystem::path& directory, unsigned number) {
  std::string name = std::to_string(number);
  name.insert(0, 6 - std::min<std::size_t>(6, name.size()), '0');
  return directory / (name + ".rec");
}

std::string encode_header(const RecordingHeader& header) {
  std::string out;
  PackWriter writer(out);
  writer(recording_version);
  pack(writer, header);
  return out;
}

Result<RecordingHeader> decode_header(std::string_view bytes) {
  PackReader reader(bytes);
  std::uint32_t version = 0;
  reader(version);
  if (version != recording_version) {
    return fail(ErrorCode::corrupt, "a recording of version " + std::to_string(version) +
                                        "; this binary reads " + std::to_string(recording_version));
  }
  RecordingHeader header;
  pack(reader, header);
  if (reader.failed() || !reader.at_end()) return fail(ErrorCode::corrupt, "its header is damaged");
  return header;
}

}  // namespace recording_format
}  // namespace aitrade
