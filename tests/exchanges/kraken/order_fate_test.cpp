// Error texts and what they prove, entry by entry, and the fate of an order under every transport
// fact.
#include "exchanges/kraken/order_fate.h"

#include "exchanges/kraken/json.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <set>

namespace aitrade::kraken {
namespace {

HttpOutcome reply(int status, std::string body) {
  HttpOutcome outcome;
  outcome.fact = TransportFact::reply;
  outcome.reply.status = status;
  outcome.reply.body = std::move(body);
  return outcome;
}

HttpOutcome fact(TransportFact what) {
  HttpOutcome outcome;
  outcome.fact = what;
  outcome.error = fail(ErrorCode::network, "reset");
  return outcome;
}

std::string refusal(std::string_view text) {
  return R"({"error":[")" + std::string(text) + R"("]})";
}

constexpr const char* placed = R"({"error":[],"result":{"descr":{"order":"x"},"txid":["OA"]}})";

// The texts that prove nothing, and those that prove something only for a single copy. Everything
// else in the table proves that the request was not executed; a new entry has to be added here to
// be anything else.
const std::set<std::string_view> proves_nothing{
    "EGeneral:Internal error", "EGeneral:Unknown error", "EService:Unavailable",
    "EService:Busy",           "EService:Timeout",       "EDatabase:Internal error"};
const std::set<std::string_view> proves_for_one_copy{"EAPI:Invalid nonce"};

}  // namespace

TEST_CASE("kraken errors: every entry has the fate it should have", "[kraken][errors][safety]") {
  std::set<std::string_view> seen;
  for (const KnownError& entry : known_errors()) {
    INFO(entry.text);
    CHECK(seen.insert(entry.text).second);
    CHECK(find_error(entry.text) == &entry);
    CHECK(find_error(std::string(entry.text) + ":more") == &entry);
    const HttpOutcome outcome = reply(200, refusal(entry.text));
    const Fate one = fate_of_place(outcome, Copies::one).fate;
    const Fate more = fate_of_place(outcome, Copies::maybe_more).fate;
    if (proves_nothing.contains(entry.text)) {
      CHECK(one == Fate::unknown);
      CHECK(more == Fate::unknown);
      CHECK(entry.kind == ErrorClass::ambiguous);
    } else if (proves_for_one_copy.contains(entry.text)) {
      CHECK(one == Fate::refused);
      CHECK(more == Fate::unknown);
    } else {
      CHECK(one == Fate::refused);
      CHECK(more == Fate::refused);
    }
    CHECK(fate_of_change(outcome, Copies::one).fate == one);
  }
}

TEST_CASE("kraken errors: classes as the catalogue on record has them",
          "[kraken][errors][fixtures]") {
  const auto text = kraken_fixture("errors_catalog.json");
  if (!text) return;
  const auto document = parse_json(*text);
  REQUIRE(member(*document, "errors") != nullptr);
  std::set<const KnownError*> used;
  for (const JsonValue& row : member(*document, "errors")->GetArray()) {
    const std::string error(text_at(row, "error"));
    INFO(error);
    if (error.starts_with("W")) continue;  // a warning: the call succeeded
    const KnownError* known = find_error(error);
    REQUIRE(known != nullptr);
    CHECK(to_string(known->kind) == text_at(row, "class"));
    CHECK((known->verdict == OrderVerdict::ambiguous) == (text_at(row, "class") == "ambiguous"));
    used.insert(known);
  }
  // No entry of ours is unheard of.
  for (const KnownError& entry : known_errors()) {
    INFO(entry.text);
    CHECK(used.contains(&entry));
  }
}

TEST_CASE("kraken errors: an unknown text proves nothing about an order",
          "[kraken][errors][safety]") {
  for (const char* text :
       {"EWhat:Ever", "EOrder:Something new", "", "E", "EOrder", "EService:Unavailable soon"}) {
    INFO(text);
    CHECK(meaning_for_order(text).verdict == OrderVerdict::ambiguous);
    CHECK(fate_of_place(reply(200, refusal(text)), Copies::one).fate == Fate::unknown);
  }
  CHECK(classify_read_error("EWhat:Ever") == ErrorClass::permanent);
  CHECK(meaning_for_order("EOrder:cl_ord_id already in use").verdict == OrderVerdict::ambiguous);
  CHECK(meaning_for_order("EGeneral:Invalid arguments:cl_ord_id").verdict == OrderVerdict::refused);
}

TEST_CASE("kraken errors: remedies", "[kraken][errors]") {
  const auto remedy = [](const char* text) { return meaning_for_order(text).remedy; };
  CHECK(remedy("EAPI:Invalid nonce") == Remedy::new_nonce_once);
  CHECK(remedy("ESession:Invalid session") == Remedy::new_token);
  CHECK(remedy("EAPI:Rate limit exceeded") == Remedy::wait);
  CHECK(remedy("EService:Market in cancel_only mode") == Remedy::wait_for_status);
  CHECK(remedy("EGeneral:Permission denied") == Remedy::alarm);
  CHECK(remedy("EOrder:Unknown order") == Remedy::look_up);
  CHECK(remedy("EOrder:Insufficient funds") == Remedy::none);
  CHECK(retry_at("EService: Throttled: 1741500000") == Time::from_seconds(1741500000));
  CHECK(retry_at("EService:Throttled:1741500000") == Time::from_seconds(1741500000));
  for (const char* text : {"EService:Throttled", "EService:Throttled:", "EService:Throttled:-5",
                           "EService:Throttled:12x", "EService:Throttled:99999999999999999999"}) {
    CHECK_FALSE(retry_at(text).has_value());
  }
}

TEST_CASE("kraken fate: silence is not an answer", "[kraken][fate][safety]") {
  CHECK(fate_of_place(fact(TransportFact::not_sent), Copies::one).fate == Fate::not_sent);
  CHECK(fate_of_place(fact(TransportFact::sent_no_reply), Copies::one).fate == Fate::unknown);
  CHECK(fate_of_place(fact(TransportFact::reply_partial), Copies::one).fate == Fate::unknown);
  for (const int status : {100, 201, 302, 400, 401, 403, 404, 500, 502, 503, 504, 520, 522, 524}) {
    INFO(status);
    CHECK(fate_of_place(reply(status, placed), Copies::one).fate == Fate::unknown);
  }
  for (const char* body :
       {"", "<html>busy</html>", "{}", R"({"error":"EOrder:Insufficient funds"})",
        R"({"error":[]})", R"({"error":[],"result":{}})", R"({"error":[],"result":{"txid":[]}})",
        R"({"error":[],"result":{"txid":[""]}})", R"({"error":[null],"result":{"txid":["OA"]}})",
        R"({"error":[],"result":{"descr":{"order":"x"},"txid":["OA")"}) {
    INFO(body);
    CHECK(fate_of_place(reply(200, body), Copies::one).fate == Fate::unknown);
  }
  CHECK(fate_of_place(reply(429, ""), Copies::one).fate == Fate::refused);
  CHECK(fate_of_place(reply(429, ""), Copies::one).remedy == Remedy::wait);
}

TEST_CASE("kraken fate: an accepted order has a name", "[kraken][fate]") {
  const OrderFate fate = fate_of_place(reply(200, placed), Copies::one);
  CHECK(fate.fate == Fate::accepted);
  CHECK(fate.venue_ids == std::vector<std::string>{"OA"});
  const std::string warned = R"({"error":["WGeneral:careful"],"result":{"txid":["OA"]}})";
  CHECK(fate_of_place(reply(200, warned), Copies::one).fate == Fate::accepted);
  const std::string validated = R"({"error":[],"result":{"descr":{"order":"x"}}})";
  CHECK(fate_of_place(reply(200, validated), Copies::one).fate == Fate::unknown);
  CHECK(fate_of_place(reply(200, validated), Copies::one, true).fate == Fate::accepted);
}

TEST_CASE("kraken fate: one doubt outweighs a refusal beside it", "[kraken][fate][safety]") {
  const std::string mixed = R"({"error":["EOrder:Insufficient funds","EService:Busy"]})";
  const OrderFate fate = fate_of_place(reply(200, mixed), Copies::one);
  CHECK(fate.fate == Fate::unknown);
  CHECK(fate.remedy == Remedy::look_up);
  CHECK(fate.why == "EOrder:Insufficient funds, EService:Busy");
}

TEST_CASE("kraken fate: legs of a batch have their own", "[kraken][fate]") {
  const std::string body =
      R"({"error":[],"result":{"orders":[{"txid":"OA"},{"error":"EOrder:Insufficient funds"},{"descr":{}},)"
      R"({"error":"EWhat:Ever"}]}})";
  const auto fates = fate_of_batch(reply(200, body), 4, Copies::one);
  REQUIRE(fates.size() == 4);
  CHECK(fates[0].fate == Fate::accepted);
  CHECK(fates[1].fate == Fate::refused);
  CHECK(fates[2].fate == Fate::unknown);
  CHECK(fates[3].fate == Fate::unknown);
  for (const OrderFate& fate : fate_of_batch(reply(200, body), 5, Copies::one))
    CHECK(fate.fate == Fate::unknown);
  for (const OrderFate& fate : fate_of_batch(fact(TransportFact::not_sent), 2, Copies::one)) {
    CHECK(fate.fate == Fate::not_sent);
  }
}

TEST_CASE("kraken fate: a cancel that found no order proves no cancel", "[kraken][fate][safety]") {
  const OrderFate fate = fate_of_change(reply(200, refusal("EOrder:Unknown order")), Copies::one);
  CHECK(fate.fate == Fate::refused);
  CHECK(fate.remedy == Remedy::look_up);
  CHECK(fate_of_change(reply(200, R"({"error":[],"result":{"count":1}})"), Copies::one).fate ==
        Fate::accepted);
  CHECK(fate_of_change(reply(200, R"({"error":[]})"), Copies::one).fate == Fate::unknown);
}

}  // namespace aitrade::kraken
