#include "core/trading/portfolio.h"

#include <catch2/catch.hpp>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

Fill make(Side side, const char* price, const char* quantity, const char* fee = "0") {
  Fill f;
  f.instrument = btc;
  f.side = side;
  f.price = px(price);
  f.quantity = qty(quantity);
  f.fee = usd(fee);
  return f;
}

Portfolio with_cash(const char* cash) {
  Portfolio portfolio(1);
  portfolio.restore_cash(usd(cash));
  return portfolio;
}

}  // namespace

TEST_CASE("portfolio: a long is bought, marked and sold to the cent", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "100", "2", "0.52"), Direction::long_);
  CHECK(p.cash() == usd("799.48"));
  CHECK(p.at(btc).entry == px("100"));
  CHECK(p.open_count() == 1);
  CHECK(p.equity() == usd("999.48"));

  p.mark(btc, px("105"));
  CHECK(p.equity() == usd("1009.48"));
  CHECK(p.gross_exposure() == usd("210"));
  CHECK(p.unrealized(btc) == usd("10"));

  const Position& closed = p.reduce(make(Side::sell, "110", "2", "0.572"));
  CHECK(closed.realized == usd("18.908"));  // 20 - 0.52 - 0.572
  CHECK(closed.fees == usd("1.092"));
  CHECK(p.cash() == usd("1018.908"));
  p.forget(btc);
  CHECK(p.open_count() == 0);
  CHECK(p.equity() == p.cash());
}

TEST_CASE("portfolio: a short earns when the price falls", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::sell, "100", "2", "0.5"), Direction::short_);
  CHECK(p.cash() == usd("1199.5"));
  p.mark(btc, px("90"));
  CHECK(p.equity() == usd("1019.5"));  // 1199.5 - 180
  CHECK(p.unrealized(btc) == usd("20"));
  const Position& closed = p.reduce(make(Side::buy, "90", "2", "0.4"));
  CHECK(closed.realized == usd("19.1"));
  CHECK(p.cash() == usd("1019.1"));
}

TEST_CASE("portfolio: a partial exit takes its share of cost and fee", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "100", "4", "1"), Direction::long_);
  p.reduce(make(Side::sell, "110", "1", "0.2"));
  CHECK(p.at(btc).quantity == qty("3"));
  CHECK(p.at(btc).quantity_initial == qty("4"));
  CHECK(p.at(btc).realized == usd("9.55"));  // 10 - 0.25 - 0.2
  CHECK(p.at(btc).entry_cost == usd("300"));
  CHECK(p.at(btc).entry_fees == usd("0.75"));
  p.reduce(make(Side::sell, "90", "3", "0.3"));
  CHECK(p.at(btc).realized == usd("-21.5"));  // 9.55 - 30 - 0.75 - 0.3
  CHECK(p.cash() == usd("978.5"));
}

TEST_CASE("portfolio: a trade of single fills shows their very prices", "[trading][portfolio]") {
  // The cost is rounded to the unit of money; a price that is computed back from it would show the rounding.
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "36527.2", "0.00540594", "0"), Direction::long_);
  CHECK(p.at(btc).entry == px("36527.2"));
  CHECK(p.reduce(make(Side::sell, "36488.1", "0.00540594", "0")).exit == px("36488.1"));
}

TEST_CASE("portfolio: exits at two prices average", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "100", "4", "0"), Direction::long_);
  p.reduce(make(Side::sell, "110", "1", "0"));
  CHECK(p.reduce(make(Side::sell, "90", "3", "0")).exit == px("95"));
}

TEST_CASE("portfolio: a cost survives the restart that only knows the mean entry", "[trading][portfolio]") {
  for (const Direction direction : {Direction::long_, Direction::short_}) {
    const Side side = direction == Direction::long_ ? Side::buy : Side::sell;
    Portfolio before = with_cash("100000");
    before.open(make(side, "36527.3", "0.00540593", "0"), direction);
    before.open(make(side, "36488.1", "0.00130007", "0"), direction);
    PositionAdopted adopted;
    adopted.instrument = btc;
    adopted.direction = direction;
    adopted.quantity = adopted.quantity_initial = before.at(btc).quantity;
    adopted.entry = adopted.best_since_entry = before.at(btc).entry;
    Portfolio after(1);
    after.adopt(adopted);
    CHECK(after.at(btc).entry_cost == before.at(btc).entry_cost);
  }
}

TEST_CASE("portfolio: entries at two prices average", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "100", "1"), Direction::long_);
  p.open(make(Side::buy, "103", "2"), Direction::long_);
  CHECK(p.at(btc).entry == px("102"));
  CHECK(p.open_count() == 1);
}

