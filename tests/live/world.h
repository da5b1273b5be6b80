// A live account against an exchange in memory, in virtual time: one seed is one history of market, faults and crashes.
//
// One thread and one queue of events, so that a seed gives the same history every time. The exchange is the loopback's,
// without sockets; the account, engine, session, journal and private client are those of the program. Only the links
// between them are here, and they lose, delay, repeat and garble. A crash drops everything but the ledger and the exchange.
#pragma once

#include "core/base/random.h"
#include "core/store/client_id.h"
#include "exchanges/loopback/kraken_private.h"
#include "exchanges/loopback/private_session.h"
#include "tests/live/process.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aitrade::live_test {

/// A deliberate bug, put into the links or the process to prove that the checks see it.
enum class Sabotage : std::uint8_t {
  none,
  resend,              // a request is written twice
  early_dispatch,      // orders leave before the commit
  ids_reused,          // every entry carries the id of the first
  fills_dropped,       // of orders that are over
  open_orders_only,    // histories are taken for empty
  fixed_look_back,     // histories of the last 20 s only
  timeout_is_refusal,  // an order that got no answer is taken for refused
  cancel_then_place,   // the stop is canceled where it should be moved
  fee_lost,            // fills are booked without their fee
  fills_twice,         // a fill counts again under another id
  pause_forgotten,     // entries go on while paused
  half_stop,           // the stop is of half the position
  orders_forgotten,    // a start knows no order of the run before
  fence_ignored,       // an order is declared dead at the first silent reading
};

inline constexpr Sabotage sabotage_last = Sabotage::fence_ignored;
std::string_view to_string(Sabotage sabotage);

/// What can be done to the exchange or the links at a moment.
enum class Trouble : std::uint8_t {
  read_lag, hide_next, cancel_delay, pieces, late_fill, vanish, venue_cancel, manual_trade, deposit, withdrawal,
  cancel_only, post_only, maintenance, expire_tokens, refuse_stop, cut, half_open, flap, skew, crash, rest_out,
};

inline constexpr Trouble trouble_last = Trouble::rest_out;
std::string_view to_string(Trouble trouble);

/// What can happen to one REST call.
enum class CallFault : std::uint8_t {
  none, not_sent, request_lost, reply_lost, delivered_late, reply_late, http_5xx, http_520_done, garbage_done,
  truncated_done, unknown_error, unknown_error_done, too_many, bad_nonce, refused,
};

/// What can happen to one frame.
enum class FrameFault : std::uint8_t { none, lost, twice, swapped, late, garbled };

struct Options {
  std::uint64_t seed{1};
  Duration length{minutes{12}};    // with faults
  Duration health{minutes{12}};    // without, to settle
  double call_faults{0.06};        // per call
  double frame_faults{0.004};      // per frame
  Duration trouble_every{seconds{70}};
  std::optional<Trouble> only;     // of the troubles, for cases
  double crashes{0.25};            // share of seeds with crashes at their weak moments
  Sabotage sabotage{Sabotage::none};
  bool keeps_timeline{true};
  std::size_t timeline_kept{400};
};

struct Report {
  std::vector<std::string> failures;
  std::deque<std::string> timeline;
  Duration bare_healthy{0};     // longest time without a live stop while nothing was wrong
  Duration bare_any{0};         // likewise, whatever was wrong
  std::int64_t orders{0}, fills{0}, entries{0}, amends{0}, crashes{0}, troubles{0}, quarantined{0}, moves{0};
};

class World {
 public:
  World(const Options& options, const std::string& ledger_file);

  /// Lives the whole seed and checks it.
  Report run();

  // ---- what cases use to act by hand
  void advance(Duration span);
  void trouble(Trouble what);
  void fail_next_call(const std::string& method, CallFault fault) { next_call_ = {method, fault}; }
  void fail_next_frame(const std::string& has, FrameFault fault) { next_frame_ = {has, fault}; }
  void fail_next_request(const std::string& has) { next_request_ = has; }
  void vote() { votes_ = 1; }
  HttpOutcome serve(const HttpRequest& request);
  void quiet() { chance_of_vote_ = 0; }
  void rest_is_out(bool is_out) { rest_is_out_ = is_out; }
  void calm();
  void crash(const char* why);
  void check_end();
  [[nodiscard]] Time now() const { return now_; }
  Process* process() { return process_.get(); }
  loopback::PrivateVenue& venue() { return *venue_; }
  loopback::Market& market() { return market_; }
  Report& report() { return report_; }
  void move_price(std::size_t pair, double factor);

  // ---- what the process uses
  void note(const std::string& text);
  void fail(const std::string& what);
  void send_frame(const std::string& frame);
  void connect();
  void drop();
  void call(kraken::LiveCall&& what);
  void at(Time when, std::function<void()> what);
  [[nodiscard]] const Options& options() const { return options_; }
  Random& chance() { return chance_; }
  bool draw_crash(Process& process, double share);
  std::unique_ptr<HttpTransport> make_transport();
  NonceStore& nonces() { return nonces_; }
  [[nodiscard]] bool told_online() const { return told_system_ == "online"; }

