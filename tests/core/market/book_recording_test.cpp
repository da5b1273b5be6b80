// A recorded venue book, rebuilt from its updates: equal to the venue's own best bid and ask, and analysed.
//
// One recording of Binance BTC/USDT, eleven minutes of 8 August 2024: depth updates, best bid and ask at
// each change, trades. The venue numbers every change of its book (`update_id`). A message that ends with
// change n can be compared at once when there is a row of the best for n: every such one must be equal.
// Others are compared with the last row before n, which holds unless the best changed without a row: the
// venue's feed of the best leaves one out in a burst now and then, so a few of those may differ.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/data/byte_source.h"
#include "core/market/book_analysis.h"
#include "core/market/order_book.h"

namespace aitrade {
namespace {

/// Calls back with the cells of each line after the header; false when the file is not there.
template <std::size_t N, class Take>
bool read_rows(const char* name, Take take) {
  const std::string path = std::string(AITRADE_SOURCE_DIR) + "/../shared/data/" + name;
  if (!std::filesystem::exists(path)) {
    WARN("skipped: no " << name << " beside the source tree");
    return false;
  }
  auto source = ByteSource::open(path);
  REQUIRE(source);
  std::string text;
  std::array<char, 1 << 16> part;
  for (;;) {
    const auto got = source->read(part);
    REQUIRE(got);
    if (*got == 0) break;
    text.append(part.data(), *got);
  }
  std::string_view rest = text;
  rest.remove_prefix(rest.find('\n') + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::array<std::string_view, N> cells;
    for (std::string_view& cell : cells) {
      const std::size_t comma = std::min(line.find(','), line.size());
      cell = line.substr(0, comma);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    take(cells);
  }
  return true;
}

std::uint64_t id_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Time time_of(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  fraction.resize(9, '0');
  return Time{static_cast<std::int64_t>(id_of(text.substr(0, point)) * 1'000'000'000 + id_of(fraction))};
}

Level level_of(std::string_view price, std::string_view quantity) {
  return {Price::parse_or_die(price), Quantity::parse_or_die(quantity)};
}

struct Message {
  std::uint64_t last_id{0};
  Time when;
  BookLevels changes;
};

struct BestRow {
  std::uint64_t id{0};
  Level bid, ask;
};

struct TradePrint {
  Time when;
  Price price;
};

struct Recording {
  Message snapshot;
  std::vector<Message> updates;
  std::vector<BestRow> best;
  std::vector<TradePrint> trades;
};

const Recording* recording() {
  static const std::optional<Recording> read = [] {
    std::optional<Recording> out(std::in_place);
    const bool found = read_rows<8>(
        "binance_BTCUSDT_2024-08-08T23h54_l2.csv.gz", [&](const auto& c) {
          const std::uint64_t last = id_of(c[3]);
          const bool is_snapshot = c[4] == "snapshot";
          if (!is_snapshot && (out->updates.empty() || out->updates.back().last_id != last)) {
            out->updates.push_back({last, time_of(c[1]), {}});
          }
          Message& message = is_snapshot ? out->snapshot : out->updates.back();
          message.last_id = last;
          (c[5] == "bid" ? message.changes.bids : message.changes.asks).push_back(level_of(c[6], c[7]));
        });
    if (!found) return std::optional<Recording>();
    read_rows<6>("binance_BTCUSDT_2024-08-08T23h54_bbo.csv.gz", [&](const auto& c) {
      out->best.push_back({id_of(c[1]), level_of(c[2], c[3]), level_of(c[4], c[5])});
    });
    read_rows<4>("binance_BTCUSDT_2024-08-08T23h54_trades.csv.gz", [&](const auto& c) {
      out->trades.push_back({time_of(c[0]), Price::parse_or_die(c[1])});
    });
    return out;
  }();
  return read ? &*read : nullptr;
}

/// Shows the book after each update that is newer than the snapshot; trades come in between by venue time.
void replay(const Recording& from, const std::function<void(const Message&, const OrderBook&)>& show,
            const std::function<void(const TradePrint&)>& trade = {}) {
  OrderBook book(1'000'000, 2, 5);  // the venue deletes what it no longer shows
  REQUIRE(book.snapshot(from.snapshot.changes.bids, from.snapshot.changes.asks, std::nullopt));
  auto next = from.trades.begin();
  for (const Message& message : from.updates) {
    if (message.last_id <= from.snapshot.last_id) continue;
    REQUIRE(book.update(message.changes.bids, message.changes.asks, std::nullopt));
    for (; trade && next != from.trades.end() && next->when <= message.when; ++next) trade(*next);
    show(message, book);
  }
}

BookLevels first_levels(const BookLevels& book, std::size_t depth) {
  BookLevels out = book;
  out.bids.resize(std::min(depth, out.bids.size()));
  out.asks.resize(std::min(depth, out.asks.size()));
  return out;
}

}  // namespace

TEST_CASE("recorded book: snapshot and updates give the venue's best bid and ask (X05)",
          "[market][book][recording][shared]") {
  const Recording* from = recording();
  if (from == nullptr) return;
  std::size_t exact = 0, exact_equal = 0, carried = 0, carried_equal = 0, not_covered = 0, crossed = 0;
  auto best = from->best.begin();
  replay(*from, [&](const Message& message, const OrderBook& book) {
    crossed += book.is_crossed() ? 1U : 0U;
    while (best != from->best.end() && best->id <= message.last_id) ++best;
    // Before its first row and after its last, the recording of the best does not say.
    if (best == from->best.begin() || best == from->best.end()) {
      ++not_covered;
      return;
    }
    const BestRow& row = *(best - 1);
    const bool same = book.levels().bids.front() == row.bid && book.levels().asks.front() == row.ask;
    const bool is_exact = row.id == message.last_id;
    (is_exact ? exact : carried) += 1;
    (is_exact ? exact_equal : carried_equal) += same ? 1U : 0U;
  });
  WARN("recorded book: " << exact_equal << " of " << exact << " equal at the very change, " << carried_equal
                         << " of " << carried << " equal to the last row before, " << not_covered
                         << " outside the recording of the best");
  CHECK(exact > 1000);
  CHECK(exact_equal == exact);
  CHECK(carried > 5000);
  CHECK(carried - carried_equal <= 2);
  CHECK(not_covered <= 2);
  CHECK(crossed == 0);
}

TEST_CASE("recorded book: its analysis stays within its ranges", "[market][book][recording][shared]") {
  const Recording* from = recording();
  if (from == nullptr) return;
  BookAnalyzer analyzer;
  std::size_t updates = 0, ready = 0, spoofed = 0, whales = 0;
  double lowest = 1, highest = -1;
  std::clock_t spent = 0;
  replay(
      *from,
      [&](const Message& message, const OrderBook& book) {
        const std::clock_t before = std::clock();
        analyzer.update(message.when, book.levels());
        spent += std::clock() - before;
        ++updates;
        const auto said = analyzer.analysis(message.when);
        if (!said) return;
        ++ready;
        spoofed += said->is_spoofed ? 1U : 0U;
        whales += std::size_t{said->whales_bid} + said->whales_ask;
        lowest = std::min(lowest, said->score);
        highest = std::max(highest, said->score);
        const double mid = to_double(book.top()->mid());
        REQUIRE(std::fabs(said->score) <= 1);
        REQUIRE(std::fabs(said->score_now) <= 1);
        REQUIRE(std::fabs(said->imbalance_5) <= 1);
        REQUIRE(std::fabs(said->whale_bias) <= 1);
        REQUIRE(said->liquidity >= 0);
        REQUIRE(said->liquidity <= 1);
        REQUIRE(said->spread > 0);
        REQUIRE(said->spread < 1e-3);
        REQUIRE(said->micro_price > to_double(book.top()->bid));
        REQUIRE(said->micro_price < to_double(book.top()->ask));
        REQUIRE(said->depth_bid > 0);
        REQUIRE(said->depth_ask > 0);
        REQUIRE(std::fabs(said->micro_price - mid) <= said->spread * mid);
      },
      [&](const TradePrint& print) { analyzer.on_trade(print.when, print.price); });
  const double share = static_cast<double>(spoofed) / static_cast<double>(ready);
  WARN("recorded book: " << updates << " updates, " << ready << " analysed, score " << lowest << " to "
                         << highest << ", " << static_cast<double>(whales) / static_cast<double>(ready)
                         << " whales a book, spoofed " << 100 * share << " % of the time, "
                         << 1e9 * static_cast<double>(spent) / CLOCKS_PER_SEC / static_cast<double>(updates)
                         << " ns of processor time an update");
  CHECK(ready > updates * 99 / 100);
  CHECK(lowest < -0.1);
  CHECK(highest > 0.1);
  CHECK(share < 0.9);  // a flag that is always up says nothing
}

TEST_CASE("recorded book: mirrored at its mid it scores the opposite", "[market][book][recording][shared]") {
  const Recording* from = recording();
  if (from == nullptr) return;
  BookAnalyzer straight({.trades = false}), mirrored({.trades = false});
  std::size_t compared = 0, different = 0;
  replay(*from, [&](const Message& message, const OrderBook& whole) {
    const BookLevels book = first_levels(whole.levels(), 25);
    const Price sum = book.bids.front().price + book.asks.front().price;
    BookLevels mirror{book.asks, book.bids};
    for (auto* side : {&mirror.bids, &mirror.asks}) {
      for (Level& l : *side) l.price = sum - l.price;
    }
    straight.update(message.when, book);
    mirrored.update(message.when, mirror);
    const auto a = straight.analysis(message.when), b = mirrored.analysis(message.when);
    REQUIRE(a.has_value() == b.has_value());
    if (!a) return;
    ++compared;
    const bool same = a->score == -b->score && a->score_now == -b->score_now &&
                      a->imbalance_25 == -b->imbalance_25 && a->whale_bias == -b->whale_bias &&
                      a->depth_bid == b->depth_ask && a->liquidity == b->liquidity;
    different += same ? 0 : 1;
  });
  CHECK(compared > 6000);
  CHECK(different == 0);
}

TEST_CASE("recorded book: a day of best bid and ask has a spread in every second it tells",
          "[market][book][recording][shared]") {
  BookAnalyzer analyzer;
  std::size_t rows = 0, spreads = 0;
  const bool found = read_rows<5>("gemini_ETHUSD_top_1s_2021-07-01.csv.gz", [&](const auto& c) {
    ++rows;
    const Time when = time_of(c[0]);
    analyzer.update(when, {{level_of(c[1], c[2])}, {level_of(c[3], c[4])}});
    const auto spread = analyzer.spread(when);
    spreads += spread && *spread > 0 && *spread < 0.02 ? 1U : 0U;
  });
  if (!found) return;
  CHECK(rows == 72'180);
  CHECK(spreads == rows);
}

}  // namespace aitrade
