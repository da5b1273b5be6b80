#include "core/net/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace aitrade {

void yield_to_others(int nice) {
  if (nice > 0) static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice));   // of this thread
}

}  // namespace aitrade
