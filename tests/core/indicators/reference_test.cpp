// Last values that another library published, over its own candles (jesse, MIT; facts only). The
// file lies beside the repository and is not part of it.
//
// Compared here: adx, bollinger_bands_width, donchian, ema, sma, natr, roc, rocr100, stochf,
// supertrend, willr, minmax. Conventions that differ: natr and roc are percents there and fractions
// here; rocr100 is 100 (1 + roc); willr is %K - 100. Not compared although the name is known: vwap,
// which is anchored to the day there and rolls over n bars here; dx, whose adx there smooths with
// an average of a short start, while ours seeds with the mean of the first n DX as TA-Lib does.
#include "core/indicators/indicator_set.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace aitrade::test {
namespace {

using Json = rapidjson::Value;

std::vector<Bar> bars_of(const Json& data) {
  std::vector<Bar> bars;
  if (data.IsObject()) {
    for (const Json& close : data["close"].GetArray()) {
      const double c = close.GetDouble();
      bars.push_back(Bar{Time{}, c, c, c, c, 1, false});
    }
    return bars;
  }
  for (const Json& row : data.GetArray()) {
    bars.push_back(Bar{Time::from_seconds(row[0].GetInt64()), row[1].GetDouble(),
                       row[2].GetDouble(), row[3].GetDouble(), row[4].GetDouble(),
                       row[5].GetDouble(), false});
  }
  constexpr std::size_t counted = 240;  // the source cuts the list there
  if (bars.size() > counted) bars.erase(bars.begin(), bars.end() - counted);
  return bars;
}

/// Returns our value in the convention of the source, or nothing for what we do not offer.
std::optional<double> ours(const std::string& name, const std::string& output,
                           const Json& parameters, const std::vector<Bar>& bars) {
  const auto whole = [&](const char* key) { return parameters[key].GetInt(); };
  IndicatorSet set(minutes(1));
  const auto run = [&](Line line) {
    for (const Bar& bar : bars)
      set.update(bar);
    return line.last();
  };
  if (name == "adx") return run(set.adx(whole("period")).adx);
  if (name == "bollinger_bands_width") {
    return run(set.bollinger(whole("period"), parameters["mult"].GetDouble()).width);
  }
  if (name == "donchian") {
    const DonchianLines lines = set.donchian(whole("period"));
    return run(output == "upperband"   ? lines.upper
               : output == "lowerband" ? lines.lower
                                       : lines.mid);
  }
  if (name == "ema") return run(set.ema(whole("period")));
  if (name == "sma") return run(set.sma(whole("period")));
  if (name == "natr") return 100 * run(set.atr_pct(whole("period")));
  if (name == "roc") return 100 * run(set.roc_pct(whole("period")));
  if (name == "rocr100") return 100 * (1 + run(set.roc_pct(whole("period"))));
  if (name == "stochf") {
    const auto lines = set.stochastic(whole("fastk_period"), 1, whole("fastd_period"));
    return run(output == "k" ? lines.k : lines.d);
  }
  if (name == "supertrend" && output == "trend") {
    return run(set.supertrend(whole("period"), parameters["factor"].GetDouble()).line);
  }
  if (name == "willr") return run(set.stochastic(whole("period"), 1, 1).k) - 100;
  if (name == "minmax" && output.rfind("last_", 0) == 0) {
    const SwingLines lines = set.swings(whole("order"));
    return run(output == "last_max" ? lines.high : lines.low);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("indicators: last values published by another library") {
  std::ifstream file(AITRADE_SOURCE_DIR "/../shared/reference/indicators_last_value.json");
  if (!file) {
    WARN("skipped: shared/reference/indicators_last_value.json is not there");
    return;
  }
  std::stringstream text;
  text << file.rdbuf();
  rapidjson::Document document;
  document.Parse(text.str().c_str());
  REQUIRE_FALSE(document.HasParseError());

  std::map<std::string, int> compared;
  for (const Json& test : document["cases"].GetArray()) {
    const std::string name = test["indicator"].GetString();
    const std::string output = test["output"].GetString();
    const auto bars = bars_of(document["data"][test["data"].GetString()]);
    const auto found = ours(name, output, test["params"], bars);
    if (!found) continue;
    INFO(name << " " << output << ": " << *found);
    const double value = *found / test["divide_by"].GetDouble();
    const double step = std::pow(10.0, -test["round_to"].GetInt());
    CHECK(std::round(value / step) * step == Approx(test["expected"].GetDouble()).margin(1e-9));
    ++compared[name];
  }
  CHECK(compared.size() == 12);
}

}  // namespace aitrade::test
