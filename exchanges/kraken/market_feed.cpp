#include "exchanges/kraken/market_feed.h"

#include "core/market/candle_stream.h"
#include "core/net/http_client.h"
#include "core/net/url.h"
#include "core/net/ws_client.h"
#include "core/threads/priority.h"
#include "exchanges/kraken/feed.h"
#include "exchanges/kraken/rest.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

namespace aitrade::kraken {
namespace {

constexpr Duration skew_age_max = minutes{10};   // of the newest comparison of the clocks
constexpr std::size_t queue_max = 262'144;         // frames waiting while a backfill runs
constexpr Duration idle_wait = milliseconds{200};  // how often the clock is asked without frames
constexpr int backfill_tries = 4;               // a venue commits a candle a moment after its end
constexpr std::uint16_t code_try_later = 1013;  // the venue has no market data now
constexpr Duration try_later_step = seconds{15};
constexpr Duration try_later_max = seconds{120};
constexpr Duration refresh_after = seconds{2};  // a summary for deeper levels alone (event.h)

struct Opened {};

struct Frame {
  std::string text;
  Time receipt;   // by the Clock
};

struct Flush {};

using Input = std::variant<Opened, Frame, WsClosed, Flush>;

Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<Duration>(since).count()};
}

/// The least depth the venue serves that holds this many levels (kraken.md 8.3).
int venue_depth(std::size_t levels) {
  for (const int depth : {10, 25, 100, 500}) {
    if (levels <= static_cast<std::size_t>(depth)) return depth;
  }
  return 1000;
}

FeedOptions protocol_options(const MarketFeedOptions& options) {
  FeedOptions out;
  for (const FeedPair& pair : options.pairs)
    out.symbols.push_back(to_string(pair.symbol));
  out.interval = options.interval;
  out.book = options.book;
  out.quotes = options.quotes;
  out.book_depth = venue_depth(options.analysis.depth);
  out.analysis = options.analysis;
  return out;
}

CandleStreamOptions stream_options(const MarketFeedOptions& options) {
  CandleStreamOptions out;
  for (const FeedPair& pair : options.pairs)
    out.instruments.push_back(pair.instrument);
  out.interval = options.interval;
  out.watermark = options.watermark;
  out.is_ordered = options.ordered_stream;
  return out;
}

}  // namespace

