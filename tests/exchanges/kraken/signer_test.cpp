// Signatures against the published vector and the computed ones, and the form encoding they cover.
#include "exchanges/kraken/signer.h"

#include "exchanges/kraken/form.h"
#include "exchanges/kraken/json.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

namespace aitrade::kraken {
namespace {

// base64 of "words of a test, nobody's secret"; the signature was computed with another program.
constexpr const char* test_secret = "d29yZHMgb2YgYSB0ZXN0LCBub2JvZHkncyBzZWNyZXQ=";

}  // namespace

TEST_CASE("kraken signer: signs path, nonce and the very body", "[kraken][signer]") {
  const auto signer = Signer::make({"key", Secret(test_secret)});
  REQUIRE(signer.has_value());
  const std::string body =
      "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25";
  const std::string good =
      "G/IGg67u+N1Wa1SsDjJOBj4SkZAuxDVVi5n0V5VFC+j6sK1+D+CiSAKNG611e5JxMuLluemVVPf61o8bkx1dxg==";
  CHECK(signer->sign("/0/private/AddOrder", 1616492376594, body) == good);
  CHECK(signer->sign("/0/private/AddOrder", 1616492376595, body) != good);
  CHECK(signer->sign("/0/private/addorder", 1616492376594, body) != good);
  CHECK(signer->sign("/0/private/AddOrder", 1616492376594, body + " ") != good);
}

TEST_CASE("kraken signer: the published vector and all others on record",
          "[kraken][signer][fixtures]") {
  const auto text = kraken_fixture("auth_vectors.json");
  if (!text) return;
  const auto document = parse_json(*text);
  REQUIRE(document.has_value());
  const auto signer = Signer::make({"key", Secret(std::string(text_at(*document, "api_secret")))});
  REQUIRE(signer.has_value());
  const JsonValue* vectors = member(*document, "vectors");
  REQUIRE(vectors != nullptr);
  CHECK(vectors->Size() == 9);
  for (const JsonValue& row : vectors->GetArray()) {
    INFO(text_at(row, "name"));
    const auto nonce = unsigned_of(text_at(row, "nonce"));
    REQUIRE(nonce.has_value());
    CHECK(signer->sign(text_at(row, "uri_path"), *nonce, text_at(row, "body")) ==
          text_at(row, "api_sign"));
  }
}

TEST_CASE("kraken signer: a secret that is not base64 is refused and not shown",
          "[kraken][signer]") {
  for (const char* text :
       {"", "abc", "abc$", "====", "ab==cd==", "a===", "YW=j", " bcd", "abc\n"}) {
    INFO(text);
    const auto signer = Signer::make({"key", Secret(text)});
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error().code == ErrorCode::invalid);
    CHECK(signer.error().what == "kraken: the API secret is not base64");
  }
  CHECK_FALSE(Signer::make({"", Secret("YWJj")}).has_value());
  CHECK_FALSE(Signer::make({"a\r\nX: b", Secret("YWJj")}).has_value());
  CHECK(Signer::make({"key", Secret("YWJj")}).has_value());
  CHECK(Signer::make({"key", Secret("YWI=")}).has_value());
}

TEST_CASE("kraken signer: equal keys have equal ids, which do not show the key",
          "[kraken][signer]") {
  const auto one = Signer::make({"name-of-a-key", Secret("YWJj")});
  const auto same = Signer::make({"name-of-a-key", Secret("eHl6")});
  const auto other = Signer::make({"another", Secret("YWJj")});
  CHECK(one->key_id() == same->key_id());
  CHECK(one->key_id() != other->key_id());
  CHECK(one->key_id().size() == 16);
}

TEST_CASE("kraken form: encodes what the venue would read otherwise", "[kraken][form]") {
  const FormFields fields{
      {"price", "+1.5%"}, {"close[ordertype]", "limit"}, {"oflags", "post,fciq"}};
  const std::string body = form_text(fields);
  CHECK(body == "price=%2B1.5%25&close%5Bordertype%5D=limit&oflags=post%2Cfciq");
  CHECK(parse_form(body) == fields);
  CHECK(parse_form("close[price]=1&a=b+c&d") ==
        FormFields{{"close[price]", "1"}, {"a", "b c"}, {"d", ""}});
  CHECK(percent_decoded("%4%zz%") == "%4%zz%");
}

TEST_CASE("kraken form: any bytes survive the round trip", "[kraken][form]") {
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  CHECK(percent_decoded(percent_encoded(all)) == all);
  CHECK(parse_form(form_text({{all, all}})) == FormFields{{all, all}});
}

}  // namespace aitrade::kraken
