// What events and actions do to the rows of the ledger.
//
// One call per event with its actions, always inside the transaction of their turn. A fill counts
// once, by its venue id; the same id with other numbers is kept out and becomes an incident. The
// order of one turn is: orders first, then fills, then what they did, as the engine emitted it.
#pragma once

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/store/client_id.h"
#include "core/store/database.h"
#include "core/store/names.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aitrade {

/// Says whether an event with its actions changes a row of the ledger.
bool is_ledger_worthy(const Event& event, const std::vector<Action>& actions);

class Projections {
 public:
  /// Prepares all statements. `ledger` and `names` are borrowed; both must outlive this.
  static Result<std::unique_ptr<Projections>> create(Database& ledger, const StoreNames& names,
                                                     ClientIdKey key, std::string run_id);

  ~Projections();
  Projections(const Projections&) = delete;
  Projections& operator=(const Projections&) = delete;

  /// Projects an event and its actions. Errors: those of Database; then the caller rolls back.
  Status apply(const Event& event, const std::vector<Action>& actions);

  /// Stores the close time of the newest committed base candle of an instrument.
  Status put_watermark(InstrumentId instrument, Duration interval, Time close);

  /// How many fills were seen again and ignored.
  [[nodiscard]] std::uint64_t duplicate_fills() const { return duplicate_fills_; }

 private:
  struct Statements;

  Projections(Database& ledger, const StoreNames& names, ClientIdKey key, std::string run_id,
              std::unique_ptr<Statements> statements);

  Status on(const Event& event, const OrderFilled& filled);
  Status on(const Event& event, const BalanceMoved& moved);
  Status on(const Event& event, const OrderReplaced& replaced);
  Status on(const Event& event, const SubmitOrder& submit);
  Status on(const Event& event, const OrderChanged& changed);
  Status on(const Event& event, const Decision& decision);
  Status on(const Event& event, const PositionChanged& changed);
  Status on(const Event& event, const TradeClosed& closed);
  Status on(const Event& event, const AccountChanged& changed);
  Status on(const Event& event, const CooldownSet& set);
  Status on(const Event& event, const GateChanged& changed);
  Status on(const Event& event, const HoldingTaken& taken);
  Status on(const Event& event, const RunStateChanged& changed);
  Status on(const Event& event, const Incident& incident);
  Status on(const Event& event, const SignalJudged& judged);

  Status on(const Event&, const CancelOrder&) { return ok(); }

  Status on(const Event&, const ReplaceOrder&) { return ok(); }

  Status on(const Event&, const Notify&) { return ok(); }

  /// Looks at the fill that is stored under this id: equal is a repeat, different is an incident.
  Status compare_fill(const Event& event, const Fill& fill, std::string_view account,
                      std::string_view exchange);
  [[nodiscard]] std::string exchange_of(InstrumentId instrument) const;

  Database& ledger_;
  const StoreNames& names_;
  ClientIdKey key_;
  std::string run_id_;
  std::unique_ptr<Statements> sql_;
  std::uint64_t duplicate_fills_{0};
};

}  // namespace aitrade
