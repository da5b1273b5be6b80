// The simulated venue as an ExecutionVenue: paper trading and backtests execute here.
//
// Lives inside the turn: a candle is matched before the engine sees it, and what the engine sends in
// answer to a fill may still meet the rest of that candle.
#pragma once

#include <utility>

#include "core/ports/venue.h"
#include "core/sim/sim_venue.h"

namespace aitrade {

class SimExecution final : public ExecutionVenue {
 public:
  /// `detail` is borrowed and may be absent: then the path inside a candle is guessed.
  explicit SimExecution(SimVenue venue, DetailSource* detail = nullptr)
      : venue_(std::move(venue)), detail_(detail) {}

  void submit(const Order& order, Time now) override { venue_.submit(order, now); }

  void cancel(const CancelOrder& cancel, Time now) override { venue_.cancel(cancel, now); }

  void replace(const ReplaceOrder& replace, Time now) override { venue_.replace(replace, now); }

  [[nodiscard]] bool answers_in_turn() const override { return true; }

  bool observe(const Event& event) override {
    if (const auto* closed = std::get_if<CandleClosed>(&event.body)) {
      if (detail_ != nullptr) return venue_.begin(closed->instrument, closed->candle, *detail_);
      return venue_.begin(closed->instrument, closed->candle);
    }
    return venue_.has_outcomes();
  }

  bool next_outcome(Event& outcome) override { return venue_.next_outcome(outcome); }

  SimVenue& venue() { return venue_; }

  [[nodiscard]] const SimVenue& venue() const { return venue_; }

 private:
  SimVenue venue_;
  DetailSource* detail_;
};

}  // namespace aitrade
