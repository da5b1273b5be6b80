#include "cmd/signals.h"

#include <csignal>
#include <ctime>
#include <unistd.h>

namespace aitrade::cli {

struct StopSignals::Mask {
  sigset_t set;
};

namespace {

sigset_t stop_set(StopSignals::Also also = StopSignals::Also::nothing) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (also == StopSignals::Also::reload) sigaddset(&set, SIGHUP);
  return set;
}

extern "C" void end_at_once(int number) { _exit(128 + number); }

}  // namespace

StopSignals::StopSignals(Also also) : before_(new Mask), also_(also) {
  const sigset_t set = stop_set(also_);
  pthread_sigmask(SIG_BLOCK, &set, &before_->set);
  std::signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
  pthread_sigmask(SIG_SETMASK, &before_->set, nullptr);
  delete before_;
}

std::optional<int> StopSignals::wait(Duration limit) {
  const sigset_t set = stop_set(also_);
  timespec time{};
  time.tv_sec = limit / seconds{1};
  time.tv_nsec = (limit % seconds{1}).count();
  const int number = sigtimedwait(&set, nullptr, &time);
  if (number > 0) return number;
  return std::nullopt;
}

void StopSignals::next_one_kills() {
  std::signal(SIGINT, end_at_once);
  std::signal(SIGTERM, end_at_once);
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace aitrade::cli
