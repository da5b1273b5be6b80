// What the private WebSocket says: executions, balances, and answers to requests
// (kraken.md 8.5, 8.6).
//
// Pure: one frame in, one typed message out. Updates are sparse: an absent field means "as before",
// so nearly everything is optional. Amounts keep the text of their token. A frame with one row that
// cannot be read is an error as a whole, which its owner treats like a gap: nothing is known of
// what it said.
#pragma once

#include "core/base/decimal.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/order.h"
#include "exchanges/kraken/codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aitrade::kraken {

/// Why a row came. Only `trade` is a fill; `filled` is a state.
enum class ExecType : std::uint8_t {
  pending_new,
  new_,
  trade,
  filled,
  iceberg_refill,
  canceled,
  expired,
  amended,
  restated,
  status,
  other,  // a word we do not know
};

enum class ExecStatus : std::uint8_t {
  pending_new,
  new_,
  partially_filled,
  filled,
  canceled,
  expired,
  triggered,
  other,
};

std::string_view to_string(ExecType type);
std::string_view to_string(ExecStatus status);

struct FeePart {
  std::string asset;
  Amount quantity;
};

struct ExecutionRow {
  ExecType type{ExecType::other};
  std::optional<ExecStatus> status;
  std::string order_id;
  std::string client_id;  // empty when not told
  std::optional<std::int64_t> userref;
  std::string parent_id;  // order_ref_id: the order that caused this one
  std::string symbol;
  std::optional<Side> side;
  std::string order_type, time_in_force;  // as written
  std::optional<Amount> quantity, cost_quantity, displayed;
  std::optional<Amount> limit_price, trigger_price;
  std::optional<Amount> cumulative_quantity, cumulative_cost, average_price;
  std::optional<bool> post_only, reduce_only;
  std::string reason;  // of canceled and expired
  std::optional<Time> timestamp, expires;
  std::optional<double> rate_count;  // of the pair, when asked for
  // Of a fill:
  std::string exec_id;  // unique for ever; the key of the trade in REST histories
  std::optional<std::uint64_t> trade_id;
  std::optional<Amount> last_quantity, last_price, cost;
  std::optional<bool> is_maker;
  std::vector<FeePart> fees;

  [[nodiscard]] bool is_fill() const { return type == ExecType::trade; }

  /// The order is over.
  [[nodiscard]] bool is_final() const;
};

struct ExecutionsMessage {
  bool is_snapshot{false};
  std::uint64_t sequence{0};
  std::vector<ExecutionRow> rows;
};

struct WalletRow {
  std::string type, id;
  Amount balance;
};

/// In a snapshot a total, holds not deducted; in an update a ledger entry with the total after it.
struct BalanceRow {
  std::string asset;
  Amount balance;
  std::vector<WalletRow> wallets;  // snapshot only
  std::string ledger_id, reference, type, category, wallet_type, wallet_id;
  std::optional<Amount> amount, fee;
  std::optional<Time> timestamp;
};

struct BalancesMessage {
  bool is_snapshot{false};
  std::uint64_t sequence{0};
  std::vector<BalanceRow> rows;
};

/// One order in the answer to a request.
struct OrderResult {
  std::string order_id, client_id, amend_id, original_id, error;
  std::optional<std::int64_t> userref;
};

/// The answer to a request of any method: subscribe, add_order, cancel_order...
struct PrivateAck {
  std::string method;
  bool success{false};
  std::string error;
  std::optional<std::uint64_t> req_id;   // absent in refusals of a malformed request
  std::string channel;                   // of a subscription
  std::optional<double> max_rate_count;  // of executions
  std::vector<OrderResult> orders;       // one, or each of a batch
  std::optional<std::uint64_t> count;    // of cancel_all
  std::optional<Time> now, fires;        // of cancel_all_orders_after; fires: nothing when disarmed
  std::optional<Time> time_in, time_out;  // when the venue handled it
  std::vector<std::string> warnings;
};

using PrivateMessage = std::variant<StatusMessage, HeartbeatMessage, PongMessage, PrivateAck,
                                    ExecutionsMessage, BalancesMessage, UnknownMessage>;

/// Reads one frame of the private connection; errors: invalid, naming what is wrong with it.
Result<PrivateMessage> parse_private_frame(std::string_view text);

/// Watches the numbers of one channel on one connection: 1, 2, 3...
class SequenceGuard {
 public:
  enum class Verdict : std::uint8_t { next, repeated, gap };

  /// Takes the number of a message. A gap is for ever, until reset(): what was lost is not known.
  Verdict on(std::uint64_t sequence);

  /// A new connection or subscription counts from 1.
  void reset() { *this = {}; }

  /// The newest number that followed its predecessor: where a gap begins.
  [[nodiscard]] std::uint64_t last() const { return last_; }

 private:
  std::uint64_t last_{0};
  bool is_broken_{false};
};

}  // namespace aitrade::kraken
