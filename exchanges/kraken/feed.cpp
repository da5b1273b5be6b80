#include "exchanges/kraken/feed.h"

#include <algorithm>

namespace aitrade::kraken {
namespace {

constexpr std::size_t mismatches_kept_max = 64;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

bool same_top(const BookTop& a, const BookTop& b) {
  return a.bid == b.bid && a.ask == b.ask && a.bid_size == b.bid_size && a.ask_size == b.ask_size;
}

}  // namespace

Feed::Feed(FeedOptions options) : options_(std::move(options)), pairs_(options_.symbols.size()) {
  for (std::size_t i = 0; i < options_.symbols.size(); ++i)
    index_.emplace(options_.symbols[i], i);
  if (!options_.analysis) return;
  for (PairState& pair : pairs_)
    pair.analyzer.emplace(*options_.analysis);
}

FeedOutput Feed::on_open(Time now) {
  FeedOutput out;
  is_open_ = true;
  is_ready_ = false;
  has_instruments_ = false;
  since_.reset();
  pending_.clear();
  subscriptions_.clear();
  for (PairState& pair : pairs_) {
    auto analyzer = std::move(pair.analyzer);
    pair = PairState{};
    pair.analyzer = std::move(analyzer);
  }
  last_frame_ = pinged_at_ = now;
  subscribe("instrument", {}, now, out);  // the book checksum needs its precisions
  subscribe("ohlc", live_pairs(), now, out);
  out.wake_at = next_wake();
  return out;
}

FeedOutput Feed::on_closed(Time, std::string_view why) {
  FeedOutput out;
  if (is_open_) lose(std::string(why), out);
  out.reconnect = false;  // it is closed already
  return out;
}

FeedOutput Feed::on_text(std::string_view text, Time now) {
  FeedOutput out;
  if (!is_open_) return out;
  last_frame_ = now;
  auto message = parse_frame(text);
  if (!message) {
    ++bad_frames_;
  } else {
    std::visit(Overloaded{[&](const StatusMessage& m) { handle(m, out); },
                          [&](const AckMessage& m) { handle(m, out); },
                          [&](const InstrumentMessage& m) { handle(m, now, out); },
                          [&](const OhlcMessage& m) { handle(m, out); },
                          [&](const BookMessage& m) { handle(m, now, out); },
                          [&](const TickerMessage& m) { handle(m, out); },
                          [&](const TradeMessage& m) { handle(m, now, out); },
                          [&](const PongMessage& m) {
                            if (m.req_id) out.updates.push_back(PongSeen{*m.req_id});
                          },
                          [](const HeartbeatMessage&) {}, [](const UnknownMessage&) {}},
               *message);
  }
  out.wake_at = next_wake();
  return out;
}

FeedOutput Feed::on_timer(Time now) {
  FeedOutput out;
  if (!is_open_) return out;
  if (now - last_frame_ >= options_.liveness) {
    lose("no frame for " + std::to_string((now - last_frame_) / seconds{1}) + " s", out);
    return out;
  }
  if (now - last_frame_ >= options_.ping_after && now - pinged_at_ >= options_.ping_after) {
    out.send.push_back(ping_frame(next_id_++));
    pinged_at_ = now;
  }
  for (const Pending& pending : pending_) {
    if (now < pending.deadline) continue;
    lose("no answer to subscribe " + pending.channel, out);
    return out;
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (pairs_[i].crossed_since && now - *pairs_[i].crossed_since > options_.crossed_limit) {
      resubscribe_book(i, "crossed", now, out);
    }
  }
  out.wake_at = next_wake();
  return out;
}

std::pair<std::string, std::uint64_t> Feed::barrier() {
  const std::uint64_t id = next_id_++;
  return {ping_frame(id), id};
}

// ---- messages
// -----------------------------------------------------------------------------------------

void Feed::handle(const StatusMessage& message, FeedOutput& out) {
  out.updates.push_back(SystemChanged{message.system});
}

void Feed::handle(const AckMessage& message, FeedOutput& out) {
  const bool stands = message.success || message.error.starts_with("Already subscribed");
  const auto pair = find(message.symbol);
  if (message.method == "unsubscribe") {
    if (pair) pairs_[*pair].book_ended = false;
    return;
  }
  const auto answered = [&](const Pending& p) {
    return message.req_id && p.req_id == *message.req_id &&
           (p.pair == pairs_.size() || (pair && p.pair == *pair));
  };
  const auto found = std::find_if(pending_.begin(), pending_.end(), answered);
  if (found == pending_.end()) {
    // A schema error or a rate limit may name no request: the timeout of the request decides.
    if (!stands && message.error.starts_with("Exceeded")) lose(message.error, out);
    return;
  }
  const Pending pending = *found;
  pending_.erase(found);
  if (!stands) {
    if (pending.pair < pairs_.size()) refuse(pending.pair, message.error, out);
  } else if (pending.channel == "ohlc") {
    pairs_[pending.pair].has_candles = true;
    if (message.time_in && (!since_ || *message.time_in < *since_)) since_ = message.time_in;
  }
  check_ready(out);
}

void Feed::handle(const InstrumentMessage& message, Time now, FeedOutput& out) {
  for (const InstrumentRow& row : message.pairs) {
    const auto pair = find(row.symbol);
    if (!pair) continue;
    pairs_[*pair].price_decimals = row.price_decimals;
    pairs_[*pair].quantity_decimals = row.quantity_decimals;
  }
  if (has_instruments_ || !message.is_snapshot) return;
  has_instruments_ = true;
  std::vector<std::size_t> listed;
  for (const std::size_t pair : live_pairs()) {
    if (pairs_[pair].price_decimals >= 0) {
      listed.push_back(pair);
    } else {
      refuse(pair, "not listed by the venue", out);
    }
  }
  if (!listed.empty()) {
    if (options_.quotes) subscribe(options_.book ? "book" : "ticker", listed, now, out);
    const bool analyses = options_.analysis && options_.quotes && options_.book;
    if (options_.trades || analyses) subscribe("trade", listed, now, out);
  }
  check_ready(out);
}

void Feed::handle(const OhlcMessage& message, FeedOutput& out) {
  for (const OhlcRow& row : message.rows) {
    const auto pair = find(row.symbol);
    if (pair && row.candle.interval == options_.interval) {
      out.updates.push_back(CandleRow{*pair, row.candle});
    }
  }
}

void Feed::handle(const BookMessage& message, Time now, FeedOutput& out) {
  const auto pair = find(message.symbol);
  if (!pair) return;
  PairState& state = pairs_[*pair];
  if (state.price_decimals < 0 || state.book_ended) return;
  if (!state.book) {
    state.book.emplace(static_cast<std::size_t>(options_.book_depth), state.price_decimals,
                       state.quantity_decimals);
  }
  if (!message.is_snapshot && !state.book->is_valid()) return;  // waits for its snapshot
  const bool good = message.is_snapshot
                        ? state.book->snapshot(message.bids, message.asks, message.checksum)
                        : state.book->update(message.bids, message.asks, message.checksum);
  if (!good) {
    ++mismatches_total_;
    std::erase_if(mismatches_, [&](Time t) { return now - t > options_.mismatch_window; });
    if (mismatches_.size() < mismatches_kept_max) mismatches_.push_back(now);
    if (static_cast<int>(mismatches_.size()) >= options_.mismatches_max) {
      mismatches_.clear();
      lose("book checksums keep failing", out);
      return;
    }
    resubscribe_book(*pair, "checksum mismatch", now, out);
    return;
  }
  ++checksums_good_;
  if (!state.book->is_crossed()) {
    state.crossed_since.reset();
  } else if (!state.crossed_since) {
    state.crossed_since = now;
  }
  state.book_at = now;
  if (state.analyzer) state.analyzer->update(now, state.book->levels());
  report_top(*pair, state.book->top(), out);
}

void Feed::handle(const TickerMessage& message, FeedOutput& out) {
  if (options_.book) return;
  for (const TickerRow& row : message.rows) {
    const auto pair = find(row.symbol);
    if (!pair) continue;
    const BookTop top{row.bid, row.ask, row.bid_quantity, row.ask_quantity, 0};
    report_top(*pair, top.is_valid() ? std::optional{top} : std::nullopt, out);
  }
}

void Feed::handle(const TradeMessage& message, Time now, FeedOutput& out) {
  for (const TradeRow& row : message.rows) {
    const auto pair = find(row.symbol);
    if (!pair) continue;
    if (pairs_[*pair].analyzer) pairs_[*pair].analyzer->on_trade(now, row.price);
    if (options_.trades) out.updates.push_back(TradeSeen{*pair, row});
  }
}

// ---- steps
// --------------------------------------------------------------------------------------------

Subscription Feed::subscription(const std::string& channel,
                                const std::vector<std::size_t>& pairs) const {
  Subscription s;
  s.channel = channel;
  for (const std::size_t pair : pairs)
    s.symbols.push_back(options_.symbols[pair]);
  if (channel == "ohlc") s.interval = static_cast<int>(options_.interval / minutes{1});
  if (channel == "book") s.depth = options_.book_depth;
  if (channel == "ticker") s.on_quotes = true;
  if (channel == "trade") s.snapshot = false;
  return s;
}

void Feed::subscribe(const std::string& channel, const std::vector<std::size_t>& pairs, Time now,
                     FeedOutput& out) {
  const std::uint64_t id = next_id_++;
  const Time deadline = now + options_.ack_timeout;
  if (pairs.empty()) pending_.push_back({id, channel, pairs_.size(), deadline});
  for (const std::size_t pair : pairs)
    pending_.push_back({id, channel, pair, deadline});
  ++subscriptions_[channel];
  out.send.push_back(subscribe_frame(subscription(channel, pairs), id));
}

void Feed::resubscribe_book(std::size_t pair, const std::string& why, Time now, FeedOutput& out) {
  PairState& state = pairs_[pair];
  distrust_book(state);
  state.crossed_since.reset();
  state.book_ended = true;  // frames still under way belong to the old subscription
  out.updates.push_back(BookLost{pair, why});
  const std::uint64_t id = next_id_++;
  out.send.push_back(unsubscribe_frame(subscription("book", {pair}), id));
  --subscriptions_["book"];
  subscribe("book", {pair}, now, out);
}

void Feed::report_top(std::size_t pair, const std::optional<BookTop>& top, FeedOutput& out) {
  PairState& state = pairs_[pair];
  if (!top) {
    if (state.top) out.updates.push_back(BookLost{pair, "no two-sided book"});
    state.top.reset();
    return;
  }
  if (state.top && same_top(*state.top, *top)) return;
  state.top = top;
  out.updates.push_back(TopChanged{pair, *top});
}

void Feed::refuse(std::size_t pair, const std::string& why, FeedOutput& out) {
  if (pairs_[pair].is_refused) return;
  pairs_[pair].is_refused = true;
  std::erase_if(pending_, [&](const Pending& p) { return p.pair == pair; });
  out.updates.push_back(SymbolRefused{pair, why});
}

void Feed::check_ready(FeedOutput& out) {
  if (is_ready_ || !has_instruments_) return;
  const auto live = live_pairs();
  const bool all = std::all_of(live.begin(), live.end(),
                               [&](std::size_t pair) { return pairs_[pair].has_candles; });
  if (!all || live.empty()) return;
  is_ready_ = true;
  out.updates.push_back(FeedReady{since_});
}

void Feed::lose(std::string why, FeedOutput& out) {
  is_open_ = false;
  is_ready_ = false;
  pending_.clear();
  subscriptions_.clear();
  for (PairState& pair : pairs_)
    distrust_book(pair);
  out.reconnect = true;
  out.wake_at = Time{};
  out.updates.push_back(FeedLost{std::move(why)});
}

void Feed::distrust_book(PairState& state) {
  state.top.reset();
  if (state.book) state.book->invalidate();
  if (state.analyzer) state.analyzer->invalidate();
}

std::optional<BookAnalysis> Feed::analysis(std::size_t pair, Time now) const {
  const auto& analyzer = pairs_[pair].analyzer;
  return analyzer && pairs_[pair].top ? analyzer->analysis(now) : std::nullopt;
}

std::optional<std::size_t> Feed::find(std::string_view symbol) const {
  const auto found = index_.find(symbol);
  return found == index_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<std::size_t> Feed::live_pairs() const {
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (!pairs_[i].is_refused) live.push_back(i);
  }
  return live;
}

Time Feed::next_wake() const {
  if (!is_open_) return Time{};
  Time wake = last_frame_ + options_.liveness;
  wake = std::min(wake, std::max(last_frame_, pinged_at_) + options_.ping_after);
  for (const Pending& pending : pending_)
    wake = std::min(wake, pending.deadline);
  for (const PairState& pair : pairs_) {
    if (pair.crossed_since) {
      wake = std::min(wake, *pair.crossed_since + options_.crossed_limit + milliseconds{1});
    }
  }
  return wake;
}

}  // namespace aitrade::kraken
