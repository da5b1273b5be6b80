// Market data from bytes to a checked book, as the feed thread of the daemon does it for each frame.
//
// The frames are written here in the shape and length of the venue's (kraken.md 8.4): a walking book of ten levels a
// side, one to three changes a message, each with the checksum of the book it leaves.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/market/order_book.h"
#include "exchanges/kraken/feed.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

using namespace aitrade::kraken;

constexpr std::size_t updates = 200'000;
constexpr int price_decimals = 1;
constexpr int quantity_decimals = 8;
constexpr std::int64_t tick = fixed_detail::power_of_ten(Price::decimals - price_decimals);
constexpr std::int64_t lot = fixed_detail::power_of_ten(Quantity::decimals - quantity_decimals);

constexpr const char* instruments =
    R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":"BTC/USD","status":"online",)"
    R"("qty_precision":8,"qty_increment":1e-08,"price_precision":1,"price_increment":0.1,"qty_min":0.0001}]}})";

std::string side_json(const char* name, const std::vector<Level>& levels) {
  std::string out = std::string("\"") + name + "\":[";
  for (const Level& level : levels) {
    char text[96];
    std::snprintf(text, sizeof text, "%s{\"price\":%.1f,\"qty\":%.8f}", out.back() == '[' ? "" : ",",
                  to_double(level.price), to_double(level.quantity));
    out += text;
  }
  return out + ']';
}

std::string frame(const char* type, const std::vector<Level>& bids, const std::vector<Level>& asks,
                  const OrderBook& book) {
  return std::string(R"({"channel":"book","type":")") + type + R"(","data":[{"symbol":"BTC/USD",)" +
         side_json("bids", bids) + "," + side_json("asks", asks) + ",\"checksum\":" + std::to_string(book.checksum()) +
         R"(,"timestamp":"2026-01-02T03:04:05.123456Z"}]})";
}

/// A snapshot and `updates` changes that follow it.
std::vector<std::string> make_frames() {
  Random random(11);
  OrderBook book(10, price_decimals, quantity_decimals);
  const auto level = [&](std::int64_t ticks) {
    const auto lots = 1 + static_cast<std::int64_t>(random.uniform() * 250'000'000.0);
    return Level{Price::from_raw(ticks * tick), Quantity::from_raw(lots * lot)};
  };
  std::vector<Level> bids, asks;
  for (std::int64_t i = 1; i <= 10; ++i) {
    bids.push_back(level(600'000 - i));
    asks.push_back(level(600'000 + i));
  }
  std::vector<std::string> frames;
  AITRADE_CHECK(book.snapshot(bids, asks, std::nullopt));
  frames.push_back(frame("snapshot", bids, asks, book));
  while (frames.size() <= updates) {
    bids.clear();
    asks.clear();
    const int changes = 1 + static_cast<int>(random.uniform() * 3);
    for (int i = 0; i < changes; ++i) {
      const bool is_bid = random.uniform() < 0.5;
      const std::int64_t away = 1 + static_cast<std::int64_t>(random.uniform() * 10);
      (is_bid ? bids : asks).push_back(level(600'000 + (is_bid ? -away : away)));
    }
    AITRADE_CHECK(book.update(bids, asks, std::nullopt));
    frames.push_back(frame("update", bids, asks, book));
  }
  return frames;
}

Feed open_feed() {
  FeedOptions options;
  options.symbols = {"BTC/USD"};
  Feed feed(std::move(options));
  feed.on_open(Time::from_seconds(1));
  feed.on_text(instruments, Time::from_seconds(1));
  return feed;
}

}  // namespace

void add_feed_rows(const BenchInput&, std::vector<BenchRow>& rows) {
  const auto frames = std::make_shared<const std::vector<std::string>>(make_frames());
  rows.push_back({"book messages: parse", "messages", updates, [frames] {
                    double sum = 0;
                    for (const std::string& text : *frames) {
                      const auto message = parse_frame(text);
                      AITRADE_CHECK(message.has_value());
                      sum += static_cast<double>(std::get<BookMessage>(*message).bids.size());
                    }
                    return sum;
                  }});
  rows.push_back({"book messages: parse, book, checksum", "messages", updates, [frames] {
                    Feed feed = open_feed();
                    double sum = 0;
                    for (const std::string& text : *frames) {
                      sum += static_cast<double>(feed.on_text(text, Time::from_seconds(2)).updates.size());
                    }
                    AITRADE_CHECK(feed.checksum_mismatches() == 0 && feed.top(0).has_value());
                    return sum;
                  }});
}

}  // namespace aitrade::bench
