// What a thread asks of the scheduler, and what it leaves alone.
#include "core/threads/priority.h"

#include <catch2/catch.hpp>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace aitrade {
namespace {

/// What `action` leaves of policy and niceness, in a thread of its own, so that no other test sees it.
struct Scheduling {
  int policy = -1;
  int nice = -1;
};

template <class Action>
Scheduling after(Action action) {
  Scheduling seen;
  std::thread([&] {
    action();
    seen = {::sched_getscheduler(0), ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()))};
  }).join();
  return seen;
}

TEST_CASE("priority: a policy that the owner chose for the daemon is left alone") {
  for (const int policy : {SCHED_BATCH, SCHED_IDLE}) {
    bool chosen = false;
    const auto seen = after([&] {
      const sched_param none{};
      chosen = ::sched_setscheduler(0, policy, &none) == 0;
      wake_promptly();
    });
    if (!chosen) {
      WARN("skipped: this system refuses to change a policy");
      return;
    }
    CHECK(seen.policy == policy);
  }
}

TEST_CASE("priority: waking first keeps the ordinary policy and the niceness that was given") {
  const auto before = after([] {});
  const auto seen = after([] {
    yield_to_others(3);
    wake_promptly();
  });
  CHECK(seen.policy == before.policy);
  CHECK(seen.nice == std::min(before.nice + 3, 19));
}

TEST_CASE("priority: yielding by nothing, or by less, changes nothing") {
  const auto before = after([] {});
  CHECK(after([] { yield_to_others(0); }).nice == before.nice);
  CHECK(after([] { yield_to_others(-5); }).nice == before.nice);
}

}  // namespace
}  // namespace aitrade
