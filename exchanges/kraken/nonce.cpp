#include "exchanges/kraken/nonce.h"

#include <algorithm>
#include <limits>

namespace aitrade::kraken {
namespace {

// Stores keep 63 bits; microseconds reach there in the year 294,000.
constexpr auto nonce_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::uint64_t microseconds_of(Time wall) {
  constexpr std::int64_t ns_per_us = 1'000;
  return wall.ns > 0 ? static_cast<std::uint64_t>(wall.ns / ns_per_us) : 0;
}

}  // namespace

Result<std::uint64_t> NonceSource::next(Time wall) {
  if (used_ >= reserved_) AITRADE_TRY_STATUS(reserve(wall));
  last_ = ++used_;
  return last_;
}

Status NonceSource::reserve(Time wall) {
  if (!is_loaded_) {
    AITRADE_TRY(const std::uint64_t stored, store_.high_water(key_id_));
    used_ = std::max(used_, stored);
    reserved_ = used_;
    is_loaded_ = true;
  }
  const std::uint64_t start = std::max(used_ + 1, microseconds_of(wall));
  if (used_ >= nonce_max || start > nonce_max - block) {
    return fail(ErrorCode::invalid,
                "kraken: the nonces of this API key are used up; make a new key");
  }
  AITRADE_TRY_STATUS(store_.raise(key_id_, start + block - 1, wall));
  used_ = start - 1;
  reserved_ = start + block - 1;
  return ok();
}

void NonceSource::skip_past(std::uint64_t seen) {
  used_ = std::max({used_, reserved_, std::min(seen, nonce_max)});
  reserved_ = used_;
}

}  // namespace aitrade::kraken
