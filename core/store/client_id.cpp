#include "core/store/client_id.h"

#include "core/store/digest.h"

namespace aitrade {
namespace {

constexpr std::size_t signed_bytes = 12;
constexpr std::size_t check_bytes = 4;
constexpr std::size_t text_size = 36;

void put(std::string& bytes, std::uint32_t value, int count) {
  for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> shift) & 0xff);
  }
}

std::uint32_t take(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

std::string check_of(std::string_view signed_part, const ClientIdKey& key) {
  const Digest digest = hmac_sha256(key.key.reveal(), signed_part);
  return std::string(view(digest).substr(0, check_bytes));
}

bool is_dash(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

/// The 16 bytes of a text that has the form of our ids. Errors: invalid.
Result<std::string> bytes_of(std::string_view text) {
  const Error malformed = fail(ErrorCode::invalid, "not a client order id: " + std::string(text));
  if (text.size() != text_size) return malformed;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash(i) != (text[i] == '-')) return malformed;
    if (text[i] != '-') hex += text[i];
  }
  std::string bytes = from_hex(hex);
  if (bytes.size() != signed_bytes + check_bytes) return malformed;
  const std::uint32_t middle = take(bytes, 6, 2);
  const std::uint32_t role = middle >> 8 & 0xf;
  if (middle >> 12 != 8 || take(bytes, 8, 4) >> 30 != 2 || role < 1 || role > 5) return malformed;
  return bytes;
}

}  // namespace

ClientIdKey new_client_id_key() {
  return ClientIdKey{take(random_bytes(4), 0, 4), Secret(random_bytes(32))};
}

std::string client_id_text(const ClientOrderId& id, const ClientIdKey& key) {
  AITRADE_CHECK(id.sequence <= intent_sequence_max);
  std::string bytes;
  put(bytes, key.tag, 4);
  put(bytes, id.epoch, 2);
  put(bytes, 0x8000U | static_cast<std::uint32_t>(id.role) << 8 | id.attempt, 2);
  put(bytes, 0x80000000U | id.sequence, 4);
  bytes += check_of(bytes, key);
  const std::string hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

Result<ClientOrderId> read_client_id(std::string_view text) {
  AITRADE_TRY(const std::string bytes, bytes_of(text));
  const std::uint32_t middle = take(bytes, 6, 2);
  return ClientOrderId{take(bytes, 8, 4) & intent_sequence_max, static_cast<std::uint16_t>(take(bytes, 4, 2)),
                       static_cast<OrderRole>(middle >> 8 & 0xf), static_cast<std::uint8_t>(middle & 0xff)};
}

Result<ClientOrderId> parse_client_id(std::string_view text, const ClientIdKey& key) {
  AITRADE_TRY(const std::string bytes, bytes_of(text));
  if (take(bytes, 0, 4) != key.tag) return fail(ErrorCode::not_found, "an id of another instance");
  if (check_of(std::string_view(bytes).substr(0, signed_bytes), key) != bytes.substr(signed_bytes)) {
    return fail(ErrorCode::corrupt, "an id with our tag that we did not make");
  }
  return read_client_id(text);
}

}  // namespace aitrade
