// What an error text of the venue means: for a read, and for an order that was asked for.
//
// The table is data (kraken.md 6, reliability.md 2.3), with a test for each entry. A text that is
// not in it is permanent on a read and ambiguous on order entry: an order is never declared dead on
// a word we do not know.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aitrade::kraken {

enum class ErrorClass : std::uint8_t { permanent, auth, ratelimit, mode, transient, ambiguous };

/// What the text proves about an order that was asked for.
enum class OrderVerdict : std::uint8_t {
  refused,            // this request was not executed
  refused_if_single,  // so, if only one copy can have left: else the first may have been executed
  ambiguous,          // nothing
};

/// What to do next, besides what the verdict says.
enum class Remedy : std::uint8_t {
  none,             // do not send it again unchanged
  look_up,          // read the order: by client id, in all places
  new_nonce_once,   // one more try with a larger nonce, then alarm
  new_token,        // fetch a WebSocket token
  wait,             // for a counter to decay; see retry_at
  wait_for_status,  // for the venue to leave its mode
  alarm,            // stop trading: key, rights or account need a person
};

std::string_view to_string(ErrorClass kind);
std::string_view to_string(OrderVerdict verdict);
std::string_view to_string(Remedy remedy);

struct KnownError {
  std::string_view text;
  ErrorClass kind;
  OrderVerdict verdict;
  Remedy remedy;
};

/// Every text we know, for tests and for `doctor`.
std::span<const KnownError> known_errors();

/// Finds the entry of a text: the exact text first, then the part up to its second colon; nothing
/// when it is unknown.
const KnownError* find_error(std::string_view text);

/// Returns the class of an error text on a read; an unknown text is permanent.
ErrorClass classify_read_error(std::string_view text);

/// Returns what an error text means for an order; an unknown text is ambiguous.
KnownError meaning_for_order(std::string_view text);

/// Returns when the venue will listen again, if the text says it ("EService: Throttled:
/// 1741500000").
std::optional<Time> retry_at(std::string_view text);

/// Returns the text as an Error with the matching code: busy for a rate limit, not_found for an
/// unknown pair, network for what may heal, rejected otherwise.
Error error_of(std::string_view text);

/// Whether an error of error_of(), in whatever frame, says that key, rights or account are refused; a text that is not
/// known says nothing of them.
bool is_refusal_of_key(const Error& error);

}  // namespace aitrade::kraken
