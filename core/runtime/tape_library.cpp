#include "core/runtime/tape_library.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace aitrade {
namespace {

constexpr std::size_t spare_share = 6;   // of the budget, for memory that waits to be written anew

std::size_t bytes_of(const Tape& tape) {
  return tape.size * sizeof(double);
}

/// Whether many parameter sets are likely to ask for it: one length has some dozens of values. What depends on
/// more than that comes again in the next points of a grid, and at random hardly ever.
bool is_common(const TapeKey& key) {
  return std::all_of(key.parameters.begin() + 1, key.parameters.end(), [](double p) { return p == 0; });
}

}  // namespace

std::shared_ptr<Tape> TapeLibrary::find(const TapeKey& key) {
  const std::lock_guard lock(mutex_);
  const auto known = items_.find(key);
  if (known == items_.end()) return nullptr;
  known->second.used = ++turn_;
  ++found_;
  return known->second.tape;
}

std::shared_ptr<Tape> TapeLibrary::blank(std::size_t size) {
  {
    const std::lock_guard lock(mutex_);
    ++computed_;
    const auto fits = std::find_if(spare_.begin(), spare_.end(),
                                   [&](const std::shared_ptr<Tape>& t) { return t->size == size; });
    if (fits != spare_.end()) {
      std::shared_ptr<Tape> tape = std::move(*fits);
      spare_.erase(fits);
      spare_bytes_ -= bytes_of(*tape);
      return tape;
    }
  }
  auto tape = std::make_shared<Tape>();
  tape->cells = std::make_unique_for_overwrite<double[]>(size);
  tape->size = size;
  return tape;
}

void TapeLibrary::publish(const TapeKey& key, const std::shared_ptr<Tape>& tape) {
  const std::lock_guard lock(mutex_);
  if (!items_.try_emplace(key, Item{tape, ++turn_}).second) return;
  bytes_ += bytes_of(*tape);
  if (bytes_ > bytes_max_) make_room();
}

/// Drops the longest unused until the budget holds, the uncommon first while these have a share of it; only tapes
/// that nobody reads. A tape in use can only be let go of meanwhile, never taken: taking needs the lock.
void TapeLibrary::make_room() {
  std::vector<std::tuple<bool, std::uint64_t, TapeKey>> idle;
  std::size_t common = 0;
  for (const auto& [key, item] : items_) {
    if (is_common(key)) common += bytes_of(*item.tape);
  }
  const bool keeps_common = common <= bytes_max_ - bytes_max_ / 4;
  for (const auto& [key, item] : items_) {
    if (item.tape.use_count() == 1) idle.emplace_back(keeps_common && is_common(key), item.used, key);
  }
  std::sort(idle.begin(), idle.end());
  for (const auto& [kept, used, key] : idle) {
    if (bytes_ <= bytes_max_ - bytes_max_ / 8) break;   // some room at once, so that this is rare
    const auto item = items_.find(key);
    bytes_ -= bytes_of(*item->second.tape);
    if (spare_bytes_ + bytes_of(*item->second.tape) <= bytes_max_ / spare_share) {
      spare_bytes_ += bytes_of(*item->second.tape);
      spare_.push_back(std::move(item->second.tape));
    }
    items_.erase(item);
  }
}

std::uint64_t TapeLibrary::found() const {
  const std::lock_guard lock(mutex_);
  return found_;
}

std::uint64_t TapeLibrary::computed() const {
  const std::lock_guard lock(mutex_);
  return computed_;
}

std::size_t TapeLibrary::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace aitrade
