// The bytes of the vault: the published vector, and that no changed byte is ever accepted.

#include <catch2/catch.hpp>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>

#include "core/vault/body.h"
#include "core/vault/format.h"
#include "tests/core/vault/vault_support.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr std::uint64_t memory_limit = std::uint64_t{512} << 20U;
constexpr std::string_view vector_body =
    R"({"v":1,"entries":[{"name":"kraken.key","value":"abc","created":1700000000,"note":""}]})";

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

template <class Bytes>
void count_from(Bytes&& bytes, unsigned char first) {
  std::iota(bytes.begin(), bytes.end(), first);
}

/// The vault of the vector in security.md 10.2.
struct Vector {
  SecretBytes key;
  std::string file;

  Vector() {
    VaultEntropy entropy;
    count_from(entropy.salt, 0x00);
    count_from(entropy.wrap_nonce, 0x10);
    entropy.data_key = SecretBytes(aes_key_size);
    count_from(entropy.data_key.bytes(), 0x40);
    count_from(entropy.body_nonce, 0x70);
    VaultId id;
    count_from(id, 0xa0);
    const std::string_view salt(reinterpret_cast<const char*>(entropy.salt.data()), entropy.salt.size());
    auto derived = derive_key("correct horse battery", salt, cheap);
    REQUIRE(derived.has_value());
    key = *std::move(derived);
    auto sealed = seal_vault(key, cheap, id, 1, entropy, vector_body);
    REQUIRE(sealed.has_value());
    file = *std::move(sealed);
  }
};

/// Opens as the program does, but with a derived key where the change cannot reach the derivation.
bool opens(const Vector& vector, const std::string& file, bool derives) {
  const auto header = read_header(file, memory_limit);
  if (!header) return false;
  if (!derives) return unseal_vault(vector.key, file, *header).has_value();
  const std::string_view salt(reinterpret_cast<const char*>(header->salt.data()), header->salt.size());
  const auto key = derive_key("correct horse battery", salt, header->cost);
  return key.has_value() && unseal_vault(*key, file, *header).has_value();
}

}  // namespace

TEST_CASE("vault format: the file is AES-256-GCM under scrypt, as the published vector says [HARD3]",
          "[vault][format]") {
  const Vector vector;

  CHECK(hex(vector.key.text()) == "e96ec6ba8c63a23698220f37c7fc042925d430c7feadec9ceb04af03cabb9f2f");
  REQUIRE(vector.file.size() == 1176);
  CHECK(hex(vector.file.substr(72, 48)) ==
        "ca9a4099931c4fcbcbc995d3c88a827bcdb715b7818e6beb48d31389ac41fc6d"
        "3e42331de8342cbde3eacfd1168ae82f");
  CHECK(hex(vector.file.substr(1160)) == "6ecec35480342216408774107e78be44");
  std::array<char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(vector.file.data()), vector.file.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  CHECK(hex({digest.data(), digest.size()}) == "4a6e6045f7f21a3c524d31b315b2904c39c5129ca35933586dbcb17c40db035d");
}

TEST_CASE("vault format: the published vector opens [HARD3]", "[vault][format]") {
  const Vector vector;
  const auto header = read_header(vector.file, memory_limit);
  REQUIRE(header.has_value());
  auto text = unseal_vault(vector.key, vector.file, *header);
  REQUIRE(text.has_value());
  CHECK(text->size() == 1024);
  const auto body = VaultBody::parse(*std::move(text));

  REQUIRE(body.has_value());
  REQUIRE(body->entries().size() == 1);
  CHECK(body->entries()[0].name == "kraken.key");
  CHECK(body->entries()[0].value == "abc");
  CHECK(body->entries()[0].created == 1'700'000'000);
  CHECK(header->generation == 1);
}

TEST_CASE("vault format: a file with any bit flipped never opens [HARD3] [V1] [V2]", "[vault][format]") {
  const Vector vector;
  REQUIRE(opens(vector, vector.file, true));
  std::string accepted;
  for (std::size_t at = 0; at < vector.file.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string file = vector.file;
      file[at] = static_cast<char>(static_cast<unsigned char>(file[at]) ^ (1U << bit));
      // Deriving again takes a while: it is done where a bit of costs or salt reaches it, once a byte.
      const bool derives = at >= 11 && at < 36 && (bit == 0 || at < 20);
      if (opens(vector, file, derives)) accepted += std::to_string(at) + '.' + std::to_string(bit) + ' ';
    }
  }

  CHECK(accepted.empty());
}

