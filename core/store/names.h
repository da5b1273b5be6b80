// Numbers of one run to the names that outlive it: rows carry names, because ids are given anew by
// each configuration.
#pragma once

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/domain/instrument.h"
#include "core/domain/signal.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aitrade {

/// A desk as the ledger knows it.
struct DeskNames {
  DeskId id{};
  TenantId tenant;
  std::string account{"main"};
  std::string exchange;       // "kraken"
  std::string mode{"paper"};  // or "live"
  Currency currency{"USD"};
  Money bankroll;  // initial cash when the ledger does not know the account yet
};

struct StoreNames {
  std::vector<DeskNames> desks;
  std::vector<Instrument> instruments;
  std::vector<std::pair<VenueId, std::string>> venues;
  std::vector<std::pair<StrategyId, std::string>> strategies;

  /// Returns the desk; an unknown id is a bug. Ids are few, so a scan is the fastest lookup.
  [[nodiscard]] const DeskNames& desk(DeskId id) const {
    for (const DeskNames& d : desks) {
      if (d.id == id) return d;
    }
    AITRADE_CHECK(!desks.empty());
    return desks.front();
  }

  [[nodiscard]] const Instrument* instrument(InstrumentId id) const {
    for (const Instrument& i : instruments) {
      if (i.id == id) return &i;
    }
    return nullptr;
  }

  /// Returns "BASE/QUOTE", or "#ID" for an instrument that is not configured.
  [[nodiscard]] std::string pair(InstrumentId id) const {
    const Instrument* found = instrument(id);
    return found != nullptr ? to_string(found->symbol) : "#" + std::to_string(number(id));
  }

  [[nodiscard]] std::string venue(VenueId id) const {
    for (const auto& [known, name] : venues) {
      if (known == id) return name;
    }
    return "#" + std::to_string(number(id));
  }

  [[nodiscard]] std::string strategy(StrategyId id) const {
    if (id == external_strategy) return std::string(external_strategy_name);
    for (const auto& [known, name] : strategies) {
      if (known == id) return name;
    }
    return "#" + std::to_string(number(id));
  }

  /// Returns the configured instrument with this venue name and pair, or null.
  [[nodiscard]] const Instrument* find_instrument(std::string_view exchange,
                                                  std::string_view pair_text) const {
    for (const Instrument& i : instruments) {
      if (venue(i.venue) == exchange && to_string(i.symbol) == pair_text) return &i;
    }
    return nullptr;
  }

  /// Returns the strategy of this name; StrategyId{} when it is not in the catalog any more.
  [[nodiscard]] StrategyId find_strategy(std::string_view name) const {
    if (name == external_strategy_name) return external_strategy;
    for (const auto& [known, text] : strategies) {
      if (text == name) return known;
    }
    return StrategyId{};
  }
};

}  // namespace aitrade
