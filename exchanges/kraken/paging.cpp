#include "exchanges/kraken/paging.h"

#include <utility>

namespace aitrade::kraken {

HistoryPager::State HistoryPager::broken(std::string why) {
  problem_ = "kraken: history is not whole: " + std::move(why);
  return state_ = State::broken;
}

HistoryPager::State HistoryPager::on_page(const std::vector<std::string>& ids,
                                          std::optional<std::uint64_t> total) {
  if (state_ != State::reading) return state_;
  if (total && total_ && *total < *total_) return broken("the number of rows shrank while reading");
  if (total) total_ = total;
  const std::size_t before = seen_.size();
  seen_.insert(ids.begin(), ids.end());
  window_.offset += ids.size();
  if (total_ && window_.offset >= *total_) {
    if (seen_.size() < *total_) return broken("rows were repeated and others left out");
    return state_ = State::complete;
  }
  if (total_ && ids.empty()) {
    return broken("an empty page at row " + std::to_string(window_.offset) + " of " +
                  std::to_string(*total_));
  }
  if (!total_ && ids.size() < page_rows) return state_ = State::complete;
  if (seen_.size() == before) return broken("a page brought nothing new");
  if (window_.offset > rows_max) return broken("more than a million rows");
  return state_;
}

}  // namespace aitrade::kraken
