// Indicators by text: names, defaults, and errors that say what was meant.
#include "core/indicators/request.h"

#include "tests/core/indicators/series.h"

#include <catch2/catch.hpp>

namespace aitrade::test {
namespace {

std::string names(std::string_view text) {
  IndicatorSet set(minutes(1));
  const auto columns = request(set, text);
  if (!columns) return columns.error().what;
  std::string joined;
  for (const RequestedColumn& column : *columns)
    joined += (joined.empty() ? "" : " ") + column.name;
  return joined;
}

}  // namespace

TEST_CASE("request: columns are named after the request") {
  CHECK(names("rsi:14") == "rsi_14");
  CHECK(names("rsi") == "rsi_14");
  CHECK(names("true_range") == "true_range");
  CHECK(names("adx:7") == "adx_7_adx adx_7_plus_di adx_7_minus_di");
  CHECK(names("bollinger:20:2") ==
        "bollinger_20_2_lower bollinger_20_2_mid bollinger_20_2_upper bollinger_20_2_position "
        "bollinger_20_2_width");
  CHECK(names("bollinger:50:2.5").find("bollinger_50_2.5_upper") != std::string::npos);
  CHECK(names("squeeze") == "squeeze_20_2_20_14_1.5");
  CHECK(names("squeeze_momentum") == "squeeze_momentum_12");
  CHECK(names("macd:12:26") == "macd_12_26_9_line macd_12_26_9_signal macd_12_26_9_histogram");
}

TEST_CASE("request: errors name the word and the remedy") {
  CHECK(names("rsy:14") == "unknown indicator 'rsy'; did you mean 'rsi'?");
  CHECK(names("bolinger:20:2") == "unknown indicator 'bolinger'; did you mean 'bollinger'?");
  CHECK(names("rsi:14:3") == "indicator 'rsi:14:3': takes at most 1 parameters, found 2");
  CHECK(names("rsi:") == "indicator 'rsi:': n must be a whole number from 1 to 100000, found ''");
  CHECK(names("rsi:1.5") ==
        "indicator 'rsi:1.5': n must be a whole number from 1 to 100000, found '1.5'");
  CHECK(names("rsi:0").find("found '0'") != std::string::npos);
  CHECK(names("rsi:-3").find("found '-3'") != std::string::npos);
  CHECK(names("rsi:14x").find("found '14x'") != std::string::npos);
  CHECK(names("rsi:nan").find("found 'nan'") != std::string::npos);
  CHECK(names("choppiness:1").find("from 2") != std::string::npos);
  CHECK(names("bollinger:20:0").find("k must be a number from 0.01 to 20") != std::string::npos);
  CHECK(names("macd:26:12") == "indicator 'macd:26:12': fast must be below slow, found 26 and 12");
}

TEST_CASE("request: every kind can be asked with its defaults and comes to have values") {
  const auto bars = random_series(300, 4);
  for (const IndicatorKind& kind : indicator_kinds()) {
    INFO(kind.name);
    IndicatorSet set(minutes(1));
    const auto columns = request(set, kind.name);
    REQUIRE(columns);
    CHECK(columns->size() == std::max<std::size_t>(kind.outputs.size(), 1));
    for (const Bar& bar : bars)
      set.update(bar);
    for (const RequestedColumn& column : *columns) {
      INFO(column.name);
      CHECK(std::isfinite(column.line.last()));
    }
  }
  const auto kinds = indicator_kinds();
  CHECK(std::is_sorted(kinds.begin(), kinds.end(),
                       [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST_CASE("request: the same column as the direct request") {
  IndicatorSet set(minutes(1));
  const auto columns = request(set, "keltner:20:14:1.5");
  REQUIRE(columns);
  CHECK((*columns)[3].line == set.keltner(20, 14, 1.5).position);
}

}  // namespace aitrade::test
