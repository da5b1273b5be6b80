// Bars that must come out of trades and of finer bars (reference/bars_from_trades.json): all four cases.
//
// Intervals without trades are absent there; ours are marked synthetic, and left out of the comparison.
#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/candle_reader.h"
#include "core/data/row_parser.h"
#include "core/market/candle_stream.h"
#include "core/market/resample.h"
#include "tests/support/shared_data.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

struct Print {
  Time at;
  Price price;
  double quantity{0};
};

std::vector<Candle> read_bars(const std::string& path) {
  auto source = ByteSource::open(path);
  REQUIRE(source);
  auto candles = read_all_candles(std::move(*source));
  REQUIRE(candles);
  return *candles;
}

/// Reads time,price,qty,side.
std::vector<Print> read_prints(const std::string& path) {
  auto source = ByteSource::open(path);
  REQUIRE(source);
  std::string text;
  std::vector<char> piece(1 << 16);
  for (;;) {
    const auto n = source->read(piece);
    REQUIRE(n);
    if (*n == 0) break;
    text.append(piece.data(), *n);
  }
  std::vector<Print> prints;
  std::string_view rest = text;
  for (bool is_header = true; !rest.empty(); is_header = false) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (is_header || line.empty()) continue;
    const auto field = [&] {
      const std::string_view out = line.substr(0, line.find(','));
      line.remove_prefix(std::min(out.size() + 1, line.size()));
      return out;
    };
    Print print;
    print.at = *read_time_field(field());
    bool rounded = false;
    print.price = *read_price_field(field(), rounded);
    print.quantity = *read_volume_field(field());
    prints.push_back(print);
  }
  return prints;
}

/// Streams the forming candle after each print, as a venue does, and returns what closed.
std::vector<Candle> bars_of(const std::vector<Print>& prints, Duration interval) {
  CandleStream stream({.instruments = {InstrumentId{0}}, .interval = interval, .watermark = Duration::max()});
  stream.go_live(Time{});
  Candle forming;
  for (const Print& print : prints) {
    const Time open = floor_to(print.at, interval);
    if (forming.trades == 0 || forming.open_time != open) {
      forming = Candle{};
      forming.open_time = open;
      forming.interval = interval;
      forming.open = forming.high = forming.low = print.price;
    }
    forming.high = std::max(forming.high, print.price);
    forming.low = std::min(forming.low, print.price);
    forming.close = print.price;
    forming.volume += print.quantity;
    ++forming.trades;
    REQUIRE(stream.on_row(0, forming) == RowResult::applied);
  }
  stream.flush();
  std::vector<Event> events;
  stream.release(Time{}, events);
  std::vector<Candle> out;
  for (const Event& e : events) {
    const auto* closed = std::get_if<CandleClosed>(&e.body);
    if (closed != nullptr && !closed->candle.synthetic) out.push_back(closed->candle);
  }
  return out;
}

std::vector<Candle> resampled(const std::vector<Candle>& bars, Duration to) {
  Resampler resampler(bars.front().interval, to);
  std::vector<Candle> out;
  for (const Candle& c : bars) {
    for (auto bar = resampler.push(c); bar; bar = resampler.next()) out.push_back(*bar);
  }
  return out;
}

/// How many of `made` have a bar of the same time in `expected`; each must be the same.
int compared(const std::vector<Candle>& made, const std::vector<Candle>& expected, bool count_trades) {
  std::map<std::int64_t, const Candle*> by_time;
  for (const Candle& c : expected) by_time[c.open_time.ns] = &c;
  int count = 0;
  for (const Candle& c : made) {
    const auto found = by_time.find(c.open_time.ns);
    if (found == by_time.end()) continue;
    const Candle& e = *found->second;
    INFO(to_string(c.open_time));
    const bool same = c.open == e.open && c.high == e.high && c.low == e.low && c.close == e.close;
    REQUIRE(same);
    REQUIRE(c.volume == Approx(e.volume).epsilon(1e-9));
    if (count_trades) REQUIRE(c.trades == e.trades);
    ++count;
  }
  return count;
}

std::optional<std::string> data_of(const rapidjson::Value& name) {
  const std::string text = name.GetString();
  return shared_file(text.substr(text.find('/') + 1));   // "shared/data/..."
}

}  // namespace

TEST_CASE("reference bars: an hour of prints has so many bars of each length", "[market][reference]") {
  const auto facts = shared_file("reference/bars_from_trades.json");
  if (!facts) return;
  const auto document = read_json(*facts);
  const auto& one = case_of(document, "kraken_btcusd_hour_counts");
  const auto prints = read_prints(*data_of(one["trades"]));
  for (const auto& count : one["expected"].GetObject()) {
    const std::string name = count.name.GetString();   // "bars_300s"
    const seconds interval{std::stoi(name.substr(5))};
    CHECK(bars_of(prints, interval).size() == count.value.GetUint());
  }
}

TEST_CASE("reference bars: prints become the venue's own bars", "[market][reference]") {
  const auto facts = shared_file("reference/bars_from_trades.json");
  if (!facts) return;
  const auto document = read_json(*facts);
  for (const char* id : {"kraken_btcusd_1m_from_prints", "xrpeth_5m"}) {
    INFO(id);
    const auto& one = case_of(document, id);
    auto made = bars_of(read_prints(*data_of(one["trades"])), seconds{one["interval"].GetInt()});
    const bool has_window = one.HasMember("window");
    if (has_window) {
      const Time from = *parse_time(one["window"][0].GetString());
      const Time to = *parse_time(one["window"][1].GetString());
      std::erase_if(made, [&](const Candle& c) { return c.open_time < from || c.open_time > to; });
    }
    const int bars = one["bars"].GetInt();
    CHECK(static_cast<int>(made.size()) == bars);
    CHECK(compared(made, read_bars(*data_of(one["expected_file"])), has_window) == bars);
  }
}

TEST_CASE("reference bars: five minutes become fifteen", "[market][reference]") {
  const auto facts = shared_file("reference/bars_from_trades.json");
  if (!facts) return;
  const auto document = read_json(*facts);
  const auto& one = case_of(document, "binance_btcusdt_5m_to_15m");
  const auto made = resampled(read_bars(*data_of(one["bars_in"][0])), seconds{one["interval"].GetInt()});
  CHECK(compared(made, read_bars(*data_of(one["expected_file"])), false) == one["expected"]["bars_compared"].GetInt());
}
