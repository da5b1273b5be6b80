#include "exchanges/kraken/venue.h"

#include "core/net/http_client.h"
#include "core/net/ws_client.h"
#include "core/threads/priority.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

namespace aitrade::kraken {
namespace {

constexpr Duration look_every = milliseconds{100};   // how often the clock is asked without input
constexpr Duration look_least = milliseconds{1};

struct Opened {};

struct Frame {
  std::string text;
  Time receipt;
};

std::int64_t monotonic_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

/// What the latency of an order counts from.
struct Cause {
  std::int64_t received_ns{0};   // monotonic; 0: not a wish of the core
  Duration flush{0};             // what it waited for the journal meanwhile: not counted
};

/// A wish of the core with what caused it.
template <class Body>
struct Wish {
  Body body;
  Cause cause;
};

struct Answer {
  std::uint64_t number{0};
  std::variant<Result<std::string>, HttpOutcome> body;
};

using Input =
    std::variant<Opened, Frame, WsClosed, Answer, Wish<Order>, Wish<CancelOrder>, Wish<ReplaceOrder>>;

}  // namespace

class KrakenVenue::Pump {
 public:
  Pump(VenueOptions options, LiveMemory memory, Signer signer, Secret otp, NonceStore& nonces, const Clock& clock,
       Notifier& notifier, EventSink sink)
      : options_(std::move(options)),
        clock_(clock),
        notifier_(notifier),
        sink_(std::move(sink)),
        nonces_(nonces, signer.key_id()),
        http_(HttpClientOptions{"aitrade", options_.ca_file}),
        client_(options_.client, std::move(signer), std::move(otp), http_, nonces_, clock,
                [this](Duration span) { return wait(span); }),
        account_(options_.account, std::move(memory), clock.now()) {
    WsEvents events;
    events.on_open = [this] { push(Opened{}); };
    events.on_text = [this](std::string_view text, Time receipt) { push(Frame{std::string(text), receipt}); };
    events.on_closed = [this](const WsClosed& closed) {
      forget_writes();
      push(closed);
    };
    events.on_written = [this] { on_written(); };
    WsClientOptions ws;
    ws.now = [this] { return clock_.now(); };
    ws.ca_file = options_.ca_file;
    ws_ = std::make_unique<WsClient>(std::move(events), std::move(ws));
  }

  ~Pump() { stop(Duration{0}); }

  void start() {
    orders_.thread = std::thread([this] {
      wake_promptly();
      call_all(orders_);
    });
    reads_.thread = std::thread([this] { call_all(reads_); });
    looks_.thread = std::thread([this] { call_all(looks_); });
    thread_ = std::thread([this] {
      wake_promptly();
      run();
    });
  }

  void push(Input input) {
    {
      const std::lock_guard lock(mutex_);
      inputs_.push_back(std::move(input));
    }
    arrived_.notify_one();
  }

  void permit_entries(bool is_permitted) {
    const std::lock_guard lock(account_mutex_);   // frames are written under it: what is not yet out stays in
    account_.permit_entries(is_permitted);
  }

  /// Both: the engine's thread, which asks for orders.
  void note_flush(const FlushSpan& span) { flushes_.add(span); }

  [[nodiscard]] Cause cause_of(Time received) const {
    const double ago = static_cast<double>((clock_.now() - received).count()) / std::max(1.0, options_.clock_speed);
    const std::int64_t received_ns = monotonic_ns() - static_cast<std::int64_t>(ago);
    return {received_ns, flushes_.waited_since(received_ns)};
  }

  void set_skew(std::optional<Duration> skew) {
    const std::lock_guard lock(account_mutex_);
    account_.set_skew(skew);
  }

  Result<std::string> adopt(const std::string& asset, std::string_view who) {
    const std::lock_guard lock(account_mutex_);   // the event leaves with the next look of the venue's thread
    AITRADE_TRY(const Decimal amount, account_.adopt(asset, who, clock_.now()));
    return to_string(amount);
  }

  VenueHealth health() const {
    const std::lock_guard lock(account_mutex_);
    VenueHealth out;
    out.is_synced = account_.is_synced();
    out.is_reconciled = account_.is_reconciled();
    out.is_refused = account_.is_refused();
    out.is_clock_off = account_.is_clock_off();
    out.undecided = account_.undecided();
    out.foreign_orders = account_.foreign_orders();
    out.orders_sent = orders_sent_;
    out.latency = latency_.summary();
    if (!options_.account.pairs.empty()) {
      out.blocked = account_.entries_blocked(options_.account.pairs.front().instrument, clock_.now());
    }
    return out;
  }

