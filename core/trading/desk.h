// One account with its own strategies, risk and book: the pipeline from a closed candle to an order.
//
// Read on_candle(), consider() and on_fill() in this order: a candle updates bars and indicators,
// moves the stop of an open position, and on a close of the primary timeframe becomes an opinion, a
// verdict, a bracket, a size and perhaps an entry; the fill of an entry sends its protection at once.
// With several instruments those that want to enter at one instant wait for its end (InstantClosed) and are
// served best first: on_instant_closed().
//
// Invariants:
//   1. Exits and protection are never blocked by a pause, a breaker or a stale feed; entries are.
//   2. Every decision has exactly one reason.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/instrument.h"
#include "core/trading/breakers.h"
#include "core/trading/confluence.h"
#include "core/trading/correlation.h"
#include "core/trading/exits.h"
#include "core/trading/foreign_signals.h"
#include "core/trading/frame.h"
#include "core/trading/gate.h"
#include "core/trading/house.h"
#include "core/trading/orders.h"
#include "core/trading/pacing.h"
#include "core/trading/pair_breaker.h"
#include "core/trading/portfolio.h"
#include "core/trading/risk.h"
#include "core/trading/risk_budget.h"
#include "core/trading/rules.h"
#include "core/trading/sizing.h"
#include "core/trading/track_record.h"

namespace aitrade {

/// What stops entries everywhere.
struct RunState {
  bool paused{false};
  bool halted{false};
  bool held{false};   // from outside; see EntriesHeld
  bool feed_up{false};

  [[nodiscard]] bool permits_entries() const { return !paused && !halted && !held; }
};

class Desk {
 public:
  /// `rules`, `gate`, `house` and `playback` are borrowed and must outlive the desk. Instruments are indexed
  /// by id; with a playback there is one, on one timeframe.
  Desk(DeskId id, const TradingRules& rules, std::vector<Instrument> instruments, EntryGate& gate,
       House& house, const Playback* playback = nullptr);

  void on_candle(const CandleClosed& event, const RunState& state, ActionList& out);

  /// No more candles close at or before `now`: the entries that wait are ranked and served.
  void on_instant_closed(Time now, const RunState& state, ActionList& out);

  /// When the entries that wait were decided; nothing while none wait. A later candle must not come first.
  [[nodiscard]] std::optional<Time> waiting_since() const {
    if (candidates_.empty()) return std::nullopt;
    return oldest_candidate();
  }

  /// Whether any entry waits; cheaper than waiting_since(), for every candle.
  [[nodiscard]] bool is_waiting() const { return !candidates_.empty(); }

  void on_history(const HistoryLoaded& event);

  /// Stands where it would stand before bar `next` of the history it plays (playback.h); `newest` is the
  /// candle of the bar before. Only while is_idle().
  void jump(std::size_t next, const Candle& newest);

  /// Flat, and no order is alive.
  [[nodiscard]] bool is_idle() const { return portfolio_.open_count() == 0 && orders_.live().empty(); }

  void on_book(const BookSummary& event, Time when, ActionList& out);
  void on_feed(bool is_up, Time now, ActionList& out);
  void on_tick(Time now, ActionList& out);

  /// A signal from outside: judged at once by what judges the strategies' own; says what became of it.
  void on_signal(const ExternalSignal& signal, Time now, const RunState& state, ActionList& out);

  void on_series_broken(InstrumentId instrument);
  void on_accepted(const OrderAccepted& event, ActionList& out);
  void on_rejected(const OrderRejected& event, Time now, ActionList& out);
  void on_fill(const OrderFilled& event, ActionList& out);
  void on_ended(const ClientOrderId& id, OrderTrigger trigger, std::string_view why, Time now, ActionList& out);
  void on_replaced(const OrderReplaced& event, Time now, ActionList& out);
  void on_news(const OrderNews& event, Time now, ActionList& out);
  void on_moved(const BalanceMoved& event, ActionList& out);
  void on_restored(const AccountRestored& event, Time now);
  void on_adopted(const PositionAdopted& event, ActionList& out);
  void on_adopted(const OrderAdopted& event, ActionList& out);
  void on_restored(const CooldownRestored& event) { pacing_.restore(event); }

  void on_restored(const TradesRestored& event);
  void on_restored(const GateRestored& event, ActionList& out);

  /// Another model judges candidates from here on.
  void on_model(const ModelActivated& event, ActionList& out);

  /// An operator lets entries start again: breakers get their grace, probation begins anew.
  void on_resumed(Time now, ActionList& out);

  /// The numbers of the rules it was built with have changed (live_rules.h).
  void on_rules() {
    confluence_.set_rules(rules_.confluence);
    confluence_.set_weights();
    risk_.set_rules(rules_.risk);
    pacing_.set_rules(rules_.risk);
    breakers_.set_rules(rules_.breakers);
  }

  /// A breaker that tripped in the last step, once.
  std::optional<Breaker> take_trip() { return std::exchange(trip_, std::nullopt); }

