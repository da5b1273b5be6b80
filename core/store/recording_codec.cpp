#include "core/store/recording_codec.h"

#include "core/store/packing.h"

#include <bit>
#include <cmath>
#include <optional>
#include <utility>

namespace aitrade {

// ---- one description per type, for both directions
// ------------------------------------------------

template <class A, Like<ClientOrderId> T>
void pack(A& a, T& x) {
  a(x.sequence, x.epoch, x.role, x.attempt);
}

template <class A, Like<Order> T>
void pack(A& a, T& x) {
  a(x.client_id, x.venue_id, x.desk, x.instrument, x.side, x.type, x.tif, x.limit, x.trigger,
    x.quantity, x.filled, x.reduce_only, x.post_only, x.state, x.created_at, x.good_till);
}

template <class A, Like<Fill> T>
void pack(A& a, T& x) {
  a(x.venue_fill_id, x.client_id, x.instrument, x.side, x.price, x.quantity, x.fee, x.base_fee, x.is_maker,
    x.venue_time, x.cost, x.words);
}

template <class A, Like<Vote> T>
void pack(A& a, T& x) {
  a(x.strategy, x.direction, x.strength, x.confidence, x.weight, x.log_odds);
}

template <class A, Like<Opinion> T>
void pack(A& a, T& x) {
  a(x.direction, x.reason, x.confidence, x.strength, x.agreeing, x.opposing, x.families,
    x.regime.trend, x.regime.volatility, x.entry, x.stop, x.target, x.lead, x.terms.regime, x.terms.families,
    x.terms.book, x.terms.choppiness, x.terms.timeframes, x.terms.sure_fire, x.votes_count);
  if constexpr (!A::is_writer) {
    if (x.votes_count > strategies_max) return a.fail();
  }
  for (std::size_t i = 0; i < x.votes_count; ++i)
    a(x.votes[i]);
}

template <class A, Like<GateRecord> T>
void pack(A& a, T& x) {
  a(x.status, x.schema, x.features_count);
  if (x.status != GateStatus::absent) a(x.rejected, x.model, x.probability, x.needed, x.online, x.online_weight);
  if constexpr (!A::is_writer) {
    if (x.features_count > features_max) return a.fail();
  }
  for (std::size_t i = 0; i < x.features_count; ++i) a(x.features[i]);
}

template <class A, Like<Decision> T>
void pack(A& a, T& x) {
  a(x.instrument, x.desk, x.candle_close, x.opinion, x.probability, x.expected_r, x.score, x.bracket.entry,
    x.bracket.stop, x.bracket.target, x.bracket.reward_to_risk, x.size, x.risk_fraction,
    x.budget.risk, x.budget.reason, x.budget.kelly, x.budget.drawdown, x.budget.streak, x.budget.spread,
    x.budget.volatility, x.budget.correlation, x.budget.product, x.reason, x.entered, x.gate);
}

template <class A, Like<GateWalk> T>
void pack(A& a, T& x) {
  a(x.stop, x.target, x.best, x.worst, x.left, x.result, x.stages, x.breakeven_done, x.trailing_on, x.seen);
}

template <class A, Like<GateCandidate> T>
void pack(A& a, T& x) {
  a(x.instrument, x.direction, x.decided, x.entry, x.stop, x.target, x.limit, x.cost, x.fill, x.probability, x.rejected,
    x.counts, x.atr, x.online, x.features);
  if (!std::isnan(x.fill)) a(x.walk);
}

template <class A, Like<GateLearner> T>
void pack(A& a, T& x) {
  a(x.z, x.n, x.outcomes, x.won, x.all, x.weight, x.gain, x.squares, x.brier);
}

template <class A, Like<GateState> T>
void pack(A& a, T& x) {
  a(x.model, x.won, x.all, x.evidence, x.uncapped, x.claimed, x.outcomes, x.is_off, x.accepted, x.rejected, x.accepted_r,
    x.rejected_r, x.alive, x.learner);
}

template <class A, Like<HoldingTaken> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.quantity, x.price, x.fee, x.cash, x.reference, x.at);
}

template <class A, Like<GateChanged> T>
void pack(A& a, T& x) {
  a(x.desk, x.state);
}

template <class A, Like<GateRestored> T>
void pack(A& a, T& x) {
  a(x.desk, x.state);
}

