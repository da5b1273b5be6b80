// Who is calling? API keys, signatures, nonces, permissions and WebSocket tokens.
//
// An independent judge: the signature is computed here from the raw body (kraken.md 2), from
// OpenSSL's primitives alone. The nonce must be strictly greater than the last one accepted; a
// lenient key also takes an equal one, for clients that count in milliseconds.
#pragma once

#include "core/base/secret.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace aitrade::loopback {

struct ApiKey {
  std::string id;
  Secret secret;  // base64, as the venue hands it out
  std::set<std::string, std::less<>> permissions{
      "query-funds",  "query-open-trades", "query-closed-trades", "modify-trades",
      "close-trades", "query-ledger",      "create-ws-token"};
  bool is_lenient{false};  // an equal nonce is accepted
  bool is_revoked{false};
  bool is_checked{true};  // false: any signature is accepted
  std::uint64_t nonce{0};
  Time created, used;
};

/// Makes a key and a secret of 64 random bytes from the system's generator.
ApiKey random_key();

/// Returns base64(HMAC-SHA512(base64_decode(secret), path + SHA256(nonce + body))); nothing when
/// the secret is not base64.
std::optional<std::string> venue_signature(std::string_view secret, std::string_view path,
                                           std::string_view nonce, std::string_view body);

class KeyRing {
 public:
  void add(ApiKey key);

  [[nodiscard]] ApiKey* find(std::string_view id);

  struct Call {
    std::string_view path, key, signature, nonce, body;
  };

  /// Returns the key of a genuine call, whose nonce is then used up; else null and the venue's
  /// error in `error`.
  ApiKey* accept(const Call& call, Time now, std::string& error);

  /// Makes a token for a WebSocket; it must be used within 900 s.
  std::string make_token(const ApiKey& key, std::string token, Time now);

  /// Returns the key behind a token; null when unknown or too old. A connection that has used it
  /// in time (`is_connected`) may go on using it.
  ApiKey* use_token(std::string_view token, Time now, bool is_connected = false);

  /// Forgets all tokens: clients need new ones.
  void expire_tokens() { tokens_.clear(); }

  [[nodiscard]] const std::map<std::string, ApiKey, std::less<>>& keys() const { return keys_; }

  static constexpr Duration token_life = seconds{900};

 private:
  struct Token {
    std::string key;
    Time made;
  };

  std::map<std::string, ApiKey, std::less<>> keys_;
  std::map<std::string, Token, std::less<>> tokens_;
};

}  // namespace aitrade::loopback