  /// Ends the pursuit of every entry: what rests is taken off, and nothing follows.
  void give_up_entries(ActionList& out);

  /// Closes every position at the market; entries that wait are canceled.
  void close_all(ExitReason reason, Time now, ActionList& out);

  /// The same for one instrument; nothing for one that is not traded here.
  void close_position(InstrumentId instrument, ExitReason reason, Time now, ActionList& out);

  [[nodiscard]] DeskId id() const { return id_; }

  [[nodiscard]] const Portfolio& portfolio() const { return portfolio_; }

  /// What a stop that rests at the venue, in a size that the venue has confirmed, would take off.
  [[nodiscard]] Quantity resting_protection(InstrumentId instrument) const;

  [[nodiscard]] const std::vector<Instrument>& instruments() const { return instruments_; }

  [[nodiscard]] const Orders& orders() const { return orders_; }

  [[nodiscard]] Money day_start_equity() const { return day_start_equity_; }

  [[nodiscard]] Money peak_equity() const { return peak_equity_; }

  [[nodiscard]] std::int32_t loss_streak() const { return loss_streak_; }

  [[nodiscard]] const TrackRecord& track_record() const { return record_; }

  [[nodiscard]] const Breakers& breakers() const { return breakers_; }

  [[nodiscard]] Ruin ruin() const;

  [[nodiscard]] bool is_warm(InstrumentId instrument) const;

  /// The timeframes of an instrument, ascending.
  [[nodiscard]] std::span<const Frame> frames(InstrumentId i) const { return watches_[number(i)].frames; }

  [[nodiscard]] Time candle_close(InstrumentId i) const { return watches_[number(i)].newest_close; }

  [[nodiscard]] const std::optional<BookTop>& book(InstrumentId i) const {
    return watches_[number(i)].book;
  }

  /// What the book says, unless that is older than rules.book_age_max; nullptr when there is none.
  [[nodiscard]] const BookAnalysis* analysis(InstrumentId i, Time now) const {
    return fresh_analysis(watches_[number(i)], now);
  }

  /// How often each reason decided, by the number of the reason.
  [[nodiscard]] const std::array<std::uint64_t, reasons_count>& reason_counts() const {
    return reason_counts_;
  }

 private:
  struct Watch {
    std::vector<Frame> frames;       // ascending timeframe
    std::size_t primary{0};          // index into frames
    std::optional<BookTop> book;
    std::optional<BookAnalysis> analysis;   // came with the book
    Time analyzed_at;
    Time newest_close;
    GateOpinion gate;                       // about the newest candidate
    std::optional<PairBreaker> anomalies;   // where the rules want one
  };

  enum class Probation : std::uint8_t { none, small, over };

  struct Plan {
    Direction direction{Direction::neutral};   // of a foreign signal
    Bracket bracket;
    double probability{0};
    double expected_r{0};
    GateRecord gate;
    RiskBudget budget;
    Sized sized;
  };

  /// An entry that waits for the end of its instant.
  struct Candidate {
    CandleClosed event;
    Plan plan;
    double score{0};
  };

  [[nodiscard]] const BookAnalysis* fresh_analysis(const Watch& watch, Time now) const {
    const bool is_fresh = watch.analysis && now - watch.analyzed_at <= rules_.book_age_max;
    return is_fresh ? &*watch.analysis : nullptr;
  }

