#include "core/indicators/request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace aitrade {
namespace {

constexpr std::size_t parameters_max = 5;
constexpr double period_max = 100'000;  // longer than any warm-up anybody waits for

using Values = std::array<double, parameters_max>;
using Lines = std::vector<Line>;

constexpr IndicatorParameter period(std::string_view name, double fallback, double minimum = 1) {
  return {name, fallback, minimum, period_max, true};
}

constexpr IndicatorParameter factor(double fallback, std::string_view name = "k") {
  return {name, fallback, 0.01, 20, false};
}

constexpr std::array n14{period("n", 14)};
constexpr std::array n14_from_2{period("n", 14, 2)};
constexpr std::array n20{period("n", 20)};
constexpr std::array n20_from_2{period("n", 20, 2)};
constexpr std::array n12_from_2{period("n", 12, 2)};
constexpr std::array n10{period("n", 10)};
constexpr std::array lookback{period("lookback", 5)};
constexpr std::array fast_slow{period("fast", 20), period("slow", 50)};
constexpr std::array for_bollinger{period("n", 20), factor(2.0)};
constexpr std::array for_macd{period("fast", 12), period("slow", 26), period("signal", 9)};
constexpr std::array for_stochastic{period("n", 14), period("smooth", 3), period("d", 3)};
constexpr std::array for_keltner{period("ema", 20), period("atr", 14), factor(1.5)};
constexpr std::array for_squeeze{period("n", 20), factor(2.0), period("ema", 20),
                                 period("atr", 14), factor(1.5, "channel_k")};
constexpr std::array for_supertrend{period("n", 10), factor(3.0)};
constexpr std::array for_ichimoku{period("tenkan", 9), period("kijun", 26), period("span", 52)};

using Text = std::string_view;
constexpr std::array<Text, 3> adx_outputs{"adx", "plus_di", "minus_di"};
constexpr std::array<Text, 5> bollinger_outputs{"lower", "mid", "upper", "position", "width"};
constexpr std::array<Text, 3> channel_outputs{"lower", "mid", "upper"};
constexpr std::array<Text, 4> keltner_outputs{"lower", "mid", "upper", "position"};
constexpr std::array<Text, 3> macd_outputs{"line", "signal", "histogram"};
constexpr std::array<Text, 2> stochastic_outputs{"k", "d"};
constexpr std::array<Text, 3> supertrend_outputs{"line", "direction", "flip"};
constexpr std::array<Text, 5> ichimoku_outputs{"tenkan", "kijun", "cloud_a", "cloud_b", "chikou"};
constexpr std::array<Text, 2> vwap_outputs{"vwap", "deviation"};
constexpr std::array<Text, 8> swing_outputs{
    "high", "high_age", "previous_high", "previous_high_age",
    "low",  "low_age",  "previous_low",  "previous_low_age"};

constexpr std::array kinds{
    IndicatorKind{"adx", "average directional index and its +DI, -DI", n14, adx_outputs},
    IndicatorKind{"atr", "average true range", n14, {}},
    IndicatorKind{"atr_pct", "average true range as a fraction of the close", n14, {}},
    IndicatorKind{"bollinger", "Bollinger bands, %B and width", for_bollinger, bollinger_outputs},
    IndicatorKind{"choppiness", "choppiness index", n14_from_2, {}},
    IndicatorKind{"donchian", "highest high and lowest low", n20, channel_outputs},
    IndicatorKind{"ema", "exponential moving average", n20, {}},
    IndicatorKind{"garman_klass", "Garman-Klass volatility, annualised", n20, {}},
    IndicatorKind{"ichimoku", "Ichimoku, the cloud as drawn at the bar", for_ichimoku,
                  ichimoku_outputs},
    IndicatorKind{"keltner", "Keltner channel and the position in it", for_keltner,
                  keltner_outputs},
    IndicatorKind{"macd", "moving average convergence divergence", for_macd, macd_outputs},
    IndicatorKind{"realized_vol", "deviation of log returns, annualised", n20_from_2, {}},
    IndicatorKind{"rma", "Wilder's moving average", n14, {}},
    IndicatorKind{"roc_pct", "rate of change as a fraction", n10, {}},
    IndicatorKind{"rolling_vwap", "volume-weighted average price", n20, vwap_outputs},
    IndicatorKind{"rsi", "relative strength index", n14, {}},
    IndicatorKind{"sma", "simple moving average", n20, {}},
    IndicatorKind{"squeeze", "bars the Bollinger bands have been inside the Keltner channel",
                  for_squeeze, {}},
    IndicatorKind{"squeeze_momentum", "regression of price about its range and mean", n12_from_2,
                  {}},
    IndicatorKind{"stochastic", "slow stochastic", for_stochastic, stochastic_outputs},
    IndicatorKind{"supertrend", "Supertrend line, direction, flip", for_supertrend,
                  supertrend_outputs},
    IndicatorKind{"swings", "last two confirmed swing highs and lows", lookback, swing_outputs},
    IndicatorKind{"trend_strength", "distance of two averages as a fraction", fast_slow, {}},
    IndicatorKind{"true_range", "true range", {}, {}},
    IndicatorKind{"volume_ratio", "volume over the mean of the bars before", n20, {}},
};

Lines ask_channel(IndicatorSet& set, Text name, const Values& p) {
  const int a = static_cast<int>(p[0]);
  const int b = static_cast<int>(p[1]);
  const int c = static_cast<int>(p[2]);
  if (name == "bollinger") {
    const auto out = set.bollinger(a, p[1]);
    return {out.lower, out.mid, out.upper, out.position, out.width};
  }
  if (name == "donchian") {
    const auto out = set.donchian(a);
    return {out.lower, out.mid, out.upper};
  }
  if (name == "ichimoku") {
    const auto out = set.ichimoku(a, b, c);
    return {out.tenkan, out.kijun, out.cloud_a, out.cloud_b, out.chikou};
  }
  if (name == "keltner") {
    const auto out = set.keltner(a, b, p[2]);
    return {out.lower, out.mid, out.upper, out.position};
  }
  if (name == "rolling_vwap") {
    const auto out = set.rolling_vwap(a);
    return {out.vwap, out.deviation};
  }
  if (name == "supertrend") {
    const auto out = set.supertrend(a, p[1]);
    return {out.line, out.direction, out.flip};
  }
  return {};
}

Lines ask_group(IndicatorSet& set, Text name, const Values& p) {
  const int a = static_cast<int>(p[0]);
  const int b = static_cast<int>(p[1]);
  const int c = static_cast<int>(p[2]);
  if (name == "adx") {
    const auto out = set.adx(a);
    return {out.adx, out.plus_di, out.minus_di};
  }
  if (name == "macd") {
    const auto out = set.macd(a, b, c);
    return {out.line, out.signal, out.histogram};
  }
  if (name == "stochastic") {
    const auto out = set.stochastic(a, b, c);
    return {out.k, out.d};
  }
  if (name == "swings") {
    const auto out = set.swings(a);
    return {out.high, out.high_age, out.previous_high, out.previous_high_age,
            out.low,  out.low_age,  out.previous_low,  out.previous_low_age};
  }
  if (name == "squeeze") {
    return {set.squeeze(a, p[1], c, static_cast<int>(p[3]), p[4])};
  }
  if (name == "trend_strength") return {set.trend_strength(a, b)};
  if (name == "true_range") return {set.true_range()};
  return ask_channel(set, name, p);
}

Lines ask(IndicatorSet& set, Text name, const Values& p) {
  struct Single {
    Text name;
    Line (IndicatorSet::*member)(int, std::size_t);
  };

  static constexpr std::array singles{
      Single{"atr", &IndicatorSet::atr},
      Single{"atr_pct", &IndicatorSet::atr_pct},
      Single{"choppiness", &IndicatorSet::choppiness},
      Single{"ema", &IndicatorSet::ema},
      Single{"garman_klass", &IndicatorSet::garman_klass},
      Single{"realized_vol", &IndicatorSet::realized_vol},
      Single{"rma", &IndicatorSet::rma},
      Single{"roc_pct", &IndicatorSet::roc_pct},
      Single{"rsi", &IndicatorSet::rsi},
      Single{"sma", &IndicatorSet::sma},
      Single{"squeeze_momentum", &IndicatorSet::squeeze_momentum},
      Single{"volume_ratio", &IndicatorSet::volume_ratio},
  };
  for (const Single& single : singles) {
    if (single.name == name) {
      return {(set.*single.member)(static_cast<int>(p[0]), history_default)};
    }
  }
  return ask_group(set, name, p);
}

/// Levenshtein distance.
std::size_t distance(Text a, Text b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

const IndicatorKind* find_kind(Text name) {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Error unknown(Text name) {
  const auto nearest =
      std::min_element(kinds.begin(), kinds.end(), [&](const auto& a, const auto& b) {
        return distance(name, a.name) < distance(name, b.name);
      });
  return fail(ErrorCode::invalid, "unknown indicator '" + std::string(name) + "'; did you mean '" +
                                      std::string(nearest->name) + "'?");
}

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), end.ptr};
}

