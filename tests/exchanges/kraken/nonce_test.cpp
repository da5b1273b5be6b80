// Nonces over a store that survives, fails, or is older than it should be.
#include "exchanges/kraken/nonce.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

#include <limits>
#include <map>

namespace aitrade::kraken {
namespace {

class MemoryStore final : public NonceStore {
 public:
  Result<std::uint64_t> high_water(std::string_view key_id) override {
    if (fails) return fail(ErrorCode::io, "no disk");
    return marks[std::string(key_id)];
  }

  Status raise(std::string_view key_id, std::uint64_t mark, Time) override {
    if (fails) return fail(ErrorCode::full, "no space");
    ++writes;
    auto& kept = marks[std::string(key_id)];
    kept = std::max(kept, mark);
    return ok();
  }

  std::map<std::string, std::uint64_t> marks;
  int writes{0};
  bool fails{false};
};

constexpr Time noon{1'700'000'000'123'456'789};

std::uint64_t take(NonceSource& source, Time wall = noon) {
  const auto nonce = source.next(wall);
  REQUIRE(nonce.has_value());
  return *nonce;
}

}  // namespace

TEST_CASE("kraken nonce: begins at the clock and counts by one", "[kraken][nonce]") {
  MemoryStore store;
  NonceSource source(store, "a");
  CHECK(take(source) == 1'700'000'000'123'456U);
  CHECK(take(source, noon + seconds{5}) == 1'700'000'000'123'457U);
  CHECK(source.last() == 1'700'000'000'123'457U);
}

TEST_CASE("kraken nonce: a thousand requests cost one write, made before the first",
          "[kraken][nonce]") {
  MemoryStore store;
  NonceSource source(store, "a");
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t nonce = take(source);
    REQUIRE(nonce <= store.marks["a"]);
  }
  CHECK(store.writes == 1);
  const std::uint64_t next = take(source);
  CHECK(next + 999 == store.marks["a"]);
  CHECK(store.writes == 2);
}

TEST_CASE("kraken nonce: a restart goes on above all that may have been used", "[kraken][nonce]") {
  MemoryStore store;
  const std::uint64_t before = [&] {
    NonceSource source(store, "a");
    static_cast<void>(take(source));
    return take(source);
  }();
  NonceSource again(store, "a");
  CHECK(take(again) == before - 1 + 1000);  // the clock stands: the whole block is skipped
  NonceSource earlier(store, "a");
  const std::uint64_t mark = store.marks["a"];
  CHECK(take(earlier, noon - hours{1000}) == mark + 1);  // the clock was set back
  NonceSource zero(store, "a");
  CHECK(take(zero, Time{-5}) == mark + 1001);
}

TEST_CASE("kraken nonce: keys do not share a count", "[kraken][nonce]") {
  MemoryStore store;
  NonceSource one(store, "a");
  NonceSource two(store, "b");
  CHECK(take(one) == take(two));
}

TEST_CASE("kraken nonce: nothing is taken when nothing can be stored", "[kraken][nonce]") {
  MemoryStore store;
  store.fails = true;
  NonceSource source(store, "a");
  CHECK(source.next(noon).error().code == ErrorCode::io);
  CHECK(source.last() == 0);
  store.fails = false;
  for (int i = 0; i < 1000; ++i)
    static_cast<void>(take(source));
  const std::uint64_t last = source.last();
  store.fails = true;
  CHECK(source.next(noon).error().code == ErrorCode::full);
  CHECK(source.last() == last);
  store.fails = false;
  CHECK(take(source) == last + 1);
}

TEST_CASE("kraken nonce: goes above what the venue has seen from others", "[kraken][nonce]") {
  MemoryStore store;
  NonceSource source(store, "a");
  const std::uint64_t first = take(source);
  source.skip_past(first + 5'000'000);
  CHECK(take(source) == first + 5'000'001);
  CHECK(store.marks["a"] == first + 5'001'000);
  source.skip_past(1);  // lower than ours: a new block all the same, never a step back
  CHECK(take(source) == first + 5'001'001);

  NonceSource fresh(store, "new");
  fresh.skip_past(std::uint64_t{1} << 62U);
  CHECK(take(fresh) == (std::uint64_t{1} << 62U) + 1);
}

TEST_CASE("kraken nonce: the end of the count is an error, not a wrap", "[kraken][nonce]") {
  MemoryStore store;
  NonceSource source(store, "a");
  source.skip_past(std::numeric_limits<std::uint64_t>::max());
  CHECK(source.next(noon).error().code == ErrorCode::invalid);
  CHECK(source.last() == 0);
}

TEST_CASE("kraken nonce: rises through random restarts, clocks and failing disks",
          "[kraken][nonce]") {
  MemoryStore store;
  Random random(11);
  std::uint64_t last = 0;
  bool rises = true;
  bool is_covered = true;
  for (int life = 0; life < 1000; ++life) {
    NonceSource source(store, "a");
    const Time wall{static_cast<std::int64_t>(random.below(2'000'000'000)) * 1'000'000'000};
    for (std::uint64_t i = random.below(2100); i > 0; --i) {
      store.fails = random.below(50) == 0;
      const auto nonce = source.next(wall);
      if (!nonce) continue;
      rises = rises && *nonce > last;
      last = *nonce;
      is_covered = is_covered && last <= store.marks["a"];
    }
    store.fails = false;
  }
  CHECK(rises);
  CHECK(is_covered);
}

}  // namespace aitrade::kraken