TEST_CASE("portfolio: without a mark a holding is worth its entry", "[trading][portfolio]") {
  Portfolio p = with_cash("1000");
  p.open(make(Side::buy, "100", "2"), Direction::long_);
  CHECK(p.equity() == usd("1000"));
  CHECK(p.unrealized(btc).is_zero());
}

// Odd prices and sizes on purpose: every product has to be rounded.
TEST_CASE("portfolio: the profit of all trades is the change of cash, to the last unit [X20]",
          "[trading][portfolio][property]") {
  Random random(7);
  Portfolio p = with_cash("100000");
  Money cash = usd("100000");
  Money profit;
  int trades = 0;
  for (int i = 0; i < 5'000; ++i) {
    Position& held = p.at(btc);
    Fill f = make(Side::buy, "1", "1");
    f.price = Price::from_raw(1'000'000'000'000 + static_cast<std::int64_t>(random.below(999'999'999'999)));
    f.fee = Money::from_raw(static_cast<std::int64_t>(random.below(50'000'000)));
    const bool adds = !held.is_open() || random.below(4) == 0;
    Direction direction = held.direction;
    if (adds) {
      if (!held.is_open()) direction = random.below(2) == 0 ? Direction::long_ : Direction::short_;
      f.side = entry_side(direction);
      f.quantity = Quantity::from_raw(1 + static_cast<std::int64_t>(random.below(300'000'000)));
      p.open(f, direction);
    } else {
      f.side = opposite(entry_side(direction));
      const bool whole = random.below(3) == 0;
      f.quantity = whole ? held.quantity
                         : Quantity::from_raw(1 + static_cast<std::int64_t>(random.below(
                                                      static_cast<std::uint64_t>(held.quantity.raw()))));
      p.reduce(f);
    }
    cash += cash_effect(f.side, f.price, f.quantity, f.fee);
    p.mark(btc, f.price);
    REQUIRE(p.cash() == cash);

    const Position& after = p.at(btc);
    const Money worth = notional(f.price, after.quantity,
                                 after.direction == Direction::long_ ? Rounding::down : Rounding::up);
    REQUIRE(p.equity() == (after.direction == Direction::long_ ? cash + worth : cash - worth));
    // What is open has cost exactly what left the account and has not come back as profit.
    REQUIRE(usd("100000") + profit + after.realized - after.entry_cost - after.entry_fees == cash);
    if (after.quantity.is_zero()) {
      profit += after.realized;
      p.forget(btc);
      ++trades;
      REQUIRE(usd("100000") + profit == cash);
    }
  }
  CHECK(trades > 500);
}

TEST_CASE("portfolio: an adopted position continues where it was", "[trading][portfolio]") {
  Portfolio before = with_cash("1000");
  before.open(make(Side::buy, "100", "4", "1"), Direction::long_);
  before.at(btc).stop = px("98");
  before.reduce(make(Side::sell, "110", "1", "0.2"));

  const PositionChanged record = to_change(DeskId{0}, btc, before.at(btc));
  PositionAdopted adopted;
  adopted.instrument = btc;
  adopted.direction = record.direction;
  adopted.quantity = record.quantity;
  adopted.quantity_initial = record.quantity_initial;
  adopted.entry = record.entry;
  adopted.stop = record.stop;
  adopted.best_since_entry = record.best_since_entry;
  adopted.entry_fees = record.entry_fees;
  adopted.realized = record.realized;
  Portfolio after(1);
  after.restore_cash(before.cash());
  after.adopt(adopted);

  before.reduce(make(Side::sell, "90", "3", "0.3"));
  after.reduce(make(Side::sell, "90", "3", "0.3"));
  CHECK(after.cash() == before.cash());
  CHECK(after.at(btc).realized == before.at(btc).realized);
  CHECK(after.at(btc).stop == px("98"));
}

TEST_CASE("portfolio: a fee in the base asset makes the position smaller, not the cash", "[trading][portfolio]") {
  Portfolio portfolio(1);
  portfolio.restore_cash(usd("1000"));
  Fill in;
  in.side = Side::buy;
  in.price = px("100");
  in.quantity = qty("1");
  in.base_fee = qty("0.0026");
  Position& p = portfolio.open(in, Direction::long_);
  CHECK(portfolio.cash() == usd("900"));
  CHECK(p.quantity == qty("0.9974"));
  CHECK(p.fees == usd("0.26"));
  CHECK(p.entry > px("100"));   // what a unit that is held cost
  Fill out = in;
  out.side = Side::sell;
  out.price = px("110");
  out.quantity = qty("0.99");
  out.base_fee = qty("0.0074");
  portfolio.reduce(out);
  CHECK(p.quantity.is_zero());
  CHECK(p.realized == usd("8.9"));   // 108.9 - 100
  CHECK(portfolio.cash() == usd("1008.9"));
}
