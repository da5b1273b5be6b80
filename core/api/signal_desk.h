// Signals from outside over HTTP (operations.md 4.7): a signed body becomes an event of the engine, once.
//
// Order: rate, size, signature, source, claim of its id, market, engine. The claim comes before the execution: who
// sends the same id meanwhile gets 409, and what became of it is in the ledger in the transaction of its order, so
// that an id which was judged is never judged again, over restarts. A claim that died with the process left nothing
// behind. May be used from any thread.
//
// With several accounts a signal is for the one that it names, else for the first. An account may have secrets of its
// own: they sign for it and for no other, and then the common ones do not sign for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/api/signature.h"
#include "core/base/result.h"
#include "core/domain/event.h"

namespace aitrade {

struct Call;
struct ServerResponse;

/// How signals are taken.
struct SignalRules {
  std::vector<Secret> secrets;        // one of them signs, for accounts without their own
  std::map<std::string, std::vector<Secret>> account_secrets;   // by account
  std::vector<std::string> sources;   // who may send
  bool takes_any_source{false};       // where none are named: only on paper
  Duration tolerance{minutes{5}};     // of the time of a signature
  double price_deviation{0.02};       // fraction of the market's price
};

/// Hands a signal to the engine of a seat; false: it takes none. `done` is called once, from any thread, when its turn is on
/// disk and in the view, or with what went wrong.
using SignalSink = std::function<bool(std::size_t seat, const ExternalSignal& signal, std::function<void(Status)> done)>;

class SignalDesk {
 public:
  SignalDesk(SignalRules rules, SignalSink sink);
  ~SignalDesk();

  /// Answers POST /api/v1/signals/webhook.
  ServerResponse take(const Call& call);

 private:
  struct Claims {
    std::mutex mutex;
    std::set<std::pair<std::size_t, std::string>> ids;   // under way, by seat
  };

  /// What the signature is worth, and whose secret made it; empty: a common one.
  struct Signer {
    SignatureVerdict verdict{SignatureVerdict::wrong};
    std::string account;
  };

  [[nodiscard]] Signer signer_of(const Call& call) const;
  [[nodiscard]] std::variant<std::size_t, ServerResponse> seat_of(const Call& call, const Signer& signer,
                                                                  const std::string& account) const;
  ServerResponse execute(const Call& call, std::size_t seat, ExternalSignal&& signal);
  [[nodiscard]] bool may_send(const std::string& source) const;

  SignalRules rules_;
  SignalSink sink_;
  SignatureGuard guard_;
  std::shared_ptr<Claims> claims_;   // a turn may end after its request
};

}  // namespace aitrade
