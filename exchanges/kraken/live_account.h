// Our orders between the journal and the venue: sent, answered, seen, lost, found, and told to the engine.
//
// Sans-IO: orders, frames, answers and the time come in; frames, calls and events go out, so that tests run it
// against an exchange in memory through years of faults. Follows reliability.md 2 to 4: nothing is sent twice, a
// missing answer is no answer, an order is declared dead only on the venue's word or behind its fence, fills count
// once by their id, and entries need every permit at the moment of sending. Orders go over the private WebSocket;
// while that is down, exits and protection go over REST, and entries nowhere.
//
// The time is the venue's as we estimate it and never runs backwards. Not thread-safe: venue.h owns one.
#pragma once

#include "core/base/decimal.h"
#include "core/base/random.h"
#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/instrument.h"
#include "core/net/backoff.h"
#include "exchanges/kraken/account_reading.h"
#include "exchanges/kraken/execution_book.h"
#include "exchanges/kraken/order_fate.h"
#include "exchanges/kraken/private_stream.h"
#include "exchanges/kraken/rate_counters.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aitrade::kraken {

/// One pair in all its names.
struct LivePair {
  InstrumentId instrument{};
  Symbol symbol;
  std::string altname;              // of REST
  std::string canonical;            // of histories
  std::string base_id, quote_id;    // of balances: "XXBT", "ZUSD"
};

struct LiveOptions {
  VenueId venue{};
  std::vector<LivePair> pairs;
  std::function<std::string(const ClientOrderId&)> id_text;
  std::function<std::optional<ClientOrderId>(std::string_view)> read_id;   // only ids that we can have made
  std::uint16_t epoch{1};
  Tier tier{Tier::starter};
  Duration order_deadline{milliseconds{2500}};     // the venue refuses what arrives later: the fence begins here
  Duration answer_patience{seconds{5}};   // beyond the deadline: what was not answered cannot arrive any more
  Duration skew_max{seconds{2}};
  Duration read_lag_max{seconds{90}};      // how far a reading may lie behind
  Duration undecided_max{minutes{10}};     // then a person must look
  Duration settle_max{minutes{5}};         // the same of fills that the venue counts and does not show
  Duration open_every{seconds{30}};        // readings of open orders
  Duration history_every{minutes{10}};     // of everything but money
  Duration money_every{minutes{5}};
  Duration pass_age_max{minutes{10}};      // without a reading that succeeded no entry leaves (reliability.md 1.3)
  PrivateStreamOptions stream;
  BackoffOptions backoff;
  std::uint64_t seed{1};
};

/// What the ledger knows when we come.
struct LiveMemory {
  std::vector<Order> orders;                  // not ended, and those that ended lately
  std::set<std::string> fills;                // ids of fills booked
  std::map<std::string, Decimal> expected;    // balance by currency that the books imply
  std::map<std::string, Time> baselines;      // when the starting balance of a currency was booked
  std::set<std::string> moves;                // references of balance moves booked
  Time watermark;                             // everything up to here was read; zero: begin now
  std::uint32_t next_sequence{1};             // of client ids
};

/// A REST call to make; answers come back by its number.
struct LiveCall {
  std::uint64_t number{0};
  PrivateCall call;
  Purpose purpose{Purpose::ordinary};
  bool is_change{false};   // at most one copy; else a read that may be repeated
  bool is_urgent{false};   // a read that must not wait behind readings of the whole account
};

struct LiveOutput {
  std::vector<EventBody> events;       // for the engine, in order
  std::vector<std::string> frames;     // to write on the private connection; they carry its token
  std::vector<LiveCall> calls;
  std::vector<Notify> notes;           // for people, beside what the engine says
  bool connect{false};                 // open the private connection
  bool drop{false};                    // close it
};

/// Why entries are blocked when nothing but a pause, a halt or a stop of ours does it.
inline constexpr std::string_view entries_stopped = "entries are stopped";

class LiveAccount {
 public:
  LiveAccount(LiveOptions options, LiveMemory memory, Time now);

  // ---- the engine's side: journaled already
  void submit(const Order& order, Time now);
  void cancel(const CancelOrder& cancel, Time now);
  void replace(const ReplaceOrder& replace, Time now);

  /// Entries may leave, or not (paused, halted, stopping). An entry that has not left is withdrawn.
  void permit_entries(bool is_permitted) { is_permitted_ = is_permitted; }

  /// Venue time minus ours, when it is known; an estimate outside the bound stops entries.
  /// One that was known and is no more stops them too.
  void set_skew(std::optional<Duration> skew) {
    knew_skew_ = knew_skew_ || skew;
    skew_ = skew;
  }

  // ---- the venue's side
  void on_open(Time now);
  void on_text(std::string_view frame, Time now);
  void on_closed(std::string_view why, Time now);

