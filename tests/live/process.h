// The program of one life: engine, session, ledger, account and private client, as the daemon puts them together.
//
// Starts from its ledger alone. `World` gives it time, links and a market, and takes it away at any moment.
#pragma once

#include "core/ports/clock.h"
#include "core/ports/journal.h"
#include "core/ports/nonce_store.h"
#include "core/ports/venue.h"
#include "core/runtime/session.h"
#include "core/store/names.h"
#include "core/store/projections.h"
#include "exchanges/kraken/live_account.h"
#include "exchanges/kraken/private_client.h"

#include <memory>
#include <string>
#include <vector>

namespace aitrade::live_test {

class World;

/// What every life has.
struct Cast {
  std::vector<Instrument> instruments;
  std::vector<kraken::LivePair> pairs;
  StoreNames names;
  TradingRules rules;
  std::string key_name;
  std::string key_secret;   // base64, made up
};

class Process final : public ExecutionVenue, public Journal {
 public:
  /// Opens the ledger and recalls; `history` warms the indicators.
  Process(World& world, const std::string& ledger_file, const std::vector<std::vector<Candle>>& history);

  // ---- the venue of the session
  void submit(const Order& order, Time now) override;
  void cancel(const CancelOrder& cancel, Time now) override;
  void replace(const ReplaceOrder& replace, Time now) override;

  [[nodiscard]] bool answers_in_turn() const override { return false; }

  bool observe(const Event&) override { return false; }

  bool next_outcome(Event&) override { return false; }

  // ---- its journal
  Status append(const Event& event, const ActionList& actions) override;
  Status commit(bool durable) override;

  /// An event for the engine; taken with others a moment later.
  void post(EventBody body, Time when);

  /// Takes what the account wants done, and wakes it when it asks for that.
  void pump();

  [[nodiscard]] bool is_alive() const { return is_alive_; }

  void die() { is_alive_ = false; }

  kraken::LiveAccount& account() { return *account_; }

  Engine& engine() { return *engine_; }

  kraken::PrivateClient& client() { return *client_; }

  Database& ledger() { return ledger_; }

  const ClientIdKey& id_key() const { return key_; }

  [[nodiscard]] bool is_known(const std::string& client_id);

  HttpTransport& transport() { return *transport_; }

 private:
  using LiveAccount = kraken::LiveAccount;

  void turn();
  kraken::LiveMemory remember(const std::vector<Event>& events);
  std::vector<Order> ended_orders();
  EventBody spoiled(EventBody body);

  World& world_;
  Database ledger_;
  ClientIdKey key_;
  std::unique_ptr<Projections> projections_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<LiveAccount> account_;
  ManualClock clock_;
  std::unique_ptr<HttpTransport> transport_;
  std::unique_ptr<kraken::NonceSource> nonce_;
  std::unique_ptr<kraken::PrivateClient> client_;
  std::vector<Event> inbox_;
  std::vector<std::pair<Event, std::vector<Action>>> waiting_;
  bool is_alive_{true};
  bool has_turn_{false};
  Time woken_at_;
  int dispatch_left_{-1};

 public:
  ManualClock& clock() { return clock_; }
};

}  // namespace aitrade::live_test
