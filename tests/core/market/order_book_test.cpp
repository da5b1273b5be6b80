// The order book against hand-computed cases. The venue's own examples are in
// tests/exchanges/kraken.
#include "core/market/order_book.h"

#include <catch2/catch.hpp>
#include <zlib.h>

#include "core/base/random.h"

namespace aitrade {
namespace {

Level level(const char* price, const char* quantity) {
  return {Price::parse_or_die(price), Quantity::parse_or_die(quantity)};
}

std::vector<Level> bids() {
  return {level("100.0", "1"), level("99.9", "2")};
}

std::vector<Level> asks() {
  return {level("100.2", "1"), level("100.1", "3")};
}

}  // namespace

TEST_CASE("order book: crc32 has the published check value", "[market][book]") {
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(crc32("") == 0U);
}

TEST_CASE("order book: crc32 is zlib's for every length", "[market][book]") {
  Random random(9);
  std::string bytes;
  for (int size = 0; size < 300; ++size) {
    REQUIRE(crc32(bytes) == ::crc32(0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())));
    bytes += static_cast<char>(random.below(256));
  }
}

TEST_CASE("order book: is invalid until a snapshot whose checksum agrees", "[market][book]") {
  OrderBook book(10, 1, 8);
  CHECK_FALSE(book.is_valid());
  CHECK_FALSE(book.top().has_value());
  CHECK_FALSE(book.snapshot(bids(), asks(), 1));
  CHECK_FALSE(book.top().has_value());

  // 100.1 x 3, 100.2 x 1, then 100.0 x 1, 99.9 x 2
  const std::uint32_t good = crc32(
      "10013000000001002100000000"
      "1000100000000999200000000");
  REQUIRE(book.snapshot(bids(), asks(), good));

  CHECK(book.checksum_text() == "100130000000010021000000001000100000000999200000000");
  CHECK(book.top()->bid == Price::parse_or_die("100"));
  CHECK(book.top()->ask == Price::parse_or_die("100.1"));
  CHECK(book.top()->imbalance == -0.1429);  // (3 - 4) / 7, four decimals
}

TEST_CASE("order book: a mismatch invalidates and only a snapshot heals", "[market][book]") {
  OrderBook book(10, 1, 8);
  REQUIRE(book.snapshot(bids(), asks(), std::nullopt));

  CHECK_FALSE(book.update(std::vector{level("99.8", "1")}, {}, 7));
  CHECK_FALSE(book.is_valid());
  CHECK_FALSE(book.update(std::vector{level("99.8", "1")}, {}, std::nullopt));

  CHECK(book.snapshot(bids(), asks(), std::nullopt));
}

TEST_CASE("order book: truncates to its depth, so pushed-out levels do not return",
          "[market][book]") {
  OrderBook book(2, 1, 8);
  REQUIRE(book.snapshot(bids(), asks(), std::nullopt));

  REQUIRE(book.update(std::vector{level("100.05", "5")}, {}, std::nullopt));
  REQUIRE(book.levels().bids.size() == 2);
  CHECK(book.levels().bids[1] == level("100.0", "1"));

  REQUIRE(book.update(std::vector{level("100.05", "0")}, {}, std::nullopt));
  CHECK(book.levels().bids.size() == 1);
}

TEST_CASE("order book: last entry of one price wins and zero removes", "[market][book]") {
  OrderBook book(10, 1, 8);
  REQUIRE(book.snapshot(bids(), asks(), std::nullopt));

  REQUIRE(book.update({},
                      std::vector{level("100.1", "0"), level("100.1", "2"), level("100.2", "0")},
                      std::nullopt));

  CHECK(book.levels().asks == std::vector{level("100.1", "2")});
}

TEST_CASE("order book: a crossed book has no top", "[market][book]") {
  OrderBook book(10, 1, 8);
  REQUIRE(book.snapshot(bids(), asks(), std::nullopt));
  REQUIRE(book.update(std::vector{level("100.1", "1")}, {}, std::nullopt));

  CHECK(book.is_crossed());
  CHECK_FALSE(book.top().has_value());
}

}  // namespace aitrade
