// Keeps the indicator columns of a sweep, within a budget, for all its threads.
//
// What was not used for longest goes first, and its memory serves the next tape; what a run still reads is
// never dropped, and what depends on a single length, which many runs ask for, goes after what depends on more.
// Two threads that miss the same tape both compute it, and the first one published stays: they are equal, so
// results do not depend on which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/indicators/tape.h"

namespace aitrade {

/// Thread: any; each call locks.
class TapeLibrary final : public TapeSource {
 public:
  /// `bytes_max` is what is kept for later; runs under way may hold more, and up to a sixth of it stays as
  /// memory for tapes to come.
  explicit TapeLibrary(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  std::shared_ptr<Tape> find(const TapeKey& key) override;
  std::shared_ptr<Tape> blank(std::size_t size) override;
  void publish(const TapeKey& key, const std::shared_ptr<Tape>& tape) override;

  /// How often a tape was found, and how many were computed.
  [[nodiscard]] std::uint64_t found() const;
  [[nodiscard]] std::uint64_t computed() const;

  /// Bytes of the tapes kept now.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Item {
    std::shared_ptr<Tape> tape;
    std::uint64_t used{0};
  };

  void make_room();

  mutable std::mutex mutex_;
  std::size_t bytes_max_;
  std::size_t bytes_{0}, spare_bytes_{0};
  std::uint64_t turn_{0}, found_{0}, computed_{0};
  std::map<TapeKey, Item> items_;
  std::vector<std::shared_ptr<Tape>> spare_;   // dropped, to be written anew
};

}  // namespace aitrade
