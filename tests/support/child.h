// A process that runs beside the test: started, watched through a file, killed at will.
#pragma once

#include <string>
#include <vector>

namespace aitrade::test {

class Child {
 public:
  /// Starts the binary of AITRADE_BINARY with its output in `out_path` (stdout and stderr).
  Child(const std::vector<std::string>& arguments, std::string out_path);

  /// Kills what still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number) const;

  /// Waits for the end, at most `limit_ms`; returns the exit code, 128 plus the signal that ended it,
  /// or -1 when it still runs.
  int wait(int limit_ms);

  [[nodiscard]] bool is_running();

  /// -1 when it has ended.
  [[nodiscard]] int pid() const { return pid_; }

  [[nodiscard]] const std::string& out_path() const { return out_path_; }

 private:
  int pid_{-1};
  int code_{-1};
  std::string out_path_;
};

/// Waits until `text` is in the file, at most `limit_ms`; returns the file's content, empty on time out.
std::string wait_for_text(const std::string& path, const std::string& text, int limit_ms);

/// Lets time pass: the one place, for tests whose subject is a moment.
void pass_time(int ms);

}  // namespace aitrade::test
