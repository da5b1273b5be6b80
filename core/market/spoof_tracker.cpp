#include "core/market/spoof_tracker.h"

#include <algorithm>

namespace aitrade {

SpoofTracker::SpoofTracker(std::size_t depth) : depth_(std::max<std::size_t>(depth, 1)) {
  for (Book& side : sides_) side.before.reserve(depth_);
}

SpoofTracker::Large* SpoofTracker::find(Book& side, Price price) {
  for (std::size_t i = 0; i < side.count; ++i) {
    if (side.large[i].price == price && !side.large[i].is_gone) return &side.large[i];
  }
  return nullptr;
}

void SpoofTracker::remove(Book& side, std::size_t i) {
  // Keeps the order, so that a full list gives up its oldest.
  std::move(side.large.begin() + static_cast<std::ptrdiff_t>(i) + 1,
            side.large.begin() + static_cast<std::ptrdiff_t>(side.count),
            side.large.begin() + static_cast<std::ptrdiff_t>(i));
  --side.count;
}

/// A visible level has this quantity now; `before` is zero when it is new.
void SpoofTracker::change(Book& side, Time at, const Level& level, Quantity before, double large) {
  if (level.quantity == before) return;
  if (Large* known = find(side, level.price)) {
    known->peak = std::max(known->peak, level.quantity);
    if (to_double(level.quantity) < left_max * to_double(known->peak)) {
      leave(side, at, level.price, true);
    }
    return;
  }
  if (to_double(level.quantity) <= large || to_double(before) > large) return;
  if (side.count == side.large.size()) remove(side, 0);
  side.large[side.count++] = Large{level.price, level.quantity, at, Time{}, false};
}

/// The order at this price is no longer there, or no longer to be seen.
void SpoofTracker::leave(Book& side, Time at, Price price, bool is_visible) {
  Large* known = find(side, price);
  if (known == nullptr) return;
  if (is_visible && at - known->since <= life_max) {
    known->is_gone = true;
    known->gone_at = at;
  } else {
    remove(side, static_cast<std::size_t>(known - side.large.data()));
  }
}

template <class Better>
void SpoofTracker::update_side(Book& side, Time at, const std::vector<Level>& now, double large,
                               Better better) {
  const std::size_t size = std::min(now.size(), depth_);
  // Beyond the last level of a full side nothing is known.
  const auto is_seen = [&](const std::vector<Level>& levels, std::size_t count, Price price) {
    return count < depth_ || better(price, levels[count - 1].price);
  };
  const std::vector<Level>& old = side.before;
  std::size_t i = 0, k = 0;
  while (i < old.size() || k < size) {
    if (k == size || (i < old.size() && better(old[i].price, now[k].price))) {
      leave(side, at, old[i].price, is_seen(now, size, old[i].price));
      ++i;
    } else if (i == old.size() || better(now[k].price, old[i].price)) {
      if (is_seen(old, old.size(), now[k].price)) change(side, at, now[k], Quantity{}, large);
      ++k;
    } else {
      change(side, at, now[k], old[i].quantity, large);
      ++i;
      ++k;
    }
  }
  side.before.assign(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(size));
}

/// Counts what is gone and was not explained by a trade in time.
void SpoofTracker::settle(Book& side, Time at) {
  for (std::size_t i = 0; i < side.count;) {
    const Large& large = side.large[i];
    if (!large.is_gone || at - large.gone_at < trade_delay) {
      ++i;
      continue;
    }
    for (std::size_t k = 0; k < side.retracted.size(); ++k) {
      const Retraction& earlier = side.retracted.back(k);
      if (earlier.price == large.price && large.gone_at - earlier.at < window) spoofed_at_ = large.gone_at;
    }
    side.retracted.push({large.price, large.gone_at});
    ++retractions_;
    remove(side, i);
  }
}

void SpoofTracker::update(Time at, const BookLevels& book, double large) {
  for (Book& side : sides_) settle(side, at);
  const bool is_first = sides_[0].before.empty();
  if (is_first) {  // nothing of it is new: it was there before we looked
    for (std::size_t s = 0; s < 2; ++s) {
      const std::vector<Level>& levels = s == 0 ? book.bids : book.asks;
      const std::size_t size = std::min(levels.size(), depth_);
      sides_[s].before.assign(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(size));
    }
    return;
  }
  update_side(sides_[0], at, book.bids, large, [](Price a, Price b) { return a > b; });
  update_side(sides_[1], at, book.asks, large, [](Price a, Price b) { return a < b; });
}

template <class Hits>
void SpoofTracker::drop_traded(Book& side, Hits hits) {
  for (std::size_t i = 0; i < side.count;) {
    if (hits(side.large[i].price)) {
      remove(side, i);
    } else {
      ++i;
    }
  }
}

void SpoofTracker::on_trade(Time at, Price price) {
  for (Book& side : sides_) settle(side, at);
  drop_traded(sides_[0], [&](Price level) { return price <= level; });
  drop_traded(sides_[1], [&](Price level) { return price >= level; });
}

void SpoofTracker::forget() {
  for (Book& side : sides_) {
    side.before.clear();
    side.count = 0;
  }
}

bool SpoofTracker::is_spoofed(Time now) const {
  return spoofed_at_ && now - *spoofed_at_ < window;
}

}  // namespace aitrade
