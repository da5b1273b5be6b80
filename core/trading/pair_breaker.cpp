#include "core/trading/pair_breaker.h"

namespace aitrade {
namespace {

constexpr double rearm_share = 0.5;   // of the way from usual to odd

std::string words_of(const Anomalies& found) {
  std::string out;
  const auto add = [&](bool applies, const char* word) {
    if (applies) out += (out.empty() ? "" : ", ") + std::string(word);
  };
  add(found.wide_spread, "spread");
  add(found.thin_depth, "depth");
  add(found.odd_volume, "volume");
  return out;
}

}  // namespace

bool PairBreaker::judge(const MarketSample& sample, Time now) {
  const bool is_calm = !watch_.compare(sample, rearm_share).any();
  const Anomalies found = watch_.judge(sample);
  if (found.any()) until_ = now + rules_.pause;
  if (tripped_) {
    if (now >= until_ && is_calm) tripped_ = false;
    return false;
  }
  if (!found.any()) return false;
  tripped_ = true;
  cause_ = words_of(found);
  return true;
}

}  // namespace aitrade