  Cast cast;                     // what every life has: pairs, names, rules
  int runs_started{0};           // each process names its run

 private:
  // A connection of the private stream.
  struct Wire {
    loopback::KrakenSession session{77};
    loopback::PrivateSession account;
    bool is_open{true};          // the venue's end
    bool is_ours{true};          // our end
    bool is_mute{false};
    Time to_us, to_venue;        // when the newest frame of each way arrives
    std::optional<std::string> swapped;
  };

  class Nonces final : public NonceStore {
   public:
    Result<std::uint64_t> high_water(std::string_view) override { return mark_; }
    Status raise(std::string_view, std::uint64_t mark, Time) override {
      mark_ = std::max(mark_, mark);
      return ok();
    }

   private:
    std::uint64_t mark_{0};
  };

  // world.cpp
  void start();
  void life_begins();
  void die(Process& process, const char* why);
  void spoil(Duration span);
  void step_until(Time end);
  void second();
  void draw_trouble();
  std::int64_t draw(std::int64_t low, std::int64_t high);
  const loopback::VenueOrder* pick(const std::function<bool(const loopback::VenueOrder&)>& fits);
  void late_fill();
  void lose_order(Trouble what);
  void manual_trade();
  void operate();
  // world_market.cpp
  void print_trade(std::size_t pair);
  void close_minute();
  void summarize(std::size_t pair);
  void publish();
  void set_system(const std::string& state);
  // world_links.cpp
  void to_venue(const std::shared_ptr<Wire>& wire, const std::string& frame);
  void venue_takes(const std::shared_ptr<Wire>& wire, const std::string& frame);
  void to_us(const std::shared_ptr<Wire>& wire, const std::string& frame);
  void we_take(const std::shared_ptr<Wire>& wire, const std::string& frame);
  void close_wire(std::shared_ptr<Wire> wire, const char* why, bool by_us);
  std::string answer(const HttpRequest& request);
  CallFault draw_call_fault(const std::string& method);
  void check_sent(const std::string& text, const char* road);
  Duration latency();
  void next_call();
  void run_call(const kraken::LiveCall& what, CallFault fault);
  void check_cancel(const std::string& name);
  // world_checks.cpp
  void watch();
  void check_fills();
  void check_ids();
  void check_money();
  void check_ledger();
  void check_protection();
  [[nodiscard]] std::optional<ClientOrderId> id_of(const std::string& text);
  [[nodiscard]] bool is_healthy() const;

  Options options_;
  Report report_;
  Random chance_, market_chance_, fault_chance_;
  Time now_;
  std::uint64_t order_{0};
  std::map<std::pair<Time, std::uint64_t>, std::function<void()>> queue_;

  loopback::Market market_;
  std::unique_ptr<loopback::PrivateVenue> venue_;
  loopback::ApiKey key_;
  std::vector<loopback::OrderEvent> hidden_;
  std::vector<Candle> forming_;
  std::string told_system_{"online"};
  int refuse_stops_{0};
  bool rest_is_out_{false};
  Duration skew_{0};
  int flaps_{0};

  std::shared_ptr<Wire> wire_;
  Nonces nonces_;
  std::string ledger_file_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Process>> dead_;   // their calls may still be under way
  std::deque<kraken::LiveCall> calls_;
  bool is_calling_{false};
  std::uint64_t life_{0};

  bool has_faults_{true};
  Time faulty_until_;
  double chance_of_vote_{0.3};
  int votes_{0};
  bool is_paused_{false};        // as acknowledged to the operator
  std::string first_entry_id_;
  std::optional<std::pair<std::string, CallFault>> next_call_;
  std::optional<std::pair<std::string, FrameFault>> next_frame_;
  std::optional<std::string> next_request_;
  Duration call_delay_{0};       // of the answer that serve() made last
  CallFault call_fault_{CallFault::none};
  bool is_crashy_{false};

  // of the checks
  /// Whether the exchange takes no order for so little.
  [[nodiscard]] bool is_below_least(std::size_t pair, Quantity held) const;

  struct Watched {
    Quantity held;
    Quantity late;   // sold by the exchange through orders that it had told the end of
    Time bare_since, over_since;
    Time bare_from;
    Time unknown_from;   // since when the exchange has filled more than is known here
  };

  std::vector<Watched> watched_;
  Time wire_gone_at_;
  std::map<std::pair<std::uint32_t, OrderRole>, Quantity> late_;   // filled by the exchange after the end it had told
  std::size_t fills_seen_{0};
  Time healthy_since_;
  std::map<std::string, std::optional<ClientOrderId>> ids_;
  std::set<std::string> placed_ids_;
};

/// Runs one seed with its ledger in a private file that is gone afterwards.
Report run_seed(const Options& options);

/// The failures and the end of the timeline, for people.
std::string describe(const Report& report, std::uint64_t seed);

}  // namespace aitrade::live_test