  /// The body of a read that succeeded, or why it did not.
  void on_read(std::uint64_t number, const Result<std::string>& body, Time now);

  /// The fact of a call that changes orders.
  void on_sent(std::uint64_t number, const HttpOutcome& outcome, Time now);

  void on_wake(Time now);

  /// What is to be done; call after each of the above.
  LiveOutput take();

  /// When on_wake() next has something to do.
  [[nodiscard]] Time wake_at() const;

  /// Why an entry of this pair would not be sent now; empty when it would.
  [[nodiscard]] std::string entries_blocked(InstrumentId instrument, Time now) const;

  /// Everything of the venue was read since the stream stands, and it adds up.
  [[nodiscard]] bool is_reconciled() const { return is_reconciled_; }

  /// The venue refuses key or account: a person is needed.
  [[nodiscard]] bool is_refused() const { return !refused_.empty(); }

  [[nodiscard]] bool is_clock_off() const {
    return skew_ && (*skew_ > options_.skew_max || *skew_ < -options_.skew_max);
  }

  [[nodiscard]] bool is_synced() const { return stream_.is_synced(); }

  /// Orders whose fate is open: unknown, settling, quarantined.
  [[nodiscard]] std::size_t undecided() const;

  /// No order, call or reading is under way.
  [[nodiscard]] bool is_quiet() const;

  [[nodiscard]] OrderState state_of(const ClientOrderId& id) const;

  /// Books what a balance differs by, as the readings of money found it, as the owner's doing: entries in it go on.
  /// `who` stands with it in the books. Returns the amount. Errors: not_found when nothing in it is unexplained, busy
  /// when it was seen once so far.
  Result<Decimal> adopt(const std::string& asset, std::string_view who, Time now);

  /// Orders at the venue that are not ours, at the newest reading.
  [[nodiscard]] std::size_t foreign_orders() const { return foreign_orders_; }

 private:
  enum class Ending : std::uint8_t { none, filled, canceled, expired };

  enum class Subject : std::uint8_t { token, reading, query, place, cancel, amend };

  struct Line {
    Order order;                          // terms as the venue has confirmed them
    std::string id;                       // our id as text
    OrderState state{OrderState::journaled};
    PendingState pending{PendingState::none};
    Quantity told;                        // filled, as the engine was told
    Quantity cumulative;                  // filled, in the venue's word
    Ending ending{Ending::none};          // the venue says it is over
    std::string reason;
    Time sent_at, fence, amend_fence, touched;
    Time since;                           // of the present doubt
    Time send_again, cancel_again, amend_again, probe_at;   // zero: not
    int denied{0};                        // times that the engine knew no such order behind the deadline
    int absent{0};                        // readings behind the fence without it
    Time absent_at;
    int copies{0};
    Time shown_at;                        // when the stream last told of it
    Time doubted_at;                      // since when the engine denies it, or the stream does not list it; zero: not
    Time look_at, look_not_before;        // when it is asked for by its name; zero: not
    int looks{0};                         // so often in a row
    bool is_looking{false};
    bool wants_cancel{false};
    std::optional<ReplaceOrder> wanted;   // the newest change asked for
    ReplaceOrder asked;                   // the one on its way
  };

  /// What one source says of an order.
  struct Facts {
    std::string venue_id;
    bool is_live{false}, is_fired{false};
    bool is_fresh{false};      // of the stream, which does not lag behind
    Ending ending{Ending::none};
    Quantity cumulative;
    Price limit, trigger;      // zero: not told
    Quantity quantity;         // likewise
    std::string reason;
  };

  struct FillTexts {
    std::string id, price, quantity, cost, fee, fee_asset;
    bool is_maker{false};
    Time time;
  };

  using Id = ClientOrderId;

  // live_account.cpp
  void absorb(StreamOutput&& out, Time now);
  void on_update(StreamUpdate&& update, Time now);
  void lose_connection(std::string_view why, Time now);
  void ask_token(Time now);
  std::uint64_t call(PrivateCall what, Subject subject, const std::string& id, Purpose purpose);
  void note(Notify::Level level, std::string text);
  void on_refusal(const std::string& why, bool by_order);
  void on_welcome(bool is_whole);
  const LivePair& pair_of(InstrumentId instrument) const;
  Line* find(std::string_view id_text);
  Line* find_by_venue(const std::string& venue_id);

