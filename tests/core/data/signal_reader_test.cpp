// Rows of a foreign model: what is read, and what is refused with its line.
#include "core/data/signal_reader.h"

#include <catch2/catch.hpp>

using namespace aitrade;

namespace {

Result<std::vector<SignalRow>> read(std::string_view text) {
  return read_signals(ByteSource::bytes(text, "model.csv"));
}

std::string refusal(std::string_view text) {
  const auto rows = read(text);
  REQUIRE_FALSE(rows);
  CHECK(rows.error().code == ErrorCode::invalid);
  return rows.error().what;
}

}  // namespace

TEST_CASE("signal reader: a table in any order of columns, exact to the digit", "[data][signals]") {
  const auto rows = read(
      "direction,time,pair,stop,target,size\r\n"
      "long,1514764800,XBTUSD,13000.1234567891,15000,0.25\r\n"
      "\n"
      "SHORT,2018-01-01T00:05:00Z,BTC/USD,,,\r\n"
      "flat,1514765400000,BTC/USD,,,\r\n");

  REQUIRE(rows);
  REQUIRE(rows->size() == 3);
  const SignalRow& first = rows->front();
  CHECK(first.line == 2);
  CHECK(first.time == Time::from_seconds(1'514'764'800));
  CHECK(first.pair == Symbol{"BTC", "USD"});
  CHECK(first.direction == Direction::long_);
  CHECK(first.size == Rate::parse_or_die("0.25"));
  CHECK(first.stop == Price::parse_or_die("13000.1234567891"));
  CHECK(first.target == Price::parse_or_die("15000"));
  CHECK((*rows)[1].direction == Direction::short_);
  CHECK((*rows)[1].line == 4);
  CHECK_FALSE((*rows)[1].size);
  CHECK((*rows)[1].stop.is_zero());
  CHECK((*rows)[2].direction == Direction::neutral);
  CHECK((*rows)[2].time == Time::from_seconds(1'514'765'400));
}

TEST_CASE("signal reader: records, among others that are skipped", "[data][signals]") {
  const auto rows = read(
      R"({"t":"log","what":"started"})"
      "\n"
      R"({"t":"signal","time":1514764800,"direction":"long","quantity":0.5,"stop":"13000","note":{"p":0.7}})"
      "\n"
      R"({"time":"2018-01-01T00:01:00Z","pair":"ETH/USD","direction":"flat"})");

  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK(rows->front().quantity == Quantity::parse_or_die("0.5"));
  CHECK(rows->front().line == 2);
  CHECK_FALSE(rows->front().pair);
  CHECK(rows->back().pair == Symbol{"ETH", "USD"});
}

TEST_CASE("signal reader: digits beyond a type are cut, so that an order never grows", "[data][signals]") {
  const auto rows = read("time,direction,quantity\n1514764800,long,0.123456789999\n");
  REQUIRE(rows);
  CHECK(rows->front().quantity == Quantity::parse_or_die("0.12345678"));
}

TEST_CASE("signal reader: what cannot be meant is refused with its line", "[data][signals]") {
  const std::string head = "time,pair,direction,size,quantity,stop,target\n";
  CHECK(refusal("time,dir\n").find("model.csv:1: column \"dir\" is unknown") == 0);
  CHECK(refusal("time,size\n").find("model.csv:1: the header names no time or no direction") == 0);
  CHECK(refusal(head + "soon,,long,,,,\n").find("model.csv:2: time \"soon\"") == 0);
  CHECK(refusal(head + "1514764800,,up,,,,\n").find("model.csv:2: direction \"up\" is none of long, short, flat") == 0);
  CHECK(refusal(head + "1514764800,,long,1.5,,,\n").find("model.csv:2: size \"1.5\"") == 0);
  CHECK(refusal(head + "1514764800,,long,0,,,\n").find("model.csv:2: size \"0\"") == 0);
  CHECK(refusal(head + "1514764800,,long,-0.5,,,\n").find("model.csv:2: size") == 0);
  CHECK(refusal(head + "1514764800,,long,,-1,,\n").find("model.csv:2: quantity") == 0);
  CHECK(refusal(head + "1514764800,,long,0.5,1,,\n").find("model.csv:2: size (share of equity) and quantity") == 0);
  CHECK(refusal(head + "1514764800,,long,,,cheap,\n").find("model.csv:2: stop \"cheap\" is not a price") == 0);
  CHECK(refusal(head + "1514764800,,long,,,,,9\n").find("model.csv:2: has more fields") == 0);
  CHECK(refusal("{\"t\":\"signal\"\n").find("model.csv:1: is not a JSON object") == 0);
  CHECK(refusal("{\"t\":\"signal\",\"time\":1514764800}\n").find("model.csv:1: direction") == 0);
  const auto none = read("");
  REQUIRE(none);
  CHECK(none->empty());
}
