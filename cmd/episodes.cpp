#include "cmd/episodes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/store/recording_codec.h"

namespace aitrade::cli {
namespace {

constexpr Duration before_the_moment = hours{24};   // a decision that is older explains nothing

/// The words of an order: what, how much, at which price.
std::string words_of(const Order& o) {
  std::string text = to_string(o.client_id) + ": " + std::string(to_string(o.side)) + " " + to_string(o.quantity) +
                     " " + std::string(to_string(o.type));
  if (o.limit.is_positive()) text += (o.trigger.is_positive() ? " limit " : " ") + to_string(o.limit);
  if (o.trigger.is_positive()) text += " trigger " + to_string(o.trigger);
  if (o.reduce_only) text += ", reduce only";
  if (o.post_only) text += ", post only";
  return text;
}

std::string words_of(const OrderChanged& c) {
  std::string text = to_string(c.client_id) + ": " + std::string(to_string(c.state));
  if (c.filled.is_positive()) text += ", filled " + to_string(c.filled);
  if (!c.venue_id.empty()) text += ", at the exchange " + c.venue_id;
  if (!c.why.empty()) text += " (" + c.why + ")";
  return text;
}

std::string words_of(const PositionChanged& p) {
  if (p.quantity.is_zero()) return "flat";
  return std::string(to_string(p.direction)) + " " + to_string(p.quantity) + " entry " + to_string(p.entry) +
         " stop " + to_string(p.stop) + (p.target.is_zero() ? "" : " target " + to_string(p.target));
}

std::string words_of(const TradeClosed& t) {
  return std::string(to_string(t.reason)) + " at " + to_string(t.exit) + ", " + to_string(t.pnl) +
         " after fees of " + to_string(t.fees) + ", " + std::to_string(t.bars) + " candles held";
}

/// Follows one recording and keeps the open episode of each pair.
class Follower {
 public:
  Follower(const EpisodeWish& wish, std::vector<Episode>& found) : wish_(wish), found_(found) {}

  void begin(const RecordingHeader& header) {
    header_ = &header;
    strategies_.clear();
    for (const auto& [id, name] : header.strategies) strategies_.push_back(name);
  }

  /// Takes the next event of the run; returns whether all that was asked for has been told.
  Result<bool> take(const RecordedEvent& recorded) {
    if (wish_.moment && recorded.event.when > *wish_.moment + hours{1}) return true;
    on_event(recorded.event);
    for (const std::string& packed : recorded.actions) {
      AITRADE_TRY(const Action action, decode_action(packed));
      if (on_action(action, recorded.event)) return true;
    }
    return false;
  }

  /// Hands over what is asked for and not over yet, at the end of all recordings.
  void finish() {
    for (auto& [pair, episode] : newest_) found_.push_back(std::move(episode));
    if (is_matched_ && !is_handed_over_) found_.push_back(std::move(open_[matched_]));
  }

 private:
  std::string pair_of(InstrumentId id) const {
    return number(id) < header_->instruments.size() ? to_string(header_->instruments[number(id)].symbol) : "";
  }

  Episode& episode(const std::string& pair) {
    Episode& e = open_[pair];
    e.pair = pair;
    if (e.run.empty()) e.run = header_->run_id;
    e.strategies = strategies_;
    return e;
  }

  void tell(const std::string& pair, Time when, const char* what, std::string words) {
    episode(pair).lines.push_back({when, what, std::move(words)});
  }

  void on_event(const Event& event) {
    if (const auto* filled = std::get_if<OrderFilled>(&event.body)) {
      on_fill(*filled, event.when);
    } else if (const auto* closed = std::get_if<CandleClosed>(&event.body)) {
      candles_[pair_of(closed->instrument)] = closed->candle;
    } else if (const auto* summary = std::get_if<BookSummary>(&event.body)) {
      books_[pair_of(summary->instrument)] = summary->top;
    } else if (const auto* adopted = std::get_if<OrderAdopted>(&event.body)) {
      pair_of_order_[to_string(adopted->order.client_id)] = pair_of(adopted->order.instrument);
    }
  }

  void on_fill(const OrderFilled& filled, Time when) {
    const Fill& f = filled.fill;
    tell(pair_of(f.instrument), when, "fill", to_string(f.client_id) + ": " + std::string(to_string(f.side)) + " " +
                                                  to_string(f.quantity) + " at " + to_string(f.price) + ", fee " +
                                                  to_string(f.fee) + (f.is_maker ? ", maker" : ", taker"));
  }

