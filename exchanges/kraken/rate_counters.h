// The venue's two counters, mirrored: how much may be asked now, and what is kept back for exits.
//
// Pure; the time is passed in and may stand still or run backwards. RestCounter is one for each API
// key, TradingCounter one for each account with a count for each pair, shared by REST and WebSocket
// (kraken.md 7). Both rise by what a call costs and decay with time. A reserve is never touched by
// entries and market reading, so that an exit always finds room (reliability.md 1.3, 8.5). The
// venue's own numbers, where it tells them, replace ours.
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace aitrade::kraken {

enum class Tier : std::uint8_t { starter, intermediate, pro };

std::optional<Tier> tier_of(std::string_view name);

/// Who asks: only exits and protection may use the reserve.
enum class Purpose : std::uint8_t { ordinary, exit };

struct CounterLimits {
  double max{0};
  double decay_per_second{0};
};

CounterLimits rest_limits(Tier tier);
CounterLimits trading_limits(Tier tier);

/// A count that rises and decays.
class DecayingCount {
 public:
  [[nodiscard]] double level(Time now, double decay_per_second) const;
  void add(Time now, double cost, double decay_per_second);

  /// The venue says what the count is; `now` is when it said so.
  void set(Time now, double level);

 private:
  double level_{0};
  Time at_;
};

class RestCounter {
 public:
  /// `reserve` is kept for exits: enough for reading an order in each place it may be (2 + 2 + 1).
  explicit RestCounter(Tier tier, double reserve = 5);

  /// Counts a call of `cost` and returns true, or leaves all as it is when it would pass the limit.
  bool take(Time now, double cost, Purpose purpose);

  /// Returns how long until take() would succeed; zero when it would now. A cost that never fits
  /// waits for the empty counter.
  [[nodiscard]] Duration wait(Time now, double cost, Purpose purpose) const;

  [[nodiscard]] double level(Time now) const;

  /// The venue said that the limit is passed: nothing is sent before `until`, and the count is full
  /// then.
  void ban(Time now, Time until);

  /// The venue said that the limit is passed, and not for how long: ordinary calls wait until `until`. What protects
  /// waits a moment only (reliability.md 8.5): the count was full just now and falls from then on.
  void overstep(Time now, Time until);

 private:
  [[nodiscard]] double room_limit(Purpose purpose) const;

  CounterLimits limits_;
  double reserve_;
  DecayingCount count_;
  Time banned_until_;
  Time ordinary_from_, exits_from_;   // after an overstep
};

enum class OrderAction : std::uint8_t { add, amend, edit, cancel };

/// Returns what an action costs on the trading counter, by the age of the order it is about; `age`
/// counts nothing for add.
double trading_cost(OrderAction action, Duration age);

/// Returns the cost of adding `orders` at once.
double batch_add_cost(std::size_t orders);

class TradingCounter {
 public:
  /// `reserve` is kept for exits on each pair: one cancel of a fresh order and one protective order
  /// (8 + 1).
  explicit TradingCounter(Tier tier, double reserve = 9);

  /// Counts an action and returns true; false, and nothing counted, when it would pass the limit.
  /// Cancels are always taken, yet raise the count.
  bool take(Time now, const std::string& pair, OrderAction action, Duration age, Purpose purpose);

  /// The same for a batch of new orders.
  bool take_batch(Time now, const std::string& pair, std::size_t orders, Purpose purpose);

  /// Whether an ordinary action of this cost would be taken: the permit `rate_budget`.
  [[nodiscard]] bool has_room(Time now, const std::string& pair, double cost,
                              Purpose purpose) const;

  /// Returns how long until there is room.
  [[nodiscard]] Duration wait(Time now, const std::string& pair, double cost,
                              Purpose purpose) const;

  [[nodiscard]] double level(Time now, const std::string& pair) const;

  /// The venue told the count of a pair (executions with ratecounter), or that it is full.
  void observe(Time now, const std::string& pair, double level);

  /// The venue told the limit (maxratecount in the answer to the subscription).
  void set_max(double max) { limits_.max = max; }

  [[nodiscard]] double max() const { return limits_.max; }

 private:
  CounterLimits limits_;
  double reserve_;
  std::map<std::string, DecayingCount, std::less<>>
      counts_;  // as many as there are configured pairs
};

}  // namespace aitrade::kraken