Result<double> read_parameter(const IndicatorParameter& parameter, Text word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool is_number = error == std::errc() && end == word.data() + word.size();
  const bool is_allowed = is_number && value >= parameter.minimum && value <= parameter.maximum &&
                          (!parameter.is_integer || value == std::floor(value));
  if (is_allowed) return value;
  return fail(ErrorCode::invalid, std::string(parameter.name) + " must be a " +
                                      (parameter.is_integer ? "whole number" : "number") +
                                      " from " + number_text(parameter.minimum) + " to " +
                                      number_text(parameter.maximum) + ", found '" +
                                      std::string(word) + "'");
}

Result<Values> read_parameters(const IndicatorKind& kind, const std::vector<Text>& words) {
  if (words.size() > kind.parameters.size() + 1) {
    return fail(ErrorCode::invalid, "takes at most " + std::to_string(kind.parameters.size()) +
                                        " parameters, found " + std::to_string(words.size() - 1));
  }
  Values values{};
  for (std::size_t i = 0; i < kind.parameters.size(); ++i) {
    values[i] = kind.parameters[i].fallback;
    if (i + 1 >= words.size()) continue;
    AITRADE_TRY(values[i], read_parameter(kind.parameters[i], words[i + 1]));
  }
  const bool has_fast = !kind.parameters.empty() && kind.parameters[0].name == "fast";
  if (has_fast && values[0] >= values[1]) {
    return fail(ErrorCode::invalid, "fast must be below slow, found " + number_text(values[0]) +
                                        " and " + number_text(values[1]));
  }
  return values;
}

std::vector<Text> split(Text text) {
  std::vector<Text> words;
  while (true) {
    const std::size_t colon = text.find(':');
    words.push_back(text.substr(0, colon));
    if (colon == Text::npos) return words;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::span<const IndicatorKind> indicator_kinds() {
  return kinds;
}

Result<std::vector<RequestedColumn>> request(IndicatorSet& set, std::string_view text) {
  const std::vector<Text> words = split(text);
  const IndicatorKind* kind = find_kind(words.front());
  if (kind == nullptr) return unknown(words.front());
  auto values = read_parameters(*kind, words);
  if (!values) return std::move(values).error().within("indicator '" + std::string(text) + "'");

  std::string base(kind->name);
  for (std::size_t i = 0; i < kind->parameters.size(); ++i)
    base += '_' + number_text((*values)[i]);
  const Lines lines = ask(set, kind->name, *values);
  AITRADE_CHECK(lines.size() == std::max<std::size_t>(kind->outputs.size(), 1));
  std::vector<RequestedColumn> columns;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string suffix = kind->outputs.empty() ? "" : '_' + std::string(kind->outputs[i]);
    columns.push_back(RequestedColumn{base + suffix, lines[i]});
  }
  return columns;
}

}  // namespace aitrade
