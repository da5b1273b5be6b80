// Signed bodies of others: HMAC-SHA-256 over "time.body", as webhooks send it (operations.md 4.7, security.md 9.3).
//
// The time is part of what is signed and must be there, so that nobody can send again what he once saw. Pure but for
// SignatureGuard, which may be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/store/digest.h"

namespace aitrade {

/// What a header says: when it was signed, and the signatures, of which one may be right.
struct SignedStamp {
  std::string time;            // 1 to 12 digits, as signed
  std::vector<Digest> macs;    // 1 to 8
};

/// Reads "t=TIME,v1=HEX[,v1=HEX]". Other schemes are skipped, never accepted. Nothing when it is malformed: no t or
/// two, no v1, hexadecimal of another length, more than 1 KiB.
std::optional<SignedStamp> parse_stamp(std::string_view header);

/// Reads a time and one signature from headers of their own. Nothing when one is malformed.
std::optional<SignedStamp> stamp_of(std::string_view time, std::string_view hex);

enum class SignatureVerdict : std::uint8_t { right, wrong, stale };

/// Says whether one of the signatures is ours over these very bytes, and signed within `tolerance` of `now`, before
/// or after. The time is judged last: who cannot sign learns nothing of our clock. Every secret is tried on every
/// signature, in constant time.
SignatureVerdict judge_signature(const SignedStamp& stamp, std::string_view body, std::span<const Secret> secrets,
                                 Time now, Duration tolerance);

/// Who sends wrong signatures is not listened to for a while: ten in a minute, then ten minutes of silence.
class SignatureGuard {
 public:
  /// Returns how long `client` is not listened to; zero: it is. Before anything is computed.
  Duration wait(const std::string& client, Time now);

  void failed(const std::string& client, Time now);

 private:
  struct Entry {
    Time since, until;   // of the minute that counts; of the silence
    int count{0};
  };

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace aitrade
