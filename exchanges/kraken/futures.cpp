#include "exchanges/kraken/futures.h"

#include "exchanges/kraken/json.h"
#include "exchanges/kraken/symbols.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr double rate_max =
    1.0;  // a contract that pays all it is worth in one period does not exist

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken futures: " + std::move(what));
}

Result<rapidjson::Document> open_answer(std::string_view body) {
  AITRADE_TRY(auto document, parse_json(body));
  const std::string_view result = text_at(document, "result");
  if (result == "success") return document;
  const std::string error(text_at(document, "error").substr(0, 200));
  if (result != "error") return bad("an answer without a result");
  return fail(error == "apiLimitExceeded" ? ErrorCode::busy : ErrorCode::rejected,
              "kraken futures says \"" + error + "\"");
}

std::optional<double> number_at(const JsonValue& row, const char* name) {
  return double_of(text_at(row, name));
}

/// Turns money for each contract into a fraction of its value.
std::optional<double> relative_rate(double absolute, double index_price, bool is_inverse) {
  const double rate = is_inverse ? absolute * index_price : absolute / index_price;
  if (!std::isfinite(rate) || std::fabs(rate) >= rate_max) return std::nullopt;
  return rate;
}

std::optional<PerpetualTicker> read_ticker(const JsonValue& row) {
  if (text_at(row, "tag") != "perpetual") return std::nullopt;
  PerpetualTicker ticker;
  ticker.contract = text_at(row, "symbol");
  ticker.is_inverse = ticker.contract.starts_with("PI_");
  if (!ticker.is_inverse && !ticker.contract.starts_with("PF_")) return std::nullopt;
  const std::string_view pair = text_at(row, "pair");
  const auto colon = pair.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == pair.size())
    return std::nullopt;
  ticker.symbol = {common_currency(pair.substr(0, colon)), common_currency(pair.substr(colon + 1))};
  const auto index = number_at(row, "indexPrice");
  const auto mark = number_at(row, "markPrice");
  const auto absolute = number_at(row, "fundingRate");
  if (!index || *index <= 0 || !absolute) return std::nullopt;
  const auto relative = relative_rate(*absolute, *index, ticker.is_inverse);
  if (!relative) return std::nullopt;
  ticker.index_price = *index;
  ticker.mark_price = mark.value_or(0);
  ticker.funding = *relative;
  if (const auto predicted = number_at(row, "fundingRatePrediction")) {
    ticker.predicted = relative_rate(*predicted, *index, ticker.is_inverse);
  }
  ticker.is_suspended = is_true(member(row, "suspended"));
  return ticker;
}

const JsonValue* list_at(const JsonValue& document, const char* name) {
  const JsonValue* list = member(document, name);
  return list != nullptr && list->IsArray() ? list : nullptr;
}

}  // namespace

std::string futures_tickers_target() {
  return "/derivatives/api/v3/tickers";
}

std::string funding_history_target(std::string_view contract) {
  return "/derivatives/api/v3/historical-funding-rates?symbol=" + std::string(contract);
}

Result<std::vector<PerpetualTicker>> parse_futures_tickers(std::string_view body) {
  AITRADE_TRY(const auto document, open_answer(body));
  const JsonValue* rows = list_at(document, "tickers");
  if (rows == nullptr) return bad("no tickers");
  std::vector<PerpetualTicker> tickers;
  for (const JsonValue& row : rows->GetArray()) {
    if (auto ticker = read_ticker(row)) tickers.push_back(*std::move(ticker));
  }
  return tickers;
}

Result<std::vector<FundingPoint>> parse_funding_history(std::string_view body) {
  AITRADE_TRY(const auto document, open_answer(body));
  const JsonValue* rows = list_at(document, "rates");
  if (rows == nullptr) return bad("no rates");
  std::vector<FundingPoint> points;
  for (const JsonValue& row : rows->GetArray()) {
    const auto time = time_at(row, "timestamp");
    const auto relative = number_at(row, "relativeFundingRate");
    if (!time || !relative || std::fabs(*relative) >= rate_max) continue;
    points.push_back({*time, number_at(row, "fundingRate").value_or(0), *relative});
  }
  std::sort(points.begin(), points.end(),
            [](const FundingPoint& a, const FundingPoint& b) { return a.time < b.time; });
  return points;
}

const PerpetualTicker* perpetual_of(const std::vector<PerpetualTicker>& tickers,
                                    const Symbol& symbol) {
  const PerpetualTicker* best = nullptr;
  for (const PerpetualTicker& ticker : tickers) {
    if (ticker.symbol != symbol || ticker.is_suspended) continue;
    if (best == nullptr || (best->is_inverse && !ticker.is_inverse)) best = &ticker;
  }
  return best;
}

std::optional<Duration> funding_period(const std::vector<FundingPoint>& history) {
  std::map<Duration, int> counts;
  for (std::size_t i = 1; i < history.size(); ++i) {
    const Duration distance = history[i].time - history[i - 1].time;
    if (distance > Duration{}) ++counts[distance];
  }
  std::optional<Duration> most;
  for (const auto& [distance, count] : counts) {
    if (!most || count > counts[*most]) most = distance;
  }
  return most;
}

Funding funding_of(double relative, Duration period, const std::vector<FundingPoint>& history) {
  AITRADE_CHECK(period > Duration{});
  const double periods = std::chrono::duration<double>(hours{8}).count() /
                         std::chrono::duration<double>(period).count();
  Funding funding;
  funding.rate = relative * periods;
  if (history.empty()) return funding;
  std::vector<double> sizes;
  for (const FundingPoint& point : history)
    sizes.push_back(std::fabs(point.relative) * periods);
  std::sort(sizes.begin(), sizes.end());
  constexpr std::size_t percentile = 95;
  const std::size_t at = (sizes.size() * percentile + 99) / 100 - 1;  // nearest rank
  funding.extreme = std::max(funding.extreme, sizes[at]);
  return funding;
}

}  // namespace aitrade::kraken
