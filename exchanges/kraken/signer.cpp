#include "exchanges/kraken/signer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <vector>

namespace aitrade::kraken {
namespace {

using Sha256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
using Sha512 = std::array<unsigned char, SHA512_DIGEST_LENGTH>;

constexpr std::size_t secret_text_max = 1024;  // the venue's are 88 characters

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Sha256 sha256(std::string_view text) {
  Sha256 digest{};
  unsigned size = 0;
  AITRADE_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) ==
                1);
  return digest;
}

/// Reads padded base64; errors: invalid.
Result<Secret> decode_secret(std::string_view text) {
  const Error wrong = fail(ErrorCode::invalid, "kraken: the API secret is not base64");
  if (text.empty() || text.size() % 4 != 0 || text.size() > secret_text_max) return wrong;
  const std::size_t end = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - end;
  if (padding > 2 || text.find_first_not_of('=', end) != std::string_view::npos) return wrong;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(text),
                                   static_cast<int>(text.size()));
  // The function skips blanks at both ends: a shorter result means that there were some.
  const bool is_good = size == static_cast<int>(out.size());
  if (is_good) out.resize(out.size() - padding);
  Secret decoded(std::move(out));
  if (!is_good) return wrong;
  return decoded;
}

std::string hex(const unsigned char* data, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += digits[data[i] >> 4U];
    out += digits[data[i] & 15U];
  }
  return out;
}

}  // namespace

Result<Signer> Signer::make(const ApiKey& key) {
  if (key.name.empty()) return fail(ErrorCode::invalid, "kraken: the API key is empty");
  if (key.name.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return fail(ErrorCode::invalid, "kraken: the API key has a line break in it");
  }
  Signer signer;
  AITRADE_TRY(signer.secret_, decode_secret(key.secret.reveal()));
  signer.name_ = key.name;
  constexpr std::size_t id_bytes = 8;
  signer.id_ = hex(sha256(key.name).data(), id_bytes);
  return signer;
}

std::string Signer::sign(std::string_view path, std::uint64_t nonce, std::string_view body) const {
  std::string counted = std::to_string(nonce);
  counted += body;
  const Sha256 inner = sha256(counted);
  std::string message(path);
  message.append(reinterpret_cast<const char*>(inner.data()), inner.size());
  const std::string_view secret = secret_.reveal();
  Sha512 mac{};
  unsigned size = 0;
  AITRADE_CHECK(HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()), bytes(message),
                     message.size(), mac.data(), &size) != nullptr);
  AITRADE_CHECK(size == mac.size());
  std::array<unsigned char, (SHA512_DIGEST_LENGTH + 2) / 3 * 4 + 1> text{};  // and a closing zero
  const int length = EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(mac.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

}  // namespace aitrade::kraken
