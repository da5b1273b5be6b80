#include "core/market/outlier.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

namespace {

/// A price in the units it is kept in: ratios are the same, and nothing is divided.
double units(Price price) { return static_cast<double>(price.raw()); }

}  // namespace

std::string_view to_string(BarOutcome outcome) {
  switch (outcome) {
    case BarOutcome::applied:
      return "applied";
    case BarOutcome::duplicate:
      return "duplicate";
    case BarOutcome::late:
      return "late";
    case BarOutcome::quarantined:
      return "quarantined";
    case BarOutcome::rejected:
      return "rejected";
  }
  return "";
}

BarResult OutlierFilter::push(const Candle& candle) {
  accepted_count_ = 0;
  const char* fault = candle.closed ? fault_of(candle) : "it is not closed";
  if (fault != nullptr) {
    ++counts_.rejected;
    return {BarOutcome::rejected, fault};
  }
  const Candle* newest = pending_count_ > 0 ? &pending_[pending_count_ - 1] : has_last_ ? &last_ : nullptr;
  if (newest != nullptr && candle.open_time <= newest->open_time) return refuse_known_time(candle);

  if (has_last_ && is_far(candle, last_.close)) {
    const bool confirmed =
        pending_count_ > 0 && !is_far(candle, pending_[pending_count_ - 1].close);
    if (!confirmed && pending_count_ + 1 < suspects_max) {
      pending_[pending_count_++] = candle;
      ++counts_.quarantined;
      return {BarOutcome::quarantined, "outlier"};
    }
    accept_pending();
  } else if (pending_count_ > 0) {
    // Back where the series was: what waited was a spike, unless this bar is near it as well.
    if (is_far(candle, pending_[pending_count_ - 1].close)) {
      counts_.dropped += pending_count_;
      pending_count_ = 0;
    } else {
      accept_pending();
    }
  }
  if (accepted_count_ > 0) accepted_[accepted_count_] = candle;   // it follows those that waited
  accept(candle);
  return {BarOutcome::applied, {}};
}

bool OutlierFilter::confirm(Price reference) {
  accepted_count_ = 0;
  if (pending_count_ == 0 || !reference.is_positive()) return false;
  const double waiting = to_double(pending_[pending_count_ - 1].close);
  if (std::abs(to_double(reference) / waiting - 1.0) > settings_.confirm_within) return false;
  accept_pending();
  return true;
}

bool OutlierFilter::is_far(const Candle& candle, Price from) const {
  if (settings_.threshold <= 0) return false;
  const double base = units(from);
  double limit = settings_.threshold * base;
  if (atr_bars_ >= settings_.atr_period) {
    const double range = settings_.atr_multiple * atr_;
    limit = std::max(limit, from == last_.close ? range : range * base / units(last_.close));
  }
  return units((candle.close - from).abs()) > limit;
}

BarResult OutlierFilter::refuse_known_time(const Candle& candle) {
  for (std::size_t i = 0; i <= pending_count_; ++i) {
    const Candle& known = i < pending_count_ ? pending_[i] : last_;
    if (i == pending_count_ && !has_last_) break;
    if (known.open_time != candle.open_time) continue;
    if (known == candle) {
      ++counts_.duplicate;
      return {BarOutcome::duplicate, "equal to the bar at its time"};
    }
    ++counts_.rejected;
    return {BarOutcome::rejected, "differs from the closed bar at its time"};
  }
  ++counts_.late;
  return {BarOutcome::late, "older than the newest bar"};
}

void OutlierFilter::accept(const Candle& candle) {
  if (has_last_) {
    const double range = units(std::max(candle.high, last_.close) - std::min(candle.low, last_.close));
    if (atr_bars_ < settings_.atr_period) ++atr_bars_;
    atr_ += (range - atr_) / static_cast<double>(atr_bars_);  // mean while warming, then Wilder's
  }
  last_ = candle;
  has_last_ = true;
  ++accepted_count_;
  ++counts_.applied;
}

void OutlierFilter::accept_pending() {
  counts_.confirmed += pending_count_;
  for (std::size_t i = 0; i < pending_count_; ++i) {
    accepted_[accepted_count_] = pending_[i];
    accept(pending_[i]);
  }
  pending_count_ = 0;
}

}  // namespace aitrade
