// Takes secrets out of text on its way to a sink: the second line of defence of security.md 8.
//
// The first is the type Secret, which cannot be printed. Here each registered secret is removed in
// its plain, URL, base64 and hex forms, and whatever looks like a credential: values of telling
// names, authorisation headers, tokens with known prefixes, PEM blocks, long mixed base64.
#pragma once

#include "core/base/secret.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// Returns whether a field of that name may never be shown ("api_key", "Authorization",
/// "bot_token").
bool is_secret_name(std::string_view name);

/// May be used from any thread.
class Redactor {
 public:
  /// Remembers a secret to take out. Ones shorter than 6 characters are not searched for: they
  /// would hide ordinary text.
  void add(const Secret& secret);

  /// Returns the text with "***" for each secret.
  [[nodiscard]] std::string clean(std::string_view text) const;

  /// Returns how many secrets clean() met: each is a bug somewhere else.
  [[nodiscard]] std::uint64_t hits() const { return hits_; }

 private:
  mutable std::mutex mutex_;  // guards forms_
  std::vector<Secret> forms_;
  mutable std::atomic<std::uint64_t> hits_{0};
};

}  // namespace aitrade
