// A market that is searched often, and what a search prints without what may differ between two runs of it.
#pragma once

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/home.h"

namespace aitrade::test::tuning {

/// Settings under which the demo candles trade often.
inline const std::vector<std::string> eager{"--config", std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml", "--set",
                                     "risk.risk_of_ruin_threshold=0"};

struct Lab : Home {
  std::string file = folder.write("btc.csv", to_csv(made_candles(3, 20'000, 40'000)));

  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"tune", "mean_reversion", "--data", file, "--pair", "BTC/USD", "--min-trades", "5"};
    arguments.insert(arguments.end(), eager.begin(), eager.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  [[nodiscard]] Finished tune(std::vector<std::string> more) const { return run(command(std::move(more))); }

  [[nodiscard]] std::filesystem::path only_ledger() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(data("tune"))) found.push_back(entry.path());
    REQUIRE(found.size() == 1);
    return found.front();
  }
};

inline rapidjson::Document parsed(const Finished& finished) {
  INFO(finished.err);
  REQUIRE((finished.exit_code == 0 || finished.exit_code == 3));
  rapidjson::Document json;
  json.Parse(finished.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

/// What is printed, without what may differ between two runs of one search.
inline std::string essence(const Finished& finished) {
  rapidjson::Document json = parsed(finished);
  std::string text = finished.out.substr(0, finished.out.find("\"ledger\""));
  const std::size_t command = text.find("\"command\"");
  return text.erase(command, text.find("\"strategy\"") - command);
}

inline const std::vector<std::string> grid{"--method", "grid", "--params",
                                    "rsi_oversold=30:45:5,bb_period=20:50:10", "--json"};
inline const std::vector<std::string> tpe{"--method", "tpe", "--trials", "40", "--seed", "3", "--json"};

inline std::vector<std::string> with(std::vector<std::string> base, const std::vector<std::string>& more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

}  // namespace aitrade::test::tuning
