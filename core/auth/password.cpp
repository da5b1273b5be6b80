#include "core/auth/password.h"

#include <charconv>
#include <utility>
#include <vector>

#include "core/store/digest.h"
#include "core/vault/crypto.h"
#include "core/vault/passphrase.h"

namespace aitrade {
namespace {

constexpr KdfCost cost{15, 8, 1};
constexpr std::uint64_t memory_limit = 64ULL << 20;   // of a check; a stored record may not ask for more
constexpr std::size_t salt_bytes = 16;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = std::min(text.find('$'), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class T>
bool read_number(std::string_view text, T& value) {
  unsigned int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  value = static_cast<T>(number);
  return ec == std::errc{} && end == text.data() + text.size() && value == number;
}

}  // namespace

Result<std::string> make_password_record(std::string_view password) {
  if (const std::string weakness = weakness_of(password); !weakness.empty()) {
    return fail(ErrorCode::invalid, "the password " + weakness);
  }
  const std::string salt = random_bytes(salt_bytes);
  AITRADE_TRY(const SecretBytes hash, derive_key(password, salt, cost));
  return "scrypt$" + std::to_string(cost.log2_n) + "$" + std::to_string(cost.r) + "$" + std::to_string(cost.p) + "$" +
         to_hex(salt) + "$" + to_hex(hash.text());
}

Result<bool> fits_password(std::string_view record, std::string_view password) {
  const auto parts = split(record);
  const Error broken = fail(ErrorCode::corrupt, "the stored password is not one; set it again with `aitrade passwd`");
  KdfCost of;
  if (parts.size() != 6 || parts[0] != "scrypt" || !read_number(parts[1], of.log2_n) || !read_number(parts[2], of.r) ||
      !read_number(parts[3], of.p) || !check_cost(of, memory_limit)) {
    return broken;
  }
  const std::string salt = from_hex(parts[4]);
  const std::string hash = from_hex(parts[5]);
  if (salt.size() < salt_bytes || hash.size() != aes_key_size) return broken;
  AITRADE_TRY(const SecretBytes derived, derive_key(password, salt, of));
  return equal_secrets(derived.text(), hash);
}

}  // namespace aitrade
