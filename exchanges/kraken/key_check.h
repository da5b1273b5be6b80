// What an API key may do, and whether we may trade with it (kraken.md 2, 5.1; security.md T27).
//
// Pure. A key that can move money out is refused: a thief of the key could otherwise empty the
// account. So is a key whose nonce window lets an old request in late (reliability.md 2.3).
#pragma once

#include "core/base/secret.h"
#include "core/base/time.h"
#include "exchanges/kraken/private_call.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

struct KeyInfo {
  std::string name;  // as the owner called it
  std::vector<std::string> permissions;
  std::uint64_t nonce_window{0};
  std::optional<std::uint64_t> nonce;          // the newest one the venue accepted
  std::optional<Time> valid_until;             // nothing: for ever
  std::optional<Time> query_from, query_to;    // limits of what it may read
  std::vector<std::string> allowed_addresses;  // empty: from anywhere
};

/// A token that opens private channels; it has to be used within `lifetime` and lives as long as
/// the connection that used it.
struct WsToken {
  Secret token;
  seconds lifetime{0};
};

PrivateCall key_info_call();
PrivateCall ws_token_call();

Result<KeyInfo> parse_key_info(std::string_view body);
Result<WsToken> parse_ws_token(std::string_view body);

struct KeyFindings {
  std::vector<std::string> refusals;  // any: live trading does not start
  std::vector<std::string> warnings;

  [[nodiscard]] bool may_trade() const { return refusals.empty(); }
};

/// Judges a key at the venue's time `now`.
KeyFindings check_key(const KeyInfo& key, Time now);

}  // namespace aitrade::kraken
