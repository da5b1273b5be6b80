// The market that the loopback exchange shows: pairs, candles, trades, a book; at one moment of its
// time.
//
// Fed interval by interval by a source (a tape or the synthetic market) and moved forward row by
// row. Pure but for memory: no sockets, no clock, no threads. What REST and WebSocket answer is
// computed from here, so they always agree.
#pragma once

#include "core/base/result.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "exchanges/loopback/fees.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

/// A trade inside an interval: the forming candle just after it.
struct Row {
  Time at;
  Candle so_far;
  double quantity{0};
  bool is_buy{false};
};

/// One interval of one pair. Without rows nothing was traded.
struct Interval {
  std::optional<Candle> candle;  // as the tape has it; flat when nothing was traded
  std::vector<Row> rows;         // in time; the last one has the final candle
  double spread{0};              // 0: two ticks
};

/// Where candles come from.
class MarketSource {
 public:
  virtual ~MarketSource() = default;

  /// Makes the next interval, one entry a pair; false when there is none. `detailed` asks for rows
  /// inside the interval, else one final row a pair is enough.
  virtual bool next(Time& open, std::vector<Interval>& out, bool detailed) = 0;
};

/// A recorded trade as the exchange shows it.
struct ShownTrade {
  Price price;
  Quantity quantity;
  Time at;
  bool is_buy{false};
  std::uint64_t id{0};
};

/// A fall (negative: a rise) by a part of the price, and the way back: the first tenth of the span
/// goes there, the rest comes back.
struct Crash {
  Time from;
  Duration span{0};
  std::int64_t depth_ppm{0};  // parts per million of the price
};

struct ShownPair {
  Symbol symbol;
  Instrument rules;
  std::string canonical, altname, wsname;  // XXBTZUSD, XBTUSD, XBT/USD
  std::string base_asset, quote_asset;     // XXBT, ZUSD
  int price_decimals{0};
  std::string status{"online"};  // or cancel_only, post_only, limit_only
  std::vector<Candle> closed;  // base interval, oldest first, as the source gave them
  std::optional<Candle> forming;
  std::deque<ShownTrade> trades;  // newest last
  std::uint64_t next_trade_id{1};
  BookLevels book;
  std::int64_t book_second{0};  // for which the book was made
  double spread{0};
  std::int64_t level_ppm{1'000'000};  // what the source's prices are multiplied with
  Crash crash;
  bool is_bent{false};  // the forming candle is not the source's
};

class Market {
 public:
  static constexpr std::size_t trades_max = 1000;
  static constexpr std::size_t book_levels = 100;  // per side
  static constexpr int decimals_of_quantity = 8;

  Market(Duration interval, std::uint64_t seed) : interval_(interval), seed_(seed) {}

  /// Adds a pair; `reference` is a price it trades at.
  void add(const Symbol& symbol, Price reference);

  [[nodiscard]] const std::vector<ShownPair>& pairs() const { return pairs_; }

  /// Finds by any name: canonical, altname, wsname, BASE/QUOTE.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  [[nodiscard]] Duration interval() const { return interval_; }

  [[nodiscard]] Time now() const { return now_; }

  /// Moves the time; never back.
  void set_now(Time now) {
    if (now > now_) now_ = now;
  }

  /// State of the whole venue: online, maintenance, cancel_only, post_only.
  [[nodiscard]] const std::string& system() const { return system_; }

  void set_system(std::string state) { system_ = std::move(state); }

  void set_pair_status(std::size_t pair, std::string status) {
    pairs_[pair].status = std::move(status);
  }

  /// How far the clock that clients are told is ahead of the real one.
  [[nodiscard]] Duration skew() const { return skew_; }

  void set_skew(Duration skew) { skew_ = skew; }

  [[nodiscard]] const FeeLadder& fees() const { return fees_; }

  void set_fees(FeeLadder fees) { fees_ = std::move(fees); }

  /// Takes a quantity from the best level of a side; it is gone until the book is made anew.
  void take_best(std::size_t pair, Side book_side, Quantity quantity);

  /// Shows a row: it becomes the forming candle, and a trade.
  void show(std::size_t pair, const Row& row);

  /// Ends an interval: its candle joins the closed ones.
  void close(std::size_t pair, const Candle& candle);

  /// Multiplies all prices to come: a gap that stays. `ppm` 1'000'000: as the source brings them.
  void set_level(std::size_t pair, std::int64_t ppm) { pairs_[pair].level_ppm = ppm; }

  void set_crash(std::size_t pair, Crash crash) { pairs_[pair].crash = crash; }

  /// Prints one trade at any price.
  void print(std::size_t pair, Price price, Quantity quantity, bool is_buy, Time at);

  /// Changes what orders of a pair have to keep to.
  void set_rules(std::size_t pair, Price tick, Quantity minimum, Money minimum_notional);

  /// Makes the book of a pair anew around its last price for this second.
  void refresh_book(std::size_t pair, std::int64_t second, double spread);

  /// Returns the last traded price; zero before the first.
  [[nodiscard]] Price last_price(std::size_t pair) const;

  /// Returns up to `count` newest candles of `interval` (a multiple of the base) at the market's
  /// time, the last one forming; silent intervals are flat with volume 0, as REST shows them.
  [[nodiscard]] std::vector<Candle> candles(std::size_t pair, Duration interval,
                                            std::size_t count) const;

  /// Returns the forming candle of `interval`, or nothing when it has no trade.
  [[nodiscard]] std::optional<Candle> forming(std::size_t pair, Duration interval) const;

 private:
  Candle bent(ShownPair& pair, const Row& row) const;
  Candle bent_close(ShownPair& pair, const Candle& candle) const;

  Duration interval_;
  std::uint64_t seed_;
  Time now_;
  std::vector<ShownPair> pairs_;
  FeeLadder fees_;
  std::string system_{"online"};
  Duration skew_{0};
};

/// Returns the venue's id of a currency: ZUSD, XXBT, SOL.
std::string asset_id(const Currency& currency);

/// Returns exact decimal text with at least `places` decimals.
std::string price_text(Price price, int places);
std::string quantity_text(Quantity quantity, int places);

/// Returns a statistic with eight decimals when that is exact, else in shortest round-trip form.
std::string volume_text(double volume);

}  // namespace aitrade::loopback
