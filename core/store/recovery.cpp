#include "core/store/recovery.h"

#include "core/store/gate_text.h"
#include "core/store/ledger.h"
#include "core/store/voters_text.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace aitrade {
namespace {

/// Finds the enumerator whose text is `text`; enumerators are few and dense from `first`.
template <class Enum>
std::optional<Enum> from_text(std::string_view text, int first, int last) {
  for (int i = first; i <= last; ++i) {
    const auto value = static_cast<Enum>(i);
    if (to_string(value) == text) return value;
  }
  return std::nullopt;
}

/// Reads columns of a row into typed values, and remembers the first that does not parse.
class Row {
 public:
  explicit Row(const Statement& statement) : statement_(statement) {}

  template <class FixedType>
  FixedType amount(int column) {
    if (statement_.is_null(column)) return {};
    const auto value = FixedType::parse(statement_.text(column));
    if (!value) note(column);
    return value ? *value : FixedType{};
  }

  template <class Enum>
  Enum word(int column, int first, int last) {
    const auto value = from_text<Enum>(statement_.text(column), first, last);
    if (!value) note(column);
    return value.value_or(static_cast<Enum>(first));
  }

  template <class Int>
  Int number(int column) {
    return static_cast<Int>(statement_.integer(column));
  }

  [[nodiscard]] Status status(const char* table) const {
    if (bad_ < 0) return ok();
    return fail(ErrorCode::corrupt, std::string(table) + ": column " + std::to_string(bad_) +
                                        " cannot be read: " + std::string(statement_.text(bad_)));
  }

 private:
  void note(int column) {
    if (bad_ < 0) bad_ = column;
  }

  const Statement& statement_;
  int bad_{-1};
};

Status enter_desk(Database& ledger, const DeskNames& desk, Time now) {
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger));
  AITRADE_TRY(Statement tenant,
              ledger.prepare("INSERT OR IGNORE INTO tenants(id, name, status, created_ns, "
                             "updated_ns) VALUES(?1,?1,'active',?2,?2)"));
  AITRADE_TRY_STATUS(tenant.bind_all(desk.tenant.name, now).run());
  AITRADE_TRY(
      Statement account,
      ledger.prepare("INSERT INTO accounts(account_id, tenant_id, exchange, mode, currency, "
                     "initial_cash, created_ns, enabled) VALUES(?,?,?,?,?,?,?,1)"));
  AITRADE_TRY_STATUS(account
                         .bind_all(desk.account, desk.tenant.name, desk.exchange, desk.mode,
                                   desk.currency, desk.bankroll, now)
                         .run());
  return transaction.commit();
}

/// Returns the initial cash of a known account; nothing when it is new. An account belongs to one
/// mode for ever: paper money and real money must not share a history.
Result<std::optional<Money>> known_account(Database& ledger, const DeskNames& desk) {
  // every tenant: an account has one owner
  AITRADE_TRY(Statement select, ledger.prepare("SELECT initial_cash, mode, currency FROM accounts "
                                               "WHERE account_id=? AND exchange=?"));
  AITRADE_TRY(const bool has_row, select.bind_all(desk.account, desk.exchange).step());
  if (!has_row) return std::optional<Money>{};
  if (select.text(1) != desk.mode || select.text(2) != desk.currency) {
    return fail(ErrorCode::invalid, "account " + desk.account + " at " + desk.exchange +
                                        " is kept as " + std::string(select.text(1)) + " in " +
                                        std::string(select.text(2)) + "; configured is " +
                                        desk.mode + " in " + desk.currency);
  }
  Row row(select);
  const auto cash = row.amount<Money>(0);
  AITRADE_TRY_STATUS(row.status("accounts"));
  return std::optional<Money>(cash);
}

Result<std::uint32_t> next_sequence(Database& ledger, std::uint16_t epoch) {
  AITRADE_TRY(Statement select,
              // every tenant: order ids are never given twice
              ledger.prepare("SELECT coalesce(max(sequence), 0) + 1 FROM intents WHERE epoch=?"));
  AITRADE_TRY(const bool has_row, select.bind_all(epoch).step());
  AITRADE_CHECK(has_row);
  return static_cast<std::uint32_t>(select.integer(0));
}

