// Memory for passphrases, keys and the plain text of the vault.
//
// Pages of their own: kept out of swap where the system lets us (best effort), left out of core
// dumps, wiped with a call that the compiler cannot remove before they are given back. Not a
// std::string, so nothing reallocates a copy behind our back. Consumers outside of core/vault get a
// core/base/secret.h Secret.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace aitrade {

/// A block of secret bytes of a size chosen once. Moves, never copies; has no formatter.
class SecretBytes {
 public:
  SecretBytes() = default;

  /// Makes `size` zero bytes. A system without memory for that ends the process.
  explicit SecretBytes(std::size_t size);

  /// Copies `bytes` into secret memory; wiping the original is the caller's.
  static SecretBytes copy_of(std::string_view bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Returns whether the pages cannot be swapped out.
  [[nodiscard]] bool is_locked() const { return is_locked_; }

  [[nodiscard]] std::span<unsigned char> bytes() { return {data_, size_}; }

  [[nodiscard]] std::span<const unsigned char> bytes() const { return {data_, size_}; }

  /// Returns the bytes as text; valid while this lives and is not moved from.
  [[nodiscard]] std::string_view text() const;

  /// Keeps the first `size` bytes and wipes the rest. Requires size <= size().
  void shorten(std::size_t size);

 private:
  void release();

  unsigned char* data_{nullptr};
  std::size_t size_{0};
  std::size_t mapped_{0};  // whole pages
  bool is_locked_{false};
};

/// Compares in a time that depends on the sizes only.
bool equal_secrets(std::string_view a, std::string_view b);

/// Overwrites memory that held a secret.
void wipe(void* memory, std::size_t size);

}  // namespace aitrade
