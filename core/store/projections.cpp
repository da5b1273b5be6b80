#include "core/store/projections.h"

#include "core/store/gate_text.h"
#include "core/store/json_text.h"
#include "core/store/voters_text.h"
#include "core/store/ledger.h"

#include <utility>

namespace aitrade {
namespace {

// SQL of every tenant, whole file: the engine writes rows of its own orders, found by their unique ids.

constexpr const char* insert_intent =
    "INSERT INTO intents(tenant_id, account_id, exchange, epoch, sequence, role, pair, side, "
    "quantity, run_id, event_seq, created_ns) VALUES(?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT(epoch, sequence, role) DO NOTHING";

constexpr const char* insert_order =
    "INSERT INTO orders(intent_id, client_order_id, tenant_id, account_id, exchange, epoch, "
    "sequence, role, attempt, pair, side, type, tif, limit_price, trigger_price, quantity, filled, "
    "reduce_only, post_only, status, is_open, run_id, created_ns, updated_ns, good_till_ns) "
    "VALUES((SELECT id FROM intents WHERE epoch=?5 AND sequence=?6 AND role=?7),"
    "?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?22,?23)";

constexpr const char* change_order =
    "UPDATE orders SET status=?2, is_open=?3, filled=?4, limit_price=?5, trigger_price=?6, "
    "exchange_order_id=COALESCE(NULLIF(?7,''), exchange_order_id), "
    "reason=COALESCE(NULLIF(?8,''), reason), updated_ns=?9 WHERE client_order_id=?1";

constexpr const char* replace_order =
    "UPDATE orders SET limit_price=?2, trigger_price=?3, quantity=?4, updated_ns=?5 "
    "WHERE client_order_id=?1";

constexpr const char* insert_fill =
    "INSERT INTO fills(tenant_id, order_id, account_id, exchange, exchange_fill_id, pair, side, "
    "price, quantity, fee, fee_asset, liquidity, filled_ns, base_fee, cost, words) "
    "SELECT tenant_id, id, account_id, exchange, ?2, pair, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM orders "
    "WHERE client_order_id=?1 ON CONFLICT(exchange, account_id, exchange_fill_id) DO NOTHING";

constexpr const char* find_fill =
    "SELECT f.side, f.price, f.quantity, f.fee, o.client_order_id, f.base_fee, f.words FROM fills f "
    "JOIN orders o ON o.id = f.order_id "
    "WHERE f.exchange_fill_id=? AND f.account_id=? AND f.exchange=?";

constexpr const char* find_order =
    "SELECT account_id, exchange FROM orders WHERE client_order_id=?";

constexpr const char* insert_move =
    "INSERT INTO balance_moves(tenant_id, account_id, exchange, asset, amount, kind, reference, moved_ns) "
    "VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(exchange, account_id, reference, asset) DO NOTHING";

constexpr const char* insert_taken =
    "INSERT INTO holdings_taken(tenant_id, account_id, exchange, pair, quantity, price, fee, cash, reference, taken_ns, "
    "run_id, event_seq) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* insert_decision =
    "INSERT INTO decisions(tenant_id, account_id, exchange, pair, candle_close_ns, direction, "
    "confidence, probability, expected_r, strategy, entry, stop, target, quantity, votes, reason, "
    "run_id, event_seq) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* put_position =
    "INSERT OR REPLACE INTO positions(account_id, exchange, pair, tenant_id, direction, quantity, "
    "quantity_initial, entry_price, stop, target, initial_stop, best_since_entry, entry_fees, "
    "realized, opened_ns, strategy, atr_at_entry, breakeven_done, trailing_on, trade_number, "
    "updated_ns, entry_cost, fees, slippage, worst, exit_price, exited, initial_target, confidence, bars, "
    "stages, trend_regime, volatility_regime, voters, closing) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* insert_trade =
    "INSERT INTO trades(trade_id, tenant_id, account_id, exchange, mode, pair, direction, "
    "quantity, "
    "entry_price, exit_price, initial_stop, target, strategy, confidence, pnl, fees, slippage, "
    "r_multiple, mae, mfe, bars, close_reason, entry_ns, exit_ns, run_id, event_seq, voters, "
    "trend_regime, volatility_regime) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* put_account =
    "INSERT OR REPLACE INTO risk_state(account_id, exchange, tenant_id, cash, equity, "
    "day_start_equity, peak_equity, day_start_ns, loss_streak, next_sequence, "
    "loss_cooldown_until_ns, updated_ns, probation_since_ns, probation_trades) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* put_cooldown =
    "INSERT OR REPLACE INTO cooldowns(account_id, exchange, pair, strategy, direction, tenant_id, "
    "pair_until_ns, strategy_until_ns) VALUES(?,?,?,?,?,?,?,?)";

constexpr const char* put_gate =
    "INSERT OR REPLACE INTO gate_tests(account_id, exchange, model, tenant_id, won, weight, evidence, uncapped, "
    "claimed, outcomes, is_off, accepted, rejected, accepted_r, rejected_r, alive, learner, updated_ns) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* insert_signal =
    "INSERT INTO external_signals(tenant_id, event_id, account_id, exchange, source, body_sha256, pair, direction, "
    "reason, run_id, event_seq, judged_ns) VALUES(?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(tenant_id, event_id) DO NOTHING";

constexpr const char* insert_incident =
    "INSERT INTO incidents(tenant_id, ts_ns, client_order_id, what, run_id, event_seq) "
    "VALUES(?,?,?,?,?,?)";

constexpr const char* upsert_watermark =
    "INSERT INTO watermarks(exchange, pair, interval_seconds, close_ns) VALUES(?,?,?,?) "
    "ON CONFLICT(exchange, pair) DO UPDATE SET interval_seconds=excluded.interval_seconds, "
    "close_ns=max(close_ns, excluded.close_ns)";

/// A price that an order does not have is absent, not zero.
std::optional<Price> present(Price price) {
  return price.is_zero() ? std::nullopt : std::optional<Price>(price);
}

bool changes_row(const Action& action) {
  if (const auto* decision = std::get_if<Decision>(&action)) return decision->entered;
  return !std::holds_alternative<Notify>(action) && !std::holds_alternative<CancelOrder>(action) &&
         !std::holds_alternative<ReplaceOrder>(action);
}

}  // namespace

bool is_ledger_worthy(const Event& event, const std::vector<Action>& actions) {
  if (std::holds_alternative<OrderFilled>(event.body)) return true;
  if (std::holds_alternative<BalanceMoved>(event.body)) return true;
  if (std::holds_alternative<OrderReplaced>(event.body)) return true;
  for (const Action& action : actions) {
    if (changes_row(action)) return true;
  }
  return false;
}

struct Projections::Statements {
  Statement insert_intent, insert_order, change_order, replace_order, insert_fill, find_fill,
      find_order, insert_decision, put_position, insert_trade, put_account, put_cooldown,
      insert_incident, watermark, insert_move, put_gate, insert_signal, insert_taken;
};

Projections::Projections(Database& ledger, const StoreNames& names, ClientIdKey key,
                         std::string run_id, std::unique_ptr<Statements> statements)
    : ledger_(ledger),
      names_(names),
      key_(std::move(key)),
      run_id_(std::move(run_id)),
      sql_(std::move(statements)) {}

Projections::~Projections() = default;

Result<std::unique_ptr<Projections>> Projections::create(Database& ledger, const StoreNames& names,
                                                         ClientIdKey key, std::string run_id) {
  AITRADE_TRY(Statement intent, ledger.prepare(insert_intent));
  AITRADE_TRY(Statement order, ledger.prepare(insert_order));
  AITRADE_TRY(Statement change, ledger.prepare(change_order));
  AITRADE_TRY(Statement replace, ledger.prepare(replace_order));
  AITRADE_TRY(Statement fill, ledger.prepare(insert_fill));
  AITRADE_TRY(Statement known_fill, ledger.prepare(find_fill));
  AITRADE_TRY(Statement known_order, ledger.prepare(find_order));
  AITRADE_TRY(Statement decision, ledger.prepare(insert_decision));
  AITRADE_TRY(Statement position, ledger.prepare(put_position));
  AITRADE_TRY(Statement trade, ledger.prepare(insert_trade));
  AITRADE_TRY(Statement account, ledger.prepare(put_account));
  AITRADE_TRY(Statement cooldown, ledger.prepare(put_cooldown));
  AITRADE_TRY(Statement incident, ledger.prepare(insert_incident));
  AITRADE_TRY(Statement mark, ledger.prepare(upsert_watermark));
  AITRADE_TRY(Statement move, ledger.prepare(insert_move));
  AITRADE_TRY(Statement gate, ledger.prepare(put_gate));
  AITRADE_TRY(Statement signal, ledger.prepare(insert_signal));
  AITRADE_TRY(Statement taken, ledger.prepare(insert_taken));
  auto statements = std::make_unique<Statements>(
      Statements{std::move(intent), std::move(order), std::move(change), std::move(replace),
                 std::move(fill), std::move(known_fill), std::move(known_order),
                 std::move(decision), std::move(position), std::move(trade), std::move(account),
                 std::move(cooldown), std::move(incident), std::move(mark), std::move(move),
                 std::move(gate), std::move(signal), std::move(taken)});
  return std::unique_ptr<Projections>(
      new Projections(ledger, names, std::move(key), std::move(run_id), std::move(statements)));
}

Status Projections::apply(const Event& event, const std::vector<Action>& actions) {
  if (const auto* filled = std::get_if<OrderFilled>(&event.body)) {
    AITRADE_TRY_STATUS(on(event, *filled));
  }
  if (const auto* moved = std::get_if<BalanceMoved>(&event.body)) AITRADE_TRY_STATUS(on(event, *moved));
  if (const auto* replaced = std::get_if<OrderReplaced>(&event.body)) AITRADE_TRY_STATUS(on(event, *replaced));
  for (const Action& action : actions) {
    AITRADE_TRY_STATUS(std::visit([&](const auto& body) { return on(event, body); }, action));
  }
  return ok();
}

std::string Projections::exchange_of(InstrumentId id) const {
  const Instrument* instrument = names_.instrument(id);
  return instrument != nullptr ? names_.venue(instrument->venue) : std::string{};
}

Status Projections::put_watermark(InstrumentId instrument, Duration interval, Time close) {
  const auto whole = std::chrono::duration_cast<seconds>(interval).count();
  return sql_->watermark
      .bind_all(exchange_of(instrument), names_.pair(instrument), std::int64_t{whole}, close)
      .run();
}

Status Projections::on(const Event& event, const OrderFilled& filled) {
  const Fill& fill = filled.fill;
  const std::string id = client_id_text(fill.client_id, key_);
  const Instrument* instrument = names_.instrument(fill.instrument);
  const std::string fee_asset = instrument != nullptr ? instrument->symbol.quote : "";
  AITRADE_TRY_STATUS(sql_->insert_fill
                         .bind_all(id, fill.venue_fill_id, to_string(fill.side), fill.price,
                                   fill.quantity, fill.fee, fee_asset,
                                   fill.is_maker ? "maker" : "taker", fill.venue_time, fill.base_fee, fill.cost,
                                   fill.words)
                         .run());
  if (ledger_.changes() == 1) return ok();
  AITRADE_TRY(const bool is_known, sql_->find_order.bind_all(id).step());
  const std::string account(is_known ? sql_->find_order.text(0) : "");
  const std::string exchange(is_known ? sql_->find_order.text(1) : "");
  sql_->find_order.reset();
  if (!is_known) {
    return on(event, Incident{fill.client_id, "fill " + fill.venue_fill_id +
                                                  " of an order that the ledger does not know"});
  }
  return compare_fill(event, fill, account, exchange);
}

Status Projections::compare_fill(const Event& event, const Fill& fill, std::string_view account,
                                 std::string_view exchange) {
  Statement& known = sql_->find_fill;
  AITRADE_TRY(const bool found, known.bind_all(fill.venue_fill_id, account, exchange).step());
  AITRADE_CHECK(found);
  const bool is_equal =
      known.text(0) == to_string(fill.side) && known.text(1) == to_string(fill.price) &&
      known.text(2) == to_string(fill.quantity) && known.text(3) == to_string(fill.fee) &&
      known.text(4) == client_id_text(fill.client_id, key_) && known.text(5) == to_string(fill.base_fee) &&
      known.text(6) == fill.words;
  known.reset();
  ++duplicate_fills_;
  if (is_equal) return ok();
  return on(event, Incident{fill.client_id, "fill_conflict: " + fill.venue_fill_id +
                                                " came again with other numbers"});
}

Status Projections::on(const Event&, const BalanceMoved& moved) {
  for (const DeskNames& desk : names_.desks) {
    if (desk.exchange != names_.venue(moved.venue)) continue;
    return sql_->insert_move
        .bind_all(desk.tenant.name, desk.account, desk.exchange, moved.asset, moved.amount, moved.kind,
                  moved.reference, moved.venue_time)
        .run();
  }
  return ok();
}

Status Projections::on(const Event& event, const SubmitOrder& submit) {
  const Order& order = submit.order;
  const DeskNames& desk = names_.desk(order.desk);
  const ClientOrderId& id = order.client_id;
  const std::string pair = names_.pair(order.instrument);
  AITRADE_TRY_STATUS(sql_->insert_intent
                         .bind_all(desk.tenant.name, desk.account, desk.exchange, id.epoch,
                                   id.sequence, to_string(id.role), pair, to_string(order.side),
                                   order.quantity, run_id_, number(event.seq), order.created_at)
                         .run());
  return sql_->insert_order
      .bind_all(client_id_text(id, key_), desk.tenant.name, desk.account, desk.exchange, id.epoch,
                id.sequence, to_string(id.role), id.attempt, pair, to_string(order.side),
                to_string(order.type), to_string(order.tif), present(order.limit),
                present(order.trigger), order.quantity, order.filled, order.reduce_only,
                order.post_only, to_string(order.state), !is_terminal(order.state), run_id_,
                order.created_at, order.good_till)
      .run();
}

/// The terms that the venue confirms. What is only asked for may be refused, or cross the order's end.
Status Projections::on(const Event& event, const OrderReplaced& replaced) {
  return sql_->replace_order
      .bind_all(client_id_text(replaced.client_id, key_), present(replaced.limit),
                present(replaced.trigger), replaced.quantity, event.at)
      .run();
}

Status Projections::on(const Event& event, const OrderChanged& changed) {
  return sql_->change_order
      .bind_all(client_id_text(changed.client_id, key_), to_string(changed.state),
                !is_terminal(changed.state), changed.filled, present(changed.limit),
                present(changed.trigger), changed.venue_id, changed.why, event.at)
      .run();
}

Status Projections::on(const Event& event, const Decision& decision) {
  if (!decision.entered) return ok();
  const DeskNames& desk = names_.desk(decision.desk);
  const Opinion& opinion = decision.opinion;
  return sql_->insert_decision
      .bind_all(desk.tenant.name, desk.account, desk.exchange, names_.pair(decision.instrument),
                decision.candle_close, to_string(opinion.direction), opinion.confidence,
                decision.probability, decision.expected_r, names_.strategy(opinion.lead),
                decision.bracket.entry, decision.bracket.stop, decision.bracket.target,
                decision.size, votes_json(opinion, names_), to_string(decision.reason), run_id_,
                number(event.seq))
      .run();
}

Status Projections::on(const Event& event, const PositionChanged& p) {
  const DeskNames& desk = names_.desk(p.desk);
  return sql_->put_position
      .bind_all(desk.account, desk.exchange, names_.pair(p.instrument), desk.tenant.name,
                to_string(p.direction), p.quantity, p.quantity_initial, p.entry, p.stop, p.target,
                p.initial_stop, p.best_since_entry, p.entry_fees, p.realized, p.opened_at,
                names_.strategy(p.lead), p.atr_at_entry, p.breakeven_done, p.trailing_on,
                p.trade_number, event.at, p.detail.entry_cost, p.detail.fees, p.detail.slippage,
                p.detail.worst, p.detail.exit, p.detail.exited, p.detail.initial_target,
                p.detail.confidence, p.detail.bars, p.detail.stages, to_string(p.detail.regime.trend),
                to_string(p.detail.regime.volatility), to_text(p.detail.voters, names_), to_string(p.detail.closing))
      .run();
}

Status Projections::on(const Event& event, const TradeClosed& t) {
  const DeskNames& desk = names_.desk(t.desk);
  const std::string pair = names_.pair(t.instrument);
  // The run and the event name a trade for ever; its number starts anew with each desk.
  const std::string trade_id = run_id_ + "-" + std::to_string(number(event.seq)) + "-" +
                               std::to_string(number(t.desk)) + "-" +
                               std::to_string(number(t.instrument));
  return sql_->insert_trade
      .bind_all(trade_id, desk.tenant.name, desk.account, desk.exchange, desk.mode, pair,
                to_string(t.direction), t.quantity, t.entry, t.exit, present(t.initial_stop),
                present(t.target), names_.strategy(t.lead), t.confidence, t.pnl, t.fees, t.slippage,
                t.r_multiple, t.mae, t.mfe, t.bars, to_string(t.reason), t.opened_at, t.closed_at,
                run_id_, number(event.seq), to_text(t.voters, names_), to_string(t.regime.trend),
                to_string(t.regime.volatility))
      .run();
}

Status Projections::on(const Event& event, const AccountChanged& a) {
  const DeskNames& desk = names_.desk(a.desk);
  return sql_->put_account
      .bind_all(desk.account, desk.exchange, desk.tenant.name, a.cash, a.equity, a.day_start_equity,
                a.peak_equity, a.day_start, a.loss_streak, a.next_sequence, a.loss_cooldown_until,
                event.at, a.probation_since, a.probation_trades)
      .run();
}

Status Projections::on(const Event&, const CooldownSet& set) {
  const DeskNames& desk = names_.desk(set.desk);
  return sql_->put_cooldown
      .bind_all(desk.account, desk.exchange, names_.pair(set.instrument),
                names_.strategy(set.strategy), to_string(set.direction), desk.tenant.name,
                set.pair_until, set.strategy_until)
      .run();
}

Status Projections::on(const Event& event, const GateChanged& changed) {
  const DeskNames& desk = names_.desk(changed.desk);
  const GateState& g = changed.state;
  return sql_->put_gate
      .bind_all(desk.account, desk.exchange, model_text(g.model), desk.tenant.name, g.won, g.all, g.evidence, g.uncapped,
                g.claimed, g.outcomes, g.is_off, static_cast<std::int64_t>(g.accepted),
                static_cast<std::int64_t>(g.rejected), g.accepted_r, g.rejected_r, to_text(g.alive, names_), to_text(g.learner),
                event.at)
      .run();
}

Status Projections::on(const Event& event, const HoldingTaken& taken) {
  const DeskNames& desk = names_.desk(taken.desk);
  return sql_->insert_taken
      .bind_all(desk.tenant.name, desk.account, desk.exchange, names_.pair(taken.instrument), taken.quantity, taken.price,
                taken.fee, taken.cash, taken.reference, taken.at, run_id_, number(event.seq))
      .run();
}

Status Projections::on(const Event& event, const RunStateChanged& changed) {
  AITRADE_CHECK(!names_.desks.empty());
  return put_control_state(
      ledger_, names_.desks.front().tenant,
      {changed.paused, changed.halted, changed.reason, changed.actor, event.at});
}

Status Projections::on(const Event& event, const SignalJudged& judged) {
  const DeskNames& desk = names_.desk(judged.desk);
  return sql_->insert_signal
      .bind_all(desk.tenant.name, judged.id, desk.account, desk.exchange, judged.source, judged.body_hash,
                names_.pair(judged.instrument), to_string(judged.direction), to_string(judged.reason), run_id_,
                number(event.seq), event.at)
      .run();
}

Status Projections::on(const Event& event, const Incident& incident) {
  AITRADE_CHECK(!names_.desks.empty());
  return sql_->insert_incident
      .bind_all(names_.desks.front().tenant.name, event.at,
                client_id_text(incident.client_id, key_), incident.what, run_id_, number(event.seq))
      .run();
}

}  // namespace aitrade
