// Connections and time of the loopback exchange.

#include "exchanges/loopback/exchange_engine.h"

#include <algorithm>
#include <cstdlib>

namespace aitrade::loopback {
namespace {

constexpr Duration heartbeat_every = seconds{1};
constexpr Duration heartbeat_wall_min = milliseconds{5};
constexpr Duration wait_max = milliseconds{100};
constexpr std::int64_t catch_up_max = 1'000'000;  // intervals in one go: far more than a suspend

using Steady = std::chrono::steady_clock;

ServerOptions server_options(std::uint16_t port) {
  ServerOptions options;
  options.port = port;
  options.browser_policy = false;  // it speaks for somebody else, with no browser in sight
  options.limits.requests_per_connection = 1'000'000;
  options.limits.ws_incoming_bytes = 1U << 20;
  options.limits.ws_incoming_per_second = 10'000;
  options.limits.ws_connections = 256;
  options.limits.ws_queue_frames = 65'536;
  options.limits.ws_queue_bytes = std::size_t{64} << 20;
  options.limits.connections_per_address = 256;
  return options;
}

}  // namespace

// ---- connections
// --------------------------------------------------------------------------------------

class LoopbackExchange::Engine::Peer final : public WsPeer {
 public:
  explicit Peer(Engine& engine) : engine_(engine) {}

  void on_open(std::shared_ptr<WsChannel> channel) override {
    const std::lock_guard lock(engine_.mutex_);
    client_ = std::make_shared<Client>(
        Client{KrakenSession(engine_.next_connection_++), {}, std::move(channel), {}, {}, {}, {},
               {}, {}});
    client_->opened = engine_.market_.now();
    engine_.clients_.push_back(client_);
    client_->channel->send_text(client_->session.greeting(engine_.market_));
  }

  void on_text(std::string_view text) override {
    const std::lock_guard lock(engine_.mutex_);
    if (!client_) return;
    engine_.on_frame(client_, text);
    engine_.start_if_asked();
    engine_.changed_.notify_all();
  }

  void on_closed(std::uint16_t) override {
    const std::lock_guard lock(engine_.mutex_);
    std::erase(engine_.clients_, client_);
    client_.reset();
  }

 private:
  Engine& engine_;
  std::shared_ptr<Client> client_;
};

std::unique_ptr<WsPeer> LoopbackExchange::Engine::upgrade(const ServerRequest& request) {
  if (request.path.starts_with("/_sim")) return nullptr;
  const std::lock_guard lock(mutex_);
  if (const FaultRule* rule = decide("connect", "", request.path)) {
    constexpr int unavailable = 503;
    const std::string status = rule->arguments.text("status");
    refusal_ = status.empty() ? unavailable : std::atoi(status.c_str());
    return nullptr;
  }
  return std::make_unique<Peer>(*this);
}

void LoopbackExchange::Engine::send(Client& client, Frames& frames) {
  for (std::string& frame : frames)
    send_one(client, std::move(frame));
  frames.clear();
}

bool LoopbackExchange::Engine::has_listener() const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->session.wants_candles(); });
}

void LoopbackExchange::Engine::start_if_asked() {
  if (!options_.manual_clock && !clock_.is_started() && has_listener()) clock_.start();
}

// ---- life
// ---------------------------------------------------------------------------------------------

Status LoopbackExchange::Engine::open() {
  AITRADE_TRY(server_, HttpServer::start(server_options(options_.port), *this));
  const bool runs = options_.synthetic || !options_.start_on_subscribe;
  if (runs && !options_.manual_clock) clock_.start();
  thread_ = std::thread([this] { run(); });
  return ok();
}

void LoopbackExchange::Engine::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  server_.reset();
}

void LoopbackExchange::Engine::warm(Time until) {
  while (load_next() && current_open_ + market_.interval() <= until)
    close_interval();
  market_.set_now(until);
  if (is_detailed()) refresh_books(until);
}

void LoopbackExchange::Engine::run() {
  if (options_.manual_clock) {
    run_manual();
  } else if (options_.speed > 0) {
    run_scaled();
  } else {
    run_stepped();
  }
}

void LoopbackExchange::Engine::run_scaled() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    send_heartbeats();
    if (!clock_.is_started()) {
      changed_.wait_for(lock, wait_max);
      continue;
    }
    advance(clock_.now());
    // Fast clocks have their heartbeats sooner.
    Duration span = std::clamp<Duration>(clock_.wall_until(heartbeat_time_ + heartbeat_every),
                                         heartbeat_wall_min, wait_max);
    if (!due_.empty()) {
      span = std::min(span, clock_.wall_until(due_.front().row.at));
    } else if (has_interval_) {
      span = std::min(span, clock_.wall_until(current_open_ + market_.interval()));
    }
    if (is_detailed() && options_.books_at_most_every < wait_max) {
      const Time second = Time::from_seconds(clock_.now().seconds_floor() + 1);
      span = std::min(span, std::max(clock_.wall_until(second), options_.books_at_most_every));
    }
    if (const auto timer = next_event()) span = std::min(span, clock_.wall_until(*timer));
    changed_.wait_for(lock, std::max<Duration>(span, std::chrono::microseconds{50}));
  }
}

