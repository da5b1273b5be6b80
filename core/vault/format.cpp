#include "core/vault/format.h"

#include <algorithm>

namespace aitrade {

using namespace vault_format;

namespace {

std::uint64_t read_number(std::string_view file, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (const char byte : file.substr(at, size)) {
    value = value << 8U | static_cast<unsigned char>(byte);
  }
  return value;
}

void put_number(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

template <std::size_t n>
std::string_view view(const std::array<unsigned char, n>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), n};
}

template <std::size_t n>
std::array<unsigned char, n> read_bytes(std::string_view file, std::size_t at) {
  std::array<unsigned char, n> bytes{};
  std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), n, bytes.begin());
  return bytes;
}

Error damaged(const std::string& what) { return fail(ErrorCode::rejected, "damaged: " + what); }

Error refused() {
  return fail(ErrorCode::rejected, "wrong passphrase, or the file was changed");
}

}  // namespace

Result<VaultHeader> read_header(std::string_view file, std::uint64_t kdf_memory_limit) {
  if (file.size() < body_at + gcm_tag_size) {
    return damaged("cut off after " + std::to_string(file.size()) + " bytes");
  }
  if (!file.starts_with(magic)) return damaged("it does not begin as a vault does");
  const std::uint64_t written = read_number(file, 8, 2);
  if (written > version) {
    return fail(ErrorCode::unsupported,
                "version " + std::to_string(written) + " is not known here; use a newer aitrade");
  }
  if (written != version) return damaged("version " + std::to_string(written));
  if (read_number(file, 10, 1) != kdf_scrypt) return damaged("unknown key derivation");
  VaultHeader header;
  header.cost = {static_cast<std::uint8_t>(read_number(file, 11, 1)),
                 static_cast<std::uint32_t>(read_number(file, 12, 4)),
                 static_cast<std::uint32_t>(read_number(file, 16, 4))};
  AITRADE_TRY_STATUS(check_cost(header.cost, kdf_memory_limit));
  header.salt = read_bytes<salt_size>(file, 20);
  header.id = read_bytes<16>(file, 36);
  header.generation = read_number(file, 52, 8);
  header.body_size = static_cast<std::uint32_t>(read_number(file, 132, 4));
  if (header.body_size > body_limit) return damaged("a body of more than 1 MiB");
  const std::size_t size = body_at + header.body_size + gcm_tag_size;
  if (file.size() < size) {
    return damaged("cut off after " + std::to_string(file.size()) + " of " + std::to_string(size) +
                   " bytes");
  }
  if (file.size() > size) return damaged("bytes after its end");
  return header;
}

Result<VaultEntropy> VaultEntropy::fresh() {
  VaultEntropy entropy;
  entropy.data_key = SecretBytes(aes_key_size);
  AITRADE_TRY_STATUS(fill_random(entropy.salt));
  AITRADE_TRY_STATUS(fill_random(entropy.wrap_nonce));
  AITRADE_TRY_STATUS(fill_random(entropy.body_nonce));
  AITRADE_TRY_STATUS(fill_random(entropy.data_key.bytes()));
  return entropy;
}

Result<std::string> seal_vault(const SecretBytes& key, const KdfCost& cost, const VaultId& id,
                               std::uint64_t generation, const VaultEntropy& entropy,
                               std::string_view body) {
  const std::size_t padded = std::max<std::size_t>(1, (body.size() + body_step - 1) / body_step) * body_step;
  if (padded > body_limit) {
    return fail(ErrorCode::invalid, "the vault is full: its entries may take 1 MiB together");
  }
  SecretBytes plain(padded);
  std::copy(body.begin(), body.end(), plain.bytes().begin());
  std::fill(plain.bytes().begin() + static_cast<std::ptrdiff_t>(body.size()), plain.bytes().end(),
            static_cast<unsigned char>(' '));

  std::string file(magic);
  put_number(file, version, 2);
  put_number(file, kdf_scrypt, 1);
  put_number(file, cost.log2_n, 1);
  put_number(file, cost.r, 4);
  put_number(file, cost.p, 4);
  file += view(entropy.salt);
  file += view(id);
  put_number(file, generation, 8);
  AITRADE_CHECK(file.size() == wrap_nonce_at);
  AITRADE_TRY(const Sealed wrapped,
              seal(key, view(entropy.wrap_nonce), file, entropy.data_key.text()));
  file += view(entropy.wrap_nonce);
  file += wrapped.ciphertext;
  file += view(wrapped.tag);
  file += view(entropy.body_nonce);
  put_number(file, padded, 4);
  AITRADE_CHECK(file.size() == body_at);
  AITRADE_TRY(const Sealed sealed,
              seal(entropy.data_key, view(entropy.body_nonce), file, plain.text()));
  file += sealed.ciphertext;
  file += view(sealed.tag);
  return file;
}

Result<SecretBytes> unseal_vault(const SecretBytes& key, std::string_view file,
                                 const VaultHeader& header) {
  AITRADE_CHECK(file.size() == body_at + header.body_size + gcm_tag_size);
  const auto opened = [&](const SecretBytes& with, std::size_t nonce_at, std::size_t associated,
                          std::size_t at, std::size_t size) {
    return unseal(with, file.substr(nonce_at, gcm_nonce_size), file.substr(0, associated),
                  file.substr(at, size), file.substr(at + size, gcm_tag_size));
  };
  auto data_key = opened(key, wrap_nonce_at, wrap_nonce_at, wrapped_key_at, aes_key_size);
  if (!data_key) {
    return data_key.error().code == ErrorCode::rejected ? refused() : std::move(data_key).error();
  }
  auto body = opened(*data_key, body_nonce_at, body_at, body_at, header.body_size);
  if (body || body.error().code != ErrorCode::rejected) return body;
  return refused();
}

}  // namespace aitrade
