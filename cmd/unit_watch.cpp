#include "cmd/unit_watch.h"

#include "cmd/client.h"
#include "core/threads/priority.h"

namespace aitrade::cli {
namespace {

constexpr Duration kill_limit{seconds{60}};   // for being flat after a kill (operations.md 8.6)

}  // namespace

UnitWatch::UnitWatch(EngineUnit& unit, MarketLink& market, MarketFan& fan)
    : unit_(unit), market_(market), trades_(unit.log), future_(done_.get_future()) {
  if (!unit.is_reachable()) {
    done_.set_value(fail(ErrorCode::invalid, unit.failure()));
    return;
  }
  thread_ = std::thread([this, &fan] {
    wake_promptly();
    Status ended = unit_.runner->run();
    if (!ended) unit_.fail_with(ended.error().what);
    if (ended && !unit_.failure().empty()) ended = fail(ErrorCode::busy, unit_.failure());
    fan.leave(unit_.reader);
    if (!ended) unit_.show_failure();
    done_.set_value(std::move(ended));
  });
}

UnitWatch::~UnitWatch() {
  if (thread_.joinable()) thread_.join();
}

bool UnitWatch::is_done() const {
  return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

bool UnitWatch::wait(std::chrono::steady_clock::time_point end) const {
  return future_.wait_until(end) == std::future_status::ready;
}

void UnitWatch::pause(const char* reason) {
  Event event;
  event.body = OperatorCommand{OperatorAction::pause, "system", reason};
  unit_.runner->mailbox().push(std::move(event));
}

void UnitWatch::hold(const std::string& why) {
  if (why == hold_ || !unit_.is_reachable()) return;
  hold_ = why;
  Event event;
  event.body = EntriesHeld{why};
  unit_.runner->mailbox().push(std::move(event));
}

/// Tells the venue how its clock differs, and people when entries are held back there, and when no more. What needs
/// a person pauses as well, and waits for him when it is over (operations.md 8.5).
void UnitWatch::look_after() {
  if (!unit_.live) return;
  unit_.live->set_skew(market_.feed().health().skew);
  const kraken::VenueHealth health = unit_.live->health();
  if (health.is_refused && !std::exchange(was_refused_, true)) pause("exchange_auth");
  if (health.is_clock_off && !std::exchange(was_clock_off_, true)) pause("clock_skew");
  was_refused_ = health.is_refused;
  was_clock_off_ = health.is_clock_off;
  unit_.runner->show_held(health.blocked == kraken::entries_stopped ? "" : health.blocked);   // `status` says a pause itself
  unit_.runner->show_latency(health.latency, unit_.journal->health().flush);
  if (health.blocked == blocked_) return;
  blocked_ = health.blocked;
  if (blocked_.empty()) {
    unit_.log.info("entries.permitted", {{"undecided", health.undecided}});
  } else {
    unit_.log.warn("entries.held", {{"why", blocked_}, {"undecided", health.undecided}});
  }
}

void UnitWatch::beat() {
  trades_.look(*unit_.board.read());
  look_after();
  Event tick;
  tick.at = tick.when = market_.clock().now();
  tick.body = Tick{};
  if (market_.speed() > 0) static_cast<void>(unit_.runner->mailbox().offer(std::move(tick)));
  if (!was_full_ && unit_.journal->health().reserve_used) {
    was_full_ = true;   // the disk was full once: exits use the reserve, entries stop
    pause("disk_full");
  }
}

void UnitWatch::let_go() {
  if (std::exchange(is_let_go_, true)) return;
  if (unit_.live) unit_.live->stop(Duration{0});
}

bool UnitWatch::is_killed(Time now) const {
  const Time since{unit_.killed_at.load()};
  return since.ns != 0 && (unit_.board.read()->positions.empty() || now - since > kill_limit);
}

bool UnitWatch::is_over(Time now) const {
  if (is_done() || is_killed(now)) return true;
  const auto view = unit_.board.read();
  return view->halted && unit_.killed_at.load() == 0 && view->positions.empty();
}

std::uint64_t Pulse::beat(const std::vector<std::pair<std::size_t, std::uint64_t>>& progress) {
  if (progress.size() == 1 && seen_.empty()) return progress.front().second;
  for (const auto& [engine, now] : progress) {
    const auto seen = seen_.find(engine);
    if (seen != seen_.end() && seen->second == now) return count_;
  }
  for (const auto& [engine, now] : progress) seen_[engine] = now;
  return ++count_;
}

}  // namespace aitrade::cli
