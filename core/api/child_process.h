// A program of ours beside the daemon: lowest priority, its output in files, ended when its parent ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace aitrade {

class ChildProcess {
 public:
  struct Spawn {
    std::vector<std::string> words;         // the program first
    std::vector<std::string> environment;   // NAME=value; nothing else is passed on
    std::filesystem::path out, err;         // made anew, for the owner alone
  };

  /// Starts it. The kernel kills it when the thread that called this ends. Errors: io.
  static Result<ChildProcess> start(const Spawn& spawn);

  ChildProcess(ChildProcess&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();   // kills and waits

  /// Returns its exit code once it has ended (128 and the signal, when that ended it); does not wait.
  std::optional<int> ended();

  void kill();

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// How much of a file it has read so far, in bytes; nothing when it does not have it open.
  [[nodiscard]] std::optional<std::uint64_t> position_in(const std::filesystem::path& file) const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
};

}  // namespace aitrade