  void stop(Duration limit) {
    if (!thread_.joinable()) return;
    permit_entries(false);
    const auto end = std::chrono::steady_clock::now() + limit;
    {
      std::unique_lock lock(mutex_);
      quiet_.wait_until(lock, end, [this] { return is_quiet_ && inputs_.empty(); });
      is_stopping_ = true;
    }
    arrived_.notify_all();
    stop_waits_.notify_all();
    for (CallQueue* queue : {&orders_, &reads_, &looks_}) {
      {
        const std::lock_guard lock(queue->mutex);   // its caller is waiting, or has yet to look
      }
      queue->called.notify_all();
    }
    thread_.join();
    orders_.thread.join();
    reads_.thread.join();
    looks_.thread.join();
    ws_.reset();
  }

 private:
  void run() {
    while (true) {
      std::deque<Input> inputs;
      {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, time_to_wake(), [this] { return is_stopping_ || !inputs_.empty(); });
        if (is_stopping_) return;
        inputs.swap(inputs_);
      }
      const std::lock_guard lock(account_mutex_);
      for (Input& input : inputs) {
        cause_ = Cause{};
        received_ = Time{};
        handle(input);
        act();
      }
      cause_ = Cause{};
      received_ = Time{};
      account_.on_wake(clock_.now());
      act();
      wake_at_ = account_.wake_at();
      const bool is_quiet = account_.is_quiet();
      {
        const std::lock_guard queue(mutex_);
        is_quiet_ = is_quiet;
      }
      if (is_quiet) quiet_.notify_all();
    }
  }

  std::chrono::nanoseconds time_to_wake() const {
    const Duration left = wake_at_ - clock_.now();
    const double real = static_cast<double>(left.count()) / std::max(1.0, options_.clock_speed);
    return std::clamp(Duration{static_cast<std::int64_t>(real)}, Duration{look_least}, Duration{look_every});
  }

  void handle(Input& input) {
    const Time now = clock_.now();
    if (std::holds_alternative<Opened>(input)) return account_.on_open(now);
    if (const auto* frame = std::get_if<Frame>(&input)) {
      received_ = frame->receipt;
      return account_.on_text(frame->text, now);
    }
    if (const auto* closed = std::get_if<WsClosed>(&input)) return account_.on_closed(closed->reason.what, now);
    if (const auto* order = std::get_if<Wish<Order>>(&input)) {
      cause_ = order->cause;
      return account_.submit(order->body, now);
    }
    if (const auto* cancel = std::get_if<Wish<CancelOrder>>(&input)) {
      cause_ = cancel->cause;
      return account_.cancel(cancel->body, now);
    }
    if (const auto* replace = std::get_if<Wish<ReplaceOrder>>(&input)) {
      cause_ = replace->cause;
      return account_.replace(replace->body, now);
    }
    auto& answer = std::get<Answer>(input);
    if (const auto* outcome = std::get_if<HttpOutcome>(&answer.body)) {
      return account_.on_sent(answer.number, *outcome, now);
    }
    account_.on_read(answer.number, std::get<Result<std::string>>(answer.body), now);
  }

  /// Does what the account asks for.
  void act() {
    LiveOutput out = account_.take();
    if (out.connect) {
      WsConnect target;
      target.url = options_.ws_url;
      ws_->connect(target);
    }
    // A frame that finds no connection is followed by on_closed, which leaves its request in doubt.
    for (std::string& frame : out.frames) {
      if (send(std::move(frame))) ++orders_sent_;
    }
    if (out.drop) ws_->close();
    for (LiveCall& call : out.calls) {
      CallQueue& queue = call.is_change ? orders_ : call.is_urgent ? looks_ : reads_;
      {
        const std::lock_guard lock(queue.mutex);
        queue.calls.push_back(std::move(call));
      }
      queue.called.notify_one();
    }
    for (EventBody& body : out.events) {
      Event event;
      event.at = event.when = received_.ns != 0 ? received_ : clock_.now();
      event.body = std::move(body);
      sink_(std::move(event));
    }
    for (const Notify& note : out.notes) notifier_.notify(note);
  }

  /// Sends a frame; one that a wish of the core caused counts in the latency once it is written.
  bool send(std::string frame) {
    const std::lock_guard lock(writes_mutex_);   // in the order in which they are queued
    if (!ws_->send(std::move(frame))) return false;
    writes_.push_back(cause_);
    return true;
  }