class KrakenFeed::Pump {
 public:
  Pump(MarketFeedOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        http_(HttpClientOptions{"aitrade", options_.ca_file}),
        rest_(RestOptions{options_.rest_url, options_.requests_per_second, 3}, http_,
              [this](Duration span) { return wait(span); }),
        protocol_(protocol_options(options_)),
        stream_(stream_options(options_)),
        backoff_(Random(options_.seed).fork("reconnect"), options_.backoff),
        tops_(options_.pairs.size()),
        summary_every_(options_.summary_every.count()) {}

  ~Pump() { stop(); }

  Result<std::vector<Instrument>> instruments();
  Result<std::vector<Candle>> history(const Symbol& symbol, Duration interval);
  void resume_after(InstrumentId instrument, const Candle& last);
  void start(EventSink sink);
  void stop();
  Status flush(Duration timeout);
  FeedHealth health() const;

  void set_summary_interval(Duration every) { summary_every_ = every.count(); }

 private:
  // A top of book that waits for its turn.
  struct PendingTop {
    std::optional<BookTop> changed;
    Time reported_at;  // monotonic
  };

  void push(Input input);
  bool wait(Duration span);
  void run();
  bool next_input(Input& input);
  void connect();
  void handle(Input& input);
  void on_closed(const WsClosed& closed);
  void apply(FeedOutput output);
  void apply_update(FeedUpdate& update);
  void on_ready(const FeedReady& ready);
  Status backfill(Time live_from);
  Status backfill_pair(std::size_t pair, Time live_from);
  Status load_symbols();
  void on_lost(const std::string& why);
  void finish_flush();
  void check_timers();
  void check_skew(Time now);
  void report_tops(Time now);
  void deliver();
  void send_event(EventBody body, Time when);
  Time stamp();

  MarketFeedOptions options_;
  const Clock& clock_;
  HttpClient http_;
  RestClient rest_;
  SymbolTable symbols_;
  Feed protocol_;
  CandleStream stream_;
  Backoff backoff_;
  std::unique_ptr<WsClient> ws_;
  EventSink sink_;
  std::vector<PendingTop> tops_;
  std::vector<std::optional<Candle>> resume_;
  std::vector<CandleRow> early_rows_;  // came before the gap was filled
  std::vector<Event> events_;          // reused
  Time last_at_;
  Time read_at_;   // receipt of the frame that is being handled, by the Clock; zero: none
  Time feed_wake_, connect_at_, skew_at_, skew_seen_;  // monotonic; zero: not set
  std::uint64_t flush_id_{0};
  bool is_up_{false};

  mutable std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::deque<Input> queue_;
  bool is_stopping_{false};
  bool overflowed_{false};
  std::uint64_t flushes_asked_{0}, flushes_done_{0};
  FeedHealth health_;

  std::atomic<std::int64_t> summary_every_;
  std::thread thread_;
};

// ---- before start
// -------------------------------------------------------------------------------------

Status KrakenFeed::Pump::load_symbols() {
  if (symbols_.size() > 0) return ok();
  AITRADE_TRY(auto pairs, rest_.asset_pairs());
  for (PairInfo& pair : pairs)
    symbols_.add(std::move(pair.names));
  return ok();
}

Result<std::vector<Instrument>> KrakenFeed::Pump::instruments() {
  AITRADE_TRY(const auto listed, rest_.asset_pairs());
  for (const PairInfo& info : listed)
    symbols_.add(info.names);
  std::vector<Instrument> out;
  for (const FeedPair& pair : options_.pairs) {
    const auto found = std::find_if(listed.begin(), listed.end(), [&](const PairInfo& info) {
      return info.names.symbol == pair.symbol;
    });
    if (found == listed.end()) {
      return fail(ErrorCode::not_found, "kraken does not list " + to_string(pair.symbol));
    }
    Instrument instrument;
    instrument.id = pair.instrument;
    instrument.venue = options_.venue;
    instrument.symbol = pair.symbol;
    instrument.tick = found->tick;
    instrument.lot = found->lot;
    instrument.minimum = found->minimum;
    instrument.minimum_notional = found->minimum_notional;
    instrument.maker_fee = found->maker_fee;
    instrument.taker_fee = found->taker_fee;
    out.push_back(std::move(instrument));
  }
  return out;
}

Result<std::vector<Candle>> KrakenFeed::Pump::history(const Symbol& symbol, Duration interval) {
  AITRADE_TRY_STATUS(load_symbols());
  const PairNames* names = symbols_.find(symbol);
  if (names == nullptr) {
    return fail(ErrorCode::not_found, "kraken does not list " + to_string(symbol));
  }
  AITRADE_TRY(OhlcAnswer answer, rest_.ohlc(names->altname, interval, std::nullopt));
  if (interval == options_.interval && !answer.candles.empty()) {
    for (const FeedPair& pair : options_.pairs) {
      if (pair.symbol == symbol) resume_after(pair.instrument, answer.candles.back());
    }
  }
  return std::move(answer.candles);
}

void KrakenFeed::Pump::resume_after(InstrumentId instrument, const Candle& last) {
  resume_.resize(options_.pairs.size());
  for (std::size_t i = 0; i < options_.pairs.size(); ++i) {
    if (options_.pairs[i].instrument == instrument) resume_[i] = last;
  }
}

void KrakenFeed::Pump::start(EventSink sink) {
  AITRADE_CHECK(!thread_.joinable());
  sink_ = std::move(sink);
  for (std::size_t i = 0; i < resume_.size(); ++i) {
    if (resume_[i]) stream_.resume_after(i, *resume_[i]);
  }
  WsEvents events;
  events.on_open = [this] { push(Opened{}); };
  events.on_text = [this](std::string_view text, Time receipt) { push(Frame{std::string(text), receipt}); };
  events.on_closed = [this](const WsClosed& closed) { push(closed); };
  ws_ = std::make_unique<WsClient>(std::move(events),
                                   WsClientOptions{"aitrade", options_.ca_file, 4U << 20, [this] { return clock_.now(); }});
  connect();
  thread_ = std::thread([this] {
    wake_promptly();
    run();
  });
}

void KrakenFeed::Pump::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  http_.cancel();
  if (thread_.joinable()) thread_.join();
  ws_.reset();
}

