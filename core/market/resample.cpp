#include "core/market/resample.h"

#include <algorithm>

namespace aitrade {

Resampler::Resampler(Duration base, Duration target) : base_(base), target_(target), per_bucket_(1) {
  AITRADE_CHECK(base.count() > 0 && target.count() > 0 && target.count() % base.count() == 0);
  per_bucket_ = target.count() / base.count();
}

std::optional<Candle> Resampler::push(const Candle& base_candle) {
  if (has_newest_ && base_candle.open_time <= newest_) return std::nullopt;
  newest_ = base_candle.open_time;
  has_newest_ = true;

  std::optional<Candle> out = next();  // one that the caller did not drain goes first
  if (has_forming_ && base_candle.open_time >= forming_.candle.close_time()) emit(out);
  merge(base_candle);
  if (base_candle.open_time + base_ >= forming_.candle.close_time()) emit(out);
  return out;
}

std::optional<Candle> Resampler::next() {
  if (!has_ready_) return std::nullopt;
  has_ready_ = false;
  return give(ready_);
}

void Resampler::reset() {
  has_newest_ = false;
  has_forming_ = false;
  has_ready_ = false;
}

void Resampler::emit(std::optional<Candle>& out) {
  has_forming_ = false;
  if (!out) {
    out = give(forming_);
    return;
  }
  AITRADE_CHECK(!has_ready_);  // each bucket has a candle of its own, so at most one waits
  ready_ = forming_;
  has_ready_ = true;
}

std::optional<Candle> Resampler::give(const Bucket& bucket) {
  last_real_ = bucket.real;
  return bucket.candle;
}

void Resampler::merge(const Candle& base_candle) {
  Candle& sum = forming_.candle;
  const std::int64_t real = base_candle.synthetic ? 0 : 1;
  if (!has_forming_) {
    sum = base_candle;
    sum.open_time = floor_to(base_candle.open_time, target_);
    sum.interval = target_;
    forming_.real = real;
    has_forming_ = true;
    return;
  }
  sum.high = std::max(sum.high, base_candle.high);
  sum.low = std::min(sum.low, base_candle.low);
  sum.close = base_candle.close;
  sum.volume += base_candle.volume;
  sum.trades += base_candle.trades;
  sum.synthetic = sum.synthetic && base_candle.synthetic;
  forming_.real += real;
}

}  // namespace aitrade
