// The candle store: bit-exact blocks, insert or replace, one transaction per import, ranges and the lock.
#include "core/store/candle_store.h"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/base/random.h"
#include "core/store/candle_block.h"
#include "tests/core/store/scratch.h"

namespace aitrade {
namespace {

const SeriesKey btc{"file", Symbol{"BTC", "USD"}, minutes(1)};
const Time noon = Time::from_seconds(1'700'000'000);

std::vector<Candle> series(std::size_t count, std::uint64_t seed, std::int64_t first_minute = 0) {
  Random random(seed);
  std::vector<Candle> candles;
  std::int64_t minute = 25'000'000 + first_minute;
  std::int64_t price = 40'000 * Price::scale;
  const bool coarse = seed % 2 == 0;
  for (std::size_t i = 0; i < count; ++i) {
    Candle c;
    c.open_time = Time::from_seconds(minute * 60);
    c.interval = minutes(1);
    const auto move = [&] {
      const auto step = static_cast<std::int64_t>(random.below(2'000'001)) - 1'000'000;
      return std::max<std::int64_t>(1, coarse ? price + step * 1'000'000 : price + step);
    };
    c.open = Price::from_raw(price);
    c.close = Price::from_raw(price = move());
    c.high = Price::from_raw(std::max({c.open.raw(), c.close.raw(), move()}));
    c.low = Price::from_raw(std::min({c.open.raw(), c.close.raw(), move()}));
    switch (random.below(4)) {
      case 0:
        c.volume = static_cast<double>(random.below(1'000'000'000)) / 1e8;
        break;
      case 1:
        c.volume = 0;
        break;
      default:
        c.volume = std::exp(random.normal() * 10);
    }
    c.trades = seed % 3 == 0 ? 0 : static_cast<std::uint32_t>(random.below(10'000));
    c.synthetic = seed % 5 == 0 && random.below(50) == 0;
    candles.push_back(c);
    minute += random.below(30) == 0 ? 1 + static_cast<std::int64_t>(random.below(500)) : 1;
  }
  return candles;
}

SourceInfo source_of(const std::vector<Candle>& candles, std::string name = "a.csv") {
  SourceInfo source;
  source.name = std::move(name);
  source.covered = {candles.front().open_time, candles.back().close_time()};
  source.rows = static_cast<std::int64_t>(candles.size());
  source.content_hash = "00";
  source.at = noon;
  return source;
}

ImportCounts import_into(CandleStore& store, const std::vector<Candle>& candles, const SeriesKey& key = btc) {
  CandleImport import = must(CandleImport::begin(store, key));
  must(import.add(candles));
  return must(import.commit(source_of(candles)));
}

std::vector<Candle> read_back(CandleStore& store, const TimeRange& range = {}, const SeriesKey& key = btc) {
  std::vector<Candle> candles;
  must(store.read(key, range, [&candles](std::span<const Candle> batch) {
    candles.insert(candles.end(), batch.begin(), batch.end());
    return ok();
  }));
  return candles;
}

}  // namespace

TEST_CASE("candle block: packs and unpacks to the last bit; damage is found", "[store][candles]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto candles = series(1 + seed * 130, seed);
    std::string bytes = pack_candles(candles);
    std::vector<Candle> back;
    REQUIRE(unpack_candles(bytes, minutes(1), back));
    CHECK(back == candles);

    Random random(seed);
    for (int i = 0; i < 20; ++i) {
      std::string damaged = bytes;
      damaged[random.below(damaged.size())] ^= static_cast<char>(1 + random.below(255));
      const Status status = unpack_candles(damaged, minutes(1), back);
      if (status) {
        CHECK(back == candles);  // a byte that does not matter
      } else {
        CHECK(status.error().code == ErrorCode::corrupt);
      }
    }
    CHECK_FALSE(unpack_candles(std::string_view(bytes).substr(0, bytes.size() / 2), minutes(1), back));
  }
  std::vector<Candle> back;
  CHECK_FALSE(unpack_candles("", minutes(1), back));
}

TEST_CASE("candle block: times off the grid, extreme prices and volumes", "[store][candles]") {
  std::vector<Candle> candles = series(3, 1);
  candles[1].open_time = candles[0].open_time + minutes(3) + seconds(7);
  candles[2].open_time = candles[1].open_time + hours(24 * 400);
  candles[1].open = candles[1].high = candles[1].low = candles[1].close = Price::from_raw(INT64_MAX);
  candles[2].open = candles[2].high = candles[2].low = candles[2].close = Price::from_raw(1);
  candles[0].volume = 1e299;
  candles[1].volume = 5e-324;
  candles[2].volume = 9007199254740993.0;
  std::vector<Candle> back;
  REQUIRE(unpack_candles(pack_candles(candles), minutes(1), back));
  CHECK(back == candles);
}

TEST_CASE("candle store: what goes in comes out, by range, across block borders", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  const auto candles = series(10'000, 7);
  const ImportCounts counts = import_into(store, candles);
  CHECK(counts.inserted == 10'000);
  CHECK(read_back(store) == candles);

  Random random(1);
  for (int i = 0; i < 50; ++i) {
    std::size_t a = random.below(candles.size());
    std::size_t b = random.below(candles.size());
    if (a > b) std::swap(a, b);
    const auto part = read_back(store, {candles[a].open_time, candles[b].open_time});
    CHECK(part == std::vector<Candle>(candles.begin() + static_cast<std::ptrdiff_t>(a),
                                      candles.begin() + static_cast<std::ptrdiff_t>(b)));
  }
  const auto info = must(store.find(btc));
  REQUIRE(info);
  CHECK(info->rows == 10'000);
  CHECK(info->first == candles.front().open_time);
  CHECK(info->last == candles.back().open_time);
  CHECK_FALSE(must(store.find({"kraken", Symbol{"BTC", "USD"}, minutes(1)})));
  const Status absent = store.read({"file", Symbol{"ETH", "USD"}, minutes(1)}, {}, [](auto) { return ok(); });
  CHECK(absent.error().code == ErrorCode::not_found);
}

TEST_CASE("candle store: the same import twice changes nothing; overlaps insert or replace", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  const auto all = series(9'000, 11);
  // Every third first, then all with some changed, as a reference map would do it.
  std::vector<Candle> some;
  for (std::size_t i = 0; i < all.size(); i += 3) some.push_back(all[i]);
  import_into(store, some);
  ImportCounts counts = import_into(store, some);
  CHECK(counts.unchanged == static_cast<std::int64_t>(some.size()));
  CHECK(counts.inserted + counts.replaced == 0);

  auto changed = all;
  for (std::size_t i = 0; i < changed.size(); i += 30) changed[i].volume += 1;
  counts = import_into(store, changed);
  CHECK(counts.replaced == 300);
  CHECK(counts.unchanged == 3'000 - 300);
  CHECK(counts.inserted == 6'000);
  CHECK(read_back(store) == changed);
  CHECK(must(store.sources(btc)).size() == 3);
}

TEST_CASE("candle store: random imports equal a plain map", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  std::vector<Candle> model;
  Random random(23);
  for (int round = 0; round < 30; ++round) {
    const auto part = series(1 + random.below(6'000), static_cast<std::uint64_t>(round),
                             static_cast<std::int64_t>(random.below(40'000)));
    import_into(store, part);
    std::vector<Candle> next;
    auto old = model.begin();
    for (const Candle& c : part) {
      while (old != model.end() && old->open_time < c.open_time) next.push_back(*old++);
      if (old != model.end() && old->open_time == c.open_time) ++old;
      next.push_back(c);
    }
    next.insert(next.end(), old, model.end());
    model = std::move(next);
    REQUIRE(read_back(store) == model);
  }
  const TimeRange middle{model[model.size() / 3].open_time, model[model.size() / 2].open_time};
  const auto removed = must(store.remove(btc, middle));
  CHECK(removed == static_cast<std::int64_t>(model.size() / 2 - model.size() / 3));
  std::erase_if(model, [&middle](const Candle& c) { return c.open_time >= middle.from && c.open_time < middle.to; });
  CHECK(read_back(store) == model);
  CHECK(must(store.remove(btc, {})) == static_cast<std::int64_t>(model.size()));
  CHECK_FALSE(must(store.find(btc)));
  CHECK(must(store.sources(btc)).empty());
}

TEST_CASE("candle store: candles one at a time share blocks", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  const auto candles = series(200, 2);
  for (const Candle& c : candles) import_into(store, {c});
  CHECK(read_back(store) == candles);
  const auto info = must(store.find(btc));
  REQUIRE(info);
  CHECK(info->bytes < 200 * 40);  // far below what 200 blocks would take
}

TEST_CASE("candle store: an import that is not committed leaves nothing behind", "[store][candles]") {
  Scratch scratch;
  const auto candles = series(9'000, 4);
  {
    CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
    CandleImport import = must(CandleImport::begin(store, btc));
    must(import.add(candles));
  }
  {
    CandleStore store = must(CandleStore::open_for_reading(scratch / "market.db"));
    CHECK(must(store.list()).empty());
  }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // dies in the middle, as by kill -9: nothing is closed or rolled back
    auto store = CandleStore::open_for_writing(scratch / "market.db", noon);
    if (!store) ::_exit(2);
    auto import = CandleImport::begin(*store, btc);
    if (!import || !import->add(candles)) ::_exit(3);
    ::_exit(0);
  }
  int state = 0;
  REQUIRE(::waitpid(child, &state, 0) == child);
  REQUIRE(WEXITSTATUS(state) == 0);
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  CHECK(must(store.list()).empty());
  import_into(store, candles);
  CHECK(read_back(store) == candles);
}

TEST_CASE("candle store: one writer; readers work beside it", "[store][candles]") {
  Scratch scratch;
  CHECK(CandleStore::open_for_reading(scratch / "market.db").error().code == ErrorCode::not_found);
  CandleStore store = must(CandleStore::open_for_writing(scratch / "sub" / "market.db", noon));
  const auto second = CandleStore::open_for_writing(scratch / "sub" / "market.db", noon);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::busy);

  const auto candles = series(100, 6);
  import_into(store, candles);
  CandleStore reader = must(CandleStore::open_for_reading(scratch / "sub" / "market.db"));
  CandleImport import = must(CandleImport::begin(store, btc));
  must(import.add(series(5'000, 8)));
  CHECK(read_back(reader) == candles);
}

TEST_CASE("candle store: refuses candles that do not belong", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  CandleImport import = must(CandleImport::begin(store, btc));
  auto candles = series(10, 3);
  CHECK(import.add(std::span(candles).first(5)));
  CHECK(import.add(std::span(candles).first(1)).error().what.find("out of order") != std::string::npos);
  candles[6].interval = minutes(5);
  CHECK(import.add(std::span(candles).subspan(6, 1)).error().what.find("another timeframe") != std::string::npos);
  candles[7].closed = false;
  CHECK(import.add(std::span(candles).subspan(7, 1)).error().what.find("not closed") != std::string::npos);
  candles[8].high = Price::from_raw(1);
  CHECK(import.add(std::span(candles).subspan(8, 1)).error().what.find("high is below low") != std::string::npos);
}

TEST_CASE("candle store: covered ranges tell a hole without trades from one not downloaded", "[store][candles]") {
  Scratch scratch;
  CandleStore store = must(CandleStore::open_for_writing(scratch / "market.db", noon));
  const auto cover = [&store](std::int64_t from, std::int64_t to, std::size_t at) {
    CandleImport import = must(CandleImport::begin(store, btc));
    const auto candles = series(1, 1, static_cast<std::int64_t>(at));
    must(import.add(candles));
    SourceInfo source = source_of(candles);
    source.covered = {Time{from}, Time{to}};
    must(import.commit(source));
  };
  cover(100, 200, 0);
  cover(500, 600, 1);
  cover(150, 300, 2);
  cover(300, 310, 3);
  CHECK(must(store.covered(btc)) == std::vector<TimeRange>{{Time{100}, Time{310}}, {Time{500}, Time{600}}});
  const auto sources = must(store.sources(btc));
  REQUIRE(sources.size() == 4);
  CHECK(sources[0].chain_hash.size() == 64);
  CHECK(sources[0].chain_hash != sources[1].chain_hash);
}

}  // namespace aitrade
