// The market of the world, and the exchange as it acts by itself.
#include "tests/live/world.h"
#include "tests/support/trading.h"

#include <algorithm>
#include <cmath>

namespace aitrade::live_test {

void World::move_price(std::size_t pair, double factor) {
  Candle& c = forming_[pair];
  const Price last = market_.last_price(pair);
  const Instrument& rules = cast.instruments[pair];
  const Price moved = round_to_tick(to_double(last) * factor, rules, Rounding::half_even).value_or(last);
  if (c.open.is_zero()) {
    c = Candle{};
    c.open_time = floor_to(now_, minutes{1});
    c.interval = minutes{1};
    c.open = c.high = c.low = last;
  }
  c.high = std::max({c.high, moved, last});
  c.low = std::min({c.low, moved, last});
  c.close = moved;
  loopback::Row row;
  row.at = now_;
  row.so_far = c;
  row.quantity = 300 / to_double(moved) * (0.2 + market_chance_.uniform());
  row.is_buy = factor >= 1;
  market_.show(pair, row);
  market_.refresh_book(pair, now_.seconds_floor(), 0);
  venue_->matching().on_trade(pair, market_.pairs()[pair].trades.back(), now_);
  publish();
  summarize(pair);
  watch();
}

void World::print_trade(std::size_t pair) {
  const auto wait = Duration{static_cast<std::int64_t>(market_chance_.exponential(9e9)) + 1'000'000};
  at(now_ + wait, [this, pair] { print_trade(pair); });
  double change = market_chance_.normal() * 0.0035;
  if (market_chance_.below(70) == 0) change += (market_chance_.uniform() - 0.5) * 0.08;
  const double home = pair == 0 ? 50000 : 70;   // it does not run away for ever
  change -= 0.005 * std::log(to_double(market_.last_price(pair)) / home);
  move_price(pair, std::exp(change));
}

void World::summarize(std::size_t pair) {
  const BookLevels& book = market_.pairs()[pair].book;
  if (book.bids.empty() || book.asks.empty()) return;
  BookTop top;
  top.bid = book.bids.front().price;
  top.ask = book.asks.front().price;
  top.bid_size = book.bids.front().quantity;
  top.ask_size = book.asks.front().quantity;
  at(now_ + latency() / 4, [this, top, pair] {
    if (!process_ || !process_->is_alive()) return;
    process_->post(BookSummary{InstrumentId{static_cast<std::uint32_t>(pair)}, top, {}}, now_);
  });
}

void World::close_minute() {
  at(now_ + minutes{1}, [this] { close_minute(); });
  std::vector<Candle> closed;
  for (std::size_t i = 0; i < forming_.size(); ++i) {
    Candle c = forming_[i];
    if (c.open.is_zero()) {
      c = Candle{};
      c.interval = minutes{1};
      c.open_time = now_ - minutes{1};
      c.open = c.high = c.low = c.close = market_.last_price(i);
    }
    c.volume = test::quiet;
    market_.close(i, c);
    forming_[i] = Candle{};
    const bool wants = votes_ > 0 || chance_.uniform() < chance_of_vote_;
    if (wants) c.volume = test::go_long;
    c.closed = true;
    closed.push_back(c);
  }
  votes_ = 0;
  at(now_ + milliseconds{150}, [this, closed] {
    if (!process_ || !process_->is_alive()) return;
    for (std::size_t i = 0; i < closed.size(); ++i) {
      process_->post(CandleClosed{InstrumentId{static_cast<std::uint32_t>(i)}, closed[i], false}, closed[i].close_time());
    }
    if (closed.size() > 1) process_->post(InstantClosed{}, closed[0].close_time());
  });
}

// ---- what the exchange tells ------------------------------------------------------------------------------

void World::publish() {
  std::vector<loopback::OrderEvent> events, still_hidden;
  const auto sort = [&](loopback::OrderEvent&& event) {
    if (event.order.hidden_until > now_) {
      still_hidden.push_back(std::move(event));
      at(event.order.hidden_until, [this] { publish(); });
    } else {
      events.push_back(std::move(event));
    }
  };
  for (loopback::OrderEvent& event : hidden_) sort(std::move(event));
  for (loopback::OrderEvent& event : venue_->matching().take_events()) sort(std::move(event));
  hidden_ = std::move(still_hidden);
  (void)venue_->matching().take_changed_books();
  if (events.empty()) return;
  for (const loopback::OrderEvent& event : events) {
    if (event.what == loopback::OrderEvent::What::ledger) continue;
    const char* const words[] = {"new", "open", "trade", "filled", "canceled", "expired", "amended", "triggered", ""};
    const auto id = id_of(event.order.terms.client_id);
    note("venue: " + event.order.id + " " + (id ? to_string(*id) : "by hand") + " " +
         words[static_cast<std::size_t>(event.what)] + " " + std::string(to_string(event.order.terms.side)) + " " +
         to_string(event.order.filled) + "/" + to_string(event.order.terms.quantity) + " trigger " +
         to_string(event.order.trigger) + " " + event.order.reason);
  }
  if (wire_) {
    loopback::Frames frames;
    wire_->account.on_events(events, *venue_, now_, frames);
    for (const std::string& frame : frames) to_us(wire_, frame);
  }
  watch();
}

void World::set_system(const std::string& state) {
  if (market_.system() == state) return;
  market_.set_system(state);
  note("venue is " + state);
  if (wire_) to_us(wire_, wire_->session.greeting(market_));
}

// ---- trouble ----------------------------------------------------------------------------------------------

std::int64_t World::draw(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(fault_chance_.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// One of our orders at the exchange that fits.
const loopback::VenueOrder* World::pick(const std::function<bool(const loopback::VenueOrder&)>& fits) {
  std::vector<const loopback::VenueOrder*> fitting;
  for (const loopback::VenueOrder& order : venue_->matching().orders()) {
    if (id_of(order.terms.client_id) && fits(order)) fitting.push_back(&order);
  }
  return fitting.empty() ? nullptr : fitting[fault_chance_.below(fitting.size())];
}

/// The exchange fills an order after telling that it is over.
void World::late_fill() {
  const auto* order = pick([&](const loopback::VenueOrder& o) {
    const bool is_sell = o.terms.side == Side::sell;
    return !o.is_live() && o.leaves().is_positive() && (!is_sell || watched_[o.terms.pair].held >= o.leaves()) &&
           o.terms.client_id != "" && !o.terms.cash.is_positive();
  });
  if (order == nullptr) return;
  Quantity part = order->leaves();
  if (draw(0, 1) == 0) {
    part = round_to_step(Quantity::from_raw(part.raw() / 2), cast.instruments[order->terms.pair].lot, Rounding::down);
  }
  const ClientOrderId id = *id_of(order->terms.client_id);
  if (part.is_positive() && venue_->matching().force_fill(order->id, part, now_)) {
    late_[{id.sequence, id.role}] += part;
    if (order->terms.side == Side::sell) watched_[order->terms.pair].late += part;
  }
  publish();
}

/// An order goes without our asking, with a word or without.
void World::lose_order(Trouble what) {
  const auto* order = pick([](const loopback::VenueOrder& o) { return o.is_live(); });
  if (order == nullptr) return;
  const std::string id = order->id;
  note("  " + id + " goes");
  if (what == Trouble::vanish) {
    spoil(seconds{60});
    (void)venue_->matching().vanish(id, now_);
    return watch();
  }
  (void)venue_->matching().cancel(id, "Canceled by the venue", now_);
  publish();
}

void World::manual_trade() {
  loopback::OrderTerms terms;
  terms.pair = fault_chance_.below(cast.instruments.size());
  terms.kind = loopback::Kind::market;
  const Symbol& symbol = cast.instruments[terms.pair].symbol;
  const Quantity some = terms.pair == 0 ? Quantity::parse_or_die("0.00123457") : Quantity::parse_or_die("1.5");
  const Money own = venue_->accounts().available(symbol.base) - Money::from_raw(watched_[terms.pair].held.raw());
  terms.side = Quantity::from_raw(own.raw()) > some && draw(0, 1) == 0 ? Side::sell : Side::buy;
  terms.quantity = some;
  (void)venue_->matching().place(terms, now_);
  publish();
}

void World::trouble(Trouble what) {
  ++report_.troubles;
  loopback::Matching& matching = venue_->matching();
  const auto later = [&](Duration span, std::function<void()> undo) {
    spoil(span + seconds{15});
    at(now_ + span, [this, undo] {
      if (has_faults_) undo();
    });
  };
  note("TROUBLE " + std::string(to_string(what)));
  spoil(seconds{15});
  switch (what) {
    case Trouble::read_lag:
      venue_->set_read_lag(seconds{draw(1, 60)});
      return later(seconds{draw(30, 150)}, [this] { venue_->set_read_lag(Duration{0}); });
    case Trouble::hide_next:
      spoil(seconds{130});
      return matching.hide_next(seconds{draw(1, 60)});
    case Trouble::cancel_delay:
      venue_->set_cancel_delay(milliseconds{draw(500, 8000)});
      return later(seconds{draw(20, 90)}, [this] { venue_->set_cancel_delay(Duration{0}); });
    case Trouble::pieces:
      matching.set_pieces(draw(2, 5));
      return;
    case Trouble::late_fill:
      return late_fill();
    case Trouble::vanish:
    case Trouble::venue_cancel:
      return lose_order(what);
    case Trouble::manual_trade:
      return manual_trade();
    case Trouble::deposit:
      (void)venue_->transfer("USD", Money::from_raw(draw(1, 50'000'000'000)), "deposit", now_);
      return publish();
    case Trouble::withdrawal:
      (void)venue_->transfer("USD", -Money::from_raw(draw(1, 30'000'000'000)), "withdrawal", now_);
      return publish();
    case Trouble::cancel_only:
    case Trouble::post_only:
    case Trouble::maintenance:
      set_system(std::string(to_string(what)));
      return later(seconds{draw(20, 150)}, [this] { set_system("online"); });
    case Trouble::expire_tokens:
      return venue_->keys().expire_tokens();
    case Trouble::refuse_stop:
      spoil(seconds{40});
      refuse_stops_ = static_cast<int>(draw(1, 2));
      return;
    case Trouble::cut:
      if (wire_) close_wire(wire_, "connection reset", false);
      return;
    case Trouble::half_open:
      spoil(seconds{40});
      if (wire_) wire_->is_mute = true;
      return;
    case Trouble::flap:
      spoil(seconds{90});
      flaps_ = static_cast<int>(draw(2, 6));
      if (wire_) close_wire(wire_, "flapping", false);
      return;
    case Trouble::skew:
      market_.set_skew(milliseconds{draw(-1900, 1900)});
      return later(seconds{draw(20, 120)}, [this] { market_.set_skew(Duration{0}); });
    case Trouble::crash:
      return crash("by the plan");
    case Trouble::rest_out:
      rest_is_out_ = true;
      return later(seconds{draw(10, 120)}, [this] { rest_is_out_ = false; });
  }
}

}  // namespace aitrade::live_test
