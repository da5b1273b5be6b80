// The deterministic heart: takes one event, gives actions.
//
// Everything that trades goes through step(), in backtest, paper, live and replay alike. It has no
// clock, no I/O and no randomness: the same events give the same actions, to the byte.
//
// Invariants:
//   1. A pause, a halt or a hold from outside stops entries and never an exit.
//   2. Losing the feed makes everything stale in the same step.
#pragma once

#include <memory>
#include <vector>

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/trading/desk.h"
#include "core/trading/gate.h"
#include "core/trading/house.h"
#include "core/trading/rules.h"

namespace aitrade {

/// What an engine is made of. Values only; the gate is borrowed and must outlive the engine.
struct EngineSetup {
  TradingRules rules;
  HouseRules house;
  std::vector<Instrument> instruments;   // indexed by id
  EntryGate* gate{nullptr};        // nullptr: OpenGate
  const Playback* playback{nullptr};     // borrowed; of a sweep (playback.h)
};

class Engine {
 public:
  explicit Engine(EngineSetup setup);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Appends to `out` what this event asks for. Cost: O(1) per candle; no allocation unless it trades.
  void step(const Event& event, ActionList& out);

  /// Passes over bars of the history it plays; see Desk::jump.
  void jump(std::size_t next, const Candle& newest) { desk_->jump(next, newest); }

  [[nodiscard]] const Desk& desk() const { return *desk_; }

  [[nodiscard]] const RunState& state() const { return state_; }

  [[nodiscard]] const std::string& pause_reason() const { return pause_reason_; }

  /// Why nothing is entered for a reason outside of trading; empty: there is none.
  [[nodiscard]] const std::string& hold_reason() const { return hold_reason_; }

  [[nodiscard]] const TradingRules& rules() const { return setup_.rules; }

  [[nodiscard]] const std::vector<Instrument>& instruments() const { return setup_.instruments; }

 private:
  void dispatch(const Event& event, ActionList& out);
  void stop_entries(Breaker breaker, Time now, ActionList& out);
  void on_command(const OperatorCommand& command, Time now, ActionList& out);
  void on_rules(const RulesChanged& changed, ActionList& out);
  void on_held(const EntriesHeld& held, ActionList& out);

  EngineSetup setup_;
  OpenGate open_gate_;
  House house_;
  std::unique_ptr<Desk> desk_;
  RunState state_;
  std::string pause_reason_, hold_reason_;
};

}  // namespace aitrade
