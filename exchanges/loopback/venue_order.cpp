#include "exchanges/loopback/venue_order.h"

#include <array>

namespace aitrade::loopback {
namespace {

constexpr std::array<std::string_view, 9> kind_names{
    "market",          "limit",
    "iceberg",         "stop-loss",
    "take-profit",     "stop-loss-limit",
    "take-profit-limit", "trailing-stop",
    "trailing-stop-limit"};

}  // namespace

std::string_view to_string(Kind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<Kind> kind_of(std::string_view text) {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    if (kind_names[i] == text) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Lasting lasting) {
  constexpr std::array<std::string_view, 4> names{"GTC", "IOC", "FOK", "GTD"};
  return names.at(static_cast<std::size_t>(lasting));
}

std::string_view to_string(Phase phase) {
  constexpr std::array<std::string_view, 5> names{"pending", "open", "closed", "canceled",
                                                  "expired"};
  return names.at(static_cast<std::size_t>(phase));
}

}  // namespace aitrade::loopback
