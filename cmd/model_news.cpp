#include "cmd/model_news.h"

#include <ostream>

#include "cmd/client.h"

namespace aitrade::cli {

bool tell_daemon(const Paths& paths, Context& context) {
  const auto reply = call(Daemon{paths.socket().string(), ""}, "POST", "/api/v1/model", {}, control_limit);
  if (!reply && reply.error().code == ErrorCode::not_found) return false;   // none runs
  const Status done = reply ? check_reply(*reply) : Status(reply.error());
  if (done) return true;
  context.err << "aitrade: note: the daemon that runs has not taken the model (" << done.error().what
              << "); `aitrade reload` tries again, and its next start does it anyway\n";
  return false;
}

}  // namespace aitrade::cli
