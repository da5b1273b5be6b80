#include "core/vault/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

namespace aitrade {
namespace {

// OpenSSL refuses more than 32 MiB unless told; this is what it needs beside the formula.
constexpr std::uint64_t library_overhead = 1U << 20U;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Error library_failure(const char* what) {
  return fail(ErrorCode::io, std::string("the cryptography library refused to ") + what);
}

void check_sizes(const SecretBytes& key, std::string_view nonce, std::string_view associated,
                 std::string_view text) {
  constexpr std::size_t int_limit = 1U << 30U;  // the library counts with int
  AITRADE_CHECK(key.size() == aes_key_size && nonce.size() == gcm_nonce_size);
  AITRADE_CHECK(associated.size() < int_limit && text.size() < int_limit);
}

}  // namespace

std::uint64_t KdfCost::memory() const {
  return std::uint64_t{128} * r * ((std::uint64_t{1} << log2_n) + p + 2);
}

Status check_cost(const KdfCost& cost, std::uint64_t memory_limit) {
  if (cost.log2_n < 14 || cost.log2_n > 20) {
    return fail(ErrorCode::rejected,
                "log2 N = " + std::to_string(cost.log2_n) + " of its key derivation is not 14 to 20");
  }
  if (cost.r != 8 || cost.p < 1 || cost.p > 4) {
    return fail(ErrorCode::rejected, "r = " + std::to_string(cost.r) + ", p = " +
                                         std::to_string(cost.p) +
                                         " of its key derivation are not 8 and 1 to 4");
  }
  if (cost.memory() > memory_limit) {
    return fail(ErrorCode::rejected,
                "its key derivation takes " + std::to_string(cost.memory() >> 20U) +
                    " MiB, more than vault.max_kdf_memory = " + std::to_string(memory_limit >> 20U));
  }
  return ok();
}

Result<SecretBytes> derive_key(std::string_view passphrase, std::string_view salt,
                               const KdfCost& cost) {
  SecretBytes key(aes_key_size);
  const int done = EVP_PBE_scrypt(passphrase.data(), passphrase.size(), bytes_of(salt), salt.size(),
                                  std::uint64_t{1} << cost.log2_n, cost.r, cost.p,
                                  cost.memory() + library_overhead, key.bytes().data(), key.size());
  if (done != 1) {
    return fail(ErrorCode::io, "cannot derive the key: it takes " +
                                   std::to_string(cost.memory() >> 20U) + " MiB of memory");
  }
  return key;
}

Result<Sealed> seal(const SecretBytes& key, std::string_view nonce, std::string_view associated,
                    std::string_view plain) {
  check_sizes(key, nonce, associated, plain);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  Sealed sealed;
  sealed.ciphertext.resize(plain.size());
  int count = 0;
  int rest = 0;
  const bool done =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes().data(),
                         bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &count, bytes_of(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(sealed.ciphertext), &count, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      static_cast<std::size_t>(count) == plain.size() &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(sealed.ciphertext) + count, &rest) == 1 &&
      rest == 0 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(gcm_tag_size),
                          sealed.tag.data()) == 1;
  if (!done) return library_failure("encrypt");
  return sealed;
}

Result<SecretBytes> unseal(const SecretBytes& key, std::string_view nonce,
                           std::string_view associated, std::string_view ciphertext,
                           std::string_view tag) {
  check_sizes(key, nonce, associated, ciphertext);
  AITRADE_CHECK(tag.size() == gcm_tag_size);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string expected(tag);  // the library wants to be able to write
  SecretBytes plain(ciphertext.size());
  int count = 0;
  int rest = 0;
  const bool ready =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes().data(),
                         bytes_of(nonce)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(gcm_tag_size),
                          expected.data()) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &count, bytes_of(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), plain.bytes().data(), &count, bytes_of(ciphertext),
                        static_cast<int>(ciphertext.size())) == 1 &&
      static_cast<std::size_t>(count) == ciphertext.size();
  if (!ready) return library_failure("decrypt");
  if (EVP_DecryptFinal_ex(cipher.get(), plain.bytes().data() + count, &rest) != 1 || rest != 0) {
    return fail(ErrorCode::rejected, "the tag does not fit");
  }
  return plain;
}

Status fill_random(std::span<unsigned char> bytes) {
  AITRADE_CHECK(bytes.size() < (1U << 20U));
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1) return ok();
  return library_failure("give random bytes");
}

}  // namespace aitrade
