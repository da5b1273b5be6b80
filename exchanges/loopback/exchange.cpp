#include "exchanges/loopback/exchange.h"

#include "exchanges/loopback/exchange_engine.h"

#include <chrono>

namespace aitrade::loopback {
namespace {

constexpr Duration history_max = hours{24 * 366};

}  // namespace

Result<std::unique_ptr<LoopbackExchange>> LoopbackExchange::start(LoopbackOptions options) {
  const bool has_tapes = !options.tapes.empty();
  if (has_tapes == options.synthetic.has_value()) {
    return fail(ErrorCode::invalid,
                "a loopback exchange needs tapes or a synthetic market, and not both");
  }
  if (options.manual_clock) options.speed = 1;
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
    if (made.history < Duration{0} || made.history > history_max) {
      return fail(ErrorCode::invalid, "the history of a synthetic market is 0 to 366 days");
    }
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const Time start =
        made.start.ns != 0 ? made.start : Time{std::chrono::duration_cast<Duration>(wall).count()};
    const Time first = floor_to(start - made.history, hours{1});
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

std::uint64_t LoopbackExchange::books_shown() const {
  return engine_->books_shown();
}

std::vector<std::size_t> LoopbackExchange::subscriptions() const {
  return engine_->subscriptions();
}

void LoopbackExchange::advance_by(Duration span) {
  engine_->advance_by(span);
}

void LoopbackExchange::with_venue(const std::function<void(PrivateVenue&, Time)>& use) {
  engine_->with_venue(use);
}

PrivateBooks LoopbackExchange::private_books() {
  PrivateBooks out;
  engine_->with_venue([&](PrivateVenue& venue, Time now) { out = books_of(venue, now); });
  return out;
}

void LoopbackExchange::stop() {
  engine_->stop();
}

}  // namespace aitrade::loopback
