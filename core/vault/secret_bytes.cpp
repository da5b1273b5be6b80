#include "core/vault/secret_bytes.h"

#include "core/base/result.h"

#include <openssl/crypto.h>

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace aitrade {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : size_(size), mapped_(whole_pages(size)) {
  if (size == 0) return;
  void* const memory =
      ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  AITRADE_CHECK(memory != MAP_FAILED);
  data_ = static_cast<unsigned char*>(memory);
  is_locked_ = ::mlock(memory, mapped_) == 0;
  ::madvise(memory, mapped_, MADV_DONTDUMP);
}

SecretBytes SecretBytes::copy_of(std::string_view bytes) {
  SecretBytes copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.data_, bytes.data(), bytes.size());
  return copy;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)),
      is_locked_(other.is_locked_) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  release();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  mapped_ = std::exchange(other.mapped_, 0);
  is_locked_ = other.is_locked_;
  return *this;
}

SecretBytes::~SecretBytes() { release(); }

std::string_view SecretBytes::text() const {
  return {reinterpret_cast<const char*>(data_), size_};
}

void SecretBytes::shorten(std::size_t size) {
  AITRADE_CHECK(size <= size_);
  if (size < size_) wipe(data_ + size, size_ - size);
  size_ = size;
}

void SecretBytes::release() {
  if (data_ == nullptr) return;
  wipe(data_, mapped_);
  ::munmap(data_, mapped_);
  data_ = nullptr;
  size_ = 0;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(void* memory, std::size_t size) { OPENSSL_cleanse(memory, size); }

}  // namespace aitrade
