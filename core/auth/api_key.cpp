#include "core/auth/api_key.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/vault/secret_bytes.h"

namespace aitrade {
namespace {

constexpr std::string_view prefix = "atk_";
constexpr std::size_t id_size = 10;
constexpr std::size_t secret_size = 43;
constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Reads every character, and each as fast as any other: a search that stops, or looks longer for some characters than
/// for others, tells by its time what a key is made of (security.md, N42).
bool consists_of(std::string_view text, std::string_view alphabet) {
  std::array<unsigned char, 256> is_foreign{};
  is_foreign.fill(1);
  for (const char c : alphabet) is_foreign[static_cast<unsigned char>(c)] = 0;
  unsigned foreign = 0;
  for (const char c : text) foreign |= is_foreign[static_cast<unsigned char>(c)];
  return foreign == 0;
}

std::string encode(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += base64url[(bits >> (count - 6)) & 63U];
  }
  if (count > 0) text += base64url[(bits << (6 - count)) & 63U];
  return text;
}

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::none: return "none";
    case Scope::read: return "read";
    case Scope::control: return "control";
    case Scope::admin: return "admin";
  }
  return "";
}

Result<Scope> parse_scope(std::string_view text) {
  Scope widest = Scope::none;
  while (true) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view word = text.substr(0, comma);
    const Scope scope = word == "read"      ? Scope::read
                        : word == "control" ? Scope::control
                        : word == "admin"   ? Scope::admin
                                            : Scope::none;
    if (scope == Scope::none) {
      return fail(ErrorCode::invalid, "'" + std::string(word) + "' is no scope: read, control or admin");
    }
    widest = std::max(widest, scope);
    if (comma == text.size()) return widest;
    text.remove_prefix(comma + 1);
  }
}

std::optional<KeyParts> parse_key(std::string_view text) {
  if (text.size() != prefix.size() + id_size + 1 + secret_size || !text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const std::string_view id = text.substr(0, id_size);
  const std::string_view secret = text.substr(id_size + 1);
  if (text[id_size] != '_' || !consists_of(id, base32) || !consists_of(secret, base64url)) return std::nullopt;
  return KeyParts{std::string(id), Secret(std::string(secret))};
}

std::string random_token(std::size_t count) {
  std::string bytes = random_bytes(count);
  std::string text = encode(bytes);
  wipe(bytes.data(), bytes.size());
  return text;
}

NewKey make_key() {
  std::string id;
  for (const char c : random_bytes(id_size)) id += base32[static_cast<unsigned char>(c) % base32.size()];
  Secret secret(random_token(32));
  std::string text(prefix);
  text.append(id).append("_").append(secret.reveal());
  return {Secret(std::move(text)), {std::move(id), std::move(secret)}};
}

Digest key_mac(std::string_view pepper, std::string_view secret) { return hmac_sha256(pepper, secret); }

bool equal_digests(const Digest& a, const Digest& b) { return equal_secrets(view(a), view(b)); }

std::string fault_of_bootstrap_key(std::string_view text) {
  constexpr std::size_t least = 32;
  constexpr std::array<std::string_view, 7> samples{"change", "example", "sample",  "password",
                                                    "secret_key", "random_string", "your_"};
  if (text.size() < least) return "has fewer than 32 characters";
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const std::string_view sample : samples) {
    if (lower.find(sample) != std::string::npos) return "is a sample value";
  }
  if (std::set<char>(text.begin(), text.end()).size() < 8) return "is too even to be random";
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) return "has a space in it";
  return "";
}

}  // namespace aitrade
