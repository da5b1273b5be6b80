#include "exchanges/loopback/exchange.h"

#include "core/net/http_server.h"
#include "exchanges/loopback/clock.h"
#include "exchanges/loopback/kraken_rest.h"
#include "exchanges/loopback/kraken_ws.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace aitrade::loopback {
namespace {

constexpr Duration heartbeat_every = seconds{1};
constexpr Duration wait_max = milliseconds{100};
constexpr Duration book_wall_min = milliseconds{50};  // at high speeds, books at most this often
constexpr std::int64_t warm_hours = 722;          // so that 60-minute candles have 720 closed rows
constexpr std::int64_t catch_up_max = 1'000'000;  // intervals in one go: far more than a suspend
constexpr std::uint16_t close_going_away = 1001;

using Steady = std::chrono::steady_clock;

ServerOptions server_options(std::uint16_t port) {
  ServerOptions options;
  options.port = port;
  options.browser_policy = false;  // it speaks for somebody else, with no browser in sight
  options.limits.requests_per_connection = 1'000'000;
  options.limits.ws_incoming_bytes = 1U << 20;
  options.limits.ws_queue_frames = 65'536;
  options.limits.ws_queue_bytes = std::size_t{64} << 20;
  options.limits.connections_per_address = 256;
  return options;
}

}  // namespace

class LoopbackExchange::Engine final : public HttpHandler {
 public:
  Engine(LoopbackOptions options, std::unique_ptr<MarketSource> source, Duration interval,
         Time start)
      : options_(std::move(options)),
        clock_(start, options_.speed),
        source_(std::move(source)),
        market_(interval, options_.synthetic ? options_.synthetic->seed : 1) {
    market_.set_now(start);
  }

  ~Engine() override { stop(); }

  Status open();
  void stop();

  // HttpHandler
  ServerResponse handle(const ServerRequest& request) override;
  std::unique_ptr<WsPeer> upgrade(const ServerRequest& request) override;

  Market& market() { return market_; }

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
  std::vector<std::size_t> subscriptions() const;

 private:
  class Peer;

  // A connection; outlives its peer object as long as frames are made for it.
  struct Client {
    KrakenSession session;
    std::shared_ptr<WsChannel> channel;
  };

  // A row of one pair that waits for its time.
  struct Due {
    std::size_t pair;
    Row row;
  };

  void run();
  void run_scaled();
  void run_stepped();
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
    return options_.speed > 0 && options_.speed <= detailed_speed_max;
  }

  [[nodiscard]] bool has_listener() const;
  ServerResponse control(const ServerRequest& request);

  void log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  LoopbackOptions options_;
  LoopbackClock clock_;

  mutable std::mutex mutex_;  // everything below
  mutable std::condition_variable changed_;
  std::unique_ptr<MarketSource> source_;
  Market market_;
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
  Steady::time_point book_at_{}, heartbeat_at_{};

  std::thread thread_;
  std::unique_ptr<HttpServer> server_;  // last: its threads use all of the above
};

// ---- connections
// --------------------------------------------------------------------------------------

class LoopbackExchange::Engine::Peer final : public WsPeer {
 public:
  explicit Peer(Engine& engine) : engine_(engine) {}

  void on_open(std::shared_ptr<WsChannel> channel) override {
    const std::lock_guard lock(engine_.mutex_);
    client_ = std::make_shared<Client>(
        Client{KrakenSession(engine_.next_connection_++), std::move(channel)});
    engine_.clients_.push_back(client_);
    client_->channel->send_text(client_->session.greeting(engine_.market_));
  }

  void on_text(std::string_view text) override {
    const std::lock_guard lock(engine_.mutex_);
    if (!client_) return;
    if (engine_.options_.speed > 0) engine_.advance(engine_.clock_.now());
    Frames frames = client_->session.on_text(text, engine_.market_);
    engine_.send(*client_, frames);
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
  return std::make_unique<Peer>(*this);
}

void LoopbackExchange::Engine::send(Client& client, Frames& frames) {
  for (std::string& frame : frames) {
    if (!client.channel->send_text(std::move(frame)))
      break;  // closed, or about to be: on_closed follows
  }
  frames.clear();
}

bool LoopbackExchange::Engine::has_listener() const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->session.wants_candles(); });
}

void LoopbackExchange::Engine::start_if_asked() {
  if (!clock_.is_started() && has_listener()) clock_.start();
}

// ---- life
// ---------------------------------------------------------------------------------------------

