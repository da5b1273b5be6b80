#include "exchanges/kraken/account_reading.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {
namespace {

template <class Row>
std::vector<std::string> ids_of(const std::vector<Row>& rows, std::string Row::* id) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(row.*id);
  return out;
}

/// Appends rows that are not there yet: pages may overlap.
template <class Row>
void append(std::vector<Row>& all, std::vector<Row>&& rows, std::string Row::* id) {
  for (Row& row : rows) {
    const bool is_known =
        std::any_of(all.begin(), all.end(), [&](const Row& other) { return other.*id == row.*id; });
    if (!is_known) all.push_back(std::move(row));
  }
}

}  // namespace

AccountReading::AccountReading(Time after, Time now, bool with_money)
    : after_(after), now_(now), with_money_(with_money), pager_(HistoryWindow{after, now, 0}) {}

std::optional<PrivateCall> AccountReading::next() const {
  switch (stage_) {
    case Stage::open:
      return open_orders_call({});
    case Stage::ended:
      return closed_orders_call({}, pager_.window());
    case Stage::trades:
      return trades_history_call(pager_.window());
    case Stage::balances:
      return balance_ex_call();
    case Stage::ledgers:
      return ledgers_call(pager_.window());
    case Stage::done:
      return std::nullopt;
  }
  return std::nullopt;
}

void AccountReading::begin(Stage stage) {
  stage_ = stage;
  pager_ = HistoryPager(HistoryWindow{after_, now_, 0});
}

Status AccountReading::page(const std::vector<std::string>& ids, std::optional<std::uint64_t> total, Stage then) {
  switch (pager_.on_page(ids, total)) {
    case HistoryPager::State::reading:
      return ok();
    case HistoryPager::State::complete:
      begin(then);
      return ok();
    case HistoryPager::State::broken:
      return fail(ErrorCode::invalid, "a history that does not add up: " + pager_.problem());
  }
  return ok();
}

Status AccountReading::take(std::string_view body) {
  switch (stage_) {
    case Stage::open: {
      AITRADE_TRY(open, parse_open_orders(body));
      begin(Stage::ended);
      return ok();
    }
    case Stage::ended: {
      AITRADE_TRY(HistoryPage<OrderInfo> read, parse_closed_orders(body));
      const auto ids = ids_of(read.rows, &OrderInfo::venue_id);
      append(ended, std::move(read.rows), &OrderInfo::venue_id);
      return page(ids, read.total, Stage::trades);
    }
    case Stage::trades: {
      AITRADE_TRY(HistoryPage<TradeInfo> read, parse_trades_history(body));
      const auto ids = ids_of(read.rows, &TradeInfo::id);
      append(trades, std::move(read.rows), &TradeInfo::id);
      AITRADE_TRY_STATUS(page(ids, read.total, with_money_ ? Stage::balances : Stage::done));
      if (stage_ == Stage::trades) return ok();
      std::stable_sort(trades.begin(), trades.end(),
                       [](const TradeInfo& a, const TradeInfo& b) { return a.time < b.time; });
      return ok();
    }
    case Stage::balances: {
      AITRADE_TRY(balances, parse_balance_ex(body));
      begin(Stage::ledgers);
      return ok();
    }
    case Stage::ledgers: {
      AITRADE_TRY(HistoryPage<LedgerInfo> read, parse_ledgers(body));
      const auto ids = ids_of(read.rows, &LedgerInfo::id);
      append(ledgers, std::move(read.rows), &LedgerInfo::id);
      return page(ids, read.total, Stage::done);
    }
    case Stage::done:
      return fail(ErrorCode::invalid, "the reading is complete already");
  }
  return ok();
}

}  // namespace aitrade::kraken
