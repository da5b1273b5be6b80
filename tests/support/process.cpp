#include "tests/support/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace aitrade::test {
namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::perror("pipe2");
  }

  ~Pipe() {
    close_read();
    close_write();
  }

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void close_read() { close_end(0); }

  void close_write() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

// Reads what is there; false at the end of the stream.
bool take(int descriptor, std::string& into) {
  std::array<char, 65536> bytes{};
  const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
  if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

// Feeds stdin and collects both streams until the child closes them.
void converse(Pipe& in, Pipe& out, Pipe& err, const Start& start, Finished& finished) {
  std::size_t sent = 0;
  if (start.input.empty()) in.close_write();
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    std::array<pollfd, 3> waits{pollfd{in.ends[1], POLLOUT, 0}, pollfd{out.ends[0], POLLIN, 0},
                                pollfd{err.ends[0], POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[0].revents != 0) {
      const ssize_t count =
          ::write(in.ends[1], start.input.data() + sent, start.input.size() - sent);
      sent += count > 0 ? static_cast<std::size_t>(count) : 0;
      if ((count < 0 && errno != EINTR && errno != EAGAIN) || sent == start.input.size())
        in.close_write();
    }
    if (waits[1].revents != 0) {
      const bool goes_on = take(out.ends[0], finished.out);
      if (!goes_on || start.closes_stdout_early) out.close_read();
    }
    if (waits[2].revents != 0 && !take(err.ends[0], finished.err)) err.close_read();
  }
}

std::vector<std::string> environment_lines(const Start& start) {
  const char* path = std::getenv("PATH");
  std::map<std::string, std::string> values{{"PATH", path == nullptr ? "/usr/bin:/bin" : path},
                                            {"HOME", "/nonexistent"},
                                            {"LC_ALL", "C"}};
  for (const auto& [name, value] : start.environment)
    values[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : values)
    lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words)
    list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

Finished run_program(const std::string& program, const Start& start, const std::string& folder) {
  std::signal(SIGPIPE, SIG_IGN);
  Finished finished;
  Pipe in;
  Pipe out;
  Pipe err;
  std::vector<std::string> words{program};
  words.insert(words.end(), start.arguments.begin(), start.arguments.end());
  std::vector<std::string> lines = environment_lines(start);
  std::vector<char*> argv = pointers(words);
  std::vector<char*> envp = pointers(lines);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) std::_Exit(126);
    const int file =
        start.out_path.empty() ? out.ends[1] : ::open(start.out_path.c_str(), O_WRONLY);
    ::dup2(in.ends[0], STDIN_FILENO);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(err.ends[1], STDERR_FILENO);
    ::execve(program.c_str(), argv.data(), envp.data());
    std::_Exit(127);
  }
  in.close_read();
  out.close_write();
  err.close_write();
  converse(in, out, err, start, finished);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  return finished;
}

std::string binary() {
  const char* path = std::getenv("AITRADE_BINARY");
  return path == nullptr ? "aitrade" : path;
}

}  // namespace

Finished run_aitrade(const Start& start) {
  return run_program(binary(), start, "");
}

Finished run_aitrade(const std::vector<std::string>& arguments) {
  return run_aitrade(Start{.arguments = arguments});
}

Finished run_shell(const std::string& line, const std::string& folder,
                   const std::map<std::string, std::string>& environment) {
  Start start{.arguments = {"-c", line}, .environment = environment};
  const char* path = std::getenv("PATH");
  const std::string beside = std::filesystem::path(binary()).parent_path().string();
  start.environment["PATH"] = beside + ':' + (path == nullptr ? "/usr/bin:/bin" : path);
  return run_program("/bin/sh", start, folder);
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "aitrade-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::perror("mkdtemp");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;  // a leftover folder must not fail the test that made it
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::write(const std::string& name, const std::string& text) const {
  const std::string path = *this / name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace aitrade::test
