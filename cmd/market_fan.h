// One market for every engine: each gets its own copy of what comes, through its own mailbox.
//
// History is asked for once, however many engines warm up with it. An engine that left, hangs or does not keep up
// costs the others nothing: what it is given is queued up to a bound, and beyond that it is out. A market that waits
// for us (`--speed 0`) waits for the slowest engine that is still in.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "cmd/market_link.h"
#include "core/runtime/mailbox.h"

namespace aitrade::cli {

/// How one engine reads the market.
struct MarketReader {
  Mailbox* mailbox{nullptr};                        // borrowed; must outlive the fan's last event
  std::vector<std::optional<InstrumentId>> ids;     // its own, by those of the market; nothing: not traded there
  std::map<InstrumentId, Candle> known;             // by ids of the market: the stream goes on after these
  std::function<void()> too_slow;                   // it is out; called once, on the feed's thread
};

class MarketFan {
 public:
  /// `market` is borrowed and must outlive the fan.
  explicit MarketFan(MarketLink& market) : market_(market) {}

  /// Returns what the market remembers of a pair. Blocks; before start(). Errors: those of the feed.
  Result<std::vector<Candle>> history(const Symbol& symbol, Duration interval);

  /// Takes an engine in, before start(). Returns its number.
  std::size_t join(MarketReader reader);

  /// Begins to hand out events, after the oldest candle that an engine knows.
  void start();

  /// The engine needs nothing any more. Any thread.
  void leave(std::size_t engine);

  /// Says how far an engine has decided; once all have, the market is told. Any thread.
  void decided(std::size_t engine, Time close);

 private:
  struct Seat {
    MarketReader reader;
    Time known_until;   // close of the newest candle known of all its pairs
    Time decided;
    bool is_out{false};
  };

  void hand_out(Event&& event);
  void offer(std::size_t engine, const Event& event);
  void tell_market();

  MarketLink& market_;
  std::map<std::pair<std::string, Duration>, std::vector<Candle>> history_;
  std::mutex mutex_;   // guards what follows once events come
  std::vector<Seat> seats_;
  Time told_;
};

}  // namespace aitrade::cli
