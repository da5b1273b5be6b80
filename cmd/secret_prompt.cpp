#include "cmd/secret_prompt.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <ostream>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

namespace aitrade::cli {
namespace {

/// The terminal without echo, and the stop signals as something to wait for; both restored at the end.
class HiddenInput {
 public:
  HiddenInput() {
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&signals_, number);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    stopped_ = ::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &settings_) == 0;
    if (!is_terminal_) return;
    termios hidden = settings_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden.c_lflag |= ICANON | ECHONL;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }

  ~HiddenInput() { restore(); }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  /// Waits for input. A stop signal ends the process, with the terminal as it was.
  void wait() {
    while (true) {
      std::array<pollfd, 2> waits{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{stopped_, POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      signalfd_siginfo info{};
      if (waits[1].revents != 0 && ::read(stopped_, &info, sizeof info) == sizeof info &&
          info.ssi_signo != static_cast<unsigned>(SIGTSTP)) {
        restore();
        ::raise(static_cast<int>(info.ssi_signo));
      }
      if (waits[0].revents != 0) return;
    }
  }

 private:
  void restore() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings_);
    is_terminal_ = false;
    if (stopped_ >= 0) ::close(stopped_);
    stopped_ = -1;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  sigset_t signals_{};
  sigset_t before_{};
  termios settings_{};
  int stopped_{-1};
  bool is_terminal_{false};
};

}  // namespace

Result<SecretBytes> ask_secret(Context& context, std::string_view question, std::string_view instead,
                               std::size_t limit) {
  if (!context.in_is_terminal) {
    return fail(ErrorCode::invalid, std::string(question) + " is asked for, and stdin is no terminal; " +
                                        std::string(instead));
  }
  HiddenInput input;
  context.err << question << ": " << std::flush;
  SecretBytes line(limit + 2);  // the line end, and a byte that says "longer"
  std::size_t size = 0;
  while (size < line.size()) {
    input.wait();
    const ssize_t count = ::read(STDIN_FILENO, line.bytes().data() + size, line.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
    if (line.bytes()[size - 1] == '\n') {
      line.shorten(size - 1);
      return line;
    }
  }
  return fail(ErrorCode::invalid, std::string(question) + (size > limit ? " is too long" : " was not given"));
}

}  // namespace aitrade::cli
