#include "exchanges/kraken/live_account.h"

#include "exchanges/kraken/key_check.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr Duration overlap{minutes{10}};       // of histories that are read again (reliability.md 4.1)
constexpr Duration token_retry{seconds{2}};
constexpr Duration stream_first{seconds{10}};   // a reading before the stream stands is done again: it waits so long

}  // namespace

LiveAccount::LiveAccount(LiveOptions options, LiveMemory memory, Time now)
    : options_(std::move(options)),
      stream_(options_.stream),
      counter_(options_.tier),
      backoff_(Random(options_.seed), options_.backoff),
      fills_(std::move(memory.fills)),
      expected_(std::move(memory.expected)),
      moves_(std::move(memory.moves)),
      baselines_(std::move(memory.baselines)),
      next_sequence_(memory.next_sequence),
      connect_at_(now),
      open_due_(now + stream_first),
      history_due_(now + stream_first),
      money_due_(now + stream_first),
      reading_not_before_(now),
      watermark_(memory.watermark.ns != 0 ? memory.watermark : now),
      now_(now) {
  watermark_ = watermark_ - overlap;
  for (const Order& order : memory.orders) {
    Line line;
    line.order = order;
    line.id = options_.id_text(order.client_id);
    line.state = order.state;
    line.told = line.cumulative = order.filled;
    line.since = now;
    line.copies = 1;
    // Sent at most just before the end of the run that made it.
    line.fence = now + options_.order_deadline + options_.skew_max + options_.read_lag_max;
    if (!order.venue_id.empty()) by_venue_[order.venue_id] = line.id;
    watermark_ = std::min(watermark_, order.created_at - overlap);
    lines_.emplace(line.id, std::move(line));
  }
}

LiveOutput LiveAccount::take() { return std::exchange(out_, {}); }

Time LiveAccount::wake_at() const {
  Time at = now_ + hours{1};
  const auto consider = [&](Time t) {
    if (t.ns != 0) at = std::min(at, t);
  };
  if (connection_ == Connection::down) consider(connect_at_);
  if (stream_wake_) consider(*stream_wake_);
  if (!reading_) consider(std::max(std::min({open_due_, history_due_, money_due_}), reading_not_before_));
  for (const auto& [id, line] : lines_) {
    if (is_terminal(line.state)) continue;
    consider(line.send_again);
    consider(line.cancel_again);
    consider(line.amend_again);
    consider(line.probe_at);
    if (!line.is_looking) consider(line.look_at);
  }
  return std::max(at, now_);
}

void LiveAccount::on_wake(Time now) {
  now_ = std::max(now_, now);
  if (connection_ == Connection::down && now_ >= connect_at_) ask_token(now_);
  if (connection_ == Connection::open) absorb(stream_.on_wake(now_), now_);
  for (auto& [id, line] : lines_) {
    if (!is_terminal(line.state)) work(line, now_);
  }
  const Time due = std::min({open_due_, history_due_, money_due_});
  if (!reading_ && now_ >= due && now_ >= reading_not_before_) start_reading(now_);
}

// ---- connection -----------------------------------------------------------------------------------------

void LiveAccount::ask_token(Time now) {
  connection_ = Connection::asking;
  connect_at_ = now + token_retry;
  call(ws_token_call(), Subject::token, "", Purpose::exit);
}

void LiveAccount::on_open(Time now) {
  now_ = std::max(now_, now);
  connection_ = Connection::open;
  opened_at_ = now_;
  backoff_.on_open(now_);
  absorb(stream_.on_open(std::move(token_), now_), now_);
}

void LiveAccount::on_text(std::string_view frame, Time now) {
  now_ = std::max(now_, now);
  if (connection_ == Connection::open) absorb(stream_.on_text(frame, now_), now_);
}

void LiveAccount::on_closed(std::string_view why, Time now) {
  now_ = std::max(now_, now);
  absorb(stream_.on_closed(why, now_), now_);
  lose_connection(why, now_);
}

void LiveAccount::lose_connection(std::string_view why, Time now) {
  if (connection_ == Connection::down) return;
  if (connection_ != Connection::open) note(Notify::Level::warning, "no private stream: " + std::string(why));
  connection_ = Connection::down;
  stream_wake_.reset();
  connect_at_ = now + backoff_.on_closed(now);
  is_reconciled_ = false;
}

void LiveAccount::absorb(StreamOutput&& out, Time now) {
  stream_wake_ = out.wake_at;
  for (std::string& frame : out.send) out_.frames.push_back(std::move(frame));
  for (StreamUpdate& update : out.updates) on_update(std::move(update), now);
  if (out.close) out_.drop = true;
  if (const auto max = stream_.max_rate_count()) counter_.set_max(*max);
}

