// A small scripted engine for store tests: candles, and every tenth one a trade that opens or
// closes, with the actions and exact cash that the real one emits.
#pragma once

#include "core/base/random.h"
#include "core/ports/journal.h"
#include "core/store/journal_store.h"
#include "core/store/names.h"
#include "core/store/recovery.h"

#include <string>
#include <vector>

namespace aitrade {

inline const Time script_start = Time::from_seconds(1'700'000'040);

inline StoreNames script_names() {
  StoreNames names;
  DeskNames desk;
  desk.exchange = "kraken";
  desk.bankroll = Money::parse_or_die("10000");
  names.desks.push_back(desk);
  names.venues = {{VenueId{0}, "kraken"}};
  names.strategies = {{StrategyId{0}, "keltner"}, {StrategyId{1}, "trend"}};
  for (const char* base : {"BTC", "ETH"}) {
    Instrument instrument;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(names.instruments.size())};
    instrument.symbol = {base, "USD"};
    instrument.tick = Price::parse_or_die("0.1");
    names.instruments.push_back(instrument);
  }
  return names;
}

inline RecordingHeader script_header(std::string run_id) {
  RecordingHeader header;
  header.run_id = std::move(run_id);
  header.build = "test";
  header.config_hash = "c0ffee";
  header.config_text = "[trading]\npairs = [\"BTC/USD\", \"ETH/USD\"]\n";
  header.seed = 42;
  header.started = script_start;
  const StoreNames names = script_names();
  header.instruments = names.instruments;
  header.venues = names.venues;
  header.strategies = names.strategies;
  return header;
}

/// An event with its actions, and whether its turn holds an order.
struct ScriptStep {
  Event event;
  ActionList actions;
};

class Script {
 public:
  explicit Script(std::uint64_t seed = 1) : random_(seed) {}

  /// Goes on from what a ledger recalled.
  void resume(const Recall& recall) {
    for (const Event& event : recall.events) {
      if (const auto* account = std::get_if<AccountRestored>(&event.body)) {
        cash_ = account->cash;
        sequence_ = account->next_sequence;
      } else if (const auto* position = std::get_if<PositionAdopted>(&event.body)) {
        held_ = position->quantity;
        entry_ = position->entry;
      } else if (const auto* order = std::get_if<OrderAdopted>(&event.body)) {
        working_ = order->order;
      }
    }
  }

  /// Returns the next step: a fill when an order works, else a candle.
  ScriptStep next() {
    ScriptStep step;
    if (working_) {
      fill(step);
    } else {
      candle(step);
    }
    step.event.seq = EventSeq{++seq_};
    step.event.at = step.event.when + milliseconds{37};
    return step;
  }

  [[nodiscard]] Money cash() const { return cash_; }

  [[nodiscard]] Quantity held() const { return held_; }

  [[nodiscard]] Time clock() const { return now_; }

  /// Where candles go on, so that a second life does not repeat the first.
  void set_clock(Time now) { now_ = now; }

 private:
  void candle(ScriptStep& step) {
    now_ = now_ + minutes{1};
    ++candles_;
    price_ = Price::from_raw(price_.raw() + (static_cast<std::int64_t>(random_.below(201)) - 100) *
                                                Price::scale / 10);
    Candle c;
    c.open_time = now_ - minutes{1};
    c.interval = minutes{1};
    c.open = c.high = c.low = c.close = price_;
    c.volume = random_.uniform() * 10;
    step.event.when = now_;
    step.event.body = CandleClosed{InstrumentId{0}, c, false};
    Decision decision;
    decision.candle_close = now_;
    decision.opinion.confidence = random_.uniform();
    decision.opinion.votes_count = 1;
    decision.entered = candles_ % 10 == 0 && held_.is_zero();
    step.actions.add(decision);
    if (candles_ % 10 == 0) submit(step);
  }

  void submit(ScriptStep& step) {
    const bool is_entry = held_.is_zero();
    Order order;
    order.client_id = {sequence_++, 1, is_entry ? OrderRole::entry : OrderRole::exit, 0};
    order.side = is_entry ? Side::buy : Side::sell;
    order.quantity =
        is_entry
            ? Quantity::from_raw(static_cast<std::int64_t>(1'000'003 + random_.below(5'000'000)))
            : held_;
    order.created_at = now_;
    step.actions.add(SubmitOrder{order});
    account(step);
    working_ = order;
  }

  void fill(ScriptStep& step) {
    Order& order = *working_;
    Fill f;
    f.venue_fill_id = to_string(order.client_id) + "/0";
    f.client_id = order.client_id;
    f.side = order.side;
    f.price = price_;
    f.quantity = order.quantity;
    f.fee = Money::from_raw(static_cast<std::int64_t>(random_.below(100'000'000)));
    f.venue_time = now_;
    step.event.when = now_;
    step.event.body = OrderFilled{f, true};
    cash_ += cash_effect(f.side, f.price, f.quantity, f.fee);
    if (f.side == Side::buy) {
      held_ += f.quantity;
      entry_ = f.price;
    } else {
      held_ -= f.quantity;
    }
    OrderChanged changed;
    changed.client_id = order.client_id;
    changed.state = OrderState::filled;
    changed.filled = f.quantity;
    step.actions.add(changed);
    PositionChanged position;
    position.direction = held_.is_zero() ? Direction::neutral : Direction::long_;
    position.quantity = held_;
    position.quantity_initial = f.quantity;
    position.entry = entry_;
    position.opened_at = now_;
    position.trade_number = sequence_;
    step.actions.add(position);
    if (held_.is_zero()) {
      TradeClosed trade;
      trade.quantity = f.quantity;
      trade.entry = entry_;
      trade.exit = f.price;
      trade.opened_at = trade.closed_at = now_;
      trade.reason = ExitReason::target;
      step.actions.add(trade);
    }
    account(step);
    working_.reset();
  }

  void account(ScriptStep& step) {
    AccountChanged a;
    a.cash = cash_;
    a.equity = cash_ + notional(price_, held_, Rounding::down);
    a.peak_equity = a.day_start_equity = Money::parse_or_die("10000");
    a.next_sequence = sequence_;
    step.actions.add(a);
  }

  Random random_;
  std::uint64_t seq_{0};
  std::uint64_t candles_{0};
  Time now_ = script_start;
  Price price_ = Price::parse_or_die("36000");
  Price entry_;
  Money cash_ = Money::parse_or_die("10000");
  Quantity held_;
  std::uint32_t sequence_{1};
  std::optional<Order> working_;
};

/// Appends and commits a step as one turn, durable when it holds an order.
inline Status play(Journal& journal, const ScriptStep& step) {
  AITRADE_TRY_STATUS(journal.append(step.event, step.actions));
  return journal.commit(step.actions.has_orders() ||
                        std::holds_alternative<OrderFilled>(step.event.body));
}

/// Options of a journal in a state directory.
inline JournalOptions script_options(const std::filesystem::path& state, std::string run_id) {
  JournalOptions options;
  options.names = script_names();
  options.header = script_header(std::move(run_id));
  options.runs_directory = state / "runs";
  options.telemetry_db = state / "telemetry.db";
  return options;
}

}  // namespace aitrade
