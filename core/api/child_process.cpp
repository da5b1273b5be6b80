#include "core/api/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace aitrade {
namespace {

constexpr int lowest_priority = 19;
constexpr unsigned first_free = 3;   // after standard input, output and error

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

int open_for_child(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
}

/// In the child, where only calls are allowed that a signal handler may make.
[[noreturn]] void become(char* const* words, char* const* environment, pid_t parent, int in, int out, int err) {
  ::setpgid(0, 0);   // Ctrl-C at the daemon's terminal is the daemon's
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::setpriority(PRIO_PROCESS, 0, lowest_priority);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
  if (::dup2(in, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(err, STDERR_FILENO) < 0) ::_exit(127);
  ::close_range(first_free, ~0U, 0);
  ::execve(words[0], words, environment);
  ::_exit(127);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const Spawn& spawn) {
  std::vector<std::string> words = spawn.words, environment = spawn.environment;
  const std::vector<char*> argv = pointers(words), envp = pointers(environment);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC), out = open_for_child(spawn.out);
  const int err = open_for_child(spawn.err);
  const pid_t parent = ::getpid();
  const pid_t pid = in < 0 || out < 0 || err < 0 ? -1 : ::fork();
  if (pid == 0) become(argv.data(), envp.data(), parent, in, out, err);
  const int reason = errno;
  for (const int file : {in, out, err}) {
    if (file >= 0) ::close(file);
  }
  if (pid < 0) return fail(ErrorCode::io, std::string("a process cannot be started: ") + std::strerror(reason));
  return ChildProcess(pid);
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill();
  ::waitpid(pid_, nullptr, 0);
}

void ChildProcess::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<int> ChildProcess::ended() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::optional<std::uint64_t> ChildProcess::position_in(const std::filesystem::path& file) const {
  const std::filesystem::path place = std::filesystem::path("/proc") / std::to_string(pid_);
  std::error_code failure;
  for (auto it = std::filesystem::directory_iterator(place / "fd", failure);
       !failure && it != std::filesystem::directory_iterator(); it.increment(failure)) {
    std::error_code unreadable;
    if (std::filesystem::read_symlink(it->path(), unreadable) != file) continue;
    std::ifstream info(place / "fdinfo" / it->path().filename());
    std::string word;
    std::uint64_t position = 0;
    if (info >> word >> position && word == "pos:") return position;
  }
  return std::nullopt;
}

}  // namespace aitrade
