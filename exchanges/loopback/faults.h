// Which trouble comes when?
//
// A plan is a list of rules, each a match, an action and how often (simulator.md 4, 5). Rules are
// tried in order and the first that applies wins. What a rule does is decided here and done by the
// exchange. A seed makes a plan; the same plan, seed and requests give the same decisions.
#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "exchanges/loopback/params.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

/// Something that rules are asked about.
struct FaultPoint {
  std::string_view transport;  // rest, ws (a request), frame (to a client), connect, time
  std::string_view endpoint;   // AddOrder, add_order, executions, book, ...
  std::string_view text;       // the request or frame, for "contains"
  Duration since_start{0};
};

/// A rule of a plan. An empty match matches everything.
struct FaultRule {
  std::string transport, endpoint, contains;
  std::int64_t nth{0};              // only the n-th match, counted from 1; 0: every one
  std::int64_t per_mille{1000};     // of the matches, drawn by seed
  Duration from{0}, until{Duration::max()};
  std::int64_t repeat{1};           // how often it acts; negative: for ever
  std::string action;
  Params arguments;

  std::int64_t seen{0}, hits{0};
};

class FaultPlan {
 public:
  explicit FaultPlan(std::uint64_t seed = 1) : random_(seed) {}

  /// Reads {"seed":7,"rules":[{"match":{...},"action":"...","args":{...},"repeat":1}]}.
  /// Errors: invalid, naming the rule.
  static Result<FaultPlan> read(std::string_view json);

  /// Reads one rule, as in the list. Errors: invalid.
  static Result<FaultRule> read_rule(const Params& params);

  /// A quarter of an hour of trouble, drawn from the seed: two of three seeds are calm but for
  /// some bad minutes, the third is hostile throughout. The common faults of messages are in every
  /// plan, each other fault in some.
  static FaultPlan from_seed(std::uint64_t seed);

  void add(FaultRule rule) { rules_.push_back(std::move(rule)); }

  void clear() { rules_.clear(); }

  /// Takes out all rules of an action; returns how many.
  std::size_t remove(std::string_view action);

  /// Whether it has a fault that no program can overcome: a revoked key, rights taken away.
  [[nodiscard]] bool needs_person() const;

  /// Starts the random numbers anew.
  void reset(std::uint64_t seed) {
    random_ = Random(seed);
    rules_.clear();
  }

  /// Returns the rule that acts here, if any; it has then counted its hit.
  const FaultRule* decide(const FaultPoint& point);

  /// Returns when the next timed rule is due.
  [[nodiscard]] std::optional<Duration> next_timed() const;

  [[nodiscard]] const std::vector<FaultRule>& rules() const { return rules_; }

  /// Bounded choice for actions that need one.
  std::uint64_t choose(std::uint64_t bound) { return random_.below(bound); }

 private:
  Random random_;
  std::vector<FaultRule> rules_;
};

/// All actions by name.
std::vector<std::string_view> fault_actions();

/// Whether an action of this name exists.
bool is_fault_action(std::string_view name);

/// Whether it acts on the venue rather than on a message: usable at a time, and by control.
bool is_venue_action(std::string_view name);

}  // namespace aitrade::loopback
