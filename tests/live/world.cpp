// Time, life and trouble of the world.
#include "tests/live/world.h"

#include "tests/support/trading.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aitrade::live_test {
namespace {

const Time world_start = Time::from_seconds(1'700'000'040);
constexpr Duration slowest_frame = milliseconds{600};

constexpr std::array<std::string_view, static_cast<std::size_t>(sabotage_last) + 1> sabotage_names{
    "none", "resend", "early_dispatch", "ids_reused", "fills_dropped", "open_orders_only", "fixed_look_back",
    "timeout_is_refusal", "cancel_then_place", "fee_lost", "fills_twice", "pause_forgotten", "half_stop",
    "orders_forgotten", "fence_ignored"};

constexpr std::array<std::string_view, static_cast<std::size_t>(trouble_last) + 1> trouble_names{
    "read_lag", "hide_next", "cancel_delay", "pieces", "late_fill", "vanish", "venue_cancel", "manual_trade", "deposit",
    "withdrawal", "cancel_only", "post_only", "maintenance", "expire_tokens", "refuse_stop", "cut", "half_open", "flap",
    "skew", "crash", "rest_out"};

}  // namespace

std::string_view to_string(Sabotage sabotage) { return sabotage_names[static_cast<std::size_t>(sabotage)]; }

std::string_view to_string(Trouble trouble) { return trouble_names[static_cast<std::size_t>(trouble)]; }

World::World(const Options& options, const std::string& ledger_file)
    : options_(options),
      chance_(Random(options.seed).fork("links")),
      market_chance_(Random(options.seed).fork("market")),
      fault_chance_(Random(options.seed).fork("faults")),
      now_(world_start),
      market_(minutes{1}, options.seed),
      ledger_file_(ledger_file) {
  start();
}

void World::start() {
  const bool has_two = chance_.below(2) == 0;
  const std::vector<std::pair<const char*, const char*>> wanted{{"BTC/USD", "50000"}, {"LTC/USD", "70"}};
  for (std::size_t i = 0; i < (has_two ? 2U : 1U); ++i) {
    market_.add(*Symbol::parse(wanted[i].first), Price::parse_or_die(wanted[i].second));
    loopback::ShownPair shown = market_.pairs()[i];
    Instrument instrument = shown.rules;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(i)};
    cast.instruments.push_back(instrument);
    cast.pairs.push_back({instrument.id, shown.symbol, shown.altname, shown.canonical, shown.base_asset, shown.quote_asset});
    Candle past;
    past.interval = minutes{1};
    past.open = past.high = past.low = past.close = Price::parse_or_die(wanted[i].second);
    past.volume = test::quiet;
    for (std::int64_t m = 40; m > 0; --m) {
      past.open_time = floor_to(world_start, minutes{1}) - minutes{m};
      market_.close(i, past);
    }
    forming_.push_back({});
  }
  watched_.resize(cast.instruments.size());
  cast.names.instruments = cast.instruments;
  cast.names.venues = {{VenueId{0}, "kraken"}};
  cast.names.strategies = {{StrategyId{0}, "scripted"}};
  DeskNames desk;
  desk.exchange = "kraken";
  desk.mode = "live";
  desk.bankroll = Money::parse_or_die("10000");
  cast.names.desks.push_back(desk);
  cast.rules = test::script_rules();
  cast.rules.risk.cost = Rate::parse_or_die("0.001");
  cast.rules.strategies[0].cooldown = Duration{0};
  cast.rules.execution.stop_locks = true;
  cast.rules.execution.entry = static_cast<EntryStyle>(chance_.below(3));
  cast.rules.execution.slippage_max = Rate::parse_or_die("0.02");
  cast.rules.execution.target_exit = static_cast<ExitStyle>(chance_.below(3));
  cast.rules.execution.stop_exit = chance_.below(2) == 0 ? ExitStyle::market : ExitStyle::ioc_limit;
  cast.rules.execution.stop_limit = chance_.below(4) == 0;
  if (chance_.below(3) == 0) cast.rules.exits.tiers = {{0.5, 0.5}, {1, 1}};
  cast.key_name = "bGl2ZSB0ZXN0";
  cast.key_secret = "bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0ZXN0cw==";
  key_.id = cast.key_name;
  key_.secret = Secret(cast.key_secret);
  loopback::AccountOptions account;
  account.keys = {key_};
  account.seed = options_.seed;
  account.tier = loopback::RateTier::pro;
  account.deposits = {{"USD", Money::parse_or_die("20000")}};
  if (chance_.below(2) == 0) {   // what the owner had before us
    account.deposits.push_back({"BTC", Money::parse_or_die("1.23456789")});
    account.deposits.push_back({"LTC", Money::parse_or_die("100")});
  }
  venue_ = std::make_unique<loopback::PrivateVenue>(account, market_, now_);
  is_crashy_ = chance_.uniform() < options_.crashes;
  for (std::size_t i = 0; i < cast.instruments.size(); ++i) print_trade(i);
  life_begins();
  at(now_ + seconds{1}, [this] { second(); });
  at(floor_to(now_, minutes{1}) + minutes{1}, [this] { close_minute(); });
  at(now_ + seconds{20}, [this] { draw_trouble(); });
}

