#include "cmd/stdout_buffer.h"

#include <cerrno>
#include <csignal>
#include <unistd.h>

namespace aitrade::cli {

StdoutBuffer::StdoutBuffer(int descriptor) : descriptor_(descriptor) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

StdoutBuffer::~StdoutBuffer() {
  write_out();
}

StdoutBuffer::int_type StdoutBuffer::overflow(int_type letter) {
  if (!write_out()) return traits_type::eof();
  if (traits_type::eq_int_type(letter, traits_type::eof())) return traits_type::not_eof(letter);
  return sputc(traits_type::to_char_type(letter));
}

int StdoutBuffer::sync() {
  return write_out() ? 0 : -1;
}

bool StdoutBuffer::write_out() {
  const char* next = pbase();
  while (next < pptr()) {
    const ssize_t written = ::write(descriptor_, next, static_cast<std::size_t>(pptr() - next));
    if (written > 0) {
      next += written;
    } else if (errno == EPIPE) {
      std::signal(SIGPIPE, SIG_DFL);
      std::raise(SIGPIPE);
    } else if (errno != EINTR) {
      setp(buffer_.data(),
           buffer_.data() + buffer_.size());  // what cannot be written is dropped once
      return false;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return true;
}

}  // namespace aitrade::cli