// Time stands until somebody moves it; only heartbeats are the wall's.
void LoopbackExchange::Engine::run_manual() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    send_heartbeats();
    changed_.wait_for(lock, wait_max);
  }
}

void LoopbackExchange::Engine::run_stepped() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    send_heartbeats();
    const bool may_step =
        has_listener() && !is_finished_ &&
        unacknowledged_.size() < static_cast<std::size_t>(std::max(options_.window, 2));
    if (!may_step) {
      changed_.wait_for(lock, wait_max);
      continue;
    }
    if (!load_next()) {
      finish();
      continue;
    }
    const bool has_rows = !due_.empty();
    const Time end = current_open_ + market_.interval();
    advance(end);
    clock_.advance_to(end);
    if (has_rows) unacknowledged_.push_back(end);
  }
}

bool LoopbackExchange::Engine::load_next() {
  if (has_interval_) return true;
  if (!source_->next(current_open_, current_, is_detailed())) return false;
  has_interval_ = true;
  due_.clear();
  for (std::size_t pair = 0; pair < current_.size(); ++pair) {
    for (Row& row : current_[pair].rows)
      due_.push_back({pair, row});
  }
  std::stable_sort(due_.begin(), due_.end(),
                   [](const Due& a, const Due& b) { return a.row.at < b.row.at; });
  return true;
}

// Brings the market to `now`: everything that is due is shown and sent, in order.
void LoopbackExchange::Engine::advance(Time now) {
  for (std::int64_t i = 0; i < catch_up_max; ++i) {
    if (!load_next()) {
      finish();
      break;
    }
    while (!due_.empty() && due_.front().row.at <= now) {
      settle(due_.front().row.at);
      show(due_.front());
      due_.pop_front();
    }
    if (current_open_ + market_.interval() > now) break;
    settle(current_open_ + market_.interval());
    close_interval();
  }
  settle(now);
  market_.set_now(now);
  if (is_detailed()) refresh_books(now);
}

void LoopbackExchange::Engine::show(const Due& due) {
  const std::uint64_t trade_before = market_.pairs()[due.pair].next_trade_id;
  market_.show(due.pair, due.row);
  if (market_.pairs()[due.pair].next_trade_id != trade_before) {
    return tell_trade(due.pair, due.row.at);
  }
  Frames frames;
  for (const auto& client : clients_) {
    client->session.on_row(due.pair, market_, frames);
    send(*client, frames);
  }
}

// The newest trade of a pair reaches its listeners and the orders that it meets.
void LoopbackExchange::Engine::tell_trade(std::size_t index, Time at) {
  const ShownPair& pair = market_.pairs()[index];
  const ShownTrade trade = pair.trades.back();
  Frames frames;
  for (const auto& client : clients_) {
    client->session.on_trade(index, trade, market_, frames);
    client->session.on_row(index, market_, frames);
    send(*client, frames);
  }
  venue_.matching().on_trade(index, trade, at);
  publish(at);
}

void LoopbackExchange::Engine::close_interval() {
  for (std::size_t pair = 0; pair < current_.size(); ++pair) {
    if (current_[pair].candle) market_.close(pair, *current_[pair].candle);
  }
  market_.set_now(current_open_ + market_.interval());
  has_interval_ = false;
}

void LoopbackExchange::Engine::refresh_books(Time now) {
  const std::int64_t second = now.seconds_floor();
  const auto wall = Steady::now();
  const bool is_soon = !options_.manual_clock && wall - book_at_ < options_.books_at_most_every;
  if (second == book_second_ || is_soon) return;
  book_second_ = second;
  book_at_ = wall;
  Frames frames;
  for (std::size_t pair = 0; pair < market_.pairs().size(); ++pair) {
    market_.refresh_book(pair, second, pair < current_.size() ? current_[pair].spread : 0);
    for (const auto& client : clients_) {
      client->session.on_book(pair, market_, frames);
      send(*client, frames);
    }
    venue_.matching().on_book(pair, now);
  }
  publish(now);
}

void LoopbackExchange::Engine::finish() {
  if (is_finished_) return;
  is_finished_ = true;
  log("tape.finished");
  changed_.notify_all();
}

// Once a second of whichever clock is faster, so that clients who count the exchange's seconds hear
// them too.
void LoopbackExchange::Engine::send_heartbeats() {
  const auto wall = Steady::now();
  const Duration since = wall - heartbeat_at_;
  const bool is_fast = options_.speed > 0 && clock_.is_started();
  const bool is_second = (is_fast || options_.manual_clock) && since >= heartbeat_wall_min &&
                         market_.now() - heartbeat_time_ >= heartbeat_every;
  if (since < heartbeat_every && !is_second) return;
  heartbeat_at_ = wall;
  heartbeat_time_ = market_.now();
  for (const auto& client : clients_) {
    if (client->muted_until > market_.now()) continue;
    if (client->session.wants_heartbeat() || client->account.wants_heartbeat())
      client->channel->send_text(heartbeat_frame());
  }
}

}  // namespace aitrade::loopback
