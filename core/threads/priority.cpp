#include "core/threads/priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace aitrade {
namespace {

/// What the system call takes (sched_setattr(2)), first version; the C library of Debian 12 does not name it.
struct SchedulingAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;   // ns; for the ordinary policy the length of a turn
  std::uint64_t deadline;
  std::uint64_t period;
};

constexpr std::uint64_t turn_ns = 100'000;

}  // namespace

void yield_to_others(int nice) {
  if (nice <= 0) return;
  const auto thread = static_cast<id_t>(::gettid());   // on Linux a priority is a thread's
  static_cast<void>(::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + nice));
}

void wake_promptly() {
  // An owner who chose another policy (batch, idle, real time) meant it.
  if (::sched_getscheduler(0) != SCHED_OTHER) return;
  SchedulingAttributes wish{};
  wish.size = sizeof wish;
  wish.policy = SCHED_OTHER;
  wish.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  wish.runtime = turn_ns;
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &wish, 0));
}

}  // namespace aitrade
