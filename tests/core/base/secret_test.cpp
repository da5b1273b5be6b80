#include "core/base/secret.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace aitrade;

namespace {

/// Whether the object itself, with the room for short texts inside it, still shows the words.
bool shows(const Secret& secret, std::string_view words) {
  const std::string_view bytes(reinterpret_cast<const char*>(&secret), sizeof secret);
  return bytes.find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE("secret: a short text leaves nothing behind when it moves", "[secret]") {
  Secret first(std::string("tinywords"));
  REQUIRE(shows(first, "tinywords"));
  Secret second(std::move(first));
  CHECK(second.reveal() == "tinywords");
  CHECK_FALSE(shows(first, "inywords"));   // the first byte alone would be cleared by an empty string
  Secret third;
  third = std::move(second);
  CHECK(third.reveal() == "tinywords");
  CHECK_FALSE(shows(second, "inywords"));
}

TEST_CASE("secret: what is overwritten is wiped, and not only as far as the new text goes", "[secret]") {
  Secret secret(std::string("longerwords"));
  const Secret other(std::string("x"));
  secret = other;
  CHECK(secret.reveal() == "x");
  CHECK_FALSE(shows(secret, "gerwords"));
  CHECK(other.reveal() == "x");
  const Secret& same = secret;
  secret = same;
  CHECK(secret.reveal() == "x");
}

TEST_CASE("secret: long texts move and copy whole", "[secret]") {
  const std::string text(100, 'k');
  Secret first{std::string(text)};
  const Secret copy = first;
  Secret second;
  second = std::move(first);
  CHECK(second.reveal() == text);
  CHECK(copy.reveal() == text);
  CHECK(first.empty());
}
