#include "core/domain/instrument.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace aitrade {
namespace {

constexpr std::size_t currency_length_max = 10;
constexpr std::size_t legacy_pair_length = 8;  // two four-letter codes, such as XXBTZUSD

// Quotes tried, longest first, when a name carries no separator. A pair whose base ends like a quote
// stays ambiguous only if both readings are listed; the longest quote wins.
constexpr std::array<std::string_view, 17> known_quotes{
    "USDT", "USDC", "ZUSD", "ZEUR", "ZGBP", "ZCAD", "ZJPY", "XXBT", "XETH",
    "USD",  "EUR",  "GBP",  "CAD",  "JPY",  "XBT",  "BTC",  "ETH"};

// Legacy codes of one venue, written out: stripping a leading X or Z textually breaks XTZ and ZEC.
constexpr std::array<std::array<std::string_view, 2>, 17> legacy_codes{{{"XXBT", "BTC"},
                                                                        {"XBT", "BTC"},
                                                                        {"XXDG", "DOGE"},
                                                                        {"XDG", "DOGE"},
                                                                        {"XETH", "ETH"},
                                                                        {"XETC", "ETC"},
                                                                        {"XLTC", "LTC"},
                                                                        {"XXRP", "XRP"},
                                                                        {"XXLM", "XLM"},
                                                                        {"XXMR", "XMR"},
                                                                        {"XZEC", "ZEC"},
                                                                        {"XREP", "REP"},
                                                                        {"ZUSD", "USD"},
                                                                        {"ZEUR", "EUR"},
                                                                        {"ZGBP", "GBP"},
                                                                        {"ZCAD", "CAD"},
                                                                        {"ZJPY", "JPY"}}};

Currency canonical(std::string_view code) {
  for (const auto& [legacy, current] : legacy_codes) {
    if (code == legacy) return Currency{current};
  }
  return Currency{code};
}

bool is_code(std::string_view text) {
  return text.size() >= 2 && text.size() <= currency_length_max &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

}  // namespace

Result<Symbol> Symbol::parse(std::string_view text) {
  std::string upper(text.substr(0, 64));
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string_view name = upper;
  std::string_view base;
  std::string_view quote;
  if (const auto split = name.find_first_of("/-_"); split != std::string_view::npos) {
    base = name.substr(0, split);
    quote = name.substr(split + 1);
  } else {
    for (const std::string_view candidate : known_quotes) {
      const bool legacy = candidate.front() == 'Z' || candidate.starts_with("XX") ||
                          candidate == "XETH";
      if (legacy && name.size() != legacy_pair_length) continue;  // XTZUSD ends like ZUSD
      if (name.size() >= candidate.size() + 2 && name.ends_with(candidate)) {
        base = name.substr(0, name.size() - candidate.size());
        quote = candidate;
        break;
      }
    }
  }
  if (!is_code(base) || !is_code(quote) || canonical(base) == canonical(quote)) {
    return fail(ErrorCode::invalid,
                "\"" + std::string(text.substr(0, 40)) + "\" is not a pair (write BASE/QUOTE, such as BTC/USD)");
  }
  return Symbol{canonical(base), canonical(quote)};
}

std::string to_string(const Symbol& symbol) { return symbol.base + "/" + symbol.quote; }

Result<Price> round_to_tick(double value, const Instrument& instrument, Rounding rounding) {
  AITRADE_TRY(const Price price, Price::from_double(value, rounding));
  const Price rounded = round_to_step(price, instrument.tick, rounding);
  if (!rounded.is_positive()) return fail(ErrorCode::invalid, "a price must be above zero");
  return rounded;
}

Instrument standard_instrument(const Symbol& symbol, Price reference) {
  AITRADE_CHECK(reference.is_positive());
  std::int64_t tick = Price::scale / 10;  // 0.1
  while (tick > 1 && reference.raw() / tick < 100'000) tick /= 10;
  Instrument instrument;
  instrument.symbol = symbol;
  instrument.tick = Price::from_raw(tick);
  instrument.minimum = instrument.lot;
  const bool crypto_quote = symbol.quote == "BTC" || symbol.quote == "ETH";
  instrument.minimum_notional = Money::parse_or_die(crypto_quote ? "0.00002" : "0.5");
  return instrument;
}

}  // namespace aitrade
