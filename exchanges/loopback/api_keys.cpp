#include "exchanges/loopback/api_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <vector>

namespace aitrade::loopback {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(const unsigned char* data, std::size_t size) {
  std::string out((size + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), data,
                                     static_cast<int>(size));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::optional<std::vector<unsigned char>> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::vector<unsigned char> out(text.size() / 4 * 3);
  if (EVP_DecodeBlock(out.data(), bytes_of(text), static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '='; --i)
    out.pop_back();
  return out;
}

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

ApiKey random_key() {
  std::array<unsigned char, 42> id{};
  std::array<unsigned char, 64> secret{};
  AITRADE_CHECK(RAND_bytes(id.data(), static_cast<int>(id.size())) == 1);
  AITRADE_CHECK(RAND_bytes(secret.data(), static_cast<int>(secret.size())) == 1);
  ApiKey key;
  key.id = base64(id.data(), id.size());
  key.secret = Secret(base64(secret.data(), secret.size()));
  OPENSSL_cleanse(secret.data(), secret.size());
  return key;
}

std::optional<std::string> venue_signature(std::string_view secret, std::string_view path,
                                           std::string_view nonce, std::string_view body) {
  const auto key = from_base64(secret);
  if (!key) return std::nullopt;
  const std::string counted = std::string(nonce).append(body);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> inner{};
  SHA256(bytes_of(counted), counted.size(), inner.data());
  std::string message(path);
  message.append(reinterpret_cast<const char*>(inner.data()), inner.size());
  std::array<unsigned char, SHA512_DIGEST_LENGTH> outer{};
  unsigned int length = 0;
  HMAC(EVP_sha512(), key->data(), static_cast<int>(key->size()), bytes_of(message), message.size(),
       outer.data(), &length);
  return base64(outer.data(), outer.size());
}

void KeyRing::add(ApiKey key) {
  keys_.insert_or_assign(key.id, key);
}

ApiKey* KeyRing::find(std::string_view id) {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

ApiKey* KeyRing::accept(const Call& call, Time now, std::string& error) {
  ApiKey* key = find(call.key);
  if (key == nullptr || key->is_revoked) {
    error = "EAPI:Invalid key";
    return nullptr;
  }
  if (key->is_checked) {
    const auto expected =
        venue_signature(key->secret.reveal(), call.path, call.nonce, call.body);
    if (!expected || !is_same(*expected, call.signature)) {
      error = "EAPI:Invalid signature";
      return nullptr;
    }
  }
  std::uint64_t nonce = 0;
  const auto read = std::from_chars(call.nonce.data(), call.nonce.data() + call.nonce.size(), nonce);
  const bool is_number =
      read.ec == std::errc{} && read.ptr == call.nonce.data() + call.nonce.size();
  if (!is_number || nonce < key->nonce || (nonce == key->nonce && !key->is_lenient)) {
    error = "EAPI:Invalid nonce";
    return nullptr;
  }
  key->nonce = nonce;
  key->used = now;
  return key;
}

std::string KeyRing::make_token(const ApiKey& key, std::string token, Time now) {
  tokens_[token] = {key.id, now};
  return token;
}

ApiKey* KeyRing::use_token(std::string_view token, Time now, bool is_connected) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return nullptr;
  const Token& known = found->second;
  if (!is_connected && now - known.made > token_life) return nullptr;
  ApiKey* key = find(known.key);
  return key == nullptr || key->is_revoked ? nullptr : key;
}

}  // namespace aitrade::loopback
