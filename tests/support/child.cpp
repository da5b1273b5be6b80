#include "tests/support/child.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tests/support/process.h"

namespace aitrade::test {
namespace {

constexpr int step_ms = 5;

}  // namespace

Child::Child(const std::vector<std::string>& arguments, std::string out_path)
    : out_path_(std::move(out_path)) {
  const char* binary = std::getenv("AITRADE_BINARY");
  std::vector<char*> argv;
  std::vector<std::string> words{binary == nullptr ? "aitrade" : binary};
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int out = open(out_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out);
}

Child::~Child() {
  if (is_running()) {
    signal(SIGKILL);
    wait(10'000);
  }
}

void Child::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool Child::is_running() { return pid_ > 0 && wait(0) == -1; }

int Child::wait(int limit_ms) {
  for (int waited = 0; pid_ > 0; waited += step_ms) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    if (waited >= limit_ms) return -1;
    pass_time(step_ms);
  }
  return code_;
}

std::string wait_for_text(const std::string& path, const std::string& text, int limit_ms) {
  for (int waited = 0; waited <= limit_ms; waited += step_ms) {
    std::string content = read_file(path);
    if (content.find(text) != std::string::npos) return content;
    pass_time(step_ms);
  }
  return {};
}

void pass_time(int ms) { poll(nullptr, 0, ms); }

}  // namespace aitrade::test
