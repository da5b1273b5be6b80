// Funding rates: the unit trap, what is left out, and what strategies are told.
#include "exchanges/kraken/futures.h"

#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

namespace aitrade::kraken {
namespace {

std::string tickers(std::string_view rows) {
  return R"({"result":"success","tickers":[)" + std::string(rows) + "]}";
}

constexpr const char* linear =
    R"({"symbol":"PF_XBTUSD","tag":"perpetual","pair":"XBT:USD","indexPrice":20000,"markPrice":20010,)"
    R"("fundingRate":0.2,"fundingRatePrediction":-0.4,"suspended":false})";
constexpr const char* inverse =
    R"({"symbol":"PI_XBTUSD","tag":"perpetual","pair":"XBT:USD","indexPrice":20000,"fundingRate":5e-10})";

FundingPoint point(std::int64_t hour, double relative) {
  return {Time::from_seconds(hour * 3600), 0, relative};
}

}  // namespace

TEST_CASE("kraken futures: money for each contract becomes a fraction", "[kraken][futures]") {
  const auto rows = parse_futures_tickers(tickers(std::string(inverse) + "," + linear));
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].funding == Approx(1e-5));  // 5e-10 times 20,000
  CHECK((*rows)[1].funding == Approx(1e-5));  // 0.2 over 20,000
  CHECK(*(*rows)[1].predicted == Approx(-2e-5));
  const PerpetualTicker* best = perpetual_of(*rows, {"BTC", "USD"});
  REQUIRE(best != nullptr);
  CHECK(best->contract == "PF_XBTUSD");
  CHECK(perpetual_of(*rows, {"ETH", "USD"}) == nullptr);
}

TEST_CASE("kraken futures: what cannot be read is unknown, not zero", "[kraken][futures][safety]") {
  for (const char* change : {R"("indexPrice":0)", R"("indexPrice":null)", R"("indexPrice":"x")"}) {
    std::string row = linear;
    row.replace(row.find(R"("indexPrice":20000)"), 18, change);
    CHECK(parse_futures_tickers(tickers(row))->empty());
  }
  std::string huge = linear;
  huge.replace(huge.find("0.2"), 3, "20000");
  CHECK(parse_futures_tickers(tickers(huge))->empty());
  std::string suspended = linear;
  suspended.replace(suspended.find("false"), 5, "true");
  CHECK(perpetual_of(*parse_futures_tickers(tickers(suspended)), {"BTC", "USD"}) == nullptr);
  CHECK_FALSE(parse_futures_tickers("<html>").has_value());
  CHECK_FALSE(parse_futures_tickers("{}").has_value());
  CHECK(parse_futures_tickers(R"({"result":"error","error":"apiLimitExceeded"})").error().code ==
        ErrorCode::busy);
}

TEST_CASE("kraken futures: tickers and history on record", "[kraken][futures][fixtures]") {
  if (const auto body = kraken_fixture("futures_tickers.response.json")) {
    const auto rows = parse_futures_tickers(*body);
    REQUIRE(rows->size() == 2);  // the dated and the index row pay no funding
    CHECK((*rows)[0].symbol == Symbol{"BTC", "USD"});
    CHECK((*rows)[0].funding == Approx(-3.995839963e-09 * 91468.38));
    CHECK((*rows)[1].funding == Approx(-1.7433e-05).epsilon(1e-3));
  }
  if (const auto body = kraken_fixture("futures_historical_funding_rates.response.json")) {
    const auto history = parse_funding_history(*body);
    REQUIRE(history->size() == 3);
    CHECK((*history)[0].relative == Approx(-0.000016898883333333));
    CHECK(funding_period(*history) == Duration{hours{4}});
    // The published pair proves the direction of the conversion: their quotient is the price of
    // that day.
    CHECK((*history)[0].relative / (*history)[0].absolute == Approx(20'713).epsilon(1e-3));
  }
  if (const auto body = kraken_fixture("futures_error.response.json")) {
    CHECK(parse_funding_history(*body).error().code == ErrorCode::busy);
  }
}

TEST_CASE("kraken futures: strategies hear a fraction for eight hours", "[kraken][futures]") {
  CHECK(funding_of(1e-5, hours{1}, {}).rate == Approx(8e-5));
  CHECK(funding_of(1e-5, hours{8}, {}).rate == Approx(1e-5));
  CHECK(funding_of(1e-5, hours{1}, {}).extreme == 0.0005);
  std::vector<FundingPoint> history;
  for (int i = 1; i <= 100; ++i)
    history.push_back(point(i, (i % 2 == 0 ? 1 : -1) * i * 1e-5));
  CHECK(funding_of(0, hours{1}, history).extreme == Approx(95 * 1e-5 * 8));
  history.resize(3);
  history[1].time = history[0].time;
  CHECK(funding_period(history) == Duration{hours{2}});
  CHECK_FALSE(funding_period({}).has_value());
  CHECK(funding_history_target("PF_XBTUSD") ==
        "/derivatives/api/v3/historical-funding-rates?symbol=PF_XBTUSD");
}

}  // namespace aitrade::kraken
