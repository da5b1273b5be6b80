#include "core/market/outlier.h"

#include <cmath>

namespace aitrade {

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

BarResult OutlierFilter::push_carefully(const Candle& candle) {
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

void OutlierFilter::accept_pending() {
  counts_.confirmed += pending_count_;
  for (std::size_t i = 0; i < pending_count_; ++i) {
    accepted_[accepted_count_] = pending_[i];
    accept(pending_[i]);
  }
  pending_count_ = 0;
}

}  // namespace aitrade
