#include "exchanges/loopback/source.h"

#include "core/base/result.h"

#include <algorithm>
#include <limits>

namespace aitrade::loopback {
namespace {

// The last row comes this long before the end, so that it belongs to the interval for certain.
constexpr Duration before_end = milliseconds{500};

Error bad(const Tape& tape, const std::string& what) {
  return fail(ErrorCode::invalid, "tape of " + to_string(tape.symbol) + ": " + what);
}

bool is_silent(const Candle& c) {
  return c.trades == 0 && !(c.volume > 0);
}

// The forming candle after `part` of the volume, when the price has walked as far as `to`.
Row row_at(const Candle& whole, Duration offset, Price to, double part, const Row* before) {
  Row row;
  row.at = whole.open_time + offset;
  row.so_far = whole;
  row.so_far.closed = false;
  row.so_far.close = to;
  row.so_far.high = std::max(before != nullptr ? before->so_far.high : whole.open, to);
  row.so_far.low = std::min(before != nullptr ? before->so_far.low : whole.open, to);
  row.so_far.volume = whole.volume * part;
  row.so_far.trades = std::max<std::uint32_t>(
      1, static_cast<std::uint32_t>(static_cast<double>(whole.trades) * part));
  row.quantity = row.so_far.volume - (before != nullptr ? before->so_far.volume : 0);
  row.is_buy = before == nullptr || to >= before->so_far.close;
  return row;
}

// Rows that walk a candle as open, nearer extreme, other extreme, close.
std::vector<Row> rows_of(const Candle& whole, bool detailed) {
  std::vector<Row> rows;
  if (is_silent(whole)) return rows;
  if (detailed) {
    const bool low_first = whole.open - whole.low < whole.high - whole.open;
    rows.push_back(row_at(whole, Duration{0}, whole.open, 0.1, nullptr));
    rows.push_back(
        row_at(whole, whole.interval / 3, low_first ? whole.low : whole.high, 0.4, &rows.back()));
    rows.push_back(row_at(whole, whole.interval * 2 / 3, low_first ? whole.high : whole.low, 0.7,
                          &rows.back()));
  }
  Row last;
  last.at = whole.close_time() - before_end;
  last.so_far = whole;
  last.so_far.closed = false;
  last.quantity = whole.volume - (rows.empty() ? 0 : rows.back().so_far.volume);
  last.is_buy = whole.close >= whole.open;
  rows.push_back(last);
  return rows;
}

}  // namespace

Result<Duration> check_tapes(const std::vector<Tape>& tapes) {
  if (tapes.empty()) return fail(ErrorCode::invalid, "no tape");
  Duration interval{0};
  for (const Tape& tape : tapes) {
    if (tape.candles.empty()) return bad(tape, "no candles");
    if (interval.count() == 0) interval = tape.candles.front().interval;
    for (std::size_t i = 0; i < tape.candles.size(); ++i) {
      const Candle& c = tape.candles[i];
      const std::string at = "candle of " + to_string_seconds(c.open_time) + ": ";
      if (const char* fault = fault_of(c)) return bad(tape, at + fault);
      if (c.interval != interval) return bad(tape, at + "its interval differs from the others'");
      if (floor_to(c.open_time, interval) != c.open_time) return bad(tape, at + "off the grid");
      if (i > 0 && c.open_time <= tape.candles[i - 1].open_time)
        return bad(tape, at + "out of order");
    }
  }
  if (interval < minutes{1} || interval % minutes{1} != Duration{0}) {
    return bad(tapes.front(), "the interval is not whole minutes");
  }
  return interval;
}

Time TapeSource::first_open() const {
  Time first{std::numeric_limits<std::int64_t>::max()};
  for (const Tape& tape : tapes_)
    first = std::min(first, tape.candles.front().open_time);
  return first;
}

bool TapeSource::next(Time& open, std::vector<Interval>& out, bool detailed) {
  Time earliest{std::numeric_limits<std::int64_t>::max()};
  for (std::size_t i = 0; i < tapes_.size(); ++i) {
    if (positions_[i] >= tapes_[i].candles.size()) continue;
    earliest = std::min(earliest, tapes_[i].candles[positions_[i]].open_time);
  }
  if (earliest.ns == std::numeric_limits<std::int64_t>::max()) return false;
  open = earliest;
  out.assign(tapes_.size(), Interval{});
  for (std::size_t i = 0; i < tapes_.size(); ++i) {
    if (positions_[i] >= tapes_[i].candles.size()) continue;
    const Candle& candle = tapes_[i].candles[positions_[i]];
    if (candle.open_time != open) continue;
    ++positions_[i];
    out[i].candle = candle;
    out[i].rows = rows_of(candle, detailed);
  }
  return true;
}

SyntheticSource::SyntheticSource(std::uint64_t seed, const std::vector<Symbol>& symbols,
                                 Duration interval, Time start)
    : process_(
          seed,
          [&] {
            std::vector<SyntheticPair> pairs;
            for (const Symbol& symbol : symbols)
              pairs.push_back(synthetic_pair(symbol));
            return pairs;
          }(),
          interval, start) {}

bool SyntheticSource::next(Time& open, std::vector<Interval>& out, bool detailed) {
  open = process_.next_open();
  process_.step(made_);
  out.assign(made_.size(), Interval{});
  for (std::size_t i = 0; i < made_.size(); ++i) {
    out[i].candle = made_[i].candle;
    out[i].spread = made_[i].spread;
    const std::size_t first = detailed ? 0 : made_[i].points.size() - 1;
    for (std::size_t k = first; k < made_[i].points.size(); ++k) {
      const SyntheticPoint& point = made_[i].points[k];
      out[i].rows.push_back({open + point.offset, point.so_far, point.quantity, point.is_buy});
    }
  }
  return true;
}

}  // namespace aitrade::loopback
