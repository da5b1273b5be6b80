#include "core/store/packing.h"
#include "core/store/recording.h"
#include "core/store/recording_codec.h"
#include "core/store/recording_format.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace aitrade {

using namespace recording_format;

namespace {

Error write_error(const std::filesystem::path& path, int number) {
  const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG || number == EROFS ||
                       number == EACCES || number == EPERM;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              path.string() + ": " + std::strerror(number));
}

void sync_or_abort(int file, const std::filesystem::path& path) {
  if (::fdatasync(file) == 0) return;
  std::fprintf(
      stderr,
      "aitrade: %s: fsync failed: %s; stopping, because only a restart from disk is honest\n",
      path.c_str(), std::strerror(errno));
  std::abort();
}

void sync_directory(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  sync_or_abort(file, path);
  ::close(file);
}

}  // namespace

struct RecordingWriter::State {
  std::filesystem::path directory;
  RecordingLimits limits;
  int file{-1};
  unsigned segment{0};
  std::filesystem::path path;
  std::uint64_t size{0};  // of the segment, complete blocks only
  std::uint64_t total{0};
  bool is_dirty{false};  // written and not yet synced
  Digest chain{};
  std::string raw;  // the open block
  std::uint32_t count{0};
  std::uint64_t first_seq{0};
  EventContext context;

  ~State() {
    if (file >= 0) ::close(file);
  }

  Status begin_segment();
  Status put(std::string_view bytes);
  Status write_block(BlockKind kind, std::string_view bytes, std::uint32_t events);
};

Status RecordingWriter::State::begin_segment() {
  if (file >= 0) {
    if (is_dirty) sync_or_abort(file, path);
    ::close(file);
    file = -1;
  }
  const std::filesystem::path next = segment_path(directory, segment + 1);
  const int opened = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (opened < 0) {
    if (errno == EEXIST) return fail(ErrorCode::invalid, next.string() + ": exists already");
    return write_error(next, errno);
  }
  file = opened;
  path = next;
  ++segment;
  size = 0;
  is_dirty = true;
  AITRADE_TRY_STATUS(put(segment_magic));
  sync_directory(directory);
  return ok();
}

/// Appends all bytes or none: what a full disk cut off is cut away again.
Status RecordingWriter::State::put(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote =
        ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(size + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      const int number = wrote < 0 ? errno : ENOSPC;
      if (::ftruncate(file, static_cast<off_t>(size)) != 0) return write_error(path, errno);
      return write_error(path, number);
    }
    done += static_cast<std::size_t>(wrote);
  }
  size += bytes.size();
  total += bytes.size();
  is_dirty = true;
  return ok();
}

Status RecordingWriter::State::write_block(BlockKind kind, std::string_view bytes,
                                           std::uint32_t events) {
  if (file < 0 || size >= limits.segment_bytes) AITRADE_TRY_STATUS(begin_segment());
  if (size == 0) AITRADE_TRY_STATUS(put(segment_magic));  // a full disk stopped it the first time
  const std::string payload = compress(bytes);
  BlockHeader header;
  header.kind = kind;
  header.first_seq = first_seq;
  header.count = events;
  header.raw_size = static_cast<std::uint32_t>(bytes.size());
  header.stored_size = static_cast<std::uint32_t>(payload.size());
  header.payload_crc = crc32_of(payload);
  header.chain = chain_of(chain, header, payload);
  AITRADE_TRY_STATUS(put(to_bytes(header) + payload));
  chain = header.chain;
  return ok();
}

RecordingWriter::RecordingWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

RecordingWriter::~RecordingWriter() = default;

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::create(
    const std::filesystem::path& directory, const RecordingHeader& header,
    const RecordingLimits& limits) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) return write_error(directory, failure.value());
  sync_directory(directory.parent_path());
  auto state = std::make_unique<State>();
  state->directory = directory;
  state->limits = limits;
  AITRADE_TRY_STATUS(state->write_block(BlockKind::header, encode_header(header), 0));
  std::unique_ptr<RecordingWriter> writer(new RecordingWriter(std::move(state)));
  AITRADE_TRY_STATUS(writer->flush(true));
  return writer;
}

void RecordingWriter::append(const Event& event, const std::vector<Action>& actions) {
  State& s = *state_;
  if (s.count == 0) {
    s.context = {};
    s.first_seq = number(event.seq);
  }
  encode_event(event, s.context, s.raw);
  PackWriter out(s.raw);
  out.varint(actions.size());
  for (const Action& action : actions)
    out.text(encode_action(action));
  ++s.count;
}

Status RecordingWriter::write_if_large() {
  return state_->raw.size() >= state_->limits.block_bytes ? flush(false) : ok();
}

Status RecordingWriter::flush(bool durable) {
  State& s = *state_;
  if (s.count > 0) {
    AITRADE_TRY_STATUS(s.write_block(BlockKind::events, s.raw, s.count));
    s.raw.clear();
    s.count = 0;
  }
  if (durable && s.is_dirty) {
    sync_or_abort(s.file, s.path);
    s.is_dirty = false;
  }
  return ok();
}

std::uint64_t RecordingWriter::bytes_written() const {
  return state_->total;
}

std::string RecordingWriter::chain() const {
  return to_hex(view(state_->chain));
}

}  // namespace aitrade