template <class A, Like<Voters> T>
void pack(A& a, T& x) {
  a(x.count);
  if constexpr (!A::is_writer) {
    if (x.count > Voters::most) return a.fail();
  }
  for (std::size_t i = 0; i < x.count; ++i) a(x.shares[i].strategy, x.shares[i].share);
}

template <class A, Like<PositionDetail> T>
void pack(A& a, T& x) {
  a(x.entry_cost, x.fees, x.slippage, x.worst, x.exit, x.exited, x.initial_target, x.confidence, x.bars,
    x.stages, x.regime.trend, x.regime.volatility, x.voters, x.closing);
}

template <class A, Like<TradeResult> T>
void pack(A& a, T& x) {
  a(x.closed_at, x.pnl, x.r, x.lead, x.voters);
}

template <class A, Like<TradesRestored> T>
void pack(A& a, T& x) {
  a(x.desk, x.results);
}

template <class A, Like<SubmitOrder> T>
void pack(A& a, T& x) {
  a(x.order);
}

template <class A, Like<CancelOrder> T>
void pack(A& a, T& x) {
  a(x.client_id, x.instrument);
}

template <class A, Like<ReplaceOrder> T>
void pack(A& a, T& x) {
  a(x.client_id, x.instrument, x.limit, x.trigger, x.quantity);
}

template <class A, Like<PositionChanged> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.direction, x.quantity, x.quantity_initial, x.entry, x.stop, x.target,
    x.initial_stop, x.best_since_entry, x.entry_fees, x.realized, x.opened_at, x.lead,
    x.atr_at_entry, x.breakeven_done, x.trailing_on, x.trade_number, x.detail);
}

template <class A, Like<TradeClosed> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.trade_number, x.direction, x.quantity, x.entry, x.exit, x.initial_stop,
    x.target, x.pnl, x.fees, x.slippage, x.opened_at, x.closed_at, x.lead, x.confidence,
    x.r_multiple, x.mae, x.mfe, x.bars, x.reason, x.regime.trend, x.regime.volatility, x.voters);
}

template <class A, Like<AccountChanged> T>
void pack(A& a, T& x) {
  a(x.desk, x.cash, x.equity, x.day_start_equity, x.peak_equity, x.day_start, x.loss_streak,
    x.next_sequence, x.loss_cooldown_until, x.probation_since, x.probation_trades);
}

template <class A, Like<CooldownSet> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.pair_until, x.strategy_until, x.strategy, x.direction);
}

template <class A, Like<RunStateChanged> T>
void pack(A& a, T& x) {
  a(x.paused, x.halted, x.reason, x.actor);
}

template <class A, Like<Incident> T>
void pack(A& a, T& x) {
  a(x.client_id, x.what);
}

template <class A, Like<OrderChanged> T>
void pack(A& a, T& x) {
  a(x.client_id, x.state, x.filled, x.limit, x.trigger, x.venue_id, x.why);
}

template <class A, Like<Notify> T>
void pack(A& a, T& x) {
  a(x.level, x.text);
}

template <class A, class T>
requires Like<T, FeedUp> || Like<T, FeedDown>

void pack(A& a, T& x) {
  a(x.venue);
}

template <class A, Like<SeriesBroken> T>
void pack(A& a, T& x) {
  a(x.instrument);
}

template <class A, class T>
requires Like<T, Tick> || Like<T, InstantClosed>

void pack(A&, T&) {}

template <class A, Like<OrderAccepted> T>
void pack(A& a, T& x) {
  a(x.client_id, x.venue_id);
}

template <class A, class T>
requires Like<T, OrderRejected> || Like<T, OrderCanceled>

void pack(A& a, T& x) {
  a(x.client_id, x.why);
}

template <class A, Like<OrderFilled> T>
void pack(A& a, T& x) {
  a(x.fill, x.is_last);
}

template <class A, Like<OrderExpired> T>
void pack(A& a, T& x) {
  a(x.client_id);
}

template <class A, Like<OrderReplaced> T>
void pack(A& a, T& x) {
  a(x.client_id, x.limit, x.trigger, x.quantity);
}

template <class A, Like<OrderNews> T>
void pack(A& a, T& x) {
  a(x.client_id, x.trigger, x.venue_id, x.why);
}