Result<AccountRestored> restore_account(Database& ledger, const DeskNames& desk, Money initial,
                                        std::uint16_t epoch, Time now) {
  AccountRestored account;
  account.desk = desk.id;
  account.cash = account.day_start_equity = account.peak_equity = initial;
  account.day_start = floor_to(now, hours{24});
  account.epoch = epoch;
  // Sequences are per ledger and never reused, whatever the account row says.
  AITRADE_TRY(account.next_sequence, next_sequence(ledger, epoch));
  AITRADE_TRY(
      Statement select,
      ledger.prepare("SELECT cash, day_start_equity, peak_equity, day_start_ns, loss_streak, "
                     "next_sequence, loss_cooldown_until_ns, probation_since_ns, probation_trades "
                     "FROM risk_state "
                     "WHERE account_id=? AND exchange=? AND tenant_id = ?"));
  AITRADE_TRY(const bool has_row,
              select.bind_all(desk.account, desk.exchange, desk.tenant.name).step());
  if (has_row) {
    Row row(select);
    account.cash = row.amount<Money>(0);
    account.day_start_equity = row.amount<Money>(1);
    account.peak_equity = row.amount<Money>(2);
    account.day_start = select.time(3);
    account.loss_streak = row.number<std::int32_t>(4);
    account.next_sequence = std::max(account.next_sequence, row.number<std::uint32_t>(5));
    account.loss_cooldown_until = select.time(6);
    account.probation_since = select.time(7);
    account.probation_trades = row.number<std::uint32_t>(8);
    AITRADE_TRY_STATUS(row.status("risk_state"));
  }
  AITRADE_TRY(const ControlState control, control_state(ledger, desk.tenant));
  account.paused = control.paused;
  account.halted = control.halted;
  account.pause_reason = control.reason;
  return account;
}

/// Finds the instrument of a row; errors: invalid when the pair is not configured.
Result<InstrumentId> instrument_of(const StoreNames& names, const DeskNames& desk,
                                   std::string_view pair, const char* what) {
  const Instrument* found = names.find_instrument(desk.exchange, pair);
  if (found != nullptr) return found->id;
  return fail(ErrorCode::invalid, "the ledger holds " + std::string(what) + " in " +
                                      std::string(pair) + " at " + desk.exchange +
                                      ", which is not configured; add the pair and close it first");
}

Result<Order> read_order(const Statement& s, const DeskNames& desk, InstrumentId instrument) {
  Row row(s);
  Order order;
  order.client_id = {row.number<std::uint32_t>(1), row.number<std::uint16_t>(0),
                     row.word<OrderRole>(2, 1, 5), row.number<std::uint8_t>(3)};
  order.desk = desk.id;
  order.instrument = instrument;
  order.side = row.word<Side>(5, 0, 1);
  order.type = row.word<OrderType>(6, 0, 3);
  order.tif = row.word<TimeInForce>(7, 0, 2);
  order.limit = row.amount<Price>(8);
  order.trigger = row.amount<Price>(9);
  order.quantity = row.amount<Quantity>(10);
  order.filled = row.amount<Quantity>(11);
  order.reduce_only = s.integer(12) != 0;
  order.post_only = s.integer(13) != 0;
  order.state = row.word<OrderState>(14, 0, static_cast<int>(order_state_last));
  order.venue_id = s.text(15);
  order.created_at = s.time(16);
  order.good_till = s.time(17);
  if (order.state == OrderState::journaled && desk.mode == "live")
    order.state = OrderState::unknown;
  AITRADE_TRY_STATUS(row.status("orders"));
  return order;
}

Status add_orders(Database& ledger, const StoreNames& names, const DeskNames& desk, Time now,
                  std::vector<EventBody>& out) {
  AITRADE_TRY(
      Statement s,
      ledger.prepare("SELECT epoch, sequence, role, attempt, pair, side, type, tif, "
                     "limit_price, trigger_price, quantity, filled, reduce_only, post_only, "
                     "status, exchange_order_id, created_ns, good_till_ns FROM orders "
                     "WHERE (is_open=1 OR updated_ns>=?4) AND account_id=?1 AND exchange=?2 AND tenant_id=?3 "
                     "ORDER BY id"));
  // A real venue may yet tell of a fill of an order that ended lately.
  const Time ended_since = desk.mode == "live" ? now - hours{1} : Time{std::numeric_limits<std::int64_t>::max()};
  s.bind_all(desk.account, desk.exchange, desk.tenant.name, ended_since);
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    AITRADE_TRY(const InstrumentId instrument, instrument_of(names, desk, s.text(4), "an order"));
    AITRADE_TRY(Order order, read_order(s, desk, instrument));
    out.emplace_back(OrderAdopted{std::move(order)});
  }
}

