#include "core/net/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace aitrade {

void yield_to_others(int nice) {
  if (nice <= 0) return;
  const auto thread = static_cast<id_t>(::gettid());   // on Linux a priority is a thread's
  static_cast<void>(::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + nice));
}

}  // namespace aitrade