template <class A, Like<BalanceMoved> T>
void pack(A& a, T& x) {
  a(x.venue, x.asset, x.amount, x.kind, x.reference, x.venue_time, x.held, x.price, x.fee);
}

template <class A, Like<AccountRestored> T>
void pack(A& a, T& x) {
  a(x.desk, x.cash, x.day_start_equity, x.peak_equity, x.day_start, x.loss_streak, x.next_sequence,
    x.epoch, x.paused, x.halted, x.loss_cooldown_until, x.pause_reason,
    x.probation_since, x.probation_trades);
}

template <class A, Like<PositionAdopted> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.direction, x.quantity, x.quantity_initial, x.entry, x.stop, x.target,
    x.initial_stop, x.best_since_entry, x.entry_fees, x.realized, x.opened_at, x.lead,
    x.atr_at_entry, x.breakeven_done, x.trailing_on, x.trade_number, x.detail);
}

template <class A, Like<OrderAdopted> T>
void pack(A& a, T& x) {
  a(x.order);
}

template <class A, Like<CooldownRestored> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.pair_until, x.strategy_until, x.strategy, x.direction);
}

template <class A, Like<RuleValue> T>
void pack(A& a, T& x) {
  a(x.name, x.value);
}

template <class A, Like<RulesChanged> T>
void pack(A& a, T& x) {
  a(x.values, x.actor, x.what);
}

template <class A, Like<ExternalSignal> T>
void pack(A& a, T& x) {
  a(x.instrument, x.direction, x.stop, x.target, x.stop_share, x.reward_to_risk, x.strength, x.confidence, x.families,
    x.source, x.id, x.body_hash);
}

template <class A, Like<SignalJudged> T>
void pack(A& a, T& x) {
  a(x.desk, x.instrument, x.direction, x.reason, x.source, x.id, x.body_hash);
}

template <class A, Like<ModelActivated> T>
void pack(A& a, T& x) {
  a(x.model, x.is_shadow, x.actor);
}

template <class A, Like<EntriesHeld> T>
void pack(A& a, T& x) {
  a(x.why);
}

template <class A, Like<OperatorCommand> T>
void pack(A& a, T& x) {
  a(x.action, x.actor, x.reason);
  if (x.action == OperatorAction::close_position) a(x.instrument);
}

