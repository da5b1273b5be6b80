#include "core/store/venue_books.h"

#include "core/domain/instrument.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aitrade {
namespace {

/// The parts of fills.words: price, quantity, cost, fee, asset of the fee.
Result<std::array<std::string, 5>> split_words(std::string_view words) {
  std::array<std::string, 5> out;
  std::size_t part = 0;
  for (const char c : words) {
    if (c == ' ') {
      if (++part == out.size()) break;
    } else {
      out[part] += c;
    }
  }
  if (part + 1 != out.size() || out.back().empty()) {
    return fail(ErrorCode::corrupt, "a fill whose words are \"" + std::string(words) + "\"");
  }
  return out;
}

Status add(VenueBooks& books, const std::string& asset, const Decimal& amount) {
  Decimal& at = books.expected[asset];
  AITRADE_TRY(at, sum(at, amount));
  return ok();
}

Status add_fill(VenueBooks& books, const Symbol& symbol, bool is_buy, std::string_view words) {
  AITRADE_TRY(const auto texts, split_words(words));
  AITRADE_TRY(const Decimal price, Decimal::parse(texts[0]));
  AITRADE_TRY(const Decimal quantity, Decimal::parse(texts[1]));
  AITRADE_TRY(const Decimal fee, Decimal::parse(texts[3]));
  Decimal cost;
  if (texts[2] == "-") {
    AITRADE_TRY(cost, product(price, quantity, Decimal::scale_max, Rounding::half_even));
  } else {
    AITRADE_TRY(cost, Decimal::parse(texts[2]));
  }
  AITRADE_TRY_STATUS(add(books, symbol.base, is_buy ? quantity : -quantity));
  AITRADE_TRY_STATUS(add(books, symbol.quote, is_buy ? -cost : cost));
  return add(books, texts[4], -fee);
}

}  // namespace

Result<VenueBooks> venue_books(Database& ledger, const DeskNames& desk) {
  VenueBooks books;
  // every tenant: the books of an account at its exchange
  AITRADE_TRY(Statement moves, ledger.prepare("SELECT asset, amount, kind, reference, moved_ns FROM balance_moves "
                                              "WHERE exchange=? AND account_id=? ORDER BY id"));
  moves.bind_all(desk.exchange, desk.account);
  for (;;) {
    AITRADE_TRY(const bool has_row, moves.step());
    if (!has_row) break;
    const std::string asset(moves.text(0));
    AITRADE_TRY(const Decimal amount, Decimal::parse(moves.text(1)));
    AITRADE_TRY_STATUS(add(books, asset, amount));
    if (moves.text(2) == "baseline") books.baselines[asset] = moves.time(4);
    books.moves.emplace(moves.text(3));
  }
  // every tenant: the books of an account at its exchange
  AITRADE_TRY(Statement fills, ledger.prepare("SELECT pair, side, words, exchange_fill_id, filled_ns FROM fills "
                                              "WHERE exchange=? AND account_id=? ORDER BY id"));
  fills.bind_all(desk.exchange, desk.account);
  for (;;) {
    AITRADE_TRY(const bool has_row, fills.step());
    if (!has_row) break;
    AITRADE_TRY(const Symbol symbol, Symbol::parse(fills.text(0)));
    AITRADE_TRY_STATUS(add_fill(books, symbol, fills.text(1) == "buy", fills.text(2)));
    books.fills.emplace(fills.text(3));
    books.newest_fill = std::max(books.newest_fill, fills.time(4));
  }
  return books;
}

}  // namespace aitrade
