#include "core/market/candle_closer.h"

#include "core/base/result.h"

#include <algorithm>

namespace aitrade {
namespace {

bool is_silent(const Candle& c) {
  return c.trades == 0 && !(c.volume > 0) && c.open == c.close && c.high == c.low;
}

}  // namespace

CandleCloser::CandleCloser(Duration interval, Duration watermark)
    : interval_(interval), watermark_(watermark) {
  AITRADE_CHECK(interval.count() > 0);
  flat_max_ = std::max<std::int64_t>(1, gap_max / interval);
}

bool CandleCloser::is_on_grid(const Candle& candle) const {
  return candle.interval == interval_ && floor_to(candle.open_time, interval_) == candle.open_time;
}

RowResult CandleCloser::on_row(const Candle& row, std::vector<CloserOutput>& out) {
  if (fault_of(row) != nullptr || !is_on_grid(row)) return RowResult::rejected;
  if (row.open_time < next_open_) {
    ++late_rows_;
    return RowResult::late;
  }
  if (forming_ && forming_->open_time == row.open_time && row.volume < forming_->volume) {
    return RowResult::duplicate;  // volume only grows within an interval: this row is older
  }
  advance_to(row.open_time, out);
  forming_ = row;
  forming_->closed = false;
  return RowResult::applied;
}

RowResult CandleCloser::on_closed(const Candle& candle, std::vector<CloserOutput>& out) {
  if (fault_of(candle) != nullptr || !is_on_grid(candle)) return RowResult::rejected;
  if (candle.open_time < next_open_) return RowResult::duplicate;
  advance_to(candle.open_time, out);
  const bool silent = is_silent(candle);
  const bool has_begun = last_close_.is_positive();
  if (silent && has_begun) {
    advance_to(candle.close_time(), out);  // the flat rule, and the break rule, in one place
    return RowResult::applied;
  }
  forming_ = candle;
  forming_->synthetic = silent;
  advance_to(candle.close_time(), out);
  return RowResult::applied;
}

void CandleCloser::on_time(Time now, std::vector<CloserOutput>& out) {
  if (watermark_ == Duration::max()) return;
  close_until(now - watermark_, out);
}

void CandleCloser::close_until(Time time, std::vector<CloserOutput>& out) {
  const Time open = floor_to(time, interval_);
  if (open > next_open_) advance_to(open, out);
}

void CandleCloser::flush(std::vector<CloserOutput>& out) {
  if (forming_) advance_to(forming_->close_time(), out);
}

void CandleCloser::resume_after(const Candle& last) {
  if (last.close_time() < next_open_) return;
  forming_.reset();
  next_open_ = last.close_time();
  last_close_ = last.close;
  is_live_ = true;
  flat_run_ = 0;
}

void CandleCloser::advance_to(Time open, std::vector<CloserOutput>& out) {
  while (next_open_ < open) {
    if (forming_) {
      forming_->closed = true;
      last_close_ = forming_->close;
      is_live_ = true;
      flat_run_ = forming_->synthetic ? flat_run_ + 1 : 0;
      out.push_back({CloserOutput::Kind::closed, *forming_, forming_->close_time()});
      next_open_ = forming_->close_time();
      forming_.reset();
      continue;
    }
    if (!is_live_) {
      next_open_ = open;  // before the first candle, or in a break: silence says nothing
      return;
    }
    const Time end = next_open_ + interval_;
    if (flat_run_ >= flat_max_) {
      is_live_ = false;
      out.push_back({CloserOutput::Kind::broken, Candle{}, end});
    } else {
      ++flat_run_;
      Candle flat;
      flat.open_time = next_open_;
      flat.interval = interval_;
      flat.open = flat.high = flat.low = flat.close = last_close_;
      flat.synthetic = true;
      out.push_back({CloserOutput::Kind::closed, flat, end});
    }
    next_open_ = end;
  }
}

}  // namespace aitrade