  // live_orders.cpp: what leaves, and the answers
  void place(Line& line, Time now);
  void hold_back(Line& line, const std::string& why, Time now);
  void try_cancel(Line& line, Time now);
  [[nodiscard]] bool must_stay(const Line& line) const;
  void try_amend(Line& line, Time now);
  void amend_anew(Line& line, Time now);
  void take_terms(Line& line, const Facts& facts);
  void on_answer(const std::string& tag, const OrderFate& fate, Time now);
  void on_place_fate(Line& line, const OrderFate& fate, Time now);
  [[nodiscard]] bool is_denied(const Line& line, const OrderFate& fate, Time now) const;
  void on_cancel_fate(Line& line, const OrderFate& fate, Time now);
  void on_amend_fate(Line& line, const OrderFate& fate, Time now);
  void probe(Line& line, Time now);
  void on_probe_fate(Line& line, const OrderFate& fate, Time now);
  void work(Line& line, Time now);
  bool apply(Line& line, PendingTrigger trigger);
  static bool is_exit(const Line& line);

  // live_facts.cpp: what the venue shows
  void on_executions(const ExecutionsMessage& message, Time now);
  bool tell(Line& line, OrderTrigger trigger, const std::string& why);
  void on_stream_fill(Line& line, const ExecutionFill& fill, Time now);
  static Facts facts_of(const OrderView& view);
  void add_fill(Line& line, const FillTexts& texts, Time now);
  void on_facts(Line& line, const Facts& facts, Time now);
  void confirm_terms(Line& line, const Facts& facts);
  void finish(Line& line, Time now);
  void on_stray(const std::string& id_text, const std::string& venue_id, Time now);

  // live_passes.cpp: readings of the whole account
  void start_reading(Time now);
  void ask_reading(const PrivateCall& what);
  void on_reading(const Result<std::string>& body, Time now);
  void merge(const AccountReading& reading, Time now);
  void on_order_info(Line& line, const OrderInfo& info, Time now);
  void judge_absent(Line& line, const AccountReading& reading, Time now, int& budget);
  void look_up(Line& line, Time now);
  void look_for_missing(const std::vector<OrderInfo>& open, Time now);
  void look_for_unlisted(Time now);
  void on_query(const std::string& id, const Result<std::string>& body, Time now);
  void compare_money(const AccountReading& reading, Time now);
  void compare_balance(const std::string& asset, const Decimal& total, const AccountReading& reading, Time now);
  void take_baseline(const std::string& asset, const Decimal& total, const Decimal& before,
                     const AccountReading& reading);
  void tell_move(const std::string& asset, const Decimal& amount, const std::string& kind, const std::string& reference,
                 Time at);
  void add_terms(BalanceMoved& moved, const LedgerInfo& entry, const AccountReading& reading) const;
  void move_expected(const std::string& asset, const Decimal& amount);
  void expect_fill(const Line& line, const FillTexts& texts);
  std::string currency_of(const std::string& asset_id) const;

  LiveOptions options_;
  LiveOutput out_;
  PrivateStream stream_;
  ExecutionBook book_;
  TradingCounter counter_;
  Backoff backoff_;

  std::map<std::string, Line> lines_;               // by our id's text; ended ones stay for late fills
  std::map<std::string, std::string> by_venue_;     // venue's id to ours
  std::set<std::string> fills_;
  std::map<std::string, Decimal> expected_;
  std::set<std::string> moves_;
  std::map<std::string, Time> baselines_;

  struct Candidate {
    Decimal total;
    Time at;
  };

  std::map<std::string, Candidate> candidates_;     // starting balances that were seen once
  std::set<std::string> strays_;                    // told once
  std::uint32_t next_sequence_;

  struct Asked {
    Subject subject{Subject::token};
    std::string id;
  };

  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t calls_{0};

  enum class Connection : std::uint8_t { down, asking, connecting, open } connection_{Connection::down};
  Secret token_;                                    // for the connection that is being made
  Time connect_at_, opened_at_;
  std::optional<Time> stream_wake_;
  std::string system_{"online"};
  bool is_permitted_{true};
  std::optional<Duration> skew_;
  bool knew_skew_{false};

  std::optional<AccountReading> reading_;
  std::uint64_t reading_call_{0};                   // whose answer it waits for; others are of a reading given up
  bool is_open_only_{false};
  Time open_due_, history_due_, money_due_, reading_not_before_;
  Time watermark_;
  Time passed_at_;                                  // the newest reading that succeeded, of open orders at least
  bool is_reconciled_{false};
  bool is_second_user_{false};
  std::string refused_;                             // what the venue says against key or account; empty: nothing
  bool is_refused_by_order_{false};                 // then a reading that works proves little
  std::size_t foreign_orders_{0};
  Time newest_change_;                              // fill or move, for balances that lag

  /// What a balance differs by.
  struct Unexplained {
    int readings{0};   // in a row
    Decimal amount;
  };

  std::map<std::string, Unexplained> unexplained_;
  Time now_;
};

}  // namespace aitrade::kraken