  void on_written() {
    const std::lock_guard lock(writes_mutex_);
    if (writes_.empty()) return;
    const Cause cause = writes_.front();
    writes_.pop_front();
    if (cause.received_ns == 0) return;
    latency_.record(Duration{monotonic_ns() - cause.received_ns} - cause.flush);
  }

  void forget_writes() {
    const std::lock_guard lock(writes_mutex_);
    writes_.clear();
  }

  /// Calls one after another. Reads may wait for the venue's counter or hang; orders never wait behind them, nor does a
  /// look at a single order wait behind a reading of all that has no room.
  struct CallQueue {
    std::mutex mutex;
    std::condition_variable called;
    std::deque<LiveCall> calls;
    std::thread thread;
  };

  void call_all(CallQueue& queue) {
    while (true) {
      LiveCall call;
      {
        std::unique_lock lock(queue.mutex);
        queue.called.wait(lock, [&] { return is_stopping() || !queue.calls.empty(); });
        if (is_stopping()) return;
        call = std::move(queue.calls.front());
        queue.calls.pop_front();
      }
      if (call.is_change) {
        push(Answer{call.number, client_.send(call.call, call.purpose)});
      } else {
        push(Answer{call.number, client_.read(call.call, call.purpose)});
      }
    }
  }

  bool is_stopping() const {
    const std::lock_guard lock(mutex_);
    return is_stopping_;
  }

  /// Sleeps for a span of the clock; false when the venue is stopping. Of the calling thread.
  bool wait(Duration span) {
    const double real = static_cast<double>(span.count()) / std::max(1.0, options_.clock_speed);
    std::unique_lock lock(mutex_);
    return !stop_waits_.wait_for(lock, Duration{static_cast<std::int64_t>(real)}, [this] { return is_stopping_; });
  }

  VenueOptions options_;
  const Clock& clock_;
  Notifier& notifier_;
  EventSink sink_;
  NonceSource nonces_;
  HttpClient http_;
  PrivateClient client_;
  std::unique_ptr<WsClient> ws_;

  mutable std::mutex account_mutex_;   // guards the account and what it sends
  LiveAccount account_;
  std::uint64_t orders_sent_{0};
  Time wake_at_;                       // the venue's thread
  Cause cause_;                        // the venue's thread: of the wish in hand
  Time received_;                      // the venue's thread: of the frame in hand; zero: none

  FlushSpans flushes_;                 // the engine's thread: of the journal, before the wishes that come

  std::mutex writes_mutex_;            // taken under account_mutex_ or alone
  std::deque<Cause> writes_;           // guarded: of each frame that is being written
  LatencyHistogram latency_;

  mutable std::mutex mutex_;           // guards the inputs
  std::condition_variable arrived_, quiet_, stop_waits_;
  std::deque<Input> inputs_;
  bool is_quiet_{true};
  bool is_stopping_{false};

  CallQueue orders_, reads_, looks_;
  std::thread thread_;
};

KrakenVenue::KrakenVenue(VenueOptions options, LiveMemory memory, Signer signer, Secret otp, NonceStore& nonces,
                         const Clock& clock, Notifier& notifier, EventSink sink)
    : pump_(std::make_unique<Pump>(std::move(options), std::move(memory), std::move(signer), std::move(otp), nonces,
                                   clock, notifier, std::move(sink))) {}

KrakenVenue::~KrakenVenue() = default;

void KrakenVenue::start() { pump_->start(); }

void KrakenVenue::stop(Duration limit) { pump_->stop(limit); }

void KrakenVenue::submit(const Order& order, Time received) {
  pump_->push(Wish<Order>{order, pump_->cause_of(received)});
}

void KrakenVenue::cancel(const CancelOrder& cancel, Time received) {
  pump_->push(Wish<CancelOrder>{cancel, pump_->cause_of(received)});
}

void KrakenVenue::replace(const ReplaceOrder& replace, Time received) {
  pump_->push(Wish<ReplaceOrder>{replace, pump_->cause_of(received)});
}

void KrakenVenue::note_flush(const FlushSpan& span) { pump_->note_flush(span); }

void KrakenVenue::permit_entries(bool is_permitted) { pump_->permit_entries(is_permitted); }

void KrakenVenue::set_skew(std::optional<Duration> skew) { pump_->set_skew(skew); }

VenueHealth KrakenVenue::health() const { return pump_->health(); }

Result<std::string> KrakenVenue::adopt(const std::string& asset, std::string_view who) { return pump_->adopt(asset, who); }

}  // namespace aitrade::kraken
