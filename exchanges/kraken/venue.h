// Kraken as a place that executes orders for real: LiveAccount with its sockets and threads.
//
// One thread owns the account and the private WebSocket's frames, a second asks for orders over REST, a third reads.
// Orders come from the engine thread after their commit; what became of them goes to the mailbox as events. While
// nothing is connected orders wait or are held back as live_account.h says; nobody blocks the engine.
#pragma once

#include "core/base/latency.h"
#include "core/ports/clock.h"
#include "core/ports/feed.h"
#include "core/ports/nonce_store.h"
#include "core/ports/notifier.h"
#include "core/ports/venue.h"
#include "exchanges/kraken/live_account.h"
#include "exchanges/kraken/private_client.h"

#include <memory>
#include <string>

namespace aitrade::kraken {

struct VenueOptions {
  LiveOptions account;
  PrivateClientOptions client;      // its url is that of REST
  std::string ws_url{"wss://ws-auth.kraken.com/v2"};
  std::string ca_file;              // empty: the system's certificates
  double clock_speed{1};            // how fast the clock runs against a real one; a loopback exchange's may
};

/// For status pages, `doctor` and tests.
struct VenueHealth {
  bool is_synced{false};
  bool is_reconciled{false};
  bool is_refused{false};           // the key or the account
  bool is_clock_off{false};
  std::size_t undecided{0};
  std::size_t foreign_orders{0};
  std::uint64_t orders_sent{0};
  LatencySummary latency;           // from the receipt of what caused an order, a move or a cancel to its last byte
                                    // given to the socket, less the journal's flushes in between; in real time whatever
                                    // the clock's speed; without those that went by REST
  std::string blocked;              // why entries are not sent now, of the first pair; empty: they are
};

class KrakenVenue final : public ExecutionVenue {
 public:
  /// `nonces`, `clock` and `notifier` are borrowed. Events go to `sink` from the venue's thread.
  KrakenVenue(VenueOptions options, LiveMemory memory, Signer signer, Secret otp, NonceStore& nonces,
              const Clock& clock, Notifier& notifier, EventSink sink);
  ~KrakenVenue() override;
  KrakenVenue(const KrakenVenue&) = delete;
  KrakenVenue& operator=(const KrakenVenue&) = delete;

  void start();

  /// No entry leaves any more; requests on their way get `limit` to be answered, then the connection is closed.
  /// What is still undecided is settled at the next start.
  void stop(Duration limit);

  void submit(const Order& order, Time now) override;
  void cancel(const CancelOrder& cancel, Time now) override;
  void replace(const ReplaceOrder& replace, Time now) override;

  void note_flush(const FlushSpan& span) override;

  [[nodiscard]] bool answers_in_turn() const override { return false; }

  bool observe(const Event&) override { return false; }

  bool next_outcome(Event&) override { return false; }

  /// In force when it returns: after permit_entries(false) no byte of an entry leaves (reliability.md P9).
  void permit_entries(bool is_permitted) override;

  /// Venue time minus ours, as somebody measured it.
  void set_skew(std::optional<Duration> skew);

  [[nodiscard]] VenueHealth health() const;

  /// Books an unexplained balance as the owner's doing and returns the amount; see LiveAccount::adopt(). Any thread.
  Result<std::string> adopt(const std::string& asset, std::string_view who);

 private:
  class Pump;
  std::unique_ptr<Pump> pump_;
};

}  // namespace aitrade::kraken
