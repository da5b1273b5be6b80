// What does the order book of one instrument look like after this message?
//
// Takes a snapshot and then updates, keeps the best `depth` levels of each side, and proves itself
// with the venue's CRC-32 (kraken.md 8.4). It is invalid until a snapshot whose checksum agrees,
// and again after the first message whose checksum does not: an invalid book has no top, never a
// stale one.
#pragma once

#include "core/domain/book.h"
#include "core/market/crc32.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

class OrderBook {
 public:
  static constexpr std::size_t checksum_levels = 10;   // per side, whatever the depth
  static constexpr std::size_t imbalance_levels = 10;  // per side

  /// Makes an empty, invalid book of `depth` levels a side whose checksum text has the given
  /// decimals.
  OrderBook(std::size_t depth, int price_decimals, int quantity_decimals);

  /// Replaces everything; returns whether the book is now valid.
  ///
  /// Levels may come in any order; later entries of one price win; quantity 0 means absent. Without
  /// a checksum (a venue that sends none) the structure alone decides. A crossed book is kept and
  /// reported by is_crossed().
  bool snapshot(std::span<const Level> bids, std::span<const Level> asks,
                std::optional<std::uint32_t> checksum);

  /// Applies all changes in order, truncates to the depth, then checks; returns whether it is
  /// valid.
  ///
  /// On an invalid book the changes are ignored: only a snapshot heals it.
  bool update(std::span<const Level> bids, std::span<const Level> asks,
              std::optional<std::uint32_t> checksum);

  /// Forgets all levels; invalid until the next good snapshot.
  void invalidate();

  [[nodiscard]] bool is_valid() const { return is_valid_; }

  /// Whether best bid >= best ask.
  [[nodiscard]] bool is_crossed() const;

  /// Returns best bid and ask with the imbalance of ten levels, rounded to four decimals; nothing
  /// when the book is invalid, has an empty side or is crossed.
  [[nodiscard]] std::optional<BookTop> top() const;

  /// Returns (bid depth - ask depth) / (bid depth + ask depth) of the best ten levels, in base
  /// units, within [-1, 1]; 0 for an empty book.
  [[nodiscard]] double imbalance() const;

  [[nodiscard]] const BookLevels& levels() const { return levels_; }

  /// Returns the text under the checksum: asks rising, then bids falling, price and quantity digits
  /// without point and leading zeros.
  [[nodiscard]] std::string checksum_text() const;

  [[nodiscard]] std::uint32_t checksum() const;

 private:
  /// The digits of one level under the checksum, kept because most levels outlive a message.
  struct Digits {
    std::array<char, 39> text;   // two numbers of 64 bits
    std::uint8_t size{0};
  };

  /// The text under the checksum, without memory of its own on the heap.
  struct Text {
    std::array<char, (2 * checksum_levels + 1) * sizeof(Digits::text)> bytes;
    std::size_t size{0};

    [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
  };

  template <class Better>
  void apply(std::vector<Level>& side, std::vector<Digits>& digits, const Level& level, Better better);
  [[nodiscard]] Digits digits_of(const Level& level) const;
  void write(Text& text) const;
  bool settle(std::optional<std::uint32_t> expected);

  std::size_t depth_;
  std::int64_t price_unit_;     // raw price per last printed digit
  std::int64_t quantity_unit_;  // raw quantity per last printed digit
  BookLevels levels_;
  std::vector<Digits> bid_digits_;   // of levels_.bids, one each
  std::vector<Digits> ask_digits_;
  bool is_valid_{false};
};

}  // namespace aitrade
