#include "core/store/ledger_check.h"

#include "core/domain/order.h"
#include "core/store/ledger.h"

#include <map>
#include <tuple>
#include <utility>

namespace aitrade {
namespace {

// SQL of every tenant, whole file: it judges the ledger as one.

constexpr std::size_t problems_max = 100;

using AccountKey = std::pair<std::string, std::string>;                // account, exchange
using HoldingKey = std::tuple<std::string, std::string, std::string>;  // and pair

void add(LedgerCheck& check, std::string problem) {
  if (check.problems.size() < problems_max) check.problems.push_back(std::move(problem));
}

/// Adds a problem for every row of a query; its first column says which.
Status refuse_rows(Database& ledger, std::string_view sql, const std::string& what,
                   LedgerCheck& check) {
  AITRADE_TRY(Statement rows, ledger.prepare(sql));
  for (;;) {
    AITRADE_TRY(const bool has_row, rows.step());
    if (!has_row) return ok();
    add(check, what + ": " + std::string(rows.text(0)));
  }
}

/// What the fills say: cash changes per account and holdings per pair.
struct Sums {
  std::map<AccountKey, Money> cash;
  std::map<HoldingKey, Quantity> holdings;
};

Status sum_initial(Database& ledger, Sums& sums) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT account_id, exchange, initial_cash FROM accounts"));
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    AITRADE_TRY(const Money cash, Money::parse(s.text(2)));
    sums.cash[{std::string(s.text(0)), std::string(s.text(1))}] = cash;
  }
}

Status sum_fills(Database& ledger, Sums& sums, LedgerCheck& check) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT account_id, exchange, pair, side, price, quantity, "
                             "fee, base_fee, cost FROM fills ORDER BY id"));
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    const std::string account(s.text(0));
    const std::string exchange(s.text(1));
    AITRADE_TRY(const Price price, Price::parse(s.text(4)));
    AITRADE_TRY(const Quantity quantity, Quantity::parse(s.text(5)));
    AITRADE_TRY(const Money fee, Money::parse(s.text(6)));
    AITRADE_TRY(const Money cost, Money::parse(s.text(8)));
    Fill fill;
    fill.side = s.text(3) == "buy" ? Side::buy : Side::sell;
    fill.price = price;
    fill.quantity = quantity;
    fill.fee = fee;
    fill.cost = cost;
    const Side side = fill.side;
    sums.cash[{account, exchange}] += cash_effect(fill);
    Quantity& holding = sums.holdings[{account, exchange, std::string(s.text(2))}];
    AITRADE_TRY(const Quantity base_fee, Quantity::parse(s.text(7)));
    holding += holding_effect(side, quantity, base_fee);
    ++check.fills;
  }
}

/// What left positions without an order of ours counts beside the fills.
Status sum_taken(Database& ledger, Sums& sums) {
  AITRADE_TRY(Statement s, ledger.prepare("SELECT account_id, exchange, pair, quantity, cash FROM holdings_taken"));
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return ok();
    AITRADE_TRY(const Quantity quantity, Quantity::parse(s.text(3)));
    AITRADE_TRY(const Money cash, Money::parse(s.text(4)));
    const std::string account(s.text(0));
    const std::string exchange(s.text(1));
    sums.cash[{account, exchange}] += cash;
    sums.holdings[{account, exchange, std::string(s.text(2))}] -= quantity;
  }
}

Status compare_cash(Database& ledger, const Sums& sums, LedgerCheck& check) {
  for (const auto& [key, expected] : sums.cash) {
    AITRADE_TRY(Statement s, ledger.prepare("SELECT cash FROM risk_state WHERE account_id=? AND "
                                            "exchange=?"));
    AITRADE_TRY(const bool has_row, s.bind_all(key.first, key.second).step());
    if (!has_row) {
      if (check.fills > 0) add(check, "account " + key.first + " has fills and no cash");
      continue;
    }
    AITRADE_TRY(const Money found, Money::parse(s.text(0)));
    if (found == expected) continue;
    add(check, "cash of " + key.first + " at " + key.second + " is " + to_string(found) +
                   ", its fills imply " + to_string(expected));
  }
  return ok();
}

