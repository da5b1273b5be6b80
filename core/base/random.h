// A small seeded generator that gives the same numbers on every machine.
//
// xoshiro256** (Blackman and Vigna, 2018) seeded by SplitMix64. It is forked by purpose, so that a new
// consumer does not shift the numbers of the others. <random> distributions are not used: they differ
// between standard libraries.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace aitrade {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  /// Returns an independent generator for one purpose; the same name gives the same stream.
  [[nodiscard]] Random fork(std::string_view purpose) const;

  /// Returns 64 uniform bits.
  std::uint64_t next();

  /// Returns a uniform number in [0, 1) with 53 random bits.
  double uniform();

  /// Returns a uniform integer in [0, bound); bound > 0. Unbiased (Lemire 2019, rejection).
  std::uint64_t below(std::uint64_t bound);

  /// Returns a standard normal number (polar method, Marsaglia and Bray 1964).
  double normal();

  /// Returns an exponential number with the given mean.
  double exponential(double mean);

 private:
  std::array<std::uint64_t, 4> state_{};
  std::uint64_t seed_;
};

}  // namespace aitrade
