// What to say on the market data connection, and what its frames mean for us.
//
// The subscription state machine, without I/O: it is given frames and the time and answers with
// frames to send, updates, and when it wants to be called again. The time here is for durations
// only and must be monotonic; it is not the time of candles. Invariants:
//   1. A top of book is reported only from a book whose checksum agreed.
//   2. `ready` comes once per connection, when every candle subscription is acknowledged.
//   3. A lost connection is reported as `down` in the call that learns of it, once.
#pragma once

#include "core/base/time.h"
#include "core/market/book_analysis.h"
#include "core/market/order_book.h"
#include "exchanges/kraken/codec.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aitrade::kraken {

struct FeedOptions {
  std::vector<std::string> symbols;  // WS v2 names, in the configured order
  Duration interval{minutes{1}};     // of the base candles
  bool book{true};                   // else quotes come from the ticker
  bool quotes{true};                 // false: neither of them
  int book_depth{10};                // one of the venue's: 10, 25, 100, 500, 1000
  bool trades{false};
  std::optional<BookAnalysisOptions> analysis;  // analyse the books, for which trades are followed too
  Duration ack_timeout{seconds{10}};
  Duration ping_after{seconds{5}};     // of silence
  Duration liveness{seconds{10}};      // of silence: the connection is dead (kraken.md 8.1)
  Duration crossed_limit{seconds{2}};  // a book crossed for longer is invalid (reliability.md 7.1)
  Duration mismatch_window{minutes{5}};  // mismatches_max checksums within it: reconnect
  int mismatches_max{3};
};

// ---- what it reports. `pair` is a position in FeedOptions::symbols.
// ------------------------------------

/// All candle subscriptions stand; `since` is the venue's time of the earliest: every interval that
/// ends later is seen by this connection, every earlier one must be fetched.
struct FeedReady {
  std::optional<Time> since;
};

struct FeedLost {
  std::string why;
};

struct CandleRow {
  std::size_t pair{0};
  Candle candle;
};

struct TopChanged {
  std::size_t pair{0};
  BookTop top;
};

/// The book of a pair is not to be trusted until the next TopChanged.
struct BookLost {
  std::size_t pair{0};
  std::string why;
};

struct TradeSeen {
  std::size_t pair{0};
  TradeRow trade;
};

/// The venue does not serve this symbol; the rest goes on without it.
struct SymbolRefused {
  std::size_t pair{0};
  std::string why;
};

struct SystemChanged {
  std::string system;
};

/// The answer to a ping() of the owner: every earlier frame has been seen.
struct PongSeen {
  std::uint64_t id{0};
};

using FeedUpdate = std::variant<FeedReady, FeedLost, CandleRow, TopChanged, BookLost, TradeSeen,
                                SymbolRefused, SystemChanged, PongSeen>;

struct FeedOutput {
  std::vector<std::string> send;
  std::vector<FeedUpdate> updates;
  Time wake_at{};         // call on_timer then; zero when not connected
  bool reconnect{false};  // close this connection and open another
};

class Feed {
 public:
  explicit Feed(FeedOptions options);

  FeedOutput on_open(Time now);
  FeedOutput on_text(std::string_view text, Time now);
  FeedOutput on_timer(Time now);
  FeedOutput on_closed(Time now, std::string_view why);

  /// Returns a frame whose answer is reported as PongSeen with the id that is returned beside it.
  std::pair<std::string, std::uint64_t> barrier();

  [[nodiscard]] bool is_open() const { return is_open_; }

  [[nodiscard]] bool is_ready() const { return is_ready_; }

  /// Best bid and ask of a pair's good book.
  [[nodiscard]] const std::optional<BookTop>& top(std::size_t pair) const { return pairs_[pair].top; }

  /// When the newest good message for the book of a pair came; zero before the first.
  [[nodiscard]] Time book_at(std::size_t pair) const { return pairs_[pair].book_at; }

  /// What the book of a pair says; nothing while it settles, is lost, or analysis is off.
  [[nodiscard]] std::optional<BookAnalysis> analysis(std::size_t pair, Time now) const;

  /// Frames that could not be read.
  [[nodiscard]] std::uint64_t bad_frames() const { return bad_frames_; }

  [[nodiscard]] std::uint64_t checksum_mismatches() const { return mismatches_total_; }

  /// Book messages after which the checksum agreed.
  [[nodiscard]] std::uint64_t checksums_good() const { return checksums_good_; }

  /// How many subscribe requests stand, by channel: one each in a healthy state.
  [[nodiscard]] const std::map<std::string, int>& subscriptions() const { return subscriptions_; }

 private:
  // A symbol of a subscribe request that has not been answered.
  struct Pending {
    std::uint64_t req_id;
    std::string channel;
    std::size_t pair;  // symbols.size() for a channel without symbols
    Time deadline;
  };

  struct PairState {
    std::optional<OrderBook> book;
    std::optional<BookAnalyzer> analyzer;  // outlives a connection: it knows the pair's usual sizes
    int price_decimals{-1}, quantity_decimals{-1};
    std::optional<BookTop> top;
    std::optional<Time> crossed_since;
    Time book_at;
    bool is_refused{false};
    bool has_candles{false};  // acknowledged
    bool book_ended{false};   // an unsubscribe is under way
  };

  void handle(const StatusMessage& message, FeedOutput& out);
  void handle(const AckMessage& message, FeedOutput& out);
  void handle(const InstrumentMessage& message, Time now, FeedOutput& out);
  void handle(const OhlcMessage& message, FeedOutput& out);
  void handle(const BookMessage& message, Time now, FeedOutput& out);
  void handle(const TickerMessage& message, FeedOutput& out);
  void handle(const TradeMessage& message, Time now, FeedOutput& out);

  void subscribe(const std::string& channel, const std::vector<std::size_t>& pairs, Time now,
                 FeedOutput& out);
  void resubscribe_book(std::size_t pair, const std::string& why, Time now, FeedOutput& out);
  void report_top(std::size_t pair, const std::optional<BookTop>& top, FeedOutput& out);
  void refuse(std::size_t pair, const std::string& why, FeedOutput& out);
  void check_ready(FeedOutput& out);
  void lose(std::string why, FeedOutput& out);
  static void distrust_book(PairState& state);
  [[nodiscard]] Subscription subscription(const std::string& channel,
                                          const std::vector<std::size_t>& pairs) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view symbol) const;
  [[nodiscard]] std::vector<std::size_t> live_pairs() const;
  [[nodiscard]] Time next_wake() const;

  FeedOptions options_;
  std::vector<PairState> pairs_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<Pending> pending_;
  std::map<std::string, int> subscriptions_;
  std::vector<Time> mismatches_;  // of the last mismatch_window
  std::optional<Time> since_;     // earliest time_in of the candle acks
  Time last_frame_;
  Time pinged_at_;
  std::uint64_t next_id_{1};
  bool is_open_{false};
  bool is_ready_{false};
  bool has_instruments_{false};
  std::uint64_t bad_frames_{0};
  std::uint64_t mismatches_total_{0};
  std::uint64_t checksums_good_{0};
};

}  // namespace aitrade::kraken
