// The client order id on the wire: a version 8 UUID that only we can have made
// (reliability.md 2.1).
//
//   32 bits  instance tag          chosen when the ledger is created
//   16 bits  epoch                 of the ledger
//    4 bits  version = 8
//   12 bits  role (4), attempt (8)
//    2 bits  variant = 2
//   30 bits  intent sequence
//   32 bits  first bits of HMAC-SHA-256(instance key, the 96 bits before)
//
// The text is a pure function of the four numbers and the key, so recovery recomputes it. Tag and
// key are kept in the ledger's meta table: the ledger holds them until a vault exists.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade {

constexpr std::uint32_t intent_sequence_max = (1U << 30) - 1;

/// What makes our ids ours.
struct ClientIdKey {
  std::uint32_t tag{0};
  Secret key;  // 32 bytes
};

/// Returns a new random key.
ClientIdKey new_client_id_key();

/// Returns the id as 36 characters of UUID text. A sequence of more than 30 bits is a bug.
std::string client_id_text(const ClientOrderId& id, const ClientIdKey& key);

/// Reads an id back. Errors: invalid (no UUID of this form), not_found (another instance's tag),
/// corrupt (our tag, but the check fails: somebody else made it).
Result<ClientOrderId> parse_client_id(std::string_view text, const ClientIdKey& key);

/// Reads the four numbers of an id without asking who made it: to look things up, never to trust. Errors: invalid.
Result<ClientOrderId> read_client_id(std::string_view text);

}  // namespace aitrade