  void consider(Watch& watch, const CandleClosed& event, const RunState& state, ActionList& out);
  Reason decide(Watch& watch, const CandleClosed& event, const RunState& state, Plan& plan,
                ActionList& out);
  [[nodiscard]] Opinion opinion_of(const ExternalSignal& signal, Price price, Regime regime) const;
  Reason decide_signal(Watch& watch, const CandleClosed& instant, const RunState& state, Plan& plan, ActionList& out);
  [[nodiscard]] GateOpinion assess(const Watch& watch, Time now);
  void ask_gate(Watch& watch, InstrumentId instrument, Time now, ActionList& out);
  void save_gate(ActionList& out);
  Reason judge_entry(const CandleClosed& event, const RunState& state, Plan& plan);
  Reason plan_entry(const Watch& watch, InstrumentId instrument, Time now, Plan& plan);
  void settle(const Candidate& candidate, Reason reason, ActionList& out);
  void rank(std::span<Candidate> candidates, Time now) const;
  [[nodiscard]] Time oldest_candidate() const;
  Reason plan_size(const Watch& watch, InstrumentId instrument, Time now, Plan& plan);
  [[nodiscard]] std::optional<Money> depth_cap(const BookAnalysis* book, Direction direction,
                                               const Plan& plan) const;
  void enter(const Watch& watch, InstrumentId instrument, Time now, const Plan& plan, ActionList& out);
  void obey(const CandleClosed& event, const RunState& state, ActionList& out);
  Reason judge_signal(const ForeignSignal& signal, const CandleClosed& event, const RunState& state, Plan& plan,
                      ActionList& out);
  Reason plan_signal(InstrumentId instrument, const ForeignSignal& signal, Price price, Plan& plan) const;
  void enter_signal(InstrumentId instrument, const Plan& plan, Time now, ActionList& out);
  void enter_reversal(InstrumentId instrument, Price price, Time now, ActionList& out);
  void move_levels(InstrumentId instrument, const ForeignSignal& signal, Time now, ActionList& out);
  void record(const Opinion& opinion, const CandleClosed& event, Reason reason, const Plan& plan, double score,
              ActionList& out) const;
  void watch_market(Watch& watch, const CandleClosed& event, ActionList& out);
  [[nodiscard]] bool has_idea_over(InstrumentId instrument, Time now) const;
  void protect(InstrumentId instrument, const Candle& candle, Time now, ActionList& out);
  void ensure_protected(InstrumentId instrument, Time now, ActionList& out);
  void align_protection(InstrumentId instrument, ActionList& out);
  void leave(InstrumentId instrument, OrderRole role, ExitReason reason, Time now, ActionList& out);
  void send_exit(InstrumentId instrument, const TrackedOrder* before, int step, Time now, ActionList& out);
  bool wait_for_stop(InstrumentId instrument, ActionList& out);
  void watch_levels(InstrumentId instrument, Touch executable, Time now, ActionList& out);
  void free_part(InstrumentId instrument, ActionList& out);
  void sell_part(InstrumentId instrument, Time now, ActionList& out);
  [[nodiscard]] Quantity part_on_its_way(InstrumentId instrument);
  void align_size(InstrumentId instrument, ActionList& out);
  [[nodiscard]] bool is_dust(InstrumentId instrument, Quantity quantity) const;
  void go_on_after(const TrackedOrder& ended, Time now, ActionList& out);
  void pursue(const TrackedOrder& ended, Time now, ActionList& out);
  void pursue_entry(const TrackedOrder& ended, Time now, ActionList& out);
  void pursue_exit(const TrackedOrder& ended, Time now, ActionList& out);
  void settle_entry(const TrackedOrder& ended, Time now, ActionList& out);
  void give_up(TrackedOrder& entry, ActionList& out);
  void shrink_entry(const Fill& late, ActionList& out);
  void shrink_exit(InstrumentId instrument, ActionList& out);
  [[nodiscard]] bool is_leaving(InstrumentId instrument) const;
  [[nodiscard]] Touch touch(InstrumentId instrument) const;
  [[nodiscard]] ExitReason missed_level(const Position& position, Price close) const;
  void book_late(TrackedOrder& order, const Fill& fill, ActionList& out);
  void on_entry_fill(TrackedOrder& order, const Fill& fill, ActionList& out);
  void on_exit_fill(TrackedOrder& order, const Fill& fill, ActionList& out);
  void book_oversold(const Fill& fill, ActionList& out);
  [[nodiscard]] std::optional<Fill> beyond_oversold(const Fill& fill, ActionList& out);
  void close_trade(InstrumentId instrument, Time now, ActionList& out);
  void remember(const TradeClosed& trade);
  void credit(const Voters& voters, Time now);
  [[nodiscard]] bool should_rest(StrategyId strategy) const;
  Probation judge_ruin(Time now);
  [[nodiscard]] double drawdown() const;
  [[nodiscard]] double signed_risk(InstrumentId instrument) const;
  [[nodiscard]] BudgetInputs budget_inputs(const Watch& watch, InstrumentId instrument, Direction direction,
                                           double spread);
  void cancel_rest(InstrumentId instrument, ActionList& out);
  void cancel_entry(InstrumentId instrument, ActionList& out);
  void roll_day(Time day, ActionList& out);
  void save_account(Money equity, ActionList& out) const;
  void report_to_house();
  [[nodiscard]] int group_count(InstrumentId instrument) const;

  DeskId id_;
  const TradingRules& rules_;
  std::vector<Instrument> instruments_;
  EntryGate& gate_;
  House& house_;
  Confluence confluence_;
  Risk risk_;
  Pacing pacing_;
  Portfolio portfolio_;
  Orders orders_;
  std::vector<Watch> watches_;
  Money day_start_equity_, peak_equity_;
  Time day_start_;
  std::int32_t loss_streak_{0};
  std::uint32_t next_trade_{1};
  std::array<std::uint64_t, reasons_count> reason_counts_{};
  std::vector<Confluence::OtherTimeframe> others_;   // scratch, reused
  std::vector<Candidate> candidates_;                // wait for the end of their instant
  TrackRecord record_;
  ReturnCorrelation correlation_;
  Breakers breakers_;
  std::optional<Breaker> trip_;
  std::vector<double> risks_;        // scratch, reused: risk fraction by instrument, signed by side
  Time probation_since_;             // 0 = not on probation
  std::uint32_t probation_trades_{0};
  /// Sold of an instrument beyond what was known to be held, newest last in time.
  struct Oversold {
    Quantity quantity;
    Time at;
  };

  std::vector<Oversold> oversold_;   // by instrument
  std::vector<std::optional<ForeignSignal>> reversals_;   // by instrument: entered when the exit has filled
};

}  // namespace aitrade
