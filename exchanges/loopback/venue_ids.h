// Ids as the venue writes them: "OQCLML-BW3P3-BUCMWZ".
//
// A function of a seed and a count, so that the same script gives the same ids.
#pragma once

#include <cstdint>
#include <string>

namespace aitrade::loopback {

/// Mixes 64 bits (SplitMix64's finaliser).
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// Makes ids of one kind after the other.
class IdMaker {
 public:
  explicit IdMaker(std::uint64_t seed) : seed_(mix_bits(seed)) {}

  /// Returns the next id; `kind` is its first letter: O order, T trade, L ledger entry, and others.
  std::string next(char kind);

 private:
  std::uint64_t seed_;
  std::uint64_t count_{0};
};

}  // namespace aitrade::loopback