void LiveAccount::on_update(StreamUpdate&& update, Time now) {
  if (std::holds_alternative<StreamSynced>(update)) {
    history_due_ = money_due_ = now;   // what happened meanwhile (reliability.md 4.3)
    reading_.reset();
    look_for_unlisted(now);
    return;
  }
  if (const auto* lost = std::get_if<StreamLost>(&update)) {
    is_reconciled_ = false;
    note(Notify::Level::warning, "private stream of the account: " + lost->why);
    return;
  }
  if (const auto* status = std::get_if<VenueStatus>(&update)) {
    if (status->system != system_) note(Notify::Level::warning, "the venue is " + status->system);
    system_ = status->system;
    for (auto& [id, line] : lines_) {
      if (line.amend_again.ns != 0 && line.pending == PendingState::none) line.amend_again = now;
      if (line.cancel_again.ns != 0 && line.pending == PendingState::none) line.cancel_again = now;
    }
    return;
  }
  if (const auto* answered = std::get_if<RequestAnswered>(&update)) {
    OrderFate fate{Fate::accepted, {}, Remedy::none, {}, {}};
    if (!answered->ack.success) {
      fate = fate_of_errors({answered->ack.error}, Copies::one);
    } else {
      for (const OrderResult& order : answered->ack.orders) {
        if (!order.order_id.empty()) fate.venue_ids.push_back(order.order_id);
      }
    }
    on_answer(answered->request.tag, fate, now);
    return;
  }
  if (const auto* silent = std::get_if<RequestUnanswered>(&update)) {
    // A connection that swallows a request is not to be trusted; the snapshot of the next one tells what became of it.
    if (connection_ == Connection::open && stream_.is_synced()) out_.drop = true;
    on_answer(silent->request.tag, {Fate::unknown, "no answer", Remedy::look_up, {}, {}}, now);
    return;
  }
  if (const auto* executions = std::get_if<ExecutionsMessage>(&update)) on_executions(*executions, now);
}

// ---- calls ----------------------------------------------------------------------------------------------

std::uint64_t LiveAccount::call(PrivateCall what, Subject subject, const std::string& id, Purpose purpose) {
  const std::uint64_t number = ++calls_;
  asked_[number] = Asked{subject, id};
  const bool is_change = changes_orders(what.method);
  const bool is_urgent = subject == Subject::query || subject == Subject::token;
  out_.calls.push_back(LiveCall{number, std::move(what), purpose, is_change, is_urgent});
  return number;
}

void LiveAccount::on_read(std::uint64_t number, const Result<std::string>& body, Time now) {
  now_ = std::max(now_, now);
  const auto found = asked_.find(number);
  if (found == asked_.end()) return;
  const Asked asked = found->second;
  asked_.erase(found);
  if (!body && is_refusal_of_key(body.error())) on_refusal(body.error().what, false);
  if (body) on_welcome(false);
  switch (asked.subject) {
    case Subject::token: {
      auto token = body ? parse_ws_token(*body) : Result<WsToken>(body.error());
      if (!token) {
        connection_ = Connection::down;
        connect_at_ = now_ + std::max(Duration{token_retry}, backoff_.on_closed(now_));
        note(Notify::Level::warning, "no token for the private stream: " + token.error().what);
        return;
      }
      token_ = std::move(token->token);
      connection_ = Connection::connecting;
      out_.connect = true;
      return;
    }
    case Subject::reading:
      if (number == reading_call_) on_reading(body, now_);
      return;
    case Subject::query:
      on_query(asked.id, body, now_);
      return;
    case Subject::place:
    case Subject::cancel:
    case Subject::amend:
      return;
  }
}

void LiveAccount::on_sent(std::uint64_t number, const HttpOutcome& outcome, Time now) {
  now_ = std::max(now_, now);
  const auto found = asked_.find(number);
  if (found == asked_.end()) return;
  const Asked asked = found->second;
  asked_.erase(found);
  Line* line = find(asked.id);
  if (line == nullptr) return;
  const Copies copies = line->copies > 1 ? Copies::maybe_more : Copies::one;
  if (asked.subject == Subject::place) return on_answer("P" + asked.id, fate_of_place(outcome, copies), now_);
  on_answer((asked.subject == Subject::cancel ? "C" : "A") + asked.id, fate_of_change(outcome, Copies::one), now_);
}