  void on_decision(const Decision& decision) {
    const std::string pair = pair_of(decision.instrument);
    if (!wish_.pair.empty() && pair != wish_.pair) return;
    if (wish_.moment) {
      if (decision.candle_close > *wish_.moment || decision.candle_close + before_the_moment < *wish_.moment) return;
      newest_[pair] = begun(pair, decision);
      return;
    }
    if (!decision.entered || (is_matched_ && matched_ == pair)) return;
    open_[pair] = begun(pair, decision);
  }

  Episode begun(const std::string& pair, const Decision& decision) {
    Episode e;
    e.run = header_->run_id;
    e.pair = pair;
    e.decision = decision;
    e.strategies = strategies_;
    if (const auto candle = candles_.find(pair); candle != candles_.end()) e.candle = candle->second;
    if (const auto book = books_.find(pair); book != books_.end() && book->second.is_valid()) e.book = book->second;
    return e;
  }

  void match(const std::string& pair) {
    if (is_matched_) return;
    is_matched_ = true;
    matched_ = pair;
  }

  void on_order(const std::string& pair, const std::string& id, const std::string& venue_id) {
    if (!id.empty()) pair_of_order_[id] = pair;
    if (!wish_.order.empty() && (id == wish_.order || venue_id == wish_.order)) match(pair);
  }

  /// Returns whether the end of what was asked for has been seen.
  bool on_action(const Action& action, const Event& event) {
    const Time when = event.when;
    if (const auto* decision = std::get_if<Decision>(&action)) {
      on_decision(*decision);
    } else if (const auto* submit = std::get_if<SubmitOrder>(&action)) {
      const std::string pair = pair_of(submit->order.instrument);
      tell(pair, when, "order", words_of(submit->order));
      on_order(pair, to_string(submit->order.client_id), "");
    } else if (const auto* cancel = std::get_if<CancelOrder>(&action)) {
      tell(pair_of(cancel->instrument), when, "cancel", to_string(cancel->client_id));
    } else if (const auto* replace = std::get_if<ReplaceOrder>(&action)) {
      tell(pair_of(replace->instrument), when, "move",
           to_string(replace->client_id) + ": " + to_string(replace->quantity) +
               (replace->trigger.is_positive() ? " trigger " + to_string(replace->trigger) : "") +
               (replace->limit.is_positive() ? " limit " + to_string(replace->limit) : ""));
    } else if (const auto* changed = std::get_if<OrderChanged>(&action)) {
      const std::string id = to_string(changed->client_id);
      const auto known = pair_of_order_.find(id);
      if (known == pair_of_order_.end()) return false;
      tell(known->second, when, "venue", words_of(*changed));
      on_order(known->second, id, changed->venue_id);
    } else if (const auto* position = std::get_if<PositionChanged>(&action)) {
      tell(pair_of(position->instrument), when, "position", words_of(*position));
    } else if (const auto* trade = std::get_if<TradeClosed>(&action)) {
      return on_trade(*trade, event);
    }
    return false;
  }

  bool on_trade(const TradeClosed& trade, const Event& event) {
    const std::string pair = pair_of(trade.instrument);
    tell(pair, event.when, "trade", words_of(trade));
    if (wish_.trade_event && header_->run_id == wish_.run && event.seq == *wish_.trade_event) match(pair);
    if (is_matched_ && matched_ == pair) {
      found_.push_back(std::move(open_[pair]));
      is_handed_over_ = true;
      return true;
    }
    open_.erase(pair);
    return false;
  }

  const EpisodeWish& wish_;
  std::vector<Episode>& found_;
  const RecordingHeader* header_{nullptr};
  std::vector<std::string> strategies_;
  std::map<std::string, Episode> open_;
  std::map<std::string, std::string> pair_of_order_;
  std::map<std::string, Episode> newest_;   // by pair, for a moment
  std::map<std::string, Candle> candles_;
  std::map<std::string, BookTop> books_;
  std::string matched_;
  bool is_matched_{false};
  bool is_handed_over_{false};
};

}  // namespace

Result<std::vector<Episode>> find_episodes(const std::vector<std::filesystem::path>& runs, const EpisodeWish& wish) {
  std::vector<Episode> found;
  Follower follower(wish, found);
  for (const std::filesystem::path& folder : runs) {
    auto reader = RecordingReader::open(folder);
    if (!reader) continue;   // a run that a crash ended before its first block
    follower.begin((*reader)->header());
    for (;;) {
      auto next = (*reader)->next();
      if (!next) return Error(next.error()).within(folder.filename().string());
      if (!next->has_value()) break;
      AITRADE_TRY(const bool is_told, follower.take(**next));
      if (is_told) break;
    }
    if (!found.empty()) return found;
  }
  follower.finish();
  return found;
}

}  // namespace aitrade::cli
