#include "exchanges/kraken/execution_book.h"

#include <utility>

namespace aitrade::kraken {
namespace {

template <class T, class U>
bool take(T& kept, const U& told) {
  if (kept == told) return false;
  kept = told;
  return true;
}

bool take_text(std::string& kept, const std::string& told) {
  return !told.empty() && take(kept, told);
}

bool take_amount(std::optional<Amount>& kept, const std::optional<Amount>& told) {
  if (!told || !told->value.is_positive()) return false;  // the venue writes 0 for "no such price"
  if (kept && *kept == *told) return false;
  kept = told;
  return true;
}

ExecutionFill fill_of(const ExecutionRow& row, const OrderView& order) {
  return {row.exec_id, order.order_id,  order.client_id,    row.symbol,
          *row.side,   *row.last_price, *row.last_quantity, row.cost,
          row.fees,    row.is_maker,    row.timestamp};
}

}  // namespace

Result<bool> ExecutionBook::count_fill(const std::string& exec_id, const Decimal& quantity,
                                       OrderView& order) {
  if (fills_.contains(exec_id)) return false;
  AITRADE_TRY(order.filled, sum(order.filled, quantity));
  if (order.cumulative < order.filled) order.cumulative = order.filled;
  fills_.insert(exec_id);
  fill_age_.push_back(exec_id);
  if (fill_age_.size() > remembered_) {
    fills_.erase(fill_age_.front());
    fill_age_.pop_front();
  }
  return true;
}

/// Takes over what the row says; true when it was news.
Result<bool> ExecutionBook::merge(const ExecutionRow& row, OrderView& order) {
  bool is_news = take_text(order.client_id, row.client_id);
  is_news = take_text(order.parent_id, row.parent_id) || is_news;
  is_news = take_text(order.symbol, row.symbol) || is_news;
  if (row.side) is_news = take(order.side, row.side) || is_news;
  if (row.quantity) is_news = take(order.quantity, std::optional{row.quantity->value}) || is_news;
  is_news = take_amount(order.limit, row.limit_price) || is_news;
  is_news = take_amount(order.trigger, row.trigger_price) || is_news;
  if (row.cumulative_quantity) {
    const Decimal& told = row.cumulative_quantity->value;
    if (told < order.cumulative) return is_news;  // older than what we know: its status is too
    is_news = take(order.cumulative, told) || is_news;
  }
  if (row.status && !(order.is_over && !row.is_final())) {
    is_news = take(order.status, *row.status) || is_news;
  }
  if (row.is_final()) {
    is_news = take_text(order.reason, row.reason) || is_news;
    is_news = take(order.is_over, true) || is_news;
  }
  return is_news;
}

Result<std::vector<ExecutionChange>> ExecutionBook::apply(const ExecutionsMessage& message) {
  std::vector<ExecutionChange> changes;
  for (const ExecutionRow& row : message.rows) {
    const auto [entry, is_new] = orders_.try_emplace(row.order_id);
    OrderView& order = entry->second;
    order.order_id = row.order_id;
    const bool was_over = order.is_over;
    bool is_fill = false;
    if (row.is_fill()) {
      AITRADE_TRY(is_fill, count_fill(row.exec_id, row.last_quantity->value, order));
    }
    AITRADE_TRY(const bool is_news, merge(row, order));
    if (is_news || is_fill || is_new) {
      ExecutionChange change{order, row.type, std::nullopt};
      if (is_fill) change.fill = fill_of(row, order);
      changes.push_back(std::move(change));
    }
    if (order.is_over && !was_over) finish(row.order_id);
  }
  return changes;
}

void ExecutionBook::finish(const std::string& order_id) {
  over_age_.push_back(order_id);
  if (over_age_.size() <= remembered_) return;
  orders_.erase(over_age_.front());
  over_age_.pop_front();
}

Status ExecutionBook::note_fill(const std::string& exec_id, const std::string& order_id,
                                const Decimal& quantity) {
  OrderView& order = orders_[order_id];
  order.order_id = order_id;
  AITRADE_TRY([[maybe_unused]] const bool is_new, count_fill(exec_id, quantity, order));
  return ok();
}

const OrderView* ExecutionBook::find(const std::string& order_id) const {
  const auto found = orders_.find(order_id);
  return found == orders_.end() ? nullptr : &found->second;
}

std::vector<std::string> ExecutionBook::incomplete() const {
  std::vector<std::string> ids;
  for (const auto& [id, order] : orders_) {
    if (order.misses_fills()) ids.push_back(id);
  }
  return ids;
}

}  // namespace aitrade::kraken
