#include <catch2/catch.hpp>

#include "core/domain/action.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/domain/signal.h"

using namespace aitrade;

TEST_CASE("symbol: every spelling of a pair gives one name", "[domain][symbol]") {
  for (const char* text : {"BTC/USD", "BTC-USD", "XBTUSD", "XXBTZUSD", "btcusd", "XBT/USD"}) {
    INFO(text);
    const auto symbol = Symbol::parse(text);
    REQUIRE(symbol.has_value());
    CHECK(to_string(*symbol) == "BTC/USD");
  }
  CHECK(to_string(*Symbol::parse("XTZUSD")) == "XTZ/USD");
  CHECK(to_string(*Symbol::parse("ZECUSD")) == "ZEC/USD");
  CHECK(to_string(*Symbol::parse("XETHXXBT")) == "ETH/BTC");
  CHECK(to_string(*Symbol::parse("SOLUSDT")) == "SOL/USDT");
  CHECK(to_string(*Symbol::parse("XDGUSD")) == "DOGE/USD");
}

TEST_CASE("symbol: refuses what is not a pair", "[domain][symbol]") {
  for (const char* text : {"", "BTC", "/", "BTC/", "/USD", "BTC/USD/EUR", "B$C/USD", "USD/USD"}) {
    INFO(text);
    CHECK_FALSE(Symbol::parse(text).has_value());
  }
}

TEST_CASE("candle: names its fault", "[domain][candle]") {
  Candle c;
  c.open = c.high = c.low = c.close = Price::parse_or_die("10");
  CHECK(fault_of(c) == nullptr);
  c.high = Price::parse_or_die("9");
  CHECK(fault_of(c) != nullptr);
  c.high = Price::parse_or_die("11");
  c.volume = -1;
  CHECK(fault_of(c) != nullptr);
  c.volume = std::numeric_limits<double>::quiet_NaN();
  CHECK(fault_of(c) != nullptr);
  c.volume = 0;
  c.low = Price{};
  CHECK(fault_of(c) != nullptr);
}

TEST_CASE("reasons: each has its word", "[domain][signal]") {
  CHECK(to_string(Reason::none) == "none");
  CHECK(to_string(Reason::closing_opposite) == "closing_opposite");
  CHECK(to_string(Reason::daily_loss) == "daily_loss");
}

TEST_CASE("action list: knows when it holds an order", "[domain][action]") {
  ActionList list;
  list.add(Notify{});
  CHECK_FALSE(list.has_orders());
  list.add(SubmitOrder{});
  CHECK(list.has_orders());
  list.clear();
  CHECK(list.empty());
  CHECK_FALSE(list.has_orders());
}
