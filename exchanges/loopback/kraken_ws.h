// One client of the loopback exchange on the venue's WebSocket v2.
//
// Sans-IO: text in, frames out (kraken.md 8). It knows what its client subscribed to and the book
// it was last shown, so that updates are true differences with true checksums. Frames are one
// symbol each, in the order of the market, as the venue sends them.
#pragma once

#include "exchanges/loopback/market.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade::loopback {

using Frames = std::vector<std::string>;

class KrakenSession {
 public:
  /// Makes a session; `connection_id` is shown to the client.
  explicit KrakenSession(std::uint64_t connection_id) : connection_id_(connection_id) {}

  /// Returns the frame that greets a client, and comes again when the system's state changes.
  [[nodiscard]] std::string greeting(const Market& market) const;

  /// Answers one frame of the client.
  Frames on_text(std::string_view text, const Market& market);

  /// A row was shown for the pair (see Market::show). `book_changed` says that its book was made
  /// anew.
  void on_row(std::size_t pair, const Market& market, Frames& out);

  /// A trade happened.
  void on_trade(std::size_t pair, const ShownTrade& trade, const Market& market, Frames& out);

  /// The book of a pair was made anew.
  void on_book(std::size_t pair, const Market& market, Frames& out);

  /// What orders of a pair keep to has changed.
  void on_rules(const Market& market, Frames& out) const;

  /// Whether heartbeats are due: anything is subscribed.
  [[nodiscard]] bool wants_heartbeat() const { return !subscriptions_.empty(); }

  [[nodiscard]] bool wants_candles() const;

  /// How many subscriptions stand, over all channels and pairs.
  [[nodiscard]] std::size_t subscriptions() const { return subscriptions_.size(); }

  /// Frames of books so far, snapshots among them.
  [[nodiscard]] std::uint64_t books_shown() const { return books_shown_; }

  /// Spoils the checksum of the next book frame: a fault for tests.
  void corrupt_next_checksum() { corrupt_next_ = true; }

 private:
  struct Topic {
    std::string channel;
    std::size_t pair;

    friend auto operator<=>(const Topic&, const Topic&) = default;
  };

  struct Subscription {
    int interval{0};   // minutes, of ohlc
    int depth{0};      // of book
    BookLevels shown;  // what the client has, of book
  };

  struct Request;

  void subscribe(const Request& request, const Market& market, Frames& out);
  void subscribe_one(const Request& request, const std::string& symbol, const Market& market,
                     Frames& acks, Frames& snapshots);
  void snapshot(const Topic& topic, Subscription& subscription, const Market& market, Frames& out);
  std::string book_frame(std::size_t pair, const Market& market, bool is_snapshot,
                         const BookLevels& changes, const BookLevels& whole);

  std::uint64_t connection_id_;
  std::map<Topic, Subscription> subscriptions_;
  bool has_instruments_{false};
  bool corrupt_next_{false};
  std::uint64_t books_shown_{0};
};

/// Returns {"channel":"heartbeat"}.
std::string heartbeat_frame();

}  // namespace aitrade::loopback
