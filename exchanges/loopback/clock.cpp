#include "exchanges/loopback/clock.h"

#include "core/net/http_client.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <thread>

namespace aitrade::loopback {
namespace {

constexpr Duration ask_every_running = milliseconds{500};
constexpr Duration ask_every_standing =
    milliseconds{20};  // speed 0: it moves with what we acknowledge
constexpr int drift_divisor = 20'000;   // two clocks part by 50 millionths at most

using Steady = std::chrono::steady_clock;

Time extrapolate(Time base, double speed, Steady::time_point since) {
  const auto elapsed = std::chrono::duration_cast<Duration>(Steady::now() - since);
  return base + Duration{std::llround(static_cast<double>(elapsed.count()) * speed)};
}

}  // namespace

Time LoopbackClock::now() const {
  const Time floor{hand_.load(std::memory_order_acquire)};
  if (speed_ <= 0) return floor;
  const std::lock_guard lock(mutex_);
  if (!is_started_) return floor;
  return std::max(floor, extrapolate(base_, speed_, started_at_));
}

void LoopbackClock::start() {
  const std::lock_guard lock(mutex_);
  if (is_started_) return;
  is_started_ = true;
  started_at_ = Steady::now();
}

void LoopbackClock::advance_to(Time time) {
  std::int64_t seen = hand_.load(std::memory_order_relaxed);
  while (seen < time.ns && !hand_.compare_exchange_weak(seen, time.ns, std::memory_order_acq_rel)) {
  }
}

bool LoopbackClock::is_started() const {
  const std::lock_guard lock(mutex_);
  return is_started_;
}

Duration LoopbackClock::wall_until(Time time) const {
  const Duration ahead = time - now();
  if (ahead.count() <= 0 || speed_ <= 0) return Duration{0};
  return Duration{std::llround(std::ceil(static_cast<double>(ahead.count()) / speed_))};
}

Result<ClockReading> parse_clock_reading(std::string_view body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  const auto bad = [] { return fail(ErrorCode::invalid, "loopback: not a clock reading"); };
  if (document.HasParseError() || !document.IsObject()) return bad();
  const auto now = document.FindMember("now_ns");
  const auto speed = document.FindMember("speed");
  const auto running = document.FindMember("running");
  const auto finished = document.FindMember("finished");
  for (const auto& found : {now, speed, running, finished}) {
    if (found == document.MemberEnd()) return bad();
  }
  if (!now->value.IsInt64() || !speed->value.IsNumber() || !running->value.IsBool() ||
      !finished->value.IsBool()) {
    return bad();
  }
  return ClockReading{Time{now->value.GetInt64()}, speed->value.GetDouble(),
                      running->value.GetBool(), finished->value.GetBool()};
}

bool is_better(const ClockFix& fresh, const ClockFix& used) {
  const ClockReading& now = fresh.reading;
  const bool moves = now.is_running && now.speed > 0;
  if (!moves || now.is_running != used.reading.is_running || now.speed != used.reading.speed) return true;
  const auto age = std::chrono::duration_cast<Duration>(fresh.at - used.at);
  const Duration grown = used.uncertainty + age / drift_divisor;
  if (fresh.uncertainty <= grown) return true;
  const double expected = static_cast<double>((now.now - used.reading.now).count()) / now.speed;
  return std::abs(expected - static_cast<double>(age.count())) > static_cast<double>((fresh.uncertainty + grown).count());
}

struct RemoteClock::State {
  std::string url;
  HttpClient asking;   // of the thread
  HttpClient telling;  // of acknowledge
  mutable std::mutex mutex;
  std::condition_variable changed;
  ClockFix fix;
  Time highest;
  bool is_stopping{false};
  std::thread thread;

  Status ask() {
    HttpRequest request;
    request.url = url + "/_sim/clock";
    const auto before = Steady::now();
    HttpOutcome outcome = asking.perform(request);
    if (!outcome.is_reply()) return unreached(std::move(outcome.error)).within("loopback clock");
    AITRADE_TRY(const ClockReading fresh, parse_clock_reading(outcome.reply.body));
    const auto half = (Steady::now() - before) / 2;
    const ClockFix found{fresh, before + half, std::chrono::duration_cast<Duration>(half)};
    const std::lock_guard lock(mutex);
    if (is_better(found, fix)) fix = found;
    fix.reading.is_finished = fresh.is_finished;
    return ok();
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!is_stopping) {
      const bool moves = fix.reading.is_running && fix.reading.speed > 0;
      changed.wait_for(lock, moves ? ask_every_running : ask_every_standing);
      if (is_stopping) return;
      lock.unlock();
      static_cast<void>(ask());  // an exchange that is away for a moment: extrapolation goes on
      lock.lock();
    }
  }
};

RemoteClock::RemoteClock(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([s = state_.get()] { s->run(); });
}

Result<std::unique_ptr<RemoteClock>> RemoteClock::connect(const std::string& rest_url) {
  auto state = std::make_unique<State>();
  state->url = rest_url;
  AITRADE_TRY_STATUS(state->ask());
  return std::unique_ptr<RemoteClock>(new RemoteClock(std::move(state)));
}

RemoteClock::~RemoteClock() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
  }
  state_->changed.notify_all();
  state_->asking.cancel();
  state_->thread.join();
}

Time RemoteClock::now() const {
  const std::lock_guard lock(state_->mutex);
  const ClockReading& reading = state_->fix.reading;
  const bool moves = reading.is_running && reading.speed > 0;
  const Time time = moves ? extrapolate(reading.now, reading.speed, state_->fix.at) : reading.now;
  state_->highest = std::max(state_->highest, time);
  return state_->highest;
}

bool RemoteClock::is_finished() const {
  const std::lock_guard lock(state_->mutex);
  return state_->fix.reading.is_finished;
}

double RemoteClock::speed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->fix.reading.speed;
}

Status RemoteClock::acknowledge(Time candle_close) {
  HttpRequest request;
  request.method = "POST";
  request.url = state_->url + "/_sim/ack";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = "{\"close_ns\":" + std::to_string(candle_close.ns) + "}";
  HttpOutcome outcome = state_->telling.perform(request);
  if (!outcome.is_reply()) return std::move(outcome.error).within("loopback ack");
  if (outcome.reply.status != 200) return fail(ErrorCode::rejected, "loopback ack: refused");
  return ok();
}

}  // namespace aitrade::loopback
