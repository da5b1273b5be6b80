// The market data of one venue as events: connects, keeps connected, fetches what it missed.
//
// A thread owns the protocol object (feed.h), the candle stream and the REST client; the WebSocket
// hands it frames through a bounded queue. After each connection the candles missed meanwhile are
// fetched and delivered, marked as backfill, before FeedUp; a lost connection is FeedDown at once.
// Durations are measured with a monotonic clock, candles and receipt stamps with the Clock that is
// passed in, which on a tape is the exchange's (decision 24).
#pragma once

#include "core/base/result.h"
#include "core/domain/instrument.h"
#include "core/market/book_analysis.h"
#include "core/net/backoff.h"
#include "core/ports/clock.h"
#include "core/ports/feed.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aitrade::kraken {

struct FeedPair {
  InstrumentId instrument{};
  Symbol symbol;
};

struct MarketFeedOptions {
  std::string rest_url{"https://api.kraken.com"};
  std::string ws_url{"wss://ws.kraken.com/v2"};
  std::string ca_file;  // empty: the system's certificates
  VenueId venue{};
  std::vector<FeedPair> pairs;     // in the order in which simultaneous candles are delivered
  Duration interval{minutes{1}};   // of the base candles
  Duration watermark{seconds{2}};  // by the Clock: 2 s live, 2 s * speed on a tape, max at speed 0
  bool ordered_stream{false};      // a tape: a row of any pair closes earlier intervals of all
  bool book{true};                 // else quotes come from the ticker
  bool quotes{true};               // false drops both: no BookSummary
  BookAnalysisOptions analysis;    // of the book; its depth is subscribed, rounded up to one the venue has
  Duration summary_every{seconds{1}};
  double requests_per_second{1.0};   // public REST; not applied toward loopback
  Duration skew_every{seconds{60}};  // server time check; zero: off (the Clock is the exchange's)
  BackoffOptions backoff;            // between connections
  std::uint64_t seed{1};             // of the jitter
};

/// Counters for health pages and tests.
struct FeedHealth {
  bool is_up{false};
  std::uint64_t connections{0};
  std::uint64_t bad_frames{0};
  std::uint64_t checksum_mismatches{0};
  std::uint64_t checksums_good{0};   // book messages after which the venue's checksum agreed
  std::uint64_t late_rows{0};
  std::uint64_t backfilled{0};  // candles fetched after the fact
  int subscriptions_max{0};     // most subscriptions of one channel that stood at once
  std::string system;           // the venue's own status
  std::string last_error;
  std::optional<Duration> skew;  // venue time minus ours, within a second
};

class KrakenFeed final : public MarketFeed {
 public:
  /// `clock` is borrowed and must outlive the feed.
  KrakenFeed(MarketFeedOptions options, const Clock& clock);
  ~KrakenFeed() override;
  KrakenFeed(const KrakenFeed&) = delete;
  KrakenFeed& operator=(const KrakenFeed&) = delete;

  /// Returns the market rules of the configured pairs, in their order. Blocks; before start().
  ///
  /// Errors: not_found when the venue does not list one, network, timeout, busy
  Result<std::vector<Instrument>> instruments();

  /// Returns up to 720 newest closed candles, oldest first. Blocks; before start().
  ///
  /// For the base interval the stream continues after the last one, unless resume_after() says
  /// otherwise.
  Result<std::vector<Candle>> history(const Symbol& symbol, Duration interval);

  /// Continues after this candle: later ones are fetched and delivered as backfill. Before start().
  void resume_after(InstrumentId instrument, const Candle& last);

  void start(EventSink sink) override;
  void stop() override;

  /// Waits until every frame sent so far is handled, then closes every forming candle: the tape has
  /// ended. Any thread but the feed's. Errors: timeout.
  Status flush(Duration timeout);

  /// Sets how often a changed top of book is an event (decision 22). Any thread.
  void set_summary_interval(Duration every);

  /// Any thread.
  [[nodiscard]] FeedHealth health() const;

 private:
  class Pump;
  std::unique_ptr<Pump> pump_;
};

}  // namespace aitrade::kraken
