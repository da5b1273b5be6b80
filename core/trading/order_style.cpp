#include "core/trading/order_style.h"

#include <algorithm>

namespace aitrade {
namespace {

constexpr Rate narrow_band = Rate::from_raw(Rate::scale * 3 / 1000);
constexpr Rate wide_band = Rate::from_raw(Rate::scale / 100);

/// `price` made worse for the taker by a fraction: dearer for a buy.
Price beyond(Price price, Side side, Rate fraction, const Instrument& instrument) {
  const Price by = apply(fraction, price, Rounding::down);
  const bool is_buy = side == Side::buy;
  const Price moved = is_buy ? price + by : price - by;
  const Price worst = round_to_step(moved, instrument.tick, is_buy ? Rounding::floor : Rounding::ceil);
  return std::max(worst, instrument.tick);
}

Price better_for(Side side, Price a, Price b) { return side == Side::buy ? std::min(a, b) : std::max(a, b); }

}  // namespace

Touch touch_of(const std::optional<BookTop>& book, Price mark, Rate half_spread, const Instrument& instrument) {
  if (book && book->is_valid()) return {book->bid, book->ask};
  const Price half = apply(half_spread, mark, Rounding::up);
  const Price bid = round_to_step(mark - half, instrument.tick, Rounding::floor);
  return {std::max(bid, instrument.tick), round_to_step(mark + half, instrument.tick, Rounding::ceil)};
}

Price entry_cap(const Bracket& bracket, Side side, const ExecutionRules& rules, const Instrument& instrument) {
  Price room = apply(rules.slippage_max, bracket.entry, Rounding::down);
  if (bracket.stop.is_positive()) {
    const double risk = to_double((bracket.entry - bracket.stop).abs());
    const auto share = Price::from_double(risk * rules.stop_share_max, Rounding::down);
    if (share) room = std::min(room, *share);
  }
  const bool is_buy = side == Side::buy;
  const Price cap = is_buy ? bracket.entry + room : bracket.entry - room;
  const Price on_tick = round_to_step(cap, instrument.tick, is_buy ? Rounding::floor : Rounding::ceil);
  return std::max(on_tick, instrument.tick);
}

std::optional<OrderStep> entry_step(const ExecutionRules& rules, const Bracket& bracket, Side side, Touch touch,
                                    int attempt, const Instrument& instrument) {
  if (rules.entry == EntryStyle::market) return attempt == 0 ? std::optional(OrderStep{}) : std::nullopt;
  const Price cap = entry_cap(bracket, side, rules, instrument);
  const bool chases = rules.post_only || rules.entry == EntryStyle::limit_chase;
  const int waits = chases ? rules.chase_moves + 1 : 0;
  OrderStep step;
  step.type = OrderType::limit;
  if (attempt < waits) {
    const bool is_buy = side == Side::buy;
    step.works_for = rules.chase_wait;
    step.post_only = rules.post_only;
    Price price = is_buy ? touch.ask : touch.bid;
    if (rules.post_only) {
      // From our own side one tick inward with each move, and always short of the other side.
      const Price inward = Price::from_raw(instrument.tick.raw() * attempt);
      price = is_buy ? std::min(touch.bid + inward, touch.ask - instrument.tick)
                     : std::max(touch.ask - inward, touch.bid + instrument.tick);
      price = std::max(price, instrument.tick);
    }
    step.limit = better_for(side, price, cap);
    return step;
  }
  if (attempt > waits || rules.post_only || (chases && !rules.take_rest)) return std::nullopt;
  step.limit = cap;
  step.tif = rules.whole_or_nothing ? TimeInForce::fok : TimeInForce::ioc;
  return step;
}

OrderStep exit_step(ExitStyle style, Side side, Touch touch, int attempt, Duration wait,
                    const Instrument& instrument) {
  OrderStep step;
  if (style == ExitStyle::market) return step;
  const bool is_buy = side == Side::buy;
  const Price near = is_buy ? touch.ask : touch.bid;
  if (style == ExitStyle::limit_then_market) {
    if (attempt == 0) {
      step.type = OrderType::limit;
      step.limit = near;
      step.works_for = wait;
      return step;
    }
    --attempt;
  }
  if (attempt > 1) return step;
  step.type = OrderType::limit;
  step.tif = TimeInForce::ioc;
  step.limit = beyond(near, side, attempt == 0 ? narrow_band : wide_band, instrument);
  return step;
}

ExitStyle style_of(ExitReason reason, OrderRole role, const ExecutionRules& rules) {
  if (role == OrderRole::close_all) return ExitStyle::market;
  switch (reason) {
    case ExitReason::opposite_signal:
    case ExitReason::stagnation:
    case ExitReason::time_limit:
      return rules.target_exit;
    case ExitReason::target:
    case ExitReason::stop:
    case ExitReason::trailing:
    case ExitReason::breakeven:
    case ExitReason::partial_entry:
      return rules.stop_exit;
    case ExitReason::none:
    case ExitReason::taken:
    case ExitReason::close_all:
    case ExitReason::end_of_data:
      return ExitStyle::market;
  }
  return ExitStyle::market;
}

Price stop_limit_of(Price stop, Side side, const ExecutionRules& rules, const Instrument& instrument) {
  return beyond(stop, side, rules.stop_limit_band, instrument);
}

void shape(Order& order, const OrderStep& step, Time now) {
  order.type = step.type;
  order.tif = step.tif;
  order.limit = step.limit;
  order.post_only = step.post_only;
  order.good_till = step.works_for.count() > 0 ? now + step.works_for : Time{};
}

}  // namespace aitrade
