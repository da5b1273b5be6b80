// Are large orders shown in the book only to be taken back?
//
// Follows the large levels of a book from the moment they appear. One that is taken back within ten
// seconds, without a trade at or through its price, is a retraction; two of the same price within a minute
// are spoofing. A level that was traded away, slid out of the visible depth or into it is none, and quotes
// that follow the market are at a price once: price moves look like nothing here. Trades may be told a
// second late, as venues send them on a channel of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ring.h"
#include "core/base/time.h"
#include "core/domain/book.h"

namespace aitrade {

class SpoofTracker {
 public:
  static constexpr Duration life_max = seconds{10};     // of a level that is taken back
  static constexpr Duration trade_delay = seconds{1};   // a trade may come this much after its book update
  static constexpr Duration window = seconds{60};       // between two retractions, and that it is held against
  static constexpr double left_max = 0.25;              // share of its peak at which a level counts as gone

  /// Follows books of at most `depth` levels a side.
  explicit SpoofTracker(std::size_t depth);

  /// Compares with the book before. `large` is the size in base units above which a level is followed.
  /// Times do not run backwards; the book is two-sided and uncrossed.
  void update(Time at, const BookLevels& book, double large);

  /// A trade of the instrument, at whatever side.
  void on_trade(Time at, Price price);

  /// The book was lost: what changes until the next one is unknown. Retractions are kept.
  void forget();

  [[nodiscard]] bool is_spoofed(Time now) const;

  /// How many retractions were counted in all.
  [[nodiscard]] std::uint64_t retractions() const { return retractions_; }

 private:
  // A level that is or was large. Gone ones wait for the trades that may explain them.
  struct Large {
    Price price;
    Quantity peak;
    Time since;
    Time gone_at;
    bool is_gone{false};
  };

  struct Retraction {
    Price price;
    Time at;
  };

  struct Book {
    std::vector<Level> before;
    std::array<Large, 32> large;
    std::size_t count{0};
    Ring<Retraction> retracted{64};  // of a minute at most, newest at back(0)
  };

  template <class Better>
  void update_side(Book& side, Time at, const std::vector<Level>& now, double large, Better better);
  template <class Hits>
  static void drop_traded(Book& side, Hits hits);
  void settle(Book& side, Time at);
  static void change(Book& side, Time at, const Level& level, Quantity before, double large);
  static void leave(Book& side, Time at, Price price, bool is_visible);
  static Large* find(Book& side, Price price);
  static void remove(Book& side, std::size_t i);

  std::size_t depth_;
  std::array<Book, 2> sides_;  // bid, ask
  std::uint64_t retractions_{0};
  std::optional<Time> spoofed_at_;
};

}  // namespace aitrade