Status KrakenFeed::Pump::flush(Duration timeout) {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++flushes_asked_;
  queue_.push_back(Flush{});
  changed_.notify_all();
  const bool done =
      changed_.wait_for(lock, timeout, [&] { return flushes_done_ >= mine || is_stopping_; });
  if (!done || flushes_done_ < mine)
    return fail(ErrorCode::timeout, "kraken: the feed did not flush");
  return ok();
}

FeedHealth KrakenFeed::Pump::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

// ---- the loop
// -----------------------------------------------------------------------------------------

void KrakenFeed::Pump::push(Input input) {
  {
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<Frame>(input) && queue_.size() >= queue_max) {
      overflowed_ = true;  // seen by the loop, which drops the connection
      return;
    }
    queue_.push_back(std::move(input));
  }
  changed_.notify_all();
}

bool KrakenFeed::Pump::wait(Duration span) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, span, [this] { return is_stopping_; });
}

bool KrakenFeed::Pump::next_input(Input& input) {
  std::unique_lock lock(mutex_);
  Duration span = idle_wait;
  const Time now = steady_now();
  for (const Time due : {feed_wake_, connect_at_}) {
    if (due.ns != 0) span = std::clamp(due - now, Duration{0}, span);
  }
  changed_.wait_for(lock, span, [this] { return is_stopping_ || !queue_.empty(); });
  if (is_stopping_ || queue_.empty()) return false;
  input = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

void KrakenFeed::Pump::run() {
  for (;;) {
    Input input;
    const bool has_input = next_input(input);
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return;
    }
    if (has_input) handle(input);
    check_timers();
    deliver();
    read_at_ = Time{};
  }
}

void KrakenFeed::Pump::connect() {
  connect_at_ = Time{};
  WsConnect target;
  target.url = options_.ws_url;
  ws_->connect(target);
}

void KrakenFeed::Pump::handle(Input& input) {
  const Time now = steady_now();
  if (std::holds_alternative<Opened>(input)) {
    {
      const std::lock_guard lock(mutex_);
      ++health_.connections;
    }
    backoff_.on_open(now);
    apply(protocol_.on_open(now));
  } else if (const auto* frame = std::get_if<Frame>(&input)) {
    read_at_ = frame->receipt;
    apply(protocol_.on_text(frame->text, now));
  } else if (const auto* closed = std::get_if<WsClosed>(&input)) {
    on_closed(*closed);
  } else if (protocol_.is_open()) {
    auto [text, id] = protocol_.barrier();
    flush_id_ = id;
    if (!ws_->send(std::move(text))) finish_flush();
  } else {
    finish_flush();
  }
}

void KrakenFeed::Pump::on_closed(const WsClosed& closed) {
  const Time now = steady_now();
  const std::string why = closed.reason.what.empty() ? "closed with " + std::to_string(closed.code)
                                                     : closed.reason.what;
  apply(protocol_.on_closed(now, why));
  feed_wake_ = Time{};
  Duration delay = backoff_.on_closed(now);
  if (closed.code == code_try_later) {
    delay = std::min(try_later_step * std::max(backoff_.failures(), 1), try_later_max);
  }
  connect_at_ = now + delay;
  const std::lock_guard lock(mutex_);
  health_.last_error = why;
}

void KrakenFeed::Pump::apply(FeedOutput output) {
  feed_wake_ = output.wake_at;
  for (std::string& text : output.send) {
    if (!ws_->send(std::move(text))) output.reconnect = true;
  }
  for (FeedUpdate& update : output.updates)
    apply_update(update);
  if (output.reconnect) ws_->close();
  int most = 0;
  for (const auto& [channel, count] : protocol_.subscriptions())
    most = std::max(most, count);
  const std::lock_guard lock(mutex_);
  health_.bad_frames = protocol_.bad_frames();
  health_.checksum_mismatches = protocol_.checksum_mismatches();
  health_.checksums_good = protocol_.checksums_good();
  health_.subscriptions_max = std::max(health_.subscriptions_max, most);
}

