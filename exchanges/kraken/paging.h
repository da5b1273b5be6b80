// Which page of a history to read next, and when it is whole.
//
// Pure. The venue pages by row offset, newest first, over a window with a fixed end, so rows do not
// move while we read. A history is whole only when the pages add up: a partial history is not a
// history (reliability.md 4.1). Rows that repeat between pages are the caller's to drop, by id.
#pragma once

#include "exchanges/kraken/order_reads.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aitrade::kraken {

class HistoryPager {
 public:
  static constexpr std::uint64_t page_rows = 50;
  static constexpr std::uint64_t rows_max = 1'000'000;  // a runaway answer is an error, not a loop

  enum class State : std::uint8_t { reading, complete, broken };

  explicit HistoryPager(HistoryWindow window) : window_(window) {}

  /// What to ask for now; meaningful while reading.
  [[nodiscard]] const HistoryWindow& window() const { return window_; }

  /// Takes the ids of the page that was asked for, and the total if it was told. Broken: the total
  /// shrank, a page was short before the end, a page brought nothing new, or there is no end.
  State on_page(const std::vector<std::string>& ids, std::optional<std::uint64_t> total);

  [[nodiscard]] State state() const { return state_; }

  /// Why the history is broken.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// Distinct rows seen.
  [[nodiscard]] std::size_t rows() const { return seen_.size(); }

 private:
  State broken(std::string why);

  HistoryWindow window_;
  State state_{State::reading};
  std::optional<std::uint64_t> total_;
  std::set<std::string> seen_;
  std::string problem_;
};

}  // namespace aitrade::kraken
