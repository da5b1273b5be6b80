// A local exchange over real sockets: Kraken's REST and WebSocket v2, public and private.
//
// The real adapter, and any third-party client, talks to it unchanged. Prices come from recorded
// candles or the seeded synthetic market; time is its own (clock.h, decision 24). A tape does not
// begin before the first candle subscription, so that nobody misses its first candle. At speed 0 it
// steps one interval at a time and never runs further ahead of acknowledge() than a window.
//
// Control, beside the venue's paths (JSON): GET /_sim/clock, orders, fills, balances, journal,
// faults; POST /_sim/ack {"close_ns":N}, drop, advance {"ms":N}, faults, reset {"seed":N}, do
// {"action":...,"args":{...}}.
#pragma once

#include "core/base/result.h"
#include "core/ports/clock.h"
#include "exchanges/loopback/books.h"
#include "exchanges/loopback/faults.h"
#include "exchanges/loopback/fees.h"
#include "exchanges/loopback/private_venue.h"
#include "exchanges/loopback/source.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

/// The seeded market.
struct Synthetic {
  std::uint64_t seed{1};
  std::vector<Symbol> symbols;
  Duration interval{minutes{1}};
  Time start;  // the exchange's time when it opens; zero: the system's
  /// Past candles made before it opens; short ones open in a millisecond. 722 hours are enough for
  /// 720 closed candles of an hour. The market of a seed depends on it.
  Duration history{std::chrono::hours{722}};
};

struct LoopbackOptions {
  std::vector<Tape> tapes;  // one of these two
  std::optional<Synthetic> synthetic;
  double speed{1};                            // 0: as fast as acknowledged
  std::uint16_t port{0};                      // 0: any free one
  int window{64};                             // steps ahead of acknowledge(), at speed 0
  Duration books_at_most_every{milliseconds{50}};   // of the wall: a book is made anew each second, or less often
  bool start_on_subscribe{true};              // of a tape; false: it runs from the beginning
  bool manual_clock{false};                   // moved by advance_by() alone; speed is not used
  AccountOptions account;                     // without a key nobody can trade
  std::optional<FaultPlan> faults;
  std::optional<FeeLadder> fees;              // empty: the venue's published ones
  std::function<void(std::string_view)> log;  // one line each; empty: none
};

/// Thread-safe after start().
class LoopbackExchange {
 public:
  /// Detail inside candles, ticker and book are shown up to this speed; above only final rows.
  static constexpr double detailed_speed_max = 600;

  /// Errors: busy when the port is taken; invalid for a bad tape or contradictory options.
  static Result<std::unique_ptr<LoopbackExchange>> start(LoopbackOptions options);
  ~LoopbackExchange();
  LoopbackExchange(const LoopbackExchange&) = delete;
  LoopbackExchange& operator=(const LoopbackExchange&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string rest_url() const;
  [[nodiscard]] std::string ws_url() const;

  /// The exchange's time; lives as long as the exchange.
  [[nodiscard]] Clock& clock();

  [[nodiscard]] double speed() const;

  /// Interval of its base candles.
  [[nodiscard]] Duration interval() const;

  /// The last row of the tape has been sent; see MarketFeed's flush().
  [[nodiscard]] bool finished() const;

  /// Waits until finished(), at most `timeout`; returns whether it is.
  [[nodiscard]] bool wait_finished(Duration timeout) const;

  /// Everything up to this candle close time is handled by the client (speed 0).
  void acknowledge(Time candle_close);

  /// Cuts every WebSocket without a closing handshake's courtesy; returns how many.
  std::size_t drop_connections();

  /// Spoils the checksum of the next book frame of every connection.
  void corrupt_next_checksum();

  /// Returns how many frames of books the open connections were sent.
  [[nodiscard]] std::uint64_t books_shown() const;

  /// Returns how many subscriptions stand on each open connection.
  [[nodiscard]] std::vector<std::size_t> subscriptions() const;

  /// Moves a clock that is moved by hand: everything due happens, each at its time.
  void advance_by(Duration span);

  /// Runs `use` on the account under the exchange's lock, then tells clients what it caused.
  void with_venue(const std::function<void(PrivateVenue&, Time)>& use);

  /// The account's books as the exchange itself knows them at this moment (books.h).
  [[nodiscard]] PrivateBooks private_books();

  void stop();

 private:
  class Engine;
  explicit LoopbackExchange(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace aitrade::loopback
