// Exact decimals: the text they came in, the sums they make, and what they refuse.
#include "core/base/decimal.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

using namespace aitrade;

namespace {

Decimal d(std::string_view text) {
  auto value = Decimal::parse(text);
  INFO(text);
  REQUIRE(value.has_value());
  return *value;
}

std::string random_text(Random& random, std::size_t digits_max) {
  std::string digits = std::to_string(1 + random.below(9));
  for (std::uint64_t i = random.below(digits_max); i > 0; --i)
    digits += static_cast<char>('0' + random.below(10));
  const std::size_t places = random.below(std::min<std::size_t>(digits.size(), 18) + 1);
  if (places == digits.size()) digits.insert(0, 1, '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return random.below(2) == 0 ? "-" + digits : digits;
}

}  // namespace

TEST_CASE("decimal: prints what it read", "[base][decimal]") {
  for (const char* text :
       {"0", "0.00000000", "1011.1908877900", "-10.0232", "171288.6158", "0.000000000000000001",
        "9999.9999999999", "170141183460469231731687303715884105727",
        "-170141183460469231731.687303715884105727"}) {
    CHECK(to_string(d(text)) == text);
    CHECK(Amount::parse(text)->text == text);
  }
}

TEST_CASE("decimal: an exponent is the same value in plain digits", "[base][decimal]") {
  CHECK(to_string(d("1e-08")) == "0.00000001");
  CHECK(to_string(d("4.2E4")) == "42000");
  CHECK(to_string(d("-7.56414717067e-07")) == "-0.000000756414717067");
  CHECK(to_string(d("1.50e+1")) == "15.0");
  CHECK(Amount::parse("1e-08")->text == "1e-08");
  CHECK(Amount::parse("1e-08")->value == d("0.00000001"));
}

TEST_CASE("decimal: refuses what is no number or does not fit", "[base][decimal]") {
  for (const char* text :
       {"",         "-",    "+",  ".",     "1.2.3",         "1,5", " 1",   "1 ",  "abc", "NaN",
        "Infinity", "0x10", "1e", "1e+-5", "1e99999999999", "e5",  "1e65", "--1", "+-1", "1e5.0"}) {
    INFO(text);
    CHECK_FALSE(Decimal::parse(text).has_value());
  }
  CHECK_FALSE(Decimal::parse("0.0000000000000000001").has_value());  // 19 decimals
  CHECK_FALSE(Decimal::parse("170141183460469231731687303715884105728").has_value());
  CHECK_FALSE(Decimal::parse("1e39").has_value());
  CHECK_FALSE(Decimal::parse(std::string(200, '1')).has_value());
  CHECK(Decimal::parse("0e64").has_value());
  CHECK(d("-0.0").is_zero());
}

TEST_CASE("decimal: compares by value over every scale", "[base][decimal]") {
  CHECK(d("1.0") == d("1.00"));
  CHECK(d("-1.5") < d("-1.49"));
  CHECK(d("0.1") > d("0.09"));
  CHECK(d("-0.1") < d("0.09"));
  CHECK(d("170141183460469231731687303715884105727") > d("0.000000000000000001"));
  CHECK(d("-170141183460469231731687303715884105727") < d("-1.000000000000000001"));
}

TEST_CASE("decimal: sums are exact or refused", "[base][decimal]") {
  CHECK(to_string(*sum(d("0.1"), d("0.20"))) == "0.30");
  CHECK(to_string(*difference(d("0.3"), d("0.1"))) == "0.2");
  CHECK(to_string(*sum(d("-132.9998"), d("0.2128"))) == "-132.7870");
  CHECK_FALSE(sum(d("170141183460469231731687303715884105727"), d("1")).has_value());
  CHECK_FALSE(sum(d("170141183460469231731687303715884105727"), d("0.1")).has_value());
}

TEST_CASE("decimal: products go through 256 bits and name their rounding", "[base][decimal]") {
  CHECK(to_string(*product(d("26599.96"), d("0.005"), 18, Rounding::half_even)) == "132.99980");
  CHECK(to_string(*product(d("1.5"), d("1.5"), 1, Rounding::half_even)) == "2.2");
  CHECK(to_string(*product(d("1.5"), d("1.5"), 1, Rounding::up)) == "2.3");
  CHECK(to_string(*product(d("-1.5"), d("1.5"), 1, Rounding::floor)) == "-2.3");
  CHECK(to_string(*product(d("-1.5"), d("1.5"), 1, Rounding::ceil)) == "-2.2");
  CHECK(to_string(*product(d("-1.5"), d("1.5"), 1, Rounding::down)) == "-2.2");
  // 36 decimals are cut in two steps; what the first step cut decides a tie of the second.
  CHECK(to_string(*product(d("1.000000000000000001"), d("0.500000000000000000"), 0,
                           Rounding::half_even)) == "1");
  CHECK(to_string(*product(d("1.000000000000000000"), d("0.500000000000000000"), 0,
                           Rounding::half_even)) == "0");
  CHECK(to_string(*product(d("12345678901234567890.123456789012345678"), d("0.000000000000000001"),
                           18, Rounding::down)) == "12.345678901234567890");
  CHECK_FALSE(product(d("170141183460469231731687303715884105727"), d("2"), 18, Rounding::down)
                  .has_value());
}

TEST_CASE("decimal: engine types hold it exactly or not at all", "[base][decimal]") {
  CHECK(*to_fixed<Quantity>(d("0.00100000")) == Quantity::parse_or_die("0.001"));
  CHECK_FALSE(to_fixed<Quantity>(d("9999.9999999999")).has_value());
  CHECK_FALSE(to_fixed<Money>(d("92233720369")).has_value());
  CHECK(to_string(Decimal::from(Price::parse_or_die("26500.40"))) == "26500.4");
  CHECK(to_string(Decimal::from(Quantity{})) == "0");
}

TEST_CASE("decimal: laws over random values", "[base][decimal][property]") {
  Random random(5);
  bool same_text = true, commutes = true, inverts = true, agrees = true;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(random, 17);
    const Decimal a = d(text);
    const Decimal b = d(random_text(random, 17));
    same_text = same_text && to_string(a) == text;
    commutes = commutes && *sum(a, b) == *sum(b, a) &&
               *product(a, b, 18, Rounding::down) == *product(b, a, 18, Rounding::down);
    inverts = inverts && *difference(*sum(a, b), b) == a && a.trimmed() == a;
    // Small coefficients: the product without cut is the product of the counts.
    const int scale = a.scale() + b.scale();
    if (scale <= Decimal::scale_max) {
      agrees = agrees &&
               product(a, b, 18, Rounding::up)->coefficient() == a.coefficient() * b.coefficient();
    }
    agrees = agrees && (a < b) == difference(a, b)->is_negative();
  }
  CHECK(same_text);
  CHECK(commutes);
  CHECK(inverts);
  CHECK(agrees);
}
