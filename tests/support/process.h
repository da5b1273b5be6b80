// Running the built binary in a test: arguments in, status and both streams out.
//
// The child gets a small clean environment, no terminal, and a home under the test's own temporary
// folder. Nothing here sleeps: waiting is for the child's end, and a hanging child is cut by ctest.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace aitrade::test {

/// What a finished process left behind.
struct Finished {
  int exit_code{-1};  // -1 when a signal ended it
  int signal{0};
  std::string out;
  std::string err;
};

/// How to start the binary.
struct Start {
  std::vector<std::string> arguments{};
  std::string input{};                               // stdin, then end of file
  std::map<std::string, std::string> environment{};  // beside PATH, HOME and AITRADE_* of nobody
  bool closes_stdout_early{false};                 // the reader goes away after the first bytes
  std::string out_path{};  // write stdout to this file instead, such as /dev/full
};

/// Runs the binary named by the environment variable AITRADE_BINARY and waits for its end.
Finished run_aitrade(const Start& start);

/// Short form: arguments only.
Finished run_aitrade(const std::vector<std::string>& arguments);

/// Runs a line of shell with `aitrade` on the PATH, in `folder`.
Finished run_shell(const std::string& line, const std::string& folder,
                   const std::map<std::string, std::string>& environment = {});

/// A folder that is removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Returns the path of a name inside.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

  /// Writes a file inside and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

/// Reads a whole file; empty when there is none.
std::string read_file(const std::string& path);

}  // namespace aitrade::test