void World::life_begins() {
  std::vector<std::vector<Candle>> history;
  for (const loopback::ShownPair& pair : market_.pairs()) {
    const std::size_t skip = pair.closed.size() > 40 ? pair.closed.size() - 40 : 0;
    history.emplace_back(pair.closed.begin() + static_cast<std::ptrdiff_t>(skip), pair.closed.end());
  }
  ++life_;
  if (process_) dead_.push_back(std::move(process_));
  calls_.clear();
  is_calling_ = false;
  auto born = std::make_unique<Process>(*this, ledger_file_, history);
  process_ = std::move(born);
  note("the process starts");
  if (!process_->is_alive()) return;
  is_paused_ = process_->engine().state().paused;
  process_->account().on_wake(now_);
  process_->pump();
  for (std::size_t i = 0; i < market_.pairs().size(); ++i) summarize(i);
}

bool World::draw_crash(Process& process, double share) {
  if (!is_crashy_ || !has_faults_ || fault_chance_.uniform() >= share) return false;
  die(process, "at a weak moment");
  return true;
}

void World::crash(const char* why) {
  if (process_ && process_->is_alive()) die(*process_, why);
}

void World::die(Process& process, const char* why) {
  note(std::string("KILLED ") + why);
  process.die();
  ++report_.crashes;
  if (wire_) {
    wire_->is_ours = false;
    at(now_ + latency(), [this, wire = wire_] { close_wire(wire, "killed", true); });
    wire_.reset();
  }
  const auto pause = milliseconds{200 + static_cast<std::int64_t>(fault_chance_.below(20'000))};
  spoil(pause + seconds{15});
  at(now_ + pause, [this] { life_begins(); });
}

void World::spoil(Duration span) { faulty_until_ = std::max(faulty_until_, now_ + span); }

void World::at(Time when, std::function<void()> what) {
  queue_.emplace(std::pair{std::max(when, now_), ++order_}, std::move(what));
}

void World::step_until(Time end) {
  while (!queue_.empty() && queue_.begin()->first.first <= end && report_.failures.size() < 5) {
    auto next = queue_.extract(queue_.begin());
    now_ = std::max(now_, next.key().first);
    market_.set_now(now_);
    if (process_) process_->clock().set(now_);
    next.mapped()();
  }
  now_ = std::max(now_, end);
  market_.set_now(now_);
}

void World::advance(Duration span) { step_until(now_ + span); }

void World::second() {
  at(now_ + seconds{1}, [this] { second(); });
  venue_->on_time(now_);
  publish();
  if (wire_ && wire_->account.wants_heartbeat()) to_us(wire_, loopback::heartbeat_frame());
  if (process_ && process_->is_alive()) process_->post(Tick{}, now_);
  watch();
  if (has_faults_) operate();
}

// The operator of the bot, now and then.
void World::operate() {
  if (options_.only || !process_ || !process_->is_alive()) return;
  const std::uint64_t draw = chance_.below(1000);
  const auto command = [&](OperatorAction action) {
    note("operator: " + std::to_string(static_cast<int>(action)));
    process_->post(OperatorCommand{action, "cli:1000", "test"}, now_);
  };
  if (draw == 0) {
    if (options_.sabotage != Sabotage::pause_forgotten) command(OperatorAction::pause);
    at(now_ + milliseconds{50}, [this, life = life_] {
      if (life == life_ && process_->is_alive()) is_paused_ = true;
    });
  } else if (draw < 7 && is_paused_) {
    is_paused_ = false;
    command(OperatorAction::resume);
  } else if (draw == 7) {
    command(OperatorAction::close_all);
  } else if (draw == 8) {
    process_->post(FeedDown{}, now_);
    at(now_ + seconds{5 + static_cast<std::int64_t>(chance_.below(40))}, [this, life = life_] {
      if (life == life_) process_->post(FeedUp{}, now_);
    });
  }
}

void World::draw_trouble() {
  if (!has_faults_) return;
  const double mean = static_cast<double>(options_.trouble_every.count());
  at(now_ + Duration{static_cast<std::int64_t>(fault_chance_.exponential(mean))}, [this] { draw_trouble(); });
  if (options_.only) return trouble(*options_.only);
  trouble(static_cast<Trouble>(fault_chance_.below(static_cast<std::uint64_t>(trouble_last) + 1)));
}

void World::calm() {
  note("ALL FAULTS STOP");
  has_faults_ = false;
  venue_->set_read_lag(Duration{0});
  venue_->set_cancel_delay(Duration{0});
  venue_->matching().set_pieces(1);
  refuse_stops_ = 0;
  rest_is_out_ = false;
  flaps_ = 0;
  market_.set_skew(Duration{0});
  set_system("online");
  if (wire_ && wire_->is_mute) close_wire(wire_, "mute", false);
  spoil(seconds{150});
}

Report World::run() {
  step_until(now_ + options_.length);
  calm();
  const Duration lively = std::min<Duration>(minutes{4}, options_.health / 2);
  step_until(now_ + lively);
  quiet();
  step_until(now_ + options_.health - lively);
  // A fill of the last moment is on its way yet, as long as a frame takes at most (reliability.md P7).
  const auto is_on_its_way = [this] {
    const auto& fills = venue_->matching().fills();
    return !fills.empty() && now_ - fills.back().at < slowest_frame;
  };
  for (int i = 0; i < 100 && is_on_its_way(); ++i) step_until(now_ + slowest_frame);
  if (report_.failures.empty()) check_end();
  return report_;
}

void World::note(const std::string& text) {
  if (!options_.keeps_timeline) return;
  report_.timeline.push_back(to_string(now_).substr(11, 12) + " " + text);
  if (report_.timeline.size() > options_.timeline_kept) report_.timeline.pop_front();
}

void World::fail(const std::string& what) {
  report_.failures.push_back(to_string(now_).substr(11, 12) + " " + what);
  note("FAILURE " + what);
}

}  // namespace aitrade::live_test
