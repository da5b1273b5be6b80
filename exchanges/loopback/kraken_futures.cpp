#include "exchanges/loopback/kraken_futures.h"

#include "exchanges/loopback/params.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace aitrade::loopback {
namespace {

constexpr std::int64_t history_hours = 72;
constexpr double day_hours = 24;
constexpr double two_pi = 6.283185307179586;

std::string number(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

// The part of a position's value that is paid for an hour: between about -0.00001 and 0.00003.
double relative_rate(std::size_t pair, Time hour) {
  constexpr double level = 1e-5;
  constexpr double swing = 2e-5;
  const auto count = static_cast<double>(hour.ns / Duration{hours{1}}.count());
  const double phase = count / day_hours / 3 + static_cast<double>(pair) / 7;
  return level + swing * std::sin(two_pi * phase);
}

std::string contract(const ShownPair& pair, bool is_inverse) {
  return (is_inverse ? "PI_" : "PF_") + pair.altname;
}

bool has_contract(const ShownPair& pair) {
  return pair.symbol.quote == "USD" && !pair.quote_asset.empty();
}

std::string quoted_time(Time time) {
  return json_quoted(to_string(time));
}

std::string head(const Market& market) {
  return "{\"result\":\"success\",\"serverTime\":" + quoted_time(market.now());
}

std::string ticker(const Market& market, std::size_t index, bool is_inverse) {
  const ShownPair& pair = market.pairs()[index];
  const Price last = market.last_price(index);
  const double price = to_double(last);
  const Time hour = floor_to(market.now(), hours{1});
  const auto money = [&](double relative) {
    return number(is_inverse ? relative / price : relative * price);
  };
  const std::string text = price_text(last, pair.price_decimals);
  return "{\"symbol\":" + json_quoted(contract(pair, is_inverse)) + ",\"last\":" + text +
         ",\"lastTime\":" + quoted_time(market.now()) + ",\"tag\":\"perpetual\",\"pair\":" +
         json_quoted(pair.symbol.base + ":" + pair.symbol.quote) + ",\"markPrice\":" + text +
         ",\"bid\":" + text + ",\"bidSize\":1000,\"ask\":" + text +
         ",\"askSize\":1000,\"vol24h\":100000,\"volumeQuote\":100000,\"openInterest\":100000" +
         ",\"open24h\":" + text + ",\"high24h\":" + text + ",\"low24h\":" + text +
         ",\"lastSize\":1,\"fundingRate\":" + money(relative_rate(index, hour)) +
         ",\"fundingRatePrediction\":" + money(relative_rate(index, hour + hours{1})) +
         ",\"suspended\":false,\"indexPrice\":" + text + ",\"postOnly\":false,\"change24h\":0}";
}

std::string tickers(const Market& market) {
  std::string rows;
  for (std::size_t i = 0; i < market.pairs().size(); ++i) {
    if (!has_contract(market.pairs()[i]) || !market.last_price(i).is_positive()) continue;
    for (const bool is_inverse : {true, false})
      rows += (rows.empty() ? "" : ",") + ticker(market, i, is_inverse);
  }
  return head(market) + ",\"tickers\":[" + rows + "]}";
}

std::string refusal(const Market& market, std::string_view error) {
  return "{\"result\":\"error\",\"error\":" + json_quoted(error) + ",\"serverTime\":" +
         quoted_time(market.now()) + "}";
}

std::string history(const Market& market, std::string_view symbol) {
  for (std::size_t i = 0; i < market.pairs().size(); ++i) {
    const ShownPair& pair = market.pairs()[i];
    const bool is_inverse = symbol == contract(pair, true);
    if (!has_contract(pair) || (!is_inverse && symbol != contract(pair, false))) continue;
    const double price = to_double(market.last_price(i));
    std::string rows;
    const Time last = floor_to(market.now(), hours{1});
    for (std::int64_t back = history_hours - 1; back >= 0; --back) {
      const Time hour = last - hours{back};
      const double relative = relative_rate(i, hour);
      rows += (rows.empty() ? "" : ",");
      rows += "{\"timestamp\":" + quoted_time(hour) + ",\"fundingRate\":" +
              number(is_inverse ? relative / price : relative * price) +
              ",\"relativeFundingRate\":" + number(relative) + "}";
    }
    return head(market) + ",\"rates\":[" + rows + "]}";
  }
  return refusal(market, "invalidArgument: symbol");
}

}  // namespace

RestReply kraken_futures(std::string_view method, std::string_view query, const Market& market) {
  if (method == "tickers") return {tickers(market)};
  if (method == "historical-funding-rates") return {history(market, query_value(query, "symbol"))};
  return {refusal(market, "notFound"), false};
}

}  // namespace aitrade::loopback