Status compare_holdings(Database& ledger, Sums& sums, LedgerCheck& check) {
  AITRADE_TRY(Statement s, ledger.prepare("SELECT account_id, exchange, pair, direction, quantity "
                                          "FROM positions"));
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) break;
    AITRADE_TRY(Quantity found, Quantity::parse(s.text(4)));
    if (!found.is_zero()) ++check.positions;
    if (s.text(3) == to_string(Direction::short_)) found = -found;
    const HoldingKey key{std::string(s.text(0)), std::string(s.text(1)), std::string(s.text(2))};
    const Quantity expected = sums.holdings[key];
    sums.holdings.erase(key);
    if (found == expected) continue;
    add(check, "holding of " + std::get<2>(key) + " is " + to_string(found) + ", its fills imply " +
                   to_string(expected));
  }
  for (const auto& [key, quantity] : sums.holdings) {
    if (quantity.is_zero()) continue;
    add(check, "fills in " + std::get<2>(key) + " imply a holding of " + to_string(quantity) +
                   " that no position has");
  }
  return ok();
}

Status compare_orders(Database& ledger, LedgerCheck& check) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT o.client_order_id, o.quantity, f.quantity FROM orders o "
                             "LEFT JOIN fills f ON f.order_id = o.id ORDER BY o.id"));
  std::string current;
  Quantity ordered;
  Quantity filled;
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row || s.text(0) != current) {
      if (filled > ordered) {
        add(check, "order " + current + " of " + to_string(ordered) + " has fills of " +
                       to_string(filled));
      }
      if (!has_row) return ok();
      ++check.orders;
      current = s.text(0);
      AITRADE_TRY(ordered, Quantity::parse(s.text(1)));
      filled = Quantity{};
    }
    if (s.is_null(2)) continue;
    AITRADE_TRY(const Quantity part, Quantity::parse(s.text(2)));
    filled += part;
  }
}

Status check_structure(Database& ledger, LedgerCheck& check) {
  AITRADE_TRY_STATUS(refuse_rows(
      ledger, "SELECT client_order_id FROM orders GROUP BY client_order_id HAVING count(*) > 1",
      "order id used twice", check));
  AITRADE_TRY_STATUS(
      refuse_rows(ledger,
                  "SELECT exchange_fill_id FROM fills GROUP BY exchange, account_id, "
                  "exchange_fill_id HAVING count(*) > 1",
                  "fill id used twice", check));
  AITRADE_TRY_STATUS(refuse_rows(ledger,
                                 "SELECT client_order_id FROM orders WHERE intent_id NOT IN "
                                 "(SELECT id FROM intents)",
                                 "order without an intent", check));
  AITRADE_TRY_STATUS(refuse_rows(ledger,
                                 "SELECT what FROM incidents WHERE what LIKE 'fill_conflict:%'",
                                 "conflicting fill", check));
  if (auto audit = check_audit(ledger); !audit) {
    if (audit.error().code != ErrorCode::corrupt) return audit;
    add(check, audit.error().what);
  }
  AITRADE_TRY(const std::int64_t trades, ledger.integer("SELECT count(*) FROM trades"));
  check.trades = static_cast<std::uint64_t>(trades);
  return ok();
}

}  // namespace

Result<std::vector<std::string>> file_check(Database& database) {
  std::vector<std::string> problems;
  AITRADE_TRY(Statement rows, database.prepare("PRAGMA integrity_check(100)"));
  for (;;) {
    AITRADE_TRY(const bool has_row, rows.step());
    if (!has_row) break;
    if (rows.text(0) != "ok") problems.emplace_back(rows.text(0));
  }
  AITRADE_TRY(Statement keys, database.prepare("PRAGMA foreign_key_check"));
  for (;;) {
    AITRADE_TRY(const bool has_row, keys.step());
    if (!has_row) return problems;
    problems.push_back("a row of " + std::string(keys.text(0)) + " refers to no row of " +
                       std::string(keys.text(2)));
  }
}

Result<LedgerCheck> ledger_check(Database& ledger) {
  LedgerCheck check;
  AITRADE_TRY(check.problems, file_check(ledger));
  if (!check.problems.empty()) return check;
  Sums sums;
  AITRADE_TRY_STATUS(sum_initial(ledger, sums));
  AITRADE_TRY_STATUS(sum_fills(ledger, sums, check));
  AITRADE_TRY_STATUS(sum_taken(ledger, sums));
  AITRADE_TRY_STATUS(compare_cash(ledger, sums, check));
  AITRADE_TRY_STATUS(compare_holdings(ledger, sums, check));
  AITRADE_TRY_STATUS(compare_orders(ledger, check));
  AITRADE_TRY_STATUS(check_structure(ledger, check));
  return check;
}

}  // namespace aitrade