Status add_positions(Database& ledger, const StoreNames& names, const DeskNames& desk,
                     std::vector<EventBody>& out) {
  AITRADE_TRY(
      Statement s,
      ledger.prepare("SELECT pair, direction, quantity, quantity_initial, entry_price, stop, "
                     "target, initial_stop, best_since_entry, entry_fees, realized, "
                     "opened_ns, strategy, atr_at_entry, breakeven_done, trailing_on, "
                     "trade_number, entry_cost, fees, slippage, worst, exit_price, exited, "
                     "initial_target, confidence, bars, stages, trend_regime, volatility_regime, "
                     "voters, closing FROM positions WHERE quantity <> '0' AND account_id=? "
                     "AND exchange=? AND tenant_id = ? ORDER BY pair"));
  s.bind_all(desk.account, desk.exchange, desk.tenant.name);
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    Row row(s);
    PositionAdopted p;
    p.desk = desk.id;
    AITRADE_TRY(p.instrument, instrument_of(names, desk, s.text(0), "a position"));
    p.direction = row.word<Direction>(1, -1, 1);
    p.quantity = row.amount<Quantity>(2);
    p.quantity_initial = row.amount<Quantity>(3);
    p.entry = row.amount<Price>(4);
    p.stop = row.amount<Price>(5);
    p.target = row.amount<Price>(6);
    p.initial_stop = row.amount<Price>(7);
    p.best_since_entry = row.amount<Price>(8);
    p.entry_fees = row.amount<Money>(9);
    p.realized = row.amount<Money>(10);
    p.opened_at = s.time(11);
    p.lead = names.find_strategy(s.text(12));
    p.atr_at_entry = s.real(13);
    p.breakeven_done = s.integer(14) != 0;
    p.trailing_on = s.integer(15) != 0;
    p.trade_number = row.number<std::uint32_t>(16);
    p.detail.entry_cost = row.amount<Money>(17);
    p.detail.fees = row.amount<Money>(18);
    p.detail.slippage = row.amount<Money>(19);
    p.detail.worst = row.amount<Price>(20);
    p.detail.exit = row.amount<Price>(21);
    p.detail.exited = row.amount<Quantity>(22);
    p.detail.initial_target = row.amount<Price>(23);
    p.detail.confidence = s.real(24);
    p.detail.bars = row.number<std::uint32_t>(25);
    p.detail.stages = row.number<std::uint8_t>(26);
    p.detail.regime = {row.word<Trend>(27, 0, 2), row.word<Volatility>(28, 0, 3)};
    p.detail.voters = parse_voters(s.text(29), names);
    p.detail.closing = row.word<ExitReason>(30, 0, static_cast<int>(exit_reason_last));
    AITRADE_TRY_STATUS(row.status("positions"));
    out.emplace_back(p);
  }
}

/// The newest closed trades, as many as a track record holds, oldest first.
Status add_trades(Database& ledger, const StoreNames& names, const DeskNames& desk,
                  std::vector<EventBody>& out) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT exit_ns, pnl, r_multiple, strategy, voters FROM "
                             "(SELECT id, exit_ns, pnl, r_multiple, strategy, voters FROM trades "
                             "WHERE account_id=? AND exchange=? AND tenant_id=? ORDER BY id DESC "
                             "LIMIT 5000) ORDER BY id"));
  s.bind_all(desk.account, desk.exchange, desk.tenant.name);
  TradesRestored restored;
  restored.desk = desk.id;
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) break;
    Row row(s);
    TradeResult result;
    result.closed_at = s.time(0);
    result.pnl = row.amount<Money>(1);
    result.r = s.is_null(2) ? 0 : s.real(2);
    result.lead = names.find_strategy(s.text(3));
    result.voters = parse_voters(s.text(4), names);
    AITRADE_TRY_STATUS(row.status("trades"));
    restored.results.push_back(result);
  }
  if (!restored.results.empty()) out.emplace_back(std::move(restored));
  return ok();
}

