#include "core/base/random.h"
#include "core/store/client_id.h"
#include "core/store/instance_lock.h"
#include "tests/core/store/scratch.h"

#include <catch2/catch.hpp>

#include <set>
#include <unistd.h>

using namespace aitrade;

TEST_CASE("client id: round trip, uniqueness and form over random ids [X38]") {
  const ClientIdKey key = new_client_id_key();
  Random random(7);
  std::set<std::string> seen;
  std::set<ClientOrderId> ids;
  for (int i = 0; i < 20'000; ++i) {
    const ClientOrderId id{static_cast<std::uint32_t>(random.below(1U << 30)),
                           static_cast<std::uint16_t>(random.below(1U << 16)),
                           static_cast<OrderRole>(1 + random.below(5)),
                           static_cast<std::uint8_t>(random.below(256))};
    const std::string text = client_id_text(id, key);
    REQUIRE(text.size() == 36);
    REQUIRE(text[14] == '8');
    REQUIRE(std::string("89ab").find(text[19]) != std::string::npos);
    REQUIRE(must(parse_client_id(text, key)) == id);
    REQUIRE(client_id_text(id, key) == text);
    if (ids.insert(id).second) REQUIRE(seen.insert(text).second);
  }
}

TEST_CASE("client id: strangers are told apart from forgeries") {
  const ClientIdKey ours = new_client_id_key();
  ClientIdKey theirs = new_client_id_key();
  const ClientOrderId id{42, 1, OrderRole::entry, 0};
  theirs.tag = ours.tag + 1;
  CHECK(parse_client_id(client_id_text(id, theirs), ours).error().code == ErrorCode::not_found);
  theirs.tag = ours.tag;
  CHECK(parse_client_id(client_id_text(id, theirs), ours).error().code == ErrorCode::corrupt);
  std::string text = client_id_text(id, ours);
  text[26] = text[26] == '0' ? '1' : '0';
  CHECK_FALSE(parse_client_id(text, ours).has_value());
  for (const char* junk :
       {"", "x", "00000000-0000-4000-8000-000000000000", "zzzzzzzz-0000-8100-8000-000000000000"}) {
    CHECK(parse_client_id(junk, ours).error().code == ErrorCode::invalid);
  }
}

TEST_CASE("instance lock: a second holder is refused and told who holds it", "[store][DPLY2]") {
  Scratch scratch;
  const auto path = scratch / "lock";
  const Time now = Time::from_seconds(1'700'000'000);
  CHECK_FALSE(must(lock_holder(path)).has_value());
  {
    const InstanceLock lock = must(InstanceLock::take(path, now));
    const auto holder = must(lock_holder(path));
    REQUIRE(holder.has_value());
    CHECK(holder->pid == static_cast<long>(::getpid()));
    CHECK(holder->started == to_string(now));
    auto second = InstanceLock::take(path, now);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::busy);
    CHECK(second.error().what.find(std::to_string(::getpid())) != std::string::npos);
  }
  CHECK_FALSE(must(lock_holder(path)).has_value());
  CHECK(InstanceLock::take(path, now).has_value());
}
