// Markets to train on, with a home of their own.
#pragma once

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/home.h"

namespace aitrade::test {

inline const std::vector<std::string> eager{"--config", std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"};

/// A market that rises in the first half of each UTC day and falls in the second, so much a minute: the hour tells what
/// comes.
inline std::vector<Candle> tidal_candles(int count, double tide = 0.0002) {
  std::vector<Candle> candles = made_candles(9, count, 40'000);
  Random random(77);
  double price = 40'000;
  const Price tick = Price::parse_or_die("0.1");
  const auto exact = [&](double x) {
    return round_to_step(*Price::from_double(x, Rounding::half_even), tick, Rounding::half_even);
  };
  for (int i = 0; i < count; ++i) {
    Candle& c = candles[static_cast<std::size_t>(i)];
    const double drift = i % 1440 < 720 ? tide : -tide;
    c.open = exact(price);
    price *= 1 + drift + 0.0008 * random.normal();
    c.close = exact(price);
    c.high = std::max(c.open, c.close) + tick * 3;
    c.low = std::min(c.open, c.close) - tick * 3;
  }
  return candles;
}

/// A tide that pays its costs even with stops that trail as closely as the demo's do.
inline std::vector<Candle> spring_tide(int count) { return tidal_candles(count, 0.00035); }

struct Lab : Home {
  explicit Lab(const std::vector<Candle>& candles) : file(folder.write("btc.csv", to_csv(candles))) {}

  [[nodiscard]] Finished with_eager(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), eager.begin(), eager.end());
    return run(std::move(arguments));
  }

  [[nodiscard]] Finished train(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", file, "--pair", "BTC/USD", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return with_eager(std::move(arguments));
  }

  [[nodiscard]] Finished backtest(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"backtest", file, "--pair", "BTC/USD", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return with_eager(std::move(arguments));
  }

  [[nodiscard]] std::filesystem::path models() const { return std::filesystem::path(path) / "models"; }

  std::string file;
};

inline rapidjson::Document parsed(const Finished& finished) {
  INFO(finished.err);
  rapidjson::Document json;
  json.Parse(finished.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

}  // namespace aitrade::test