void KrakenFeed::Pump::apply_update(FeedUpdate& update) {
  if (const auto* row = std::get_if<CandleRow>(&update)) {
    if (!stream_.is_live()) {
      early_rows_.push_back(*row);
    } else if (stream_.on_row(row->pair, row->candle) == RowResult::late) {
      const std::lock_guard lock(mutex_);
      ++health_.late_rows;
    }
  } else if (const auto* top = std::get_if<TopChanged>(&update)) {
    tops_[top->pair].changed = top->top;
  } else if (const auto* lost = std::get_if<BookLost>(&update)) {
    tops_[lost->pair].changed =
        BookTop{};  // not valid: whoever holds the old one must let go at once
    tops_[lost->pair].reported_at = Time{};
  } else if (const auto* ready = std::get_if<FeedReady>(&update)) {
    on_ready(*ready);
  } else if (const auto* down = std::get_if<FeedLost>(&update)) {
    on_lost(down->why);
  } else if (const auto* refused = std::get_if<SymbolRefused>(&update)) {
    stream_.drop(refused->pair);
    const std::lock_guard lock(mutex_);
    health_.last_error = to_string(options_.pairs[refused->pair].symbol) + ": " + refused->why;
  } else if (const auto* system = std::get_if<SystemChanged>(&update)) {
    const std::lock_guard lock(mutex_);
    health_.system = system->system;
  } else if (const auto* pong = std::get_if<PongSeen>(&update)) {
    if (flush_id_ != 0 && pong->id == flush_id_) finish_flush();
  }
}

void KrakenFeed::Pump::on_ready(const FeedReady& ready) {
  const Time live_from = floor_to(ready.since.value_or(clock_.now()), options_.interval);
  if (const Status filled = backfill(live_from); !filled) {
    // Without the missing candles the series would lie: better down, and another attempt.
    {
      const std::lock_guard lock(mutex_);
      health_.last_error = filled.error().what;
    }
    ws_->close();
    return;
  }
  stream_.go_live(live_from);
  deliver();
  is_up_ = true;
  send_event(FeedUp{options_.venue}, stamp());
  for (const CandleRow& row : early_rows_)
    stream_.on_row(row.pair, row.candle);
  early_rows_.clear();
  const std::lock_guard lock(mutex_);
  health_.is_up = true;
}

Status KrakenFeed::Pump::backfill(Time live_from) {
  for (std::size_t pair = 0; pair < options_.pairs.size(); ++pair) {
    const Time from = stream_.needs_from(pair);
    if (from.ns == 0 || from >= live_from) continue;
    AITRADE_TRY_STATUS(backfill_pair(pair, live_from));
  }
  return ok();
}

Status KrakenFeed::Pump::backfill_pair(std::size_t pair, Time live_from) {
  AITRADE_TRY_STATUS(load_symbols());
  const PairNames* names = symbols_.find(options_.pairs[pair].symbol);
  if (names == nullptr) return ok();  // refused on the stream as well
  const Time since = stream_.needs_from(pair) - options_.interval;
  for (int attempt = 0; attempt < backfill_tries; ++attempt) {
    if (attempt > 0 && !wait(milliseconds{250} * attempt)) {
      return fail(ErrorCode::timeout, "kraken: stopping");
    }
    AITRADE_TRY(const OhlcAnswer answer, rest_.ohlc(names->altname, options_.interval, since));
    std::uint64_t count = 0;
    for (const Candle& candle : answer.candles) {
      if (candle.close_time() > live_from) break;  // the stream will bring it
      if (stream_.on_fetched(pair, candle) == RowResult::applied) ++count;
    }
    {
      const std::lock_guard lock(mutex_);
      health_.backfilled += count;
    }
    if (stream_.needs_from(pair) >= live_from) return ok();
  }
  return ok();  // the venue has no more: what is missing counts as silence
}

void KrakenFeed::Pump::on_lost(const std::string& why) {
  stream_.cut();
  early_rows_.clear();
  for (PendingTop& top : tops_)
    top = PendingTop{};
  {
    const std::lock_guard lock(mutex_);
    health_.is_up = false;
    health_.last_error = why;
  }
  if (flush_id_ != 0) finish_flush();
  if (!is_up_) return;
  is_up_ = false;
  deliver();
  send_event(FeedDown{options_.venue}, stamp());
}

