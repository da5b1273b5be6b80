// Tables of a few candles with signals and settings, and the trades that must come of them
// (reference/freqtrade_candle_cases.json), driven through the simulated venue.
//
// Twelve of the eighteen cases come out as published. The other six differ on purpose, as the table `ours`
// says; what we make of them is checked too.
#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/sim/sim_venue.h"
#include "tests/support/shared_data.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId pair{0};
constexpr Duration tick_length{hours{1}};
const Time first_open = Time::from_seconds(1'538'524'800);   // 2018-10-03

struct Outcome {
  std::string reason;
  int open_tick{0}, close_tick{0};

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// A case in which we do something else, and why.
struct Difference {
  double profit;
  Outcome outcome;
  const char* why;
};

const std::map<int, Difference> ours{
    {9, {-0.05, {"force_exit", 1, 4}, "a stop raised by a candle's high works from the next candle on: the last"}},
    {12, {-0.03, {"trailing_stop_loss", 1, 3}, "the same; and the next candle opens beyond it: filled at the open"}},
    {24, {-0.03, {"trailing_stop_loss", 1, 3}, "the open lies beyond the stop: no target of that candle comes before"}},
    {36, {-0.02, {"trailing_stop_loss", 1, 2}, "a stop raised by a candle's high works from the next candle on"}},
    {42, {0.01, {"roi", 1, 1}, "filled at the low, the rest of the candle's path reaches the target"}},
    {48, {-0.031, {"exit_signal", 2, 4}, "a marketable limit fills at the market, not at its own worse price"}},
};

Price price_of(double value) {
  return round_to_step(*Price::from_double(value, Rounding::half_even), px("0.0001"), Rounding::half_even);
}

/// Plays the strategy of one case: what rests at the venue, and what changes at each close.
class Player {
 public:
  explicit Player(const rapidjson::Value& one)
      : settings_(one["settings"]), candles_(one["candles"]), venue_({instrument()}, free_and_instant(), usd("1000000")) {}

  void play() {
    const auto count = static_cast<int>(candles_.Size());
    for (tick_ = 0; tick_ < count; ++tick_) {
      const bool is_last = tick_ + 1 == count;
      const Time open = first_open + tick_length * tick_;
      const bool is_leaving = reason_ == "exit_signal" && !setting("custom_exit_price");
      if (is_last && is_open_ && !is_leaving) send(leave("force_exit"), open);   // their run ends at the last open
      walk(candle(tick_));
      decide(open + tick_length);
    }
  }

  std::vector<Outcome> outcomes;
  double profit{0};

 private:
  enum : std::uint32_t { entry_id = 1, stop_id = 2, target_id = 3, exit_id = 4 };

  static Instrument instrument() {
    Instrument out = spot();
    out.tick = px("0.0001");
    return out;
  }

  [[nodiscard]] double number_of(int tick, const char* column) const {
    const auto& row = candles_[static_cast<rapidjson::SizeType>(tick)];
    static const std::vector<std::string> columns{"tick", "open", "high", "low", "close", "volume", "enter_long", "exit_long"};
    const auto at = std::find(columns.begin(), columns.end(), column) - columns.begin();
    return row[static_cast<rapidjson::SizeType>(at)].GetDouble();
  }

  [[nodiscard]] Candle candle(int tick) const {
    Candle c;
    c.open_time = first_open + tick_length * tick;
    c.interval = tick_length;
    c.open = price_of(number_of(tick, "open"));
    c.high = price_of(number_of(tick, "high"));
    c.low = price_of(number_of(tick, "low"));
    c.close = price_of(number_of(tick, "close"));
    c.volume = number_of(tick, "volume");
    return c;
  }

  [[nodiscard]] std::optional<double> setting(const char* name) const {
    if (settings_[name].IsNull()) return std::nullopt;
    return settings_[name].GetDouble();
  }

  Order order(std::uint32_t id, Side side, OrderType type, double price) {
    Order o;
    o.client_id = ClientOrderId{id + 10 * round_, 1, OrderRole::entry, 0};
    o.instrument = pair;
    o.side = side;
    o.type = type;
    o.quantity = qty("1");
    o.reduce_only = side == Side::sell;
    if (type == OrderType::limit) o.limit = price_of(price);
    if (type == OrderType::stop) o.trigger = price_of(price);
    return o;
  }

  Order leave(const std::string& reason) {
    reason_ = reason;
    const auto asked = setting("custom_exit_price");
    const bool is_forced = reason == "force_exit";
    return order(is_forced ? exit_id + 1 : exit_id, Side::sell, asked && !is_forced ? OrderType::limit : OrderType::market,
                 asked.value_or(0));
  }

  void send(const Order& o, Time now) { venue_.submit(o, now); }

  void move(std::uint32_t id, double limit, double trigger, Time now) {
    ReplaceOrder change;
    change.client_id = ClientOrderId{id + 10 * round_, 1, OrderRole::entry, 0};
    change.instrument = pair;
    if (limit > 0) change.limit = price_of(limit);
    if (trigger > 0) change.trigger = price_of(trigger);
    venue_.replace(change, now);
  }

  /// The profit to take at this age; the settings map minutes to ratios.
  [[nodiscard]] double roi(double minutes_held) const {
    double ratio = 0;
    double oldest = -1;
    for (const auto& step : settings_["roi"].GetObject()) {
      const double age = std::stod(step.name.GetString());
      if (age > minutes_held || age < oldest) continue;
      oldest = age;
      ratio = step.value.GetDouble();
    }
    return ratio / leverage();
  }

  [[nodiscard]] double leverage() const { return settings_["leverage"].GetDouble(); }

  void walk(const Candle& c) {
    venue_.begin(pair, c);
    Event event;
    while (venue_.next_outcome(event)) {
      if (const auto* filled = std::get_if<OrderFilled>(&event.body)) on_fill(filled->fill, event.at);
    }
  }

  void on_fill(const Fill& fill, Time at) {
    const double price = to_double(fill.price);
    if (fill.side == Side::buy) {
      is_open_ = true;
      is_waiting_ = false;
      entered_ = price;
      entered_at_ = at;
      open_tick_ = tick_;
      best_ = price;
      stop_ = price * (1 + settings_["stop_loss"].GetDouble() / leverage());
      trails_ = false;
      send(order(stop_id, Side::sell, OrderType::stop, stop_), at);
      send(order(target_id, Side::sell, OrderType::limit, price * (1 + roi(0))), at);
      return;
    }
    const std::uint32_t id = fill.client_id.sequence - 10 * round_;
    const std::string reason = id == stop_id     ? (trails_ ? "trailing_stop_loss" : "stop_loss")
                               : id == target_id ? "roi"
                                                 : reason_;
    outcomes.push_back({reason, open_tick_, tick_});
    profit += leverage() * (price / entered_ - 1);
    is_open_ = false;
    reason_.clear();
    for (const std::uint32_t rest : {stop_id, target_id, exit_id}) cancel(rest, at);
    ++round_;
  }

  void cancel(std::uint32_t id, Time at) {
    venue_.cancel(CancelOrder{ClientOrderId{id + 10 * round_, 1, OrderRole::entry, 0}, pair}, at);
  }

  /// At the close of a candle: trail, age, signals; all of it works from the next candle on.
  void decide(Time now) {
    if (is_open_) {
      trail(now);
      const double held = static_cast<double>((now - entered_at_).count()) / 60e9;
      move(target_id, entered_ * (1 + roi(held)), 0, now);
      const bool exits = settings_["use_exit_signal"].GetBool() || setting("custom_exit_price") ||
                         setting("adjust_entry_price");
      if (exits && number_of(tick_, "exit_long") > 0) send(leave("exit_signal"), now);
      return;
    }
    if (is_waiting_) {
      const double waited = static_cast<double>((now - sent_at_).count()) / 60e9;
      if (setting("timeout") && waited >= *setting("timeout")) {
        cancel(entry_id, now);
        is_waiting_ = false;
      } else if (const auto better = setting("adjust_entry_price")) {
        move(entry_id, *better, 0, now);
      }
      return;
    }
    if (number_of(tick_, "enter_long") <= 0) return;
    const auto asked = setting("custom_entry_price");
    send(order(entry_id, Side::buy, asked ? OrderType::limit : OrderType::market, asked.value_or(0)), now);
    is_waiting_ = true;
    sent_at_ = now;
  }

  void trail(Time now) {
    const bool custom = settings_["use_custom_stoploss"].GetBool();
    if (!settings_["trailing_stop"].GetBool() && !custom) return;
    best_ = std::max(best_, number_of(tick_, "high"));
    const double gained = best_ / entered_ - 1;
    const double offset = settings_["trailing_stop_positive_offset"].GetDouble();
    const auto narrow = setting("trailing_stop_positive");
    const bool reached = gained > offset;
    if (settings_["trailing_only_offset_is_reached"].GetBool() && !reached) return;
    const double distance = narrow && reached ? *narrow : -settings_["stop_loss"].GetDouble();
    const double stop = best_ * (1 - distance);
    if (stop <= stop_) return;
    stop_ = stop;
    trails_ = true;
    move(stop_id, 0, stop_, now);
  }

  const rapidjson::Value& settings_;
  const rapidjson::Value& candles_;
  SimVenue venue_;
  std::string reason_;
  Time entered_at_, sent_at_;
  double entered_{0}, best_{0}, stop_{0};
  std::uint32_t round_{0};
  int tick_{0}, open_tick_{0};
  bool is_open_{false}, is_waiting_{false}, trails_{false};
};

}  // namespace

TEST_CASE("reference: candle tables with signals, stops, targets by age, trailing, limits and timeouts",
          "[sim][reference][X17][X18][X19]") {
  const auto path = shared_file("reference/freqtrade_candle_cases.json");
  if (!path) return;
  const auto document = read_json(*path);
  int reproduced = 0;
  for (const auto& one : document["cases"].GetArray()) {
    const int id = one["id"].GetInt();
    INFO("case " << id);
    Player player(one);
    player.play();
    const auto& expected = one["expected"];
    const double rounded = std::round(player.profit * 1000) / 1000;
    if (const auto differs = ours.find(id); differs != ours.end()) {
      INFO(differs->second.why);
      CHECK(rounded == Approx(differs->second.profit));
      REQUIRE(player.outcomes.size() == 1);
      CHECK(player.outcomes[0].reason == differs->second.outcome.reason);
      CHECK(player.outcomes[0].open_tick == differs->second.outcome.open_tick);
      CHECK(player.outcomes[0].close_tick == differs->second.outcome.close_tick);
      continue;
    }
    ++reproduced;
    CHECK(rounded == Approx(expected["profit_ratio_sum"].GetDouble()).margin(1e-12));
    const auto& trades = expected["trades"].GetArray();
    REQUIRE(player.outcomes.size() == trades.Size());
    for (rapidjson::SizeType i = 0; i < trades.Size(); ++i) {
      CHECK(player.outcomes[i].reason == trades[i]["exit_reason"].GetString());
      CHECK(player.outcomes[i].open_tick == trades[i]["open_tick"].GetInt());
      CHECK(player.outcomes[i].close_tick == trades[i]["close_tick"].GetInt());
    }
  }
  CHECK(reproduced == 12);
}
