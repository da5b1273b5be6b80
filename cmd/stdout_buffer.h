// Standard output as a stream that ends the process quietly when its reader has gone.
//
// `aitrade data cat BTC/USD | head` must stop at once and without a message (cli.md 2). SIGPIPE is
// ignored in the process, because a daemon's socket may close at any time; a broken pipe on stdout
// is turned back into the signal here. Other failures (a full disk) leave the stream bad, which the
// command line reports with exit code 73.
#pragma once

#include <array>
#include <streambuf>

namespace aitrade::cli {

/// Buffers and writes to a file descriptor. One thread; borrowed descriptor.
class StdoutBuffer : public std::streambuf {
 public:
  explicit StdoutBuffer(int descriptor);
  ~StdoutBuffer() override;
  StdoutBuffer(const StdoutBuffer&) = delete;
  StdoutBuffer& operator=(const StdoutBuffer&) = delete;

 protected:
  int_type overflow(int_type letter) override;
  int sync() override;

 private:
  bool write_out();

  int descriptor_;
  std::array<char, 65536> buffer_;  // one write of a pipe's default capacity
};

}  // namespace aitrade::cli