TEST_CASE("vault format: a file cut anywhere or with a byte behind it never opens [V2]", "[vault][format]") {
  const Vector vector;
  bool any = false;
  for (std::size_t size = 0; size < vector.file.size(); ++size) {
    any = any || read_header(std::string_view(vector.file).substr(0, size), memory_limit).has_value();
  }
  CHECK_FALSE(any);
  CHECK_FALSE(read_header(vector.file + ' ', memory_limit).has_value());
  const auto cut = read_header(std::string_view(vector.file).substr(0, 900), memory_limit);
  CHECK(cut.error().what == "damaged: cut off after 900 of 1176 bytes");
}

TEST_CASE("vault format: costs that would exhaust memory are refused before anything is allocated", "[vault][format]") {
  const Vector vector;
  const auto with = [&vector](std::size_t at, std::uint32_t value, std::size_t size) {
    std::string file = vector.file;
    for (std::size_t i = 0; i < size; ++i) file[at + i] = static_cast<char>(value >> (8 * (size - 1 - i)) & 0xffU);
    return read_header(file, memory_limit);
  };
  CHECK_FALSE(with(11, 30, 1).has_value());
  CHECK_FALSE(with(11, 13, 1).has_value());
  CHECK_FALSE(with(12, 1U << 31U, 4).has_value());
  CHECK_FALSE(with(16, 1U << 31U, 4).has_value());
  CHECK_FALSE(with(16, 0, 4).has_value());
  CHECK_FALSE(with(132, std::numeric_limits<std::uint32_t>::max(), 4).has_value());
  const auto costly = with(11, 20, 1);
  REQUIRE_FALSE(costly.has_value());
  CHECK(costly.error().what == "its key derivation takes 1024 MiB, more than vault.max_kdf_memory = 512");
  CHECK(with(8, 2, 2).error().code == ErrorCode::unsupported);
  CHECK(default_cost.memory() == 134'220'800);  // 128 * 8 * (131072 + 1 + 2)
}

TEST_CASE("vault format: the body of one vault does not open under the header of another", "[vault][format]") {
  const Vector vector;
  auto entropy = VaultEntropy::fresh();
  REQUIRE(entropy.has_value());
  const auto other = seal_vault(vector.key, cheap, VaultId{}, 1, *entropy, vector_body);
  REQUIRE(other.has_value());
  const auto header = read_header(*other, memory_limit);
  REQUIRE(header.has_value());
  REQUIRE(unseal_vault(vector.key, *other, *header).has_value());
  const std::string mixed = other->substr(0, vault_format::body_at) + vector.file.substr(vault_format::body_at);

  CHECK_FALSE(unseal_vault(vector.key, mixed, *header).has_value());
}

TEST_CASE("vault format: made-up files are refused and cost nothing", "[vault][format][fuzz]") {
  const Vector vector;
  std::uint64_t seed = 1;
  const auto next = [&seed] {  // xorshift, so that a failure can be made again
    seed ^= seed << 13U;
    seed ^= seed >> 7U;
    seed ^= seed << 17U;
    return seed;
  };
  int accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string file = vector.file.substr(0, next() % 4 == 0 ? next() % vector.file.size() : vector.file.size());
    for (std::uint64_t changes = 1 + next() % 8; changes > 0 && !file.empty(); --changes) {
      file[next() % file.size()] = static_cast<char>(next() & 0xffU);
    }
    if (file == vector.file) continue;
    const auto header = read_header(file, memory_limit);
    if (header && unseal_vault(vector.key, file, *header)) ++accepted;
  }

  // A change of costs or salt is not felt by a key that was derived before: those bytes are part of what
  // the wrapped key is authenticated with, so they count here too.
  CHECK(accepted == 0);
}
