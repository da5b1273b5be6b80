#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "core/auth/api_key.h"
#include "core/auth/password.h"

using namespace aitrade;

TEST_CASE("auth: a key is taken apart only in its exact form", "[auth]") {
  const NewKey key = make_key();
  const std::string text(key.text.reveal());

  CHECK(text.size() == 58);
  CHECK(text.starts_with("atk_"));
  const auto parts = parse_key(text);
  REQUIRE(parts);
  CHECK(parts->id == key.parts.id);
  CHECK(parts->secret.reveal() == key.parts.secret.reveal());
  for (const std::string& bad : {std::string(), std::string("atk_"), text + "A", text.substr(1), text.substr(0, 57),
                                 "ATK_" + text.substr(4), text.substr(0, 14) + "-" + text.substr(15),
                                 "atk_AAAAAAAAAA" + text.substr(14), text.substr(0, 57) + "="}) {
    INFO(bad.size());
    CHECK_FALSE(parse_key(bad));
  }
}

TEST_CASE("auth: keys differ, and a MAC depends on every character", "[auth]") {
  std::set<std::string> ids, secrets;
  for (int i = 0; i < 100; ++i) {
    const NewKey key = make_key();
    ids.insert(key.parts.id);
    secrets.insert(std::string(key.parts.secret.reveal()));
  }
  CHECK(ids.size() == 100);
  CHECK(secrets.size() == 100);

  const std::string secret = *secrets.begin();
  const Digest mac = key_mac("pepper", secret);
  CHECK(equal_digests(mac, key_mac("pepper", secret)));
  CHECK_FALSE(equal_digests(mac, key_mac("salt", secret)));
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::string other = secret;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(equal_digests(mac, key_mac("pepper", other)));
  }
}

TEST_CASE("auth: scopes are words, and the widest counts", "[auth]") {
  CHECK(*parse_scope("read") == Scope::read);
  CHECK(*parse_scope("read,control") == Scope::control);
  CHECK(*parse_scope("admin,read") == Scope::admin);
  for (const char* bad : {"", "none", "Read", "read,", ",", "read control", "write"}) {
    INFO(bad);
    CHECK_FALSE(parse_scope(bad));
  }
}

TEST_CASE("auth: bootstrap keys that are short or samples are refused (N3)", "[auth][N3]") {
  CHECK_FALSE(fault_of_bootstrap_key("").empty());
  CHECK_FALSE(fault_of_bootstrap_key(std::string(31, 'x')).empty());
  CHECK_FALSE(fault_of_bootstrap_key("change_this_to_a_random_string_of_length").empty());
  CHECK_FALSE(fault_of_bootstrap_key(std::string(64, 'x')).empty());
  CHECK(fault_of_bootstrap_key(random_token(32)).empty());
}

TEST_CASE("auth: a password fits its record and no other", "[auth]") {
  const auto record = make_password_record("seven green bottles");
  REQUIRE(record);
  CHECK(record->starts_with("scrypt$15$8$1$"));
  CHECK(record->find("bottles") == std::string::npos);
  CHECK(*fits_password(*record, "seven green bottles"));
  CHECK_FALSE(*fits_password(*record, "seven green bottleS"));
  CHECK_FALSE(*fits_password(*record, ""));
  CHECK(make_password_record("short").error().code == ErrorCode::invalid);
  for (const char* bad : {"", "x", "scrypt$30$8$1$00$00", "scrypt$15$8$1$00112233445566778899aabbccddeeff$00",
                          "scrypt$15$8$999999$00112233445566778899aabbccddeeff$00", "bcrypt$15$8$1$a$b"}) {
    INFO(bad);
    CHECK(fits_password(bad, "x").error().code == ErrorCode::corrupt);
  }
}
