// Who we are to the venue, and the proof of it on each private request (kraken.md 2).
//
// Pure: path, nonce and body in, headers out. The proof covers the very bytes of the body, so a
// body is built once, signed, and sent unchanged. The decoded secret is wiped when the signer goes.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade::kraken {

/// One key pair as the venue hands it out: the name travels with each request, the secret never
/// does.
struct ApiKey {
  std::string name;  // header API-Key
  Secret secret;     // base64, as the venue shows it
};

class Signer {
 public:
  /// Decodes the secret; errors: invalid (empty name, or a secret that is not base64). The text of
  /// the secret is in no error.
  static Result<Signer> make(const ApiKey& key);

  /// Returns API-Sign: base64 of HMAC-SHA512(secret, path + SHA256(nonce digits + body)). `path`
  /// begins with "/0/private/" and has no host, no query and no prefix of a proxy.
  [[nodiscard]] std::string sign(std::string_view path, std::uint64_t nonce,
                                 std::string_view body) const;

  /// Returns the text of the header API-Key.
  [[nodiscard]] const std::string& key_name() const { return name_; }

  /// Returns 16 hexadecimal characters of SHA-256 of the key's name: tells keys apart in the ledger
  /// and in messages without naming one (X16: two accounts with one credential).
  [[nodiscard]] const std::string& key_id() const { return id_; }

 private:
  Signer() = default;

  std::string name_;
  std::string id_;
  Secret secret_;  // decoded bytes
};

}  // namespace aitrade::kraken