Status LoopbackExchange::Engine::open() {
  AITRADE_TRY(server_, HttpServer::start(server_options(options_.port), *this));
  if (options_.synthetic || !options_.start_on_subscribe) clock_.start();
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
  if (options_.speed > 0) {
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
    Duration span = wait_max;
    if (!due_.empty()) {
      span = std::min(span, clock_.wall_until(due_.front().row.at));
    } else if (has_interval_) {
      span = std::min(span, clock_.wall_until(current_open_ + market_.interval()));
    }
    changed_.wait_for(lock, std::max<Duration>(span, std::chrono::microseconds{50}));
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
      show(due_.front());
      due_.pop_front();
    }
    if (current_open_ + market_.interval() > now) break;
    close_interval();
  }
  market_.set_now(now);
  if (is_detailed()) refresh_books(now);
}

void LoopbackExchange::Engine::show(const Due& due) {
  const std::uint64_t trade_before = market_.pairs()[due.pair].next_trade_id;
  market_.show(due.pair, due.row);
  const ShownPair& pair = market_.pairs()[due.pair];
  Frames frames;
  for (const auto& client : clients_) {
    if (pair.next_trade_id != trade_before) {
      client->session.on_trade(due.pair, pair.trades.back(), market_, frames);
    }
    client->session.on_row(due.pair, market_, frames);
    send(*client, frames);
  }
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
  if (second == book_second_ || wall - book_at_ < book_wall_min) return;
  book_second_ = second;
  book_at_ = wall;
  Frames frames;
  for (std::size_t pair = 0; pair < market_.pairs().size(); ++pair) {
    market_.refresh_book(pair, second, pair < current_.size() ? current_[pair].spread : 0);
    for (const auto& client : clients_) {
      client->session.on_book(pair, market_, frames);
      send(*client, frames);
    }
  }
}

void LoopbackExchange::Engine::finish() {
  if (is_finished_) return;
  is_finished_ = true;
  log("tape.finished");
  changed_.notify_all();
}

void LoopbackExchange::Engine::send_heartbeats() {
  const auto now = Steady::now();
  if (now - heartbeat_at_ < heartbeat_every) return;
  heartbeat_at_ = now;
  for (const auto& client : clients_) {
    if (client->session.wants_heartbeat()) client->channel->send_text(heartbeat_frame());
  }
}

// ---- control
// ------------------------------------------------------------------------------------------

void LoopbackExchange::Engine::acknowledge(Time close) {
  {
    const std::lock_guard lock(mutex_);
    acknowledged_ = std::max(acknowledged_, close);
    while (!unacknowledged_.empty() && unacknowledged_.front() <= acknowledged_) {
      unacknowledged_.pop_front();
    }
  }
  changed_.notify_all();
}

std::size_t LoopbackExchange::Engine::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const auto& client : clients_)
    client->channel->close(close_going_away, "dropped");
  return clients_.size();
}

void LoopbackExchange::Engine::corrupt_next_checksum() {
  const std::lock_guard lock(mutex_);
  for (const auto& client : clients_)
    client->session.corrupt_next_checksum();
}

std::vector<std::size_t> LoopbackExchange::Engine::subscriptions() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> counts;
  for (const auto& client : clients_)
    counts.push_back(client->session.subscriptions());
  return counts;
}

ServerResponse LoopbackExchange::Engine::control(const ServerRequest& request) {
  ServerResponse response;
  if (request.path == "/_sim/clock") {
    const std::lock_guard lock(mutex_);
    response.body = "{\"now_ns\":" + std::to_string(clock_.now().ns) +
                    ",\"speed\":" + volume_text(options_.speed) +
                    ",\"running\":" + (clock_.is_started() ? "true" : "false") +
                    ",\"finished\":" + (is_finished_ ? "true" : "false") + "}";
    return response;
  }
  if (request.path == "/_sim/ack" && request.method == "POST") {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(request.body.data(), request.body.size());
    if (!document.HasParseError() && document.IsObject()) {
      const auto close = document.FindMember("close_ns");
      if (close != document.MemberEnd() && close->value.IsInt64()) {
        acknowledge(Time{close->value.GetInt64()});
        response.body = "{}";
        return response;
      }
    }
    response.status = 400;
    response.body = "{\"error\":\"close_ns missing\"}";
    return response;
  }
  if (request.path == "/_sim/drop" && request.method == "POST") {
    response.body = "{\"dropped\":" + std::to_string(drop_connections()) + "}";
    return response;
  }
  response.status = 404;
  response.body = "{\"error\":\"unknown control\"}";
  return response;
}