namespace {

// ---- against what came before -------------------------------------------------------------------

void put_delta(PackWriter& out, std::int64_t value, std::int64_t base) {
  // Unsigned arithmetic: a difference that wraps is undone by the wrap on the way back.
  out.scaled(static_cast<std::int64_t>(static_cast<std::uint64_t>(value) -
                                       static_cast<std::uint64_t>(base)));
}

void put_delta(PackReader& in, std::int64_t& value, std::int64_t base) {
  value = static_cast<std::int64_t>(static_cast<std::uint64_t>(in.scaled()) +
                                    static_cast<std::uint64_t>(base));
}

template <class A, class F, class G>
void delta(A& a, F& value, const G& base) {
  if constexpr (A::is_writer) {
    put_delta(a, value.raw(), base.raw());
  } else {
    std::int64_t raw = 0;
    put_delta(a, raw, base.raw());
    value = G::from_raw(raw);
  }
}

/// Packs a candle against the one before: prices from its close, open time from its close time.
template <class A, class C>
void pack_candle(A& a, C& candle, const Candle& before) {
  std::uint8_t flags = 0;
  if constexpr (A::is_writer) {
    flags = static_cast<std::uint8_t>((candle.closed ? 1 : 0) | (candle.synthetic ? 2 : 0) |
                                      (candle.interval == before.interval ? 4 : 0));
    a.byte(flags);
    put_delta(a, candle.open_time.ns, before.close_time().ns);
  } else {
    flags = a.byte();
    candle.closed = (flags & 1) != 0;
    candle.synthetic = (flags & 2) != 0;
    candle.interval = before.interval;
    put_delta(a, candle.open_time.ns, before.close_time().ns);
  }
  if ((flags & 4) == 0) a(candle.interval);
  delta(a, candle.open, before.close);
  delta(a, candle.high, candle.open);
  delta(a, candle.low, candle.open);
  delta(a, candle.close, candle.open);
  a(candle.volume, candle.trades);
}

// ---- the analysis of a book ---------------------------------------------------------------------
//
// Its figures come rounded (book_analysis.h), so they are small numbers against the analysis before. Any
// figure that is no such decimal, bit for bit, makes all of them follow as doubles: nothing is ever lost.

constexpr double ratio_scale = 1e3;
constexpr double trend_scale = 1e4;
constexpr double amount_scale = static_cast<double>(Money::scale);
constexpr double imbalance_scale = 1e4;  // of the top (order_book.h)
constexpr std::uint8_t has_analysis = 1, is_spoofed = 2, follows_from_top = 4, is_decimal = 8,
                       has_decimal_top = 16;

/// Returns n such that n / scale is this very double; nothing when there is none.
std::optional<std::int64_t> whole_of(double value, double scale) {
  if (!(std::fabs(value) * scale < 9e15)) return std::nullopt;
  const std::int64_t whole = std::llround(value * scale);
  const double back = static_cast<double>(whole) / scale;
  if (std::bit_cast<std::uint64_t>(back) != std::bit_cast<std::uint64_t>(value)) return std::nullopt;
  return whole;
}

template <class A, class F>
void pack_ratio(A& a, F& value, double base, double scale = ratio_scale) {
  const std::int64_t from = whole_of(base, scale).value_or(0);
  std::int64_t change = 0;
  if constexpr (A::is_writer) {
    change = whole_of(value, scale).value_or(0) - from;
    a(change);
  } else {
    a(change);
    value = static_cast<double>(static_cast<std::int64_t>(static_cast<std::uint64_t>(from) +
                                                          static_cast<std::uint64_t>(change))) /
            scale;
  }
}

template <class A, class F>
void pack_amount(A& a, F& value) {
  if constexpr (A::is_writer) {
    a.scaled(whole_of(value, amount_scale).value_or(0));
  } else {
    value = static_cast<double>(a.scaled()) / amount_scale;
  }
}

template <class A, Like<BookAnalysis> T>
void pack_decimals(A& a, T& x, const BookAnalysis& before) {
  pack_ratio(a, x.score, before.score);
  pack_ratio(a, x.score_now, before.score_now);
  pack_ratio(a, x.imbalance_5, before.imbalance_5);
  pack_ratio(a, x.imbalance_25, x.imbalance_5);
  pack_ratio(a, x.imbalance_50, x.imbalance_25);
  pack_ratio(a, x.imbalance_trend, before.imbalance_trend, trend_scale);
  pack_amount(a, x.depth_bid);
  pack_amount(a, x.depth_ask);
  pack_ratio(a, x.whale_bias, before.whale_bias);
  pack_ratio(a, x.liquidity, before.liquidity);
}

bool are_decimals(const BookAnalysis& x) {
  for (const double ratio : {x.score, x.score_now, x.imbalance_5, x.imbalance_25, x.imbalance_50,
                             x.whale_bias, x.liquidity}) {
    if (!whole_of(ratio, ratio_scale)) return false;
  }
  return whole_of(x.imbalance_trend, trend_scale) && whole_of(x.depth_bid, amount_scale) && whole_of(x.depth_ask, amount_scale);
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

std::uint8_t flags_of(const BookSummary& body) {
  const std::uint8_t of_top = whole_of(body.top.imbalance, imbalance_scale) ? has_decimal_top : 0;
  if (!body.analysis) return of_top;
  const BookAnalysis& x = *body.analysis;
  const bool follows = body.top.is_valid() && same_bits(x.spread, spread_of(body.top)) &&
                       same_bits(x.micro_price, micro_price_of(body.top));
  return static_cast<std::uint8_t>(of_top | has_analysis | (x.is_spoofed ? is_spoofed : 0) |
                                   (follows ? follows_from_top : 0) | (are_decimals(x) ? is_decimal : 0));
}

template <class A, Like<BookSummary> T>
void pack_analysis(A& a, T& body, std::uint8_t flags, BookAnalysis& before) {
  if ((flags & has_analysis) == 0) return;
  if constexpr (!A::is_writer) body.analysis.emplace();
  auto& x = *body.analysis;
  if constexpr (!A::is_writer) {
    x.is_spoofed = (flags & is_spoofed) != 0;
    if ((flags & follows_from_top) != 0) {
      x.spread = spread_of(body.top);
      x.micro_price = micro_price_of(body.top);
    }
  }
  if ((flags & follows_from_top) == 0) a(x.spread, x.micro_price);
  if ((flags & is_decimal) != 0) {
    pack_decimals(a, x, before);
  } else {
    a(x.score, x.score_now, x.imbalance_5, x.imbalance_25, x.imbalance_50, x.imbalance_trend, x.depth_bid,
      x.depth_ask, x.whale_bias, x.liquidity);
  }
  a(x.whales_bid, x.whales_ask, x.voids);
  before = x;
}

template <class A, Like<BookSummary> T>
void pack_summary(A& a, T& body, EventContext& context) {
  a(body.instrument);
  std::uint8_t flags = 0;
  if constexpr (A::is_writer) {
    flags = flags_of(body);
    a.byte(flags);
  } else {
    flags = a.byte();
  }
  BookTop& before = context.books[body.instrument];
  delta(a, body.top.bid, before.bid);
  delta(a, body.top.ask, body.top.bid);
  delta(a, body.top.bid_size, before.bid_size);
  delta(a, body.top.ask_size, before.ask_size);
  if ((flags & has_decimal_top) != 0) {
    pack_ratio(a, body.top.imbalance, before.imbalance, imbalance_scale);
  } else {
    a(body.top.imbalance);
  }
  before = body.top;
  pack_analysis(a, body, flags, context.analyses[body.instrument]);
}

template <class A, class E>
void pack_body(A& a, E& body, EventContext& context) {
  using T = std::remove_const_t<E>;
  if constexpr (std::is_same_v<T, CandleClosed> || std::is_same_v<T, HistoryLoaded>) {
    a(body.instrument);
    if constexpr (std::is_same_v<T, CandleClosed>) a(body.backfill);
    Candle& before = context.candles[body.instrument];
    pack_candle(a, body.candle, before);
    before = body.candle;
  } else if constexpr (std::is_same_v<T, BookSummary>) {
    pack_summary(a, body, context);
  } else {
    a(body);
  }
}

template <class Variant, std::size_t... I>
bool emplace(Variant& variant, std::size_t index, std::index_sequence<I...>) {
  return ((index == I ? (variant.template emplace<I>(), true) : false) || ...);
}

/// Makes the alternative with this index; false when there is none.
template <class Variant>
bool emplace(Variant& variant, std::size_t index) {
  return emplace(variant, index, std::make_index_sequence<std::variant_size_v<Variant>>{});
}

Error damaged(const char* what) {
  return fail(ErrorCode::corrupt, what);
}

}  // namespace

std::string encode_action(const Action& action) {
  std::string out;
  PackWriter writer(out);
  writer.byte(static_cast<std::uint8_t>(action.index()));
  std::visit([&](const auto& body) { writer(body); }, action);
  return out;
}

Result<Action> decode_action(std::string_view bytes) {
  PackReader reader(bytes);
  Action action;
  if (!emplace(action, reader.byte())) return damaged("an action of unknown kind");
  std::visit([&](auto& body) { reader(body); }, action);
  if (reader.failed() || !reader.at_end()) return damaged("an action does not decode");
  return action;
}

void encode_event(const Event& event, EventContext& context, std::string& out) {
  PackWriter writer(out);
  writer.byte(static_cast<std::uint8_t>(event.body.index()));
  writer.varint(number(event.seq) - context.seq);
  put_delta(writer, event.at.ns, context.at);
  put_delta(writer, event.when.ns, context.when);
  context.seq = number(event.seq);
  context.at = event.at.ns;
  context.when = event.when.ns;
  std::visit([&](const auto& body) { pack_body(writer, body, context); }, event.body);
}

Result<Event> decode_event(PackReader& in, EventContext& context) {
  Event event;
  if (!emplace(event.body, in.byte())) return damaged("an event of unknown kind");
  event.seq = EventSeq{context.seq + in.varint()};
  put_delta(in, event.at.ns, context.at);
  put_delta(in, event.when.ns, context.when);
  context.seq = number(event.seq);
  context.at = event.at.ns;
  context.when = event.when.ns;
  std::visit([&](auto& body) { pack_body(in, body, context); }, event.body);
  if (in.failed()) return damaged("an event does not decode");
  return event;
}

}  // namespace aitrade
