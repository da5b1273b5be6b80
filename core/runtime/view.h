// An immutable picture of the engine for everybody who only looks.
//
// The engine thread publishes one after a turn, at most ten times a second; API, stream and heartbeat take
// the newest, which costs them a copied pointer, and never touch the engine.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/latency.h"
#include "core/base/time.h"
#include "core/domain/action.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"

namespace aitrade {

struct PairView {
  std::string symbol;           // BASE/QUOTE
  Price last;                   // close of the newest closed candle; zero before the first
  BookTop top;                  // all zero when there is none
  std::optional<BookAnalysis> analysis;   // of the book, while it is fresh
  Time candle_close;            // of the newest closed candle
  bool warm{false};
  bool stale{false};
};

/// How a position stands against a fall (reliability.md 3.6).
enum class Protection : std::uint8_t {
  protected_,   // a stop over all of it rests at the venue
  exposed,      // part of it or all is watched by the daemon alone
  leaving,      // an exit is on its way
};

constexpr std::string_view to_string(Protection protection) {
  return protection == Protection::protected_ ? "PROTECTED" : protection == Protection::exposed ? "EXPOSED" : "LEAVING";
}

struct PositionView {
  std::string symbol;
  Direction direction{Direction::neutral};
  Quantity quantity;
  Price entry, stop, target, last;
  Money unrealized;             // at the side it would be closed at, before the closing fee
  Time opened_at;
  std::string lead;             // strategy
  Protection protection{Protection::exposed};
  Quantity bare;                // of the position, without a stop at the venue
};

struct TradeView {
  std::string symbol;
  TradeClosed trade;
  std::string lead;
};

struct DecisionView {
  std::string symbol;
  std::string lead;
  Time at;
  Direction direction{Direction::neutral};
  double confidence{0};
  int agreeing{0}, families{0};
  std::string reason;
  bool entered{false};
};

struct EquityPoint {
  Time at;
  Money equity;
};

/// One strategy that may vote, with what its closed trades say of it.
struct StrategyView {
  std::string name;
  double weight{0};             // configured; all together 1
  double skill{1};              // factor on it, of its closed trades
  int trades{0}, wins{0}, losses{0};   // that it led
  Money pnl, won, lost;         // won + lost = pnl; lost is not above zero
  double mean_r{0};
};

/// Something that is measured against a limit; a limit of 0 is off.
struct GaugeView {
  std::string name;
  double value{0}, limit{0};
  std::string unit;             // "fraction", "money", "count"
};

/// What became of our orders since the start.
struct ExecutionView {
  std::uint64_t placed{0}, filled{0}, canceled{0}, rejected{0}, expired{0}, fills{0};
  Money fees, slippage;         // of closed trades
  std::vector<std::pair<std::string, std::uint64_t>> reject_reasons;
  std::vector<double> acknowledge_ms;   // from the order to the venue's first word, newest last, at most 200
};

/// Closed candles of one pair at the base interval, oldest first; whole blocks are shared between views.
struct CandleSeries {
  std::vector<std::shared_ptr<const std::vector<Candle>>> blocks;

  template <class Visit>
  void visit(Visit each) const {
    for (const auto& block : blocks) {
      for (const Candle& candle : *block) each(candle);
    }
  }
};

/// One published state. Money is in the quote currency of the desk.
struct EngineView {
  std::string run;              // id of this run
  std::string mode{"paper"};
  std::string state{"initializing"};   // initializing, warming, running, paused, halted, stopping
  bool paused{false};
  bool halted{false};
  std::string pause_reason;
  std::string failure;          // what made it fail, for the operator: may name files; empty: it has not
  std::string currency{"USD"};
  Money cash, equity, day_pnl, day_start_equity, peak_equity, exposure;
  double drawdown{0};           // fraction of peak, mark-to-market
  bool feed_up{false};
  LatencySummary order_latency; // live: receipt of what caused an order to its last byte, less the journal's flush
  LatencySummary flush_latency; // of the journal's durable commits; count 0 in both: none yet
  LatencySummary loop_latency;  // from the arrival of an event at the engine to the end of its turn, less that flush
  std::string entries_held;     // why nothing is entered now, beside pause and halt; empty: it would
  bool ready{false};            // warm, ledger writable, not halted, not stopping, no entries held
  bool ledger_ok{true};
  Time now;                     // the clock that trading uses (the exchange's on a tape)
  Time started_at;              // wall clock
  std::uint64_t events{0}, decisions{0}, entries{0}, trades{0};
  std::uint64_t progress{0};    // rises with every turn of the engine loop
  std::vector<PairView> pairs;
  std::vector<PositionView> positions;
  std::vector<TradeView> recent_trades;        // newest first, at most 50
  std::vector<DecisionView> recent_decisions;  // newest first, at most 50
  std::vector<EquityPoint> equity_curve;       // oldest first, at most 500, thinned evenly
  std::vector<StrategyView> strategies;
  std::vector<GaugeView> gauges;               // risk against its limits
  std::string ruin_state;                      // of the gauge risk_of_ruin: insufficient_data, estimated, one_sided
  ExecutionView execution;
  Duration base{minutes{1}};                   // interval of the candles below
  std::vector<std::shared_ptr<const CandleSeries>> candles;   // by pair
};

/// Hands views from the engine thread to readers. Thread-safe.
///
/// A lock for the time of copying a pointer, because std::atomic of a shared pointer ends its read without an order in
/// libstdc++ 12: on processors that let a load pass a later store, such as ARM, a reader could mix two views.
class ViewBoard {
 public:
  ViewBoard() : current_(std::make_shared<const EngineView>()) {}

  void publish(std::shared_ptr<const EngineView> view) {
    const std::lock_guard lock(mutex_);
    current_.swap(view);   // the one before is destroyed by whoever has it last, outside of the lock
  }

  [[nodiscard]] std::shared_ptr<const EngineView> read() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const EngineView> current_;   // guarded
};

}  // namespace aitrade
