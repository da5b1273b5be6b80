// A made-up engine view with something in every field.
#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "core/runtime/view.h"

namespace aitrade::test {

inline Price price(const char* text) { return Price::parse_or_die(text); }

inline Money money(const char* text) { return Money::parse_or_die(text); }

inline Quantity quantity(const char* text) { return Quantity::parse_or_die(text); }

inline PairView pair_view(const char* symbol, const char* last, const char* bid, const char* ask,
                          Time candle_close) {
  PairView pair;
  pair.symbol = symbol;
  pair.last = price(last);
  pair.top = {price(bid), price(ask), quantity("1.2"), quantity("0.8"), 0.2};
  pair.candle_close = candle_close;
  pair.warm = true;
  return pair;
}

inline void add_positions(EngineView& view) {
  PositionView first;
  first.symbol = "BTC/USD";
  first.direction = Direction::long_;
  first.quantity = quantity("0.01562500");
  first.entry = price("36412.5");
  first.stop = price("36120.1");
  first.target = price("36850.0");
  first.last = price("36590.2");
  first.unrealized = money("2.7765625");
  first.opened_at = view.now - minutes{34};
  first.lead = "keltner";
  first.protection = Protection::protected_;
  view.positions.push_back(first);
  PositionView second = first;
  second.symbol = "ETH/USD";
  second.quantity = quantity("0.85");
  second.entry = price("2441.27");
  second.stop = price("2421");
  second.target = price("2470.5");
  second.last = price("2433.8");
  second.unrealized = money("-6.3495");
  second.lead = "mean_reversion";
  second.protection = Protection::exposed;
  second.bare = second.quantity;
  view.positions.push_back(second);
}

inline void add_history(EngineView& view) {
  const char* const pairs[] = {"BTC/USD", "ETH/USD", "SOL/USD"};
  const char* const leads[] = {"keltner", "trend", "mean_reversion"};
  const ExitReason reasons[] = {ExitReason::stop, ExitReason::target, ExitReason::trailing,
                                ExitReason::breakeven};
  for (int i = 0; i < 24; ++i) {
    TradeView row;
    row.symbol = pairs[i % 3];
    row.lead = leads[i % 3];
    row.trade.trade_number = static_cast<std::uint32_t>(131 - i);
    row.trade.direction = Direction::long_;
    row.trade.quantity = quantity("0.02");
    row.trade.entry = price("36412.5");
    row.trade.exit = price(i % 4 == 1 ? "36850" : "36301.4");
    row.trade.pnl = money(i % 4 == 1 ? "8.1203" : i % 4 == 3 ? "0.0412" : "-2.9917");
    row.trade.fees = money("0.29");
    row.trade.r_multiple = i % 4 == 1 ? 1.48 : -0.98;
    row.trade.opened_at = view.now - minutes{90 + 40 * i};
    row.trade.closed_at = view.now - minutes{12 + 40 * i};
    row.trade.reason = reasons[i % 4];
    view.recent_trades.push_back(row);
    DecisionView decision;
    decision.symbol = pairs[i % 3];
    decision.lead = leads[i % 3];
    decision.at = view.now - minutes{1 + 5 * (i / 3)};
    decision.direction = i % 5 == 0   ? Direction::long_
                         : i % 5 == 1 ? Direction::short_
                                      : Direction::neutral;
    decision.confidence = 0.31 + 0.02 * i;
    decision.agreeing = 2;
    decision.families = 2;
    decision.entered = i % 5 == 0;
    decision.reason = decision.entered ? "none" : i % 2 == 0 ? "no_votes" : "too_few_families";
    view.recent_decisions.push_back(decision);
  }
  double value = 10'000;
  for (int i = 0; i < 480; ++i) {
    value += 2.4 * std::sin(i * 0.21) + 1.9 * std::cos(i * 0.047) + (i % 37 == 0 ? -9.0 : 0.42);
    view.equity_curve.push_back(
        {view.now - minutes{3 * (480 - i)}, *Money::from_double(value, Rounding::half_even)});
  }
  view.equity = view.equity_curve.back().equity;
}

/// A running engine with two positions, history and one stale pair.
inline EngineView sample_view(Time now) {
  EngineView view;
  view.run = "2022-01-25T110300Z-7f3a";
  view.state = "running";
  view.ready = view.feed_up = true;
  view.now = now;
  view.started_at = now - hours{29};
  view.cash = money("7391.5523");
  view.day_start_equity = money("10112.44");
  view.peak_equity = money("10241.02");
  view.exposure = money("2639.71");
  view.drawdown = 0.0083;
  view.events = 184'220;
  view.decisions = 5'201;
  view.entries = 133;
  view.trades = 131;
  view.progress = 912'331;
  view.pairs = {pair_view("BTC/USD", "36590.2", "36590.1", "36590.2", now - seconds{22}),
                pair_view("ETH/USD", "2433.8", "2433.79", "2433.84", now - seconds{22}),
                pair_view("SOL/USD", "94.415", "94.41", "94.42", now - minutes{4})};
  view.pairs[2].stale = true;
  add_positions(view);
  add_history(view);
  view.day_pnl = view.equity - view.day_start_equity;
  return view;
}

}  // namespace aitrade::test
