#include "cmd/market_link.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cmd/compose.h"
#include "cmd/tape_files.h"

namespace aitrade::cli {
namespace {

constexpr Duration loopback_skew_every{seconds{1}};   // of a real clock: an hour may pass in a minute there
constexpr Duration live_watermark{seconds{2}};   // after the end of an interval; reliability.md 7.3

std::string first_of(const std::string& configured, const char* fallback) {
  return configured.empty() ? fallback : configured;
}

bool is_loopback(const std::string& url) {
  return url.find("://127.0.0.1") != std::string::npos || url.find("://localhost") != std::string::npos ||
         url.find("://[::1]") != std::string::npos;
}

}  // namespace

Time SystemClock::now() const {
  return Time{std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds{1}};
}

Result<MarketLink> MarketLink::open(const Config& config, const MarketLinkOptions& options) {
  MarketLink link;
  link.is_live_ = options.live;
  if (options.demo || !options.tapes.empty()) {
    AITRADE_TRY_STATUS(link.open_own(config, options));
  } else {
    AITRADE_TRY_STATUS(link.open_venue(config));
  }
  return link;
}

Status MarketLink::open_own(const Config& config, const MarketLinkOptions& options) {
  loopback::LoopbackOptions exchange;
  exchange.speed = options.speed;
  AITRADE_TRY(exchange.tapes, read_tapes(options.tapes));
  for (const loopback::Tape& tape : exchange.tapes) symbols_.push_back(tape.symbol);
  if (options.demo) {
    loopback::Synthetic synthetic;
    synthetic.seed = options.seed;
    for (const std::string& pair : config.trading.pairs) {
      AITRADE_TRY(const Symbol symbol, Symbol::parse(pair));
      symbols_.push_back(symbol);
    }
    synthetic.symbols = symbols_;
    exchange.synthetic = std::move(synthetic);
  }
  if (options.live) {
    loopback::ApiKey key = loopback::random_key();
    own_key_ = kraken::ApiKey{key.id, key.secret};
    exchange.account.keys = {std::move(key)};
    const Currency quote = symbols_.empty() ? "USD" : symbols_.front().quote;
    exchange.account.deposits = {{quote, config.risk.initial_bankroll}};
    const VenueModels models = compose_models(config);   // it takes what the configuration reckons with
    exchange.fees = loopback::FeeLadder(models.maker_fee, models.taker_fee);
  }
  AITRADE_TRY(own_, loopback::LoopbackExchange::start(std::move(exchange)));
  is_tape_ = !options.demo;
  name_ = options.demo ? "synthetic market" : "tape";
  speed_ = options.speed;
  interval_ = own_->interval();
  clock_ = &own_->clock();
  rest_url_ = own_->rest_url();
  private_ws_url_ = own_->ws_url();
  make_feed(config, rest_url_, own_->ws_url(), true);
  return ok();
}

Status MarketLink::open_venue(const Config& config) {
  const ExchangeConfig& venue = config.venue("kraken");
  const std::string rest = first_of(venue.rest_url, "https://api.kraken.com");
  const std::string ws = first_of(venue.ws_url, "wss://ws.kraken.com/v2");
  for (const std::string& pair : config.trading.pairs) {
    AITRADE_TRY(const Symbol symbol, Symbol::parse(pair));
    symbols_.push_back(symbol);
  }
  name_ = "kraken";
  const bool loopback = is_loopback(rest);
  if (loopback) {
    AITRADE_TRY(remote_, loopback::RemoteClock::connect(rest));
    clock_ = remote_.get();
    speed_ = remote_->speed();
    is_tape_ = true;
    name_ = "loopback exchange";
  } else {
    system_ = std::make_unique<SystemClock>();
    clock_ = system_.get();
  }
  rest_url_ = rest;
  if (loopback != is_loopback(ws)) {   // a key must not travel to a place that is half meant
    return fail(ErrorCode::invalid, "exchange.kraken.rest_url and ws_url: one is on this machine, the other is not");
  }
  private_ws_url_ = first_of(venue.ws_auth_url, "wss://ws-auth.kraken.com/v2");
  if (loopback && !is_loopback(private_ws_url_)) private_ws_url_ = ws;   // one server speaks both there
  make_feed(config, rest, ws, loopback);
  return ok();
}

void MarketLink::make_feed(const Config& config, const std::string& rest_url, const std::string& ws_url,
                           bool loopback) {
  kraken::MarketFeedOptions options;
  options.rest_url = rest_url;
  options.ws_url = ws_url;
  options.interval = interval_;
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    options.pairs.push_back({InstrumentId{static_cast<std::uint32_t>(i)}, symbols_[i]});
  }
  // On a scaled clock two seconds of exchange time may be less than the way through a socket.
  options.watermark = speed_ == 0 ? Duration::max()
                                  : Duration{static_cast<std::int64_t>(
                                        static_cast<double>(live_watermark.count()) * std::max(1.0, speed_))};
  options.ordered_stream = loopback;
  options.quotes = !is_tape_ || is_live_;   // a candle tape carries no book (decision 24); its exchange makes one
  options.analysis.depth = static_cast<std::size_t>(config.ai.order_book_depth);
  options.analysis.whale_threshold = to_double(config.ai.whale_threshold_usd);
  options.analysis.age_max = seconds{config.ai.book_score_max_age_seconds};
  options.requests_per_second = std::min(1.0, config.venue("kraken").rate_limit_per_second);
  // A clock that is the exchange's own is off by nothing but by its faults, which matter to orders alone.
  if (loopback) options.skew_every = is_live_ && speed_ > 0 ? loopback_skew_every : Duration{0};
  feed_ = std::make_unique<kraken::KrakenFeed>(std::move(options), *clock_);
}

bool MarketLink::finished() const {
  if (own_) return own_->finished();
  return remote_ != nullptr && remote_->is_finished();
}

void MarketLink::acknowledge(Time candle_close) {
  if (speed_ != 0) return;
  if (own_) own_->acknowledge(candle_close);
  if (remote_) static_cast<void>(remote_->acknowledge(candle_close));  // a lost one is followed by the next
}

void MarketLink::close() {
  feed_.reset();
  if (own_) own_->stop();
}

}  // namespace aitrade::cli
