// Public REST: requests, answers, error classes, and the client over a scripted transport.
#include "exchanges/kraken/rest.h"

#include "core/base/random.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <deque>

namespace aitrade::kraken {
namespace {

constexpr const char* ohlc_body =
    R"({"error":[],"result":{"XXBTZUSD":[[1688671200,"30306.1","30306.2","30305.7","30305.7","30306.1","3.39243896",23],)"
    R"([1688671260,"30305.7","30305.7","30305.7","30305.7","0.0","0.00000000",0],)"
    R"([1688671320,"30300.3","30300.4","30291.4","30291.4","30294.7","2.1",25]],"last":1688671260}})";

class ScriptedTransport final : public HttpTransport {
 public:
  HttpOutcome perform(const HttpRequest& request) override {
    asked.push_back(request.url);
    HttpOutcome outcome;
    if (answers.empty()) {
      outcome.error = fail(ErrorCode::network, "refused");
      return outcome;
    }
    outcome.fact = TransportFact::reply;
    outcome.reply.status = answers.front().first;
    outcome.reply.body = answers.front().second;
    answers.pop_front();
    return outcome;
  }

  std::deque<std::pair<int, std::string>> answers;
  std::vector<std::string> asked;
};

}  // namespace

TEST_CASE("kraken rest: the forming row is dropped and silence is synthetic", "[kraken][rest]") {
  const auto answer = parse_ohlc(ohlc_body, minutes{1});
  REQUIRE(answer.has_value());
  REQUIRE(answer->candles.size() == 2);
  CHECK(answer->candles[0].high == Price::parse_or_die("30306.2"));
  CHECK(answer->candles[0].trades == 23);
  CHECK_FALSE(answer->candles[0].synthetic);
  CHECK(answer->candles[1].synthetic);
  CHECK(answer->forming->open_time == Time::from_seconds(1688671320));
}

TEST_CASE("kraken rest: errors map to what a caller can do", "[kraken][rest]") {
  CHECK(classify_read_error("EAPI:Rate limit exceeded") == ErrorClass::ratelimit);
  CHECK(classify_read_error("EService: Throttled: 1700000000") == ErrorClass::ratelimit);
  CHECK(classify_read_error("EGeneral:Internal error:77") == ErrorClass::ambiguous);
  CHECK(classify_read_error("EGeneral:Invalid arguments:volume") == ErrorClass::permanent);
  CHECK(classify_read_error("EWhat:Ever") == ErrorClass::permanent);
  CHECK(error_of("EQuery:Unknown asset pair").code == ErrorCode::not_found);
  CHECK(error_of("EService:Busy").code == ErrorCode::network);
  CHECK(is_refusal_of_key(error_of("EGeneral:Permission denied").within("kraken: Ledgers")));
  CHECK(is_refusal_of_key(error_of("EAPI:Invalid key")));
  CHECK_FALSE(is_refusal_of_key(error_of("EWhat:Ever")));   // says nothing of the key
  CHECK_FALSE(is_refusal_of_key(error_of("EService:Busy")));
  CHECK(parse_time_answer(R"({"error":["EAPI:Rate limit exceeded"]})").error().code ==
        ErrorCode::busy);
  CHECK(parse_time_answer(R"({"error":["WGeneral:old"],"result":{"unixtime":1}})").has_value());
}

TEST_CASE("kraken rest: public answers on record parse", "[kraken][rest][fixtures]") {
  if (const auto body = kraken_fixture("rest_time.response.json")) {
    CHECK(*parse_time_answer(*body) == Time::from_seconds(1762820224));
  }
  if (const auto body = kraken_fixture("rest_system_status.response.json")) {
    CHECK(*parse_system_status(*body) == "online");
  }
  if (const auto body = kraken_fixture("rest_assets.response.json"))
    CHECK(parse_assets(*body)->size() == 3);
  if (const auto body = kraken_fixture("rest_asset_pairs.response.json")) {
    const auto pairs = parse_asset_pairs(*body);
    REQUIRE(pairs->size() == 2);
    const PairInfo& btc = (*pairs)[1];
    CHECK(btc.names.symbol == Symbol{"BTC", "USD"});
    CHECK(btc.tick == Price::parse_or_die("0.1"));
    CHECK(btc.minimum == Quantity::parse_or_die("0.0001"));
    CHECK(btc.taker_fee == Rate::parse_or_die("0.0026"));
    CHECK(btc.maker_fee == Rate::parse_or_die("0.0016"));
  }
  if (const auto body = kraken_fixture("rest_asset_pairs_xbtusdt.response.json")) {
    CHECK(parse_asset_pairs(*body)->size() == 1);
  }
  if (const auto body = kraken_fixture("rest_ohlc_1m_tail_recorded.response.json")) {
    const auto answer = parse_ohlc(*body, minutes{1});
    REQUIRE(answer->candles.size() == 11);
    CHECK(answer->candles.back().open_time == answer->last);
  }
  if (const auto body = kraken_fixture("rest_ohlc_1h_since_recorded.response.json")) {
    CHECK(parse_ohlc(*body, hours{1})->candles.size() == 5);
  }
  if (const auto body = kraken_fixture("rest_depth.response.json")) {
    const auto book = parse_depth(*body);
    CHECK(book->asks.size() == 5);
    CHECK(book->bids[0].price == Price::parse_or_die("105944.2"));
  }
  if (const auto body = kraken_fixture("rest_trades.response.json")) {
    const auto trades = parse_trades(*body);
    CHECK(trades->trades.size() == 10);
    CHECK(trades->next == "1762820035982277754");
    CHECK(trades->trades[0].timestamp == Time{1762795433971744500});
  }
  if (const auto body = kraken_fixture("rest_ticker_xxbtzusd.response.json")) {
    CHECK(parse_ticker(*body)->at("XXBTZUSD").ask == Price::parse_or_die("30300.1"));
  }
}

TEST_CASE("kraken rest: names come from tables", "[kraken][symbols]") {
  SymbolTable table;
  table.add({"XXBTZUSD", "XBTUSD", "XBT/USD", {"BTC", "USD"}});
  for (const char* name : {"XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD"}) {
    REQUIRE(table.find(name) != nullptr);
    CHECK(table.find(name)->altname == "XBTUSD");
  }
  CHECK(table.find("ETH/USD") == nullptr);
  CHECK(common_currency("XDG") == "DOGE");
}

TEST_CASE("kraken rest: a read is repeated when it may heal, and only then", "[kraken][rest]") {
  ScriptedTransport transport;
  RestClient client({"http://127.0.0.1:1", 1.0, 3}, transport, [](Duration) { return true; });
  transport.answers = {{503, "<html>"}, {200, R"({"error":["EService:Busy"]})"}, {200, ohlc_body}};
  REQUIRE(client.ohlc("XBTUSD", minutes{1}, Time::from_seconds(5)).has_value());
  CHECK(transport.asked.size() == 3);
  CHECK(transport.asked[0] == "http://127.0.0.1:1/0/public/OHLC?pair=XBTUSD&interval=1&since=5");

  transport.asked.clear();
  transport.answers = {{200, R"({"error":["EQuery:Unknown asset pair"]})"}};
  CHECK(client.depth("NOPE", 10).error().code == ErrorCode::not_found);
  CHECK(transport.asked.size() == 1);
}

TEST_CASE("kraken rest: ten thousand mutated answers do not crash it", "[kraken][rest][fuzz]") {
  Random random(21);
  for (int i = 0; i < 10'000; ++i) {
    std::string text = ohlc_body;
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t at = random.below(text.size());
      if (random.below(2) == 0) {
        text[at] = static_cast<char>(random.below(256));
      } else {
        text.erase(at, 1 + random.below(6));
      }
    }
    static_cast<void>(parse_ohlc(text, minutes{1}));
    static_cast<void>(parse_asset_pairs(text));
    static_cast<void>(parse_depth(text));
    static_cast<void>(parse_trades(text));
    static_cast<void>(parse_ticker(text));
  }
  SUCCEED();
}

}  // namespace aitrade::kraken
