// Turns what the engine is and did into the immutable view that readers get.
//
// Sits beside the session as its observer, on the engine thread. Keeps bounded lists of recent trades
// and decisions and a thinned equity curve; nothing here reaches back into the engine.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/session.h"
#include "core/runtime/view.h"
#include "core/trading/engine.h"

namespace aitrade {

/// What a view says that does not change during a run.
struct ViewLabels {
  std::string run;
  std::string mode{"paper"};
  std::string currency{"USD"};
  std::vector<std::string> strategies;   // by StrategyId
  Time started_at;                       // wall clock
};

/// What only the runner knows at the moment of publishing.
struct ViewMoment {
  Time now;                   // of the trading clock
  std::string state;
  bool ledger_ok{true};
  bool ready{false};
  std::string entries_held;
  std::uint64_t progress{0};
  LatencySummary order_latency{};
  LatencySummary flush_latency{};
  LatencySummary loop_latency{};
};

class ViewBuilder final : public StepObserver {
 public:
  /// `engine` is borrowed and must outlive the builder.
  ViewBuilder(const Engine& engine, ViewLabels labels);

  void on_step(const Event& event, const ActionList& actions) override;

  /// Returns a picture of this moment. Engine thread only.
  [[nodiscard]] std::shared_ptr<const EngineView> build(const ViewMoment& moment) const;

  /// Close time of the newest candles that were decided, of all pairs.
  [[nodiscard]] Time newest_decided() const { return newest_decided_; }

  [[nodiscard]] std::uint64_t entries() const { return entries_; }

  [[nodiscard]] std::uint64_t trades() const { return trades_count_; }

 private:
  /// Closed candles of one pair: whole blocks, and the one that grows.
  struct History {
    std::deque<std::shared_ptr<const std::vector<Candle>>> blocks;
    std::vector<Candle> tail;
    mutable std::shared_ptr<const CandleSeries> shown;   // empty: something came since
  };

  void note_equity(Time at);
  void note_candle(InstrumentId instrument, const Candle& candle);
  void note_order(const Event& event);
  void note_answer(const ClientOrderId& id, Time at);
  [[nodiscard]] const std::vector<StrategyView>& strategies() const;
  void add_gauges(EngineView& view) const;
  void add_candles(EngineView& view) const;
  [[nodiscard]] std::string strategy_name(StrategyId id) const;
  [[nodiscard]] std::string symbol_of(InstrumentId id) const;
  void add_pairs(EngineView& view, Time now) const;
  void add_positions(EngineView& view) const;

  const Engine& engine_;
  ViewLabels labels_;
  std::deque<TradeView> trades_;          // newest first
  std::deque<DecisionView> decisions_;    // newest first
  std::vector<EquityPoint> curve_;        // oldest first
  Duration curve_step_{minutes{1}};       // doubles when the curve is full
  std::vector<History> histories_;        // by instrument
  ExecutionView execution_;
  std::map<ClientOrderId, Time> sent_;    // no word of the venue yet
  mutable std::vector<StrategyView> strategies_;   // as of `strategies_at_` closed trades
  mutable int strategies_at_{-1};
  mutable Time strategies_of_;
  Time newest_decided_;
  Time newest_at_;
  std::uint64_t events_{0}, decisions_count_{0}, entries_{0}, trades_count_{0};
};

}  // namespace aitrade