// ---- what others ask ------------------------------------------------------------------------------------

std::string LiveAccount::entries_blocked(InstrumentId instrument, Time now) const {
  if (is_second_user_) return "somebody else trades with our ids";
  if (!refused_.empty()) return "the venue refuses the key: " + refused_;
  if (connection_ != Connection::open || !stream_.is_synced()) return "no private stream";
  if (!is_reconciled_) return "not reconciled yet";
  if (now - passed_at_ > options_.pass_age_max) return "the account could not be read for ten minutes";
  if (system_ != "online") return "the venue is " + system_;
  if (is_clock_off()) return "our clock is off";
  if (knew_skew_ && !skew_) return "our clock was not compared for ten minutes";
  const LivePair& pair = pair_of(instrument);
  for (const auto& [id, line] : lines_) {
    const bool is_doubtful = line.state == OrderState::unknown || line.state == OrderState::quarantined ||
                             line.state == OrderState::settling;
    if (line.order.instrument != instrument || is_terminal(line.state)) continue;
    if (is_doubtful || line.doubted_at.ns != 0) return "an order of the pair is undecided";
    // A stop of the position before would be taken for the one of the next.
    if (line.wants_cancel && is_exit(line)) return "a stop or exit of the pair is being taken off";
  }
  if (!baselines_.contains(pair.symbol.base) || !baselines_.contains(pair.symbol.quote)) {
    return "the starting balance is being taken";
  }
  for (const auto& [asset, seen] : unexplained_) {
    const bool is_ours = asset == pair.symbol.base || asset == pair.symbol.quote;
    if (is_ours && seen.readings > 1) return "the balance of " + asset + " is not explained";
  }
  if (!is_permitted_) return std::string(entries_stopped);   // last: what else is wrong is worth more
  if (!counter_.has_room(now, to_string(pair.symbol), 1, Purpose::ordinary)) return "no room in the rate counter";
  return {};
}

std::size_t LiveAccount::undecided() const {
  std::size_t count = 0;
  for (const auto& [id, line] : lines_) {
    count += line.state == OrderState::unknown || line.state == OrderState::quarantined ||
                     line.state == OrderState::settling
                 ? 1U
                 : 0U;
  }
  return count;
}

bool LiveAccount::is_quiet() const {
  if (!asked_.empty() || reading_) return false;
  return std::none_of(lines_.begin(), lines_.end(), [](const auto& entry) {
    const Line& line = entry.second;
    const bool waits = line.state == OrderState::journaled || line.state == OrderState::in_flight ||
                       line.pending != PendingState::none;
    return !is_terminal(line.state) && waits;
  });
}

OrderState LiveAccount::state_of(const ClientOrderId& id) const {
  const auto found = lines_.find(options_.id_text(id));
  return found == lines_.end() ? OrderState::denied : found->second.state;
}

void LiveAccount::note(Notify::Level level, std::string text) {
  out_.notes.push_back(Notify{level, "kraken: " + std::move(text)});
}

/// The key, its rights or the account need a person. Entries wait; protection and exits are tried all the same.
void LiveAccount::on_refusal(const std::string& why, bool by_order) {
  if (refused_.empty()) {
    note(Notify::Level::critical, "the venue refuses the key, entries are stopped: " + why);
    history_due_ = std::min(history_due_, now_ + seconds{1});   // so that a person is told how far it goes
  }
  refused_ = why;
  is_refused_by_order_ = is_refused_by_order_ || by_order;
}

/// The venue answers again: proof for what a read was refused, and after a whole reading for an order as well.
void LiveAccount::on_welcome(bool is_whole) {
  if (refused_.empty() || (is_refused_by_order_ && !is_whole)) return;
  refused_.clear();
  is_refused_by_order_ = false;
  note(Notify::Level::warning, "the venue takes the key again");
}

const LivePair& LiveAccount::pair_of(InstrumentId instrument) const {
  for (const LivePair& pair : options_.pairs) {
    if (pair.instrument == instrument) return pair;
  }
  AITRADE_CHECK(false && "an order of a pair that is not configured");
  return options_.pairs.front();
}

LiveAccount::Line* LiveAccount::find(std::string_view id_text) {
  const auto found = lines_.find(std::string(id_text));
  return found == lines_.end() ? nullptr : &found->second;
}

LiveAccount::Line* LiveAccount::find_by_venue(const std::string& venue_id) {
  const auto found = by_venue_.find(venue_id);
  return found == by_venue_.end() ? nullptr : find(found->second);
}

}  // namespace aitrade::kraken
