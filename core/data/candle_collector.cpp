#include "core/data/candle_collector.h"

#include <algorithm>
#include <utility>

#include "core/base/time.h"

namespace aitrade {
namespace {

constexpr Duration shortest_month = hours(24 * 28);  // calendar months differ in length

}  // namespace

CandleCollector::CandleCollector(Duration interval, bool is_descending, DuplicateRule duplicates,
                                 const CandleSink& sink)
    : interval_(interval), is_descending_(is_descending), duplicates_(duplicates), sink_(sink), batch_(batch_size) {
  AITRADE_CHECK(interval.count() > 0);
}

bool CandleCollector::refuse(std::int64_t line, std::string what) {
  error_ = fail(ErrorCode::invalid, std::to_string(line) + ": " + std::move(what));
  return false;
}

bool CandleCollector::add_carefully(const Candle& candle, std::int64_t line) {
  if (const char* fault = fault_of(candle); fault != nullptr) return refuse(line, fault);
  if (count_ > 0) {
    const Candle& before = batch_[count_ - 1];
    if (candle.open_time == before.open_time) return take_duplicate(candle, line);
    const Duration step =
        is_descending_ ? before.open_time - candle.open_time : candle.open_time - before.open_time;
    if (step.count() < 0) {
      return refuse(line, "time " + to_string_seconds(candle.open_time) + " comes after " +
                              to_string_seconds(before.open_time) + (is_descending_ ? " in an input that runs backwards" : "") +
                              "; the rows are not sorted by time");
    }
    const bool monthly = interval_ >= shortest_month;
    if (step < interval_ && !(monthly && step >= shortest_month)) {
      return refuse(line, "time " + to_string_seconds(candle.open_time) + " is " + timeframe_text(step) +
                              " from the row before, less than the interval of " + timeframe_text(interval_) +
                              "; give the interval with --tf");
    }
    if (!monthly && step.count() % interval_.count() != 0) {
      return refuse(line, "time " + to_string_seconds(candle.open_time) + " is not on the " +
                              timeframe_text(interval_) + " grid of the rows before it");
    }
  }
  if (is_descending_ && count_ == batch_.size()) {
    batch_.resize(batch_.size() * 2);
  } else if (!is_descending_ && count_ == batch_size && !flush(true)) {
    return false;
  }
  batch_[count_++] = candle;
  return true;
}

bool CandleCollector::take_duplicate(const Candle& candle, std::int64_t line) {
  Candle& known = batch_[count_ - 1];
  if (candle == known) {
    ++summary_.duplicates;
    return true;
  }
  if (duplicates_ == DuplicateRule::refuse) {
    return refuse(line, "time " + to_string_seconds(candle.open_time) +
                            " is there twice with different values; --duplicates keep-larger-volume keeps the finished copy");
  }
  ++summary_.rejected;
  if (candle.volume > known.volume) known = candle;
  return true;
}

void CandleCollector::count(std::span<const Candle> candles) {
  for (const Candle& candle : candles) {
    if (summary_.rows++ == 0) {
      summary_.first = candle.open_time;
    } else if (const std::int64_t holes = (candle.open_time - summary_.last) / interval_ - 1; holes > 0) {
      ++summary_.gaps;
      summary_.missing += holes;
      summary_.longest_gap = std::max(summary_.longest_gap, holes);
    }
    summary_.last = candle.open_time;
  }
}

bool CandleCollector::flush(bool keep_last) {
  const std::size_t n = keep_last ? count_ - 1 : count_;
  const std::span<const Candle> ready(batch_.data(), n);
  count(ready);
  if (n > 0) {
    if (auto status = sink_(ready); !status) {
      error_ = std::move(status).error();
      is_sink_error_ = true;
      return false;
    }
  }
  if (keep_last) batch_[0] = batch_[n];
  count_ -= n;
  return true;
}

Result<CandleReadSummary> CandleCollector::finish() {
  if (!is_descending_) {
    if (!flush(false)) return error();
    return summary_;
  }
  batch_.resize(count_);
  std::reverse(batch_.begin(), batch_.end());
  for (std::size_t i = 0; i < batch_.size(); i += batch_size) {
    const std::span<const Candle> ready(batch_.data() + i, std::min(batch_size, batch_.size() - i));
    count(ready);
    if (auto status = sink_(ready); !status) {
      is_sink_error_ = true;
      return std::move(status).error();
    }
  }
  return summary_;
}

}  // namespace aitrade
