// A client of the private exchange that knows only the venue's documents: it writes bodies by hand
// and signs them with OpenSSL.
#pragma once

#include "exchanges/loopback/kraken_private.h"
#include "exchanges/loopback/private_session.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace aitrade::loopback {

inline std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AITRADE_SOURCE_DIR) + "/../shared/protocols/fixtures/kraken/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline rapidjson::Document json(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  INFO(text);
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

// A market with three pairs, and an account on it.
struct Rig {
  Market market{minutes{1}, 1};
  Time now = Time::from_seconds(1'700'000'000);
  std::unique_ptr<PrivateVenue> venue;
  ApiKey key = random_key();
  std::uint64_t nonce{1'616'492'376'594};

  Rig() {
    add("BTC/USD", "50000");
    add("LTC/USDT", "70");
    add("LTC/USD", "70");
    AccountOptions options;
    options.keys = {key};
    options.deposits = {{"USD", Amount::parse_or_die("1000000")},
                        {"USDT", Amount::parse_or_die("10000")},
                        {"BTC", Amount::parse_or_die("10")},
                        {"LTC", Amount::parse_or_die("1000")}};
    venue = std::make_unique<PrivateVenue>(options, market, now);
  }

  void add(const char* name, const char* price) {
    market.add(*Symbol::parse(name), Price::parse_or_die(price));
    trade(market.pairs().size() - 1, price);
  }

  void trade(std::size_t pair, const char* price, bool is_buy = true) {
    now = now + seconds{1};
    Row row;
    row.at = now;
    row.so_far.open_time = floor_to(now, minutes{1});
    row.so_far.interval = minutes{1};
    row.so_far.open = row.so_far.high = row.so_far.low = row.so_far.close =
        Price::parse_or_die(price);
    row.quantity = 0.00001;
    row.is_buy = is_buy;
    market.show(pair, row);
    market.refresh_book(pair, now.seconds_floor(), 0);
    if (venue) {
      venue->matching().on_trade(pair, {row.so_far.close, Quantity::from_raw(1000), now, is_buy, 0},
                                 now);
    }
  }

  std::string sign(const std::string& path, const std::string& n, const std::string& body) const {
    return *venue_signature(key.secret.reveal(), path, n, body);
  }

  // Sends a form body; the nonce goes in front.
  std::string call(const std::string& method, const std::string& rest = "") {
    const std::string n = std::to_string(++nonce);
    const std::string body = "nonce=" + n + (rest.empty() ? "" : "&" + rest);
    return raw(method, n, body, "application/x-www-form-urlencoded");
  }

  std::string call_json(const std::string& method, const std::string& members) {
    const std::string n = std::to_string(++nonce);
    return raw(method, n, "{\"nonce\":\"" + n + "\"," + members + "}", "application/json");
  }

  std::string raw(const std::string& method, const std::string& n, const std::string& body,
                  const std::string& type) {
    const std::string path = "/0/private/" + method;
    return kraken_private({path, key.id, sign(path, n, body), type, body}, *venue, now).body;
  }

  std::string error(const std::string& answer) {
    const auto document = json(answer);
    const auto& list = document["error"];
    return list.Empty() ? "" : list[0].GetString();
  }

  // Places an order that must be accepted; returns its id.
  std::string place(const std::string& body) {
    const auto document = json(call("AddOrder", body));
    REQUIRE(document["error"].Empty());
    return document["result"]["txid"][0].GetString();
  }

  Price bid(std::size_t pair = 0) const { return market.pairs()[pair].book.bids.front().price; }

  Price ask(std::size_t pair = 0) const { return market.pairs()[pair].book.asks.front().price; }
};

// Whether `ours` has every member of `theirs`, of the same JSON type. Members of an object whose
// keys are names of things (ids, assets, pairs) are compared with our first one.
inline bool same_shape(const rapidjson::Value& theirs, const rapidjson::Value& ours,
                       const std::vector<std::string>& maps, const std::string& path = "") {
  const auto differs = [&](const char* what) {
    UNSCOPED_INFO(path << ": " << what);
    return false;
  };
  const bool is_optional = path.ends_with("/refid") || path.ends_with("/reason");
  if (theirs.IsNull() || (ours.IsNull() && is_optional)) return true;
  if (theirs.IsNumber() ? !ours.IsNumber()
      : theirs.IsBool() ? !ours.IsBool()
                        : theirs.GetType() != ours.GetType()) {
    return differs("another type");
  }
  if (theirs.IsArray()) {
    if (theirs.Empty()) return true;
    if (ours.Empty()) return differs("an empty list");
    return same_shape(theirs[0], ours[0], maps, path + "[]");
  }
  if (!theirs.IsObject()) return true;
  const bool is_map = std::find(maps.begin(), maps.end(), path) != maps.end();
  for (const auto& member : theirs.GetObject()) {
    const std::string name = member.name.GetString();
    if (is_map) {
      if (ours.ObjectEmpty()) return differs("an empty map");
      if (!same_shape(member.value, ours.MemberBegin()->value, maps, path + "/*")) return false;
      continue;
    }
    const auto found = ours.FindMember(name.c_str());
    if (found == ours.MemberEnd()) return differs(("no " + name).c_str());
    if (!same_shape(member.value, found->value, maps, path + "/" + name)) return false;
  }
  return true;
}

}  // namespace aitrade::loopback
