// Signals from outside over HTTP (operations.md 4.7): a signed body becomes an event of the engine, once.
//
// Order: rate, size, signature, source, claim of its id, market, engine. The claim comes before the execution: who
// sends the same id meanwhile gets 409, and what became of it is in the ledger in the transaction of its order, so
// that an id which was judged is never judged again, over restarts. A claim that died with the process left nothing
// behind. May be used from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/api/signature.h"
#include "core/base/result.h"
#include "core/domain/event.h"

namespace aitrade {

struct Call;
struct ServerResponse;

/// How signals are taken.
struct SignalRules {
  std::vector<Secret> secrets;        // one of them signs; none: off
  std::vector<std::string> sources;   // who may send
  bool takes_any_source{false};       // where none are named: only on paper
  Duration tolerance{minutes{5}};     // of the time of a signature
  double price_deviation{0.02};       // fraction of the market's price
};

/// Hands a signal to the engine; false: it takes none. `done` is called once, from any thread, when its turn is on
/// disk and in the view, or with what went wrong.
using SignalSink = std::function<bool(const ExternalSignal& signal, std::function<void(Status)> done)>;

class SignalDesk {
 public:
  SignalDesk(SignalRules rules, SignalSink sink);
  ~SignalDesk();

  /// Answers POST /api/v1/signals/webhook.
  ServerResponse take(const Call& call);

 private:
  struct Claims {
    std::mutex mutex;
    std::set<std::string> ids;   // under way
  };

  ServerResponse execute(const Call& call, ExternalSignal&& signal);
  [[nodiscard]] bool may_send(const std::string& source) const;

  SignalRules rules_;
  SignalSink sink_;
  SignatureGuard guard_;
  std::shared_ptr<Claims> claims_;   // a turn may end after its request
};

}  // namespace aitrade
