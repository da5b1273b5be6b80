// Where the daemon's market comes from: a venue, a loopback exchange next door, or one of its own.
//
// The real adapter speaks to all of them unchanged. What differs is the clock (decision 24) and whether
// the market can end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/config.h"
#include "core/ports/clock.h"
#include "exchanges/kraken/market_feed.h"
#include "exchanges/kraken/signer.h"
#include "exchanges/loopback/clock.h"
#include "exchanges/loopback/exchange.h"

namespace aitrade::cli {

/// The wall clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

struct MarketLinkOptions {
  std::vector<std::string> tapes;   // FILE or PAIR=FILE; one's own exchange plays them
  bool demo{false};                 // one's own exchange with a synthetic market
  double speed{1};                  // of one's own exchange; 0: as fast as acknowledged
  std::uint64_t seed{1};            // of the synthetic market
  bool live{false};                 // orders go to the exchange: the book is watched, one's own has an account
};

class MarketLink {
 public:
  /// Starts or finds the exchange and makes the feed; nothing is subscribed yet.
  ///
  /// Errors: invalid (bad tape, bad pair), busy, network (a remote loopback exchange does not answer)
  static Result<MarketLink> open(const Config& config, const MarketLinkOptions& options);

  [[nodiscard]] const Clock& clock() const { return *clock_; }

  kraken::KrakenFeed& feed() { return *feed_; }

  [[nodiscard]] const std::vector<Symbol>& symbols() const { return symbols_; }

  /// Interval of the base candles.
  [[nodiscard]] Duration interval() const { return interval_; }

  /// 1 for a real venue; 0 = as fast as acknowledged.
  [[nodiscard]] double speed() const { return speed_; }

  /// Whether the market has ended; a real venue never does.
  [[nodiscard]] bool finished() const;

  /// Tells an exchange that waits for it how far we are.
  void acknowledge(Time candle_close);

  /// Where REST is, and where the private WebSocket.
  [[nodiscard]] const std::string& rest_url() const { return rest_url_; }

  [[nodiscard]] const std::string& private_ws_url() const { return private_ws_url_; }

  /// The key of the account at one's own exchange; name and secret are made anew each time.
  [[nodiscard]] const std::optional<kraken::ApiKey>& own_key() const { return own_key_; }

  /// Names the exchange for people.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Stops the exchange of one's own, after the feed was stopped.
  void close();

 private:
  MarketLink() = default;
  Status open_own(const Config& config, const MarketLinkOptions& options);
  Status open_venue(const Config& config);
  void make_feed(const Config& config, const std::string& rest_url, const std::string& ws_url, bool loopback);

  std::unique_ptr<loopback::LoopbackExchange> own_;
  std::unique_ptr<loopback::RemoteClock> remote_;
  std::unique_ptr<SystemClock> system_;
  const Clock* clock_{nullptr};
  std::unique_ptr<kraken::KrakenFeed> feed_;
  std::vector<Symbol> symbols_;
  Duration interval_{minutes{1}};
  double speed_{1};
  bool is_tape_{false};
  bool is_live_{false};
  std::string name_, rest_url_, private_ws_url_;
  std::optional<kraken::ApiKey> own_key_;
};

}  // namespace aitrade::cli