ServerResponse LoopbackExchange::Engine::handle(const ServerRequest& request) {
  constexpr std::string_view prefix = "/0/public/";
  if (request.path.starts_with("/_sim")) return control(request);
  ServerResponse response;
  if (!request.path.starts_with(prefix)) {
    log("unimplemented: " + request.method + " " + request.path);
    response.body = kraken_error("EGeneral:Unknown method");
    return response;
  }
  const std::lock_guard lock(mutex_);
  if (clock_.is_started() && options_.speed > 0) advance(clock_.now());
  const std::string& query =
      request.query.empty() ? request.body : request.query;  // POST is accepted
  RestReply reply =
      kraken_public(std::string_view(request.path).substr(prefix.size()), query, market_);
  if (!reply.is_known) log("unimplemented: " + request.method + " " + request.path);
  response.body = std::move(reply.body);
  return response;
}

// ---- the public face
// ----------------------------------------------------------------------------------

Result<std::unique_ptr<LoopbackExchange>> LoopbackExchange::start(LoopbackOptions options) {
  const bool has_tapes = !options.tapes.empty();
  if (has_tapes == options.synthetic.has_value()) {
    return fail(ErrorCode::invalid,
                "a loopback exchange needs tapes or a synthetic market, and not both");
  }
  if (!(options.speed >= 0) || options.speed > 1e9)
    return fail(ErrorCode::invalid, "speed is out of range");
  std::unique_ptr<Engine> engine;
  if (has_tapes) {
    AITRADE_TRY(const Duration interval, check_tapes(options.tapes));
    auto source = std::make_unique<TapeSource>(std::move(options.tapes), interval);
    const TapeSource& tapes = *source;
    const Time first = tapes.first_open();
    options.tapes.clear();
    engine = std::make_unique<Engine>(std::move(options), std::move(source), interval, first);
    for (const Tape& tape : tapes.tapes())
      engine->market().add(tape.symbol, tape.candles.front().open);
  } else {
    const Synthetic& made = *options.synthetic;
    if (made.symbols.empty()) return fail(ErrorCode::invalid, "a synthetic market needs pairs");
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const Time start =
        made.start.ns != 0 ? made.start : Time{std::chrono::duration_cast<Duration>(wall).count()};
    const Time first = floor_to(start - hours{warm_hours}, hours{1});
    auto source = std::make_unique<SyntheticSource>(made.seed, made.symbols, made.interval, first);
    const std::vector<Symbol> symbols = made.symbols;
    const Duration interval = made.interval;
    engine = std::make_unique<Engine>(std::move(options), std::move(source), interval, start);
    for (const Symbol& symbol : symbols) {
      const auto price = Price::from_double(synthetic_pair(symbol).price, Rounding::half_even);
      engine->market().add(symbol, price.value_or(Price::from_raw(Price::scale)));
    }
    engine->warm(start);
  }
  AITRADE_TRY_STATUS(engine->open());
  return std::unique_ptr<LoopbackExchange>(new LoopbackExchange(std::move(engine)));
}

LoopbackExchange::LoopbackExchange(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

LoopbackExchange::~LoopbackExchange() = default;

std::uint16_t LoopbackExchange::port() const {
  return engine_->port();
}

std::string LoopbackExchange::rest_url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

std::string LoopbackExchange::ws_url() const {
  return "ws://127.0.0.1:" + std::to_string(port()) + "/v2";
}

Clock& LoopbackExchange::clock() {
  return engine_->clock();
}

double LoopbackExchange::speed() const {
  return engine_->speed();
}

Duration LoopbackExchange::interval() const {
  return engine_->interval();
}

bool LoopbackExchange::finished() const {
  return engine_->finished();
}

bool LoopbackExchange::wait_finished(Duration timeout) const {
  return engine_->wait_finished(timeout);
}

void LoopbackExchange::acknowledge(Time candle_close) {
  engine_->acknowledge(candle_close);
}

std::size_t LoopbackExchange::drop_connections() {
  return engine_->drop_connections();
}

void LoopbackExchange::corrupt_next_checksum() {
  engine_->corrupt_next_checksum();
}

std::vector<std::size_t> LoopbackExchange::subscriptions() const {
  return engine_->subscriptions();
}

void LoopbackExchange::stop() {
  engine_->stop();
}

}  // namespace aitrade::loopback
