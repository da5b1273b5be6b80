// Distinct types for the things that have numbers, so that no two can be mixed up.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace aitrade {

enum class InstrumentId : std::uint32_t {};
enum class VenueId : std::uint16_t {};
enum class DeskId : std::uint16_t {};
enum class AccountId : std::uint16_t {};
enum class StrategyId : std::uint16_t {};
enum class EventSeq : std::uint64_t {};

/// Returns the number inside an id.
template <class Id>
constexpr auto number(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

/// Owner of data and keys; "default" always exists.
struct TenantId {
  std::string name{"default"};

  friend auto operator<=>(const TenantId&, const TenantId&) = default;
};

/// What an order is for; part of its identity (reliability.md 2.1).
enum class OrderRole : std::uint8_t { entry = 1, exit = 2, protect = 3, take_profit = 4, close_all = 5 };

/// Identity of an order: a pure function of its intent row, unique for ever, never reused.
///
/// The shell renders it as a version 8 UUID with the instance tag and a keyed check
/// (core/store/client_id.h); the core never needs more than these four numbers.
struct ClientOrderId {
  std::uint32_t sequence{0};  // of the intent; 30 bits on the wire
  std::uint16_t epoch{0};     // of the ledger
  OrderRole role{OrderRole::entry};
  std::uint8_t attempt{0};

  friend constexpr auto operator<=>(const ClientOrderId&, const ClientOrderId&) = default;
};

/// Returns "EPOCH-SEQUENCE-role-attempt", for tables and messages.
std::string to_string(const ClientOrderId& id);

}  // namespace aitrade
