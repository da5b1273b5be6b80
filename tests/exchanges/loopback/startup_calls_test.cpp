// What general client libraries do first, written from the venue's documents: HTTP and WebSocket
// as bytes on a socket, a signature by hand, and nothing of our adapter.
#include "exchanges/loopback/exchange.h"
#include "tests/core/net/raw_socket.h"

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace aitrade::loopback {
namespace {

using test::RawSocket;

// API-Sign as the documents define it.
std::string signed_by_hand(const std::string& secret, const std::string& path,
                           const std::string& nonce, const std::string& body) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::vector<unsigned char> key(secret.size());
  int size = EVP_DecodeBlock(key.data(), bytes(secret), static_cast<int>(secret.size()));
  size -= static_cast<int>(std::count(secret.begin(), secret.end(), '='));
  const std::string counted = nonce + body;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> inner{};
  SHA256(bytes(counted), counted.size(), inner.data());
  const std::string message = path + std::string(inner.begin(), inner.end());
  std::array<unsigned char, SHA512_DIGEST_LENGTH> outer{};
  unsigned int length = 0;
  HMAC(EVP_sha512(), key.data(), size, bytes(message), message.size(), outer.data(), &length);
  std::array<unsigned char, 96> text{};
  EVP_EncodeBlock(text.data(), outer.data(), static_cast<int>(length));
  return reinterpret_cast<const char*>(text.data());
}

rapidjson::Document json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  INFO(text);
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

struct Venue {
  ApiKey key = random_key();
  std::unique_ptr<LoopbackExchange> exchange;
  std::uint64_t nonce{1'699'458'294'470};

  Venue() {
    LoopbackOptions options;
    options.synthetic = Synthetic{7, {*Symbol::parse("BTC/USD"), *Symbol::parse("ETH/USD")},
                                  minutes{1}, Time::from_seconds(1'700'000'000), hours{13}};
    options.manual_clock = true;
    options.account.keys = {key};
    options.account.deposits = {{"USD", Amount::parse_or_die("100000")},
                                {"BTC", Amount::parse_or_die("2")}};
    auto started = LoopbackExchange::start(std::move(options));
    REQUIRE(started);
    exchange = std::move(*started);
  }

  // One HTTP request on a connection of its own; returns the parsed body.
  rapidjson::Document http(const std::string& head, const std::string& body = "") {
    RawSocket socket = RawSocket::tcp(exchange->port());
    REQUIRE(socket.send(head + "Host: 127.0.0.1:" + std::to_string(exchange->port()) +
                        "\r\nUser-Agent: hand/1\r\nAccept: */*\r\n" +
                        (body.empty() ? ""
                                      : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
                        "\r\n" + body));
    const std::string reply = socket.read_reply(test::Millis{15'000});
    INFO(head << reply.substr(0, 300));
    REQUIRE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
    return json(reply.substr(reply.find("\r\n\r\n") + 4));
  }

  rapidjson::Document get(const std::string& target) {
    auto answer = http("GET " + target + " HTTP/1.1\r\n");
    return answer;
  }

  // The result of a public call.
  rapidjson::Document open_call(const std::string& method) {
    auto answer = get("/0/public/" + method);
    REQUIRE(answer["error"].Empty());
    return answer;
  }

  rapidjson::Document closed_call(const std::string& method, const std::string& rest = "") {
    const std::string path = "/0/private/" + method;
    const std::string n = std::to_string(++nonce);
    const std::string body = "nonce=" + n + (rest.empty() ? "" : "&" + rest);
    return http("POST " + path + " HTTP/1.1\r\nAPI-Key: " + key.id + "\r\nAPI-Sign: " +
                    signed_by_hand(std::string(key.secret.reveal()), path, n, body) +
                    "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                body);
  }
};

// A WebSocket by hand: masked frames out, plain ones in.
class HandSocket {
 public:
  HandSocket(std::uint16_t port, const std::string& path) : socket_(RawSocket::tcp(port)) {
    REQUIRE(socket_.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                         "Sec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
    while (in_.find("\r\n\r\n") == std::string::npos)
      REQUIRE(fill());
    const std::string head = in_.substr(0, in_.find("\r\n\r\n"));
    in_.erase(0, head.size() + 4);
    INFO(head);
    CHECK(head.starts_with("HTTP/1.1 101"));
    CHECK(head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
    CHECK(head.find("permessage-deflate") == std::string::npos);
  }

  void send(const std::string& text) { REQUIRE(socket_.send(masked(0x81, text))); }

  // In two fragments with a ping between them.
  void send_in_pieces(const std::string& text) {
    const std::size_t half = text.size() / 2;
    REQUIRE(socket_.send(masked(0x01, text.substr(0, half)) + masked(0x89, "hello") +
                         masked(0x80, text.substr(half))));
  }

  // The next text frame that has a part; pongs are counted on the way.
  std::string next(const std::string& part) {
    for (;;) {
      const auto [opcode, payload] = frame();
      if (opcode == 0xA) ++pongs;
      if (opcode == 0x1 && payload.find(part) != std::string::npos) return payload;
    }
  }

  // Says goodbye; returns whether the other side does too.
  bool close() {
    REQUIRE(socket_.send(masked(0x88, std::string("\x03\xE8", 2))));
    for (;;) {
      const auto [opcode, payload] = frame();
      if (opcode == 0x8) return payload.starts_with(std::string("\x03\xE8", 2));
    }
  }

  int pongs{0};

 private:
  static std::string masked(unsigned first, const std::string& payload) {
    const std::array<char, 4> mask{'\x11', '\x22', '\x33', '\x44'};
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
      out += static_cast<char>(0x80U | payload.size());
    } else {
      out += static_cast<char>(0xFE);
      out += static_cast<char>(payload.size() >> 8U);
      out += static_cast<char>(payload.size() & 0xFFU);
    }
    out.append(mask.begin(), mask.end());
    for (std::size_t i = 0; i < payload.size(); ++i)
      out += static_cast<char>(payload[i] ^ mask.at(i % 4));
    return out;
  }

  bool fill() {
    pollfd wait{socket_.file(), POLLIN, 0};
    if (::poll(&wait, 1, 15'000) <= 0) return false;
    std::array<char, 65536> chunk{};
    const auto n = ::recv(socket_.file(), chunk.data(), chunk.size(), 0);
    if (n > 0) in_.append(chunk.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  std::pair<unsigned, std::string> frame() {
    const auto byte = [&](std::size_t i) {
      while (in_.size() <= i)
        REQUIRE(fill());
      return static_cast<std::size_t>(static_cast<unsigned char>(in_[i]));
    };
    const unsigned opcode = static_cast<unsigned>(byte(0)) & 0xFU;
    std::size_t size = byte(1);
    REQUIRE(size < 128);  // a server does not mask
    std::size_t at = 2;
    if (size >= 126) {
      const std::size_t digits = size == 126 ? 2 : 8;
      size = 0;
      for (std::size_t i = 0; i < digits; ++i)
        size = size << 8U | byte(at + i);
      at += digits;
    }
    if (size > 0) byte(at + size - 1);
    std::pair<unsigned, std::string> out{opcode, in_.substr(at, size)};
    in_.erase(0, at + size);
    return out;
  }

  RawSocket socket_;
  std::string in_;
};

}  // namespace

TEST_CASE("startup: a signature made by hand is the published one") {
  CHECK(signed_by_hand(
            "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1hu"
            "Xg==",
            "/0/private/AddOrder", "1616492376594",
            "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25") ==
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==");
}

TEST_CASE("startup: clocks, assets and pairs") {
  Venue venue;
  CHECK(venue.open_call("Time")["result"]["unixtime"].GetInt64() >= 1'700'000'000);
  CHECK(venue.open_call("SystemStatus")["result"]["status"] == "online");
  const auto assets = venue.open_call("Assets");
  CHECK(assets["result"]["XXBT"]["altname"] == "XBT");
  CHECK(assets["result"]["ZUSD"]["decimals"].GetInt() == 4);
  const auto pairs = venue.open_call("AssetPairs");
  REQUIRE(pairs["result"].MemberCount() == 2);
  const auto& bitcoin = pairs["result"]["XXBTZUSD"];
  CHECK(bitcoin["altname"] == "XBTUSD");
  CHECK(bitcoin["wsname"] == "XBT/USD");
  CHECK(bitcoin["base"] == "XXBT");
  CHECK(bitcoin["lot_decimals"].GetInt() == 8);
  CHECK(bitcoin["fees"][0][1].IsNumber());
  for (const char* member : {"tick_size", "ordermin", "costmin", "status"}) {
    INFO(member);
    CHECK(bitcoin[member].IsString());
  }
  const auto unknown = venue.get("/0/public/Ticker?pair=NOPAIR");
  CHECK(unknown["error"][0] == "EQuery:Unknown asset pair");
  CHECK(venue.get("/0/public/Nothing")["error"][0] == "EGeneral:Unknown method");
}

TEST_CASE("startup: market data is keyed by the canonical id, whatever was asked") {
  Venue venue;
  const auto ticker = venue.open_call("Ticker?pair=XBTUSD%2CETHUSD");
  for (const char* member : {"a", "b", "c", "v", "p", "l", "h"}) {
    INFO(member);
    CHECK(ticker["result"]["XXBTZUSD"][member][0].IsString());
  }
  CHECK(ticker["result"]["XETHZUSD"]["o"].IsString());
  CHECK(venue.open_call("Ticker")["result"].MemberCount() == 2);
  const auto candles = venue.open_call("OHLC?pair=XBTUSD&interval=1");
  const auto& rows = candles["result"]["XXBTZUSD"];
  REQUIRE(rows.Size() >= 720);
  const std::int64_t forming = rows[rows.Size() - 1][0].GetInt64();
  CHECK(candles["result"]["last"].GetInt64() == forming - 60);
  CHECK(rows[0].Size() == 8);
  CHECK(rows[0][1].IsString());
  const auto depth = venue.open_call("Depth?pair=XXBTZUSD&count=7");
  CHECK(depth["result"]["XXBTZUSD"]["bids"].Size() == 7);
  CHECK(depth["result"]["XXBTZUSD"]["asks"][0].Size() == 3);
  CHECK(venue.open_call("Trades?pair=XBTUSD")["result"]["last"].IsString());
  CHECK(venue.open_call("Spread?pair=XBTUSD")["result"]["last"].IsInt64());
}

TEST_CASE("startup: balances, an order, its life, its end, fills") {
  Venue venue;
  CHECK(venue.closed_call("Balance")["result"]["ZUSD"] == "100000.0000");
  CHECK(venue.closed_call("BalanceEx")["result"]["XXBT"]["hold_trade"] == "0.0000000000");
  CHECK(venue.closed_call("TradeBalance", "asset=ZUSD")["result"]["eb"].IsString());
  CHECK(venue.closed_call("TradeVolume", "pair=XXBTZUSD")["result"]["fees"]["XXBTZUSD"]["fee"]
            .IsString());
  CHECK(venue.closed_call("GetApiKeyInfo")["result"]["permissions"].IsArray());
  CHECK(venue.closed_call("OpenOrders", "trades=true")["result"]["open"].ObjectEmpty());

  const auto only_checked = venue.closed_call(
      "AddOrder", "ordertype=limit&type=buy&pair=XBTUSD&volume=0.01&price=1000&validate=true");
  CHECK(only_checked["error"].Empty());
  CHECK_FALSE(only_checked["result"].HasMember("txid"));
  const auto added = venue.closed_call(
      "AddOrder", "ordertype=limit&type=buy&pair=XBTUSD&volume=0.01&price=1000&cl_ord_id=first");
  REQUIRE(added["error"].Empty());
  const std::string id = added["result"]["txid"][0].GetString();
  CHECK(added["result"]["descr"]["order"] == "buy 0.01000000 XBTUSD @ limit 1000.0");
  const auto open = venue.closed_call("OpenOrders");
  CHECK(open["result"]["open"][id.c_str()]["descr"]["pair"] == "XBTUSD");
  CHECK(open["result"]["open"][id.c_str()]["status"] == "open");
  CHECK(venue.closed_call("AmendOrder", "txid=" + id + "&limit_price=1001")["result"]["amend_id"]
            .IsString());
  CHECK(venue.closed_call("QueryOrders", "txid=" + id)["result"][id.c_str()]["descr"]["price"] ==
        "1001.0");
  CHECK(venue.closed_call("CancelOrder", "txid=" + id)["result"]["count"].GetInt() == 1);
  CHECK(venue.closed_call("CancelOrder", "txid=" + id)["error"][0] == "EOrder:Unknown order");
  CHECK(venue.closed_call("ClosedOrders")["result"]["closed"][id.c_str()]["status"] == "canceled");

  const auto market =
      venue.closed_call("AddOrder", "ordertype=market&type=buy&pair=XBTUSD&volume=0.01");
  REQUIRE(market["error"].Empty());
  const auto trades = venue.closed_call("TradesHistory", "consolidate_taker=false");
  REQUIRE(trades["result"]["count"].GetInt() >= 1);
  const auto& trade = trades["result"]["trades"].MemberBegin()->value;
  CHECK(trade["pair"] == "XXBTZUSD");
  CHECK(trade["ordertxid"] == market["result"]["txid"][0]);
  CHECK(venue.closed_call("Ledgers")["result"]["count"].GetInt() >= 4);
  CHECK(venue.closed_call("CancelAllOrdersAfter", "timeout=0")["result"]["triggerTime"] == "0");
  CHECK(venue.closed_call("CancelAll")["result"]["count"].GetInt() == 0);
}

TEST_CASE("startup: a public WebSocket, on any path") {
  Venue venue;
  HandSocket socket(venue.exchange->port(), "/some/prefix/v2");
  const auto status = json(socket.next("\"status\""));
  CHECK(status["data"][0]["system"] == "online");
  CHECK(status["data"][0]["connection_id"].GetUint64() > 0);
  socket.send(R"({"method":"ping"})");
  CHECK_FALSE(json(socket.next("\"pong\"")).HasMember("req_id"));
  socket.send_in_pieces(R"({"method":"ping","req_id":101})");
  CHECK(json(socket.next("\"pong\""))["req_id"].GetInt() == 101);
  CHECK(socket.pongs == 1);
  socket.send(
      R"({"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD","ETH/USD"]},"req_id":7})");
  for (const char* symbol : {"BTC/USD", "ETH/USD"}) {
    const auto ack = json(socket.next("\"success\":true"));
    CHECK(ack["req_id"].GetInt() == 7);
    CHECK(ack["result"]["symbol"] == symbol);
  }
  CHECK(json(socket.next("\"snapshot\""))["data"][0]["last"].IsNumber());
  socket.send(
      R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":25},"req_id":8})");
  const auto book = json(socket.next("\"book\",\"type\":\"snapshot\""));
  CHECK(book["data"][0]["bids"].Size() == 25);
  CHECK(book["data"][0]["checksum"].IsUint());
  socket.send(R"({"method":"subscribe","params":{"channel":"instrument"},"req_id":9})");
  const auto instruments = json(socket.next("\"instrument\",\"type\":\"snapshot\""));
  CHECK(instruments["data"]["pairs"].Size() == 2);
  socket.send(
      R"({"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":1},"req_id":10})");
  CHECK(json(socket.next("\"req_id\":10"))["success"].GetBool());
  socket.send(
      R"({"method":"subscribe","params":{"channel":"trade","symbol":["FOO/BAR"]},"req_id":11})");
  CHECK(json(socket.next("\"req_id\":11"))["error"] == "Currency pair not supported FOO/BAR");
  CHECK(socket.next("\"heartbeat\"") == R"({"channel":"heartbeat"})");
  CHECK(socket.close());
}

TEST_CASE("startup: a private WebSocket, its channels, an order and its end") {
  Venue venue;
  const auto opened = venue.closed_call("GetWebSocketsToken");
  CHECK(opened["result"]["expires"].GetInt() == 900);
  const std::string token = opened["result"]["token"].GetString();
  HandSocket socket(venue.exchange->port(), "/v2");
  socket.next("\"status\"");
  socket.send(R"({"method":"subscribe","params":{"channel":"executions","token":")" + token +
              R"(","snap_trades":true,"ratecounter":true},"req_id":1})");
  CHECK(json(socket.next("\"req_id\":1"))["result"]["maxratecount"].IsInt());
  CHECK(json(socket.next("\"executions\",\"type\":\"snapshot\""))["sequence"].GetInt() == 1);
  socket.send(R"({"method":"subscribe","params":{"channel":"balances","token":")" + token +
              R"("},"req_id":2})");
  CHECK(json(socket.next("\"balances\",\"type\":\"snapshot\""))["data"].Size() == 2);
  socket.send(
      R"({"method":"add_order","params":{"order_type":"limit","side":"buy","limit_price":1000.5,)"
      R"("order_qty":0.02,"symbol":"BTC/USD","token":")" +
      token + R"("},"req_id":3})");
  const auto ack = json(socket.next("\"req_id\":3"));
  const std::string id = ack["result"]["order_id"].GetString();
  const auto pending = json(socket.next("\"pending_new\""));
  CHECK(pending["data"][0]["order_id"].GetString() == id);
  CHECK(json(socket.next("\"exec_type\":\"new\""))["sequence"].GetInt() == 3);
  socket.send(R"({"method":"cancel_order","params":{"order_id":[")" + id + R"("],"token":")" +
              token + R"("},"req_id":4})");
  CHECK(json(socket.next("\"req_id\":4"))["success"].GetBool());
  CHECK(json(socket.next("\"exec_type\":\"canceled\""))["data"][0]["cancel_reason"] ==
        "User requested");
  socket.send(R"({"method":"cancel_all_orders_after","params":{"timeout":60,"token":")" + token +
              R"("},"req_id":5})");
  CHECK(json(socket.next("\"req_id\":5"))["result"]["triggerTime"].IsString());
  CHECK(socket.close());
}

TEST_CASE("startup: funding of perpetual contracts, as an amount and as a fraction") {
  Venue venue;
  const auto tickers = venue.get("/derivatives/api/v3/tickers");
  CHECK(tickers["result"] == "success");
  double linear = 0;
  double inverse = 0;
  for (const auto& row : tickers["tickers"].GetArray()) {
    const std::string symbol = row["symbol"].GetString();
    const double price = row["indexPrice"].GetDouble();
    const double rate = row["fundingRate"].GetDouble();
    if (symbol == "PF_XBTUSD") linear = rate / price;
    if (symbol == "PI_XBTUSD") inverse = rate * price;
  }
  CHECK(linear == Approx(inverse));
  const auto history =
      venue.get("/derivatives/api/v3/historical-funding-rates?symbol=PF_XBTUSD");
  const auto& rates = history["rates"];
  REQUIRE(rates.Size() > 2);
  CHECK(rates[rates.Size() - 1]["relativeFundingRate"].GetDouble() == Approx(linear));
  CHECK(venue.get("/derivatives/api/v3/historical-funding-rates?symbol=X")["result"] == "error");
}

}  // namespace aitrade::loopback
