// The next nonce of one API key: strictly increasing, also across restarts and clocks set back.
//
// Nonces are microseconds since 1970 where a block begins and count by one inside it. A block of
// 1,000 is reserved in the store before its first nonce is used, so there is one flush for each
// 1,000 requests. A process that ends loses the rest of its block and nothing else. Not
// thread-safe: the owner holds one lock from taking a nonce until the request is written, because
// the venue counts in order of arrival (kraken.md 2).
#pragma once

#include "core/ports/nonce_store.h"

#include <cstdint>
#include <string>

namespace aitrade::kraken {

class NonceSource {
 public:
  static constexpr std::uint64_t block = 1'000;

  /// `store` is borrowed; `key_id` is Signer::key_id().
  NonceSource(NonceStore& store, std::string key_id) : store_(store), key_id_(std::move(key_id)) {}

  /// Takes the next nonce. `wall` is the time now; it may be wrong. Errors: those of the store,
  /// after which nothing was taken; invalid when the count is at its end.
  Result<std::uint64_t> next(Time wall);

  /// Goes on above `seen`, a nonce that somebody else used with this key, or a mark the venue
  /// reports. The next nonce begins a new block.
  void skip_past(std::uint64_t seen);

  /// The newest nonce taken; 0 before the first.
  [[nodiscard]] std::uint64_t last() const { return last_; }

 private:
  Status reserve(Time wall);

  NonceStore& store_;
  std::string key_id_;
  bool is_loaded_{false};
  std::uint64_t last_{0};
  std::uint64_t used_{0};      // every nonce up to here is gone
  std::uint64_t reserved_{0};  // the mark in the store
};

}  // namespace aitrade::kraken
