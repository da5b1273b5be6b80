// The one queue of private REST calls of an API key.
//
// Takes a nonce, signs, and writes, under one lock from the first to the last: the venue counts
// nonces in order of arrival (kraken.md 2). Nothing here repeats an order-changing call, ever; a
// read is repeated when that may heal it, each time with a new nonce. Asks the counters before it
// sends, and learns bans from answers. Callers of several threads wait for each other.
#pragma once

#include "core/net/transport.h"
#include "core/ports/clock.h"
#include "exchanges/kraken/errors.h"
#include "exchanges/kraken/nonce.h"
#include "exchanges/kraken/private_call.h"
#include "exchanges/kraken/rate_counters.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace aitrade::kraken {

struct PrivateClientOptions {
  std::string url{"https://api.kraken.com"};
  Tier tier{Tier::starter};
  HttpTimeouts timeouts;
  int read_attempts{3};
  Duration lockout{minutes{15}};  // of "EGeneral:Temporary lockout"
};

class PrivateClient {
 public:
  /// All references are borrowed. `clock` gives the time for nonces and counters; `wait` sleeps for
  /// a span and returns false when the caller is stopping.
  PrivateClient(PrivateClientOptions options, Signer signer, Secret otp, HttpTransport& transport,
                NonceSource& nonces, const Clock& clock, std::function<bool(Duration)> wait);

  /// Sends one call once. The fact in the outcome is the whole truth of it: not_sent also when no
  /// nonce could be reserved (the store's error) or the counter has no room (busy).
  HttpOutcome send(const PrivateCall& call, Purpose purpose);

  /// Reads: waits for room, repeats what may heal, and returns the body of an answer that
  /// succeeded. Errors: as error_of, network, timeout, busy; unsupported for a call that can change
  /// an order.
  Result<std::string> read(const PrivateCall& call, Purpose purpose);

  /// How many answers in a row said that a nonce was too low. Two within a minute that we cannot
  /// explain mean a second user of the key (reliability.md 9.1).
  [[nodiscard]] int nonce_faults() const;

  [[nodiscard]] double counter_level() const;

 private:
  HttpOutcome send_locked(const PrivateCall& call, Purpose purpose);
  void learn(const HttpOutcome& outcome);
  Duration time_until_room(const PrivateCall& call, Purpose purpose) const;

  PrivateClientOptions options_;
  Signer signer_;
  Secret otp_;
  HttpTransport& transport_;
  NonceSource& nonces_;
  const Clock& clock_;
  std::function<bool(Duration)> wait_;
  mutable std::mutex mutex_;  // guards all below, and the order of nonces on the wire
  RestCounter counter_;
  int nonce_faults_{0};
};

}  // namespace aitrade::kraken
