// An engine while it runs: its thread, what the daemon does for it every second, and when it counts as ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cmd/engine_unit.h"
#include "cmd/trade_log.h"

namespace aitrade::cli {

class UnitWatch {
 public:
  /// Lets the engine run until its mailbox closes or it fails; one that did not start has ended. The references must
  /// outlive this.
  UnitWatch(EngineUnit& unit, MarketLink& market, MarketFan& fan);
  ~UnitWatch();
  UnitWatch(const UnitWatch&) = delete;
  UnitWatch& operator=(const UnitWatch&) = delete;

  /// Whether its thread has ended.
  [[nodiscard]] bool is_done() const;
  [[nodiscard]] bool wait(std::chrono::steady_clock::time_point end) const;

  /// How it ended; once, after it has.
  Status result() { return future_.get(); }

  /// What is due every second: trades told, the venue looked after, time passed on.
  void beat();

  /// Nothing is entered while `why` is not empty; handed on when it changes.
  void hold(const std::string& why);

  /// An engine that failed leaves its venue as a process that fell would. Once it is done.
  void let_go();

  /// After a kill: when nothing is held any more, and at the limit in any case.
  [[nodiscard]] bool is_killed(Time now) const;

  /// Nothing is left for it to do: it has failed, was killed, or is halted with nothing held.
  [[nodiscard]] bool is_over(Time now) const;

  [[nodiscard]] EngineUnit& unit() const { return unit_; }

 private:
  void pause(const char* reason);
  void look_after();

  EngineUnit& unit_;
  MarketLink& market_;
  TradeLog trades_;
  std::string blocked_;   // what was last known of the venue
  std::string hold_;      // what was last said of the tenant
  bool was_refused_{false}, was_clock_off_{false}, was_full_{false}, is_let_go_{false};
  std::promise<Status> done_;
  std::future<Status> future_;
  std::thread thread_;
};

/// A counter that rises once every engine has moved since it rose: one that hangs keeps it where it is.
class Pulse {
 public:
  /// Takes the progress of those that run, by their number. Of one alone it is the counter itself.
  std::uint64_t beat(const std::vector<std::pair<std::size_t, std::uint64_t>>& progress);

 private:
  std::map<std::size_t, std::uint64_t> seen_;
  std::uint64_t count_{0};
};

}  // namespace aitrade::cli
