// The tables of reliability.md 3.4, restated: a transition that is added or lost must be put here too.
#include "core/domain/order_states.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace aitrade;

namespace {

using S = OrderState;
using T = OrderTrigger;

constexpr int states = static_cast<int>(order_state_last) + 1;
constexpr int triggers = static_cast<int>(order_trigger_last) + 1;

bool may_work(S s) {
  return s == S::journaled || s == S::in_flight || s == S::unknown || s == S::acked || s == S::open ||
         s == S::triggered || s == S::partial;
}

/// The rules of 3.4 in another form: by trigger instead of by state.
std::optional<S> expected(S s, T t) {
  const bool was_sent = may_work(s);
  const bool is_over = s == S::canceled || s == S::expired || s == S::rejected;
  switch (t) {
    case T::send:
      return s == S::journaled ? std::optional(S::in_flight) : std::nullopt;
    case T::not_sent:
      return s == S::in_flight ? std::optional(S::journaled) : std::nullopt;
    case T::restart:
      return s == S::journaled || s == S::in_flight ? std::optional(S::unknown) : std::nullopt;
    case T::withdraw:
      return s == S::journaled ? std::optional(S::not_placed) : std::nullopt;
    case T::acknowledge:
      if (s == S::open || s == S::triggered || s == S::partial || s == S::filled) return s;
      return was_sent || s == S::not_placed ? std::optional(S::acked) : std::nullopt;
    case T::accept:
      if (s == S::triggered || s == S::partial) return s;
      return was_sent || s == S::not_placed ? std::optional(S::open) : std::nullopt;
    case T::reject:
      if (s == S::partial) return S::canceled;
      return was_sent && s != S::open && s != S::triggered ? std::optional(S::rejected) : std::nullopt;
    case T::fire:
      if (s == S::partial) return s;
      return was_sent && s != S::journaled && s != S::triggered ? std::optional(S::triggered) : std::nullopt;
    case T::fill_part:
      if (s == S::settling || s == S::quarantined || is_over) return s;
      return was_sent || s == S::not_placed ? std::optional(S::partial) : std::nullopt;
    case T::fill_last:
      if (s == S::quarantined) return s;
      return s == S::filled || s == S::denied ? std::nullopt : std::optional(S::filled);
    case T::fill_over:
      return s == S::denied ? std::nullopt : std::optional(S::quarantined);
    case T::cancel:
      return was_sent || s == S::settling ? std::optional(S::canceled) : std::nullopt;
    case T::expire:
      return was_sent || s == S::settling ? std::optional(S::expired) : std::nullopt;
    case T::end_short:
      return was_sent || s == S::settling ? std::optional(S::settling) : std::nullopt;
    case T::lose:
      return s == S::journaled || s == S::in_flight ? std::optional(S::unknown) : std::nullopt;
    case T::find_absent:
      return s == S::unknown ? std::optional(S::not_placed) : std::nullopt;
    case T::give_up:
      return s == S::unknown || s == S::settling ? std::optional(S::quarantined) : std::nullopt;
    case T::resolve:
      return s == S::quarantined ? std::optional(S::canceled) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("order states: the table is that of the reliability page, pair by pair", "[domain][order]") {
  for (int s = 0; s < states; ++s) {
    for (int t = 0; t < triggers; ++t) {
      const auto state = static_cast<S>(s);
      const auto trigger = static_cast<T>(t);
      INFO(to_string(state) << " + " << to_string(trigger));
      CHECK(next_state(state, trigger) == expected(state, trigger));
    }
  }
}

TEST_CASE("order states: a terminal state gives no command back its life but for a broken fence", "[domain][order]") {
  for (int s = 0; s < states; ++s) {
    const auto state = static_cast<S>(s);
    if (!is_terminal(state) || state == S::not_placed) continue;
    for (int t = 0; t < triggers; ++t) {
      const auto next = next_state(state, static_cast<T>(t));
      if (!next) continue;
      INFO(to_string(state) << " -> " << to_string(*next));
      CHECK((is_terminal(*next) || *next == S::quarantined));
    }
  }
}

TEST_CASE("order states: what may still fill counts as exposure", "[domain][order]") {
  for (const S state : {S::journaled, S::in_flight, S::unknown, S::acked, S::open, S::triggered, S::partial,
                        S::settling, S::quarantined}) {
    CHECK(counts_as_exposure(state));
  }
  for (const S state : {S::filled, S::canceled, S::expired, S::rejected, S::not_placed, S::denied}) {
    CHECK_FALSE(counts_as_exposure(state));
  }
}

TEST_CASE("order states: every state and trigger has a word of its own", "[domain][order]") {
  std::map<std::string, int> words;
  for (int s = 0; s < states; ++s) ++words[std::string(to_string(static_cast<S>(s)))];
  CHECK(words.size() == static_cast<std::size_t>(states));
  std::map<std::string, int> triggered;
  for (int t = 0; t < triggers; ++t) ++triggered[std::string(to_string(static_cast<T>(t)))];
  CHECK(triggered.size() == static_cast<std::size_t>(triggers));
}

TEST_CASE("pending operations: a word is no proof of a cancel, and there is one amend at a time", "[domain][order]") {
  using P = PendingState;
  using Q = PendingTrigger;
  CHECK(next_state(P::none, Q::ask_cancel) == P::cancel_journaled);
  CHECK(next_state(P::cancel_journaled, Q::send) == P::cancel_sent);
  CHECK(next_state(P::cancel_sent, Q::done) == P::cancel_sent);
  CHECK(next_state(P::cancel_sent, Q::order_ended) == P::none);
  CHECK(next_state(P::cancel_sent, Q::lose) == P::cancel_unknown);
  CHECK(next_state(P::cancel_unknown, Q::send) == P::cancel_sent);
  CHECK(next_state(P::amend_sent, Q::lose) == P::amend_unknown);
  CHECK_FALSE(next_state(P::amend_unknown, Q::ask_amend).has_value());
  CHECK_FALSE(next_state(P::amend_sent, Q::ask_amend).has_value());
  CHECK(next_state(P::amend_sent, Q::ask_cancel) == P::cancel_journaled);
  CHECK_FALSE(next_state(P::cancel_sent, Q::ask_amend).has_value());
}
