#include "core/store/packing.h"
#include "core/store/recording.h"
#include "core/store/recording_codec.h"
#include "core/store/recording_format.h"

#include <fstream>
#include <system_error>

namespace aitrade {

using namespace recording_format;

struct RecordingReader::State {
  std::filesystem::path directory;
  std::ifstream file;
  std::uint64_t rest{0};  // bytes of the segment not yet read
  unsigned segment{0};
  bool is_last_segment{false};
  std::uint64_t blocks{0};  // read so far
  Digest chain{};
  RecordingHeader header;
  std::string raw;  // the block being read out
  PackReader in{std::string_view{}};
  std::uint32_t left{0};  // events of the block not yet given out
  EventContext context;
  std::uint64_t next_seq{0};  // one past the newest event given out
  std::optional<RecordingDamage> damage;
  std::uint64_t torn{0};

  Result<bool> open_segment(unsigned number);
  Result<bool> next_block(BlockKind expected);
  Result<bool> load(const BlockHeader& block, BlockKind expected);
  std::string take(std::size_t count);
  Error damaged(const std::string& what);
  Result<bool> stop_at_tail(std::uint64_t bytes, const char* what);
};

std::string RecordingReader::State::take(std::size_t count) {
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  rest -= count;
  return bytes;
}

Error RecordingReader::State::damaged(const std::string& what) {
  damage = RecordingDamage{blocks, EventSeq{next_seq}};
  return fail(ErrorCode::corrupt, segment_path(directory, segment).string() + ": block " +
                                      std::to_string(blocks) + ", from event " +
                                      std::to_string(next_seq) + ": " + what);
}

/// An incomplete block is what a crash leaves at the very end, and damage anywhere else.
Result<bool> RecordingReader::State::stop_at_tail(std::uint64_t bytes, const char* what) {
  if (!is_last_segment) return damaged(what);
  torn = bytes;
  rest = 0;
  return false;
}

/// Opens a segment; false when there is none of this number.
Result<bool> RecordingReader::State::open_segment(unsigned number) {
  const auto path = segment_path(directory, number);
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return false;
  segment = number;
  is_last_segment = !std::filesystem::exists(segment_path(directory, number + 1), failure);
  file = std::ifstream(path, std::ios::binary);
  if (!file) return fail(ErrorCode::io, path.string() + ": cannot be read");
  rest = size;
  if (rest < segment_magic.size()) return stop_at_tail(rest, "the segment is cut off");
  if (take(segment_magic.size()) != segment_magic) return damaged("not a recording");
  return true;
}

/// Reads the next block into `raw`; false at the end of the recording.
Result<bool> RecordingReader::State::next_block(BlockKind expected) {
  while (rest == 0) {
    if (is_last_segment) return false;
    AITRADE_TRY(const bool opened, open_segment(segment + 1));
    if (!opened) return false;
  }
  if (rest < header_bytes) return stop_at_tail(rest, "a block header is cut off");
  const std::uint64_t before = rest;
  const auto block = from_bytes(take(header_bytes));
  if (!block) return damaged("its header fails its check");
  if (rest < block->stored_size) return stop_at_tail(before, "a block is cut off");
  return load(*block, expected);
}

Result<bool> RecordingReader::State::load(const BlockHeader& block, BlockKind expected) {
  const std::string payload = take(block.stored_size);
  if (crc32_of(payload) != block.payload_crc) return damaged("its payload fails its check");
  if (chain_of(chain, block, payload) != block.chain) return damaged("it breaks the chain");
  if (block.kind != expected) return damaged("it is of the wrong kind");
  auto bytes = decompress(payload, block.raw_size);
  if (!bytes) return damaged("it does not decompress");
  raw = *std::move(bytes);
  in = PackReader(raw);
  left = block.count;
  context = {};
  chain = block.chain;
  if (block.kind == BlockKind::events) next_seq = block.first_seq;
  ++blocks;
  return true;
}

RecordingReader::RecordingReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

RecordingReader::~RecordingReader() = default;

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(
    const std::filesystem::path& directory) {
  auto state = std::make_unique<State>();
  state->directory = directory;
  AITRADE_TRY(const bool opened, state->open_segment(1));
  if (!opened) return fail(ErrorCode::not_found, directory.string() + ": no recording here");
  AITRADE_TRY(const bool has_header, state->next_block(BlockKind::header));
  if (!has_header) return fail(ErrorCode::corrupt, directory.string() + ": the header is cut off");
  AITRADE_TRY(state->header, decode_header(state->raw));
  state->left = 0;
  return std::unique_ptr<RecordingReader>(new RecordingReader(std::move(state)));
}

const RecordingHeader& RecordingReader::header() const {
  return state_->header;
}

Result<std::optional<RecordedEvent>> RecordingReader::next() {
  State& s = *state_;
  while (s.left == 0) {
    AITRADE_TRY(const bool has_block, s.next_block(BlockKind::events));
    if (!has_block) return std::optional<RecordedEvent>{};
  }
  RecordedEvent record;
  auto event = decode_event(s.in, s.context);
  if (!event) return s.damaged(event.error().what);
  record.event = *std::move(event);
  const std::uint64_t count = s.in.varint();
  for (std::uint64_t i = 0; i < count && !s.in.failed(); ++i) {
    record.actions.emplace_back(s.in.text());
  }
  if (s.in.failed()) return s.damaged("an action is cut off");
  --s.left;
  s.next_seq = number(record.event.seq) + 1;
  return std::optional<RecordedEvent>(std::move(record));
}

const std::optional<RecordingDamage>& RecordingReader::damage() const {
  return state_->damage;
}

std::uint64_t RecordingReader::torn_bytes() const {
  return state_->torn;
}

std::string RecordingReader::chain() const {
  return to_hex(view(state_->chain));
}

}  // namespace aitrade
