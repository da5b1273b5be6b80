#include "core/market/candle_stream.h"

#include <limits>

namespace aitrade {
namespace {

constexpr Time never{std::numeric_limits<std::int64_t>::max()};

}  // namespace

CandleStream::CandleStream(CandleStreamOptions options)
    : options_(std::move(options)),
      closers_(options_.instruments.size(), CandleCloser(options_.interval, options_.watermark)),
      dropped_(options_.instruments.size(), false),
      aligner_(options_.instruments.size()) {}

void CandleStream::resume_after(std::size_t pair, const Candle& last) {
  closers_[pair].resume_after(last);
}

RowResult CandleStream::on_fetched(std::size_t pair, const Candle& candle) {
  const RowResult result = closers_[pair].on_closed(candle, outputs_);
  collect(pair);
  return result;
}

void CandleStream::go_live(Time from) {
  is_live_ = true;
  live_from_ = floor_to(from, options_.interval);
  for (std::size_t pair = 0; pair < closers_.size(); ++pair) {
    closers_[pair].close_until(live_from_, outputs_);
    collect(pair);
  }
}

RowResult CandleStream::on_row(std::size_t pair, const Candle& row) {
  if (!is_live_ || dropped_[pair]) return RowResult::late;
  const RowResult result = closers_[pair].on_row(row, outputs_);
  collect(pair);
  if (options_.is_ordered && result == RowResult::applied) {
    for (std::size_t other = 0; other < closers_.size(); ++other) {
      closers_[other].close_until(row.open_time, outputs_);
      collect(other);
    }
  }
  return result;
}

void CandleStream::on_time(Time now) {
  if (!is_live_) return;
  for (std::size_t pair = 0; pair < closers_.size(); ++pair) {
    closers_[pair].on_time(now, outputs_);
    collect(pair);
  }
}

void CandleStream::cut() {
  is_live_ = false;
  for (CandleCloser& closer : closers_)
    closer.forget_forming();
}

void CandleStream::flush() {
  for (std::size_t pair = 0; pair < closers_.size(); ++pair) {
    closers_[pair].flush(outputs_);
    collect(pair);
    aligner_.settle(pair, never);
  }
}

void CandleStream::drop(std::size_t pair) {
  dropped_[pair] = true;
  aligner_.settle(pair, never);
}

void CandleStream::collect(std::size_t pair) {
  for (const CloserOutput& output : outputs_)
    aligner_.push(pair, output);
  outputs_.clear();
  aligner_.settle(pair, closers_[pair].settled());
}

void CandleStream::release(Time at, std::vector<Event>& out) {
  released_.clear();
  aligner_.release(released_);
  std::optional<Time> instant;   // of the candles passed on last
  for (const AlignedOutput& item : released_) {
    if (instant && item.output.when > *instant) end_instant(instant, at, out);
    Event event;
    event.at = at;
    event.when = item.output.when;
    const InstrumentId instrument = options_.instruments[item.pair];
    if (item.output.kind == CloserOutput::Kind::broken) {
      event.body = SeriesBroken{instrument};
    } else {
      event.body = CandleClosed{instrument, item.output.candle, item.output.when <= live_from_};
      instant = item.output.when;
    }
    out.push_back(std::move(event));
  }
  if (instant) end_instant(instant, at, out);   // the aligner lets nothing out that a candle could still join
}

/// Says that the candles of an instant are complete. A pair alone needs no such word.
void CandleStream::end_instant(std::optional<Time>& instant, Time at, std::vector<Event>& out) const {
  if (options_.instruments.size() > 1) {
    Event event;
    event.at = at;
    event.when = *instant;
    event.body = InstantClosed{};
    out.push_back(std::move(event));
  }
  instant.reset();
}

}  // namespace aitrade