/// The tests of models, the newest last; a candidate of a pair that is not traded now is followed no further.
Status add_gates(Database& ledger, const StoreNames& names, const DeskNames& desk, std::vector<EventBody>& out) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT model, won, weight, evidence, uncapped, claimed, outcomes, is_off, accepted, "
                             "rejected, accepted_r, rejected_r, alive, learner FROM gate_tests WHERE account_id=? AND exchange=? "
                             "AND tenant_id=? ORDER BY updated_ns, model"));
  s.bind_all(desk.account, desk.exchange, desk.tenant.name);
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    GateRestored g;
    g.desk = desk.id;
    AITRADE_TRY(g.state.model, parse_model(s.text(0)));
    g.state.won = s.real(1);
    g.state.all = s.real(2);
    g.state.evidence = s.real(3);
    g.state.uncapped = s.real(4);
    g.state.claimed = s.real(5);
    g.state.outcomes = static_cast<std::uint32_t>(s.integer(6));
    g.state.is_off = s.integer(7) != 0;
    g.state.accepted = static_cast<std::uint64_t>(s.integer(8));
    g.state.rejected = static_cast<std::uint64_t>(s.integer(9));
    g.state.accepted_r = s.real(10);
    g.state.rejected_r = s.real(11);
    AITRADE_TRY(g.state.alive, parse_candidates(s.text(12), names, desk.exchange));
    AITRADE_TRY(g.state.learner, parse_learner(s.text(13)));
    out.emplace_back(std::move(g));
  }
}

Status add_cooldowns(Database& ledger, const StoreNames& names, const DeskNames& desk,
                     std::vector<EventBody>& out) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT pair, strategy, direction, pair_until_ns, strategy_until_ns "
                             "FROM cooldowns WHERE account_id=? AND exchange=? AND tenant_id = ? "
                             "ORDER BY pair, strategy, direction"));
  s.bind_all(desk.account, desk.exchange, desk.tenant.name);
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    const Instrument* instrument = names.find_instrument(desk.exchange, s.text(0));
    if (instrument == nullptr) continue;  // a cooldown of a pair that is not traded now
    Row row(s);
    CooldownRestored c;
    c.desk = desk.id;
    c.instrument = instrument->id;
    c.strategy = names.find_strategy(s.text(1));
    c.direction = row.word<Direction>(2, -1, 1);
    c.pair_until = s.time(3);
    c.strategy_until = s.time(4);
    AITRADE_TRY_STATUS(row.status("cooldowns"));
    out.emplace_back(c);
  }
}

Status add_watermarks(Database& ledger, const StoreNames& names, Recall& out) {
  AITRADE_TRY(Statement s, ledger.prepare("SELECT exchange, pair, close_ns FROM watermarks"));
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    const Instrument* instrument = names.find_instrument(s.text(0), s.text(1));
    if (instrument != nullptr) out.watermarks[instrument->id] = s.time(2);
  }
}

}  // namespace

Result<Recall> recall(Database& ledger, const StoreNames& names, Time now) {
  AITRADE_TRY(const LedgerIdentity identity, ledger_identity(ledger));
  Recall out;
  out.epoch = identity.epoch;
  out.is_first_start = true;
  std::vector<EventBody> bodies;
  for (const DeskNames& desk : names.desks) {
    AITRADE_TRY(std::optional<Money> initial, known_account(ledger, desk));
    if (initial) {
      out.is_first_start = false;
    } else {
      AITRADE_TRY_STATUS(enter_desk(ledger, desk, now));
      initial = desk.bankroll;
    }
    AITRADE_TRY(AccountRestored account,
                restore_account(ledger, desk, *initial, identity.epoch, now));
    bodies.emplace_back(std::move(account));
    AITRADE_TRY_STATUS(add_trades(ledger, names, desk, bodies));
    AITRADE_TRY_STATUS(add_gates(ledger, names, desk, bodies));
    AITRADE_TRY_STATUS(add_orders(ledger, names, desk, now, bodies));
    AITRADE_TRY_STATUS(add_positions(ledger, names, desk, bodies));
    AITRADE_TRY_STATUS(add_cooldowns(ledger, names, desk, bodies));
  }
  AITRADE_TRY_STATUS(add_watermarks(ledger, names, out));
  for (EventBody& body : bodies)
    out.events.push_back({EventSeq{}, now, now, std::move(body)});
  return out;
}

}  // namespace aitrade
