// The bytes of a recording block, shared by writer and reader.
#pragma once

#include "core/store/digest.h"
#include "core/store/recording.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace aitrade::recording_format {

constexpr std::string_view segment_magic = "AITREC02";
constexpr std::uint32_t block_magic = 0x42524941;  // "AIRB"
constexpr std::size_t header_bytes = 4 + 4 + 8 + 4 + 4 + 4 + 4 + 32 + 4;
constexpr std::uint32_t raw_bytes_max = 64U * 1024 * 1024;  // a larger claim is damage, not data

enum class BlockKind : std::uint32_t { header = 1, events = 2 };

struct BlockHeader {
  BlockKind kind{BlockKind::events};
  std::uint64_t first_seq{0};
  std::uint32_t count{0};        // events in the block
  std::uint32_t raw_size{0};     // before compression
  std::uint32_t stored_size{0};  // of the payload that follows
  std::uint32_t payload_crc{0};
  Digest chain{};
};

/// Returns the header as bytes, its own CRC32 last.
std::string to_bytes(const BlockHeader& header);

/// Reads a header; nothing when magic, CRC or sizes do not fit.
std::optional<BlockHeader> from_bytes(std::string_view bytes);

/// Returns the chain of a block: over the chain before it, the header's numbers and the payload.
Digest chain_of(const Digest& before, const BlockHeader& header, std::string_view payload);

std::uint32_t crc32_of(std::string_view bytes);

/// Compresses with zlib.
std::string compress(std::string_view raw);

/// Undoes compress; empty optional when the bytes do not give exactly `raw_size`.
std::optional<std::string> decompress(std::string_view stored, std::uint32_t raw_size);

/// Returns the path of segment `number`, counted from 1.
std::filesystem::path segment_path(const std::filesystem::path& directory, unsigned number);

std::string encode_header(const RecordingHeader& header);
Result<RecordingHeader> decode_header(std::string_view bytes);

}  // namespace aitrade::recording_format
