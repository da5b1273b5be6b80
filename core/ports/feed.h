// Where market events come from.
#pragma once

#include <functional>

#include "core/domain/event.h"

namespace aitrade {

/// Takes events from a feed; called on the feed's thread.
using EventSink = std::function<void(Event&&)>;

class MarketFeed {
 public:
  virtual ~MarketFeed() = default;

  /// Connects and keeps connected until stop(); events go to `sink`.
  virtual void start(EventSink sink) = 0;

  /// Stops and joins; no event is delivered after it returns.
  virtual void stop() = 0;
};

}  // namespace aitrade
