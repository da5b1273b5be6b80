// The machinery behind LoopbackExchange: connections, time, the market and the account under one
// lock. Internal to exchanges/loopback.
#pragma once

#include "core/net/http_server.h"
#include "exchanges/loopback/clock.h"
#include "exchanges/loopback/exchange.h"
#include "exchanges/loopback/faults.h"
#include "exchanges/loopback/kraken_rest.h"
#include "exchanges/loopback/kraken_ws.h"
#include "exchanges/loopback/private_session.h"
#include "exchanges/loopback/private_venue.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace aitrade::loopback {

class LoopbackExchange::Engine final : public HttpHandler {
 public:
  Engine(LoopbackOptions options, std::unique_ptr<MarketSource> source, Duration interval,
         Time start)
      : options_(std::move(options)),
        clock_(start, options_.speed),
        source_(std::move(source)),
        market_(interval, options_.synthetic ? options_.synthetic->seed : 1),
        venue_(options_.account, market_, start),
        faults_(options_.faults.value_or(FaultPlan())),
        started_(start) {
    market_.set_now(start);
    if (options_.fees) market_.set_fees(*options_.fees);
  }

  ~Engine() override { stop(); }

  Status open();
  void stop();

  // HttpHandler
  ServerResponse handle(const ServerRequest& request) override;
  std::unique_ptr<WsPeer> upgrade(const ServerRequest& request) override;

  Market& market() { return market_; }

  /// Runs `use` under the lock and tells what it caused.
  void with_venue(const std::function<void(PrivateVenue&, Time)>& use);

  /// Moves a clock that is moved by hand.
  void advance_by(Duration span);

  void warm(Time until);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  LoopbackClock& clock() { return clock_; }

  [[nodiscard]] double speed() const { return options_.speed; }

  [[nodiscard]] Duration interval() const { return market_.interval(); }

  bool finished() const {
    const std::lock_guard lock(mutex_);
    return is_finished_;
  }

  bool wait_finished(Duration timeout) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return is_finished_; });
  }

  void acknowledge(Time close);
  std::size_t drop_connections();
  void corrupt_next_checksum();
  std::uint64_t books_shown() const;
  std::vector<std::size_t> subscriptions() const;

 private:
  class Peer;

  // A connection; outlives its peer object as long as frames are made for it.
  struct Client {
    KrakenSession session;
    PrivateSession account;
    std::shared_ptr<WsChannel> channel;
    Time opened;
    Time muted_until, held_until;
    Time deaf_until;               // what it sends is not heard
    std::string swapped;           // goes out behind the next frame
    std::deque<std::string> held;  // frames that wait for held_until
    bool is_ended{false};          // cut already
  };

  // A frame that reaches its client late, or a request of the client's that reaches us late.
  struct LateFrame {
    Time at;
    std::weak_ptr<Client> client;
    std::string text;
    bool is_request{false};
  };

  // All calls are turned away for a while.
  struct Ban {
    Time until;
    Params arguments;
  };

  // Connections do not last for a while.
  struct Flap {
    Time until;
    Duration after{0};
  };

  // A request that reaches the engine late.
  struct Late {
    Time at;
    ServerRequest request;
  };

  // A row of one pair that waits for its time.
  struct Due {
    std::size_t pair;
    Row row;
  };

  void run();
  void run_scaled();
  void run_stepped();
  void run_manual();
  bool load_next();
  void advance(Time now);
  void show(const Due& due);
  void close_interval();
  void refresh_books(Time now);
  void finish();
  void send_heartbeats();
  void send(Client& client, Frames& frames);
  void start_if_asked();

  [[nodiscard]] bool is_detailed() const {
    if (options_.manual_clock) return true;
    return options_.speed > 0 && options_.speed <= detailed_speed_max;
  }

  [[nodiscard]] bool has_listener() const;
  ServerResponse control(const ServerRequest& request);
  ServerResponse truth(const ServerRequest& request);
  ServerResponse command(const ServerRequest& request);
  ServerResponse serve(const ServerRequest& request);
  ServerResponse faulty(const ServerRequest& request, const FaultRule& rule);
  RestReply answer(const ServerRequest& request);
  ServerResponse banned() const;
  Status act(const std::string& action, const Params& arguments);
  void start_flapping(const Params& arguments);
  void tell_trade(std::size_t pair, Time at);
  const FaultRule* decide(std::string_view transport, std::string_view endpoint,
                          std::string_view text);
  void note(std::string_view transport, std::string_view endpoint, std::string_view request,
            std::string_view answer, std::string_view fault);
  void send_one(Client& client, std::string frame);
  void send_raw(Client& client, const std::string& frame, const std::string& kind);
  void push(Client& client, std::string frame);
  void release_held();
  [[nodiscard]] std::optional<Time> next_event() const;
  void catch_up();
  void settle(Time now);
  void publish(Time now);
  void deliver_late();
  void cut_flapping();
  void on_frame(const std::shared_ptr<Client>& client, std::string_view text);
  Frames answer_frame(Client& client, const WsRequest& request, std::string_view text);

  void log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  LoopbackOptions options_;
  LoopbackClock clock_;

  mutable std::mutex mutex_;  // everything below
  mutable std::condition_variable changed_;
  std::unique_ptr<MarketSource> source_;
  Market market_;
  PrivateVenue venue_;
  FaultPlan faults_;
  Time started_;
  int refusal_{0};  // HTTP status for the upgrade that was just refused
  std::vector<Late> late_;
  std::vector<LateFrame> late_frames_;
  Ban ban_;
  Flap flap_;
  std::vector<std::string> journal_;
  std::vector<OrderEvent> hidden_;  // of orders that nobody is to know yet
  std::vector<std::shared_ptr<Client>> clients_;
  std::uint64_t next_connection_{12'393'906'104'898'154'338U};  // above 2^63, as the venue's are

  bool has_interval_{false};  // `current_` is loaded
  Time current_open_;
  std::vector<Interval> current_;
  std::deque<Due> due_;  // rows of the current interval still to come
  bool is_finished_{false};
  bool is_stopping_{false};
  Time acknowledged_;
  std::deque<Time> unacknowledged_;  // close times of the steps sent, speed 0
  std::int64_t book_second_{0};
  std::chrono::steady_clock::time_point book_at_{}, heartbeat_at_{};
  Time heartbeat_time_;  // of the exchange, when the last one went out

  std::thread thread_;
  std::unique_ptr<HttpServer> server_;  // last: its threads use all of the above
};

}  // namespace aitrade::loopback