void KrakenFeed::Pump::finish_flush() {
  flush_id_ = 0;
  stream_.flush();
  deliver();
  {
    const std::lock_guard lock(mutex_);
    flushes_done_ = flushes_asked_;
  }
  changed_.notify_all();
}

void KrakenFeed::Pump::check_timers() {
  const Time now = steady_now();
  if (connect_at_.ns != 0 && now >= connect_at_) connect();
  if (feed_wake_.ns != 0 && now >= feed_wake_) apply(protocol_.on_timer(now));
  bool overflowed = false;
  {
    const std::lock_guard lock(mutex_);
    std::swap(overflowed, overflowed_);
  }
  if (overflowed) ws_->close();
  stream_.on_time(clock_.now());
  report_tops(now);
  check_skew(now);
}

void KrakenFeed::Pump::check_skew(Time now) {
  if (options_.skew_every.count() == 0 || !is_up_) return;
  if (skew_at_.ns != 0 && now < skew_at_) return;
  skew_at_ = now + options_.skew_every;
  const Time before = clock_.now();
  const auto server = rest_.time();
  if (!server) {   // an old estimate is none (reliability.md 1.3, clock_ok)
    const std::lock_guard lock(mutex_);
    if (skew_seen_.ns != 0 && now - skew_seen_ > skew_age_max) health_.skew.reset();
    return;
  }
  skew_seen_ = now;
  const Time middle = before + (clock_.now() - before) / 2;
  const std::lock_guard lock(mutex_);
  health_.skew = *server + milliseconds{500} - middle;  // the answer has whole seconds
}

void KrakenFeed::Pump::report_tops(Time now) {
  for (std::size_t pair = 0; pair < tops_.size(); ++pair) {
    PendingTop& top = tops_[pair];
    if (!is_up_) continue;
    if (!top.changed && top.reported_at.ns != 0 && now - top.reported_at >= refresh_after &&
        protocol_.book_at(pair) > top.reported_at) {
      top.changed = protocol_.top(pair);
    }
    if (!top.changed) continue;
    if (top.reported_at.ns != 0 && now - top.reported_at < Duration{summary_every_}) continue;
    BookSummary summary{options_.pairs[pair].instrument, *top.changed};
    if (summary.top.is_valid()) summary.analysis = protocol_.analysis(pair, now);
    send_event(std::move(summary), stamp());
    top.changed.reset();
    top.reported_at = now;
  }
}

Time KrakenFeed::Pump::stamp() {
  last_at_ = std::max(last_at_, read_at_.ns != 0 ? read_at_ : clock_.now());
  return last_at_;
}

void KrakenFeed::Pump::deliver() {
  events_.clear();
  stream_.release(stamp(), events_);
  for (Event& event : events_)
    sink_(std::move(event));
}

void KrakenFeed::Pump::send_event(EventBody body, Time when) {
  Event event;
  event.at = when;
  event.when = when;
  event.body = std::move(body);
  sink_(std::move(event));
}

// ---- the public face
// ----------------------------------------------------------------------------------

KrakenFeed::KrakenFeed(MarketFeedOptions options, const Clock& clock)
    : pump_(std::make_unique<Pump>(std::move(options), clock)) {}

KrakenFeed::~KrakenFeed() = default;

Result<std::vector<Instrument>> KrakenFeed::instruments() {
  return pump_->instruments();
}

Result<std::vector<Candle>> KrakenFeed::history(const Symbol& symbol, Duration interval) {
  return pump_->history(symbol, interval);
}

void KrakenFeed::resume_after(InstrumentId instrument, const Candle& last) {
  pump_->resume_after(instrument, last);
}

void KrakenFeed::start(EventSink sink) {
  pump_->start(std::move(sink));
}

void KrakenFeed::stop() {
  pump_->stop();
}

Status KrakenFeed::flush(Duration timeout) {
  return pump_->flush(timeout);
}

void KrakenFeed::set_summary_interval(Duration every) {
  pump_->set_summary_interval(every);
}

FeedHealth KrakenFeed::health() const {
  return pump_->health();
}

}  // namespace aitrade::kraken
